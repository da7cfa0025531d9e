//! What an answer's headers tell beside its body.

use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde::Serialize;

use crate::escape::escape;

/// What GitHub says about an answer, beside the answer itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResponseMeta {
    /// GitHub's name of this exchange (`X-GitHub-Request-Id`), which its support asks for.
    pub request_id: Option<String>,
    /// The REST API version that answered (`X-GitHub-Api-Version-Selected`).
    pub api_version: Option<String>,
    /// When what was asked for became deprecated (`Deprecation`). The client warns once, by
    /// `tracing`.
    pub deprecation: Option<String>,
    /// When it will go (`Sunset`).
    pub sunset: Option<String>,
    /// The rate limit after this exchange, if all of it was told.
    pub rate_limit: Option<RateLimit>,
}

impl ResponseMeta {
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        Self {
            request_id: request_id(headers),
            api_version: text(headers, "x-github-api-version-selected"),
            deprecation: text(headers, "deprecation"),
            sunset: text(headers, "sunset"),
            rate_limit: RateLimit::from_headers(headers),
        }
    }
}

/// The state of the rate limit, from the `X-RateLimit-*` headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests allowed in the window.
    pub limit: u64,
    /// Requests left in the window.
    pub remaining: u64,
    /// When the window ends, on GitHub's clock.
    pub reset: DateTime<Utc>,
}

impl RateLimit {
    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let number = |name| text(headers, name)?.parse::<u64>().ok();
        Some(Self {
            limit: number("x-ratelimit-limit")?,
            remaining: number("x-ratelimit-remaining")?,
            reset: DateTime::from_timestamp(i64::try_from(number("x-ratelimit-reset")?).ok()?, 0)?,
        })
    }
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    text(headers, "x-github-request-id")
}

/// Longer values of these headers are not from GitHub.
const MAX_VALUE: usize = 128;

pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(escape(value, MAX_VALUE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_saved_with_what_was_told() {
        let headers = [
            ("x-github-request-id", "AB:12"),
            ("x-ratelimit-limit", "5000"),
            ("x-ratelimit-remaining", "4999"),
            ("x-ratelimit-reset", "1700000000"),
        ];
        let headers = headers.map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, http::HeaderValue::from_static(value))
        });
        let meta = ResponseMeta::from_headers(&HeaderMap::from_iter(headers));
        let expected = serde_json::json!({
            "request_id": "AB:12",
            "api_version": null,
            "deprecation": null,
            "sunset": null,
            "rate_limit": { "limit": 5000, "remaining": 4999, "reset": "2023-11-14T22:13:20Z" },
        });
        assert_eq!(serde_json::to_value(meta).ok(), Some(expected));
    }
}
