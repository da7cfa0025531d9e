//! Reviews that look first, and reviews that are taken back.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::error::Kind;
use crate::repository::{Read, parse_message};
use crate::{
    BypassRequest, Confirmation, Decision, Dismissal, Error, Repository, RequestNumber,
    RequestStatus, ResponseMeta, ResponseStatus, Result, Review, SecretFinding, SecretScanning,
};

/// A review that is sent only if the request still waits for one; from
/// [`review_if_open`](SecretScanning::review_if_open). Nothing is sent until it is awaited.
#[must_use = "nothing is sent until it is awaited"]
#[derive(Debug)]
pub struct CheckedReview {
    repository: SecretScanning<Repository>,
    number: Result<RequestNumber>,
    decision: Decision,
    message: String,
    dry_run: bool,
}

/// What came of a [`CheckedReview`].
///
/// Prints it in a few words: `denied`, `already approved by octocat`, `expired at
/// 2024-07-08T08:43:03Z`.
#[must_use = "the request may not have been reviewed"]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReviewOutcome {
    /// The request waited for a review, and one with this decision is recorded: this one, or where
    /// its answer was lost, one that may be a colleague's. [`Review::confirmation`] tells.
    #[non_exhaustive]
    Reviewed {
        /// The decision that was sent.
        decision: Decision,
        /// What GitHub has recorded.
        review: Review,
        /// The request as it was before.
        request: BypassRequest<SecretFinding>,
    },
    /// The request waits for a review, and this one was not sent: it is a dry run.
    #[non_exhaustive]
    WouldReview {
        /// The decision that would have been sent.
        decision: Decision,
        /// The request as it is.
        request: BypassRequest<SecretFinding>,
        /// What else GitHub said when it was read, for an audit log.
        meta: ResponseMeta,
    },
    /// Somebody has decided before: nothing was recorded.
    #[non_exhaustive]
    AlreadyDecided {
        /// The request as it is.
        request: BypassRequest<SecretFinding>,
        /// What else GitHub said when it was read, for an audit log.
        meta: ResponseMeta,
    },
    /// It has expired, by its status or by the server's clock: nothing was recorded.
    #[non_exhaustive]
    Expired {
        /// The request as it is.
        request: BypassRequest<SecretFinding>,
        /// What else GitHub said when it was read, for an audit log.
        meta: ResponseMeta,
    },
    /// It does not wait for a review for another reason, which its status tells, as `cancelled`:
    /// nothing was recorded.
    #[non_exhaustive]
    NotOpen {
        /// The request as it is.
        request: BypassRequest<SecretFinding>,
        /// What else GitHub said when it was read, for an audit log.
        meta: ResponseMeta,
    },
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
    /// # use github_bypass_requests::{Client, Decision, ReviewOutcome};
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
    /// match review.await? {
    ///     ReviewOutcome::Reviewed { review, .. } => println!("denied: {:?}", review.response_id),
    ///     ReviewOutcome::AlreadyDecided { request, .. } => println!("too late: {}", request.status),
    ///     // Expired, or not open for another reason.
    ///     other => println!("nothing was done: {other}"),
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
    ) -> CheckedReview {
        CheckedReview {
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
    /// [`Error::is_invalid_input`], and nothing is sent, where the review tells no id, was only
    /// [read back](Confirmation::ReadBack), so that it may be a colleague's, or was stored meanwhile,
    /// so that nobody [knows](Confirmation::Unknown). [`Error::is_conflict`] where the
    /// response is not among those of the request, or is dismissed already. Otherwise those of
    /// [`get`](Self::get) and [`dismiss`](Self::dismiss).
    pub async fn undo(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        review: &Review,
    ) -> Result<Dismissal> {
        let number = number.try_into().map_err(Into::into)?;
        let (owner, name) = self.scope.names()?;
        let named = format!("{owner}/{name}#{number}");
        match &review.confirmation {
            Confirmation::Answered => {}
            Confirmation::ReadBack { reviewer } => {
                return Err(Error::input(format!(
                    "the review of {named} was read back and may be a colleague's: its response is \
                     by {reviewer}"
                )));
            }
            Confirmation::Unknown => {
                return Err(Error::input(format!(
                    "the review of {named} was stored, and does not tell whose it is"
                )));
            }
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
        match response.map(|response| &response.status) {
            None => Err(Error::new(Kind::Conflict(format!(
                "response {id} is not among those of {named}"
            )))),
            Some(Some(ResponseStatus::Dismissed)) => Err(Error::new(Kind::Conflict(format!(
                "response {id} of {named} is dismissed already"
            )))),
            Some(_) => self.dismiss(id).await,
        }
    }
}

impl CheckedReview {
    /// Only looks, and tells what would be done.
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
        let read = repository.read(number).await?;
        if !read.request.is_reviewable(read.now) {
            return Ok(ReviewOutcome::unreviewed(read));
        }
        let Read { request, meta, .. } = read;
        if dry_run {
            return Ok(ReviewOutcome::WouldReview {
                decision,
                request,
                meta,
            });
        }
        let refused = match repository.review(number, decision, message).await {
            Ok(review) => {
                return Ok(ReviewOutcome::Reviewed {
                    decision,
                    review,
                    request,
                });
            }
            Err(error) => error,
        };
        if !(refused.is_validation_failed() || refused.is_conflict()) {
            return Err(refused);
        }
        match repository.read(number).await {
            Ok(read) if !read.request.is_reviewable(read.now) => {
                Ok(ReviewOutcome::unreviewed(read))
            }
            // It still waits: it was refused for another reason.
            Ok(_) | Err(_) => Err(refused),
        }
    }
}

impl IntoFuture for CheckedReview {
    type Output = Result<ReviewOutcome>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.carry_out())
    }
}

