//! Verifies signatures.

use hmac_sha256::HMAC;
use http::{HeaderMap, HeaderValue};

use crate::auth::secret::Secret;

const HEADER: &str = "x-hub-signature-256";
const PREFIX: &[u8] = b"sha256=";

/// Why a signature is refused. The sender does not learn the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsigned {
    Missing,
    Several,
    Malformed,
    Wrong,
}

impl Unsigned {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Missing => "there is no signature",
            Self::Several => "there are several signatures",
            Self::Malformed => "the signature is malformed",
            Self::Wrong => "the signature belongs to another secret or another body",
        }
    }
}

/// Checks that `body` was signed with one of the secrets.
///
/// Each secret is tried, and each comparison takes constant time, so the time reveals neither a
/// part of the signature nor which secret matches.
pub(crate) fn verify(headers: &HeaderMap, body: &[u8], secrets: &[Secret]) -> Result<(), Unsigned> {
    let mut values = headers.get_all(HEADER).iter();
    let value = values.next().ok_or(Unsigned::Missing)?;
    if values.next().is_some() {
        return Err(Unsigned::Several);
    }
    let signature = parse(value).ok_or(Unsigned::Malformed)?;
    let matches = secrets.iter().fold(false, |matches, secret| {
        matches | HMAC::verify(body, secret.expose(), &signature)
    });
    matches.then_some(()).ok_or(Unsigned::Wrong)
}

fn parse(value: &HeaderValue) -> Option<[u8; 32]> {
    let digits = value.as_bytes().strip_prefix(PREFIX)?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut signature = [0; 32];
    for (byte, [high, low]) in signature.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(signature)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}
