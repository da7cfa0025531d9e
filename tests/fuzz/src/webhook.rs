//! The property of webhook deliveries.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::hmac;
use bytes::Bytes;
use github_bypass_requests::webhook::{
    Delivery, EventName, Payload, Receiver, Refusal, RequestEvent,
};
use github_bypass_requests_api::webhooks::ExemptionRequestEvent;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{assert_safe_to_print, headers_and_body, single};

/// The secrets of the receiver.
pub const SECRETS: [&str; 2] = ["It's a Secret to Everybody", "the previous one"];

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
const EVENT: HeaderName = HeaderName::from_static("x-github-event");
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Returns the value of the signature header. The implementation is not the client's.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signature = "sha256=".to_owned();
    for byte in hmac::sign(&key, body).as_ref() {
        write!(signature, "{byte:02x}").expect("a string");
    }
    signature
}

/// A delivery is accepted only if it is signed with one of the secrets. A refusal has the
/// documented status and is safe to send. The text of an event is one line, and an event stays the
/// same if it is serialized and deserialized. The input is one line for each header, an empty line,
/// and the body.
pub fn webhook(input: &[u8]) {
    let (mut headers, body) = headers_and_body(input);
    if let Some(delivery) = receive(&headers, &body) {
        check_delivery(&delivery);
    }

    let mut events: Vec<&str> = EventName::KNOWN.iter().map(EventName::as_str).collect();
    let other = single(&headers, EVENT).unwrap_or_default().to_owned();
    events.push(&other);
    let form: String = form_urlencoded::byte_serialize(&body).collect();
    let form = Bytes::from(format!("payload={form}"));
    let text = String::from_utf8_lossy(&body);
    for (secret, content_type, signed, payload) in [
        (SECRETS[0], JSON, &body, Some(&*body)),
        (SECRETS[1], FORM, &form, Some(text.as_bytes())),
        // The input is sent as a form, so its payload is not known in advance.
        (SECRETS[0], FORM, &body, None),
    ] {
        let signature = HeaderValue::try_from(sign(secret, signed)).expect("a value");
        headers.insert(SIGNATURE, signature);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        for event in &events {
            headers.insert(EVENT, HeaderValue::from_str(event).expect("a value"));
            let Some(delivery) = receive(&headers, signed) else {
                assert!(event.is_empty() || signed.len() > Receiver::MAX_BODY);
                continue;
            };
            assert_eq!(delivery.event(), *event);
            if let Some(payload) = payload {
                assert_eq!(&*delivery.payload().expect("one payload"), payload);
            }
            check_delivery(&delivery);
        }
    }
}

/// Receives a delivery, and checks that it is accepted or refused as documented.
fn receive(headers: &HeaderMap, body: &Bytes) -> Option<Delivery> {
    static RECEIVER: LazyLock<Receiver> = LazyLock::new(|| {
        let receiver = Receiver::new(SECRETS[0]).and_then(|receiver| receiver.and(SECRETS[1]));
        receiver.expect("secrets")
    });
    let expected = status(headers, body);
    match RECEIVER.receive(headers, body.clone()) {
        Ok(delivery) => {
            assert_eq!(expected, 200, "the delivery is accepted");
            Some(delivery)
        }
        Err(refusal) => {
            assert_eq!(refusal.status(), expected, "{refusal}");
            check_refusal(&refusal, &[]);
            None
        }
    }
}

/// Returns the documented status of the response to a delivery.
fn status(headers: &HeaderMap, body: &[u8]) -> u16 {
    let content_type = single(headers, CONTENT_TYPE).unwrap_or_default();
    let content_type = content_type.to_ascii_lowercase();
    let (media_type, _) = content_type.split_once(';').unwrap_or((&content_type, ""));
    if body.len() > Receiver::MAX_BODY {
        413
    } else if ![JSON, FORM].contains(&media_type.trim()) {
        415
    } else if !is_signed(headers, body) {
        401
    } else if single(headers, EVENT).is_none_or(str::is_empty) {
        400
    } else {
        200
    }
}

fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let values: Vec<&HeaderValue> = headers.get_all(SIGNATURE).iter().collect();
    let [value] = values.as_slice() else {
        return false;
    };
    SECRETS.iter().any(|secret| {
        let expected = sign(secret, body);
        let digits = value.as_bytes().strip_prefix(b"sha256=");
        digits.is_some_and(|digits| digits.eq_ignore_ascii_case(&expected.as_bytes()[7..]))
    })
}

/// Checks the result of decoding a delivery.
fn check_delivery(delivery: &Delivery) {
    let payload = delivery.payload();
    if let Err(refusal) = &payload {
        assert_eq!(refusal.status(), 422);
        check_refusal(refusal, &[]);
    }
    let payload = payload.unwrap_or_default();
    let name = delivery.event();
    let is_known = EventName::KNOWN.contains(name);
    let is_request = is_known && name != "ping";
    let decoded = serde_json::from_slice::<ExemptionRequestEvent>(&payload);
    match delivery.read() {
        Ok(Payload::Ping) => assert_eq!(name, "ping"),
        Ok(Payload::Other) => assert!(!is_known, "{name}"),
        Ok(Payload::Request(event)) => {
            assert!(is_request, "{name}");
            assert!(decoded.is_ok(), "{event:?}");
            assert_eq!(&event.event, name);
            check_event(&event);
        }
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => {
            assert!(is_request, "{name}");
            assert!(decoded.is_err(), "{refusal}");
            assert_eq!(refusal.status(), 422, "{refusal}");
            check_refusal(&refusal, &payload);
        }
    }
}

/// Checks that the text of an event is one line, and that the event stays the same if it is
/// serialized and deserialized.
fn check_event(event: &RequestEvent) {
    let line = event.to_string();
    assert!(
        !line.is_empty() && line.len() <= 1000 + '…'.len_utf8(),
        "{line}"
    );
    assert_safe_to_print(&line);
    assert_eq!(event.decision().is_some(), event.reviewer().is_some());
    let json = serde_json::to_string(event).expect("JSON");
    let again = serde_json::from_str::<RequestEvent>(&json);
    assert_eq!(again.ok().as_ref(), Some(event), "{json}");
}

/// Checks that the text of a refusal is short, and that it contains no secret.
fn check_refusal(refusal: &Refusal, payload: &[u8]) {
    let text = refusal.to_string();
    assert!(text.len() < 1000, "{text}");
    assert_safe_to_print(&text);
    let payload = String::from_utf8_lossy(payload);
    for secret in SECRETS {
        // The text may name a field of the payload.
        assert!(!text.contains(secret) || payload.contains(secret), "{text}");
    }
}
