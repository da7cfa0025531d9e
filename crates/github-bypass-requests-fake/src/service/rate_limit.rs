//! The hourly rate limit.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{later, to_the_second};

const HOUR: TimeDelta = TimeDelta::hours(1);

/// One limit for all callers. An hour starts with its first request.
#[derive(Debug)]
pub(super) struct RateLimit {
    limit: u64,
    used: u64,
    since: Option<DateTime<Utc>>,
}

impl RateLimit {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            used: 0,
            since: None,
        }
    }

    /// Counts a request. Returns true if the limit allows it.
    pub(super) fn charge(&mut self, now: DateTime<Utc>) -> bool {
        self.renew(now);
        if self.used == self.limit {
            return false;
        }
        self.used += 1;
        // `x-ratelimit-reset` is in whole seconds. Round the start of the hour down, so that the
        // hour ends at the time that the header states.
        self.since.get_or_insert(to_the_second(now));
        true
    }

    /// Takes back the count of the last request, because GitHub does not count a 304.
    pub(super) fn refund(&mut self) {
        self.used = self.used.saturating_sub(1);
    }

    pub(super) fn describe(&mut self, now: DateTime<Utc>, headers: &mut HeaderMap) {
        self.renew(now);
        let reset = later(self.since.unwrap_or(now), HOUR).timestamp();
        let numbers = [
            ("x-ratelimit-limit", self.limit.into()),
            ("x-ratelimit-remaining", (self.limit - self.used).into()),
            ("x-ratelimit-used", self.used.into()),
            ("x-ratelimit-reset", reset.into()),
            ("x-ratelimit-resource", HeaderValue::from_static("core")),
        ];
        for (name, value) in numbers {
            headers.insert(HeaderName::from_static(name), value);
        }
    }

    /// Starts a new hour if the current one is over, or if the clock was set back.
    fn renew(&mut self, now: DateTime<Utc>) {
        let over = |since| now < since || now >= later(since, HOUR);
        if self.since.is_some_and(over) {
            self.since = None;
            self.used = 0;
        }
    }
}
