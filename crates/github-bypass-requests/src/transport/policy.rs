//! How often and how long a call is tried.

use std::time::Duration;

/// The limits of one call.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) max_attempts: u32,
    /// No retry starts later than this after its call did. Waits for rate limits, for a token and for
    /// a turn do not count.
    pub(crate) retry_window: Duration,
    pub(crate) max_rate_limit_wait: Duration,
    pub(crate) rate_limit_retries: u32,
}

impl Policy {
    /// For a call that its caller repeats.
    pub(crate) fn once(&self) -> Self {
        Self {
            max_attempts: 1,
            ..self.clone()
        }
    }

    /// For a call that waits for no rate limit.
    pub(crate) fn without_waiting(self) -> Self {
        Self {
            max_rate_limit_wait: Duration::ZERO,
            rate_limit_retries: 0,
            ..self
        }
    }
}
