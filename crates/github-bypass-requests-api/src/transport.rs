//! The seam: how a generated call reaches the network.
//!
//! The generator's hooks must be implemented in the crate that owns the generated client. Here they
//! only delegate, so that retries, limits and headers live in the crate that knows about them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use progenitor_client::{ClientHooks, OperationInfo};

use crate::Client;

/// The future of [`Execute::execute`].
pub type Executing<'a> =
    Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>>;

/// Carries out the requests that a generated [`Client`] builds.
///
/// The generated client has set method, path, query and body. What is to be sent with every request
/// (`Authorization`, `User-Agent`, `Accept`, `X-GitHub-Api-Version`) is the implementor's to add, and
/// the generator's own `api-version` header, which means nothing to GitHub, to remove.
pub trait Execute: Send + Sync + 'static {
    /// Sends `request` and returns the answer, whatever its status.
    ///
    /// Who wants to read the answer by himself returns another with a status that no operation
    /// documents, as 500: it comes back unread as [`Error::UnexpectedResponse`](crate::Error).
    fn execute(&self, request: reqwest::Request) -> Executing<'_>;
}

/// What a generated [`Client`] sends its requests through; cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<dyn Execute>);

impl Transport {
    /// Sends requests through `execute`.
    pub fn new(execute: Arc<dyn Execute>) -> Self {
        Self(execute)
    }
}

/// Shows the type's name only: the implementor may hold a token.
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
