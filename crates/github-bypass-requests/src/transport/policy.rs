//! The retry policy of a call.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The limits on the attempts of one call.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) max_attempts: u32,
    /// How long after it started a call may still be retried. Waiting for rate limits, tokens and
    /// turns does not count.
    pub(crate) retry_window: Duration,
    /// The limit on all waits of the call together.
    pub(crate) max_rate_limit_wait: Duration,
    pub(crate) rate_limit_retries: u32,
    /// The limit on the whole call, with all its waits.
    pub(crate) call_timeout: Option<Duration>,
    /// When the call has to end because of `call_timeout`. Set when it starts.
    pub(crate) deadline: Option<Instant>,
}

impl Policy {
    /// Returns the policy of a call that starts now.
    pub(crate) fn started(&self, call_timeout: Option<Duration>) -> Self {
        Self {
            call_timeout,
            deadline: call_timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
            ..self.clone()
        }
    }

    /// Sleeps until `due`, or until the deadline if that is earlier. Returns false at the deadline.
    pub(crate) async fn sleep_until(&self, due: Instant) -> bool {
        let deadline = self.deadline.filter(|deadline| *deadline <= due);
        sleep_until(deadline.unwrap_or(due)).await;
        deadline.is_none()
    }

    /// Returns the policy without retries. The caller retries by itself.
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
