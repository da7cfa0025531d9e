//! Token sources. Before each attempt, the client gets a token from its source.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::auth::secret::Secret;
use crate::error::Result;
use crate::transport::connection::Connection;

/// The future that a [`TokenSource`] returns.
pub type TokenFuture<'a, T = Secret> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A source of tokens, set with
/// [`ClientBuilder::token_source`](crate::ClientBuilder::token_source).
///
/// Implement it if your tokens come from a file that another process updates, from a secret manager
/// or from a service of your own. You do not need it for
///
/// - a fixed token: [`ClientBuilder::token`](crate::ClientBuilder::token), or a [`Secret`] as the
///   source,
/// - environment variables:
///   [`ClientBuilder::token_from_env`](crate::ClientBuilder::token_from_env),
/// - the GitHub CLI: [`GhCli`](crate::GhCli),
/// - a GitHub App: `AppInstallation`, with the feature `github-app`.
///
/// The client gets a token before each attempt. Each page of a list and each retry therefore uses a
/// token that is valid at that moment. If tokens are expensive to get, cache them: wrap the source
/// in a [`TokenCache`](crate::TokenCache).
///
/// GitHub's rate limits apply per token, and a client and its clones track the limits of one token
/// only. Do not rotate through a pool of tokens in a source: create one client per token instead.
///
/// If the source returns an error, the call fails and the attempt is not sent. A review or
/// dismissal that fails in this way was not carried out. Create the error with
/// [`Error::no_token`](crate::Error::no_token). The message of the cause that you pass becomes part
/// of the error's message, so it must not contain a secret.
///
/// # Examples
///
/// ```
/// use github_bypass_requests::{Client, Error, Host, Secret, TokenFuture, TokenSource};
///
/// /// Reads the token from a file that another process updates.
/// struct Mounted(&'static str);
///
/// impl TokenSource for Mounted {
///     fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
///         Box::pin(async {
///             let text = std::fs::read_to_string(self.0).map_err(Error::no_token)?;
///             Ok(Secret::new(text.trim_end()))
///         })
///     }
/// }
///
/// let client = Client::builder().token_source(Mounted("/run/secrets/github")).build()?;
/// # Ok::<(), Error>(())
/// ```
pub trait TokenSource: Send + Sync + 'static {
    /// Returns the token for this host.
    ///
    /// If the call is cancelled, this future is dropped, so it must be cancel-safe.
    fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a>;

    /// Replaces a token that GitHub rejected with 401.
    ///
    /// If this returns a token, the request is sent once more with it. If it returns `None`, the
    /// call fails with the 401. The client calls this method at most once per call.
    ///
    /// A source that caches its token should discard the rejected one here. The default
    /// implementation calls [`token`](Self::token), and returns that token if it differs from the
    /// rejected one.
    fn instead_of<'a>(
        &'a self,
        rejected: &'a Secret,
        host: Host<'a>,
    ) -> TokenFuture<'a, Option<Secret>> {
        let token = self.token(host);
        Box::pin(async move { Ok(Some(token.await?).filter(|token| !token.is(rejected))) })
    }
}

/// Returns the same token every time.
impl TokenSource for Secret {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

/// Lets several clients share one source.
impl<S: TokenSource + ?Sized> TokenSource for Arc<S> {
    fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a> {
        (**self).token(host)
    }

    fn instead_of<'a>(
        &'a self,
        rejected: &'a Secret,
        host: Host<'a>,
    ) -> TokenFuture<'a, Option<Secret>> {
        (**self).instead_of(rejected, host)
    }
}

/// The host that a token is requested for. A [`TokenSource`] must not return a token for another
/// host.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    pub(crate) connection: &'a Connection,
}

impl<'a> Host<'a> {
    /// Returns the name that `gh` uses: `github.com`, `octo.ghe.com`, `ghes.example.com`.
    pub fn name(&self) -> &'a str {
        self.connection.base_url.host_name()
    }

    /// Returns the root of the API: `https://api.github.com`, `https://ghes.example.com/api/v3`.
    pub fn base_url(&self) -> &'a str {
        self.connection.base_url.as_str()
    }
}

impl fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Host").field(&self.base_url()).finish()
    }
}
