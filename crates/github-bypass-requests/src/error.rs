//! The error type of the crate.

mod advice;
mod display;
pub(crate) mod kind;
mod serialize;

use std::error::Error as StdError;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use github_bypass_requests_api::Operation;

use crate::error::kind::ErrorKind;
use crate::response::excerpt::Excerpt;
use crate::response::json::Malformed;
use crate::response::meta::ResponseMeta;

/// The error type of this crate.
///
/// The `is_*` predicates distinguish the failures that a program may want to handle. Their
/// documentation lists the usual causes and remedies. Later versions may add predicates. For an
/// HTTP status that no predicate covers, use [`status`](Self::status). For logs and metrics, use
/// [`kind`](Self::kind).
///
/// [`Display`](fmt::Display) writes one line: what was attempted, what happened, and what to do.
/// [`Debug`] writes the same line and the error's cause; `{:#?}` writes the fields. An error
/// serializes as an object with `kind`, `message` (the line), `status`, `request_id` and
/// `retry_at`. None of these representations shows a token or a response body. An error keeps the
/// metadata of the response, and the permissions and scopes that the response's headers name. Of
/// the body, it keeps GitHub's `message`, `errors` and `documentation_url`, escaped for terminals
/// and truncated to 1 KiB.
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
    reason: Reason,
    called: Option<Called>,
    /// True if the token source failed and the call was therefore not sent.
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
    /// The path of the base URL. `None` if the host is one of GitHub's cloud hosts.
    pub(crate) server_path: Option<String>,
    /// The host and the port of the proxy.
    pub(crate) proxy: Option<String>,
}

