//! The retry policy of a call.

use std::time::Duration;

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
}

impl Policy {
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
