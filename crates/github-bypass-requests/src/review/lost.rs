//! Writes that are applied at most once, or reported as unknown.
//!
//! Where the answer to a review is lost, the request tells whether it was recorded. Nothing is read
//! before the write: a token may be allowed to review and not to get.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use github_bypass_requests_api::Operation;
use tokio::time::{Instant, sleep};

use crate::escape::escape;
use crate::gate::jitter;
use crate::ids::InPath;
use crate::model::Wired;
use crate::transport::Policy;
use crate::wait::server_time;
use crate::{
    BypassRequest, BypassResponse, Client, Confirmation, Decision, Error, Repository,
    RequestNumber, RequestStatus, ResponseStatus, Result, Review, SecretFinding,
};

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

/// A review whose answer was lost.
pub(crate) struct LostReview<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) number: RequestNumber,
    pub(crate) decision: Decision,
    /// When sending it began: the attempt whose answer was lost, not the wait before it.
    pub(crate) since: Instant,
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
    /// A review that GitHub has recorded, with the id of its response if one look shows it.
    pub(crate) async fn with_id(&self, review: Review) -> Review {
        if review.response_id.is_some() {
            return review;
        }
        // The review is known to be recorded: for its id alone, nothing is waited for.
        let policy = self.repository.client.shared.policy.at_once();
        match self.look(policy).await {
            Ok(Seen::Applied(Review {
                response_id,
                confirmation,
                ..
            })) => Review {
                response_id,
                confirmation,
                ..review
            },
            _ => review,
        }
    }

    /// Looks 1, 5 and 15 seconds after the failure, or later where the server asks for it, until
    /// something is seen. Gives up if a look is refused, or the last one fails.
    pub(crate) async fn look_out(&self, lost: &Error) -> Seen {
        let Repository { client, .. } = self.repository;
        let failed_at = Instant::now();
        let mut pause = client.pause_after(lost);
        let mut seen = Seen::Unclear;
        for look in LOOKS {
            let Some(asked) = pause else {
                return Seen::Unclear;
            };
            sleep(look.saturating_sub(failed_at.elapsed()).max(asked)).await;
            (seen, pause) = match self.look(client.shared.policy.once()).await {
                Ok(Seen::Unchanged) => (Seen::Unchanged, Some(Duration::ZERO)),
                Ok(seen) => return seen,
                Err(error) if is_refused(&error) => return Seen::Unclear,
                Err(error) => (Seen::Unclear, client.pause_after(&error)),
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
        let (owner, name) = repository.names()?;
        let call = repository
            .client
            .call_with(Operation::SECRET_SCANNING_GET_BYPASS_REQUEST, policy);
        let api = call.api();
        let result = api
            .secret_scanning_get_bypass_request(owner, name, number.in_path()?)
            .await;
        let (request, meta) = call.finish(result)?;
        // Without the server's clock, nothing can be told from what was there before.
        let now = call.head().and_then(|head| server_time(&head.headers));
        let age = TimeDelta::from_std(since.elapsed().saturating_add(CLOCK_SKEW));
        let is_new = |response: &BypassResponse| {
            let created_at = response
                .created_at
                .zip(now)
                .map(|(created_at, now)| now - created_at);
            created_at
                .zip(age.ok())
                .is_some_and(|(created_at, age)| created_at <= age)
        };
        if now.is_none() {
            return Ok(Seen::Unclear);
        }
        let seen = judge(&SecretFinding::carry_over(request), *decision, is_new);
        Ok(match seen {
            Seen::Applied(review) => Seen::Applied(Review { meta, ..review }),
            other => other,
        })
    }
}

impl Client {
    /// How long the server asks to be left alone by the answer to a write, or to a look for it;
    /// `None` where that is longer than a call waits.
    pub(crate) fn pause_after(&self, lost: &Error) -> Option<Duration> {
        let Some(retry_at) = lost.retry_at() else {
            return Some(Duration::ZERO);
        };
        let told = (retry_at - Utc::now()).to_std().unwrap_or_default();
        (told <= self.shared.policy.max_rate_limit_wait).then(|| told + jitter())
    }
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
    let wished = match decision {
        Decision::Approve => ResponseStatus::Approved,
        Decision::Reject => ResponseStatus::Denied,
    };
    let new = || request.responses.iter().filter(|response| is_new(response));
    if let Some(response) = new().find(|response| response.status.as_ref() == Some(&wished)) {
        let confirmation = Confirmation::ReadBack {
            reviewer: response.reviewer.clone(),
        };
        return Seen::Applied(Review {
            response_id: response.id,
            confirmation,
            ..Review::default()
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
        status if undated && status.as_str() == wished.as_str() => Seen::Unclear,
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
