//! Reviews only what is open, and takes a review back.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use chrono::Utc;

use crate::error::{Error, Kind, Result};
use crate::model::ids::RequestNumber;
use crate::model::request::BypassRequest;
use crate::model::review::{Confirmation, Dismissal, Review};
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{Decision, RequestStatus, ResponseStatus};
use crate::response::meta::ResponseMeta;
use crate::review::parse_message;
use crate::review::read::Read;
use crate::scope::{Repository, SecretScanning};

/// A review that is sent only if the request still waits for one. Created by
/// [`review_if_open`](SecretScanning::review_if_open). Nothing is sent until it is awaited.
#[must_use = "nothing is sent until it is awaited"]
#[derive(Debug)]
pub struct ReviewIfOpen {
    repository: SecretScanning<Repository>,
    number: Result<RequestNumber>,
    decision: Decision,
    message: String,
    dry_run: bool,
}

/// The outcome of [`review_if_open`](SecretScanning::review_if_open).
///
/// Prints it in a few words: `denied`, `already approved by octocat`, `expired at
/// 2024-07-08T08:43:03Z`.
#[must_use = "the request may not have been reviewed"]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReviewOutcome {
    /// The request as it was last read: before the review, if one was recorded.
    pub request: BypassRequest<SecretFinding>,
    /// Metadata of the response to the review, or of the last read if none was recorded; for an audit
    /// log.
    pub meta: ResponseMeta,
    /// What was done, or why nothing was.
    pub result: ReviewResult,
}

/// What [`review_if_open`](SecretScanning::review_if_open) did, or why it did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReviewResult {
    /// The request waited for a review, and one with this decision is recorded: this one or, if its
    /// response was lost, one that may be a colleague's. See [`Review::confirmation`].
    #[non_exhaustive]
    Reviewed {
        /// The decision that was sent.
        decision: Decision,
        /// The review that GitHub recorded.
        review: Review,
    },
    /// The request waits for a review. Nothing was sent, because this is a dry run.
    #[non_exhaustive]
    WouldReview {
        /// The decision that would have been sent.
        decision: Decision,
    },
    /// Another review decided the request first. Nothing was recorded.
    AlreadyDecided,
    /// The request has expired, by its status or by the server's clock. Nothing was recorded.
    Expired,
    /// The request does not wait for a review for another reason, which is its status: for example
    /// `cancelled`. Nothing was recorded.
    NotOpen,
}

impl SecretScanning<Repository> {
    /// Reads the request, and reviews it only if it still waits for a review and has not expired on
    /// the server's clock. What it finds instead is no error: see [`ReviewOutcome`].
    ///
    /// Between the reading and the review a colleague may be faster. GitHub then refuses the review,
    /// and the request is read again to tell what has become of it. Where the future is dropped, as by
    /// `tokio::time::timeout`, nobody knows whether the review was recorded, as
    /// [`review`](Self::review) tells; a dry run can be dropped at any time.
    ///
    /// ```
    /// # use github_bypass_requests::{Client, Decision, ReviewResult};
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// # let list = client.organization("octo-org").secret_scanning().list();
    /// # let request = list.status("open".parse()?).stream().try_next().await?.ok_or("none")?;
    /// let repository = client.repository_of(&request)?.secret_scanning();
    /// let review = repository.review_if_open(request.number, Decision::Reject, "see INC-7");
    /// println!("{}", review.dry_run().await?);
    ///
    /// let review = repository.review_if_open(request.number, Decision::Reject, "see INC-7");
    /// let outcome = review.await?;
    /// match &outcome.result {
    ///     ReviewResult::Reviewed { review, .. } => println!("denied: {:?}", review.response_id),
    ///     ReviewResult::AlreadyDecided => println!("too late: {}", outcome.request.status),
    ///     // Expired, or not open for another reason.
    ///     _ => println!("nothing was done: {outcome}"),
    /// }
    /// # assert_eq!(repository.get(request.number).await?.decision(), Some(Decision::Reject));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get) and of [`review`](Self::review); the message is checked first.
    pub fn review_if_open(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        decision: Decision,
        message: impl Into<String>,
    ) -> ReviewIfOpen {
        ReviewIfOpen {
            repository: self.clone(),
            number: number.try_into().map_err(Into::into),
            decision,
            message: message.into(),
            dry_run: false,
        }
    }

