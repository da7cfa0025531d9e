//! Signs in the attempts of one call with tokens of a source.

use http::HeaderValue;

use crate::auth::secret::Secret;
use crate::auth::source::{Host, TokenSource};
use crate::error::Result;
use crate::response::head::Head;
use crate::transport::attempts::Authorize;

/// The token of one call's attempts. The source is asked at each attempt. If it still has a token
/// that was refused, the replacement is used.
pub(crate) struct SignIn<'a> {
    source: &'a dyn TokenSource,
    host: Host<'a>,
    token: Option<Secret>,
    refused: Option<Secret>,
    /// Whether the token is a replacement that no attempt has used yet.
    is_new: bool,
}

impl<'a> SignIn<'a> {
    pub(crate) fn new(source: &'a dyn TokenSource, host: Host<'a>) -> Self {
        Self {
            source,
            host,
            token: None,
            refused: None,
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
        let refused = self.refused.as_ref();
        if refused.is_none_or(|refused| !token.is(refused)) {
            self.token = Some(token);
        }
        self.authorization()
    }

    async fn replace_token(&mut self, _: &Head) -> Result<bool> {
        let Some(refused) = self.token.take() else {
            return Ok(false);
        };
        self.token = self.source.instead_of(&refused, self.host).await?;
        self.refused = Some(refused);
        self.is_new = self.token.is_some();
        Ok(self.is_new)
    }
}
