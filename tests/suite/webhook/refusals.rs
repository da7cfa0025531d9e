//! The status of a refusal, its text, and the line in the log.

use bytes::Bytes;
use github_bypass_requests::webhook::{Payload, Receiver, Refusal};
use http::{HeaderMap, HeaderValue};

use super::{SECRET, receiver, sign, signed};
use crate::faults::capture::Capture;

const BODY: &[u8] = br#"{"zen": "a text that nobody should see"}"#;

fn refused(headers: &HeaderMap, body: &[u8]) -> Refusal {
    let result = receiver().receive(headers, Bytes::copy_from_slice(body));
    result.expect_err("refused")
}

/// Returns the predicates that are true.
fn predicates(refusal: &Refusal) -> Vec<&'static str> {
    let all = [
        ("too large", refusal.is_too_large()),
        ("media type", refusal.is_unsupported_media_type()),
        ("unauthorized", refusal.is_unauthorized()),
        ("no event", refusal.is_missing_event()),
        ("unreadable", refusal.is_unreadable()),
    ];
    let holding = all.into_iter().filter(|(_, holds)| *holds);
    holding.map(|(name, _)| name).collect()
}

/// The first delivery has all faults. Each step repairs the fault that was reported, so the next
/// fault in the order is reported.
#[test]
fn faults_are_checked_in_the_documented_order() {
    let mut headers = HeaderMap::new();
    let large = vec![b' '; Receiver::MAX_BODY + 1];
    let refusal = refused(&headers, &large);
    assert_eq!(predicates(&refusal), ["too large"]);
    assert_eq!(
        (refusal.status().as_u16(), refusal.to_string().as_str()),
        (413, "the body exceeds the limit of 26214400 bytes")
    );

    let refusal = refused(&headers, b"no JSON");
    assert_eq!(predicates(&refusal), ["media type"]);
    assert_eq!(
        (refusal.status().as_u16(), refusal.to_string().as_str()),
        (
            415,
            "the content type must be application/json or application/x-www-form-urlencoded"
        )
    );

    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let refusal = refused(&headers, b"no JSON");
    assert_eq!(predicates(&refusal), ["unauthorized"]);
    assert_eq!(
        (refusal.status().as_u16(), refusal.to_string().as_str()),
        (401, "the signature is missing or invalid")
    );

    let signature = HeaderValue::from_str(&sign(SECRET, b"no JSON")).expect("a value");
    headers.insert("x-hub-signature-256", signature);
    let refusal = refused(&headers, b"no JSON");
    assert_eq!(predicates(&refusal), ["no event"]);
    assert_eq!(
        (refusal.status().as_u16(), refusal.to_string().as_str()),
        (400, "the header X-GitHub-Event is missing or invalid")
    );

    let event = HeaderValue::from_static("exemption_request_push_ruleset");
    headers.insert("x-github-event", event);
    let delivery = receiver().receive(&headers, Bytes::from_static(b"no JSON"));
    let refusal = delivery.expect("signed").read().expect_err("no JSON");
    assert_eq!(predicates(&refusal), ["unreadable"]);
    assert_eq!(
        (refusal.status().as_u16(), refusal.to_string().as_str()),
        (
            422,
            "the payload cannot be decoded: expected ident at line 1 column 2"
        )
    );
}

#[test]
fn the_largest_body_is_accepted() {
    let body = vec![b' '; Receiver::MAX_BODY];
    let headers = signed("ping", &body);
    assert!(receiver().receive(&headers, Bytes::from(body)).is_ok());
}

