//! Connects the generated client to an HTTP client.
//!
//! The generator's hooks must be implemented in the crate of the generated client. The hooks
//! delegate to [`Execute`], so that another crate can implement retries, limits and headers.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use progenitor_client::{ClientHooks, OperationInfo};

use crate::Client;

/// The future that [`Execute::execute`] returns.
pub type Executing<'a> =
    Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>>;

/// Sends the requests that a generated [`Client`] builds.
///
/// The generated client sets the method, path, query and body. An implementation adds the common
/// headers (`Authorization`, `User-Agent`, `Accept`, `X-GitHub-Api-Version`) and removes the
/// generator's own `api-version` header, which GitHub does not use.
pub trait Execute: Send + Sync + 'static {
    /// Sends `request` and returns the response, with any status.
    ///
    /// To decode responses yourself, return a substitute response with a status that the generated
    /// client does not expect, such as 500. The call then fails with
    /// [`UnexpectedResponse`](crate::Error::UnexpectedResponse), which contains the substitute.
    fn execute(&self, request: reqwest::Request) -> Executing<'_>;
}

/// The transport of a generated [`Client`]. Cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<dyn Execute>);

impl Transport {
    /// Creates a transport that sends requests with `execute`.
    pub fn new(execute: Arc<dyn Execute>) -> Self {
        Self(execute)
    }
}

/// Shows only the name of the type, because the implementation may contain a token.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl ClientHooks<Transport> for Client {
    async fn exec(
        &self,
        request: reqwest::Request,
        _operation: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        self.inner.0.execute(request).await
    }
}
