//! JSON and form bodies.

use bytes::Bytes;
use github_bypass_requests::webhook::{Delivery, Payload, Refusal};
use http::HeaderValue;
use serde_json::{Value, json};

use super::{receiver, signed};
use crate::fragment::example;

const EVENT: &str = "bypass_request_secret_scanning";

fn received(content_type: Option<&str>, body: &str) -> Result<Delivery, Refusal> {
    let mut headers = signed(EVENT, body.as_bytes());
    headers.remove("content-type");
    if let Some(content_type) = content_type {
        headers.insert(
            "content-type",
            HeaderValue::from_str(content_type).expect("a value"),
        );
    }
    receiver().receive(&headers, Bytes::copy_from_slice(body.as_bytes()))
}

fn form(payload: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", payload);
    form.finish()
}

#[test]
fn json_and_forms_are_accepted_with_parameters_and_in_any_case() {
    let payload = example("secret-scanning-exemption-created").to_string();
    for (content_type, body) in [
        ("application/json", payload.clone()),
        ("application/json; charset=utf-8", payload.clone()),
        ("APPLICATION/JSON;CHARSET=UTF-8", payload.clone()),
        ("application/json ;x", payload.clone()),
        ("application/x-www-form-urlencoded", form(&payload)),
        (
            "Application/X-WWW-Form-Urlencoded; charset=utf-8",
            form(&payload),
        ),
    ] {
        let delivery = received(Some(content_type), &body).expect(content_type);
        assert_eq!(&*delivery.payload().expect("a payload"), payload.as_bytes());
        let Payload::Request(event) = delivery.read().expect(content_type) else {
            panic!("{content_type}");
        };
        assert_eq!(event.request.id.get(), 21);
    }
}

#[test]
fn other_content_types_are_refused() {
    let payload = example("secret-scanning-exemption-created").to_string();
    for content_type in [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/json5"),
        Some("application/vnd.github+json"),
        Some("multipart/form-data; boundary=x"),
        Some("json"),
        Some(";application/json"),
    ] {
        let refusal = received(content_type, &payload).expect_err("refused");
        assert_eq!(refusal.status(), 415, "{content_type:?}");
    }
    let mut headers = signed(EVENT, payload.as_bytes());
    headers.append("content-type", HeaderValue::from_static("application/json"));
    let refusal = receiver().receive(&headers, Bytes::from(payload));
    assert_eq!(refusal.expect_err("two content types").status(), 415);
}

#[test]
fn a_form_is_decoded_like_a_browser_encodes_it() {
    let mut payload = example("secret-scanning-exemption-created");
    let comment = "a+b & c=d; 100% é \u{2028}\u{202e}\u{1b}[31m \"quoted\" \\ 🙂";
    payload["exemption_request"]["requester_comment"] = comment.into();
    for body in [
        form(&payload.to_string()),
        format!("other=1&{}&payloads=2&=&&", form(&payload.to_string())),
    ] {
        // A space is sent as `+`, and a plus sign as `%2B`.
        assert!(body.contains("a%2Bb+%26+c"), "{body}");
        let delivery = received(Some("application/x-www-form-urlencoded"), &body).expect("a form");
        let Payload::Request(event) = delivery.read().expect("a payload") else {
            panic!("an event");
        };
        assert_eq!(event.request.requester_comment.as_deref(), Some(comment));
    }
}

#[test]
fn a_form_without_exactly_one_payload_is_unreadable() {
    let payload = example("secret-scanning-exemption-created").to_string();
    let one = form(&payload);
    let none = "the form has no `payload` field";
    for (body, problem) in [
        (String::new(), none),
        (payload, none),
        ("Payload=1".to_owned(), none),
        (format!("{one}&{one}"), "the form has 2 `payload` fields"),
        (format!("{one}&payload"), "the form has 2 `payload` fields"),
        (
            format!("payload=&{one}&payload=1"),
            "the form has 3 `payload` fields",
        ),
    ] {
        let delivery = received(Some("application/x-www-form-urlencoded"), &body).expect("signed");
        let refusal = delivery.read().expect_err("unreadable");
        assert_eq!(refusal.status(), 422);
        assert_eq!(
            refusal.to_string(),
            format!("the payload cannot be decoded: {problem}")
        );
        assert!(
            delivery
                .payload()
                .is_err_and(|refusal| refusal.is_unreadable())
        );
    }
}

#[test]
fn bodies_that_are_no_payload_are_unreadable() {
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let nested_field = format!(r#"{{"action": "created", "x": {nested}}}"#);
    let mut deep = example("secret-scanning-exemption-created");
    deep["exemption_request"]["exemption_request_data"] = Value::Null;
    let deep = deep.to_string().replacen(
        "\"exemption_request_data\":null",
        &format!("\"exemption_request_data\":{nested}"),
        1,
    );
    for body in [
        "",
        " ",
        "null",
        "[]",
        "1",
        "\"text\"",
        "{",
        "{}",
        "\u{feff}{}",
        &nested,
        &nested_field,
        &deep,
    ] {
        let delivery = received(Some("application/json"), body).expect("signed");
        let refusal = delivery.read().expect_err("unreadable");
        assert_eq!(refusal.status(), 422);
        let text = refusal.to_string();
        assert!(text.len() < 300, "{text}");
    }
}

/// If `read` does not decode an event, it accepts any body.
#[test]
fn the_bodies_of_pings_and_other_events_are_not_decoded() {
    let array = json!([1, 2]).to_string();
    for (event, body) in [
        ("ping", array.as_str()),
        ("ping", ""),
        ("push", &array),
        ("push", "no JSON"),
        ("dismissal_request_license_compliance", &array),
        ("PING", &array),
    ] {
        let delivery = super::delivery(event, body.as_bytes());
        assert_eq!(delivery.event(), event);
        match delivery.read().expect("not decoded") {
            Payload::Ping => assert_eq!(event, "ping"),
            Payload::Other => assert_ne!(event, "ping"),
            other => panic!("{other:?}"),
        }
        assert_eq!(&*delivery.payload().expect("a payload"), body.as_bytes());
    }
}

#[test]
fn a_delivery_has_the_values_of_its_headers() {
    let delivery = super::delivery(EVENT, b"{}");
    assert_eq!(delivery.id(), Some(super::ID));
    assert_eq!(delivery.hook_id(), Some(292_430_182));
    assert_eq!(delivery.target().kind.as_deref(), Some("repository"));
    assert_eq!(delivery.target().id, Some(79_929_171));
    assert_eq!(
        (delivery.enterprise_host(), delivery.enterprise_version()),
        (None, None)
    );

    let mut headers = signed(EVENT, b"{}");
    headers.insert(
        "x-github-enterprise-host",
        HeaderValue::from_static("ghes.example.com"),
    );
    headers.insert(
        "x-github-enterprise-version",
        HeaderValue::from_static("3.19.1"),
    );
    headers.insert("x-github-hook-id", HeaderValue::from_static("-1"));
    headers.remove("x-github-delivery");
    let delivery = receiver()
        .receive(&headers, Bytes::from_static(b"{}"))
        .expect("signed");
    assert_eq!(delivery.enterprise_host(), Some("ghes.example.com"));
    assert_eq!(delivery.enterprise_version(), Some("3.19.1"));
    assert_eq!((delivery.hook_id(), delivery.id()), (None, None));
}
