//! Authenticates and counts requests, and sets the headers of every response.

use std::sync::Arc;

use axum::{
    extract::{self, Request},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, USER_AGENT},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{date, refusal::Refusal, state::Shared};
use crate::{access::Access, world::names::actor_id};

const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");
const API_VERSION_SELECTED: HeaderName = HeaderName::from_static("x-github-api-version-selected");
const MEDIA_TYPE: HeaderName = HeaderName::from_static("x-github-media-type");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-github-request-id");

/// The version for clients that do not request one.
const DEFAULT_API_VERSION: &str = "2022-11-28";
const API_VERSIONS: [&str; 2] = [DEFAULT_API_VERSION, "2026-03-10"];

/// The login of every token, if the fake accepts all of them.
const DEFAULT_LOGIN: &str = "octocat";

pub(super) async fn admit(
    extract::State(shared): extract::State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let version = api_version(request.headers());
    let mut response = match check(&shared, request.headers(), version) {
        Ok(access) => {
            request.extensions_mut().insert(access);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };

    let mut state = shared.lock();
    if response.status() == StatusCode::NOT_MODIFIED {
        state.rate_limit.refund();
    }
    let now = state.clock.now();
    let headers = response.headers_mut();
    state.rate_limit.describe(now, headers);
    date::set(headers, now);
    state.responses += 1;
    if let Ok(id) = HeaderValue::try_from(format!("FA4E:{:08X}", state.responses)) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(
        API_VERSION_SELECTED,
        HeaderValue::from_static(version.unwrap_or(DEFAULT_API_VERSION)),
    );
    headers.insert(
        MEDIA_TYPE,
        HeaderValue::from_static("github.v3; format=json"),
    );
    response
}

/// Unauthenticated requests are not counted. Users who are not reviewers see nothing.
fn check(
    shared: &Shared,
    headers: &HeaderMap,
    version: Option<&str>,
) -> Result<Arc<Access>, Refusal> {
    if headers.get(USER_AGENT).is_none_or(HeaderValue::is_empty) {
        return Err(Refusal::no_user_agent());
    }
    let access = authenticate(shared, headers)?;
    {
        let mut state = shared.lock();
        let now = state.clock.now();
        if !state.rate_limit.charge(now) {
            return Err(Refusal::rate_limit_exceeded(actor_id(&access.login)));
        }
    }
    if version.is_none() {
        return Err(Refusal::unknown_api_version(&API_VERSIONS));
    }
    if !access.is_reviewer {
        return Err(Refusal::not_found());
    }
    Ok(access)
}

fn authenticate(shared: &Shared, headers: &HeaderMap) -> Result<Arc<Access>, Refusal> {
    let header = headers
        .get(AUTHORIZATION)
        .ok_or_else(Refusal::requires_authentication)?;
    let token = header
        .to_str()
        .ok()
        .and_then(token)
        .ok_or_else(Refusal::bad_credentials)?;
    if shared.accepted.is_empty() {
        return Ok(Arc::new(Access::new(token, DEFAULT_LOGIN)));
    }
    shared
        .accepted
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

/// Returns `None` if the client requests a version that does not exist.
fn api_version(headers: &HeaderMap) -> Option<&'static str> {
    let Some(requested) = headers.get(API_VERSION) else {
        return Some(DEFAULT_API_VERSION);
    };
    API_VERSIONS.into_iter().find(|known| requested == known)
}
