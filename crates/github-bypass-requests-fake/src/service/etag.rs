//! Conditional requests: `ETag`, `If-None-Match` and 304.

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ETAG, IF_NONE_MATCH, LINK},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::json;
use crate::fingerprint::fingerprint;

/// Returns a response with `value` as its body, or 304 if the client already has it.
pub(super) fn response(
    request: &HeaderMap,
    value: &impl Serialize,
    link: Option<String>,
) -> Response {
    let body = json::to_vec(value);
    let link = link.unwrap_or_default();
    // Pages with the same requests but different links get different tags.
    let tag = fingerprint(&[&body, link.as_bytes()].concat());
    let tag = format!("\"{tag:016x}\"");

    let mut response = if is_known(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json::with_body(StatusCode::OK, body)
    };
    let headers = [(LINK, link), (ETAG, format!("W/{tag}"))];
    for (name, value) in headers {
        if !value.is_empty()
            && let Ok(value) = HeaderValue::try_from(value)
        {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Returns true if `If-None-Match` contains this tag. Weak and strong tags count as equal.
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}
