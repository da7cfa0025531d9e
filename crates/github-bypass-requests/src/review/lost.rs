//! Finds out whether a review was recorded if its response was lost.
//!
//! The request shows it. Nothing is read before the review is sent, because a token may be allowed to
//! review and not to read.

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

/// When to look, after the answer was lost.
const LOOKS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
];
/// How far apart two of GitHub's clocks may be.
const CLOCK_SKEW: Duration = Duration::from_secs(2);

/// Logins and statuses are short; this text comes from the server.
const MAX_FOUND: usize = 200;

/// A review whose response, or whose id, was lost.
pub(crate) struct LostReview<'a> {
    pub(crate) repository: &'a SecretScanning<Repository>,
    pub(crate) number: RequestNumber,
    pub(crate) decision: Decision,
    /// The start of the attempt whose response was lost, without the wait before it.
    pub(crate) since: Instant,
}

/// A review that GitHub's response says was recorded.
pub(crate) fn recorded(body: Option<wire::BypassReview>, meta: ResponseMeta) -> Review {
    let id = body.and_then(|wire::BypassReview { bypass_review_id }| bypass_review_id);
    Review {
        response_id: id.map(ResponseId::from_server),
        confirmation: Confirmation::Response,
        meta,
    }
}

/// What the request tells about a lost review.
#[derive(Debug)]
pub(crate) enum Seen {
    /// There is a new response with our decision.
    Applied(Review),
    /// Somebody has decided otherwise, or time has.
    Conflict(String),
    /// Nothing has happened yet.
    Unchanged,
    /// It cannot be told: something has happened that may have been our review, or nobody lets us
    /// look.
    Unclear,
}

impl LostReview<'_> {
    /// Reads the request once for the id that the response lacks, without waiting for a rate limit: the
    /// review is recorded anyway.
    pub(crate) async fn find_id(&self, review: Review) -> Review {
        if review.response_id.is_some() {
            return review;
        }
        let policy = self.repository.policy().once().without_waiting();
        match self.look(policy).await {
            Ok(Seen::Applied(found)) => Review {
                meta: review.meta,
                ..found
            },
            _ => review,
        }
    }

    /// Looks 1, 5 and 15 seconds after the failure, or later where the server asks for it, until
    /// something is seen. Gives up if a look is refused, or the last one fails.
    pub(crate) async fn look_out(&self, lost: &Error) -> Seen {
        let policy = self.repository.policy();
        let failed_at = Instant::now();
        let mut pause = pause_after(lost, policy);
        let mut seen = Seen::Unclear;
        for look in LOOKS {
            let Some(asked) = pause else {
                return Seen::Unclear;
            };
            sleep(look.saturating_sub(failed_at.elapsed()).max(asked)).await;
            (seen, pause) = match self.look(policy.once()).await {
                Ok(Seen::Unchanged) => (Seen::Unchanged, Some(Duration::ZERO)),
                Ok(seen) => return seen,
                Err(error) if is_refused(&error) => return Seen::Unclear,
                Err(error) => (Seen::Unclear, pause_after(&error, policy)),
            };
        }
        seen
    }

    /// As [`look_out`](Self::look_out): what came of it, unless there is reason to send it again.
    pub(crate) async fn settle(&self, lost: Error) -> Result<Review> {
        match self.look_out(&lost).await {
            Seen::Applied(review) => Ok(review),
            Seen::Conflict(found) => Err(lost.into_conflict(found)),
            Seen::Unchanged | Seen::Unclear => Err(lost),
        }
    }

    /// Reads the request, once.
    pub(crate) async fn look(&self, policy: Policy) -> Result<Seen> {
        let Self {
            repository,
            number,
            decision,
            since,
        } = self;
        let Read {
            request,
            meta,
            server_time,
        } = repository.read(*number, policy).await?;
        // Without the server's clock, nothing distinguishes a new response from an old one.
        let Some(now) = server_time else {
            return Ok(Seen::Unclear);
        };
        let age = TimeDelta::from_std(since.elapsed().saturating_add(CLOCK_SKEW));
        let age = age.unwrap_or(TimeDelta::MAX);
        let is_new = |response: &BypassResponse| {
            let created_at = response.created_at;
            created_at.is_some_and(|created_at| now - created_at <= age)
        };
        let seen = judge(&request, *decision, is_new);
        Ok(match seen {
            Seen::Applied(review) => Seen::Applied(Review { meta, ..review }),
            other => other,
        })
    }
}

