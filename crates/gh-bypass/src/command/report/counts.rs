//! Counts requests without keeping them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use github_bypass_requests::{AnyBypassRequest, Decision};

/// The number of days that GitHub keeps requests.
const DAYS: u64 = 31;

/// The counts. Apart from four bytes for each decision, their size depends on the number of
/// different names, not on the number of requests.
#[derive(Debug)]
pub(crate) struct Counts {
    /// The current time. It determines which requests have expired.
    now: DateTime<Utc>,
    pub(crate) requests: u64,
    /// Requests that are waiting for a review: open, undecided and not expired.
    pub(crate) waiting: u64,
    /// The waiting requests that expire within a day.
    pub(crate) expiring: u64,
    pub(crate) approved: u64,
    pub(crate) rejected: u64,
    pub(crate) undecided: u64,
    /// For each decided request, the seconds from its creation to the deciding response.
    seconds_to_decision: Vec<u32>,
    pub(crate) kinds: Tally,
    pub(crate) statuses: Tally,
    pub(crate) reasons: Tally,
    days: BTreeMap<NaiveDate, u64>,
    pub(crate) repositories: Tally,
    pub(crate) requesters: Tally,
    pub(crate) reviewers: Tally,
    pub(crate) secret_types: Tally,
    pub(crate) rules: Tally,
}

/// The number of requests with each name.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, u64>);

impl Counts {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            requests: 0,
            waiting: 0,
            expiring: 0,
            approved: 0,
            rejected: 0,
            undecided: 0,
            seconds_to_decision: Vec::new(),
            kinds: Tally::default(),
            statuses: Tally::default(),
            reasons: Tally::default(),
            days: BTreeMap::new(),
            repositories: Tally::default(),
            requesters: Tally::default(),
            reviewers: Tally::default(),
            secret_types: Tally::default(),
            rules: Tally::default(),
        }
    }

    pub(crate) fn add(&mut self, request: &AnyBypassRequest) {
        self.requests += 1;
        self.kinds.add(request.kind());
        self.statuses.add(request.status().as_str());
        *self
            .days
            .entry(request.created_at().date_naive())
            .or_default() += 1;
        self.repositories.add(&request.repository().to_string());
        self.requesters.add(&request.requester().to_string());
        let reviewers = request.responses().iter();
        let reviewers: Vec<_> = reviewers.map(|one| one.reviewer.to_string()).collect();
        self.reviewers
            .add_each_once(reviewers.iter().map(String::as_str));
        self.add_deadline(request);
        self.add_decision(request);
        self.add_findings(request);
    }

    fn add_deadline(&mut self, request: &AnyBypassRequest) {
        if request.is_reviewable(self.now) {
            self.waiting += 1;
            let expires_in = request.expires_in(self.now);
            self.expiring += u64::from(expires_in.is_some_and(|left| left <= TimeDelta::days(1)));
        }
    }

    fn add_decision(&mut self, request: &AnyBypassRequest) {
        match request.decision() {
            Some(Decision::Approve) => self.approved += 1,
            Some(Decision::Reject) => self.rejected += 1,
            _ => self.undecided += 1,
        }
        if let Some(decided_at) = request.deciding_response().and_then(|one| one.created_at) {
            // The clocks of GitHub's servers differ, so a response can seem older than its request.
            let seconds = (decided_at - request.created_at()).num_seconds().max(0);
            self.seconds_to_decision
                .push(u32::try_from(seconds).unwrap_or(u32::MAX));
        }
    }

    /// Counts each reason, secret type and rule at most once per request.
    fn add_findings(&mut self, request: &AnyBypassRequest) {
        match request {
            AnyBypassRequest::SecretScanning(request) => {
                let findings = &request.data;
                self.secret_types.add_each_once(
                    findings
                        .iter()
                        .map(|finding| or_unknown(&finding.secret_type)),
                );
                self.reasons.add_each_once(findings.iter().map(|finding| {
                    let reason = finding.bypass_reason.as_ref();
                    reason.map_or(UNKNOWN, |reason| reason.as_str())
                }));
            }
            AnyBypassRequest::PushRules(request) => {
                self.rules
                    .add_each_once(request.data.iter().map(|violation| {
                        let rule = violation.rule_type.as_ref();
                        rule.map_or(UNKNOWN, |rule| rule.as_str())
                    }));
            }
            _ => {}
        }
    }

    /// Returns the number of requests for which the time to the decision is known.
    pub(crate) fn timed(&self) -> usize {
        self.seconds_to_decision.len()
    }

    /// Returns these percentiles of the time to a decision, in seconds. A percentile between two
    /// requests is interpolated, as in spreadsheets. `None` if no decision time is known.
    pub(crate) fn seconds_to_decision<const N: usize>(
        &self,
        percents: [u8; N],
    ) -> Option<[u64; N]> {
        let mut sorted = self.seconds_to_decision.clone();
        sorted.sort_unstable();
        let mut out = [0; N];
        for (percent, value) in percents.into_iter().zip(&mut out) {
            *value = percentile(&sorted, percent)?;
        }
        Some(out)
    }

    /// Returns the number of requests created on each day, including days without requests.
    pub(crate) fn days(&self) -> Vec<(NaiveDate, u64)> {
        let mut days = self.days.clone();
        let today = self.now.date_naive();
        let earliest = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
        if let Some((first, _)) = self.days.first_key_value() {
            let window = earliest.max(*first).iter_days();
            for day in window.take_while(|day| *day <= today) {
                days.entry(day).or_default();
            }
        }
        days.into_iter().collect()
    }
}

