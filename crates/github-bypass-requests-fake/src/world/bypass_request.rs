//! A bypass request, its status and the changes that its status allows.

use std::{fmt, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{findings::Findings, places::Repository};
use crate::clock::later;

/// The time until an undecided request expires.
pub(crate) const TIME_TO_EXPIRY: TimeDelta = TimeDelta::days(7);

#[derive(Clone, Debug)]
pub(crate) struct BypassRequest {
    /// Unique only among the requests of its kind.
    pub(crate) id: u64,
    /// Unique in its repository, where both kinds share one sequence.
    pub(crate) number: u64,
    pub(crate) repository: Arc<Repository>,
    pub(crate) requester: String,
    pub(crate) findings: Findings,
    pub(crate) resource_identifier: String,
    pub(crate) comment: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) stage: Stage,
    pub(crate) responses: Vec<BypassResponse>,
}

/// The stored part of a request's status. [`BypassRequest::status`] derives the rest from the
/// responses and the time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Pending,
    Open,
    Cancelled,
    Completed,
    Deleted,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Open,
    Approved,
    Denied,
    Cancelled,
    Completed,
    Expired,
    Deleted,
}

/// A response to a bypass request, with its message. Returned by
/// [`Fake::responses`](crate::Fake::responses).
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BypassResponse {
    /// The id.
    pub id: u64,
    /// The login of the reviewer.
    pub reviewer: String,
    /// The decision, or `Dismissed`.
    pub status: ResponseStatus,
    /// The message of the review. GitHub's operations do not return it.
    pub message: Option<String>,
    /// When the reviewer responded, in whole seconds.
    pub created_at: DateTime<Utc>,
}

/// The status of a response to a bypass request.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseStatus {
    /// The reviewer approved the request.
    Approved,
    /// The reviewer denied the request.
    Denied,
    /// The response was dismissed and no longer counts.
    Dismissed,
}

/// Why a request could not be changed.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is no such request or response.
    NotFound,
    /// The status of the request or the response does not allow the change. The text gives the
    /// reason.
    NotAllowed(String),
}

impl BypassRequest {
    pub(crate) fn status(&self, now: DateTime<Utc>) -> Status {
        let undecided = match self.stage {
            Stage::Cancelled => return Status::Cancelled,
            Stage::Completed => return Status::Completed,
            Stage::Deleted => return Status::Deleted,
            Stage::Pending => Status::Pending,
            Stage::Open => Status::Open,
        };
        let decision = self
            .responses
            .iter()
            .rev()
            .find_map(|response| response.status.decision());
        match decision {
            Some(status) => status,
            None if now >= self.expires_at() => Status::Expired,
            None => undecided,
        }
    }

    pub(crate) fn expires_at(&self) -> DateTime<Utc> {
        later(self.created_at, TIME_TO_EXPIRY)
    }

    /// Adds a response that decides the request.
    pub(crate) fn review(&mut self, response: BypassResponse) -> Result<(), ChangeError> {
        self.must_be("reviewed", Status::is_undecided, response.created_at)?;
        self.responses.push(response);
        Ok(())
    }

    /// Dismisses a response. The request becomes open again, unless another response decides it.
    pub(crate) fn dismiss(
        &mut self,
        response_id: u64,
        now: DateTime<Utc>,
    ) -> Result<(), ChangeError> {
        let response = self
            .responses
            .iter()
            .position(|response| response.id == response_id)
            .ok_or(ChangeError::NotFound)?;
        self.must_be("reopened", Status::is_reversible, now)?;
        let Some(response) = self.responses.get_mut(response) else {
            return Err(ChangeError::NotFound);
        };
        if response.status == ResponseStatus::Dismissed {
            return Err(ChangeError::NotAllowed(
                "The response is already dismissed.".into(),
            ));
        }
        response.status = ResponseStatus::Dismissed;
        self.stage = Stage::Open;
        Ok(())
    }

    /// Cancels the request, as its requester.
    pub(crate) fn cancel(&mut self, now: DateTime<Utc>) -> Result<(), ChangeError> {
        self.must_be("cancelled", Status::is_undecided, now)?;
        self.stage = Stage::Cancelled;
        Ok(())
    }

    /// Completes the request, as its requester does by pushing.
    pub(crate) fn complete(&mut self, now: DateTime<Utc>) -> Result<(), ChangeError> {
        self.must_be("completed", |status| status == Status::Approved, now)?;
        self.stage = Stage::Completed;
        Ok(())
    }

    fn must_be(
        &self,
        changed: &str,
        allowed: fn(Status) -> bool,
        now: DateTime<Utc>,
    ) -> Result<(), ChangeError> {
        let status = self.status(now);
        if allowed(status) {
            return Ok(());
        }
        let status = status.name();
        Err(ChangeError::NotAllowed(format!(
            "A request that is {status} cannot be {changed}."
        )))
    }
}

impl Status {
    pub(crate) fn is_undecided(self) -> bool {
        matches!(self, Self::Pending | Self::Open)
    }

    /// Returns true if a response to the request can still be dismissed.
    fn is_reversible(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Completed | Self::Deleted)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
        }
    }
}

impl ResponseStatus {
    fn decision(self) -> Option<Status> {
        match self {
            Self::Approved => Some(Status::Approved),
            Self::Denied => Some(Status::Denied),
            Self::Dismissed => None,
        }
    }
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such bypass request or response"),
            Self::NotAllowed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ChangeError {}
