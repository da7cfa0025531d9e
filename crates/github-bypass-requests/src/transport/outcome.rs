//! What became of a request.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use crate::decode::ErrorBody;
use crate::error::Answer;
use crate::gate::LONGEST_WAIT;
use crate::response_meta::text;
use crate::wait::retry_after;
use crate::{Error, ResponseMeta};

/// What became of a request.
pub(crate) enum Outcome {
    Answered {
        head: Head,
        body: Bytes,
    },
    Failed {
        head: Option<Head>,
        failure: Failure,
    },
}

/// An answer without its body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

/// Why there is no complete answer.
pub(crate) enum Failure {
    Network(NetworkCause),
    TooLarge {
        limit: usize,
    },
    /// The runtime went away in the middle.
    Stopped,
    /// Not sent: the source of tokens has failed.
    NoToken(Error),
    /// Not sent: GitHub has asked to keep still for longer than a call waits.
    KeptStill {
        wait: Duration,
    },
}

impl Outcome {
    pub(crate) fn head(&self) -> Option<&Head> {
        match self {
            Self::Answered { head, .. } => Some(head),
            Self::Failed { head, .. } => head.as_ref(),
        }
    }

    pub(crate) fn answered(&self) -> Option<(&Head, &Bytes)> {
        match self {
            Self::Answered { head, body } => Some((head, body)),
            Self::Failed { .. } => None,
        }
    }
}

impl Head {
    pub(crate) fn answer(&self, body: &[u8]) -> Answer {
        let ErrorBody {
            message,
            documentation_url,
        } = ErrorBody::read(body);
        let meta = ResponseMeta::from_headers(&self.headers);
        Answer {
            status: self.status,
            meta,
            message,
            documentation_url,
            accepted_permissions: text(&self.headers, "x-accepted-github-permissions"),
            oauth_scopes: text(&self.headers, "x-oauth-scopes"),
            retry_at: retry_at(&self.headers),
            // Its value holds an address that is meant for the token's owner alone.
            needs_sso: self.headers.contains_key("x-github-sso"),
        }
    }

    /// The compression that nobody has asked for.
    pub(crate) fn encoding(&self) -> Option<&str> {
        let value = self.headers.get(CONTENT_ENCODING)?.to_str().ok()?;
        (!value.eq_ignore_ascii_case("identity")).then_some(value)
    }

    /// The media type, without parameters.
    pub(crate) fn media_type(&self) -> Option<&str> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        Some(
            value
                .split_once(';')
                .map_or(value, |(media_type, _)| media_type)
                .trim(),
        )
    }
}

fn retry_at(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let now = Utc::now();
    let wait = retry_after(headers, now)?.min(LONGEST_WAIT);
    now.checked_add_signed(TimeDelta::from_std(wait).ok()?)
}

/// Gives the causes of a network error, but not its type.
#[derive(Clone)]
pub(crate) struct NetworkCause(Arc<reqwest::Error>);

impl NetworkCause {
    /// Whether no connection came about, so that nothing was sent.
    pub(crate) fn is_connect(&self) -> bool {
        self.0.is_connect()
    }

    /// Whether it was no request that could be sent.
    pub(crate) fn is_builder(&self) -> bool {
        self.0.is_builder()
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
        Self::Network(error.into())
    }
}

impl fmt::Display for NetworkCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for NetworkCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl StdError for NetworkCause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
