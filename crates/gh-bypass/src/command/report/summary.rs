//! The parts of a report that the formats for people share.

use chrono::{DateTime, Utc};

use crate::args::{FilterArgs, Kind, Status};
use crate::command::report::counts::{Counts, Tally};
use crate::github::scope::Scope;

/// The maximum number of names in a section.
pub(crate) const TOP: usize = 10;

/// The note about GitHub's limit, for every format that people read.
pub(crate) const REACH: &str =
    "GitHub keeps requests for a month, so this report reaches back a month at most.";

/// A report that is not formatted yet.
pub(crate) struct Summary<'a> {
    pub(crate) scope: &'a Scope,
    /// The filters and their values.
    pub(crate) filters: Vec<(&'static str, String)>,
    pub(crate) read_at: DateTime<Utc>,
    /// False if some of the requests could not be read.
    pub(crate) is_complete: bool,
    pub(crate) counts: Counts,
}

/// A single number, such as the number of requests, with its name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

/// A titled list of names, each with its number of requests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// The heading of the column of names.
    pub(crate) column: &'static str,
    /// The number of names, including those that are left out.
    pub(crate) names: usize,
    pub(crate) rows: Vec<Row>,
}

/// A name and its number of requests. The name comes from a server, and is not escaped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) requests: u64,
    /// The share of all requests, such as `12%`.
    pub(crate) share: String,
}

impl Summary<'_> {
    /// Returns a warning if the report is incomplete.
    pub(crate) fn warning(&self) -> Option<&'static str> {
        (!self.is_complete)
            .then_some("This report is incomplete, because some of the requests could not be read.")
    }

    pub(crate) fn figures(&self) -> Vec<Figure> {
        let counts = &self.counts;
        let times = counts.seconds_to_decision([50, 90]);
        let time = |choose: fn([u64; 2]) -> u64| {
            times.map_or("none".to_owned(), |times| duration(choose(times)))
        };
        let figure = |name, value| Figure { name, value };
        vec![
            figure("Requests", counts.requests.to_string()),
            figure("Waiting for review", counts.waiting.to_string()),
            figure("Expiring within a day", counts.expiring.to_string()),
            figure("Median decision time", time(|[median, _]| median)),
            figure("90th percentile", time(|[_, most]| most)),
        ]
    }

    /// Returns the sections that have rows, except the section by day.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let counts = &self.counts;
        let mut sections = vec![
            self.section("Status", "Status", &counts.statuses, spaced),
            self.decisions(),
            self.section("Kind", "Kind", &counts.kinds, spaced),
            self.section("Reason", "Reason", &counts.reasons, spaced),
            self.section(
                "Secret types",
                "Secret type",
                &counts.secret_types,
                str::to_owned,
            ),
            self.section("Rules", "Rule", &counts.rules, spaced),
            self.section(
                "Repositories",
                "Repository",
                &counts.repositories,
                str::to_owned,
            ),
            self.section("Requesters", "Requester", &counts.requesters, str::to_owned),
            self.section("Reviewers", "Reviewer", &counts.reviewers, str::to_owned),
        ];
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    /// Returns the section by day of creation.
    pub(crate) fn days(&self) -> Section {
        let days = self.counts.days().into_iter();
        let rows: Vec<_> = days
            .map(|(day, requests)| self.row(day.to_string(), requests))
            .collect();
        Section {
            title: "Created by day",
            column: "Day (UTC)",
            names: rows.len(),
            rows,
        }
    }

    fn section(
        &self,
        title: &'static str,
        column: &'static str,
        tally: &Tally,
        named: fn(&str) -> String,
    ) -> Section {
        let ranked = tally.ranked();
        let top = ranked.iter().take(TOP);
        Section {
            title,
            column,
            names: ranked.len(),
            rows: top
                .map(|(name, requests)| self.row(named(name), *requests))
                .collect(),
        }
    }

    fn decisions(&self) -> Section {
        let counts = &self.counts;
        let decisions = [
            ("approved", counts.approved),
            ("rejected", counts.rejected),
            ("none", counts.undecided),
        ];
        let rows: Vec<_> = decisions
            .into_iter()
            .filter(|_| counts.requests > 0)
            .map(|(name, requests)| self.row(name.to_owned(), requests))
            .collect();
        Section {
            title: "Decision",
            column: "Decision",
            names: rows.len(),
            rows,
        }
    }

    fn row(&self, name: String, requests: u64) -> Row {
        Row {
            name,
            requests,
            share: share(requests, self.counts.requests),
        }
    }
}

