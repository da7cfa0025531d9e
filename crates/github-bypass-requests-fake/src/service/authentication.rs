//! Authenticates requests by their tokens.

use std::sync::Arc;

use axum::http::{HeaderMap, header::AUTHORIZATION};

use super::refusal::Refusal;
use crate::access::Access;

/// The login that every token belongs to if the fake accepts all tokens.
const DEFAULT_LOGIN: &str = "octocat";

/// If `accepted` is empty, every token is accepted.
pub(super) fn authenticate(
    accepted: &[Arc<Access>],
    headers: &HeaderMap,
) -> Result<Arc<Access>, Refusal> {
    let header = headers
        .get(AUTHORIZATION)
        .ok_or_else(Refusal::requires_authentication)?;
    let token = header
        .to_str()
        .ok()
        .and_then(token)
        .ok_or_else(Refusal::bad_credentials)?;
    if accepted.is_empty() {
        return Ok(Arc::new(Access::new(token, DEFAULT_LOGIN)));
    }
    accepted
        .iter()
        .find(|access| access.token == token)
        .cloned()
        .ok_or_else(Refusal::bad_credentials)
}

fn token(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.split_once(' ')?;
    let token = token.trim();
    let known = ["bearer", "token"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    (known && !token.is_empty()).then_some(token)
}