/// The sender must not learn what is wrong with a signature; the log has the reason.
#[test]
fn all_invalid_signatures_have_one_text_and_the_log_has_the_reason() {
    let valid = sign(SECRET, BODY);
    let other = sign("hunter2", BODY);
    let cases: [(&[&str], &str); 4] = [
        (&[], "there is no signature"),
        (&[&valid, &valid], "there are several signatures"),
        (&["sha256=0"], "the signature is malformed"),
        (
            &[&other],
            "the signature belongs to another secret or another body",
        ),
    ];
    let mut texts = Vec::new();
    for (signatures, reason) in cases {
        let mut headers = signed("ping", BODY);
        headers.remove("x-hub-signature-256");
        for signature in signatures {
            let value = HeaderValue::from_str(signature).expect("a value");
            headers.append("x-hub-signature-256", value);
        }
        let capture = Capture::start();
        texts.push(refused(&headers, BODY).to_string());
        let log = capture.text();
        for part in [reason, super::ID, "401"] {
            assert!(log.contains(part), "{part}: {log}");
        }
        for part in [SECRET, "hunter2", &valid[7..], &other[7..], "nobody", "zen"] {
            assert!(!log.contains(part), "{log}");
        }
    }
    texts.dedup();
    assert_eq!(texts, ["the signature is missing or invalid"]);
}

#[test]
fn an_unreadable_payload_is_logged_without_its_content() {
    let payload = br#"{"action": {"secret": "hunter2"}, "exemption_request": 1}"#;
    let delivery = super::delivery("exemption_request_push_ruleset", payload);
    let capture = Capture::start();
    let refusal = delivery.read().expect_err("invalid");
    let log = capture.text();
    for text in [&refusal.to_string(), &log, &format!("{refusal:?}")] {
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("action"), "{text}");
    }
    assert!(log.contains(super::ID) && log.contains("422"), "{log}");
}

/// A field that is not decoded can have any name, so the error must not contain it.
#[test]
fn a_syntax_error_names_no_field() {
    let data = r#"{"action": "created", "exemption_request": {"exemption_request_data": {"hunter2": 1e999}}}"#;
    let nested = format!(
        r#"{{"exemption_request": {{"exemption_request_data": {{"hunter2": {}"#,
        "[".repeat(200)
    );
    for payload in [data, &nested, r#"{"hunter2": {"deep": tru}}"#] {
        let delivery = super::delivery("exemption_request_push_ruleset", payload.as_bytes());
        let capture = Capture::start();
        let refusal = delivery.read().expect_err("invalid");
        let log = capture.text();
        for text in [&refusal.to_string(), &log, &format!("{refusal:?}")] {
            assert!(!text.contains("hunter2"), "{text}");
        }
        assert!(log.contains("line 1 column"), "{log}");
    }
}

#[test]
fn an_id_that_is_too_long_or_has_escapes_is_made_safe_for_the_log() {
    let mut headers = signed("ping", BODY);
    headers.remove("x-hub-signature-256");
    let id = format!("\u{202e}{}", "x".repeat(4000));
    headers.insert(
        "x-github-delivery",
        HeaderValue::from_bytes(id.as_bytes()).expect("a value"),
    );
    let capture = Capture::start();
    refused(&headers, BODY);
    assert!(!capture.text().contains("delivery="), "{}", capture.text());

    headers.insert(
        "x-github-delivery",
        HeaderValue::from_str(&"x".repeat(4000)).expect("a value"),
    );
    let capture = Capture::start();
    refused(&headers, BODY);
    assert!(capture.text().len() < 500, "{}", capture.text());
}

#[test]
fn an_event_without_a_name_is_refused() {
    for names in [&[][..], &[""], &["ping", "ping"]] {
        let refusal = receiver().receive(&named(names), Bytes::from_static(BODY));
        assert_eq!(refusal.expect_err("refused").status(), 400, "{names:?}");
    }
}

/// A tab is valid in a header, so `pi\tng` is a name, but an unknown one.
#[test]
fn an_event_with_a_strange_name_is_accepted() {
    let delivery = receiver().receive(&named(&["pi\tng"]), Bytes::from_static(BODY));
    assert!(matches!(
        delivery.expect("signed").read(),
        Ok(Payload::Other)
    ));
}

/// The headers of a delivery, with one `X-GitHub-Event` header for each of these names.
fn named(names: &[&str]) -> HeaderMap {
    let mut headers = signed("ping", BODY);
    headers.remove("x-github-event");
    for name in names {
        let name = HeaderValue::from_str(name).expect("a value");
        headers.append("x-github-event", name);
    }
    headers
}
