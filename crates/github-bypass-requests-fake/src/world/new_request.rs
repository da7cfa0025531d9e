//! Bypass requests to open.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{bypass_request::Stage, findings::RuleViolation, new_response::NewResponse};

/// A bypass request to open, for secrets or for rule violations.
///
/// Every field has a default. The default request is open. `monalisa` created it at the fake's
/// current time, for a push to `octo-org/smile` with one finding.
///
/// # Examples
///
/// ```no_run
/// # async fn seed() -> std::io::Result<()> {
/// use github_bypass_requests_fake::{Fake, NewRequest};
///
/// let fake = Fake::builder().start().await?;
/// let open = fake.open_secret_scanning_request(NewRequest::new());
/// let denied = fake.open_push_rule_request(
///     NewRequest::new()
///         .repository("octo-org", "hello-world")
///         .requester("hubot")
///         .denied_by("octocat"),
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request has no effect until it is passed to a `Fake`"]
pub struct NewRequest<Finding> {
    pub(crate) owner: String,
    pub(crate) repository: String,
    pub(crate) requester: String,
    pub(crate) findings: Vec<Finding>,
    pub(crate) comment: Option<String>,
    pub(crate) resource_identifier: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) stage: Stage,
    pub(crate) responses: Vec<NewResponse>,
}

/// The id and the number of an opened request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OpenedRequest {
    /// The id, unique among the requests of the same kind.
    pub id: u64,
    /// The number, unique in a repository.
    pub number: u64,
}

impl<Finding> NewRequest<Finding> {
    /// Creates a request with the default values.
    pub fn new() -> Self {
        Self {
            owner: "octo-org".into(),
            repository: "smile".into(),
            requester: "monalisa".into(),
            findings: Vec::new(),
            comment: Some("Test token used in the readme as an example".into()),
            resource_identifier: None,
            created_at: None,
            stage: Stage::Open,
            responses: Vec::new(),
        }
    }

    /// Sets the repository that was pushed to. A missing organization or repository is created.
    pub fn repository(mut self, owner: impl Into<String>, name: impl Into<String>) -> Self {
        self.owner = owner.into();
        self.repository = name.into();
        self
    }

    /// Sets the login of the requester.
    pub fn requester(mut self, login: impl Into<String>) -> Self {
        self.requester = login.into();
        self
    }

    /// Adds a finding. A request without findings gets a default one.
    pub fn finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// Sets the comment of the requester.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Removes the comment, so that `requester_comment` is null.
    pub fn no_comment(mut self) -> Self {
        self.comment = None;
        self
    }

    /// Sets the identifier of the pushed commit. The default is a SHA derived from the request's
    /// id.
    pub fn resource_identifier(mut self, identifier: impl Into<String>) -> Self {
        self.resource_identifier = Some(identifier.into());
        self
    }

    /// Sets when the request was created, in whole seconds. The default is the fake's current time.
    ///
    /// An undecided request that is older than seven days has expired.
    pub fn created_at(mut self, instant: DateTime<Utc>) -> Self {
        self.created_at = Some(instant);
        self
    }

    /// Makes the request `pending` instead of `open`. Both are undecided.
    pub fn pending(mut self) -> Self {
        self.stage = Stage::Pending;
        self
    }

    /// Adds a response with a time and a message of your choice. The last response that is not
    /// dismissed decides the request.
    pub fn response(mut self, response: NewResponse) -> Self {
        self.responses.push(response);
        self
    }

    /// Adds an approval by `login` at the fake's current time.
    pub fn approved_by(self, login: impl Into<String>) -> Self {
        self.response(NewResponse::approved(login))
    }

    /// Adds a denial by `login` at the fake's current time.
    pub fn denied_by(self, login: impl Into<String>) -> Self {
        self.response(NewResponse::denied(login))
    }

    /// Adds a dismissed response by `login` at the fake's current time.
    pub fn dismissed_response_by(self, login: impl Into<String>) -> Self {
        self.response(NewResponse::dismissed(login))
    }

    /// Makes the request `cancelled`.
    pub fn cancelled(mut self) -> Self {
        self.stage = Stage::Cancelled;
        self
    }

    /// Makes the request `completed`. Combine it with [`approved_by`](Self::approved_by).
    pub fn completed(mut self) -> Self {
        self.stage = Stage::Completed;
        self
    }
}

impl NewRequest<RuleViolation> {
    /// Makes the request `deleted`. Only push rule requests have this status.
    pub fn deleted(mut self) -> Self {
        self.stage = Stage::Deleted;
        self
    }
}

impl<Finding> Default for NewRequest<Finding> {
    fn default() -> Self {
        Self::new()
    }
}
