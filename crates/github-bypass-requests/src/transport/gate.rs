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
    /// When it was closed last.
    closed_at: Option<Instant>,
    /// How often in a row GitHub has refused for the rate and not said for how long.
    untold: u32,
}

impl Gate {
    /// Waits until the gate is open. Gives up, with the time it would still take, as soon as that
    /// would make it longer than `max_wait` in all.
    pub(crate) async fn pass(&self, max_wait: Duration) -> Result<(), Duration> {
        let started = Instant::now();
        while let Some(until) = self.closed_until() {
            let wait = until.saturating_duration_since(Instant::now());
            if started.elapsed().saturating_add(wait) > max_wait {
                return Err(wait);
            }
            // Not all at once when it opens; and it may be closed again by then, for longer.
            sleep_until(until).await;
            sleep(jitter()).await;
        }
        Ok(())
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
        self.lock().close(wait);
    }

    /// Closes the gate after a refusal of an attempt that began at `attempted_at`. `wait` makes the
    /// time of how often in a row GitHub has not said it; refusals of one burst count once.
    ///
    /// Counted and closed at once: what is refused at the same moment elsewhere is of this burst.
    pub(crate) fn refuse(
        &self,
        attempted_at: Instant,
        is_told: bool,
        wait: impl FnOnce(u32) -> Duration,
    ) -> Duration {
        let mut state = self.lock();
        let untold = if is_told {
            0
        } else {
            state.count_untold(attempted_at)
        };
        let wait = wait(untold);
        state.close(wait);
        wait
    }

    /// A request was carried out that began at `attempted_at`.
    pub(crate) fn forget_untold(&self, attempted_at: Instant) {
        let mut state = self.lock();
        if state
            .closed_at
            .is_none_or(|closed_at| attempted_at >= closed_at)
        {
            state.untold = 0;
        }
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

impl State {
    fn close(&mut self, wait: Duration) {
        let until = Instant::now().checked_add(wait.min(LONGEST_WAIT));
        self.closed_until = self.closed_until.max(until);
        self.closed_at = Some(Instant::now());
    }

    fn count_untold(&mut self, attempted_at: Instant) -> u32 {
        if self
            .closed_at
            .is_some_and(|closed_at| attempted_at < closed_at)
        {
            return self.untold.saturating_sub(1);
        }
        let before = self.untold;
        self.untold = before.saturating_add(1);
        before
    }
}

/// Added to what a server asks for, so that those who wait do not come back all at once.
pub(crate) fn jitter() -> Duration {
    MAX_JITTER.mul_f64(fastrand::f64())
}

const MAX_JITTER: Duration = Duration::from_secs(1);
/// GitHub's limits end within the hour. One absurd header must not silence for good a client that
/// nobody watches.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use tokio::time::advance;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn closed(wait: Duration) -> Gate {
        let gate = Gate::default();
        gate.close(wait);
        gate
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_waited_for_as_long_as_the_patience_lasts_and_no_longer() {
        let started = Instant::now();
        assert_eq!(Gate::default().pass(Duration::ZERO).await, Ok(()));
        let impatient = MINUTE - Duration::from_nanos(1);
        assert_eq!(closed(MINUTE).pass(impatient).await, Err(MINUTE));
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert_eq!(closed(MINUTE).pass(MINUTE).await, Ok(()));
        assert!((MINUTE..=MINUTE + MAX_JITTER).contains(&started.elapsed()));
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_when_its_time_has_come() {
        let gate = closed(MINUTE);
        gate.close(MINUTE / 2);
        assert_eq!(gate.remaining(), MINUTE, "never sooner than it was told");
        advance(MINUTE - Duration::from_millis(1)).await;
        assert!(gate.is_closed());
        advance(Duration::from_millis(1)).await;
        assert!(!gate.is_closed());
        assert_eq!(gate.remaining(), Duration::ZERO);
        assert_eq!(closed(Duration::MAX).remaining(), LONGEST_WAIT);
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_of_one_burst_count_once_and_a_success_after_them_ends_the_count() {
        let gate = Gate::default();
        let refuse = |attempted_at| {
            let mut counted = None;
            gate.refuse(attempted_at, false, |untold| {
                counted = Some(untold);
                MINUTE
            });
            counted.expect("a count")
        };
        let burst = Instant::now();
        advance(Duration::from_millis(1)).await;
        assert_eq!([refuse(burst), refuse(burst), refuse(burst)], [0, 0, 0]);
        // One that began just when the gate was closed last is of the next.
        assert_eq!(refuse(Instant::now()), 1);
        advance(MINUTE).await;
        assert_eq!(refuse(Instant::now()), 2);
        assert_eq!(refuse(burst), 2);
        gate.forget_untold(burst);
        advance(MINUTE).await;
        assert_eq!(refuse(Instant::now()), 3);
        advance(MINUTE).await;
        let told = gate.refuse(Instant::now(), true, |untold| MINUTE * untold);
        assert_eq!(told, Duration::ZERO, "what is told does not count");
        gate.forget_untold(Instant::now());
        assert_eq!(refuse(Instant::now()), 0);
    }

    #[test]
    fn refusals_at_the_same_moment_are_one_burst() {
        let gate = Gate::default();
        let began = Instant::now();
        let together = Barrier::new(8);
        let refuse = || {
            together.wait();
            gate.refuse(began, false, |untold| {
                std::thread::yield_now();
                MINUTE * 2_u32.pow(untold)
            })
        };
        let waits: Vec<Duration> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(refuse)).collect();
            let waits = threads.into_iter().map(|thread| thread.join());
            waits.map(|wait| wait.expect("a wait")).collect()
        });
        assert_eq!(waits, [MINUTE; 8]);
    }
}
