//! Where the token comes from, at each attempt.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::auth::secret::Secret;
use crate::error::Result;
use crate::transport::connection::Connection;

/// What a [`TokenSource`] answers, when it is ready.
pub type TokenFuture<'a, T = Secret> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Yields the token to send; given to [`ClientBuilder::token_source`](crate::ClientBuilder::token_source).
///
/// It is asked before each attempt, so that page 2 of a list, or the second try of a read, goes out
/// with the token that is valid by then. A source whose tokens are dear keeps them, as those of this
/// crate do: a [`Secret`] (the same for ever), [`GhCli`](crate::GhCli), and `AppInstallation` of the
/// feature `github-app`.
///
/// If the source fails, so does the call, and nothing is sent: a review or a dismissal was
/// certainly not carried out. Make the error with [`Error::no_token`](crate::Error::no_token), whose
/// cause is shown, and therefore must hold no secret.
///
/// ```
/// use github_bypass_requests::{Client, Error, Host, Secret, TokenFuture, TokenSource};
///
/// /// A file that somebody else keeps up to date.
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
    /// The token for this host.
    ///
    /// The future ends with the call that waits for it: what it has begun may be left half done.
    fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a>;

    /// GitHub has answered 401 to this token: which one to try once more with, if any.
    ///
    /// A source that keeps its token drops it here. By default, [`token`](Self::token) is asked
    /// again, and what it yields is tried if it is another. Asked at most once in a call.
    fn instead_of<'a>(
        &'a self,
        refused: &'a Secret,
        host: Host<'a>,
    ) -> TokenFuture<'a, Option<Secret>> {
        let token = self.token(host);
        Box::pin(async move { Ok(Some(token.await?).filter(|token| !token.is(refused))) })
    }
}

/// The same token for ever.
impl TokenSource for Secret {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

/// One source for several clients.
impl<S: TokenSource + ?Sized> TokenSource for Arc<S> {
    fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a> {
        (**self).token(host)
    }

    fn instead_of<'a>(
        &'a self,
        refused: &'a Secret,
        host: Host<'a>,
    ) -> TokenFuture<'a, Option<Secret>> {
        (**self).instead_of(refused, host)
    }
}

/// Whom a token is for: one host's secret must never reach another.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    pub(crate) connection: &'a Connection,
}

impl<'a> Host<'a> {
    /// Its name as `gh` has it: `github.com`, `octo.ghe.com`, `ghes.example.com`.
    pub fn name(&self) -> &'a str {
        self.connection.base_url.host_name()
    }

    /// The root of its API: `https://api.github.com`, `https://ghes.example.com/api/v3`.
    pub fn base_url(&self) -> &'a str {
        self.connection.base_url.as_str()
    }
}

impl fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Host").field(&self.base_url()).finish()
    }
}
