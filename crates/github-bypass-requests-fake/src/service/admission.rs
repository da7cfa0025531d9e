//! Authenticates and counts requests, and sets the headers of every response.

use std::sync::Arc;

use axum::{
    extract::{self, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::USER_AGENT},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{authentication::authenticate, date, refusal::Refusal, state::Shared};
use crate::{access::Access, world::names::actor_id};

const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");
const API_VERSION_SELECTED: HeaderName = HeaderName::from_static("x-github-api-version-selected");
const MEDIA_TYPE: HeaderName = HeaderName::from_static("x-github-media-type");
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-github-request-id");

/// The version for clients that do not request one.
const DEFAULT_API_VERSION: &str = "2022-11-28";
const API_VERSIONS: [&str; 2] = [DEFAULT_API_VERSION, "2026-03-10"];

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

/// Authenticates and counts a request. Unauthenticated requests are not counted. Users who are not
/// reviewers get 404.
fn check(
    shared: &Shared,
    headers: &HeaderMap,
    version: Option<&str>,
) -> Result<Arc<Access>, Refusal> {
    if headers.get(USER_AGENT).is_none_or(HeaderValue::is_empty) {
        return Err(Refusal::no_user_agent());
    }
    let access = {
        let mut state = shared.lock();
        let access = authenticate(&state.accepted, headers)?;
        let now = state.clock.now();
        if !state.rate_limit.charge(now) {
            return Err(Refusal::rate_limit_exceeded(actor_id(&access.login)));
        }
        access
    };
    if version.is_none() {
        return Err(Refusal::unknown_api_version(&API_VERSIONS));
    }
    if !access.is_reviewer {
        return Err(Refusal::not_found());
    }
    Ok(access)
}

/// Returns `None` if the client requests a version that does not exist.
fn api_version(headers: &HeaderMap) -> Option<&'static str> {
    let Some(requested) = headers.get(API_VERSION) else {
        return Some(DEFAULT_API_VERSION);
    };
    API_VERSIONS.into_iter().find(|known| requested == known)
}
