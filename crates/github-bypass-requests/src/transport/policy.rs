//! The retry policy of an HTTP request, and the time limit of its call.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The limits on the attempts of one HTTP request within a call. Only the deadline applies to the
/// whole call.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) max_attempts: u32,
    /// The time after the start of the HTTP request during which it may be retried. Waiting for
    /// rate limits, tokens and turns does not count.
    pub(crate) retry_window: Duration,
    /// The limit on the total time that the HTTP request waits for rate limits.
    pub(crate) max_rate_limit_wait: Duration,
    pub(crate) rate_limit_retries: u32,
    /// The time at which the whole call must have ended, including all its waits. Set at the start
    /// of the call.
    pub(crate) deadline: Option<Deadline>,
}

/// The time limit of a call that has started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) limit: Duration,
}

impl Policy {
    /// Returns the policy of a call that starts now.
    pub(crate) fn started(&self, call_timeout: Option<Duration>) -> Self {
        let deadline = call_timeout.and_then(|limit| {
            let at = Instant::now().checked_add(limit)?;
            Some(Deadline { at, limit })
        });
        Self {
            deadline,
            ..self.clone()
        }
    }

    /// Sleeps until `due`, or until the deadline if that is earlier. Returns true if `due` came
    /// before the deadline.
    pub(crate) async fn sleep_until(&self, due: Instant) -> bool {
        let deadline = self.deadline.filter(|deadline| deadline.at <= due);
        sleep_until(deadline.map_or(due, |deadline| deadline.at)).await;
        deadline.is_none()
    }

    /// Returns true if this wait would use up the time that is left for the call.
    pub(crate) fn ends_within(&self, wait: Duration) -> bool {
        let deadline = self.deadline.filter(|_| !wait.is_zero());
        deadline
            .is_some_and(|deadline| deadline.at.saturating_duration_since(Instant::now()) <= wait)
    }

    /// Returns the policy without retries. The caller does its own retries.
    pub(crate) fn once(&self) -> Self {
        Self {
            max_attempts: 1,
            ..self.clone()
        }
    }

    /// Returns the policy without waits for rate limits.
    pub(crate) fn without_waiting(self) -> Self {
        Self {
            max_rate_limit_wait: Duration::ZERO,
            rate_limit_retries: 0,
            ..self
        }
    }
}
