//! The parts of an HTTP request that operations use.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::HOST, request::Parts, uri::Authority},
};

use super::{refusal::Refusal, state::Shared};
use crate::access::Access;

/// An HTTP request without its path and body.
pub(super) struct Call {
    pub(super) shared: Arc<Shared>,
    pub(super) access: Arc<Access>,
    pub(super) headers: HeaderMap,
    /// The query as it was sent, without the question mark.
    pub(super) query: String,
    /// The scheme and the authority that the client uses for the fake.
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

/// Returns the scheme and the authority. Ignores an invalid `Host`, because it could inject text
/// into the `Link` header.
fn base(headers: &HeaderMap, shared: &Shared) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match host.and_then(|host| host.parse::<Authority>().ok()) {
        Some(authority) => format!("http://{authority}"),
        None => format!("http://{}", shared.authority),
    }
}
