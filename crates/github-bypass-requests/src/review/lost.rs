//! Reads a bypass request back to find out whether a review was recorded although its response was
//! lost.
//!
//! The request is not read before the review is sent, because a token may be allowed to review but
//! not to read.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use github_bypass_requests_api::types as wire;
use tokio::time::{Instant, sleep};

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
use crate::scope::{Repository, SecretScanning};
use crate::transport::delay::jitter;
use crate::transport::policy::Policy;

/// When to read the bypass request back, counted from the failure.
pub(crate) const READ_BACK_AFTER: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
];
/// The largest expected difference between two of GitHub's clocks.
const CLOCK_SKEW: Duration = Duration::from_secs(2);

/// Limits text from the server. Logins and statuses are shorter.
const MAX_FOUND: usize = 200;

/// A review whose response was lost, or whose response had no id.
pub(crate) struct LostReview<'a> {
    pub(crate) repository: &'a SecretScanning<Repository>,
    pub(crate) number: RequestNumber,
    pub(crate) decision: Decision,
    /// The start of the attempt whose response was lost, after any wait for its turn.
    pub(crate) attempted_at: Instant,
}

/// The review that GitHub's response reports as recorded.
pub(crate) fn recorded(body: Option<wire::BypassReview>, meta: ResponseMeta) -> Review {
    let id = body.and_then(|wire::BypassReview { bypass_review_id }| bypass_review_id);
    Review {
        response_id: id.map(ResponseId::from_server),
        confirmation: Confirmation::Response,
        meta,
    }
}

/// The state of a lost review, as read back.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one per read")]
pub(crate) enum ReadBack {
    /// The bypass request has a new response with this decision.
    Applied(Review),
    /// The bypass request was decided otherwise, or has expired.
    Conflict(String),
    /// The bypass request has not changed.
    Unchanged,
    /// Unknown: a change may be the lost review, or the bypass request could not be read.
    Unclear,
}

impl LostReview<'_> {
    /// Reads the bypass request once to find the id of the review, which the response did not
    /// contain. Does not wait for a rate limit, because the review is already recorded.
    pub(crate) async fn find_id(&self, review: Review) -> Review {
        if review.response_id.is_some() {
            return review;
        }
        let policy = self.repository.policy().once().without_waiting();
        match self.read_back_once(policy).await {
            Ok(ReadBack::Applied(found)) => Review {
                meta: review.meta,
                ..found
            },
            _ => review,
        }
    }

    /// Reads the bypass request 1, 5 and 15 seconds after the failure, until it has changed. Waits
    /// longer if the server requests it. Gives up if a read is rejected or the last one fails.
    pub(crate) async fn read_back(&self, lost: &Error) -> ReadBack {
        let policy = self.repository.policy();
        let failed_at = Instant::now();
        let mut pause = pause_after(lost, policy);
        let mut found = ReadBack::Unclear;
        for delay in READ_BACK_AFTER {
            let Some(requested_pause) = pause else {
                return ReadBack::Unclear;
            };
            let due = delay.saturating_sub(failed_at.elapsed());
            sleep(due.max(requested_pause)).await;
            (found, pause) = match self.read_back_once(policy.once()).await {
                Ok(ReadBack::Unchanged) => (ReadBack::Unchanged, Some(Duration::ZERO)),
                Ok(found) => return found,
                Err(error) if is_rejected(&error) => return ReadBack::Unclear,
                Err(error) => (ReadBack::Unclear, pause_after(&error, policy)),
            };
        }
        found
    }

    /// Reads back a review that is not sent again, and returns it or an error.
    pub(crate) async fn settle(&self, lost: Error) -> Result<Review> {
        match self.read_back(&lost).await {
            ReadBack::Applied(review) => Ok(review),
            ReadBack::Conflict(found) => Err(lost.into_conflict(found)),
            ReadBack::Unchanged | ReadBack::Unclear => Err(lost),
        }
    }

    /// Reads the bypass request once.
    pub(crate) async fn read_back_once(&self, policy: Policy) -> Result<ReadBack> {
        let Self {
            repository,
            number,
            decision,
            attempted_at,
        } = self;
        let Read {
            request,
            meta,
            server_time,
        } = repository.read(*number, policy).await?;
        // Without the server's time, a new response cannot be distinguished from an old one.
        let Some(now) = server_time else {
            return Ok(ReadBack::Unclear);
        };
        let age = TimeDelta::from_std(attempted_at.elapsed().saturating_add(CLOCK_SKEW));
        let age = age.unwrap_or(TimeDelta::MAX);
        let is_new = |response: &BypassResponse| {
            let created_at = response.created_at;
            created_at.is_some_and(|created_at| now - created_at <= age)
        };
        Ok(match judge(&request, *decision, is_new) {
            ReadBack::Applied(review) => ReadBack::Applied(Review { meta, ..review }),
            other => other,
        })
    }
}

