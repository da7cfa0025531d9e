//! The creation times that a list covers.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::error::InvalidInput;
use crate::model::request::BypassRequest;
use crate::model::vocabulary::TimePeriod;

/// The range of creation times that a page covers.
///
/// The page is part of a list of all requests that were created from [`from`](Self::from) to
/// [`until`](Self::until) and pass the other filters.
///
/// The windows of a list's pages differ slightly, because each page is requested at a different
/// time. The list as a whole covers the time from the latest `from` to the earliest `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeWindow {
    /// The period that was requested from GitHub.
    pub time_period: TimePeriod,
    /// The start of the period, or the instant of [`List::since`](crate::List::since) if that is
    /// later. The list is complete from then on.
    ///
    /// GitHub does not document how long its month is. This field assumes 28 days, so a page may
    /// also contain older requests if `since` is not set.
    pub from: DateTime<Utc>,
    /// The time of the response by GitHub's clock, in whole seconds, or by the local clock if the
    /// response has no `Date` header.
    pub until: DateTime<Utc>,
}

/// The limit on the age of a list's requests.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reach {
    Period(TimePeriod),
    Since(DateTime<Utc>),
}

/// Allows for the difference between the local clock and the server's, and for the time that a
/// response takes.
const MARGIN: TimeDelta = TimeDelta::minutes(5);
/// An instant that is further in the future than this is a mistake. A nearer one may be the
/// [`TimeWindow::until`] of a page: `until` is the server's time, and the local clock may be
/// behind.
const MAX_AHEAD: TimeDelta = TimeDelta::days(1);

impl Reach {
    /// Rounds down to a whole second, because GitHub's timestamps have no fractions.
    pub(crate) fn since(instant: DateTime<Utc>) -> Self {
        Self::Since(instant.trunc_subsecs(0))
    }

    /// Returns an error if no list covers the instant. `now` is the local time.
    pub(crate) fn error(self, now: DateTime<Utc>) -> Option<InvalidInput> {
        let Self::Since(since) = self else {
            return None;
        };
        let earliest = start(TimePeriod::Month, latest_server_time(now));
        let message = if since < earliest {
            // The text has no fractions of a second, so round up.
            let earliest = earliest.checked_add_signed(TimeDelta::seconds(1))?;
            format!(
                "`since` must be {} or later, not {}, because GitHub may leave out older requests; \
                 use `time_period(TimePeriod::Month)` to get all requests that GitHub lists",
                text(earliest),
                text(since)
            )
        } else if since.signed_duration_since(now) > MAX_AHEAD {
            format!(
                "`since` must be at most one day in the future, not {}; the local time is {}",
                text(since),
                text(now)
            )
        } else {
            return None;
        };
        Some(InvalidInput::new(message))
    }

    /// Returns the shortest period before `now` that covers the instant, or the longest period if
    /// none does.
    pub(crate) fn period(self, now: DateTime<Utc>) -> TimePeriod {
        match self {
            Self::Period(period) => period,
            Self::Since(since) => [TimePeriod::Hour, TimePeriod::Day, TimePeriod::Week]
                .into_iter()
                .find(|period| start(*period, now) <= since)
                .unwrap_or(TimePeriod::Month),
        }
    }

    pub(crate) fn includes<D>(self, request: &BypassRequest<D>) -> bool {
        match self {
            Self::Period(_) => true,
            Self::Since(since) => request.created_at >= since,
        }
    }

    /// Returns the window of a page that was requested for `time_period` and received at `until`.
    pub(crate) fn window(self, time_period: TimePeriod, until: DateTime<Utc>) -> TimeWindow {
        let start = start(time_period, until);
        let from = match self {
            Self::Period(_) => start,
            Self::Since(since) => start.max(since),
        };
        TimeWindow {
            time_period,
            from,
            until,
        }
    }
}

/// Returns the latest time, by the server's clock, that the response to a request may contain if
/// the request is sent at the local time `now`.
pub(crate) fn latest_server_time(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_add_signed(MARGIN).unwrap_or(now)
}

/// Returns true if the first period is longer than the second.
pub(crate) fn is_longer(period: TimePeriod, than: TimePeriod) -> bool {
    length(period) > length(than)
}

/// Returns the start of the period that ends at `now`.
fn start(period: TimePeriod, now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(length(period)).unwrap_or(now)
}

fn length(period: TimePeriod) -> TimeDelta {
    match period {
        TimePeriod::Hour => TimeDelta::hours(1),
        TimePeriod::Day => TimeDelta::days(1),
        TimePeriod::Week => TimeDelta::days(7),
        // The shortest month.
        TimePeriod::Month => TimeDelta::days(28),
    }
}

