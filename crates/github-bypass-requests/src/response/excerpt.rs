//! The parts of a response that an error keeps.

use chrono::{DateTime, Utc};
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use reqwest::Url;

use crate::response::error_body::ErrorBody;
use crate::response::escape::escape;
use crate::response::head::Head;
use crate::response::headers::{SSO, permissions, retry_at};
use crate::response::meta::ResponseMeta;

/// The parts of a response that an error keeps. To keep another header, add it here.
#[derive(Clone, Debug)]
pub(crate) struct Excerpt {
    pub(crate) status: StatusCode,
    pub(crate) meta: ResponseMeta,
    pub(crate) message: Option<String>,
    pub(crate) documentation_url: Option<String>,
    pub(crate) accepted_permissions: Option<String>,
    pub(crate) oauth_scopes: Option<String>,
    /// The end of the wait that `Retry-After` states. A 503 may also have this header.
    pub(crate) retry_at: Option<DateTime<Utc>>,
    pub(crate) needs_sso: bool,
    pub(crate) is_html: bool,
    /// The origin (scheme, host and port) of the URL to which the response redirects.
    pub(crate) location_origin: Option<String>,
}

/// Returns only the origin of an absolute `Location`, because its path may contain a secret.
fn location_origin(headers: &HeaderMap) -> Option<String> {
    let location = Url::parse(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    Some(escape(&location.origin().ascii_serialization(), MAX_ORIGIN))
}

/// In bytes. Longer origins are truncated.
const MAX_ORIGIN: usize = 300;

impl Excerpt {
    pub(crate) fn new(head: &Head, body: ErrorBody) -> Self {
        let Head { status, headers } = head;
        let ErrorBody {
            message,
            documentation_url,
        } = body;
        Self {
            status: *status,
            meta: ResponseMeta::from_headers(headers),
            message,
            documentation_url,
            accepted_permissions: permissions(headers, "x-accepted-github-permissions"),
            oauth_scopes: permissions(headers, "x-oauth-scopes"),
            retry_at: retry_at(headers),
            // The value is not kept, because it contains a URL that only the token's owner may see.
            needs_sso: headers.contains_key(SSO),
            is_html: head.is_html(),
            location_origin: location_origin(headers),
        }
    }
}