const UNKNOWN: &str = "unknown";

fn or_unknown(name: &Option<String>) -> &str {
    name.as_deref().unwrap_or(UNKNOWN)
}

/// Returns the percentile of sorted values. `None` if there are no values.
fn percentile(sorted: &[u32], percent: u8) -> Option<u64> {
    let position = sorted.len().checked_sub(1)? * usize::from(percent.min(100));
    let value = |index: usize| sorted.get(index).copied().map(u64::from);
    let below = value(position / 100)?;
    let above = value(position / 100 + 1).unwrap_or(below);
    Some(below + (above - below) * u64::try_from(position % 100).ok()? / 100)
}

impl Tally {
    fn add(&mut self, name: &str) {
        match self.0.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.0.insert(name.to_owned(), 1);
            }
        }
    }

    fn add_each_once<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.add(name);
        }
    }

    /// Returns the counts, sorted by name.
    pub(crate) fn by_name(&self) -> &BTreeMap<String, u64> {
        &self.0
    }

    /// Returns the counts, largest first. Equal counts are sorted by name.
    pub(crate) fn ranked(&self) -> Vec<(&str, u64)> {
        let counts = self.0.iter().map(|(name, count)| (name.as_str(), *count));
        let mut ranked: Vec<_> = counts.collect();
        // The sort is stable, and the map is in alphabetical order.
        ranked.sort_by_key(|(_, count)| Reverse(*count));
        ranked
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use github_bypass_requests::{BypassRequest, RuleViolation, SecretFinding};
    use serde_json::{Value, json};

    use super::*;

    pub(crate) const NOW: &str = "2026-11-28T12:00:00Z";

    pub(crate) fn now() -> DateTime<Utc> {
        NOW.parse().expect("a time")
    }

    /// Returns a request for a secret, made at 10:00 on the 27th, with these changes.
    pub(crate) fn secret(changes: Value) -> AnyBypassRequest {
        let request = merged(changes);
        let request: BypassRequest<SecretFinding> =
            serde_json::from_value(request).expect("a request");
        request.into()
    }

    pub(crate) fn rule(changes: Value) -> AnyBypassRequest {
        let mut request = merged(json!({
            "request_type": "push_ruleset_bypass",
            "data": [{"rule_type": "max_file_size"}],
        }));
        merge(&mut request, changes);
        let request: BypassRequest<RuleViolation> =
            serde_json::from_value(request).expect("a request");
        request.into()
    }

    fn merged(changes: Value) -> Value {
        let mut request = json!({
            "id": 21, "number": 42,
            "repository": {"id": 1, "name": "smile", "full_name": "octo-org/smile"},
            "organization": {"id": 1, "name": "octo-org"},
            "requester": {"actor_id": 12, "actor_name": "monalisa"},
            "request_type": "push_protection_bypass",
            "data": [{"secret_type": "adafruit_io_key", "bypass_reason": "used_in_tests"}],
            "resource_identifier": "827efc6d56897b048c772eb4087f854f46256132",
            "status": "open",
            "requester_comment": null,
            "expires_at": "2026-12-04T10:00:00Z",
            "created_at": "2026-11-27T10:00:00Z",
            "responses": [],
            "url": "https://api.github.com/repos/octo-org/smile/bypass-requests/secret-scanning/42",
            "html_url": "https://github.com/octo-org/smile/exemptions/42",
        });
        merge(&mut request, changes);
        request
    }

    fn merge(request: &mut Value, changes: Value) {
        for (name, value) in changes.as_object().expect("an object") {
            request[name] = value.clone();
        }
    }

    pub(crate) fn response(reviewer: &str, status: &str, created_at: &str) -> Value {
        json!({
            "id": 7, "reviewer": {"actor_id": 4, "actor_name": reviewer},
            "status": status, "created_at": created_at,
        })
    }

    pub(crate) fn counted(requests: &[AnyBypassRequest]) -> Counts {
        let mut counts = Counts::new(now());
        requests.iter().for_each(|request| counts.add(request));
        counts
    }

    #[test]
    fn no_requests_have_no_percentiles_and_no_days() {
        let counts = counted(&[]);
        assert_eq!(counts.seconds_to_decision([50, 90]), None);
        assert!(counts.days().is_empty());
        assert!(counts.statuses.ranked().is_empty());
    }

    #[test]
    fn percentiles_are_interpolated() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 90), Some(7));
        assert_eq!(percentile(&[10, 20], 50), Some(15));
        let hundred: Vec<u32> = (0..=100).collect();
        assert_eq!(percentile(&hundred, 90), Some(90));
        assert_eq!(percentile(&[0, 10, 20, 30], 90), Some(27));
        assert_eq!(percentile(&[1, u32::MAX], 100), Some(u64::from(u32::MAX)));
    }

    #[test]
    fn equal_counts_are_in_alphabetical_order() {
        let mut tally = Tally::default();
        for name in ["c", "b", "a", "b", "d", "d"] {
            tally.add(name);
        }
        let ranked = tally.ranked();
        assert_eq!(ranked, [("b", 2), ("d", 2), ("a", 1), ("c", 1)]);
    }

    #[test]
    fn the_deciding_response_sets_the_decision_and_its_time() {
        let approved = response("octocat", "approved", "2026-11-27T11:00:00Z");
        let dismissed = response("hubot", "dismissed", "2026-11-27T10:10:00Z");
        let denied = response("octocat", "denied", "2026-11-27T10:00:30Z");
        let before = response("octocat", "denied", "2026-11-27T09:59:59Z");
        let counts = counted(&[
            secret(json!({"status": "approved", "responses": [dismissed, approved]})),
            rule(json!({"status": "denied", "responses": [denied]})),
            rule(json!({"status": "denied", "responses": [before]})),
            // GitHub omits the responses of some requests.
            secret(json!({"status": "approved"})),
            secret(json!({"status": "expired"})),
        ]);
        assert_eq!(
            (counts.approved, counts.rejected, counts.undecided),
            (2, 2, 1)
        );
        assert_eq!(counts.timed(), 3);
        assert_eq!(
            counts.seconds_to_decision([0, 50, 100]),
            Some([0, 30, 3600])
        );
        assert_eq!(counts.reviewers.ranked(), [("octocat", 3), ("hubot", 1)]);
    }

    #[test]
    fn a_request_waits_until_it_is_decided_or_expires() {
        let approved = response("octocat", "approved", "2026-11-27T11:00:00Z");
        let counts = counted(&[
            secret(json!({})),
            secret(json!({"status": "pending", "expires_at": "2026-11-29T12:00:00Z"})),
            secret(json!({"expires_at": "2026-11-29T12:00:01Z"})),
            secret(json!({"expires_at": null})),
            secret(json!({"expires_at": NOW})),
            rule(json!({"responses": [approved]})),
        ]);
        assert_eq!((counts.waiting, counts.expiring), (4, 1));
        assert_eq!(counts.statuses.ranked(), [("open", 5), ("pending", 1)]);
    }

    #[test]
    fn a_request_counts_once_for_each_type_and_reason() {
        let key = json!({"secret_type": "adafruit_io_key", "bypass_reason": "fix_later"});
        let token = json!({"secret_type": null, "bypass_reason": "fix_later"});
        let counts = counted(&[
            secret(json!({"data": [key, token, key]})),
            secret(json!({"data": []})),
            rule(json!({})),
        ]);
        let types = counts.secret_types.ranked();
        assert_eq!(types, [("adafruit_io_key", 1), ("unknown", 1)]);
        assert_eq!(counts.reasons.ranked(), [("fix_later", 1)]);
        assert_eq!(counts.rules.ranked(), [("max_file_size", 1)]);
        assert_eq!(
            counts.kinds.ranked(),
            [("secret_scanning", 2), ("push_rules", 1)]
        );
    }

    #[test]
    fn days_are_in_utc_and_without_gaps() {
        let counts = counted(&[
            secret(json!({"created_at": "2026-11-26T01:30:00+02:00"})),
            secret(json!({"created_at": "2026-11-27T00:00:00Z"})),
            secret(json!({"created_at": "2026-11-27T23:59:59Z"})),
        ]);
        let days = counts.days();
        let days: Vec<_> = days
            .iter()
            .map(|(day, count)| format!("{day} {count}"))
            .collect();
        let expected = [
            "2026-11-25 1",
            "2026-11-26 0",
            "2026-11-27 2",
            "2026-11-28 0",
        ];
        assert_eq!(days, expected);
        // A very old request must not add thousands of days to the report.
        let counts = counted(&[secret(json!({"created_at": "1970-01-01T00:00:00Z"}))]);
        assert_eq!(counts.days().len(), 33);
    }
}
