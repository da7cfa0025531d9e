//! The rate-limit gate: while GitHub wants no requests, a client and all its clones send none.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

/// Open, or closed until an instant.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    closed_until: Option<Instant>,
    /// How often in a row GitHub has refused for the rate and not said for how long.
    untold: u32,
}

impl Gate {
    /// Waits until the gate is open. Gives up at once, with the time it would take, if that is
    /// longer than `max_wait`.
    pub(crate) async fn pass(&self, max_wait: Duration) -> Result<(), Duration> {
        loop {
            let Some(until) = self.closed_until() else {
                return Ok(());
            };
            let wait = until.saturating_duration_since(Instant::now());
            if wait > max_wait {
                return Err(wait);
            }
            // Not all at once when it opens; and it may be closed again by then, for longer.
            sleep_until(until).await;
            sleep(MAX_JITTER.mul_f64(fastrand::f64())).await;
        }
    }

    /// How long it stays closed.
    pub(crate) fn remaining(&self) -> Duration {
        let until = self.closed_until();
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed_until().is_some()
    }

    /// Closes the gate for at least this long.
    pub(crate) fn close(&self, wait: Duration) {
        let mut state = self.lock();
        // Beyond what the clock can count is as good as for ever.
        let until = Instant::now().checked_add(wait.min(FOR_EVER));
        state.closed_until = state.closed_until.max(until);
    }

    /// How often in a row GitHub has not said for how long, before this time.
    pub(crate) fn count_untold(&self) -> u32 {
        let mut state = self.lock();
        let before = state.untold;
        state.untold = before.saturating_add(1);
        before
    }

    /// A request was carried out.
    pub(crate) fn forget_untold(&self) {
        self.lock().untold = 0;
    }

    fn closed_until(&self) -> Option<Instant> {
        let mut state = self.lock();
        state.closed_until = state.closed_until.filter(|until| *until > Instant::now());
        state.closed_until
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MAX_JITTER: Duration = Duration::from_secs(1);
/// Longer than any wait; what a server says beyond it means the same.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);
