//! The one error type.

mod display;

use std::error::Error as StdError;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use github_bypass_requests_api::Operation;
use http::StatusCode;

use crate::response::excerpt::Excerpt;
use crate::response::json::Malformed;
use crate::response::meta::ResponseMeta;

/// Why a call failed.
///
/// The kind is private, so that it can grow; the `is_*` predicates tell what a caller may want to
/// act on, and [`status`](Self::status) covers the rest. [`Display`](fmt::Display) is one line that
/// says what was tried, where, what happened and what to do. Neither it nor [`Debug`] ever shows a token
/// or a body: of the headers, only those of [`ResponseMeta`] are kept, and of a body the `message`
/// and `errors` that GitHub addresses to people, escaped and cut after 1 KiB.
///
/// # Troubleshooting
///
/// - **404 for something that exists**: GitHub hides what a token may not see. The text names what
///   the operation needs; the token's user must also be a bypass reviewer, and delegated bypass
///   must be enabled.
/// - **403**: the token is known but may not do this; compare its permissions with the text.
/// - **401**: the token is wrong, expired or revoked, or belongs to another host.
/// - **No connection**: the text names the host that was tried. A misspelt one looks like one that
///   is down.
/// - **An answer that is not JSON**: a proxy or a captive portal stands in between.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    called: Option<Called>,
    /// Whether it is about asking for a token, so that nothing of the call itself was sent.
    of_token: bool,
    response: Option<Excerpt>,
    /// The page of a list at which it can be resumed, for the text.
    resume_at: Option<NonZeroU32>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What was to be done, with what, and where.
#[derive(Clone)]
pub(crate) struct Called {
    pub(crate) operation: Operation,
    /// What the operation's path was filled in with: `octo-org/smile/42`.
    pub(crate) target: Option<String>,
    /// With the port, where it is another than usual.
    pub(crate) host: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    InvalidInput(String),
    TokenMissing(String),
    Connect,
    Timeout,
    Interrupted,
    BodyTooLarge { limit: usize },
    Status,
    RateLimited { retry_at: Option<DateTime<Utc>> },
    Decode(Malformed),
    BadItem(BadItem),
    Pagination(String),
    Conflict(String),
    Ambiguous(String),
}

/// The items of a page that do not decode, told by the first of them.
#[derive(Clone, Debug)]
pub(crate) struct BadItem {
    pub(crate) page: u32,
    pub(crate) index: usize,
    pub(crate) id: Option<i64>,
    pub(crate) number: Option<i64>,
    pub(crate) malformed: Malformed,
    /// How many more there are on the page.
    pub(crate) others: usize,
}

impl Kind {
    /// A few fixed words for a log, without any text of the server's.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::InvalidInput(_) => "invalid input",
            Self::TokenMissing(_) => "no token",
            Self::Connect => "no connection",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::BodyTooLarge { .. } => "body too large",
            Self::Status => "unexpected status",
            Self::RateLimited { .. } => "rate limited",
            Self::Decode(_) | Self::BadItem(_) => "unreadable",
            Self::Pagination(_) => "pagination",
            Self::Conflict(_) => "conflict",
            Self::Ambiguous(_) => "ambiguous",
        }
    }
}

/// Input that was refused before anything was sent; kept until a call reports it.
#[derive(Clone, Debug)]
pub(crate) struct InvalidInput(Arc<str>);

impl InvalidInput {
    pub(crate) fn new(message: String) -> Self {
        Self(message.into())
    }
}

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is said where a source of tokens has nothing better to say.
pub(crate) const NO_TOKEN: &str = "no token";

impl Error {
    /// The failure of a [`TokenSource`](crate::TokenSource), as
    /// [`is_token_missing`](Self::is_token_missing) tells it.
    ///
    /// The cause is shown, escaped and cut: it must hold no secret. Given `the vault is sealed`, the
    /// error reads `no token (the vault is sealed)`.
    pub fn no_token(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(Kind::TokenMissing(NO_TOKEN.to_owned()));
        error.0.source = Some(cause.into().into());
        error
    }

