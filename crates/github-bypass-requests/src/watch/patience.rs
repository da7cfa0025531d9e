//! When to look again, and what to put up with meanwhile. Pure, but for the clock in `retry_at`.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::Error;

/// Whether a failure may pass by itself. All others are for people to mend.
pub(super) fn passes(error: &Error) -> bool {
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

/// What has happened, without a word of the server's.
pub(super) fn name(error: &Error) -> &'static str {
    if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "timeout"
    } else if error.is_interrupted() {
        "interrupted"
    } else if error.is_rate_limited() {
        "rate limited"
    } else if error.is_token_missing() {
        "no token"
    } else if error.is_decode() {
        "unreadable"
    } else {
        "unexpected status"
    }
}

/// Between two looks that went well: a tenth more or less, so that bots which were started together
/// drift apart. `jitter` is between 0 and 1.
pub(super) fn interval(every: Duration, jitter: f64) -> Duration {
    every.mul_f64(0.9 + 0.2 * jitter.clamp(0.0, 1.0))
}

/// After so many failures in a row, of which this is the last: twice as long each time, spread evenly
/// from half to one and a half of it.
pub(super) fn backoff(every: Duration, failures: u32, jitter: f64) -> Duration {
    let doubled = every.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    doubled
        .min(MAX_BACKOFF)
        .mul_f64(0.5 + jitter.clamp(0.0, 1.0))
}

/// How long the server itself has asked to wait.
pub(super) fn told(error: &Error, now: DateTime<Utc>) -> Duration {
    let wait = error.retry_at().map(|retry_at| retry_at - now);
    wait.and_then(|wait| wait.to_std().ok()).unwrap_or_default()
}

const MAX_BACKOFF: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_some_minutes() {
        let second = Duration::from_secs(1);
        for (every, failures, seconds) in [
            (1, 1, 1.0),
            (1, 2, 2.0),
            (1, 5, 16.0),
            (60, 1, 60.0),
            (60, 3, 240.0),
            (60, 4, 300.0),
            (86_400, 1, 300.0),
            (60, u32::MAX, 300.0),
        ] {
            let wait = |jitter| backoff(every * second, failures, jitter).as_secs_f64();
            assert_eq!(wait(0.5), seconds, "{every} {failures}");
            assert_eq!(wait(0.0), seconds / 2.0);
            assert_eq!(wait(1.0), seconds * 1.5);
        }
    }

    #[test]
    fn an_interval_is_what_was_asked_for_on_average() {
        let minute = Duration::from_secs(60);
        assert_eq!(interval(minute, 0.0), Duration::from_secs(54));
        assert_eq!(interval(minute, 0.5), minute);
        assert_eq!(interval(minute, 1.0).as_secs_f64().round(), 66.0);
    }
}