    /// Takes back a review that was just made: dismisses its response.
    ///
    /// Only a review that is known to be one's own, and whose response is still among the request's,
    /// is taken back: that GitHub calls the id of a review and that of a response the same is our
    /// reading of its documentation, and is checked here. Where the future is dropped, as by
    /// `tokio::time::timeout`, nobody knows whether it was taken back, as with a
    /// [review](Self::review).
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
    ///
    /// // On second thoughts.
    /// repository.undo(request.number, &review).await?;
    /// assert_eq!(repository.get(request.number).await?.decision(), None);
    ///
    /// let again = repository.undo(request.number, &review).await;
    /// assert!(again.is_err_and(|error| error.is_conflict()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`], before anything is sent, if the review has no id, or was only
    /// [read back](Confirmation::ReadBack), so that it may be a colleague's. [`Error::is_conflict`] if
    /// the response is not among those of the request, or is already dismissed. Otherwise those of
    /// [`get`](Self::get) and [`dismiss`](Self::dismiss).
    pub async fn undo(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        review: &Review,
    ) -> Result<Dismissal> {
        let number = number.try_into().map_err(Into::into)?;
        let (owner, name) = self.scope.names()?;
        let named = format!("{owner}/{name}#{number}");
        if let Confirmation::ReadBack { reviewer } = &review.confirmation {
            return Err(Error::input(format!(
                "the review of {named} was read back and may be a colleague's: its response is by \
                 {reviewer}"
            )));
        }
        let Some(id) = review.response_id else {
            return Err(Error::input(format!(
                "GitHub did not tell the id of the review of {named}"
            )));
        };
        let request = self.get(number).await?;
        let response = request
            .responses
            .iter()
            .find(|response| response.id == Some(id));
        let conflict = |found| Err(Error::new(Kind::Conflict(found)));
        match response.map(|response| &response.status) {
            None => conflict(format!("response {id} is not among those of {named}")),
            Some(Some(ResponseStatus::Dismissed)) => {
                conflict(format!("response {id} of {named} is dismissed already"))
            }
            Some(_) => self.dismiss(id).await,
        }
    }
}

impl ReviewIfOpen {
    /// Only reads the request, and reports what would be done.
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    async fn carry_out(self) -> Result<ReviewOutcome> {
        let Self {
            repository,
            number,
            decision,
            message,
            dry_run,
        } = self;
        let number = number?;
        parse_message(&message)?;
        let read = || repository.read(number, repository.policy().clone());
        let found = read().await?;
        if let Some(obstacle) = obstacle(&found) {
            return Ok(ReviewOutcome::of(found, obstacle));
        }
        if dry_run {
            return Ok(ReviewOutcome::of(
                found,
                ReviewResult::WouldReview { decision },
            ));
        }
        let refused = match repository.review(number, decision, message).await {
            Ok(review) => {
                return Ok(ReviewOutcome {
                    request: found.request,
                    meta: review.meta.clone(),
                    result: ReviewResult::Reviewed { decision, review },
                });
            }
            Err(error) => error,
        };
        if !(refused.is_validation_failed() || refused.is_conflict()) {
            return Err(refused);
        }
        // If it still waits, it was refused for another reason.
        let found = read().await.ok();
        let outcome = found.and_then(|found| {
            let obstacle = obstacle(&found)?;
            Some(ReviewOutcome::of(found, obstacle))
        });
        outcome.ok_or(refused)
    }
}

/// Why a request cannot be reviewed; `None` if it can.
fn obstacle(found: &Read) -> Option<ReviewResult> {
    let Read {
        request,
        server_time,
        ..
    } = found;
    if request.is_reviewable(server_time.unwrap_or_else(Utc::now)) {
        return None;
    }
    Some(match request.status {
        RequestStatus::Open | RequestStatus::Pending | RequestStatus::Expired => {
            ReviewResult::Expired
        }
        RequestStatus::Approved | RequestStatus::Denied | RequestStatus::Completed => {
            ReviewResult::AlreadyDecided
        }
        _ => ReviewResult::NotOpen,
    })
}

impl IntoFuture for ReviewIfOpen {
    type Output = Result<ReviewOutcome>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.carry_out())
    }
}

impl ReviewOutcome {
    fn of(Read { request, meta, .. }: Read, result: ReviewResult) -> Self {
        Self {
            request,
            meta,
            result,
        }
    }
}

impl fmt::Display for ReviewOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            request, result, ..
        } = self;
        match result {
            ReviewResult::Reviewed { decision, review } => {
                f.write_str(past(*decision))?;
                match &review.confirmation {
                    Confirmation::ReadBack { reviewer } => {
                        write!(f, ", as the request shows: by {reviewer}")
                    }
                    Confirmation::Response => Ok(()),
                }
            }
            ReviewResult::WouldReview { decision } => write!(f, "would be {}", past(*decision)),
            ReviewResult::AlreadyDecided => match request.deciding_response() {
                Some((_, response)) => write!(f, "already {response}"),
                None => write!(f, "already {}", request.status),
            },
            ReviewResult::Expired => match request.expires_at {
                Some(at) => write!(f, "expired at {}", at.format("%Y-%m-%dT%H:%M:%SZ")),
                None => f.write_str("expired"),
            },
            ReviewResult::NotOpen => write!(f, "not open: {}", request.status),
        }
    }
}

fn past(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        Decision::Reject => "denied",
    }
}
