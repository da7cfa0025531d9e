//! What can be done with a single request: read it, review it, dismiss a response.

use std::sync::Arc;

use github_bypass_requests_api::Operation;
use github_bypass_requests_api::types::BypassReviewRequest;

use crate::call::Call;
use crate::ids::InPath;
use crate::model::Wired;
use crate::{
    BypassRequest, Decision, Dismissal, Error, PushRules, Repository, RequestNumber, ResponseId,
    Result, Review, RuleViolation, SecretFinding, SecretScanning,
};

/// The longest message that GitHub takes, in Unicode scalar values.
const MAX_MESSAGE: usize = 2048;

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
        let (call, owner, name) = self
            .scope
            .call(Operation::SECRET_SCANNING_GET_BYPASS_REQUEST)?;
        let result = call
            .api()
            .secret_scanning_get_bypass_request(owner, name, number.in_path()?)
            .await;
        call.finish(result)
            .map(|(request, _)| SecretFinding::carry_over(request))
    }

    /// Allows the bypass. `message` goes with the review; see [`review`](Self::review).
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

    /// Refuses the bypass. `message` goes with the review; see [`review`](Self::review).
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
    /// Nothing is sent twice. An error after sending says that the review may have been recorded
    /// all the same; reading the request tells.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] for a message that is empty or too long, before anything is sent;
    /// [`Error::is_validation_failed`] where GitHub refuses, as for a request that is decided.
    pub async fn review(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
        decision: Decision,
        message: impl AsRef<str>,
    ) -> Result<Review> {
        let number = number.try_into().map_err(Into::into)?;
        let message = message.as_ref();
        let length = message.chars().count();
        let invalid = || {
            Error::input(format!(
                "the message has {length} characters, not 1 to {MAX_MESSAGE}"
            ))
        };
        if length > 0 && message.trim().is_empty() {
            return Err(Error::input("the message is blank"));
        }
        if length == 0 {
            return Err(invalid());
        }
        let message = message.parse().map_err(|_| invalid())?;
        let body = BypassReviewRequest {
            status: decision.to_wire(),
            message,
        };
        let (call, owner, name) = self
            .scope
            .call(Operation::SECRET_SCANNING_REVIEW_BYPASS_REQUEST)?;
        let result = call
            .api()
            .secret_scanning_review_bypass_request(owner, name, number.in_path()?, &body)
            .await;
        let (review, meta) = call.finish(result)?;
        Ok(Review {
            meta,
            ..Review::from(review)
        })
    }

    /// Withdraws a response, so that the request can be reviewed anew.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] if there is no such response, or the token may not see it;
    /// [`Error::is_validation_failed`] where GitHub refuses.
    pub async fn dismiss(&self, response: ResponseId) -> Result<Dismissal> {
        let (call, owner, name) = self
            .scope
            .call(Operation::SECRET_SCANNING_DISMISS_BYPASS_RESPONSE)?;
        let result = call
            .api()
            .secret_scanning_dismiss_bypass_response(owner, name, response.in_path()?)
            .await;
        call.finish(result).map(|((), meta)| Dismissal { meta })
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
        let owner = self.owner.as_ref().map_err(Clone::clone)?;
        let name = self.name.as_ref().map_err(Clone::clone)?;
        Ok((self.client.call(operation), owner.as_str(), name.as_str()))
    }
}
