//! The one error type.

mod advice;
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

/// The error type of this crate.
///
/// The `is_*` predicates distinguish the failures that a program may handle, and document their
/// usual causes and remedies. Later versions may add more. For any other status, use
/// [`status`](Self::status).
///
/// [`Display`](fmt::Display) writes one line: what was attempted, what happened, and what to do.
/// Neither it nor [`Debug`] shows a token or a response body. An error keeps the metadata of the
/// response, the permissions and scopes that its headers name, and GitHub's `message`, `errors` and
/// `documentation_url`, escaped for terminals and cut after 1 KiB.
///
/// # Examples
///
/// ```
/// # async fn example(client: github_bypass_requests::Client) -> github_bypass_requests::Result<()> {
/// let repository = client.repository("octo-org", "smile").secret_scanning();
/// match repository.get(42).await {
///     Ok(request) => println!("{request}"),
///     Err(error) if error.is_not_found() => println!("no such request, or no access to it"),
///     Err(error) if error.is_rate_limited() => println!("retry at {:?}", error.retry_at()),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    called: Option<Called>,
    /// The token source failed, so the call was not sent.
    while_obtaining_token: bool,
    response: Option<Excerpt>,
    /// The page at which the list can be resumed.
    resume_at: Option<NonZeroU32>,
    /// The page size of the list.
    per_page: Option<u32>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The call that failed.
#[derive(Clone)]
pub(crate) struct Called {
    pub(crate) operation: Operation,
    /// The values of the path's placeholders: `octo-org/smile/42`.
    pub(crate) target: Option<String>,
    /// The scheme, the host and, unless it is the default, the port of the base URL.
    pub(crate) origin: String,
    /// The base URL has no path, and its host is not one of GitHub's cloud.
    pub(crate) lacks_path: bool,
}

impl Called {
    /// Returns the host and, unless it is the default, the port.
    pub(crate) fn host(&self) -> &str {
        let host = self.origin.split_once("://");
        host.map_or(&self.origin, |(_, host)| host)
    }
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

/// The first item of a page that cannot be decoded.
#[derive(Clone, Debug)]
pub(crate) struct BadItem {
    pub(crate) page: u32,
    pub(crate) index: usize,
    pub(crate) id: Option<i64>,
    pub(crate) number: Option<i64>,
    pub(crate) malformed: Malformed,
    /// The number of other such items on the page.
    pub(crate) others: usize,
}

impl Kind {
    /// A short name for logs, without any text from the server.
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
            Self::Decode(_) | Self::BadItem(_) => "decoding failed",
            Self::Pagination(_) => "pagination",
            Self::Conflict(_) => "conflict",
            Self::Ambiguous(_) => "ambiguous",
        }
    }
}

/// Invalid input, kept until a call reports it. Nothing is sent.
#[derive(Clone, Debug)]
pub(crate) struct InvalidInput(Arc<str>);

impl InvalidInput {
    pub(crate) fn new(message: String) -> Self {
        Self(message.into())
    }
}

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The message of a token error that has no message of its own.
pub(crate) const NO_TOKEN: &str = "no token";

impl Error {
    /// Creates the error of a [`TokenSource`](crate::TokenSource) that has no token.
    ///
    /// It satisfies [`is_token_missing`](Self::is_token_missing). The message contains the cause,
    /// escaped and cut, so the cause must not contain a secret. With the cause `the vault is
    /// sealed`, the message is `no token (the vault is sealed)`.
    pub fn no_token(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(Kind::TokenMissing(NO_TOKEN.to_owned()));
        error.0.source = Some(cause.into().into());
        error
    }

