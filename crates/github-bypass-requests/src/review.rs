//! Reviews a request, and dismisses a review.

pub(crate) mod checked;
pub(crate) mod lost;
pub(crate) mod read;

use github_bypass_requests_api::Operation;
use github_bypass_requests_api::types as wire;
use tokio::time::sleep;

use crate::call::{Call, Write, Written};
use crate::error::{Error, Result};
use crate::model::ids::{RequestNumber, ResponseId};
use crate::model::review::{Dismissal, Review};
use crate::model::vocabulary::Decision;
use crate::review::lost::{LostReview, Seen, pause_after, recorded};
use crate::scope::{Repository, SecretScanning};

/// The longest message that GitHub accepts, in Unicode scalar values.
const MAX_MESSAGE: usize = 2048;

impl SecretScanning<Repository> {
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
        let body = wire::BypassReviewRequest {
            status: decision.to_wire(),
            message,
        };
        let Write {
            result,
            attempted_at: since,
        } = self.send_review(number, &body).await?;
        let lost = || LostReview {
            repository: self,
            number,
            decision,
            since,
        };
        match result {
            Written::Applied { body, meta } => match recorded(body, meta) {
                review if review.response_id.is_some() => Ok(review),
                without_id => Ok(lost().find_id(without_id).await),
            },
            Written::Lost(error) => match lost().look_out(&error).await {
                Seen::Applied(review) => Ok(review),
                Seen::Conflict(found) => Err(error.into_conflict(found)),
                Seen::Unchanged => self.resend_review(&lost(), &body, error).await,
                Seen::Unclear => Err(error),
            },
        }
    }

    /// The second and last try of a review that was lost and, as far as could be seen, not recorded.
    async fn resend_review(
        &self,
        lost: &LostReview<'_>,
        body: &wire::BypassReviewRequest,
        first: Error,
    ) -> Result<Review> {
        match self
            .send_review(lost.number, body)
            .await
            .map(|it| it.result)
        {
            Ok(Written::Applied { body, meta }) => Ok(lost.find_id(recorded(body, meta)).await),
            Ok(Written::Lost(error)) => lost.settle(error).await,
            // It may be refused because the first try was recorded after all.
            Err(refused) if refused.is_not_found() || refused.is_validation_failed() => {
                match lost.look(self.policy().once()).await {
                    Ok(Seen::Applied(review)) => Ok(review),
                    Ok(Seen::Conflict(found)) => Err(refused.into_conflict(found)),
                    Ok(Seen::Unchanged) => Err(refused),
                    Ok(Seen::Unclear) | Err(_) => Err(first),
                }
            }
            Err(_) => Err(first),
        }
    }

    async fn send_review(
        &self,
        number: RequestNumber,
        body: &wire::BypassReviewRequest,
    ) -> Result<Write<wire::BypassReview>> {
        let (owner, name) = self.scope.names()?;
        let in_path = number.in_path()?;
        let operation = Operation::SECRET_SCANNING_REVIEW_BYPASS_REQUEST;
        // Only GitHub knows the id of a review.
        let is_githubs = |review: &wire::BypassReview| review.bypass_review_id.is_some();
        let unknown = format!("whether the review of request {number} was recorded is unknown");
        Call::new(&self.scope.client, operation)
            .write(
                |api| async move {
                    api.secret_scanning_review_bypass_request(owner, name, in_path, body)
                        .await
                },
                is_githubs,
                unknown,
            )
            .await
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
            Written::Applied { meta, .. } => {
                return Ok(Dismissal {
                    confirmed: true,
                    meta,
                });
            }
            Written::Lost(error) => error,
        };
        let Some(pause) = pause_after(&error, self.policy()) else {
            return Err(error);
        };
        sleep(pause).await;
        match self.send_dismissal(response).await {
            Ok(Written::Applied { meta, .. }) => Ok(Dismissal {
                confirmed: true,
                meta,
            }),
            // In GitHub's own words: the first try was applied, it seems.
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

    async fn send_dismissal(&self, response: ResponseId) -> Result<Written<()>> {
        let (owner, name) = self.scope.names()?;
        let id = response.in_path()?;
        let operation = Operation::SECRET_SCANNING_DISMISS_BYPASS_RESPONSE;
        let unknown = format!("whether response {response} was dismissed is unknown");
        let write = Call::new(&self.scope.client, operation).write(
            |api| async move {
                api.secret_scanning_dismiss_bypass_response(owner, name, id)
                    .await
            },
            |()| false,
            unknown,
        );
        write.await.map(|it| it.result)
    }
}

/// A message that GitHub takes, or why it would not.
pub(crate) fn parse_message(message: &str) -> Result<wire::BypassReviewRequestMessage> {
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
