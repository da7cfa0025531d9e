//! Verifies and decodes the same webhook delivery several times, by hand or with this crate.

use std::error::Error;

use bytes::Bytes;
use github_bypass_requests::webhook::{Payload, Receiver};
use github_bypass_requests_api::webhooks::ExemptionRequestEvent;
use hmac_sha256::HMAC;
use http::{HeaderMap, HeaderName, HeaderValue};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: deliveries by-hand|this-crate TIMES";

const SECRET: &str = "It's a Secret to Everybody";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, times] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let body = Bytes::from(bench_pages::delivery());
    let headers = headers(&body)?;
    let receiver = Receiver::new(SECRET)?;
    let mut decoded = 0;
    for _ in 0..times.parse()? {
        let reviewed = match how.as_str() {
            "by-hand" => by_hand(&headers, &body)?.exemption_response.is_some(),
            "this-crate" => match receiver.receive(&headers, body.clone())?.read()? {
                Payload::Request(event) => event.response.is_some(),
                other => return Err(format!("{other:?}").into()),
            },
            _ => return Err(USAGE.into()),
        };
        decoded += u32::from(reviewed);
    }
    println!("{decoded}");
    Ok(())
}

/// Verifies the signature in constant time, and decodes the payload.
fn by_hand(headers: &HeaderMap, body: &[u8]) -> Result<ExemptionRequestEvent> {
    let signature = headers.get("x-hub-signature-256").ok_or("no signature")?;
    let digits = signature.to_str()?.strip_prefix("sha256=");
    let digits = digits
        .filter(|digits| digits.len() == 64)
        .ok_or("no SHA-256")?;
    let mut signature = [0; 32];
    for (byte, index) in signature.iter_mut().zip((0..).step_by(2)) {
        let pair = digits.get(index..index + 2).ok_or("no digits")?;
        *byte = u8::from_str_radix(pair, 16)?;
    }
    if !HMAC::verify(body, SECRET, &signature) {
        return Err("wrong signature".into());
    }
    Ok(serde_json::from_slice(body)?)
}

/// Returns the eight headers of a delivery.
fn headers(body: &[u8]) -> Result<HeaderMap> {
    let mut signature = "sha256=".to_owned();
    for byte in HMAC::mac(body, SECRET) {
        signature.push_str(&format!("{byte:02x}"));
    }
    let headers = [
        ("user-agent", "GitHub-Hookshot/044aadd"),
        ("content-type", "application/json"),
        ("x-github-hook-id", "292430182"),
        ("x-github-event", "bypass_request_secret_scanning"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-github-hook-installation-target-type", "repository"),
        ("x-github-hook-installation-target-id", "79929171"),
        ("x-hub-signature-256", &signature),
    ];
    let headers = headers
        .map(|(name, value)| Ok((HeaderName::from_static(name), HeaderValue::from_str(value)?)));
    headers.into_iter().collect()
}
