//! The connection to one host: sends an attempt, and updates the shared limits from its response.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue};
use tokio::time::Instant;
use tracing::warn;

use crate::response::head::Head;
use crate::response::headers::{exhausted, missing_organizations, retry_after, text};
use crate::response::meta::RateLimit;
use crate::transport::base_url::BaseUrl;
use crate::transport::body;
use crate::transport::delay::{backoff, jitter};
use crate::transport::gate::Gate;
use crate::transport::lock::Lock;
use crate::transport::logging::TARGET;
use crate::transport::outcome::Outcome;
use crate::transport::pace::Pace;
use crate::transport::policy::Policy;
use crate::transport::retry_budget::RetryBudget;
use crate::transport::usage::Counters;
use crate::transport::verdict::Verdict;

/// The HTTP client for one host, with the limits that a client and its clones share.
pub(crate) struct Connection {
    pub(crate) base_url: BaseUrl,
    pub(crate) http: reqwest::Client,
    /// The host and the port of the proxy, for error messages.
    pub(crate) proxy: Option<String>,
    /// The headers of every request, except for the token.
    pub(crate) headers: HeaderMap,
    pub(crate) max_body: usize,
    pub(crate) max_error_body: usize,
    pub(crate) policy: Policy,
    pub(crate) retry_budget: RetryBudget,
    pub(crate) gate: Gate,
    pub(crate) pace: Pace,
    pub(crate) counters: Counters,
    /// The latest rate limit that a response stated, and the time of that response.
    pub(crate) rate_limit: Lock<Option<(RateLimit, DateTime<Utc>)>>,
    /// True once a deprecation has been logged. Later ones are not logged.
    pub(crate) has_warned_of_deprecation: AtomicBool,
    pub(crate) has_warned_of_missing: AtomicBool,
}

const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(20);

impl Connection {
    /// Sends the request once, and reads the response to its end.
    pub(crate) async fn send_once(
        &self,
        mut request: reqwest::Request,
        authorization: HeaderValue,
    ) -> Outcome {
        let headers = request.headers_mut();
        // The generated client sets this header to the version of `openapi/bypass-requests.yaml`.
        // GitHub ignores the header.
        headers.remove("api-version");
        headers.extend(self.headers.clone());
        headers.insert(AUTHORIZATION, authorization);
        let is_conditional = headers.contains_key(IF_NONE_MATCH);
        let mut response = match self.http.execute(request).await {
            Ok(response) => response,
            Err(error) => return Outcome::failed(error),
        };
        let head = Head {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
        };
        let limit = if head.status.is_success() {
            self.max_body
        } else {
            self.max_error_body
        };
        let received = &self.counters.bytes_received;
        let body = body::read(response, &head.encoding(), limit, received).await;
        Outcome::of(head, body, is_conditional)
    }

    /// Closes the gate if the response reports a rate limit. Warns of deprecations and of missing
    /// organizations.
    pub(crate) fn observe(
        &self,
        gate: &Gate,
        outcome: &Outcome,
        verdict: Verdict,
        attempted_at: Instant,
    ) {
        let Some(Head { headers, .. }) = outcome.head() else {
            return;
        };
        // Token requests have their own gate and their own rate limit.
        if verdict != Verdict::Unauthorized
            && std::ptr::eq(gate, &raw const self.gate)
            && let Some(rate_limit) = RateLimit::from_headers(headers)
        {
            *self.rate_limit.lock() = Some((rate_limit, Utc::now()));
        }
        if let Verdict::Limited(limit) = verdict {
            let stated = limit.stated_wait(headers, Utc::now());
            let wait = gate.record_refusal(attempted_at, stated);
            warn!(
                target: TARGET,
                limit = limit.as_str(),
                wait_ms = millis(wait),
                "rate limited"
            );
            return;
        }
        if matches!(
            verdict,
            Verdict::Final | Verdict::Unverified | Verdict::Unauthorized
        ) {
            gate.reset_refusals(attempted_at);
        }
        // The rate limit in a 401 is the one for anonymous requests.
        let wait = exhausted(headers, Utc::now());
        if let Some(wait) = wait.filter(|_| verdict != Verdict::Unauthorized) {
            warn!(target: TARGET, wait_ms = millis(wait), "rate limit exhausted");
            gate.close(wait);
        }
        let (deprecation, sunset) = (text(headers, "deprecation"), text(headers, "sunset"));
        if (deprecation.is_some() || sunset.is_some())
            && !self.has_warned_of_deprecation.swap(true, Relaxed)
        {
            warn!(
                target: TARGET,
                deprecation,
                sunset,
                "GitHub has deprecated an API that this client uses"
            );
        }
        let missing = missing_organizations(headers);
        if !missing.is_empty() && !self.has_warned_of_missing.swap(true, Relaxed) {
            warn!(
                target: TARGET,
                missing_organizations = ?missing,
                "bypass requests of these organizations are missing from the list, because the token \
                 is not authorized for their single sign-on"
            );
        }
    }

    /// Returns the delay before a retry, after `failures` consecutive failures: the back-off, or
    /// the `Retry-After` of the response if that is longer.
    pub(crate) fn retry_delay(&self, failures: u32, head: Option<&Head>) -> Duration {
        let stated = head.and_then(|head| retry_after(&head.headers, Utc::now()));
        let stated = stated.map_or(Duration::ZERO, |wait| wait + jitter());
        backoff(FIRST_BACKOFF, failures, MAX_BACKOFF, fastrand::f64()).max(stated)
    }
}

/// Returns the duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
