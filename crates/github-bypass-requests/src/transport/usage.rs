//! Counts what a client sends and receives.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use serde::Serialize;

/// Counts of the HTTP requests and the received bytes of a client and its clones so far. Returned
/// by [`Client::usage`](crate::Client::usage).
///
/// Use it to report the cost of a run, or as counters for metrics. The numbers only grow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// HTTP requests sent, for any purpose.
    pub requests: u64,
    /// Requests sent again after a failure, a rate limit or a 401.
    pub retries: u64,
    /// Requests to which GitHub responded with 304. They do not count against GitHub's rate limit.
    /// Only watches send conditional requests.
    pub not_modified: u64,
    /// Installation tokens that the client requested for a GitHub App. GitHub has a separate limit
    /// for these requests. A token counts once here, even if its request is sent several times.
    /// `requests` counts every attempt, and `retries` counts every repetition.
    pub token_requests: u64,
    /// Reads of a bypass request after the response to a review or a dismissal was lost.
    pub read_backs: u64,
    /// Time that calls spent waiting for rate limits. Calls that wait at the same time are all
    /// counted.
    pub rate_limit_wait: Duration,
    /// Size of the response bodies as they were received: compressed, and without headers.
    pub bytes_received: u64,
}

/// The counters of a client and its clones.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) requests: AtomicU64,
    pub(crate) retries: AtomicU64,
    pub(crate) not_modified: AtomicU64,
    pub(crate) token_requests: AtomicU64,
    pub(crate) read_backs: AtomicU64,
    pub(crate) rate_limit_wait_millis: AtomicU64,
    pub(crate) bytes_received: AtomicU64,
}

impl Counters {
    pub(crate) fn usage(&self) -> Usage {
        let Self {
            requests,
            retries,
            not_modified,
            token_requests,
            read_backs,
            rate_limit_wait_millis,
            bytes_received,
        } = self;
        Usage {
            requests: requests.load(Relaxed),
            retries: retries.load(Relaxed),
            not_modified: not_modified.load(Relaxed),
            token_requests: token_requests.load(Relaxed),
            read_backs: read_backs.load(Relaxed),
            rate_limit_wait: Duration::from_millis(rate_limit_wait_millis.load(Relaxed)),
            bytes_received: bytes_received.load(Relaxed),
        }
    }
}

/// Adds to a counter.
pub(crate) fn count(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Relaxed);
}
