//! Metadata of a response, from its headers.

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName};
use serde::Serialize;

use crate::response::headers::{REMAINING, RESET, missing_organizations, number, request_id, text};

/// Metadata of a response, from its headers. Keep it for an audit log, or use it to watch the rate
/// limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResponseMeta {
    /// GitHub's id for the request (`X-GitHub-Request-Id`). Include it when you contact GitHub
    /// Support.
    pub request_id: Option<String>,
    /// The version of the REST API that GitHub used (`X-GitHub-Api-Version-Selected`).
    pub api_version: Option<String>,
    /// Time at which the endpoint or its version was deprecated (`Deprecation`). The client logs a
    /// warning with `tracing`, the first time only.
    pub deprecation: Option<String>,
    /// Time at which the endpoint or its version will be removed (`Sunset`).
    pub sunset: Option<String>,
    /// The version of GitHub Enterprise Server (`X-GitHub-Enterprise-Version`). `None` for GitHub's
    /// cloud.
    pub enterprise_version: Option<String>,
    /// The ids of organizations whose requests are missing from the response, because the token is
    /// not authorized for their single sign-on (`X-GitHub-SSO: partial-results`). The client logs a
    /// warning with `tracing`, the first time only.
    pub missing_organizations: Vec<i64>,
    /// The rate limit after this request. `None` unless the response has `X-RateLimit-Limit`,
    /// `X-RateLimit-Remaining` and `X-RateLimit-Reset`.
    pub rate_limit: Option<RateLimit>,
}

impl ResponseMeta {
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        Self {
            request_id: request_id(headers),
            api_version: text(headers, "x-github-api-version-selected"),
            deprecation: text(headers, "deprecation"),
            sunset: text(headers, "sunset"),
            enterprise_version: text(headers, "x-github-enterprise-version"),
            missing_organizations: missing_organizations(headers),
            rate_limit: RateLimit::from_headers(headers),
        }
    }

    /// Adds the missing organizations to those of earlier responses.
    pub(crate) fn add_missing_organizations(&self, earlier: &mut Vec<i64>) {
        for id in &self.missing_organizations {
            if !earlier.contains(id) {
                earlier.push(*id);
            }
        }
    }
}

/// The state of the rate limit, from the `X-RateLimit-*` headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests allowed per window.
    pub limit: u64,
    /// Requests remaining in the window.
    pub remaining: u64,
    /// Time at which the window ends, by GitHub's clock.
    pub reset: DateTime<Utc>,
    /// Requests used in the window. `None` if the response does not state it.
    pub used: Option<u64>,
    /// The group of operations that the limit applies to, such as `core`. `None` if the response
    /// does not state it.
    pub resource: Option<String>,
}

const USED: HeaderName = HeaderName::from_static("x-ratelimit-used");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");

impl RateLimit {
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let reset = i64::try_from(number(headers, &RESET)?).ok()?;
        Some(Self {
            limit: number(headers, &LIMIT)?,
            remaining: number(headers, &REMAINING)?,
            reset: DateTime::from_timestamp(reset, 0)?,
            used: number(headers, &USED),
            resource: text(headers, "x-ratelimit-resource"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_serialized_with_null_for_missing_headers() {
        let headers = [
            ("x-github-request-id", "AB:12"),
            ("x-ratelimit-limit", "5000"),
            ("x-ratelimit-remaining", "4999"),
            ("x-ratelimit-reset", "1700000000"),
            ("x-ratelimit-resource", "core"),
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
            "enterprise_version": null,
            "missing_organizations": [],
            "rate_limit": {
                "limit": 5000, "remaining": 4999, "reset": "2023-11-14T22:13:20Z", "used": null,
                "resource": "core",
            },
        });
        assert_eq!(serde_json::to_value(meta).ok(), Some(expected));
    }
}
