//! Reviews of bypass requests, and their dismissal.

pub(crate) mod checked;
pub(crate) mod lost;
pub(crate) mod read;
pub(crate) mod read_back;
pub(crate) mod undo;

use github_bypass_requests_api::Operation;
use github_bypass_requests_api::types as wire;
use tokio::time::Instant;

use crate::call::{Call, Write, Written};
use crate::error::{Error, Result};
use crate::model::ids::{RequestNumber, ResponseId};
use crate::model::review::{Confirmation, Dismissal, Review};
use crate::model::vocabulary::Decision;
use crate::response::meta::ResponseMeta;
use crate::review::lost::{LostReview, recorded};
use crate::review::read_back::{ReadBack, pause_after};
use crate::scope::{Repository, SecretScanning};
use crate::transport::policy::Policy;

/// The longest message that GitHub accepts, in Unicode scalar values.
const MAX_MESSAGE: usize = 2048;

impl SecretScanning<Repository> {
    /// Approves a bypass request: the push is allowed.
    ///
    /// Use it if you know that the request is open. If a colleague may decide first, or the request
    /// may expire, use [`review_if_open`](Self::review_if_open). [`review`](Self::review) describes
    /// the message, lost responses and cancellation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// # let list = client.organization("octo-org").secret_scanning().list();
    /// # let request = list.status("open".parse()?).stream().try_next().await?.ok_or("none")?;
    /// let repository = client.repository_of(&request)?.secret_scanning();
    /// let review = repository.approve(request.number, "it is a test key").await?;
    /// println!("response id: {:?}", review.response_id);
    /// # assert_eq!(repository.get(request.number).await?.status, "approved");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`review`](Self::review).
    pub async fn approve(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        message: impl AsRef<str>,
    ) -> Result<Review> {
        self.review(number, Decision::Approve, message).await
    }

    /// Rejects a bypass request: the push stays blocked, and GitHub shows the request as `denied`.
    ///
    /// Use it if you know that the request is open. If a colleague may decide first, or the request
    /// may expire, use [`review_if_open`](Self::review_if_open). [`review`](Self::review) describes
    /// the message, lost responses and cancellation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// # let list = client.organization("octo-org").secret_scanning().list();
    /// # let request = list.status("open".parse()?).stream().try_next().await?.ok_or("none")?;
    /// let repository = client.repository_of(&request)?.secret_scanning();
    /// let message = "please revoke the token, see INC-7";
    /// let review = repository.reject(request.number, message).await?;
    /// println!("response id: {:?}", review.response_id);
    /// # assert_eq!(repository.get(request.number).await?.status, "denied");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`review`](Self::review).
    pub async fn reject(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        message: impl AsRef<str>,
    ) -> Result<Review> {
        self.review(number, Decision::Reject, message).await
    }

    /// Approves or rejects a bypass request.
    ///
    /// The message must have 1 to 2048 characters (Unicode scalar values), and must not consist of
    /// whitespace only.
    ///
    /// # Lost responses
    ///
    /// The review is recorded at most once. If its HTTP response is lost, the client reads the
    /// bypass request after 1, 5 and 15 seconds. If the server requests a longer delay, the client
    /// waits longer.
    ///
    /// - If the bypass request has a new response with this decision, the review counts as
    ///   recorded, with [`Confirmation::ReadBack`](crate::Confirmation::ReadBack).
    /// - If the bypass request is still unchanged after the last read, the review is sent once
    ///   more. If the HTTP response to the second attempt is lost, too, the client reads the bypass
    ///   request again.
    /// - Otherwise the call returns an error: see below.
    ///
    /// A review with [`Confirmation::ReadBack`](crate::Confirmation::ReadBack) may be that of a
    /// colleague who made the same decision. The client cannot detect a proxy that sends a review
    /// twice.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped before it completes, for example by `tokio::time::timeout`, the
    /// review may have been recorded. Read the bypass request before you try again. To stop waiting
    /// without cancelling the review, run it with `tokio::spawn`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use github_bypass_requests::{Client, Decision};
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// # let list = client.organization("octo-org").secret_scanning().list();
    /// # let request = list.status("open".parse()?).stream().try_next().await?.ok_or("none")?;
    /// let repository = client.repository_of(&request)?.secret_scanning();
    /// // The decision may come from a command line or a form.
    /// let decision: Decision = "reject".parse()?;
    /// repository.review(request.number, decision, "please revoke the token").await?;
    /// # assert_eq!(repository.get(request.number).await?.status, "denied");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::is_invalid_input`], before anything is sent: the message is empty, only
    ///   whitespace or too long, or the number is invalid.
    /// - [`Error::is_validation_failed`]: GitHub rejected the review, for example because the
    ///   bypass request is already decided.
    /// - [`Error::is_conflict`]: the HTTP response was lost, and after 15 seconds the bypass
    ///   request had another decision or had expired.
    /// - [`Error::is_ambiguous`]: the HTTP response was lost, and the client could not find out
    ///   whether the review was recorded. For example, the token is allowed to review but not to
    ///   read, or someone has dismissed a bypass response that may be this review.
    /// - [`Error::is_rate_limited`]: the client is rate limited. Nothing was recorded.
    pub async fn review(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        decision: Decision,
        message: impl AsRef<str>,
    ) -> Result<Review> {
        let number = number.try_into().map_err(Into::into)?;
        self.review_under(&self.policy(), number, decision, message.as_ref())
            .await
    }

