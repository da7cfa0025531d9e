//! Classifies the failures of a poll, and calculates when to poll again. Pure functions.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::Error;

/// Returns true if the failure may go away without any action by the user.
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

/// Returns true if GitHub refused the token or hid the list. Once a poll has succeeded, that can be
/// temporary, too.
pub(crate) fn is_refusal(error: &Error) -> bool {
    error.is_unauthorized() || error.is_forbidden() || error.is_not_found()
}

/// The interval after a successful poll: `every`, shortened or lengthened by up to 10%. `random` is
/// between 0 and 1.
pub(crate) fn interval(every: Duration, random: f64) -> Duration {
    every.mul_f64(0.9 + 0.2 * random.clamp(0.0, 1.0))
}

/// The wait that the server requested.
pub(crate) fn stated_wait(error: &Error, now: DateTime<Utc>) -> Option<Duration> {
    let wait = (error.retry_at()? - now).to_std().ok()?;
    (!wait.is_zero()).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_interval_is_the_configured_one() {
        let minute = Duration::from_secs(60);
        assert_eq!(interval(minute, 0.0), Duration::from_secs(54));
        assert_eq!(interval(minute, 0.5), minute);
        assert_eq!(interval(minute, 1.0).as_secs_f64().round(), 66.0);
    }
}