impl Called {
    /// Returns the host and, unless it is the default, the port.
    pub(crate) fn host(&self) -> &str {
        let host = self.origin.split_once("://");
        host.map_or(&self.origin, |(_, host)| host)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Reason {
    InvalidInput(String),
    TokenMissing(String),
    Connect,
    Timeout,
    /// The call took longer than `limit`.
    CallTimeout {
        limit: Duration,
    },
    Interrupted,
    Damaged,
    BodyTooLarge {
        limit: usize,
    },
    Status,
    RateLimited {
        retry_at: Option<DateTime<Utc>>,
    },
    Decode(Malformed),
    BadItem(BadItem),
    Pagination(String),
    Conflict(String),
    Ambiguous(String),
}

/// The first undecodable item of a page.
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

impl Reason {
    /// Returns the kind of an error with this reason. `status` is the status of the response.
    pub(crate) fn kind(&self, status: Option<u16>) -> ErrorKind {
        match self {
            Self::InvalidInput(_) => ErrorKind::InvalidInput,
            Self::TokenMissing(_) => ErrorKind::TokenMissing,
            Self::Connect => ErrorKind::Connect,
            Self::Timeout | Self::CallTimeout { .. } => ErrorKind::Timeout,
            Self::Interrupted | Self::Damaged => ErrorKind::Interrupted,
            Self::BodyTooLarge { .. } => ErrorKind::BodyTooLarge,
            Self::Status => match status {
                Some(401) => ErrorKind::Unauthorized,
                Some(403) => ErrorKind::Forbidden,
                Some(404) => ErrorKind::NotFound,
                Some(422) => ErrorKind::ValidationFailed,
                Some(301 | 302 | 303 | 307 | 308) => ErrorKind::Moved,
                Some(500..600) => ErrorKind::ServerError,
                _ => ErrorKind::OtherStatus,
            },
            Self::RateLimited { .. } => ErrorKind::RateLimited,
            Self::Decode(_) | Self::BadItem(_) => ErrorKind::Decode,
            Self::Pagination(_) => ErrorKind::Pagination,
            Self::Conflict(_) => ErrorKind::Conflict,
            Self::Ambiguous(_) => ErrorKind::Ambiguous,
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

/// The default message of an error about a missing token.
pub(crate) const NO_TOKEN: &str = "no token";

impl Error {
    /// Creates the error that a [`TokenSource`](crate::TokenSource) returns if it has no token.
    ///
    /// [`is_token_missing`](Self::is_token_missing) returns true for it. The message contains the
    /// cause, escaped and truncated, so the cause must not contain a secret. With the cause `the
    /// vault is sealed`, the message is `no token (the vault is sealed)`.
    pub fn no_token(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(Reason::TokenMissing(NO_TOKEN.to_owned()));
        error.0.source = Some(cause.into().into());
        error
    }

    /// Returns true if the client refused the input. The call was not sent.
    ///
    /// # Troubleshooting
    ///
    /// The message names the invalid value and, in most cases, the valid ones. Usual causes are an
    /// empty or misspelled name, a number below 1, a review message of more than 2048 characters,
    /// and a base URL that does not use https. A token that contains a space or a line break is
    /// invalid input as well. Correct the value: a retry without a change fails again.
    pub fn is_invalid_input(&self) -> bool {
        self.kind() == ErrorKind::InvalidInput
    }

    /// Returns true if no token was configured, found or issued. The call was not sent.
    ///
    /// # Troubleshooting
    ///
    /// - The environment has no token for this host. The message names the variables; see
    ///   [`token_from_env`](crate::ClientBuilder::token_from_env).
    /// - The GitHub CLI is not logged in to this host, or GitHub did not issue a token to the app.
    ///   The message names the cause.
    /// - Your own [`TokenSource`](crate::TokenSource) returned an error.
    pub fn is_token_missing(&self) -> bool {
        self.kind() == ErrorKind::TokenMissing
    }

    /// Returns true if no connection could be established: name resolution, TCP or TLS failed.
    ///
    /// The last attempt was not sent, and nothing was changed.
    ///
    /// # Troubleshooting
    ///
    /// The message names the host and the cause. Check the spelling of the base URL: a misspelled
    /// host looks like one that is down. Check the proxy that is set with
    /// [`proxy`](crate::ClientBuilder::proxy), `HTTPS_PROXY` or `ALL_PROXY`. If the server's
    /// certificate is from a private authority, add the authority with
    /// [`root_certificate_pem`](crate::ClientBuilder::root_certificate_pem).
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// Returns true if the response to a read, or the whole call, took too long.
    ///
    /// If a write was sent and its outcome is unknown, the error is [ambiguous](Self::is_ambiguous)
    /// instead. If this method returns true for a write, the write was not recorded.
    ///
    /// # Troubleshooting
    ///
    /// The server or a proxy is slow or overloaded. GitHub itself gives up on a request after 10
    /// seconds. Request smaller pages, or raise
    /// [`attempt_timeout`](crate::ClientBuilder::attempt_timeout) and
    /// [`read_timeout`](crate::ClientBuilder::read_timeout). If the message names the limit of the
    /// call, raise [`call_timeout`](crate::ClientBuilder::call_timeout), and check whether the
    /// client is rate limited or has many calls in flight.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Returns true if the response to a read was incomplete or damaged.
    ///
    /// For a write, the error is [ambiguous](Self::is_ambiguous) instead.
    ///
    /// # Troubleshooting
    ///
    /// The server, a proxy or a firewall closed the connection, or your program shut down the tokio
    /// runtime during the call. If the message says that the response is damaged, a proxy changed
    /// or truncated its compressed body. A read can safely be repeated.
    pub fn is_interrupted(&self) -> bool {
        self.kind() == ErrorKind::Interrupted
    }

    /// Returns true if GitHub did not accept the token (401).
    ///
    /// # Troubleshooting
    ///
    /// The token is invalid, expired or revoked, or belongs to another host. Replace it. If a
    /// [`TokenSource`](crate::TokenSource) can replace the token, the client has already retried
    /// the call with the replacement.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Unauthorized
    }

    /// Returns true if GitHub accepts the token but does not allow the operation (403).
    ///
    /// # Troubleshooting
    ///
    /// The message names the permission that the operation needs. It also names the permissions
    /// that GitHub would accept and the scopes that the token has, if GitHub reports them. If the
    /// organization requires single sign-on, authorize the token for it. The token's owner must be
    /// a bypass reviewer.
    pub fn is_forbidden(&self) -> bool {
        self.kind() == ErrorKind::Forbidden
    }

    /// Returns true if the client is rate limited (403 or 429). Nothing was changed.
    ///
    /// GitHub refused the request, or the client did not send it because a rate limit is in force.
    /// See [`retry_at`](Self::retry_at).
    ///
    /// # Troubleshooting
    ///
    /// Wait until [`retry_at`](Self::retry_at). The client waits automatically if the limit ends
    /// within [`max_rate_limit_wait`](crate::ClientBuilder::max_rate_limit_wait), 90 seconds by
    /// default. Clones of a client share one view of the rate limit, so clone the client instead of
    /// building several. Other programs that use the same token count towards the limit, too.
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
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
        self.kind() == ErrorKind::NotFound
    }

    /// Returns true if GitHub refused the input (422).
    ///
    /// # Troubleshooting
    ///
    /// The usual cause is a review of a request that has already been decided: read the request, or
    /// use [`review_if_open`](crate::SecretScanning::review_if_open), which does not report that as
    /// an error. [`message`](Self::message) names the fields that GitHub refused.
    pub fn is_validation_failed(&self) -> bool {
        self.kind() == ErrorKind::ValidationFailed
    }

    /// Returns true if GitHub redirected the request and the redirect was not followed (3xx).
    ///
    /// Reads follow up to five redirects within the same origin; writes follow none.
    ///
    /// # Troubleshooting
    ///
    /// The repository or the organization was renamed or transferred: use its current name. If the
    /// error occurs with every call, check the base URL: the redirect leads to another host, port
    /// or scheme, to which the client does not send the token.
    pub fn is_moved(&self) -> bool {
        self.kind() == ErrorKind::Moved
    }

    /// Returns true if the server failed to process a read (5xx).
    ///
    /// For a write, the error is [ambiguous](Self::is_ambiguous) instead.
    ///
    /// # Troubleshooting
    ///
    /// GitHub, or a proxy in front of it, is failing. The client retries reads before it reports
    /// this error. Try again later, at [`retry_at`](Self::retry_at) if it returns a time. If the
    /// error persists, give the [`request_id`](Self::request_id) to GitHub Support.
    pub fn is_server_error(&self) -> bool {
        self.kind() == ErrorKind::ServerError
    }

    /// Returns true if a response, or some items of a page, could not be decoded.
    ///
    /// # Troubleshooting
    ///
    /// - If the message names a media type such as `text/html`, a proxy or a captive portal sent
    ///   the response, or the base URL does not lead to an API.
    /// - If the message names a compression such as `br`, a proxy compressed the response: the
    ///   client requests gzip only.
    /// - Otherwise, the message names the field. Check whether a newer version of this crate
    ///   supports it. The other items of the page are delivered before the error, and the list can
    ///   be resumed afterwards.
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }

    /// Returns true if the response to a read exceeds the client's size limit.
    ///
    /// # Troubleshooting
    ///
    /// The default limit is 16 MiB. Request smaller pages with `per_page`, or raise
    /// [`max_body_bytes`](crate::ClientBuilder::max_body_bytes).
    pub fn is_body_too_large(&self) -> bool {
        self.kind() == ErrorKind::BodyTooLarge
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
        self.kind() == ErrorKind::Pagination
    }

    /// Returns true if GitHub may have recorded a write although its response was lost.
    ///
    /// # Troubleshooting
    ///
    /// The write was sent. Then the connection failed, the call timed out or the server failed, and
    /// the client could not find out whether the write was recorded. Read the bypass request
    /// before you try again. The message names the bypass request; for a dismissal, it names the
    /// bypass response instead. If the
    /// token can be used to review requests but not to read them, the client cannot find out
    /// whether a review was recorded: see
    /// [`review_if_open`](crate::SecretScanning::review_if_open).
    pub fn is_ambiguous(&self) -> bool {
        self.kind() == ErrorKind::Ambiguous
    }

    /// Returns true if the state of the request conflicts with the review.
    ///
    /// - The response to a review was lost, and the request has since expired or has a different
    ///   decision.
    /// - The review to undo no longer exists.
    ///
    /// # Troubleshooting
    ///
    /// The message describes the state of the request. Usually another reviewer decided first, or
    /// the review was already dismissed. Read the request to see whether anything is left to do.
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// Returns the kind of the error, for logs and metrics. There is one kind for each `is_*`
    /// predicate.
    ///
    /// # Examples
    ///
    /// ```
    /// use github_bypass_requests::{Client, ErrorKind};
    ///
    /// let error = Client::builder().token("two words").build().expect_err("an invalid token");
    /// assert_eq!(error.kind(), ErrorKind::InvalidInput);
    /// assert_eq!(error.kind().to_string(), "invalid_input");
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.reason.kind(self.status())
    }

    /// Returns the status of the response, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0
            .response
            .as_ref()
            .map(|response| response.status.as_u16())
    }

