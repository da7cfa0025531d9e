//! Times and durations, as people say them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// Returns the age, such as `2 hours ago`.
pub(crate) fn ago(instant: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let age = (now - instant).to_std().unwrap_or_default();
    if age.as_secs() < 60 {
        return "just now".to_owned();
    }
    timeago::Formatter::new().convert(age)
}

/// Returns the duration in its largest unit, such as `3 days`.
pub(crate) fn span(duration: TimeDelta) -> String {
    let mut formatter = timeago::Formatter::new();
    formatter.ago("");
    if duration < TimeDelta::minutes(1) {
        return "less than a minute".to_owned();
    }
    formatter.convert(duration.to_std().unwrap_or_default())
}

/// Returns the time left, such as `in 3 days`, or `expired`.
pub(crate) fn until(instant: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if instant <= now {
        return "expired".to_owned();
    }
    format!("in {}", span(instant - now))
}

/// Returns the time in RFC 3339, in whole seconds.
pub(crate) fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative_to_now() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        assert_eq!(ago(now - TimeDelta::hours(2), now), "2 hours ago");
        assert_eq!(ago(now + TimeDelta::hours(2), now), "just now");
        assert_eq!(until(now + TimeDelta::days(3), now), "in 3 days");
        assert_eq!(
            until(now + TimeDelta::seconds(3), now),
            "in less than a minute"
        );
        assert_eq!(until(now, now), "expired");
        assert_eq!(rfc3339(now), "2027-01-15T08:00:00Z");
    }
}
