//! Authorizes the attempts of one call with tokens from a source.

use http::HeaderValue;

use crate::auth::secret::Secret;
use crate::auth::source::{Host, TokenSource};
use crate::error::Result;
use crate::response::head::Head;
use crate::transport::attempts::Authorize;

/// Authorizes the attempts of one call. Each attempt gets a token from the source. If the source
/// still returns a token that was rejected, the attempt uses the replacement for that token.
pub(crate) struct SignIn<'a> {
    source: &'a dyn TokenSource,
    host: Host<'a>,
    token: Option<Secret>,
    rejected: Option<Secret>,
    /// True if the token is a replacement that no attempt has used yet.
    is_new: bool,
}

impl<'a> SignIn<'a> {
    pub(crate) fn new(source: &'a dyn TokenSource, host: Host<'a>) -> Self {
        Self {
            source,
            host,
            token: None,
            rejected: None,
            is_new: false,
        }
    }

    fn authorization(&self) -> Result<HeaderValue> {
        let token = self.token.as_ref();
        Ok(token.map_or_else(|| Secret::new("").authorization(), Secret::authorization)?)
    }
}

impl Authorize for SignIn<'_> {
    async fn header(&mut self) -> Result<HeaderValue> {
        if std::mem::take(&mut self.is_new) {
            return self.authorization();
        }
        self.header_after_wait().await
    }

    async fn header_after_wait(&mut self) -> Result<HeaderValue> {
        let token = self.source.token(self.host).await?;
        // The source may still return the rejected token, which must not overwrite its replacement.
        let rejected = self.rejected.as_ref();
        if rejected.is_none_or(|rejected| !token.is(rejected)) {
            self.token = Some(token);
        }
        self.authorization()
    }

    async fn replace_token(&mut self, _: &Head) -> Result<bool> {
        let Some(rejected) = self.token.take() else {
            return Ok(false);
        };
        self.token = self.source.instead_of(&rejected, self.host).await?;
        self.rejected = Some(rejected);
        self.is_new = self.token.is_some();
        Ok(self.is_new)
    }
}
