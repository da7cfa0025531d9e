//! A request of whichever kind.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::model::actor::Actor;
use crate::model::ids::{RequestId, RequestNumber};
use crate::model::origin::{OrganizationRef, RepositoryRef};
use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{Decision, RequestStatus, RequestType};

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

/// Methods that do the same for both kinds.
macro_rules! forward {
    ($($(#[$doc:meta])* $name:ident($($now:ident)?) -> $type:ty: $request:ident => $value:expr;)+) => {
        impl AnyBypassRequest {$(
            #[doc = concat!("[`BypassRequest::", stringify!($name), "`].")]
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
    /// Unique among the requests of the same kind only.
    id() -> RequestId: it => it.id;
    number() -> RequestNumber: it => it.number;
    repository() -> &RepositoryRef: it => &it.repository;
    organization() -> &OrganizationRef: it => &it.organization;
    requester() -> &Actor: it => &it.requester;
    request_type() -> &RequestType: it => &it.request_type;
    status() -> &RequestStatus: it => &it.status;
    created_at() -> DateTime<Utc>: it => it.created_at;
    expires_at() -> Option<DateTime<Utc>>: it => it.expires_at;
    requester_comment() -> Option<&str>: it => it.requester_comment.as_deref();
    responses() -> &[BypassResponse]: it => &it.responses;
    is_open() -> bool: it => it.is_open();
    is_reviewable(now) -> bool: it => it.is_reviewable(now);
    expires_in(now) -> Option<TimeDelta>: it => it.expires_in(now);
    decision() -> Option<Decision>: it => it.decision();
    latest_response() -> Option<&BypassResponse>: it => it.latest_response();
    web_link() -> Option<&str>: it => it.web_link();
}

/// As the request.
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
