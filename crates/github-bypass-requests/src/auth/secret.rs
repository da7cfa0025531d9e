//! A text that nobody is to see.

use std::fmt;

use zeroize::Zeroizing;

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

    /// Whether it is the same text. Both are the caller's own: nobody can measure how long it takes.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
