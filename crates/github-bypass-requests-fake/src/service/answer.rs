//! Answers to calls that went well.

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK},
    },
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::refusal::Refusal;
use crate::fingerprint::fingerprint;

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(value: &impl Serialize) -> Result<Self, Refusal> {
        let mut answer = Self::empty(StatusCode::OK);
        answer.headers.insert(CONTENT_TYPE, JSON);
        answer.body = serde_json::to_vec(value).map_err(|_| Refusal::internal_error())?;
        Ok(answer)
    }

    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    pub(super) fn link(mut self, link: Option<String>) -> Self {
        if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
            self.headers.insert(LINK, link);
        }
        self
    }

    /// Adds an `ETag`, and gives up the body if the client has it already.
    pub(super) fn unless_known(mut self, request: &HeaderMap) -> Self {
        // A page is the same only if it leads to the same pages.
        let mut seen = self.body.clone();
        seen.extend(
            self.headers
                .get(LINK)
                .map_or(&b""[..], HeaderValue::as_bytes),
        );
        let tag = format!("\"{:016x}\"", fingerprint(&seen));

        if is_known(request, &tag) {
            self.status = StatusCode::NOT_MODIFIED;
            self.headers.remove(CONTENT_TYPE);
            self.body.clear();
        }
        if let Ok(tag) = HeaderValue::try_from(format!("W/{tag}")) {
            self.headers.insert(ETAG, tag);
        }
        self
    }
}

/// An instant, as `Date` has it.
pub(super) fn date(instant: DateTime<Utc>) -> Option<HeaderValue> {
    let date = instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::try_from(date).ok()
}

/// Whether one of the tags in `If-None-Match` is this one; weak and strong are the same here.
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, self.headers, Body::from(self.body)).into_response()
    }
}
