//! The spans and events that the client logs.
//!
//! The client logs with [`tracing`](https://docs.rs/tracing). A program that installs no subscriber
//! logs nothing. This example uses [tracing-subscriber](https://docs.rs/tracing-subscriber) with
//! its feature `env-filter`:
//!
//! ```ignore
//! use tracing_subscriber::EnvFilter;
//!
//! let filter = EnvFilter::new("warn,github_bypass_requests=debug");
//! tracing_subscriber::fmt().with_env_filter(filter).init();
//! ```
//!
//! The target of every span and event is `github_bypass_requests`. The libraries underneath, such
//! as reqwest, log with their own targets.
//!
//! # Span
//!
//! | level | span | fields | covers |
//! |---|---|---|---|
//! | DEBUG | `github_bypass_requests` | `operation`, `method`, `path` | one operation, such as reading a page or requesting an installation token, with all its attempts |
//!
//! If an operation needs a new installation token, its span contains the span of the token request.
//! If your filter disables DEBUG, it also disables the span, and events do not show their
//! operation.
//!
//! # Events
//!
//! | level | message | fields | logged when |
//! |---|---|---|---|
//! | DEBUG | `attempt finished` | `attempt`, `status`, `request_id`, `kind`, `verdict` | an attempt got a response or failed |
//! | DEBUG | `retrying` | `wait_ms` | an attempt failed, and the call will retry it |
//! | DEBUG | `retrying with another token` | | GitHub rejected the token, and the client has another one; or GitHub rejected the signature of a token request, and the client signs it again |
//! | DEBUG | `no token; the attempt was not sent` | `kind`, `status`, `request_id` | the token source failed |
//! | DEBUG | `received an installation token` | `lifetime_ms` | GitHub issued a token to an `AppInstallation` |
//! | WARN | `the token could not be renewed; the current one is still valid` | `kind`, `status`, `request_id` | a renewal failed; calls continue with the current token until it expires |
//! | WARN | `rate limited` | `limit`, `wait_ms` | GitHub refused a request because of a rate limit |
//! | WARN | `rate limit exhausted` | `wait_ms` | a response shows that the rate limit is used up, so GitHub would refuse the next request |
//! | WARN | `GitHub has deprecated an API that this client uses` | `deprecation`, `sunset` | a response has one of these headers; logged once for a client and its clones |
//! | WARN | `bypass requests of these organizations are missing from the list, because the token is not authorized for their single sign-on` | `missing_organizations` | a list is incomplete; logged once for a client and its clones |
//! | WARN | `polling the list failed` | `operation`, `scope`, `host`, `kind`, `status`, `request_id`, `consecutive_failures`, `wait_ms` | a poll of a watch failed, and the watch will poll again |
//! | WARN | `a request cannot be decoded and is skipped` | `operation`, `scope`, `host`, `request_id`, `error` | a watch received such a request; logged again each time its page changes |
//! | WARN | `a webhook delivery is refused` | `delivery`, `status`, `error` | the receiver refused a delivery, or its payload cannot be decoded; with the feature `webhooks` only |
//!
//! If a call or a stream returns an error, only its attempts are logged, and not the error. Log the
//! error where you handle it.
//!
//! # Fields
//!
//! A field without a value is left out.
//!
//! | field | value |
//! |---|---|
//! | `operation` | the id of the operation in GitHub's OpenAPI description, such as `secret-scanning/list-org-bypass-requests` |
//! | `method` | the HTTP method |
//! | `path` | the path of the operation, with placeholders: `/orgs/{org}/bypass-requests/secret-scanning` |
//! | `scope` | the enterprise, organization or repository of the list, such as `octo-org/smile` |
//! | `host` | the host of the server, with its port unless that is the default |
//! | `attempt` | the number of the attempt within its span, starting at 1; redirects count |
//! | `status` | the HTTP status of the response; for a delivery, the one to respond with |
//! | `request_id` | GitHub's request id |
//! | `kind` | the kind of the failure, which is the text of an [`ErrorKind`](crate::ErrorKind), such as `interrupted` |
//! | `verdict` | what the attempt means for the operation: `final`, `unverified` (a write succeeded, but the response may not be from GitHub), `ambiguous` (a write may have been recorded), `retry`, `rate_limited`, `unauthorized` or `redirected` |
//! | `limit` | the rate limit: `primary`, `secondary` or `other` |
//! | `wait_ms` | the wait in milliseconds: of a call before it retries, of a client before it sends the next request, or of a watch before it polls again |
//! | `consecutive_failures` | the number of polls that failed since the last success |
//! | `lifetime_ms` | how long the token is valid, in milliseconds |
//! | `deprecation`, `sunset` | the values of these headers |
//! | `missing_organizations` | the ids of the organizations |
//! | `delivery` | the id of the delivery. If the signature is invalid, anybody may have sent it |
//! | `error` | the text of the [`Error`](crate::Error), which names the item and the field that cannot be decoded; for a delivery, why it was refused |
//!
//! # Secrets
//!
//! No token, key, header or body is logged, with these exceptions: the request id, the values of
//! `Deprecation` and `Sunset`, the organization ids in `X-GitHub-SSO`, and the id of a delivery.
//! They are escaped and truncated.
//!
//! # Stability
//!
//! The target, the name of the span, the names of the fields, and the levels are part of the public
//! interface and follow semantic versioning. Messages, and the values of `verdict` and `error`, may
//! change in any release. Any release may also add spans, events and fields.

use tracing::{Span, debug_span};

/// The target of all spans and events. It does not change if a module moves.
pub(crate) const TARGET: &str = "github_bypass_requests";

/// Returns the span of an operation. `path` has placeholders.
pub(crate) fn call_span(operation: &str, method: &str, path: &str) -> Span {
    debug_span!(
        target: TARGET,
        "github_bypass_requests",
        operation,
        method,
        path
    )
}
