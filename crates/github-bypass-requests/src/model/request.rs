use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::de::{self, DeserializeOwned, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::actor::Actor;
use crate::model::ids::{RequestId, RequestNumber};
use crate::model::origin::{OrganizationRef, RepositoryRef};
use crate::model::response::BypassResponse;
use crate::model::vocabulary::{RequestStatus, RequestType};

/// A developer's request to bypass a protection.
///
/// `D` is the type of the findings: [`SecretFinding`](crate::SecretFinding) for secret scanning,
/// [`RuleViolation`](crate::RuleViolation) for push rules. Code that does not use
/// [`data`](Self::data) can be generic over both. A request is identified by its kind and its
/// [`id`](Self::id).
///
/// GitHub's API description does not guarantee any field. The client requires `id`, `number`,
/// `status`, `request_type` and `created_at`, because a request without them is useless. Other
/// fields are `None` or empty if they are null or absent.
///
/// A request serializes with GitHub's field names. Known fields survive a round trip; unknown
/// fields are dropped, and null fields become absent.
///
/// # Examples
///
/// ```
/// use github_bypass_requests::{BypassRequest, RequestStatus, RuleViolation, SecretFinding};
///
/// fn is_undecided<D>(request: &BypassRequest<D>) -> bool {
///     matches!(request.status, RequestStatus::Open | RequestStatus::Pending)
/// }
///
/// let secret: BypassRequest<SecretFinding> = serde_json::from_str(
///     r#"{"id": 21, "number": 42, "status": "open", "request_type": "secret_scanning",
///         "created_at": "2024-07-01T08:43:03Z", "requester": {"actor_name": "monalisa"},
///         "repository": {"full_name": "octo-org/smile"}}"#,
/// )?;
/// assert!(is_undecided(&secret));
/// assert_eq!(secret.to_string(), "octo-org/smile#42 open, requested by monalisa on 2024-07-01");
///
/// let rule: BypassRequest<RuleViolation> = serde_json::from_str(
///     r#"{"id": 21, "number": 43, "status": "denied", "request_type": "push_ruleset_bypass",
///         "created_at": "2024-07-01T08:43:03Z", "data": [{"rule_type": "max_file_size"}]}"#,
/// )?;
/// assert!(!is_undecided(&rule));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(
        rename = "{D}BypassRequest",
        description = "A developer's request to bypass a protection."
    )
)]
#[non_exhaustive]
pub struct BypassRequest<D> {
    /// ID of the request, unique among the requests of its kind.
    pub id: RequestId,
    /// Number of the request, unique within its repository. The operations take this number.
    pub number: RequestNumber,
    /// The repository that was pushed to.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<RepositoryRef>"))]
    pub repository: RepositoryRef,
    /// The organization that owns the repository.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<OrganizationRef>"))]
    pub organization: OrganizationRef,
    /// The user who requested the bypass.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<Actor>"))]
    pub requester: Actor,
    /// The kind of protection to bypass.
    pub request_type: RequestType,
    /// The findings of the protection.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<Vec<Option<D>>>"))]
    pub data: Vec<D>,
    /// The resource that was pushed, for example a commit SHA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_identifier: Option<String>,
    /// Status of the request.
    pub status: RequestStatus,
    /// The requester's comment. This is untrusted text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester_comment: Option<String>,
    /// Time at which the request expires if it is not reviewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// When the request was created.
    pub created_at: DateTime<Utc>,
    /// The reviewers' responses, including dismissed ones.
    #[cfg_attr(
        feature = "schemars",
        schemars(with = "Option<Vec<Option<BypassResponse>>>")
    )]
    pub responses: Vec<BypassResponse>,
    /// Address of the request in the REST API. The client never fetches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Address of the request's page on GitHub. Push rule requests can only be reviewed in a
    /// browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// Name, status, requester and day: `octo-org/smile#42 open, requested by monalisa on 2024-07-01`.
impl<D> fmt::Display for BypassRequest<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            repository,
            number,
            status,
            requester,
            created_at,
            ..
        } = self;
        let day = created_at.date_naive();
        write!(
            f,
            "{repository}#{number} {status}, requested by {requester} on {day}"
        )
    }
}

impl<'de, D: BypassKind> Deserialize<'de> for BypassRequest<D> {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        D::Wire::deserialize(deserializer).map(D::carry_over)
    }
}

/// A kind of bypass request, identified by the type of its findings:
/// [`SecretFinding`](crate::SecretFinding) or [`RuleViolation`](crate::RuleViolation). This trait
/// is sealed.
pub trait BypassKind: Wired {}

/// Connects a kind to its generated struct. This trait is not public, so [`BypassKind`] is sealed.
pub trait Wired: Clone + fmt::Debug + Eq + Send + Sync + 'static {
    #[doc(hidden)]
    type Wire: DeserializeOwned + Send;

    #[doc(hidden)]
    const KIND: KindOfRequest;

    #[doc(hidden)]
    fn carry_over(request: Self::Wire) -> BypassRequest<Self>;
}

/// The name of a kind, in saved positions and cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindOfRequest {
    SecretScanning,
    PushRules,
}

impl KindOfRequest {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SecretScanning => "secret_scanning",
            Self::PushRules => "push_rules",
        }
    }
}

/// The kind of the requests in a saved position or cursor. A position or cursor of another kind
/// cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KindTag<D>(PhantomData<fn() -> D>);

impl<D> Default for KindTag<D> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<D: BypassKind> Serialize for KindTag<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        D::KIND.serialize(serializer)
    }
}

impl<'de, D: BypassKind> Deserialize<'de> for KindTag<D> {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        let kind = KindOfRequest::deserialize(deserializer)?;
        if kind == D::KIND {
            return Ok(Self::default());
        }
        let (found, expected) = (kind.as_str(), D::KIND.as_str());
        let expected = format!("{expected:?}, the kind of these requests");
        Err(de::Error::invalid_value(
            Unexpected::Str(found),
            &expected.as_str(),
        ))
    }
}
