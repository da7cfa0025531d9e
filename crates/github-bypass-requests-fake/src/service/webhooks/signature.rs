//! Signatures of deliveries.

use hmac_sha256::HMAC;

/// Returns the value of `X-Hub-Signature-256`.
pub(super) fn of(body: &str, secret: &str) -> String {
    let digits = HMAC::mac(body, secret).map(|byte| format!("{byte:02x}"));
    format!("sha256={}", digits.concat())
}

#[cfg(test)]
mod tests {
    use super::of;

    /// The example in GitHub's webhook documentation.
    #[test]
    fn a_signature_matches_the_published_example() {
        assert_eq!(
            of("Hello, World!", "It's a Secret to Everybody"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }
}
