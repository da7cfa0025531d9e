//! The outcome of one attempt.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::error::{Error, NO_TOKEN, Reason};
use crate::response::error_body::ErrorBody;
use crate::response::excerpt::Excerpt;
use crate::response::head::Head;
use crate::response::headers::instant_after;

/// The outcome of one attempt.
pub(crate) enum Outcome {
    /// A complete 2xx response.
    Success { head: Head, body: Bytes },
    /// A 304 in response to a conditional request.
    NotModified { head: Head },
    /// Any other status. The body is empty if it could not be read.
    OtherStatus { head: Head, body: ErrorBody },
    /// No complete response. The head is set if it arrived.
    Failed {
        head: Option<Head>,
        failure: Failure,
    },
}

/// The reason for an incomplete or missing response.
pub(crate) enum Failure {
    Network(NetworkCause),
    /// The compressed body ends early, or its checksum is wrong.
    Damaged,
    TooLarge {
        limit: usize,
    },
    /// Not sent, because the request could not be built.
    Unsendable,
    /// The runtime was shut down before the attempt ended.
    Stopped,
    /// The call took longer than its limit.
    CallTimeout {
        limit: Duration,
    },
    /// Not sent, because the token source failed.
    NoToken(Error),
    /// Not sent, because the rate-limit gate stays closed for longer than the call may wait.
    GateClosed {
        remaining: Duration,
    },
}

impl Outcome {
    pub(crate) fn failed(failure: impl Into<Failure>) -> Self {
        Self::Failed {
            head: None,
            failure: failure.into(),
        }
    }

    /// Returns the outcome of a response, from its head and the result of reading its body.
    pub(crate) fn of(head: Head, body: Result<Bytes, Failure>, is_conditional: bool) -> Self {
        let status = head.status;
        match body {
            Ok(body) if status.is_success() => Self::Success { head, body },
            Err(failure) if status.is_success() || status.is_informational() => Self::Failed {
                head: Some(head),
                failure,
            },
            _ if is_conditional && status == StatusCode::NOT_MODIFIED => Self::NotModified { head },
            // The status is enough to know what happened, so a missing body is not a failure.
            body => Self::OtherStatus {
                head,
                body: ErrorBody::read(&body.unwrap_or_default()),
            },
        }
    }

    pub(crate) fn head(&self) -> Option<&Head> {
        match self {
            Self::Success { head, .. }
            | Self::NotModified { head }
            | Self::OtherStatus { head, .. } => Some(head),
            Self::Failed { head, .. } => head.as_ref(),
        }
    }

    /// Returns an error for this outcome, with its response and its cause, if any.
    pub(crate) fn error(&self, reason: Reason) -> Error {
        let body = match self {
            // The body of a 200 may be an error message, for example from a proxy.
            Self::Success { body, .. } => ErrorBody::read(body),
            Self::OtherStatus { body, .. } => body.clone(),
            Self::NotModified { .. } | Self::Failed { .. } => ErrorBody::default(),
        };
        let mut error = Error::new(reason);
        if let Some(head) = self.head() {
            error = error.with_response(Excerpt::new(head, body));
        }
        match self {
            Self::Failed {
                failure: Failure::Network(cause),
                ..
            } => error.with_source(cause.clone()),
            _ => error,
        }
    }
}

impl Failure {
    /// Returns the reason for the error that the caller gets.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::TooLarge { limit } => Reason::BodyTooLarge { limit: *limit },
            Self::GateClosed { remaining } => Reason::RateLimited {
                retry_at: instant_after(*remaining),
            },
            Self::Network(cause) if cause.is_connect() => Reason::Connect,
            Self::Unsendable => Reason::InvalidInput("the request cannot be built".to_owned()),
            Self::Network(cause) if cause.is_timeout() => Reason::Timeout,
            Self::Network(_) | Self::Stopped => Reason::Interrupted,
            Self::Damaged => Reason::Damaged,
            Self::CallTimeout { limit } => Reason::CallTimeout { limit: *limit },
            Self::NoToken(_) => Reason::TokenMissing(NO_TOKEN.to_owned()),
        }
    }
}

/// A network error. Hides the error type of the HTTP library, and omits the URL.
#[derive(Clone, Debug)]
pub(crate) struct NetworkCause(Arc<reqwest::Error>);

impl NetworkCause {
    /// Returns true if no connection was established, which means that nothing was sent.
    pub(crate) fn is_connect(&self) -> bool {
        self.0.is_connect()
    }

    pub(crate) fn is_timeout(&self) -> bool {
        self.0.is_timeout()
    }
}

impl From<reqwest::Error> for NetworkCause {
    fn from(error: reqwest::Error) -> Self {
        Self(Arc::new(error.without_url()))
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() {
            return Self::Unsendable;
        }
        Self::Network(error.into())
    }
}

impl fmt::Display for NetworkCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for NetworkCause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