    /// Returns GitHub's message, escaped for terminals and truncated to 1 KiB.
    pub fn message(&self) -> Option<&str> {
        self.0.response.as_ref()?.message.as_deref()
    }

    /// Returns the URL of GitHub's documentation for this error, escaped like
    /// [`message`](Self::message).
    pub fn documentation_url(&self) -> Option<&str> {
        self.0.response.as_ref()?.documentation_url.as_deref()
    }

    /// Returns GitHub's id for the failed request. Include it when you contact GitHub Support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.response.as_ref()?.meta.request_id.as_deref()
    }

    /// Returns the time at which to try again, if the client is rate limited or the response has a
    /// `Retry-After` header.
    pub fn retry_at(&self) -> Option<DateTime<Utc>> {
        match self.0.reason {
            Reason::RateLimited { retry_at } => retry_at,
            _ => self.0.response.as_ref()?.retry_at,
        }
    }

    /// Returns true if the response is complete, and its status is neither a success nor a server
    /// error.
    pub(crate) fn has_final_status(&self) -> bool {
        matches!(self.0.reason, Reason::Status) && !self.is_server_error()
    }

    /// The call that failed. `None` if the input was refused before the call started.
    pub(crate) fn called(&self) -> Option<&Called> {
        self.0.called.as_ref()
    }
}