    pub(crate) async fn review_under(
        &self,
        policy: &Policy,
        number: RequestNumber,
        decision: Decision,
        message: &str,
    ) -> Result<Review> {
        let message = parse_message(message)?;
        let body = wire::BypassReviewRequest {
            status: decision.to_wire(),
            message,
        };
        let Write {
            result,
            attempted_at,
        } = self.send_review(policy, number, &body).await?;
        let lost = || LostReview {
            repository: self,
            number,
            decision,
            policy,
            attempted_at,
        };
        match result {
            Written::Applied { body, meta } => match recorded(body, meta) {
                review if review.response_id.is_some() => Ok(review),
                without_id => Ok(lost().find_id(without_id).await),
            },
            Written::Lost(error) => match lost().read_back(&error).await {
                ReadBack::Unchanged => self.resend_review(&lost(), &body, error).await,
                found => found.settle(error),
            },
        }
    }

    /// Sends a lost review a second and last time, after the bypass request showed no sign of the
    /// first attempt.
    async fn resend_review(
        &self,
        lost: &LostReview<'_>,
        body: &wire::BypassReviewRequest,
        first: Error,
    ) -> Result<Review> {
        match self
            .send_review(lost.policy, lost.number, body)
            .await
            .map(|it| it.result)
        {
            Ok(Written::Applied { body, meta }) => Ok(lost.find_id(recorded(body, meta)).await),
            Ok(Written::Lost(error)) => lost.read_back(&error).await.settle(error),
            // GitHub may have rejected this attempt because it recorded the first one after all,
            // even if a lagging replica does not show that yet.
            Err(rejected) if rejected.is_not_found() || rejected.is_validation_failed() => {
                match lost.read_back_once(lost.policy.once()).await {
                    Ok(ReadBack::Applied(review)) => Ok(review),
                    Ok(ReadBack::Conflict(found)) => Err(rejected.into_conflict(found)),
                    Ok(ReadBack::Unclear(found)) => Err(first.having_found(found)),
                    Ok(ReadBack::Unchanged) | Err(_) => Err(first),
                }
            }
            Err(_) => Err(first),
        }
    }

    async fn send_review(
        &self,
        policy: &Policy,
        number: RequestNumber,
        body: &wire::BypassReviewRequest,
    ) -> Result<Write<wire::BypassReview>> {
        let (owner, name) = self.scope.names()?;
        let in_path = number.in_path()?;
        let operation = Operation::SECRET_SCANNING_REVIEW_BYPASS_REQUEST;
        // Only GitHub's own responses contain the id of a review.
        let is_from_github = |review: &wire::BypassReview| review.bypass_review_id.is_some();
        let ambiguous =
            format!("the response was lost: the review of request {number} may have been recorded");
        Call::new(&self.scope.client, operation)
            .policy(policy.clone())
            .write(
                |api| async move {
                    api.secret_scanning_review_bypass_request(owner, name, in_path, body)
                        .await
                },
                is_from_github,
                ambiguous,
            )
            .await
    }

