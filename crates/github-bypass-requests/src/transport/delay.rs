//! Exponential back-off and jitter.

use std::time::Duration;

/// Doubles `first` the given number of `times`, up to `max`.
pub(crate) fn doubled(first: Duration, times: u32, max: Duration) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(times)).min(max)
}

/// Exponential back-off: `first` after one failure, doubled after each further consecutive failure,
/// up to `max`. `random`, from 0 to 1, spreads the result evenly between 0.5 and 1.5 times that
/// delay.
pub(crate) fn backoff(first: Duration, failures: u32, max: Duration, random: f64) -> Duration {
    doubled(first, failures.saturating_sub(1), max).mul_f64(0.5 + random.clamp(0.0, 1.0))
}

/// Jitter of up to a second, added to a delay that the server requests. It prevents clients that
/// wait for the same instant from retrying all at once.
pub(crate) fn jitter() -> Duration {
    MAX_JITTER.mul_f64(fastrand::f64())
}

pub(crate) const MAX_JITTER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_backoff_doubles_up_to_its_maximum() {
        for (failures, seconds) in [
            (0, 1.0),
            (1, 1.0),
            (2, 2.0),
            (3, 4.0),
            (5, 16.0),
            (6, 20.0),
            (u32::MAX, 20.0),
        ] {
            let wait = |random| backoff(SECOND, failures, SECOND * 20, random).as_secs_f64();
            assert_eq!(wait(0.5), seconds);
            assert_eq!(wait(0.0), seconds / 2.0);
            assert_eq!(wait(1.0), seconds * 1.5);
        }
    }

    #[test]
    fn a_first_delay_above_the_maximum_is_capped() {
        assert_eq!(doubled(SECOND * 60, 0, SECOND), SECOND);
        assert_eq!(doubled(SECOND, 3, Duration::MAX), SECOND * 8);
    }

    proptest! {
        #[test]
        fn the_backoff_never_exceeds_one_and_a_half_times_its_maximum(
            failures in any::<u32>(), random in any::<f64>(),
        ) {
            prop_assume!(!random.is_nan());
            prop_assert!(backoff(SECOND, failures, SECOND * 20, random) <= SECOND * 30);
        }
    }
}
