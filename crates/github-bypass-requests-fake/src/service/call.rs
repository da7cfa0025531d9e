//! What the operations read of an HTTP request.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, header::HOST, request::Parts, uri::Authority},
};
use serde::de::DeserializeOwned;

use super::{refusal::Refusal, state::Shared};
use crate::access::Access;

/// Everything but the path and the body.
pub(super) struct Call {
    pub(super) shared: Arc<Shared>,
    pub(super) access: Arc<Access>,
    pub(super) headers: HeaderMap,
    /// As it was sent, without the question mark.
    pub(super) query: String,
    /// Scheme and authority under which the client knows the fake.
    pub(super) base: String,
}

impl FromRequestParts<Arc<Shared>> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Self::Rejection> {
        let access = parts
            .extensions
            .get::<Arc<Access>>()
            .ok_or_else(Refusal::requires_authentication)?;
        Ok(Self {
            shared: Arc::clone(shared),
            access: Arc::clone(access),
            headers: parts.headers.clone(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            base: base(&parts.headers, shared),
        })
    }
}

/// A host that is none would break out of the `Link` header it is quoted in.
fn base(headers: &HeaderMap, shared: &Shared) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match host.and_then(|host| host.parse::<Authority>().ok()) {
        Some(authority) => format!("http://{authority}"),
        None => format!("http://{}", shared.authority),
    }
}

/// The parameters of a path. One that cannot be read names nothing: 404.
pub(super) struct At<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(values)) => Ok(Self(values)),
            Err(_) => Err(Refusal::not_found()),
        }
    }
}

/// A request's body, of whatever content type: GitHub does not look at that either.
pub(super) struct Body(Bytes);

impl Body {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) => Err(Refusal::unreadable(rejection.status())),
        }
    }
}
