//! The start of an attempt.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// The start of an attempt on two clocks.
///
/// The monotonic clock stops while the machine sleeps. The system clock keeps running, but can be
/// set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) at: Instant,
    pub(crate) time: DateTime<Utc>,
}

impl Start {
    pub(crate) fn now() -> Self {
        Self {
            at: Instant::now(),
            time: Utc::now(),
        }
    }

    /// Returns the time since the start, without the time during which the machine slept.
    pub(crate) fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }

    /// Returns the longest time that may have passed since the start. If the system clock was set
    /// forward, the real time is shorter.
    pub(crate) fn longest_elapsed(&self) -> Duration {
        let elapsed = (Utc::now() - self.time).to_std().unwrap_or_default();
        elapsed.max(self.elapsed())
    }
}