/// How long to pause before the next request, because the server asked for it; `None` if that is longer
/// than a call waits.
pub(crate) fn pause_after(error: &Error, policy: &Policy) -> Option<Duration> {
    let Some(retry_at) = error.retry_at() else {
        return Some(Duration::ZERO);
    };
    let stated = (retry_at - Utc::now()).to_std().unwrap_or_default();
    (stated <= policy.max_rate_limit_wait).then(|| stated + jitter())
}

/// Whether another look would be answered the same.
fn is_refused(error: &Error) -> bool {
    error.is_rate_limited()
        || error
            .status()
            .is_some_and(|status| (400..500).contains(&status) && status != 408)
}

/// What a request tells about a review that may have been recorded. Pure.
fn judge(
    request: &BypassRequest<SecretFinding>,
    decision: Decision,
    is_new: impl Fn(&BypassResponse) -> bool,
) -> Seen {
    let wanted = match decision {
        Decision::Approve => ResponseStatus::Approved,
        Decision::Reject => ResponseStatus::Denied,
    };
    let new = || request.responses.iter().filter(|response| is_new(response));
    if let Some(response) = new().find(|response| response.status.as_ref() == Some(&wanted)) {
        let confirmation = Confirmation::ReadBack {
            reviewer: response.reviewer.clone(),
        };
        return Seen::Applied(Review {
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
        return Seen::Conflict(escape(&format!("the request was {response}"), MAX_FOUND));
    }
    // Dismissed, or without a status: it may have been ours.
    if new().next().is_some() {
        return Seen::Unclear;
    }
    let dated = |response: &BypassResponse| response.created_at.is_some();
    let undated = request.responses.is_empty() || !request.responses.iter().all(dated);
    match &request.status {
        RequestStatus::Open | RequestStatus::Pending => Seen::Unchanged,
        status if undated && status.as_str() == wanted.as_str() => Seen::Unclear,
        status => Seen::Conflict(escape(&format!("the request is {status}"), MAX_FOUND)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What an approval of ours is taken for; a response counts as new by its id, 1.
    fn seen(status: &str, responses: serde_json::Value) -> String {
        let request = json!({
            "id": 1, "number": 1, "status": status, "request_type": "secret_scanning",
            "created_at": "2026-07-01T12:00:00Z", "responses": responses,
        });
        let request = serde_json::from_value(request).expect("a request");
        let is_new = |response: &BypassResponse| response.id.is_some_and(|id| id.get() == 1);
        match judge(&request, Decision::Approve, is_new) {
            Seen::Applied(review) => {
                format!("applied, {:?}", review.response_id.map(|id| id.get()))
            }
            Seen::Conflict(found) => found,
            Seen::Unchanged => "unchanged".to_owned(),
            Seen::Unclear => "unclear".to_owned(),
        }
    }

    #[test]
    fn only_what_cannot_have_been_ours_is_a_conflict_or_sent_again() {
        let new = |status: &str| json!([{ "id": 1, "status": status, "created_at": "2026-07-02T12:00:00Z" }]);
        let old = |status: &str| json!([{ "id": 2, "status": status, "created_at": "2026-07-01T12:00:00Z" }]);
        for (status, responses, expected) in [
            ("approved", new("approved"), "applied, Some(1)"),
            // A colleague has dismissed ours, or his own: sent again, it might be there twice.
            ("open", new("dismissed"), "unclear"),
            ("approved", json!([{ "id": 1 }]), "unclear"),
            (
                "denied",
                new("denied"),
                "the request was denied by unknown user",
            ),
            ("open", json!([]), "unchanged"),
            ("pending", old("dismissed"), "unchanged"),
            ("expired", json!([]), "the request is expired"),
            ("approved", old("approved"), "the request is approved"),
            // Approved, and nobody says when: it may be ours.
            ("approved", json!([]), "unclear"),
            (
                "approved",
                json!([{ "id": 2, "status": "approved" }]),
                "unclear",
            ),
            ("denied", json!([]), "the request is denied"),
        ] {
            assert_eq!(
                seen(status, responses.clone()),
                expected,
                "{status} {responses}"
            );
        }
    }
}