/// Returns the pause that the server requested before the next request, or `None` if it is longer
/// than a call may wait.
pub(crate) fn pause_after(error: &Error, policy: &Policy) -> Option<Duration> {
    let Some(retry_at) = error.retry_at() else {
        return Some(Duration::ZERO);
    };
    let stated = (retry_at - Utc::now()).to_std().unwrap_or_default();
    (stated <= policy.max_rate_limit_wait).then(|| stated + jitter())
}

/// Returns true if GitHub would reject another read, too.
fn is_rejected(error: &Error) -> bool {
    error.is_rate_limited()
        || error
            .status()
            .is_some_and(|status| (400..500).contains(&status) && status != 408)
}

/// Decides from a bypass request whether a review was recorded. A pure function.
fn judge(
    request: &BypassRequest<SecretFinding>,
    decision: Decision,
    is_new: impl Fn(&BypassResponse) -> bool,
) -> ReadBack {
    let expected = match decision {
        Decision::Approve => ResponseStatus::Approved,
        Decision::Reject => ResponseStatus::Denied,
    };
    let new = || request.responses.iter().filter(|response| is_new(response));
    if let Some(response) = new().find(|response| response.status.as_ref() == Some(&expected)) {
        let confirmation = Confirmation::ReadBack {
            reviewer: response.reviewer.clone(),
        };
        return ReadBack::Applied(Review {
            response_id: response.id,
            confirmation,
            meta: ResponseMeta::default(),
        });
    }
    let is_other = |response: &&BypassResponse| {
        let status = response.status.as_ref();
        status.is_some_and(|status| *status != ResponseStatus::Dismissed)
    };
    if let Some(response) = new().find(is_other) {
        return ReadBack::Conflict(escape(&format!("the request was {response}"), MAX_FOUND));
    }
    // A new response that is dismissed or has no status may be the lost review.
    if new().next().is_some() {
        return ReadBack::Unclear;
    }
    let dated = |response: &BypassResponse| response.created_at.is_some();
    let undated = request.responses.is_empty() || !request.responses.iter().all(dated);
    match &request.status {
        RequestStatus::Open | RequestStatus::Pending => ReadBack::Unchanged,
        status if undated && status.as_str() == expected.as_str() => ReadBack::Unclear,
        status => ReadBack::Conflict(escape(&format!("the request is {status}"), MAX_FOUND)),
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
        let is_new = |response: &BypassResponse| response.id.is_some_and(|id| id.get() == 1);
        match judge(&request, Decision::Approve, is_new) {
            ReadBack::Applied(review) => {
                format!("applied, {:?}", review.response_id.map(|id| id.get()))
            }
            ReadBack::Conflict(found) => found,
            ReadBack::Unchanged => "unchanged".to_owned(),
            ReadBack::Unclear => "unclear".to_owned(),
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
            ("open", new("dismissed"), "unclear"),
            ("approved", json!([{ "id": 1 }]), "unclear"),
            (
                "denied",
                new("denied"),
                "the request was denied by an unknown user",
            ),
            ("open", json!([]), "unchanged"),
            ("pending", old("dismissed"), "unchanged"),
            ("expired", json!([]), "the request is expired"),
            ("approved", old("approved"), "the request is approved"),
            // Approved at an unknown time: it may be the lost review.
            ("approved", json!([]), "unclear"),
            (
                "approved",
                json!([{ "id": 2, "status": "approved" }]),
                "unclear",
            ),
            ("denied", json!([]), "the request is denied"),
        ] {
            assert_eq!(
                judged(status, responses.clone()),
                expected,
                "{status} {responses}"
            );
        }
    }
}
