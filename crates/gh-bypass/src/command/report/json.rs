//! The report as JSON, with names spelled as in GitHub's API.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::command::report::counts::Tally;
use crate::command::report::summary::{Summary, TOP};
use crate::failure::{Failure, Result};
use crate::github::scope::Scope;
use crate::terminal::text;
use crate::terminal::time::rfc3339;

#[derive(Serialize)]
struct Report<'a> {
    scope: ScopeName,
    filters: BTreeMap<&'a str, &'a str>,
    read_at: String,
    is_complete: bool,
    requests: u64,
    waiting_for_review: u64,
    expiring_within_a_day: u64,
    kind: &'a BTreeMap<String, u64>,
    status: &'a BTreeMap<String, u64>,
    decision: Decisions,
    reason: &'a BTreeMap<String, u64>,
    seconds_to_decision: Seconds,
    days: Vec<Day>,
    secret_types: Vec<Name<'a>>,
    rules: Vec<Name<'a>>,
    repositories: Vec<Name<'a>>,
    requesters: Vec<Name<'a>>,
    reviewers: Vec<Name<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ScopeName {
    Organization(String),
    Enterprise(String),
    Repository(String),
}

#[derive(Serialize)]
struct Decisions {
    approve: u64,
    reject: u64,
    none: u64,
}

#[derive(Serialize)]
struct Seconds {
    /// The number of requests for which the time is known.
    requests: usize,
    median: Option<u64>,
    percentile_90: Option<u64>,
}

#[derive(Serialize)]
struct Day {
    day: String,
    requests: u64,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
    requests: u64,
}

pub(crate) fn render(summary: &Summary<'_>) -> Result<String> {
    let counts = &summary.counts;
    let times = counts.seconds_to_decision([50, 90]);
    let filters = summary.filters.iter();
    let report = Report {
        scope: name_of(summary.scope),
        filters: filters
            .map(|(name, value)| (*name, value.as_str()))
            .collect(),
        read_at: rfc3339(summary.read_at),
        is_complete: summary.is_complete,
        requests: counts.requests,
        waiting_for_review: counts.waiting,
        expiring_within_a_day: counts.expiring,
        kind: counts.kinds.by_name(),
        status: counts.statuses.by_name(),
        decision: Decisions {
            approve: counts.approved,
            reject: counts.rejected,
            none: counts.undecided,
        },
        reason: counts.reasons.by_name(),
        seconds_to_decision: Seconds {
            requests: counts.timed(),
            median: times.map(|[median, _]| median),
            percentile_90: times.map(|[_, most]| most),
        },
        days: days(summary),
        secret_types: top(&counts.secret_types),
        rules: top(&counts.rules),
        repositories: top(&counts.repositories),
        requesters: top(&counts.requesters),
        reviewers: top(&counts.reviewers),
    };
    let json = serde_json::to_string_pretty(&report).map_err(Failure::failed)?;
    Ok(text::json(&json) + "\n")
}

fn name_of(scope: &Scope) -> ScopeName {
    let name = scope.to_string();
    match scope {
        Scope::Organization(_) => ScopeName::Organization(name),
        Scope::Enterprise(_) => ScopeName::Enterprise(name),
        Scope::Repository(_) => ScopeName::Repository(name),
    }
}

fn days(summary: &Summary<'_>) -> Vec<Day> {
    let days = summary.counts.days().into_iter();
    days.map(|(day, requests)| Day {
        day: day.to_string(),
        requests,
    })
    .collect()
}

fn top(tally: &Tally) -> Vec<Name<'_>> {
    let ranked = tally.ranked().into_iter().take(TOP);
    ranked
        .map(|(name, requests)| Name { name, requests })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::command::report::summary::tests::{HOSTILE, scope, summary, summary_of};

    #[test]
    fn the_counts_are_in_githubs_spelling() {
        let scope = scope();
        let text = render(&summary(&scope)).expect("JSON");
        let report: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(report["scope"], json!({"organization": "octo-org"}));
        assert_eq!(report["filters"], json!({"since": "7d"}));
        assert_eq!(report["read_at"], "2026-11-28T12:00:00Z");
        assert_eq!(
            report["status"],
            json!({"approved": 1, "denied": 1, "open": 1})
        );
        assert_eq!(
            report["decision"],
            json!({"approve": 1, "reject": 1, "none": 1})
        );
        assert_eq!(report["reason"], json!({"used_in_tests": 2}));
        let times = json!({"requests": 1, "median": 7500, "percentile_90": 7500});
        assert_eq!(report["seconds_to_decision"], times);
        assert_eq!(
            report["days"][1],
            json!({"day": "2026-11-26", "requests": 0})
        );
        assert_eq!(
            report["requesters"][0],
            json!({"name": "monalisa", "requests": 2})
        );
        assert_eq!(report["requesters"][1]["name"], HOSTILE);
        assert_eq!(text, render(&summary(&scope)).expect("JSON"));
    }

    #[test]
    fn unknown_times_are_null() {
        let scope = scope();
        let text = render(&summary_of(&scope, &[])).expect("JSON");
        let report: Value = serde_json::from_str(&text).expect("JSON");
        let times = json!({"requests": 0, "median": null, "percentile_90": null});
        assert_eq!(report["seconds_to_decision"], times);
        assert_eq!(report["rules"], json!([]));
    }
}
