//! A string that is never printed, such as a token.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::InvalidInput;

/// A token or a private key that is never printed.
///
/// Return it from a [`TokenSource`](crate::TokenSource), or use it as a token source that always
/// returns the same token.
///
/// When a secret or one of its clones is dropped, its memory is overwritten. `Debug` prints
/// `Secret(…)`, and there is neither `Display` nor `Serialize`: only [`expose`](Self::expose)
/// returns the text. Copies that the HTTP library and the operating system make to send a token are
/// not overwritten.
///
/// # Examples
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
    /// Creates a secret. A `String` is moved and later overwritten; a `&str` is copied, and the
    /// original is not overwritten.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns true if both secrets have the same text. The comparison need not take constant time,
    /// because both texts belong to the caller.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Returns the token if it is valid in a header.
    pub(crate) fn token(text: &str) -> Result<Self, InvalidInput> {
        let token = Self::new(text);
        token.authorization().map(|_| token)
    }

    /// Returns the `Authorization` header. It is never printed, and is overwritten when dropped.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, InvalidInput> {
        // The messages must not contain any part of the token.
        let token = self.expose();
        if token.is_empty() {
            return Err(InvalidInput::new("the token is empty".to_owned()));
        }
        let invalid = || {
            InvalidInput::new(
                "the token contains a space, a line break or another invalid character".to_owned(),
            )
        };
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid());
        }
        // Allocated at full size, because a growing string leaves copies of the token behind.
        let mut text = Zeroizing::new(String::with_capacity(SCHEME.len() + token.len()));
        text.push_str(SCHEME);
        text.push_str(token);
        let header = HeaderValue::from_maybe_shared(Bytes::from_owner(text));
        let mut header = header.map_err(|_| invalid())?;
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
    fn an_invalid_token_is_rejected_and_not_printed() {
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
