//! The clock of the fake, which controls expiry, time periods, the rate limit and `Date`.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The clock of a [`Fake`](crate::Fake).
#[derive(Clone, Debug)]
pub struct Clock(Reading);

#[derive(Clone, Debug)]
enum Reading {
    /// The system's time plus the time by which the clock was advanced.
    Running {
        ahead: TimeDelta,
    },
    Standing {
        now: DateTime<Utc>,
    },
}

impl Clock {
    /// Creates a clock that follows the system clock.
    pub fn system() -> Self {
        Self(Reading::Running {
            ahead: TimeDelta::zero(),
        })
    }

    /// Creates a clock that stays at `now` until it is set or advanced.
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

/// Returns `instant + delta`. Saturates on overflow, because chrono's operator would panic.
pub(crate) fn later(instant: DateTime<Utc>, delta: TimeDelta) -> DateTime<Utc> {
    let end = if delta < TimeDelta::zero() {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    };
    instant.checked_add_signed(delta).unwrap_or(end)
}

/// Removes fractions of a second. The API does not show them, so they must not affect filters.
pub(crate) fn to_the_second(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.trunc_subsecs(0)
}
