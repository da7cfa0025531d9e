//! Pauses a client and its clones while GitHub rate-limits them.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::response::headers::LONGEST_WAIT;
use crate::transport::delay::{doubled, jitter};
use crate::transport::lock::Lock;
use crate::transport::rate_limit::DEFAULT_WAIT;

/// A pause shared by all clones of a client.
///
/// A response that reports a rate limit closes the gate. Before a call sends a request, it waits
/// until the gate is open.
#[derive(Debug, Default)]
pub(crate) struct Gate(Lock<State>);

#[derive(Debug, Default)]
struct State {
    closed_until: Option<Instant>,
    closed_at: Option<Instant>,
    /// Consecutive rate limits for which GitHub did not say how long to wait.
    refusals_without_delay: u32,
}

impl Gate {
    /// Waits until the gate is open.
    ///
    /// # Errors
    ///
    /// Returns the remaining time immediately if the total wait would exceed `max_wait`.
    pub(crate) async fn pass(&self, max_wait: Duration) -> Result<(), Duration> {
        let started = Instant::now();
        while let Some(until) = self.closed_until() {
            let wait = until.saturating_duration_since(Instant::now());
            if started.elapsed().saturating_add(wait) > max_wait {
                return Err(wait);
            }
            // Spread the waiting calls: if all were sent at once, they would hit the limit again.
            // The gate may close again in the meantime, so the loop checks it again.
            sleep_until(until).await;
            sleep(jitter()).await;
        }
        Ok(())
    }

    /// Returns the time until the gate opens.
    pub(crate) fn remaining(&self) -> Duration {
        let until = self.closed_until();
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed_until().is_some()
    }

    /// Closes the gate for at least `wait`.
    pub(crate) fn close(&self, wait: Duration) {
        self.0.lock().close(wait);
    }

    /// Closes the gate after a refused attempt that started at `attempted_at`. Returns the delay.
    ///
    /// The delay is the one that GitHub `stated`. If it stated none, the delay doubles with each
    /// consecutive refusal. Refusals of attempts that were in flight together count as one. For
    /// that reason, counting and closing happen under one lock.
    pub(crate) fn record_refusal(
        &self,
        attempted_at: Instant,
        stated: Option<Duration>,
    ) -> Duration {
        let mut state = self.0.lock();
        let wait = stated.unwrap_or_else(|| {
            doubled(
                DEFAULT_WAIT,
                state.count_refusal(attempted_at),
                LONGEST_WAIT,
            )
        });
        state.close(wait);
        wait
    }

    /// Resets the count of refusals after an attempt that started at `attempted_at` and was not
    /// refused.
    pub(crate) fn reset_refusals(&self, attempted_at: Instant) {
        let mut state = self.0.lock();
        if !state.was_in_flight(attempted_at) {
            state.refusals_without_delay = 0;
        }
    }

    fn closed_until(&self) -> Option<Instant> {
        let mut state = self.0.lock();
        state.closed_until = state.closed_until.filter(|until| *until > Instant::now());
        state.closed_until
    }
}

impl State {
    fn close(&mut self, wait: Duration) {
        let until = Instant::now().checked_add(wait);
        self.closed_until = self.closed_until.max(until);
        self.closed_at = Some(Instant::now());
    }

    /// Returns true if an attempt that started at `attempted_at` was in flight when the gate was
    /// last closed.
    fn was_in_flight(&self, attempted_at: Instant) -> bool {
        self.closed_at
            .is_some_and(|closed_at| attempted_at < closed_at)
    }

    /// Counts a refusal without a stated delay. Returns the number of earlier ones.
    fn count_refusal(&mut self, attempted_at: Instant) -> u32 {
        if self.was_in_flight(attempted_at) {
            return self.refusals_without_delay.saturating_sub(1);
        }
        let before = self.refusals_without_delay;
        self.refusals_without_delay = before.saturating_add(1);
        before
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use tokio::time::advance;

    use super::*;
    use crate::transport::delay::MAX_JITTER;

    const MINUTE: Duration = Duration::from_secs(60);

    fn closed(wait: Duration) -> Gate {
        let gate = Gate::default();
        gate.close(wait);
        gate
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_waits_up_to_its_limit_and_fails_at_once_if_the_wait_is_longer() {
        let started = Instant::now();
        assert_eq!(Gate::default().pass(Duration::ZERO).await, Ok(()));
        let too_short = MINUTE - Duration::from_nanos(1);
        assert_eq!(closed(MINUTE).pass(too_short).await, Err(MINUTE));
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert_eq!(closed(MINUTE).pass(MINUTE).await, Ok(()));
        assert!((MINUTE..=MINUTE + MAX_JITTER).contains(&started.elapsed()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_gate_opens_after_the_longest_delay() {
        let gate = closed(MINUTE);
        gate.close(MINUTE / 2);
        assert_eq!(
            gate.remaining(),
            MINUTE,
            "a shorter delay does not open it earlier"
        );
        advance(MINUTE - Duration::from_millis(1)).await;
        assert!(gate.is_closed());
        advance(Duration::from_millis(1)).await;
        assert!(!gate.is_closed());
        assert_eq!(gate.remaining(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_of_one_burst_count_once_and_a_later_success_resets_the_count() {
        let gate = Gate::default();
        let refuse = |attempted_at| gate.record_refusal(attempted_at, None);
        let burst = Instant::now();
        advance(Duration::from_millis(1)).await;
        let waits = [refuse(burst), refuse(burst), refuse(burst)];
        assert_eq!(waits, [MINUTE; 3]);
        // An attempt that starts at the moment of closing belongs to the next burst.
        assert_eq!(refuse(Instant::now()), MINUTE * 2);
        advance(MINUTE * 2).await;
        assert_eq!(refuse(Instant::now()), MINUTE * 4);
        assert_eq!(refuse(burst), MINUTE * 4);
        gate.reset_refusals(burst);
        advance(MINUTE * 4).await;
        assert_eq!(refuse(Instant::now()), MINUTE * 8);
        advance(MINUTE * 8).await;
        let stated = gate.record_refusal(Instant::now(), Some(Duration::ZERO));
        assert_eq!(stated, Duration::ZERO, "a stated delay is used unchanged");
        gate.reset_refusals(Instant::now());
        assert_eq!(refuse(Instant::now()), MINUTE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_doubled_delay_is_capped_at_a_day() {
        let gate = Gate::default();
        let waits = (0..40).map(|_| gate.record_refusal(Instant::now(), None));
        assert_eq!(waits.max(), Some(LONGEST_WAIT));
    }

    #[test]
    fn simultaneous_refusals_are_one_burst() {
        let gate = Gate::default();
        let started = Instant::now();
        let together = Barrier::new(8);
        let refuse = || {
            together.wait();
            gate.record_refusal(started, None)
        };
        let waits: Vec<Duration> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(refuse)).collect();
            let waits = threads.into_iter().map(|thread| thread.join());
            waits.map(|wait| wait.expect("a wait")).collect()
        });
        assert_eq!(waits, [MINUTE; 8]);
    }
}
