//! What is private to the crate and to be measured: its very files, and a way in.

#[expect(
    dead_code,
    reason = "only the way of a page that can be read is measured"
)]
#[path = "../../../../crates/github-bypass-requests/src/decode.rs"]
mod decode;
#[path = "../../../../crates/github-bypass-requests/src/escape.rs"]
mod escape;
#[path = "../../../../crates/github-bypass-requests/src/link.rs"]
mod link;

use http::HeaderMap;
use serde::de::DeserializeOwned;

/// Reads a page as the client does.
pub fn page<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<Vec<T>> {
    decode::from_slice(body)
}

/// Reads the links as the client does; whether there are any.
pub fn links(headers: &HeaderMap) -> bool {
    link::Links::read(headers).is_some()
}
