//! What can be done with a single request: read it, review it, dismiss a response.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use github_bypass_requests_api::Operation;
use github_bypass_requests_api::types::{BypassReviewRequest, BypassReviewRequestMessage};
use tokio::time::{Instant, sleep};

use crate::call::{Call, Written};
use crate::ids::InPath;
use crate::model::Wired;
use crate::read_back::{LostReview, Seen};
use crate::wait::server_time;
use crate::{
    BypassRequest, Confirmation, Decision, Dismissal, Error, PushRules, Repository, RequestNumber,
    ResponseId, ResponseMeta, Result, Review, RuleViolation, SecretFinding, SecretScanning,
};

/// The longest message that GitHub takes, in Unicode scalar values.
const MAX_MESSAGE: usize = 2048;

/// A request as it was read.
pub(crate) struct Read {
    pub(crate) request: BypassRequest<SecretFinding>,
    pub(crate) meta: ResponseMeta,
    /// On the server's clock.
    pub(crate) now: DateTime<Utc>,
}

impl SecretScanning<Repository> {
    /// Reads a request by its number.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] if there is none, or the token may not see it.
    pub async fn get(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
    ) -> Result<BypassRequest<SecretFinding>> {
        let number = number.try_into().map_err(Into::into)?;
        self.read(number).await.map(|read| read.request)
    }

    /// The request, and what the answer tells beside it.
    pub(crate) async fn read(&self, number: RequestNumber) -> Result<Read> {
        let (call, owner, name) = self
            .scope
            .call(Operation::SECRET_SCANNING_GET_BYPASS_REQUEST)?;
        let result = call
            .api()
            .secret_scanning_get_bypass_request(owner, name, number.in_path()?)
            .await;
        let (request, meta) = call.finish(result)?;
        let now = call.head().and_then(|head| server_time(&head.headers));
        Ok(Read {
            request: SecretFinding::carry_over(request),
            meta,
            now: now.unwrap_or_else(Utc::now),
        })
    }

    /// Allows the bypass. `message` goes with the review; see [`review`](Self::review), also for
    /// what it means to drop the future.
    ///
    /// # Errors
    ///
    /// As [`review`](Self::review).
    pub async fn approve(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        message: impl AsRef<str>,
    ) -> Result<Review> {
        self.review(number, Decision::Approve, message).await
    }

    /// Refuses the bypass. `message` goes with the review; see [`review`](Self::review), also for
    /// what it means to drop the future.
    ///
    /// # Errors
    ///
    /// As [`review`](Self::review).
    pub async fn reject(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        message: impl AsRef<str>,
    ) -> Result<Review> {
        self.review(number, Decision::Reject, message).await
    }

    /// Decides on a request. The message is required: 1 to 2048 characters (Unicode scalar values),
    /// not all of them blank.
    ///
    /// The review is recorded at most once. Where its answer is lost, the request is read 1, 5 and
    /// 15 seconds later: if it shows a new response with this decision, the review counts as
    /// recorded, with [`Confirmation::ReadBack`](crate::Confirmation::ReadBack); if nothing has
    /// changed, it is sent once more, and looked for again if that is lost, too. Where the server
    /// asks for a longer pause, it gets it.
    ///
    /// # Cancellation
    ///
    /// Where the future is dropped before it is ready, as by `tokio::time::timeout`, nobody knows
    /// whether the review was recorded: read the request before a second try. To stop waiting and
    /// have the review carried through all the same, `tokio::spawn` it.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] for a message that is empty or too long, before anything is sent;
    /// [`Error::is_validation_failed`] where GitHub refuses, as for a request that is decided;
    /// [`Error::is_conflict`] where the answer was lost and the request is decided otherwise;
    /// [`Error::is_ambiguous`] where it could not be found out, as with a token that may review but
    /// not read; [`Error::is_rate_limited`] where GitHub wants fewer requests and nothing was done.
    pub async fn review(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        decision: Decision,
        message: impl AsRef<str>,
    ) -> Result<Review> {
        let number = number.try_into().map_err(Into::into)?;
        let message = parse_message(message.as_ref())?;
        let body = BypassReviewRequest {
            status: decision.to_wire(),
            message,
        };
        let (written, since) = self.send_review(number, &body).await?;
        let lost = LostReview {
            repository: &self.scope,
            number,
            decision,
            since,
        };
        match written {
            Written::Applied(review) => Ok(lost.with_id(review).await),
            Written::Lost(error) => match lost.look_out(&error).await {
                Seen::Applied(review) => Ok(review),
                Seen::Conflict(found) => Err(error.into_conflict(found)),
                Seen::Unchanged => self.resend_review(&lost, &body, error).await,
                Seen::Unclear => Err(error),
            },
        }
    }

    /// The second and last try of a review that was lost and, as far as could be seen, not recorded.
    async fn resend_review(
        &self,
        lost: &LostReview<'_>,
        body: &BypassReviewRequest,
        first: Error,
    ) -> Result<Review> {
        match self.send_review(lost.number, body).await {
            Ok((Written::Applied(review), _)) => Ok(lost.with_id(review).await),
            Ok((Written::Lost(error), _)) => lost.settle(error).await,
            // It may be refused because the first try was recorded after all.
            Err(refused) if refused.is_not_found() || refused.is_validation_failed() => {
                match lost.look(self.scope.client.shared.policy.once()).await {
                    Ok(Seen::Applied(review)) => Ok(review),
                    Ok(Seen::Conflict(found)) => Err(refused.into_conflict(found)),
                    Ok(Seen::Unchanged) => Err(refused),
                    Ok(Seen::Unclear) | Err(_) => Err(first),
                }
            }
            Err(_) => Err(first),
        }
    }

