//! The HTTP requests that a fake has received.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// An HTTP request to the fake, and the response to it. Returned by
/// [`Fake::received`](crate::Fake::received).
///
/// It contains no token, only the login that the token belongs to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Received {
    /// The time on the fake's clock when the request arrived.
    pub at: DateTime<Utc>,
    /// The method, such as `PATCH`.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: Option<String>,
    /// The login that the token belongs to. `None` if the request has no valid token.
    pub caller: Option<String>,
    /// The body. Bytes that are not UTF-8 are replaced.
    pub body: String,
    /// The response. `None` if a fault reset the connection, or if there is none yet. A client that
    /// disconnects during a delay gets no response.
    pub response: Option<SentResponse>,
}

/// A response of the fake.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SentResponse {
    /// The status of the real response or of the fault.
    pub status: u16,
    /// The value of `X-GitHub-Request-Id`.
    pub request_id: Option<String>,
    /// The body. It is empty if a fault truncated or supplied it, because a supplied body may
    /// contain a token.
    pub body: String,
}