/// Returns the maximum age of a request in a list of this period, with a margin: GitHub documents
/// neither the length of its month nor which clock it uses.
pub(crate) fn oldest_shown(period: TimePeriod) -> TimeDelta {
    let longest = match period {
        // The longest month.
        TimePeriod::Month => TimeDelta::days(31),
        _ => length(period),
    };
    longest + TimeDelta::hours(1)
}

fn text(instant: DateTime<Utc>) -> impl std::fmt::Display {
    instant.format("%Y-%m-%d %H:%M:%S UTC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use proptest::prelude::*;

    const SECOND: TimeDelta = TimeDelta::seconds(1);
    const DAY: TimeDelta = TimeDelta::days(1);

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0).single().unwrap()
    }

    fn since(age: TimeDelta) -> Reach {
        Reach::Since(noon() - age)
    }

    #[test]
    fn the_shortest_period_that_covers_the_instant_is_chosen() {
        for (age, period) in [
            (-DAY, TimePeriod::Hour),
            (TimeDelta::zero(), TimePeriod::Hour),
            (TimeDelta::hours(1), TimePeriod::Hour),
            (TimeDelta::hours(1) + SECOND, TimePeriod::Day),
            (DAY, TimePeriod::Day),
            (DAY + SECOND, TimePeriod::Week),
            (DAY * 7, TimePeriod::Week),
            (DAY * 7 + SECOND, TimePeriod::Month),
            (DAY * 28, TimePeriod::Month),
            (DAY * 1000, TimePeriod::Month),
        ] {
            assert_eq!(since(age).period(noon()), period, "{age}");
        }
    }

    #[test]
    fn an_instant_that_no_list_covers_is_an_error() {
        for age in [
            -MAX_AHEAD,
            TimeDelta::zero(),
            DAY * 28 - MARGIN - SECOND,
            DAY * 28 - MARGIN,
        ] {
            assert!(since(age).error(noon()).is_none(), "{age}");
        }
        let error = |age| since(age).error(noon()).unwrap().to_string();
        assert_eq!(
            error(DAY * 28 - MARGIN + SECOND),
            "`since` must be 2026-06-03 12:05:01 UTC or later, not 2026-06-03 12:04:59 UTC, because \
             GitHub may leave out older requests; use `time_period(TimePeriod::Month)` to get all \
             requests that GitHub lists"
        );
        assert_eq!(
            error(-MAX_AHEAD - SECOND),
            "`since` must be at most one day in the future, not 2026-07-02 12:00:01 UTC; the \
             local time is 2026-07-01 12:00:00 UTC"
        );
        for period in TimePeriod::ALL {
            assert!(Reach::Period(*period).error(noon()).is_none());
        }
    }

    #[test]
    fn the_oldest_request_in_a_list_is_a_little_older_than_its_period() {
        let hour = TimeDelta::hours(1);
        assert_eq!(oldest_shown(TimePeriod::Hour), hour * 2);
        assert_eq!(oldest_shown(TimePeriod::Month), DAY * 31 + hour);
    }

    #[test]
    fn a_window_starts_at_the_instant_or_at_the_start_of_the_period() {
        let from = |reach: Reach, period| noon() - reach.window(period, noon()).from;
        for (period, length) in [
            (TimePeriod::Hour, TimeDelta::hours(1)),
            (TimePeriod::Day, DAY),
            (TimePeriod::Week, DAY * 7),
            (TimePeriod::Month, DAY * 28),
        ] {
            assert_eq!(from(Reach::Period(period), period), length);
            assert_eq!(from(since(length - SECOND), period), length - SECOND);
            assert_eq!(from(since(length + SECOND), period), length);
        }
    }

    proptest! {
        #[test]
        fn any_instant_is_covered_or_an_error(age in -100 * 86_400_i64..100 * 86_400) {
            let since = since(TimeDelta::seconds(age));
            if since.error(noon()).is_none() {
                let latest = latest_server_time(noon());
                let window = since.window(since.period(latest), latest);
                prop_assert_eq!(latest - window.from, TimeDelta::seconds(age) + MARGIN);
            }
        }
    }

    #[test]
    fn the_first_and_last_instants_do_not_panic() {
        for since in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, noon()] {
                let reach = Reach::since(since);
                let _ = reach.error(now);
                let _ = reach.window(reach.period(now), now);
            }
        }
    }
}
