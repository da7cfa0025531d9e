//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::auth::source::{Host, TokenSource};
use crate::response::meta::RateLimit;
use crate::transport::connection::Connection;
use crate::transport::policy::Policy;
use crate::transport::usage::Usage;

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
pub struct Client {
    shared: Arc<Shared>,
    call_timeout: Option<Duration>,
}

/// The state shared by a client and its clones.
struct Shared {
    connection: Connection,
    tokens: Arc<dyn TokenSource>,
}

impl Client {
    pub(crate) fn new(
        connection: Connection,
        tokens: Arc<dyn TokenSource>,
        call_timeout: Option<Duration>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared { connection, tokens }),
            call_timeout,
        }
    }

    /// Returns a clone whose calls end within this time. This overrides the builder's
    /// [`call_timeout`](crate::ClientBuilder::call_timeout), whose documentation lists the errors
    /// of a call that exceeds the limit.
    ///
    /// Use it in the handler of a web request that has a deadline of its own. Writes start at least
    /// a second apart, so several concurrent reviews need a longer limit; see
    /// [`write_interval`](crate::ClientBuilder::write_interval). With a timeout of zero, every call
    /// fails, and nothing is sent.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
    /// use std::time::Duration;
    ///
    /// let client = client.with_call_timeout(Duration::from_secs(5));
    /// let repository = client.repository("octo-org", "smile").secret_scanning();
    /// let request = repository.get(42).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_call_timeout(&self, timeout: Duration) -> Self {
        Self {
            shared: self.shared.clone(),
            call_timeout: Some(timeout),
        }
    }

    /// Returns what this client and its clones have sent and received so far.
    ///
    /// # Examples
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// let list = client.organization("octo-org").secret_scanning().list();
    /// list.stream().try_next().await?;
    /// let usage = client.usage();
    /// println!("{} requests, {} bytes", usage.requests, usage.bytes_received);
    /// # assert_eq!(usage.requests, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn usage(&self) -> Usage {
        self.connection().counters.usage()
    }

    /// Returns the rate limit that GitHub last reported to this client or a clone, and the time at
    /// which that report arrived, by the local clock. Returns `None` before the first response.
    pub fn rate_limit(&self) -> Option<(RateLimit, DateTime<Utc>)> {
        self.connection().rate_limit.lock().clone()
    }

    /// Returns the time, by the local clock, at which the client and its clones will stop waiting
    /// for a rate limit to end. Returns `None` if they are not waiting.
    ///
    /// Use it to show why a call takes long. A call waits up to
    /// [`max_rate_limit_wait`](crate::ClientBuilder::max_rate_limit_wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use github_bypass_requests::Client;
    ///
    /// # fn main() -> github_bypass_requests::Result<()> {
    /// let client = Client::builder().token("ghp_any").build()?;
    /// // In a task that shows the progress of the calls of other tasks:
    /// if let Some(until) = client.rate_limited_until() {
    ///     println!("rate limited until {until}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rate_limited_until(&self) -> Option<DateTime<Utc>> {
        let wait = self.connection().gate.remaining();
        let wait = TimeDelta::from_std(wait)
            .ok()
            .filter(|wait| !wait.is_zero())?;
        Utc::now().checked_add_signed(wait)
    }

    /// Returns the policy of a call that starts now.
    pub(crate) fn policy(&self) -> Policy {
        self.connection().policy.started(self.call_timeout)
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.shared.connection
    }

    pub(crate) fn tokens(&self) -> &dyn TokenSource {
        &*self.shared.tokens
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
