//! Undoes a review.

use tokio::time::Instant;

use crate::error::{Error, Reason, Result};
use crate::model::ids::{RequestNumber, ResponseId};
use crate::model::review::{Confirmation, Dismissal, Review};
use crate::model::vocabulary::{RequestStatus, ResponseStatus};
use crate::response::escape::escape;
use crate::review::read::Read;
use crate::review::read_back::{READ_BACK_AFTER, ReadBack};
use crate::scope::{Repository, SecretScanning};

/// The maximum length of a status from the server. Known statuses are shorter.
const MAX_STATUS: usize = 100;

impl SecretScanning<Repository> {
    /// Undoes one of your own reviews: dismisses its response.
    ///
    /// Use it with the [`Review`] that [`approve`](Self::approve), [`reject`](Self::reject) or
    /// [`review`](Self::review) returned, or that is part of a
    /// [`ReviewOutcome`](crate::ReviewOutcome). To dismiss any other response, use
    /// [`dismiss`](Self::dismiss).
    ///
    /// The client first reads the bypass request, and dismisses the response only if the request
    /// contains it. This check is necessary because GitHub does not document that a review's id is
    /// the id of a response. GitHub's reads can lag behind its writes, so the client looks for a
    /// missing response again after 1, 5 and 15 seconds.
    ///
    /// If the HTTP response to the dismissal is lost, the client repeats the dismissal. If that
    /// does not settle the matter, the client reads the bypass request again to find out whether
    /// the response is dismissed.
    ///
    /// # Permissions
    ///
    /// Reading the bypass request needs the organization-level permission. A token that has only
    /// the repository-level permission gets a 403. In that case, use [`dismiss`](Self::dismiss).
    ///
    /// # Cancellation
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
    /// let review = repository.approve(request.number, "it is a test key").await?;
    ///
    /// // It was a mistake.
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
    /// - [`Error::is_invalid_input`], before anything is sent: the review has no id, or was only
    ///   [read back](Confirmation::ReadBack) and may be a colleague's.
    /// - [`Error::is_conflict`]: the bypass request does not contain the response; or the response
    ///   is already dismissed; or the bypass request was completed before the response could be
    ///   dismissed.
    /// - Those of [`get`](Self::get) and [`dismiss`](Self::dismiss).
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
                "the review of {named} may be a colleague's, because its HTTP response was lost: the \
                 recorded response is by {reviewer}"
            )));
        }
        let Some(id) = review.response_id else {
            return Err(Error::input(format!(
                "the review of {named} has no id, because GitHub returned none"
            )));
        };
        let policy = self.policy();
        let read = async || Ok::<_, Error>(self.read(number, policy.clone()).await?.request);
        let started = Instant::now();
        let mut request = read().await?;
        for wait in READ_BACK_AFTER {
            if request.response(id).is_some() {
                break;
            }
            // GitHub's reads can lag behind its writes.
            policy.sleep_until(started + wait).await;
            request = read().await?;
        }
        let response = request.response(id);
        let conflict = |found| Err(Error::new(Reason::Conflict(found)));
        match response.map(|response| &response.status) {
            None => conflict(format!("{named} has no response {id}")),
            Some(Some(ResponseStatus::Dismissed)) => {
                conflict(format!("response {id} of {named} is already dismissed"))
            }
            Some(_) => match self.dismiss_under(&policy, id).await {
                Err(lost) if lost.is_ambiguous() => {
                    let judge = |read| judge(read, id);
                    let found = self.read_back(number, &policy, &lost, judge).await;
                    found.settle(lost)
                }
                dismissal => dismissal,
            },
        }
    }
}

/// Decides from the bypass request whether a response was dismissed. A pure function.
fn judge(read: Read, id: ResponseId) -> ReadBack<Dismissal> {
    let Read { request, meta, .. } = read;
    let Some(response) = request.response(id) else {
        return ReadBack::Unclear(Some(format!("the request had no response {id}")));
    };
    let status = match &response.status {
        Some(ResponseStatus::Dismissed) => {
            let reviewer = response.reviewer.clone();
            let confirmation = Confirmation::ReadBack { reviewer };
            return ReadBack::Applied(Dismissal { confirmation, meta });
        }
        Some(status) => escape(status.as_str(), MAX_STATUS),
        None => "without a status".to_owned(),
    };
    let found = format!("response {id} was {status}");
    match request.status {
        // The push went through, and cannot be taken back.
        RequestStatus::Completed => ReadBack::Conflict(format!(
            "the request is completed, and response {id} is {status}"
        )),
        _ => ReadBack::Unclear(Some(found)),
    }
}