impl Section {
    /// Returns a note such as `top 10 of 13` if names are left out.
    pub(crate) fn cut(&self) -> Option<String> {
        let shown = self.rows.len();
        (shown < self.names).then(|| format!("top {shown} of {}", self.names))
    }

    /// Returns the largest number of requests, for the scale of a chart. It is never 0.
    pub(crate) fn max(&self) -> u64 {
        let requests = self.rows.iter().map(|row| row.requests);
        requests.max().unwrap_or_default().max(1)
    }
}

/// Returns the names and values of the filters in the arguments.
pub(crate) fn filters(args: &FilterArgs) -> Vec<(&'static str, String)> {
    let kind = match args.kind {
        Kind::SecretScanning => Some("secret-scanning".to_owned()),
        Kind::PushRules => Some("push-rules".to_owned()),
        Kind::All => None,
    };
    let status = args.status.filter(|status| *status != Status::All);
    let status = status.map(|status| format!("{status:?}").to_lowercase());
    let filters = [
        ("kind", kind),
        ("status", status),
        ("requester", args.requester.clone()),
        ("reviewer", args.reviewer.clone()),
        ("since", args.since.clone()),
    ];
    let set = filters.into_iter();
    set.filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// Returns `part` as a percentage of `whole`.
fn share(part: u64, whole: u64) -> String {
    let rounded = part
        .saturating_mul(200)
        .saturating_add(whole)
        .checked_div(whole.saturating_mul(2));
    match rounded {
        Some(0) if part > 0 => "<1%".to_owned(),
        percent => format!("{}%", percent.unwrap_or_default()),
    }
}

/// Returns a duration in words, such as `2 h 5 min` or `59 s`.
pub(crate) fn duration(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..86400 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use github_bypass_requests::AnyBypassRequest;
    use serde_json::json;

    use super::*;
    use crate::command::report::counts::tests::{counted, now, response, rule, secret};

    /// Returns a summary of three requests. One requester has a hostile name.
    pub(crate) fn summary(scope: &Scope) -> Summary<'_> {
        let approved = response("octocat", "approved", "2026-11-27T12:05:00Z");
        summary_of(
            scope,
            &[
                secret(json!({"status": "approved", "responses": [approved]})),
                secret(json!({"requester": {"actor_name": HOSTILE}})),
                rule(json!({"status": "denied", "created_at": "2026-11-25T10:00:00Z"})),
            ],
        )
    }

    pub(crate) const HOSTILE: &str = "<b>@hubot</b>|`x`|https://evil.example\n\u{202e}";

    pub(crate) fn summary_of<'a>(scope: &'a Scope, requests: &[AnyBypassRequest]) -> Summary<'a> {
        Summary {
            scope,
            filters: vec![("since", "7d".to_owned())],
            read_at: now(),
            is_complete: true,
            counts: counted(requests),
        }
    }

    pub(crate) fn scope() -> Scope {
        Scope::Organization("octo-org".to_owned())
    }

    #[test]
    fn shares_are_rounded_and_never_hide_a_request() {
        assert_eq!(share(0, 0), "0%");
        assert_eq!(share(0, 10), "0%");
        assert_eq!(share(1, 1000), "<1%");
        assert_eq!(share(1, 3), "33%");
        assert_eq!(share(2, 3), "67%");
        assert_eq!(share(3, 3), "100%");
    }

    #[test]
    fn durations_have_two_units() {
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(3599), "59 min");
        assert_eq!(duration(7260), "2 h 1 min");
        assert_eq!(duration(90_000), "1 d 1 h");
    }

    #[test]
    fn the_busiest_ten_are_listed_and_the_rest_is_counted() {
        let names = (0..13).map(|index| format!("octo-org/r{index:02}"));
        let requests: Vec<_> = names
            .map(|name| secret(json!({"repository": {"full_name": name}})))
            .collect();
        let scope = scope();
        let sections = summary_of(&scope, &requests).sections();
        let repositories = sections
            .iter()
            .find(|section| section.title == "Repositories")
            .expect("the repositories");
        assert_eq!(repositories.rows.len(), 10);
        assert_eq!(repositories.rows[9].name, "octo-org/r09");
        assert_eq!(repositories.cut().as_deref(), Some("top 10 of 13"));
    }

    #[test]
    fn a_report_of_nothing_has_no_sections() {
        let scope = scope();
        let summary = summary_of(&scope, &[]);
        assert!(summary.sections().is_empty());
        assert_eq!(summary.figures()[3].value, "none");
    }
}
