//! Finds out what happened to a review whose response was lost.
//!
//! The bypass request is not read before the review is sent, because a token may be allowed to
//! review but not to read.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use github_bypass_requests_api::types as wire;

use crate::error::{Error, Result};
use crate::model::ids::{RequestNumber, ResponseId};
use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::review::{Confirmation, Review};
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{Decision, RequestStatus, ResponseStatus};
use crate::response::escape::escape;
use crate::response::meta::ResponseMeta;
use crate::review::read::Read;
use crate::review::read_back::ReadBack;
use crate::scope::{Repository, SecretScanning};
use crate::transport::policy::Policy;
use crate::transport::start::Start;

/// The largest expected difference between two of GitHub's clocks.
const CLOCK_SKEW: Duration = Duration::from_secs(2);

/// The maximum length of text from the server. Logins and statuses are shorter.
const MAX_FOUND: usize = 200;

/// A review whose HTTP response was lost, or did not contain the review's id.
pub(crate) struct LostReview<'a> {
    pub(crate) repository: &'a SecretScanning<Repository>,
    pub(crate) number: RequestNumber,
    pub(crate) decision: Decision,
    pub(crate) policy: &'a Policy,
    /// The start of the attempt whose response was lost. The attempt starts after any wait for its
    /// turn.
    pub(crate) attempted_at: Start,
}

/// Returns the review that GitHub's response confirms.
pub(crate) fn recorded(body: Option<wire::BypassReview>, meta: ResponseMeta) -> Review {
    let id = body.and_then(|wire::BypassReview { bypass_review_id }| bypass_review_id);
    Review {
        response_id: id.map(ResponseId::from_server),
        confirmation: Confirmation::Response,
        meta,
    }
}

impl LostReview<'_> {
    /// If the response did not contain the review's id, reads the bypass request once to find the
    /// id. Does not wait for a rate limit, because the review is already recorded.
    pub(crate) async fn find_id(&self, review: Review) -> Review {
        if review.response_id.is_some() {
            return review;
        }
        let policy = self.policy.once().without_waiting();
        match self.read_back_once(policy).await {
            Ok(ReadBack::Applied(found)) => Review {
                meta: review.meta,
                ..found
            },
            _ => review,
        }
    }

    /// Reads the bypass request back until it contains the review.
    pub(crate) async fn read_back(&self, lost: &Error) -> ReadBack<Review> {
        let repository = self.repository;
        let judge = |read| self.judge(read);
        repository
            .read_back(self.number, self.policy, lost, judge)
            .await
    }

    /// Reads the bypass request once.
    pub(crate) async fn read_back_once(&self, policy: Policy) -> Result<ReadBack<Review>> {
        let read = self.repository.read_again(self.number, policy).await?;
        Ok(self.judge(read))
    }

    fn judge(&self, read: Read) -> ReadBack<Review> {
        let Read {
            request,
            meta,
            server_time,
        } = read;
        // Without the server's time, a new response cannot be distinguished from an old one.
        let Some(now) = server_time else {
            return ReadBack::Unclear(None);
        };
        let age = |response: &BypassResponse| age(response, &self.attempted_at, now);
        match judge(&request, self.decision, age) {
            ReadBack::Applied(review) => ReadBack::Applied(Review { meta, ..review }),
            other => other,
        }
    }
}

/// The age of a response, relative to the start of the lost attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    New,
    /// The response has no time, or this machine's two clocks disagree: the response is new if the
    /// machine slept during the attempt, and old otherwise.
    MayBeNew,
    Old,
}

/// Compares the time of a response with the start of the attempt. `now` is the server's time.
fn age(response: &BypassResponse, attempted_at: &Start, now: DateTime<Utc>) -> Age {
    let Some(created_at) = response.created_at else {
        return Age::MayBeNew;
    };
    let is_within = |elapsed: Duration| {
        let age = TimeDelta::from_std(elapsed.saturating_add(CLOCK_SKEW));
        now - created_at <= age.unwrap_or(TimeDelta::MAX)
    };
    match () {
        () if is_within(attempted_at.elapsed()) => Age::New,
        () if is_within(attempted_at.longest_elapsed()) => Age::MayBeNew,
        () => Age::Old,
    }
}

/// Decides from a bypass request whether a review was recorded. A pure function.
fn judge(
    request: &BypassRequest<SecretFinding>,
    decision: Decision,
    age: impl Fn(&BypassResponse) -> Age,
) -> ReadBack<Review> {
    let expected = match decision {
        Decision::Approve => ResponseStatus::Approved,
        Decision::Reject => ResponseStatus::Denied,
    };
    let new = || (request.responses.iter()).filter(|response| age(response) == Age::New);
    let has_expected = |response: &&BypassResponse| response.status.as_ref() == Some(&expected);
    if let Some(response) = new().find(has_expected) {
        let confirmation = Confirmation::ReadBack {
            reviewer: response.reviewer.clone(),
        };
        return ReadBack::Applied(Review {
            response_id: response.id,
            confirmation,
            meta: ResponseMeta::default(),
        });
    }
    // A response that is dismissed, or whose status is missing or unknown, may be the lost review.
    let may_be_lost = |response: &BypassResponse| match &response.status {
        None | Some(ResponseStatus::Dismissed | ResponseStatus::Unknown(_)) => true,
        Some(status) => *status == expected,
    };
    let is_candidate =
        |response: &&BypassResponse| age(response) != Age::Old && may_be_lost(response);
    let candidate = request.responses.iter().find(is_candidate).map(|response| {
        let status = response.status.as_ref();
        let status = status.map_or("without a status", |status| status.as_str());
        let reviewer = &response.reviewer;
        format!("a response by {reviewer}, which may be this review, is {status}")
    });
    let decided = match new().find(|response| !may_be_lost(response)) {
        Some(response) => Some(format!("the request was {response}")),
        None if request.is_open() => None,
        None => Some(format!("the request is {}", request.status)),
    };
    let show = |found: String| escape(&found, MAX_FOUND);
    match (decided, candidate) {
        (None, None) => ReadBack::Unchanged,
        (None, Some(candidate)) => ReadBack::Unclear(Some(show(candidate))),
        (Some(decided), Some(candidate)) => {
            let (decided, candidate) = (show(decided), show(candidate));
            ReadBack::Unclear(Some(format!("{decided}, and {candidate}")))
        }
        // GitHub may omit the responses of a request that this review decided.
        (Some(decided), None) if request.responses.is_empty() && agrees(request, decision) => {
            ReadBack::Unclear(Some(show(decided)))
        }
        (Some(decided), None) => ReadBack::Conflict(show(decided)),
    }
}

