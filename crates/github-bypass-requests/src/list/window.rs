//! How far back a list reaches.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::error::InvalidInput;
use crate::model::request::BypassRequest;
use crate::model::vocabulary::TimePeriod;

/// Which requests a page was chosen from, by when they were made: all from [`from`](Self::from) to
/// [`until`](Self::until), as far as the list's other filters let them through.
///
/// The pages of one list tell slightly different windows, for each was asked for at its own time;
/// what a list covers as a whole begins with the latest `from` and ends with the first `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeWindow {
    /// The period that GitHub was asked for.
    pub time_period: TimePeriod,
    /// From when on no request is left out: where the period began, or the instant of
    /// [`List::since`](crate::List::since) if that is later.
    ///
    /// GitHub does not say how long its month is. Here it has 28 days, which are certain; without
    /// `since`, older requests may be among the items.
    pub from: DateTime<Utc>,
    /// When GitHub answered, to the second, by its own clock; where the answer does not tell it, by
    /// the local one.
    pub until: DateTime<Utc>,
}

/// How far back a list is asked to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reach {
    Period(TimePeriod),
    Since(DateTime<Utc>),
}

/// How far the local clock may differ from the server's, and how long an answer may take.
const MARGIN: TimeDelta = TimeDelta::minutes(5);
/// What lies ahead by more is a mistake. By less, it may be the server's own time, from a page's
/// [`TimeWindow::until`], where the local clock is slow.
const AHEAD: TimeDelta = TimeDelta::days(1);

impl Reach {
    /// To the whole second before, for that is what GitHub tells of a request that was made within it.
    pub(crate) fn since(instant: DateTime<Utc>) -> Self {
        Self::Since(instant.trunc_subsecs(0))
    }

    /// Why no list can reach so far, if none can. `now` is the local clock.
    pub(crate) fn refusal(self, now: DateTime<Utc>) -> Option<InvalidInput> {
        let Self::Since(since) = self else {
            return None;
        };
        let earliest = start(TimePeriod::Month, latest(now));
        let message = if since < earliest {
            // The next whole second, for the text has no fractions.
            let earliest = earliest.checked_add_signed(TimeDelta::seconds(1))?;
            format!(
                "requests since {} lie further back than GitHub is certain to show; the earliest \
                 instant is {}, and .time_period(TimePeriod::Month) gives all there is",
                text(since),
                text(earliest)
            )
        } else if since.signed_duration_since(now) > AHEAD {
            format!(
                "requests since {} are yet to come; it is {}",
                text(since),
                text(now)
            )
        } else {
            return None;
        };
        Some(InvalidInput::new(message))
    }

    /// The shortest period that, once it has become `now`, reaches so far; the longest if none does.
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

    /// What an answer of `until` covers, if it was asked for `time_period`.
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

/// What the server's clock may show when it answers a request of `now`, by ours.
pub(crate) fn latest(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_add_signed(MARGIN).unwrap_or(now)
}

/// Whether one period reaches further back than another.
pub(crate) fn is_longer(period: TimePeriod, than: TimePeriod) -> bool {
    length(period) > length(than)
}

/// Where a period begins that ends now.
fn start(period: TimePeriod, now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(length(period)).unwrap_or(now)
}

fn length(period: TimePeriod) -> TimeDelta {
    match period {
        TimePeriod::Hour => TimeDelta::hours(1),
        TimePeriod::Day => TimeDelta::days(1),
        TimePeriod::Week => TimeDelta::days(7),
        // No month is shorter.
        TimePeriod::Month => TimeDelta::days(28),
    }
}

/// How old a request can be that a list of this period shows, and some more: nobody tells how long a
/// month is, or whose clock counts.
pub(crate) fn oldest_shown(period: TimePeriod) -> TimeDelta {
    let longest = match period {
        // No month is longer.
        TimePeriod::Month => TimeDelta::days(31),
        _ => length(period),
    };
    longest + TimeDelta::hours(1)
}

fn text(instant: DateTime<Utc>) -> impl std::fmt::Display {
    instant.format("%Y-%m-%dT%H:%M:%SZ")
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
    fn what_no_list_shows_is_refused() {
        for age in [
            -AHEAD,
            TimeDelta::zero(),
            DAY * 28 - MARGIN - SECOND,
            DAY * 28 - MARGIN,
        ] {
            assert!(since(age).refusal(noon()).is_none(), "{age}");
        }
        let refused = |age| since(age).refusal(noon()).unwrap().to_string();
        assert_eq!(
            refused(DAY * 28 - MARGIN + SECOND),
            "requests since 2026-06-03T12:04:59Z lie further back than GitHub is certain to show; \
             the earliest instant is 2026-06-03T12:05:01Z, and .time_period(TimePeriod::Month) \
             gives all there is"
        );
        assert_eq!(
            refused(-AHEAD - SECOND),
            "requests since 2026-07-02T12:00:01Z are yet to come; it is 2026-07-01T12:00:00Z"
        );
        for period in TimePeriod::ALL {
            assert!(Reach::Period(*period).refusal(noon()).is_none());
        }
    }

    #[test]
    fn what_a_list_may_still_show_is_a_little_older_than_its_period() {
        let hour = TimeDelta::hours(1);
        assert_eq!(oldest_shown(TimePeriod::Hour), hour * 2);
        assert_eq!(oldest_shown(TimePeriod::Month), DAY * 31 + hour);
    }

    #[test]
    fn a_window_begins_with_the_instant_or_where_the_period_begins() {
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
        fn any_instant_is_covered_or_refused(age in -100 * 86_400_i64..100 * 86_400) {
            let since = since(TimeDelta::seconds(age));
            if since.refusal(noon()).is_none() {
                let latest = latest(noon());
                let window = since.window(since.period(latest), latest);
                prop_assert_eq!(latest - window.from, TimeDelta::seconds(age) + MARGIN);
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_instants_too() {
        for since in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, noon()] {
                let reach = Reach::since(since);
                let _ = reach.refusal(now);
                let _ = reach.window(reach.period(now), now);
            }
        }
    }
}
