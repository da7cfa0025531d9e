//! The fake's own time: expiry, time windows, the rate limit and `Date` follow it.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// What the fake takes for the time, and tells in `Date`.
#[derive(Clone, Debug)]
pub struct Clock(Reading);

#[derive(Clone, Debug)]
enum Reading {
    /// The system's time, moved by what the clock was advanced.
    Running {
        ahead: TimeDelta,
    },
    Standing {
        now: DateTime<Utc>,
    },
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self(Reading::Running {
            ahead: TimeDelta::zero(),
        })
    }

    /// A clock that stands at `now` until it is set or advanced.
    pub fn manual(now: DateTime<Utc>) -> Self {
        Self(Reading::Standing { now })
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self.0 {
            Reading::Running { ahead } => later(Utc::now(), ahead),
            Reading::Standing { now } => now,
        }
    }

    pub(crate) fn advance(&mut self, by: TimeDelta) {
        match &mut self.0 {
            Reading::Running { ahead } => *ahead = ahead.checked_add(&by).unwrap_or(*ahead),
            Reading::Standing { now } => *now = later(*now, by),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

/// `instant + delta`, held at the ends of time, where chrono's own operator panics.
pub(crate) fn later(instant: DateTime<Utc>, delta: TimeDelta) -> DateTime<Utc> {
    let end = if delta < TimeDelta::zero() {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    };
    instant.checked_add_signed(delta).unwrap_or(end)
}

/// The API shows no fractions of a second. What it does not show must not decide a filter.
pub(crate) fn to_the_second(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.trunc_subsecs(0)
}