    /// Returns true if the client refused the input. The call was not sent.
    ///
    /// # Troubleshooting
    ///
    /// The message names the invalid value and, in most cases, the valid ones. Usual causes are an
    /// empty or misspelled name, a number below 1, a review message of more than 2048 characters,
    /// and a base URL that does not use https. A token that contains a space or a line end is
    /// invalid input as well. Correct the value; the same call fails again.
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidInput(_))
    }

    /// Returns true if no token was configured, found or issued. The call was not sent.
    ///
    /// # Troubleshooting
    ///
    /// - The environment has no token for this host. The message names the variables; see
    ///   [`token_from_env`](crate::ClientBuilder::token_from_env).
    /// - The GitHub CLI is not logged in to this host, or GitHub refused a token to the app. The
    ///   message names the cause.
    /// - Your own [`TokenSource`](crate::TokenSource) returned an error.
    pub fn is_token_missing(&self) -> bool {
        matches!(self.0.kind, Kind::TokenMissing(_))
    }

    /// Returns true if no connection could be established: name resolution, TCP or TLS failed.
    ///
    /// The last attempt was not sent, and nothing was changed.
    ///
    /// # Troubleshooting
    ///
    /// The message names the host and the cause. Check the spelling of the base URL: a misspelled
    /// host looks like one that is down. Check the proxy that is set with
    /// [`proxy`](crate::ClientBuilder::proxy), `HTTPS_PROXY` or `ALL_PROXY`. If the
    /// server's certificate is from a private authority, add the authority with
    /// [`root_certificate_pem`](crate::ClientBuilder::root_certificate_pem).
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect)
    }

    /// Returns true if the response to a read took too long.
    ///
    /// A write is [ambiguous](Self::is_ambiguous) in that case.
    ///
    /// # Troubleshooting
    ///
    /// The server or a proxy is slow or overloaded. GitHub itself gives up after 10 seconds.
    /// Request smaller pages, or raise [`attempt_timeout`](crate::ClientBuilder::attempt_timeout)
    /// and [`read_timeout`](crate::ClientBuilder::read_timeout).
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout)
    }

    /// Returns true if the connection was closed before the response to a read was complete.
    ///
    /// A write is [ambiguous](Self::is_ambiguous) in that case.
    ///
    /// # Troubleshooting
    ///
    /// The server, a proxy or a firewall closed the connection, or your program shut down the tokio
    /// runtime during the call. A read can safely be repeated.
    pub fn is_interrupted(&self) -> bool {
        matches!(self.0.kind, Kind::Interrupted)
    }

    /// Returns true if GitHub did not accept the token (401).
    ///
    /// # Troubleshooting
    ///
    /// The token is invalid, expired or revoked, or belongs to another host. Replace it. If a
    /// [`TokenSource`](crate::TokenSource) can replace the token, the client has already retried
    /// the call with the replacement.
    pub fn is_unauthorized(&self) -> bool {
        self.has_status(|status| status == StatusCode::UNAUTHORIZED)
    }

    /// Returns true if GitHub accepts the token but does not allow the operation (403).
    ///
    /// # Troubleshooting
    ///
    /// The message names the permission that the operation needs and, if GitHub reports them, the
    /// permissions that it accepts and the scopes of the token. Compare them. If the organization
    /// requires single sign-on, authorize the token for it. The token's owner must be a bypass
    /// reviewer.
    pub fn is_forbidden(&self) -> bool {
        self.has_status(|status| status == StatusCode::FORBIDDEN)
    }

    /// Returns true if the client is rate limited (403 or 429). Nothing was changed.
    ///
    /// GitHub refused the request, or the client did not send it because a rate limit is in force.
    /// See [`retry_at`](Self::retry_at).
    ///
    /// # Troubleshooting
    ///
    /// Wait until [`retry_at`](Self::retry_at). The client waits by itself if the limit ends within
    /// [`max_rate_limit_wait`](crate::ClientBuilder::max_rate_limit_wait), 90 seconds by default.
    /// Clones of a client share one view of the rate limit, so clone the client instead of building
    /// several. Other programs that use the same token count towards the limit, too.
    pub fn is_rate_limited(&self) -> bool {
        matches!(self.0.kind, Kind::RateLimited { .. })
    }

    /// Returns true if the resource does not exist, or the token has no access to it (404).
    ///
    /// # Troubleshooting
    ///
    /// - Check the names, and that the number is the request's `number` and not its `id`.
    /// - GitHub hides resources from tokens that lack a permission. The message names the
    ///   permission that the operation needs.
    /// - The token's owner must be a bypass reviewer, and delegated bypass must be enabled.
    ///   Delegated bypass exists on GitHub Enterprise Cloud and GitHub Enterprise Server only.
    pub fn is_not_found(&self) -> bool {
        self.has_status(|status| status == StatusCode::NOT_FOUND)
    }

    /// Returns true if GitHub refused the input (422).
    ///
    /// # Troubleshooting
    ///
    /// The usual cause is a review of a request that is already decided: read the request, or use
    /// [`review_if_open`](crate::SecretScanning::review_if_open), which does not report that as an
    /// error. [`message`](Self::message) names the fields that GitHub refused.
    pub fn is_validation_failed(&self) -> bool {
        self.has_status(|status| status == StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Returns true if GitHub redirected the request and the redirect was not followed (3xx).
    ///
    /// Reads follow up to five redirects within the origin; writes follow none.
    ///
    /// # Troubleshooting
    ///
    /// The repository or the organization was renamed or transferred: use its current name. If the
    /// error occurs with every call, check the base URL: the redirect leads to another host, port
    /// or scheme, to which the client does not send the token.
    pub fn is_moved(&self) -> bool {
        self.has_status(|status| matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308))
    }

    /// Returns true if the server failed to process a read (5xx).
    ///
    /// A write is [ambiguous](Self::is_ambiguous) in that case.
    ///
    /// # Troubleshooting
    ///
    /// GitHub, or a proxy in front of it, is failing. The client retries reads before it reports
    /// this error. Try again later, at [`retry_at`](Self::retry_at) if there is one. If the error
    /// persists, give the [`request_id`](Self::request_id) to GitHub's support.
    pub fn is_server_error(&self) -> bool {
        self.has_status(|status| status.is_server_error())
    }

    /// Returns true if a response, or some items of a page, could not be decoded.
    ///
    /// # Troubleshooting
    ///
    /// - If the message names a media type such as `text/html`, a proxy or a captive portal sent
    ///   the response, or the base URL does not lead to an API.
    /// - If the response was compressed, a proxy compressed it, although the client does not
    ///   request that.
    /// - Otherwise the message names the field. Check whether a newer version of this crate knows
    ///   it. The other items of the page are delivered before the error, and a list can be resumed
    ///   after it.
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode(_) | Kind::BadItem(_))
    }

    /// Returns true if the response to a read exceeds the limit of the client.
    ///
    /// # Troubleshooting
    ///
    /// The default limit is 16 MiB. Request smaller pages with `per_page`, or raise
    /// [`max_body_bytes`](crate::ClientBuilder::max_body_bytes).
    pub fn is_body_too_large(&self) -> bool {
        matches!(self.0.kind, Kind::BodyTooLarge { .. })
    }

    /// Returns true if the client stopped before the end of the list because of the server's
    /// pagination.
    ///
    /// # Troubleshooting
    ///
    /// - The list has more than 1,000 pages: narrow it, or continue with the stream's `position()`
    ///   and [`List::resume`](crate::List::resume).
    /// - The link to the next page has no number or leads backwards, or five pages in a row contain
    ///   nothing new. This is a fault of the server or of a proxy. Try again later.
    pub fn is_pagination(&self) -> bool {
        matches!(self.0.kind, Kind::Pagination(_))
    }

    /// Returns true if GitHub may have recorded a write although its response was lost.
    ///
    /// # Troubleshooting
    ///
    /// After the write was sent, the connection failed, the call timed out or the server failed, and
    /// the client could not find out whether the write was recorded. Read the request before you try
    /// again; the message names the request or the response. If the token may review but not read,
    /// the client cannot find out: see
    /// [`review_if_open`](crate::SecretScanning::review_if_open).
    pub fn is_ambiguous(&self) -> bool {
        matches!(self.0.kind, Kind::Ambiguous(_))
    }

    /// Returns true if the state of the request conflicts with the review.
    ///
    /// Either the response to a review was lost and the request turned out to have a different
    /// decision or to have expired, or the review to undo no longer exists.
    ///
    /// # Troubleshooting
    ///
    /// The message describes the state of the request. Usually another reviewer decided first, or the
    /// review was already dismissed. Read the request to see whether anything is left to do.
    pub fn is_conflict(&self) -> bool {
        matches!(self.0.kind, Kind::Conflict(_))
    }

    /// Returns the status of the response, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0
            .response
            .as_ref()
            .map(|response| response.status.as_u16())
    }

    /// Returns GitHub's message, escaped for terminals and cut after 1 KiB.
    pub fn message(&self) -> Option<&str> {
        self.0.response.as_ref()?.message.as_deref()
    }

    /// Returns the URL of GitHub's documentation for this error, escaped like
    /// [`message`](Self::message).
    pub fn documentation_url(&self) -> Option<&str> {
        self.0.response.as_ref()?.documentation_url.as_deref()
    }

    /// Returns GitHub's id of the failed request. Give it to GitHub's support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.response.as_ref()?.meta.request_id.as_deref()
    }

    /// Returns when to try again, if the client is rate limited or the response has a `Retry-After`
    /// header.
    pub fn retry_at(&self) -> Option<DateTime<Utc>> {
        match self.0.kind {
            Kind::RateLimited { retry_at } => retry_at,
            _ => self.0.response.as_ref()?.retry_at,
        }
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The call that failed. `None` if the input was refused before there was a call.
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

impl Error {
    pub(crate) fn new(kind: Kind) -> Self {
        Self(Box::new(Inner {
            kind,
            called: None,
            while_obtaining_token: false,
            response: None,
            resume_at: None,
            per_page: None,
            source: None,
        }))
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::InvalidInput(message.into()))
    }

    /// Clones the error, for calls that wait for the same token and all return its error.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// Marks an error as coming from the token source. The call that needed the token reports it.
    ///
    /// A kind that could be mistaken for a failure of the call itself becomes
    /// [`TokenMissing`](Kind::TokenMissing): for example, a 404 to the request for a token does not
    /// mean that the bypass request does not exist.
    pub(crate) fn while_obtaining_token(mut self) -> Self {
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
        self.0.while_obtaining_token = true;
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

    /// Adds a description of what the client found when it read the request back.
    pub(crate) fn having_found(mut self, found: Option<String>) -> Self {
        if let (Kind::Ambiguous(message), Some(found)) = (&mut self.0.kind, found) {
            message.push_str("; when last read, ");
            message.push_str(&found);
        }
        self
    }

    /// Turns the error of a lost write into a conflict. `found` describes the state of the request.
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

    pub(crate) fn of_page_size(mut self, per_page: u32) -> Self {
        self.0.per_page = Some(per_page);
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

/// Lets functions accept any `TryInto` argument, including types whose conversion cannot fail.
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
