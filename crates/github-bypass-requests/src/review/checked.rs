//! Reviews a bypass request only if it is open.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::Utc;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::ids::RequestNumber;
use crate::model::request::BypassRequest;
use crate::model::review::{Confirmation, Review};
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{Decision, RequestStatus};
use crate::response::meta::ResponseMeta;
use crate::review::parse_message;
use crate::review::read::Read;
use crate::scope::{Repository, SecretScanning};

/// A review that is sent only if the bypass request is still open. Created by
/// [`review_if_open`](SecretScanning::review_if_open).
///
/// This is a future: nothing is sent until it is awaited.
#[must_use = "nothing is sent until it is awaited"]
pub struct ReviewIfOpen {
    /// `None` after the first poll.
    prepared: Option<Prepared>,
    running: Option<Pin<Box<dyn Future<Output = Result<ReviewOutcome>> + Send>>>,
}

#[derive(Debug)]
struct Prepared {
    repository: SecretScanning<Repository>,
    number: Result<RequestNumber>,
    decision: Decision,
    message: String,
    dry_run: bool,
}

/// The outcome of [`review_if_open`](SecretScanning::review_if_open).
///
/// Use it to find out whether the review was recorded and, if not, why: match on
/// [`result`](Self::result). `Display` prints a short summary for a log, such as `denied`,
/// `already approved by octocat` or `expired at 2024-07-08T08:43:03Z`.
///
/// # Examples
///
/// ```
/// # use github_bypass_requests_fake::{Demo, Fake};
/// use github_bypass_requests::{Client, Decision, ReviewResult};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
/// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
/// # let list = client.organization("octo-org").secret_scanning().list();
/// # let request = list.status("open".parse()?).stream().try_next().await?.ok_or("none")?;
/// let repository = client.repository_of(&request)?.secret_scanning();
/// let review = repository.review_if_open(request.number, Decision::Approve, "a test key");
/// let outcome = review.await?;
/// println!("{}: {outcome}", outcome.request);
/// println!("request id: {:?}", outcome.meta.request_id);
/// if let ReviewResult::Reviewed { review, .. } = &outcome.result {
///     println!("response id: {:?}", review.response_id);
/// }
/// # assert_eq!(outcome.to_string(), "approved");
/// # Ok(())
/// # }
/// ```
#[must_use = "the request may not have been reviewed"]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReviewOutcome {
    /// The bypass request as it was last read. If a review was recorded, this is the state before
    /// the review.
    pub request: BypassRequest<SecretFinding>,
    /// Metadata for an audit log, from the response to the review. If no review was recorded, it is
    /// from the response to the last read.
    pub meta: ResponseMeta,
    /// The review, or the reason why none was recorded.
    pub result: ReviewResult,
}

/// The result of [`review_if_open`](SecretScanning::review_if_open): a review, or the reason why
/// none was recorded. Part of a [`ReviewOutcome`], which has an example.
///
/// The JSON is `{"reviewed": {"decision": …, "review": …}}`, `{"would_review": {"decision": …}}`,
/// `"already_decided"`, `"expired"` or `"not_open"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one value per review, and a box would make a match harder to write"
)]
#[non_exhaustive]
pub enum ReviewResult {
    /// The bypass request was open, and a review with this decision was recorded. If the HTTP
    /// response was lost, the review may be a colleague's: see [`Review::confirmation`].
    #[non_exhaustive]
    Reviewed {
        /// The decision that was sent.
        decision: Decision,
        /// The review that GitHub recorded.
        review: Review,
    },
    /// The bypass request is open. No review was sent, because this is a dry run.
    #[non_exhaustive]
    WouldReview {
        /// The decision that would have been sent.
        decision: Decision,
    },
    /// Another review decided the bypass request first. The status of the request may still be
    /// `open`, because a request that is approved can stay open until the push. Nothing was
    /// recorded.
    AlreadyDecided,
    /// The bypass request has expired, according to its status or to the server's clock. Nothing
    /// was recorded.
    Expired,
    /// The bypass request has another status that rules out a review, for example `cancelled`.
    /// Nothing was recorded.
    NotOpen,
}