    /// What became of it, and when sending it began.
    async fn send_review(
        &self,
        number: RequestNumber,
        body: &BypassReviewRequest,
    ) -> Result<(Written<Review>, Instant)> {
        let (call, owner, name) = self
            .scope
            .call(Operation::SECRET_SCANNING_REVIEW_BYPASS_REQUEST)?;
        let api = call.api();
        // Where the attempt does not tell when it began: too early is safe, for then a response of
        // ours counts as new all the same.
        let began = Instant::now();
        let result = api
            .secret_scanning_review_bypass_request(owner, name, number.in_path()?, body)
            .await;
        let unknown = || format!("whether the review of request {number} was recorded is unknown");
        let written = match call.written(result, unknown)? {
            Written::Applied((review, meta)) => Written::Applied(Review {
                meta,
                confirmation: Confirmation::Answered,
                ..Review::from(review.unwrap_or_default())
            }),
            Written::Lost(error) => Written::Lost(error),
        };
        Ok((written, call.attempted_at().unwrap_or(began)))
    }

    /// Withdraws a response, so that the request can be reviewed anew.
    ///
    /// Where the answer is lost, it is sent once more; if GitHub then knows no such response any more,
    /// it counts as dismissed, and [`Dismissal::confirmed`] is false. Where the future is dropped, as
    /// by `tokio::time::timeout`, nobody knows, as with a [review](Self::review).
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] if there is no such response, or the token may not see it;
    /// [`Error::is_validation_failed`] where GitHub refuses; [`Error::is_ambiguous`] where it
    /// could not be found out.
    pub async fn dismiss(&self, response: ResponseId) -> Result<Dismissal> {
        let error = match self.send_dismissal(response).await? {
            Written::Applied(dismissal) => return Ok(dismissal),
            Written::Lost(error) => error,
        };
        let Some(pause) = self.scope.client.pause_after(&error) else {
            return Err(error);
        };
        sleep(pause).await;
        match self.send_dismissal(response).await {
            Ok(Written::Applied(dismissal)) => Ok(dismissal),
            // The first try was applied, as it seems; in GitHub's own words.
            Err(gone)
                if (gone.is_not_found() || gone.is_validation_failed())
                    && gone.request_id().is_some() =>
            {
                Ok(Dismissal {
                    confirmed: false,
                    meta: gone.into_meta(),
                })
            }
            Ok(Written::Lost(_)) | Err(_) => Err(error),
        }
    }

    async fn send_dismissal(&self, response: ResponseId) -> Result<Written<Dismissal>> {
        let (call, owner, name) = self
            .scope
            .call(Operation::SECRET_SCANNING_DISMISS_BYPASS_RESPONSE)?;
        let api = call.api();
        let result = api
            .secret_scanning_dismiss_bypass_response(owner, name, response.in_path()?)
            .await;
        let unknown = || format!("whether response {response} was dismissed is unknown");
        call.written(result, unknown).map(|written| match written {
            Written::Applied((_, meta)) => Written::Applied(Dismissal {
                confirmed: true,
                meta,
            }),
            Written::Lost(error) => Written::Lost(error),
        })
    }
}

impl PushRules<Repository> {
    /// Reads a request by its number.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] if there is none, or the token may not see it.
    pub async fn get(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
    ) -> Result<BypassRequest<RuleViolation>> {
        let number = number.try_into().map_err(Into::into)?;
        let (call, owner, name) = self
            .scope
            .call(Operation::REPOS_GET_REPO_PUSH_BYPASS_REQUEST)?;
        let result = call
            .api()
            .repos_get_repo_push_bypass_request(owner, name, number.in_path()?)
            .await;
        call.finish(result)
            .map(|(request, _)| RuleViolation::carry_over(request))
    }
}

impl Repository {
    /// A call of an operation on this repository, with the owner's and its own name.
    fn call(&self, operation: Operation) -> Result<(Arc<Call>, &str, &str)> {
        let (owner, name) = self.names()?;
        Ok((self.client.call(operation), owner, name))
    }

    /// The owner's and its own name.
    pub(crate) fn names(&self) -> Result<(&str, &str)> {
        let owner = self.owner.as_ref().map_err(Clone::clone)?;
        let name = self.name.as_ref().map_err(Clone::clone)?;
        Ok((owner.as_str(), name.as_str()))
    }
}

/// A message that GitHub takes, or why it would not.
pub(crate) fn parse_message(message: &str) -> Result<BypassReviewRequestMessage> {
    let length = message.chars().count();
    if length > 0 && message.trim().is_empty() {
        return Err(Error::input("the message is blank"));
    }
    let parsed = message.parse().ok().filter(|_| length > 0);
    parsed.ok_or_else(|| {
        Error::input(format!(
            "the message has {length} characters, not 1 to {MAX_MESSAGE}"
        ))
    })
}
