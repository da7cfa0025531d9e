//! Requests as a test or the demo describes them.

use chrono::{DateTime, Utc};

use super::{
    bypass_request::{ResponseStatus, Stage},
    findings::RuleViolation,
};

/// A bypass request to be opened, of secrets or of rule violations.
///
/// Everything has a default: `monalisa` asks, now, to push one finding to `octo-org/smile`, and
/// waits for a review.
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
#[must_use = "nothing is opened before the request is given to a `Fake`"]
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

#[derive(Clone, Debug)]
pub(crate) struct NewResponse {
    pub(crate) reviewer: String,
    pub(crate) status: ResponseStatus,
    pub(crate) created_at: Option<DateTime<Utc>>,
}

/// The two integers by which an opened request is known.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct OpenedRequest {
    /// Identifies the request among all requests of its kind.
    pub id: u64,
    /// Identifies the request within its repository.
    pub number: u64,
}

impl<Finding> NewRequest<Finding> {
    /// A request with all defaults.
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

    /// The organization and the repository that was pushed to; what is missing is created.
    pub fn repository(mut self, owner: impl Into<String>, name: impl Into<String>) -> Self {
        self.owner = owner.into();
        self.repository = name.into();
        self
    }

    /// The login of the user who asks.
    pub fn requester(mut self, login: impl Into<String>) -> Self {
        self.requester = login.into();
        self
    }

    /// Adds a finding. A request without any gets a default one.
    pub fn finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// The requester's own words.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// The requester says nothing: `requester_comment` is null.
    pub fn no_comment(mut self) -> Self {
        self.comment = None;
        self
    }

    /// What was pushed. The default is a commit SHA made up from the request's id.
    pub fn resource_identifier(mut self, identifier: impl Into<String>) -> Self {
        self.resource_identifier = Some(identifier.into());
        self
    }

    /// When the request was made, to the second. The default is the fake's present.
    ///
    /// An undecided request that is older than seven days is expired.
    pub fn created_at(mut self, instant: DateTime<Utc>) -> Self {
        self.created_at = Some(instant);
        self
    }

    /// The request is `pending` and not `open`: undecided all the same.
    pub fn pending(mut self) -> Self {
        self.stage = Stage::Pending;
        self
    }

    /// Adds an approval by `login`, given at the fake's present.
    pub fn approved_by(self, login: impl Into<String>) -> Self {
        self.response(login, ResponseStatus::Approved)
    }

    /// Adds a denial by `login`, given at the fake's present.
    pub fn denied_by(self, login: impl Into<String>) -> Self {
        self.response(login, ResponseStatus::Denied)
    }

    /// Adds a response that `login` gave and that was dismissed since.
    pub fn dismissed_response_by(self, login: impl Into<String>) -> Self {
        self.response(login, ResponseStatus::Dismissed)
    }

    /// The requester gave up.
    pub fn cancelled(mut self) -> Self {
        self.stage = Stage::Cancelled;
        self
    }

    /// The requester has pushed; goes well with [`approved_by`](Self::approved_by).
    pub fn completed(mut self) -> Self {
        self.stage = Stage::Completed;
        self
    }

    fn response(mut self, login: impl Into<String>, status: ResponseStatus) -> Self {
        self.responses.push(NewResponse {
            reviewer: login.into(),
            status,
            created_at: None,
        });
        self
    }
}

impl NewRequest<RuleViolation> {
    /// The request was deleted, a status that requests for secrets do not know.
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
