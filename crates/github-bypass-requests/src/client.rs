//! The client.

use std::fmt;
use std::sync::Arc;

use crate::auth::source::{Host, TokenSource};
use crate::transport::connection::Connection;

/// A client for the bypass requests of one GitHub host.
///
/// Create one with [`from_env`](Self::from_env) or [`builder`](Self::builder), and clone it instead
/// of creating another. Clones are cheap. They share connections, the token source and all limits,
/// and they pause together while GitHub rate-limits them. Use a separate client for each host and
/// for each account.
///
/// Every call names a scope, a kind of request and an operation: for example `organization`,
/// `secret_scanning` and `list`.
///
/// # Examples
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

/// The state shared by a client and its clones.
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

/// Omits the token.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.connection().base_url)
            .finish_non_exhaustive()
    }
}
