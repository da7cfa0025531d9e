//! A bypass request of either kind.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::model::actor::Actor;
use crate::model::ids::{RequestId, RequestNumber};
use crate::model::origin::{OrganizationRef, RepositoryRef};
use crate::model::request::{BypassRequest, KindOfRequest};
use crate::model::response::BypassResponse;
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{Decision, RequestStatus, RequestType};

/// A bypass request of either kind, as a [`Queue`](crate::Queue) returns it.
///
/// Methods return the fields that both kinds have; use `match` for the others. The value serializes
/// like the request that it contains, with an additional field `kind`: `secret_scanning` or
/// `push_rules`.
///
/// # Examples
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
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "A bypass request of either kind. The field `kind` names the kind.")
)]
#[non_exhaustive]
pub enum AnyBypassRequest {
    /// A request to push a detected secret.
    SecretScanning(BypassRequest<SecretFinding>),
    /// A request to push a change that a push rule forbids.
    PushRules(BypassRequest<RuleViolation>),
}

/// Defines methods that forward to the contained request.
macro_rules! forward {
    ($($(#[$doc:meta])* $name:ident($($now:ident)?) -> $type:ty: $request:ident => $value:expr;)+) => {
        impl AnyBypassRequest {$(
            #[doc = concat!("Same as [`BypassRequest::", stringify!($name), "`].")]
            $(#[$doc])*
            pub fn $name(&self $(, $now: DateTime<Utc>)?) -> $type {
                match self {
                    Self::SecretScanning($request) => $value,
                    Self::PushRules($request) => $value,
                }
            }
        )+}
    };
}

forward! {
    ///
    /// Unique only among the requests of one kind.
    id() -> RequestId: request => request.id;
    number() -> RequestNumber: request => request.number;
    repository() -> &RepositoryRef: request => &request.repository;
    organization() -> &OrganizationRef: request => &request.organization;
    requester() -> &Actor: request => &request.requester;
    request_type() -> &RequestType: request => &request.request_type;
    status() -> &RequestStatus: request => &request.status;
    created_at() -> DateTime<Utc>: request => request.created_at;
    expires_at() -> Option<DateTime<Utc>>: request => request.expires_at;
    resource_identifier() -> Option<&str>: request => request.resource_identifier.as_deref();
    requester_comment() -> Option<&str>: request => request.requester_comment.as_deref();
    responses() -> &[BypassResponse]: request => &request.responses;
    is_open() -> bool: request => request.is_open();
    is_reviewable(now) -> bool: request => request.is_reviewable(now);
    expires_in(now) -> Option<TimeDelta>: request => request.expires_in(now);
    decision() -> Option<Decision>: request => request.decision();
    deciding_response() -> Option<&BypassResponse>: request => request.deciding_response();
    latest_response() -> Option<&BypassResponse>: request => request.latest_response();
    web_link() -> Option<&str>: request => request.web_link();
}

impl AnyBypassRequest {
    /// Returns the kind as it is serialized: `secret_scanning` or `push_rules`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SecretScanning(_) => KindOfRequest::SecretScanning.as_str(),
            Self::PushRules(_) => KindOfRequest::PushRules.as_str(),
        }
    }
}

/// Displays the contained request.
impl fmt::Display for AnyBypassRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretScanning(request) => request.fmt(f),
            Self::PushRules(request) => request.fmt(f),
        }
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
