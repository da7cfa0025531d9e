//! A request of whichever kind.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, BypassRequest, BypassResponse, Decision, OrganizationRef, RepositoryRef, RequestId,
    RequestNumber, RequestStatus, RequestType, RuleViolation, SecretFinding,
};

/// A request of either kind, as a [`Queue`](crate::Queue) gives it.
///
/// What both kinds have in common is told by methods of the fields' names; the rest takes a `match`.
/// Serialises like the request, with its kind as `kind`: `secret_scanning` or `push_rules`.
///
/// ```
/// use github_bypass_requests::AnyBypassRequest;
///
/// let request: AnyBypassRequest = serde_json::from_str(
///     r#"{"kind": "push_rules", "id": 21, "number": 43, "status": "open",
///         "request_type": "push_ruleset_bypass", "created_at": "2024-07-01T08:43:03Z",
///         "data": [{"rule_type": "max_file_size"}]}"#,
/// )?;
/// assert!(request.is_open());
/// if let AnyBypassRequest::PushRules(request) = &request {
///     assert_eq!(request.data[0].to_string(), "unknown ruleset: max_file_size");
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum AnyBypassRequest {
    /// To push a detected secret.
    SecretScanning(BypassRequest<SecretFinding>),
    /// To push what a push rule forbids.
    PushRules(BypassRequest<RuleViolation>),
}

macro_rules! either {
    ($self:ident, $request:ident => $value:expr) => {
        match $self {
            Self::SecretScanning($request) => $value,
            Self::PushRules($request) => $value,
        }
    };
}

macro_rules! fields {
    ($($field:ident: $type:ty),+ $(,)?) => {
        impl AnyBypassRequest {
            $(
                #[doc = concat!("[`BypassRequest::", stringify!($field), "`].")]
                pub fn $field(&self) -> $type {
                    either!(self, request => &request.$field)
                }
            )+
        }
    };
}

fields! {
    repository: &RepositoryRef,
    organization: &OrganizationRef,
    requester: &Actor,
    request_type: &RequestType,
    status: &RequestStatus,
}

impl AnyBypassRequest {
    /// [`BypassRequest::id`], which is unique among the requests of the same kind only.
    pub fn id(&self) -> RequestId {
        either!(self, request => request.id)
    }

    /// [`BypassRequest::number`].
    pub fn number(&self) -> RequestNumber {
        either!(self, request => request.number)
    }

    /// [`BypassRequest::created_at`].
    pub fn created_at(&self) -> DateTime<Utc> {
        either!(self, request => request.created_at)
    }

    /// [`BypassRequest::expires_at`].
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        either!(self, request => request.expires_at)
    }

    /// [`BypassRequest::requester_comment`].
    pub fn requester_comment(&self) -> Option<&str> {
        either!(self, request => request.requester_comment.as_deref())
    }

    /// [`BypassRequest::responses`].
    pub fn responses(&self) -> &[BypassResponse] {
        either!(self, request => &request.responses)
    }

    /// [`BypassRequest::is_open`].
    pub fn is_open(&self) -> bool {
        either!(self, request => request.is_open())
    }

    /// [`BypassRequest::is_reviewable`].
    pub fn is_reviewable(&self, now: DateTime<Utc>) -> bool {
        either!(self, request => request.is_reviewable(now))
    }

    /// [`BypassRequest::expires_in`].
    pub fn expires_in(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        either!(self, request => request.expires_in(now))
    }

    /// [`BypassRequest::decision`].
    pub fn decision(&self) -> Option<Decision> {
        either!(self, request => request.decision())
    }

    /// [`BypassRequest::latest_response`].
    pub fn latest_response(&self) -> Option<&BypassResponse> {
        either!(self, request => request.latest_response())
    }

    /// [`BypassRequest::web_link`].
    pub fn web_link(&self) -> Option<&str> {
        either!(self, request => request.web_link())
    }
}

/// As the request.
impl fmt::Display for AnyBypassRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        either!(self, request => request.fmt(f))
    }
}

impl From<BypassRequest<SecretFinding>> for AnyBypassRequest {
    fn from(request: BypassRequest<SecretFinding>) -> Self {
        Self::SecretScanning(request)
    }
}

impl From<BypassRequest<RuleViolation>> for AnyBypassRequest {
    fn from(request: BypassRequest<RuleViolation>) -> Self {
        Self::PushRules(request)
    }
}
