//! JSON bodies of responses.

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Returns a response with `value` as its body.
pub(super) fn response(status: StatusCode, value: &impl Serialize) -> Response {
    with_body(status, to_vec(value))
}

pub(super) fn with_body(status: StatusCode, json: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, JSON)], json).into_response()
}

pub(super) fn to_vec(value: &impl Serialize) -> Vec<u8> {
    // Serializing cannot fail, because all keys are strings.
    serde_json::to_vec(value).unwrap_or_default()
}
