//! A text that nobody is to see.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::InvalidInput;

/// A token or a private key.
///
/// It is overwritten when it is dropped, as is each of its clones, and it prints as `Secret(…)`. It
/// can be neither displayed nor serialized; [`expose`](Self::expose) is the one way to its text.
///
/// What the HTTP library and the system copy in order to send it is beyond reach.
///
/// ```
/// use github_bypass_requests::Secret;
///
/// let token = Secret::new("ghp_example");
/// assert_eq!(format!("{token:?}"), "Secret(…)");
/// assert_eq!(token.expose(), "ghp_example");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text over. A `String` is not copied; whoever gives a `&str` keeps a text that is not
    /// overwritten.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both are the same text. Both are the caller's own, so the time it takes is no secret.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// The token, if it can be one.
    pub(crate) fn token(text: &str) -> Result<Self, InvalidInput> {
        let token = Self::new(text);
        token.authorization().map(|_| token)
    }

    /// The `Authorization` header for this token. It is never printed, and overwritten when dropped.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, InvalidInput> {
        // Neither message may repeat the token, not even a part of it.
        let token = self.expose();
        if token.is_empty() {
            return Err(InvalidInput::new("the token is empty".to_owned()));
        }
        let odd = || {
            InvalidInput::new(
                "the token holds a space, a line end or another character that no token has"
                    .to_owned(),
            )
        };
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(odd());
        }
        // With room for all of it: a string that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(SCHEME.len() + token.len()));
        text.push_str(SCHEME);
        text.push_str(token);
        let header = HeaderValue::from_maybe_shared(Bytes::from_owner(text));
        let mut header = header.map_err(|_| odd())?;
        header.set_sensitive(true);
        Ok(header)
    }
}

const SCHEME: &str = "Bearer ";

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_cannot_be_one_is_refused_without_being_repeated() {
        for token in ["", "gh\r\np_x", "ghp_x\n", "ghp\0x", "ghp x", "ghp_é"] {
            let error = Secret::token(token).expect_err(token).to_string();
            assert!(!error.contains("gh"), "{error}");
        }
        let token = Secret::token("ghp_x").expect("a token");
        let header = token.authorization().expect("a header");
        assert_eq!(format!("{token:?} {header:?}"), "Secret(…) Sensitive");
        assert_eq!(header, "Bearer ghp_x");
    }
}