    /// Dismisses a bypass response, so that the bypass request can be reviewed again.
    ///
    /// Use it for any response whose id you know, including a colleague's. To dismiss a review that
    /// you just made, use [`undo`](Self::undo), which checks that it is yours.
    ///
    /// If the HTTP response is lost, the dismissal is sent once more. If GitHub then responds that
    /// there is no such bypass response (404), the bypass response counts as dismissed, with
    /// [`Confirmation::Gone`](crate::Confirmation::Gone). Any other rejection is ambiguous: the
    /// bypass request may already be completed, in which case the bypass response remains in
    /// effect. `undo` finds out more, because it can read the request.
    ///
    /// If the future is dropped before it completes, for example by `tokio::time::timeout`, the
    /// dismissal may have been recorded.
    ///
    /// # Examples
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// # let list = client.organization("octo-org").secret_scanning().list();
    /// # let request = list.status("open".parse()?).stream().try_next().await?.ok_or("none")?;
    /// let repository = client.repository_of(&request)?.secret_scanning();
    /// # repository.approve(request.number, "it is a test key").await?;
    /// let request = repository.get(request.number).await?;
    /// if let Some(id) = request.latest_response().and_then(|response| response.id) {
    ///     repository.dismiss(id).await?;
    /// }
    /// # assert_eq!(repository.get(request.number).await?.decision(), None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::is_not_found`]: there is no such bypass response, or the token has no access to
    ///   it.
    /// - [`Error::is_validation_failed`]: GitHub rejected the dismissal.
    /// - [`Error::is_ambiguous`]: the HTTP response was lost, and the client could not find out
    ///   whether the dismissal was recorded.
    pub async fn dismiss(&self, response: ResponseId) -> Result<Dismissal> {
        self.dismiss_under(&self.policy(), response).await
    }

    pub(crate) async fn dismiss_under(
        &self,
        policy: &Policy,
        response: ResponseId,
    ) -> Result<Dismissal> {
        let error = match self.send_dismissal(policy, response).await? {
            Written::Applied { meta, .. } => return Ok(confirmed(meta)),
            Written::Lost(error) => error,
        };
        let Some(pause) = pause_after(&error, policy) else {
            return Err(error);
        };
        if !policy.sleep_until(Instant::now() + pause).await {
            return Err(error);
        }
        match self.send_dismissal(policy, response).await {
            Ok(Written::Applied { meta, .. }) => Ok(confirmed(meta)),
            // The request id shows that the 404 is GitHub's own. The first dismissal was probably
            // recorded. A 422 proves nothing, because it can have other reasons, such as a
            // completed request.
            Err(gone) if gone.is_not_found() && gone.request_id().is_some() => Ok(Dismissal {
                confirmation: Confirmation::Gone,
                meta: gone.into_meta(),
            }),
            Ok(Written::Lost(_)) | Err(_) => Err(error),
        }
    }

    async fn send_dismissal(&self, policy: &Policy, response: ResponseId) -> Result<Written<()>> {
        let (owner, name) = self.scope.names()?;
        let id = response.in_path()?;
        let operation = Operation::SECRET_SCANNING_DISMISS_BYPASS_RESPONSE;
        let ambiguous =
            format!("the response was lost: bypass response {response} may have been dismissed");
        let call = Call::new(&self.scope.client, operation).policy(policy.clone());
        let write = call.write(
            |api| async move {
                api.secret_scanning_dismiss_bypass_response(owner, name, id)
                    .await
            },
            |()| false,
            ambiguous,
        );
        write.await.map(|it| it.result)
    }
}

/// Returns the dismissal that GitHub's response confirms.
fn confirmed(meta: ResponseMeta) -> Dismissal {
    Dismissal {
        confirmation: Confirmation::Response,
        meta,
    }
}

/// Checks a message against GitHub's limits.
pub(crate) fn parse_message(message: &str) -> Result<wire::BypassReviewRequestMessage> {
    let length = message.chars().count();
    if length > 0 && message.trim().is_empty() {
        return Err(Error::input("`message` must contain more than whitespace"));
    }
    let parsed = message.parse().ok().filter(|_| length > 0);
    parsed.ok_or_else(|| {
        Error::input(format!(
            "`message` takes 1 to {MAX_MESSAGE} characters, not {length}"
        ))
    })
}
