//! Responses to add to bypass requests.

use chrono::{DateTime, Utc};

use super::bypass_request::{BypassResponse, ResponseStatus};
use crate::clock::to_the_second;

/// A response by a colleague to a bypass request.
///
/// Pass it to [`Fake::respond`](crate::Fake::respond), or to
/// [`NewRequest::response`](crate::NewRequest::response) to open a request that already has this
/// response.
///
/// # Examples
///
/// ```
/// use chrono::TimeDelta;
/// use github_bypass_requests_fake::{Fake, NewRequest, NewResponse};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = Fake::builder().start().await?;
/// let yesterday = fake.now() - TimeDelta::days(1);
/// let opened = fake.open_secret_scanning_request(
///     NewRequest::new()
///         .created_at(yesterday)
///         .response(NewResponse::dismissed("octocat").created_at(yesterday)),
/// );
/// let an_hour_ago = fake.now() - TimeDelta::hours(1);
/// let approval = NewResponse::approved("mona-the-cat")
///     .message("It is revoked.")
///     .created_at(an_hour_ago);
/// fake.respond("octo-org", "smile", opened.number, approval)?;
///
/// let responses = fake.responses("octo-org", "smile", opened.number)?;
/// assert_eq!(responses[1].message.as_deref(), Some("It is revoked."));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a response has no effect until it is added to a request"]
pub struct NewResponse {
    reviewer: String,
    status: ResponseStatus,
    message: Option<String>,
    created_at: Option<DateTime<Utc>>,
}

impl NewResponse {
    /// Creates an approval by `reviewer`.
    pub fn approved(reviewer: impl Into<String>) -> Self {
        Self::new(reviewer, ResponseStatus::Approved)
    }

    /// Creates a denial by `reviewer`.
    pub fn denied(reviewer: impl Into<String>) -> Self {
        Self::new(reviewer, ResponseStatus::Denied)
    }

    /// Creates a response by `reviewer` that has been dismissed.
    pub fn dismissed(reviewer: impl Into<String>) -> Self {
        Self::new(reviewer, ResponseStatus::Dismissed)
    }

    /// Sets the message. By default, there is none.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Sets when the reviewer responded, in whole seconds. The default is the fake's current time.
    pub fn created_at(mut self, instant: DateTime<Utc>) -> Self {
        self.created_at = Some(instant);
        self
    }

    pub(crate) fn new(reviewer: impl Into<String>, status: ResponseStatus) -> Self {
        Self {
            reviewer: reviewer.into(),
            status,
            message: None,
            created_at: None,
        }
    }

    pub(super) fn with_id(self, id: u64, now: DateTime<Utc>) -> BypassResponse {
        BypassResponse {
            id,
            reviewer: self.reviewer,
            status: self.status,
            message: self.message,
            created_at: to_the_second(self.created_at.unwrap_or(now)),
        }
    }
}