impl Error {
    pub(crate) fn new(reason: Reason) -> Self {
        Self(Box::new(Inner {
            reason,
            called: None,
            while_obtaining_token: false,
            response: None,
            resume_at: None,
            per_page: None,
            source: None,
        }))
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Reason::InvalidInput(message.into()))
    }

    /// Clones the error, so that all calls that waited for the same token can return it.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// Marks an error as coming from the token source. The call that needed the token reports it.
    ///
    /// A reason that could be mistaken for a failure of the call itself becomes
    /// [`TokenMissing`](Reason::TokenMissing). For example, a 404 response to the token request
    /// must not look as if the bypass request did not exist.
    pub(crate) fn while_obtaining_token(mut self) -> Self {
        let is_kept = match &self.0.reason {
            Reason::Status => !self.has_final_status(),
            reason => matches!(
                reason,
                Reason::InvalidInput(_)
                    | Reason::TokenMissing(_)
                    | Reason::Connect
                    | Reason::Timeout
                    | Reason::CallTimeout { .. }
                    | Reason::Interrupted
                    | Reason::Damaged
                    | Reason::RateLimited { .. }
            ),
        };
        if !is_kept {
            self.0.reason = Reason::TokenMissing(NO_TOKEN.to_owned());
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

    /// Adds a description of the state that the client found when it read the bypass request or
    /// response after the write.
    pub(crate) fn having_found(mut self, found: Option<String>) -> Self {
        if let (Reason::Ambiguous(message), Some(found)) = (&mut self.0.reason, found) {
            message.push_str("; when last read, ");
            message.push_str(&found);
        }
        self
    }

    /// Turns the error of a write whose response was lost into a conflict. `found` describes the
    /// state of the request.
    pub(crate) fn into_conflict(mut self, found: String) -> Self {
        self.0.reason = Reason::Conflict(found);
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
