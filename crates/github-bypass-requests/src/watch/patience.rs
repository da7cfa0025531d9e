//! Which failures of a poll are temporary, and when to poll again. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::Error;

/// Whether a failure may pass by itself. All others need a person.
pub(crate) fn is_temporary(error: &Error) -> bool {
    let refused = match error.status() {
        Some(408) => false,
        Some(status) => (300..500).contains(&status),
        None => false,
    };
    let ours = error.is_invalid_input()
        || error.is_token_missing()
        || error.is_body_too_large()
        || error.is_pagination();
    error.is_rate_limited() || !(refused || ours)
}

/// The interval after a successful poll: a tenth more or less, so that bots that were started together
/// drift apart. `random` is between 0 and 1.
pub(crate) fn interval(every: Duration, random: f64) -> Duration {
    every.mul_f64(0.9 + 0.2 * random.clamp(0.0, 1.0))
}

/// The wait that the server asked for.
pub(crate) fn stated_wait(error: &Error, now: DateTime<Utc>) -> Option<Duration> {
    let wait = (error.retry_at()? - now).to_std().ok()?;
    (!wait.is_zero()).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_what_was_asked_for_on_average() {
        let minute = Duration::from_secs(60);
        assert_eq!(interval(minute, 0.0), Duration::from_secs(54));
        assert_eq!(interval(minute, 0.5), minute);
        assert_eq!(interval(minute, 1.0).as_secs_f64().round(), 66.0);
    }
}
