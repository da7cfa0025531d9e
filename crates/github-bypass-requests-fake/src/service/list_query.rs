//! The query parameters of a list: filters and pagination.

use std::{borrow::Cow, num::IntErrorKind};

use chrono::{DateTime, TimeDelta, Utc};

use super::refusal::{FieldError, Refusal};
use crate::{
    clock::later,
    world::{
        bypass_request::{BypassRequest, Status},
        names::same_name,
        places::Place,
    },
};

const DEFAULT_PER_PAGE: usize = 30;
const MAX_PER_PAGE: usize = 100;

#[derive(Debug)]
pub(super) struct ListQuery {
    pub(super) filter: Filter,
    pub(super) per_page: usize,
    page_number: usize,
}

#[derive(Debug)]
pub(super) struct Filter {
    organization: Option<String>,
    repository: Option<String>,
    reviewer: Option<String>,
    requester: Option<String>,
    period: TimeDelta,
    /// Returns true if the filter includes this status.
    status: fn(Status) -> bool,
}

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) start: usize,
    /// Starts at 1.
    pub(super) number: usize,
    pub(super) last: usize,
}

impl ListQuery {
    pub(super) fn parse(query: &str) -> Result<Self, Refusal> {
        let text = |name: &str| value(query, name).map(Cow::into_owned);

        let period = value(query, "time_period").map_or(Some(TimeDelta::days(1)), |it| period(&it));
        let status = value(query, "request_status").map_or(Some(any as _), |it| status(&it));
        let (Some(period), Some(status)) = (period, status) else {
            let unknown = [
                period.is_none().then_some("time_period"),
                status.is_none().then_some("request_status"),
            ];
            let unknown = unknown.into_iter().flatten();
            return Err(Refusal::validation_failed(
                unknown
                    .map(|name| FieldError::invalid(name, None))
                    .collect(),
            ));
        };
        Ok(Self {
            filter: Filter {
                organization: text("organization_name"),
                repository: text("repository_name"),
                reviewer: text("reviewer"),
                requester: text("requester"),
                period,
                status,
            },
            per_page: value(query, "per_page")
                .and_then(|it| positive(&it))
                .unwrap_or(DEFAULT_PER_PAGE)
                .min(MAX_PER_PAGE),
            page_number: page_number(query),
        })
    }

    pub(super) fn page(&self, total: usize) -> Page {
        Page {
            start: (self.page_number - 1).saturating_mul(self.per_page),
            number: self.page_number,
            last: total.div_ceil(self.per_page).max(1),
        }
    }
}

impl Filter {
    pub(super) fn matches(
        &self,
        request: &BypassRequest,
        place: &Place,
        now: DateTime<Utc>,
    ) -> bool {
        let repository = &request.repository;
        // Only enterprise lists can be filtered by organization, and only organization lists by
        // repository.
        let within = match place {
            Place::Enterprise(_) => is(&self.organization, &repository.organization.name),
            Place::Organization(_) => is(&self.repository, &repository.name),
            Place::Repository(_) => true,
        };
        let mut reviewers = request.responses.iter().map(|response| &response.reviewer);
        within
            && request.created_at >= later(now, -self.period)
            && is(&self.requester, &request.requester)
            && (self.reviewer.is_none() || reviewers.any(|login| is(&self.reviewer, login)))
            && (self.status)(request.status(now))
    }
}

/// Returns the page that a query requests.
pub(super) fn page_number(query: &str) -> usize {
    value(query, "page")
        .and_then(|it| positive(&it))
        .unwrap_or(1)
}

/// Returns the value of a parameter. If the parameter is repeated, the last value wins. An empty
/// value counts as missing.
fn value<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let (_, value) = form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == name)
        .last()?;
    (!value.is_empty()).then_some(value)
}

fn is(wanted: &Option<String>, name: &str) -> bool {
    wanted
        .as_deref()
        .is_none_or(|wanted| same_name(wanted, name))
}

fn period(name: &str) -> Option<TimeDelta> {
    match name {
        "hour" => Some(TimeDelta::hours(1)),
        "day" => Some(TimeDelta::days(1)),
        "week" => Some(TimeDelta::weeks(1)),
        "month" => Some(TimeDelta::days(30)),
        _ => None,
    }
}

fn status(name: &str) -> Option<fn(Status) -> bool> {
    match name {
        "all" => Some(any),
        "open" => Some(Status::is_undecided),
        "approved" => Some(|it| it == Status::Approved),
        "cancelled" => Some(|it| it == Status::Cancelled),
        "completed" => Some(|it| it == Status::Completed),
        "deleted" => Some(|it| it == Status::Deleted),
        "denied" => Some(|it| it == Status::Denied),
        "expired" => Some(|it| it == Status::Expired),
        _ => None,
    }
}

fn any(_: Status) -> bool {
    true
}

/// Parses a positive number. Saturates if it is too large.
fn positive(text: &str) -> Option<usize> {
    match text.parse::<usize>() {
        Ok(0) => None,
        Ok(number) => Some(number),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Some(usize::MAX),
        Err(_) => None,
    }
}
