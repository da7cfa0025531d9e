//! Only deliveries that are signed with one of the secrets are accepted.

use bytes::Bytes;
use github_bypass_requests::webhook::Receiver;
use http::{HeaderMap, HeaderValue};

use super::{SECRET, headers, receiver, sign, signed};

const BODY: &[u8] = b"Hello, World!";
/// GitHub publishes this signature, which is made from [`BODY`] with [`SECRET`].
const SIGNATURE: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

/// Returns the status of the refusal, or 200.
fn status(receiver: &Receiver, headers: &HeaderMap) -> u16 {
    match receiver.receive(headers, Bytes::from_static(BODY)) {
        Ok(_) => 200,
        Err(refusal) => refusal.status().as_u16(),
    }
}

/// The headers of a delivery with these signatures.
fn with(signatures: &[&[u8]]) -> HeaderMap {
    let mut headers = headers(&[
        ("content-type", "application/json"),
        ("x-github-event", "ping"),
    ]);
    for signature in signatures {
        let value = HeaderValue::from_bytes(signature).expect("a value");
        headers.append("x-hub-signature-256", value);
    }
    headers
}

fn with_text(signature: &str) -> HeaderMap {
    with(&[signature.as_bytes()])
}

#[test]
fn the_published_vector_is_accepted() {
    assert_eq!(sign(SECRET, BODY), format!("sha256={SIGNATURE}"));
    assert_eq!(status(&receiver(), &with_text(&sign(SECRET, BODY))), 200);
}

#[test]
fn a_missing_or_malformed_signature_is_refused() {
    let valid = format!("sha256={SIGNATURE}");
    let short = &valid[..valid.len() - 1];
    let cases = [
        Vec::new(),
        b"sha256=".to_vec(),
        SIGNATURE.into(),
        short.into(),
        [valid.as_bytes(), b"0"].concat(),
        [valid.as_bytes(), b"00"].concat(),
        [short.as_bytes(), b"g"].concat(),
        [short.as_bytes(), b" "].concat(),
        format!("sha1={SIGNATURE}").into(),
        format!("sha512={SIGNATURE}").into(),
        format!("SHA256={SIGNATURE}").into(),
        format!("sha256:{SIGNATURE}").into(),
        format!("sha256={}", "0".repeat(64)).into(),
        format!("{valid},{valid}").into(),
        [valid.as_bytes(), b"\xe9"].concat(),
        [b"sha256=\xe9", &valid.as_bytes()[8..]].concat(),
    ];
    let receiver = receiver();
    assert_eq!(status(&receiver, &with(&[])), 401);
    for signature in cases {
        let text = String::from_utf8_lossy(&signature);
        assert_eq!(status(&receiver, &with(&[&signature])), 401, "{text}");
    }
}

#[test]
fn every_digit_and_every_byte_of_the_body_counts() {
    let receiver = receiver();
    let valid = sign(SECRET, BODY);
    for index in "sha256=".len()..valid.len() {
        let mut changed = valid.clone().into_bytes();
        changed[index] = if changed[index] == b'0' { b'1' } else { b'0' };
        assert_eq!(status(&receiver, &with(&[&changed])), 401, "{index}");
    }
    for index in 0..BODY.len() {
        let mut changed = BODY.to_vec();
        changed[index] ^= 1;
        let refusal = receiver.receive(&with_text(&valid), Bytes::from(changed));
        assert_eq!(refusal.expect_err("changed").status(), 401, "{index}");
    }
}

#[test]
fn digits_may_be_in_upper_case() {
    let digits = SIGNATURE.to_ascii_uppercase();
    assert_ne!(digits, SIGNATURE);
    assert_eq!(
        status(&receiver(), &with_text(&format!("sha256={digits}"))),
        200
    );
}

/// A proxy might check one signature, and the server behind it the other.
#[test]
fn two_signatures_are_refused_even_if_both_are_valid() {
    let valid = sign(SECRET, BODY);
    let valid = valid.as_bytes();
    assert_eq!(status(&receiver(), &with(&[valid, valid])), 401);
    assert_eq!(status(&receiver(), &with(&[b"sha256=", valid])), 401);
    assert_eq!(status(&receiver(), &with(&[valid, b""])), 401);
}

#[test]
fn sha1_alone_is_not_enough() {
    let mut headers = with(&[]);
    let sha1 = HeaderValue::from_static("sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59");
    headers.insert("x-hub-signature", sha1);
    assert_eq!(status(&receiver(), &headers), 401);
}

#[test]
fn each_secret_is_accepted_and_no_other() {
    let receiver = Receiver::new("new")
        .and_then(|receiver| receiver.and("previous"))
        .and_then(|receiver| receiver.and("oldest"))
        .expect("secrets");
    for secret in ["new", "previous", "oldest"] {
        assert_eq!(
            status(&receiver, &with_text(&sign(secret, BODY))),
            200,
            "{secret}"
        );
    }
    for secret in ["other", "", "new ", "NEW", "newprevious"] {
        assert_eq!(
            status(&receiver, &with_text(&sign(secret, BODY))),
            401,
            "{secret}"
        );
    }
}

/// `GITHUB_WEBHOOK_SECRET` and `GITHUB_WEBHOOK_SECRET_PREVIOUS` may still contain the same secret.
#[test]
fn the_same_secret_can_be_given_twice() {
    let receiver = receiver().and(SECRET).expect("a secret");
    assert_eq!(status(&receiver, &with_text(&sign(SECRET, BODY))), 200);
}

#[test]
fn long_secrets_and_any_characters_are_accepted() {
    for secret in [
        "x".repeat(64),
        "x".repeat(65),
        "x".repeat(10_000),
        "ключ 🔑\n".to_owned(),
    ] {
        let receiver = Receiver::new(secret.as_str()).expect("a secret");
        assert_eq!(status(&receiver, &with_text(&sign(&secret, BODY))), 200);
    }
}

#[test]
fn an_empty_secret_is_refused() {
    for error in [
        Receiver::new("").expect_err("empty"),
        receiver().and("").expect_err("empty"),
    ] {
        assert!(error.is_invalid_input());
        assert_eq!(
            error.to_string(),
            "the secret of the webhook must not be empty"
        );
    }
}

#[test]
fn secrets_are_not_printed() {
    let receiver = receiver().and("another secret").expect("a secret");
    assert_eq!(format!("{receiver:?}"), "Receiver { secrets: 2 }");
    let headers = signed("ping", BODY);
    let delivery = receiver
        .receive(&headers, Bytes::from_static(BODY))
        .expect("valid");
    let printed = format!("{delivery:?}");
    for part in [SECRET, SIGNATURE, "Hello"] {
        assert!(!printed.contains(part), "{printed}");
    }
    assert!(
        printed.contains(super::ID) && printed.contains("bytes: 13"),
        "{printed}"
    );
}