/// Returns true if the decision may be the reason for the request's status.
fn agrees(request: &BypassRequest<SecretFinding>, decision: Decision) -> bool {
    match decision {
        Decision::Approve => matches!(
            request.status,
            RequestStatus::Approved | RequestStatus::Completed
        ),
        Decision::Reject => request.status == RequestStatus::Denied,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Judges a lost approval. The response with the id 1 counts as new.
    fn judged(status: &str, responses: serde_json::Value) -> String {
        let request = json!({
            "id": 1, "number": 1, "status": status, "request_type": "secret_scanning",
            "created_at": "2026-07-01T12:00:00Z", "responses": responses,
        });
        let request = serde_json::from_value(request).expect("a request");
        let age = |response: &BypassResponse| match response.id {
            Some(id) if id.get() == 1 => Age::New,
            _ if response.created_at.is_none() => Age::MayBeNew,
            _ => Age::Old,
        };
        match judge(&request, Decision::Approve, age) {
            ReadBack::Applied(review) => {
                format!("applied, {:?}", review.response_id.map(|id| id.get()))
            }
            ReadBack::Conflict(found) => format!("conflict: {found}"),
            ReadBack::Unchanged => "unchanged".to_owned(),
            ReadBack::Unclear(found) => format!("unclear: {}", found.unwrap_or_default()),
        }
    }

    #[test]
    fn a_change_that_may_be_the_lost_review_is_unclear() {
        let new = |status: &str| json!([{ "id": 1, "status": status, "created_at": "2026-07-02T12:00:00Z" }]);
        let old = |status: &str| json!([{ "id": 2, "status": status, "created_at": "2026-07-01T12:00:00Z" }]);
        for (status, responses, expected) in [
            ("approved", new("approved"), "applied, Some(1)"),
            // A colleague dismissed this review or one of their own. If the review were sent again,
            // it could be recorded twice.
            (
                "open",
                new("dismissed"),
                "unclear: a response by an unknown user, which may be this review, is dismissed",
            ),
            (
                "open",
                json!([{ "status": "dismissed" }]),
                "unclear: a response by an unknown user, which may be this review, is dismissed",
            ),
            (
                "approved",
                json!([{ "id": 1 }]),
                "unclear: the request is approved, and a response by an unknown user, which may be this review, is without a status",
            ),
            // GitHub may have a new name for the status of this review.
            (
                "approved",
                new("APPROVED_BY_RULE"),
                "unclear: the request is approved, and a response by an unknown user, which may be this review, is APPROVED_BY_RULE",
            ),
            // This review may be the dismissed one, although a colleague decided otherwise.
            (
                "denied",
                json!([
                    { "id": 1, "status": "denied", "created_at": "2026-07-02T12:00:00Z" },
                    { "id": 1, "status": "dismissed", "created_at": "2026-07-02T12:00:00Z" },
                ]),
                "unclear: the request was denied by an unknown user, and a response by an unknown user, which may be this review, is dismissed",
            ),
            (
                "denied",
                new("denied"),
                "conflict: the request was denied by an unknown user",
            ),
            ("open", json!([]), "unchanged"),
            ("pending", old("dismissed"), "unchanged"),
            ("expired", json!([]), "conflict: the request is expired"),
            (
                "approved",
                old("approved"),
                "conflict: the request is approved",
            ),
            // The approval may be the lost review, because its time is unknown.
            ("approved", json!([]), "unclear: the request is approved"),
            ("completed", json!([]), "unclear: the request is completed"),
            (
                "completed",
                json!([{ "id": 2, "status": "approved" }]),
                "unclear: the request is completed, and a response by an unknown user, which may be this review, is approved",
            ),
            ("denied", json!([]), "conflict: the request is denied"),
        ] {
            assert_eq!(
                judged(status, responses.clone()),
                expected,
                "{status} {responses}"
            );
        }
    }

    #[test]
    fn a_response_from_the_time_in_which_the_machine_slept_may_be_new() {
        let now = Utc::now();
        let age = |seconds| {
            let response = json!({ "created_at": now - TimeDelta::seconds(seconds) });
            let response = serde_json::from_value(response).expect("a response");
            // The monotonic clock stopped for half an hour.
            let attempted_at = Start {
                time: now - TimeDelta::minutes(30),
                ..Start::now()
            };
            super::age(&response, &attempted_at, now)
        };
        assert_eq!(age(1), Age::New);
        assert_eq!(age(29 * 60), Age::MayBeNew);
        assert_eq!(age(31 * 60), Age::Old);
    }
}