impl ReviewOutcome {
    /// The request as it was read last. That of [`Reviewed`](Self::Reviewed) is from before.
    pub fn request(&self) -> &BypassRequest<SecretFinding> {
        match self {
            Self::Reviewed { request, .. }
            | Self::WouldReview { request, .. }
            | Self::AlreadyDecided { request, .. }
            | Self::Expired { request, .. }
            | Self::NotOpen { request, .. } => request,
        }
    }

    /// What else GitHub said: to the review, or to the last reading where none was recorded.
    pub fn meta(&self) -> &ResponseMeta {
        match self {
            Self::Reviewed { review, .. } => &review.meta,
            Self::WouldReview { meta, .. }
            | Self::AlreadyDecided { meta, .. }
            | Self::Expired { meta, .. }
            | Self::NotOpen { meta, .. } => meta,
        }
    }

    /// Of a request that is not reviewable any more.
    fn unreviewed(Read { request, meta, .. }: Read) -> Self {
        match request.status {
            RequestStatus::Open | RequestStatus::Pending | RequestStatus::Expired => {
                Self::Expired { request, meta }
            }
            RequestStatus::Approved | RequestStatus::Denied | RequestStatus::Completed => {
                Self::AlreadyDecided { request, meta }
            }
            _ => Self::NotOpen { request, meta },
        }
    }
}

impl fmt::Display for ReviewOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reviewed {
                decision, review, ..
            } => {
                f.write_str(past(*decision))?;
                match &review.confirmation {
                    Confirmation::ReadBack { reviewer } => {
                        write!(f, ", as the request shows: by {reviewer}")
                    }
                    _ => Ok(()),
                }
            }
            Self::WouldReview { decision, .. } => write!(f, "would be {}", past(*decision)),
            Self::AlreadyDecided { request, .. } => match request.deciding_response() {
                Some((_, response)) => write!(f, "already {response}"),
                None => write!(f, "already {}", request.status),
            },
            Self::Expired { request, .. } => match request.expires_at {
                Some(at) => write!(f, "expired at {}", at.format("%Y-%m-%dT%H:%M:%SZ")),
                None => f.write_str("expired"),
            },
            Self::NotOpen { request, .. } => write!(f, "not open: {}", request.status),
        }
    }
}

fn past(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        Decision::Reject => "denied",
    }
}
