//! The kinds of errors.

use std::fmt;

use serde::{Serialize, Serializer};

/// The kind of an [`Error`](crate::Error), for logs and metrics. Returned by
/// [`Error::kind`](crate::Error::kind).
///
/// Its text, such as `rate_limited`, does not change between versions. Later versions may add
/// kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// [`is_invalid_input`](crate::Error::is_invalid_input)
    InvalidInput,
    /// [`is_token_missing`](crate::Error::is_token_missing)
    TokenMissing,
    /// [`is_connect`](crate::Error::is_connect)
    Connect,
    /// [`is_timeout`](crate::Error::is_timeout)
    Timeout,
    /// [`is_interrupted`](crate::Error::is_interrupted)
    Interrupted,
    /// [`is_unauthorized`](crate::Error::is_unauthorized)
    Unauthorized,
    /// [`is_forbidden`](crate::Error::is_forbidden)
    Forbidden,
    /// [`is_rate_limited`](crate::Error::is_rate_limited)
    RateLimited,
    /// [`is_not_found`](crate::Error::is_not_found)
    NotFound,
    /// [`is_validation_failed`](crate::Error::is_validation_failed)
    ValidationFailed,
    /// [`is_moved`](crate::Error::is_moved)
    Moved,
    /// [`is_server_error`](crate::Error::is_server_error)
    ServerError,
    /// Any other status: see [`status`](crate::Error::status).
    OtherStatus,
    /// [`is_decode`](crate::Error::is_decode)
    Decode,
    /// [`is_body_too_large`](crate::Error::is_body_too_large)
    BodyTooLarge,
    /// [`is_pagination`](crate::Error::is_pagination)
    Pagination,
    /// [`is_conflict`](crate::Error::is_conflict)
    Conflict,
    /// [`is_ambiguous`](crate::Error::is_ambiguous)
    Ambiguous,
}

impl ErrorKind {
    /// Returns the text of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::TokenMissing => "token_missing",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::RateLimited => "rate_limited",
            Self::NotFound => "not_found",
            Self::ValidationFailed => "validation_failed",
            Self::Moved => "moved",
            Self::ServerError => "server_error",
            Self::OtherStatus => "other_status",
            Self::Decode => "decode",
            Self::BodyTooLarge => "body_too_large",
            Self::Pagination => "pagination",
            Self::Conflict => "conflict",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Serializes as its text.
impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