impl SecretScanning<Repository> {
    /// Reviews a bypass request if it is still open.
    ///
    /// Use it in bots, and whenever a colleague may decide first. It reads the bypass request, and
    /// sends the review only if the request is open and, according to the server's clock, has not
    /// expired. Otherwise it returns the reason, which is not an error: see [`ReviewOutcome`].
    ///
    /// A colleague may decide between the read and the review. GitHub then rejects the review, and
    /// the client reads the bypass request again to find the reason.
    ///
    /// # Permissions
    ///
    /// Reading the bypass request needs the organization-level permission. A token that has only
    /// the repository-level permission gets a 403. In that case, use [`review`](Self::review).
    ///
    /// # Dry run
    ///
    /// [`dry_run`](ReviewIfOpen::dry_run) checks what the review would do, and records nothing.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped before it completes, for example by `tokio::time::timeout`, the
    /// review may have been recorded: see [`review`](Self::review). A dry run can be dropped at any
    /// time.
    ///
    /// # Examples
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
    /// Those of [`get`](Self::get) and [`review`](Self::review). The message is checked before
    /// anything is sent.
    pub fn review_if_open(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        decision: Decision,
        message: impl Into<String>,
    ) -> ReviewIfOpen {
        ReviewIfOpen {
            prepared: Some(Prepared {
                repository: self.clone(),
                number: number.try_into().map_err(Into::into),
                decision,
                message: message.into(),
                dry_run: false,
            }),
            running: None,
        }
    }
}

impl ReviewIfOpen {
    /// Makes this a dry run: the future reads the bypass request, and reports what the review would
    /// do, but does not send it. Has no effect if the future has already been polled.
    pub fn dry_run(mut self) -> Self {
        if let Some(prepared) = &mut self.prepared {
            prepared.dry_run = true;
        }
        self
    }
}

impl Prepared {
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
        let policy = repository.policy();
        let read = || repository.read(number, policy.clone());
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
        let review = repository.review_under(&policy, number, decision, &message);
        let rejected = match review.await {
            Ok(review) => {
                return Ok(ReviewOutcome {
                    request: found.request,
                    meta: review.meta.clone(),
                    result: ReviewResult::Reviewed { decision, review },
                });
            }
            Err(error) => error,
        };
        // With any error other than a failed validation, such as a conflict after a lost response,
        // the review may have been recorded.
        if !rejected.is_validation_failed() {
            return Err(rejected);
        }
        // If the bypass request is still open, the review was rejected for another reason.
        let found = read().await.ok();
        let outcome = found.and_then(|found| {
            let obstacle = obstacle(&found)?;
            Some(ReviewOutcome::of(found, obstacle))
        });
        outcome.ok_or(rejected)
    }
}

/// Returns the reason why a bypass request cannot be reviewed, or `None` if it can be reviewed.
fn obstacle(found: &Read) -> Option<ReviewResult> {
    let Read {
        request,
        server_time,
        ..
    } = found;
    let now = server_time.unwrap_or_else(Utc::now);
    if request.is_reviewable(now) {
        return None;
    }
    Some(match request.status {
        _ if request.is_open() && !request.is_expired(now) => ReviewResult::AlreadyDecided,
        RequestStatus::Open | RequestStatus::Pending | RequestStatus::Expired => {
            ReviewResult::Expired
        }
        RequestStatus::Approved | RequestStatus::Denied | RequestStatus::Completed => {
            ReviewResult::AlreadyDecided
        }
        _ => ReviewResult::NotOpen,
    })
}

impl Future for ReviewIfOpen {
    type Output = Result<ReviewOutcome>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(prepared) = self.prepared.take() {
            self.running = Some(Box::pin(prepared.carry_out()));
        }
        match &mut self.running {
            Some(running) => running.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

impl fmt::Debug for ReviewIfOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReviewIfOpen")
            .field("prepared", &self.prepared)
            .finish_non_exhaustive()
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
                        write!(f, " by {reviewer} (read back)")
                    }
                    _ => Ok(()),
                }
            }
            ReviewResult::WouldReview { decision } => write!(f, "would be {}", past(*decision)),
            ReviewResult::AlreadyDecided => match request.deciding_response() {
                Some(response) => write!(f, "already {response}"),
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
