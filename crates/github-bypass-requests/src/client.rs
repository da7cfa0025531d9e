//! The client: a cheap handle to one host.

use std::fmt;
use std::sync::Arc;

use crate::auth::source::{Host, TokenSource};
use crate::transport::connection::Connection;

/// A client of one host with the tokens of one source. Cheap to clone; clones share connections and limits.
///
/// Leads from a scope to a kind of request to what can be done with it:
///
/// ```no_run
/// # async fn example() -> Result<(), github_bypass_requests::Error> {
/// use github_bypass_requests::{Client, StatusFilter};
///
/// let client = Client::from_env()?;
/// let mut open = client
///     .organization("octo-org")
///     .secret_scanning()
///     .list()
///     .status(StatusFilter::Open)
///     .stream();
/// while let Some(request) = open.try_next().await? {
///     println!("{request}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Shared>);

/// What a client and its clones share.
struct Shared {
    connection: Connection,
    tokens: Arc<dyn TokenSource>,
}

impl Client {
    pub(crate) fn new(connection: Connection, tokens: Arc<dyn TokenSource>) -> Self {
        Self(Arc::new(Shared { connection, tokens }))
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.0.connection
    }

    pub(crate) fn tokens(&self) -> &dyn TokenSource {
        &*self.0.tokens
    }

    pub(crate) fn host(&self) -> Host<'_> {
        Host {
            connection: self.connection(),
        }
    }
}

/// Without the token.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.connection().base_url)
            .finish_non_exhaustive()
    }
}