    /// Whether the caller's input was refused. Nothing was sent.
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidInput(_))
    }

    /// Whether no token was given, found or issued. Nothing was sent to where it would have been
    /// used.
    pub fn is_token_missing(&self) -> bool {
        matches!(self.0.kind, Kind::TokenMissing(_))
    }

    /// Whether no connection came about: name resolution, TCP or TLS failed. The last attempt
    /// was not sent; nothing was changed.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect)
    }

    /// Whether the answer to a read took too long; a write is [ambiguous](Self::is_ambiguous) then.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout)
    }

    /// Whether the connection broke before the answer to a read was complete; a write is
    /// [ambiguous](Self::is_ambiguous) then.
    pub fn is_interrupted(&self) -> bool {
        matches!(self.0.kind, Kind::Interrupted)
    }

    /// Whether the token was not accepted (401).
    pub fn is_unauthorized(&self) -> bool {
        self.has_status(|status| status == StatusCode::UNAUTHORIZED)
    }

    /// Whether the token may not do this (403).
    pub fn is_forbidden(&self) -> bool {
        self.has_status(|status| status == StatusCode::FORBIDDEN)
    }

    /// Whether GitHub wants fewer requests (403 or 429), or has wanted that shortly before, and the
    /// call was kept back. Nothing was changed. See [`retry_at`](Self::retry_at).
    pub fn is_rate_limited(&self) -> bool {
        matches!(self.0.kind, Kind::RateLimited { .. })
    }

    /// Whether there is no such thing, or the token may not see it (404).
    pub fn is_not_found(&self) -> bool {
        self.has_status(|status| status == StatusCode::NOT_FOUND)
    }

    /// Whether GitHub refused the input (422), for example a review of a request that is decided.
    pub fn is_validation_failed(&self) -> bool {
        self.has_status(|status| status == StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Whether the resource stands elsewhere (3xx), as after a rename, and was not followed
    /// there: a read is, within the origin and up to five times; a write never.
    pub fn is_moved(&self) -> bool {
        self.has_status(|status| matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308))
    }

    /// Whether the server failed to answer a read (5xx); a write is [ambiguous](Self::is_ambiguous)
    /// then.
    pub fn is_server_error(&self) -> bool {
        self.has_status(|status| status.is_server_error())
    }

    /// Whether an answer, or some items of a page, could not be understood.
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode(_) | Kind::BadItem(_))
    }

    /// Whether the answer was longer than the client reads.
    pub fn is_body_too_large(&self) -> bool {
        matches!(self.0.kind, Kind::BodyTooLarge { .. })
    }

    /// Whether a list could not be read to its end because the server's page links make no sense.
    pub fn is_pagination(&self) -> bool {
        matches!(self.0.kind, Kind::Pagination(_))
    }

    /// Whether the answer to a write was lost and it cannot be known whether it was applied. The
    /// text names the request or the response: read the request before a second try.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self.0.kind, Kind::Ambiguous(_))
    }

    /// Whether the answer to a review was lost and the request turned out to be decided otherwise,
    /// or to have expired; or a review to be taken back is not there to be. The text tells what was
    /// found.
    pub fn is_conflict(&self) -> bool {
        matches!(self.0.kind, Kind::Conflict(_))
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0
            .response
            .as_ref()
            .map(|response| response.status.as_u16())
    }

    /// What GitHub said to people about it, escaped for a terminal and cut after 1 KiB.
    pub fn message(&self) -> Option<&str> {
        self.0.response.as_ref()?.message.as_deref()
    }

    /// Where GitHub documents the failure, escaped like [`message`](Self::message).
    pub fn documentation_url(&self) -> Option<&str> {
        self.0.response.as_ref()?.documentation_url.as_deref()
    }

    /// GitHub's name of the failed exchange, which its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.response.as_ref()?.meta.request_id.as_deref()
    }

    /// When to try again, if GitHub has refused for the rate, or has said so on its own.
    pub fn retry_at(&self) -> Option<DateTime<Utc>> {
        match self.0.kind {
            Kind::RateLimited { retry_at } => retry_at,
            _ => self.0.response.as_ref()?.retry_at,
        }
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The call that failed; `None` if it was refused before there was one.
    pub(crate) fn called(&self) -> Option<&Called> {
        self.0.called.as_ref()
    }

    fn has_status(&self, is: impl FnOnce(StatusCode) -> bool) -> bool {
        matches!(self.0.kind, Kind::Status)
            && self
                .0
                .response
                .as_ref()
                .is_some_and(|response| is(response.status))
    }
}

// How the crate makes errors.
impl Error {
    pub(crate) fn new(kind: Kind) -> Self {
        Self(Box::new(Inner {
            kind,
            called: None,
            of_token: false,
            response: None,
            resume_at: None,
            source: None,
        }))
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::InvalidInput(message.into()))
    }

    /// The same error for another call: those that wait for one token all hear why there is none.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// What a source of tokens has failed with, as the call shows it that needed the token. What is
    /// said of an answer, or of a write, would be taken for that of the call's own.
    pub(crate) fn of_token(mut self) -> Self {
        let is_kept = match &self.0.kind {
            Kind::Status => self.is_server_error(),
            kind => matches!(
                kind,
                Kind::InvalidInput(_)
                    | Kind::TokenMissing(_)
                    | Kind::Connect
                    | Kind::Timeout
                    | Kind::Interrupted
                    | Kind::RateLimited { .. }
            ),
        };
        if !is_kept {
            self.0.kind = Kind::TokenMissing(NO_TOKEN.to_owned());
        }
        self.0.of_token = true;
        self.0.resume_at = None;
        self
    }

    pub(crate) fn of_call(mut self, called: Called) -> Self {
        self.0.called = Some(called);
        self
    }

    pub(crate) fn with_response(mut self, response: Excerpt) -> Self {
        self.0.response = Some(response);
        self
    }

    /// The same failure, now that it is known what became of the request instead.
    pub(crate) fn into_conflict(mut self, found: String) -> Self {
        self.0.kind = Kind::Conflict(found);
        self
    }

    pub(crate) fn into_meta(self) -> ResponseMeta {
        self.0
            .response
            .map(|response| response.meta)
            .unwrap_or_default()
    }

    pub(crate) fn resuming_at(mut self, page: Option<NonZeroU32>) -> Self {
        self.0.resume_at = page;
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<InvalidInput> for Error {
    fn from(InvalidInput(message): InvalidInput) -> Self {
        Self::input(&*message)
    }
}

/// For conversions that cannot fail.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
