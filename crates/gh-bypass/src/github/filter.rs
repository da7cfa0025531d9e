//! The filters of a list.

use chrono::{DateTime, Days, Local, NaiveDate, NaiveTime, TimeDelta, Utc};
use github_bypass_requests::{Client, Queue, StatusFilter};

use crate::args::{FilterArgs, Kind, Status};
use crate::failure::{Failure, Result};
use crate::github::scope::Scope;

/// Selects the requests of a scope to read.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) kind: Kind,
    pub(crate) status: Status,
    requester: Option<String>,
    reviewer: Option<String>,
    since: Option<DateTime<Utc>>,
}

impl Filter {
    pub(crate) fn new(args: &FilterArgs, default: Status, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            kind: args.kind,
            status: args.status.unwrap_or(default),
            requester: args.requester.clone(),
            reviewer: args.reviewer.clone(),
            since: args
                .since
                .as_deref()
                .map(|since| parse_since(since, now))
                .transpose()?,
        })
    }

    /// Returns the queue of these requests.
    pub(crate) fn queue(&self, client: &Client, scope: &Scope) -> Queue {
        let mut queue = scope.queue(client, self.kind).status(self.status.into());
        if let Some(requester) = &self.requester {
            queue = queue.requester(requester);
        }
        if let Some(reviewer) = &self.reviewer {
            queue = queue.reviewer(reviewer);
        }
        if let Some(since) = self.since {
            queue = queue.since(since);
        }
        queue
    }
}

impl From<Status> for StatusFilter {
    fn from(status: Status) -> Self {
        match status {
            Status::Open => Self::Open,
            Status::Approved => Self::Approved,
            Status::Denied => Self::Denied,
            Status::Completed => Self::Completed,
            Status::Cancelled => Self::Cancelled,
            Status::Expired => Self::Expired,
            Status::Deleted => Self::Deleted,
            Status::All => Self::All,
        }
    }
}

/// Parses an age such as `3d`, or a date, which begins at midnight in the local time zone.
fn parse_since(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let invalid = || {
        Failure::usage(format!(
            "`--since` must be an age such as 12h, 3d or 2w, or a date such as 2026-11-01, not {text:?}"
        ))
    };
    if let Ok(date) = text.parse::<NaiveDate>() {
        let midnight = date
            .and_time(NaiveTime::MIN)
            .and_local_timezone(Local)
            .earliest();
        return midnight
            .map(|midnight| midnight.to_utc())
            .ok_or_else(invalid);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let unit = text.chars().last().ok_or_else(invalid)?;
    let number = text
        .strip_suffix(unit)
        .and_then(|number| number.parse::<u32>().ok())
        .ok_or_else(invalid)?;
    let start = match unit {
        'h' => now.checked_sub_signed(TimeDelta::hours(number.into())),
        'd' => now.checked_sub_days(Days::new(number.into())),
        'w' => now.checked_sub_days(Days::new(u64::from(number) * 7)),
        _ => None,
    };
    start.ok_or_else(invalid)
}
