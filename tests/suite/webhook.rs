//! Deliveries of webhooks are verified and decoded.

mod bodies;
mod events;
mod from_fake;
pub(crate) mod payloads;
mod refusals;
mod seen;
mod signatures;

use std::fmt::Write;

use aws_lc_rs::hmac;
use bytes::Bytes;
use github_bypass_requests::webhook::{Delivery, Payload, Receiver, Refusal, RequestEvent};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

pub(crate) const SECRET: &str = "It's a Secret to Everybody";
const ID: &str = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

pub(crate) fn receiver() -> Receiver {
    Receiver::new(SECRET).expect("a secret")
}

/// Signs `body` with a different implementation from the crate's.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signature = "sha256=".to_owned();
    for byte in hmac::sign(&key, body).as_ref() {
        write!(signature, "{byte:02x}").expect("a string");
    }
    signature
}

pub(crate) fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pairs = pairs.iter().map(|(name, value)| {
        (
            HeaderName::from_bytes(name.as_bytes()).expect("a name"),
            HeaderValue::from_str(value).expect("a value"),
        )
    });
    pairs.collect()
}

/// The headers of a delivery, signed with [`SECRET`].
pub(crate) fn signed(event: &str, body: &[u8]) -> HeaderMap {
    headers(&[
        ("User-Agent", "GitHub-Hookshot/044aadd"),
        ("X-GitHub-Hook-ID", "292430182"),
        ("X-GitHub-Event", event),
        ("X-GitHub-Delivery", ID),
        ("X-GitHub-Hook-Installation-Target-Type", "repository"),
        ("X-GitHub-Hook-Installation-Target-ID", "79929171"),
        ("X-Hub-Signature-256", &sign(SECRET, body)),
        ("Content-Type", "application/json"),
    ])
}

fn delivery(event: &str, body: &[u8]) -> Delivery {
    let body = Bytes::copy_from_slice(body);
    let headers = signed(event, &body);
    receiver().receive(&headers, body).expect("a delivery")
}

fn read(event: &str, payload: &Value) -> Result<RequestEvent, Refusal> {
    match delivery(event, payload.to_string().as_bytes()).read()? {
        Payload::Request(event) => Ok(*event),
        other => panic!("{other:?}"),
    }
}
