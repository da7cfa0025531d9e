//! The payload of an event about a request.

use std::fmt;

use chrono::{DateTime, Utc};
use github_bypass_requests_api::webhooks as wire;
use github_bypass_requests_api::webhooks::{
    ExemptionMetadata as WireExemptionMetadata, WebhookEnterprise,
};
use serde::{Deserialize, Serialize};

use crate::model::actor::Actor;
use crate::model::carry_over::{model, present};
use crate::model::ids::{RequestId, RequestNumber, ResponseId};
use crate::model::origin::{OrganizationRef, RepositoryRef};
use crate::model::standing::safe_link;
use crate::model::vocabulary::Decision;
use crate::response::escape::escape;
use crate::webhook::data::ExemptionData;
use crate::webhook::names::{EventName, ExemptionKind};
use crate::webhook::vocabulary::{
    Action, ExemptionReason, ExemptionResponseStatus, ExemptionStatus, ExemptionType,
};

/// An event: something happened to a request. Returned by
/// [`Delivery::read`](crate::webhook::Delivery::read).
///
/// It describes the past: by the time you read it, the request may have changed. Read the request
/// from the REST API before you act on it.
///
/// It serializes with the names of the fields below, and can be deserialized from that form. For
/// GitHub's own form, see [`Delivery::payload`](crate::webhook::Delivery::payload).
///
/// # Examples
///
/// ```
/// use github_bypass_requests::Decision;
/// use github_bypass_requests::webhook::{Action, RequestEvent};
///
/// fn message(event: &RequestEvent) -> Option<String> {
///     let RequestEvent { action, request, .. } = event;
///     match (action, event.decision()) {
///         (Action::Created, _) => Some(format!("{request} needs a reviewer")),
///         (Action::ResponseSubmitted, Some(Decision::Approve)) => {
///             Some(format!("{} may continue", request.requester))
///         }
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "Something happened to a request.")
)]
#[non_exhaustive]
pub struct RequestEvent {
    /// The name of the event, which determines the kind of the request.
    pub event: EventName,
    /// The change that the event reports.
    pub action: Action,
    /// The request after the event.
    pub request: ExemptionRequest,
    /// The response that was submitted or dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ExemptionResponse>,
    /// The repository. [`Client::repository_of_event`](crate::Client::repository_of_event) selects
    /// it.
    #[cfg_attr(feature = "schemars", schemars(description = "The repository."))]
    pub repository: RepositoryRef,
    /// The organization that owns the repository.
    pub organization: OrganizationRef,
    /// The enterprise that owns the organization.
    pub enterprise: EnterpriseRef,
    /// ID of the installation, if the webhook belongs to a GitHub App.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation_id: Option<u64>,
    /// The user who caused the event.
    pub sender: Actor,
}

impl RequestEvent {
    pub(crate) fn new(event: EventName, payload: wire::ExemptionRequestEvent) -> Self {
        let wire::ExemptionRequestEvent {
            action,
            exemption_request,
            exemption_response,
            repository,
            organization,
            enterprise,
            installation,
            sender,
        } = payload;
        Self {
            event,
            action: action.into(),
            request: exemption_request.into(),
            response: exemption_response.map(Into::into),
            repository: repository.map(Into::into).unwrap_or_default(),
            organization: organization.map(organization_ref).unwrap_or_default(),
            enterprise: enterprise.map(Into::into).unwrap_or_default(),
            installation_id: installation
                .and_then(|wire::WebhookInstallation { id }| u64::try_from(id?).ok()),
            sender: sender.map(user).unwrap_or_default(),
        }
    }

    /// Returns the kind of the request, which follows from the name of the event. The name is in a
    /// header, which is not signed.
    ///
    /// `None` only if the event was deserialized and this version of the crate does not know its
    /// name.
    pub fn kind(&self) -> Option<ExemptionKind> {
        self.event.kind()
    }

    /// Returns the decision that the event reports, or that was made before the event.
    ///
    /// `None` if the event reports that a response was dismissed. If the event reports a new
    /// response, this is the decision of that response. Otherwise, it is the decision of the newest
    /// response that is not dismissed: an event about a cancelled request has a decision if the
    /// request was approved before. The status of the request is never used.
    pub fn decision(&self) -> Option<Decision> {
        self.deciding_response()?.decision()
    }

    /// Returns the user who made the [`decision`](Self::decision).
    pub fn reviewer(&self) -> Option<&Actor> {
        let response = self.deciding_response()?;
        response.decision().map(|_| &response.reviewer)
    }

    fn deciding_response(&self) -> Option<&ExemptionResponse> {
        if self.action == Action::ResponseDismissed {
            return None;
        }
        if self.response.is_some() {
            return self.response.as_ref();
        }
        let decided = self.request.responses.iter();
        let decided = decided.filter(|response| response.decision().is_some());
        decided.max_by_key(|response| response.created_at)
    }
}

/// One line, without control characters. For example `approved by dora: octo-org/smile#16`.
/// [`WatchEvent::summary`](crate::WatchEvent::summary) describes the same change in the same
/// format, but in the words of the REST API.
impl fmt::Display for RequestEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line();
        f.write_str(&escape(&line, MAX_LINE))
    }
}

/// In bytes. Names on GitHub are at most 100 characters long.
const MAX_LINE: usize = 1000;

impl RequestEvent {
    fn line(&self) -> String {
        let Self {
            action,
            request,
            response,
            repository,
            ..
        } = self;
        let name = match request.number {
            Some(number) => format!("{repository}#{number}"),
            None => format!("{repository} (request {})", request.id),
        };
        let mut line = match (action, response) {
            (Action::Created, _) => format!(
                "opened: {name} {}, requested by {} on {}",
                request.status,
                request.requester,
                request.created_at.format("%Y-%m-%d"),
            ),
            (Action::ResponseSubmitted, Some(response)) => format!("{response}: {name}"),
            (Action::ResponseDismissed, Some(response)) => {
                format!("dismissed by {}: {name}", response.reviewer)
            }
            (Action::Completed, _) => match self.deciding_response() {
                Some(response) => format!("completed: {name}, {response}"),
                None => format!("completed: {name}"),
            },
            _ => format!("{action}: {name}"),
        };
        if let Some(kind) = self.kind().filter(|kind| !kind.is_bypass()) {
            line.push_str(&format!(" ({kind})"));
        }
        line
    }
}

/// A request to bypass a protection, or to dismiss an alert.
///
/// GitHub's description of webhooks guarantees no field. This crate requires `id`, `status`,
/// `request_type` and `created_at`; other fields are `None` or empty if they are null or absent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "A request to bypass a protection, or to dismiss an alert.")
)]
#[non_exhaustive]
pub struct ExemptionRequest {
    /// ID of the request, unique among the requests of its kind.
    pub id: RequestId,
    /// Number of the request, unique within its repository. Without a number, you can only view the
    /// request in a browser: see [`web_link`](Self::web_link).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schemars",
        schemars(description = "Number of the request, unique within its repository.")
    )]
    pub number: Option<RequestNumber>,
    /// ID of the repository. Its name is in [`RequestEvent::repository`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(description = "ID of the repository."))]
    pub repository_id: Option<i64>,
    /// The user who made the request.
    pub requester: Actor,
    /// The type of the request. It can contradict the name of the event, which determines
    /// [`RequestEvent::kind`].
    #[cfg_attr(
        feature = "schemars",
        schemars(description = "The type of the request.")
    )]
    pub request_type: ExemptionType,
    /// The findings of the protection, or the alerts to dismiss.
    #[serde(default)]
    pub data: ExemptionData,
    /// The resource that was pushed, for example a commit SHA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_identifier: Option<String>,
    /// Status of the request. It does not contain the decision: see [`RequestEvent::decision`].
    #[cfg_attr(feature = "schemars", schemars(description = "Status of the request."))]
    pub status: ExemptionStatus,
    /// The requester's comment. This is untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_comment: Option<String>,
    /// The reason, and a few words about the subject of the request.
    pub metadata: ExemptionMetadata,
    /// When the request expires. No webhook announces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// When the request was created.
    pub created_at: DateTime<Utc>,
    /// The reviewers' responses, including dismissed ones. GitHub may omit this list.
    #[serde(default)]
    pub responses: Vec<ExemptionResponse>,
    /// URL of the request's page on GitHub, unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

impl ExemptionRequest {
    /// Returns the URL of the request's page on GitHub, if it is safe to use as a link: the
    /// `html_url` unchanged, provided that it starts with `https://`.
    pub fn web_link(&self) -> Option<&str> {
        safe_link(self.html_url.as_deref()?)
    }
}

/// Number, status, requester and day: `#42 pending, requested by monalisa on 2024-07-01`. Names are
/// not escaped.
impl fmt::Display for ExemptionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "#{number}")?,
            None => write!(f, "request {}", self.id)?,
        }
        let created = self.created_at.format("%Y-%m-%d");
        write!(
            f,
            " {}, requested by {} on {created}",
            self.status, self.requester
        )
    }
}

#[doc(hidden)]
impl From<wire::ExemptionRequest> for ExemptionRequest {
    fn from(request: wire::ExemptionRequest) -> Self {
        let wire::ExemptionRequest {
            id,
            number,
            repository_id,
            requester_id,
            requester_login,
            request_type,
            exemption_request_data,
            resource_identifier,
            status,
            requester_comment,
            metadata,
            expires_at,
            created_at,
            responses,
            html_url,
        } = request;
        Self {
            id: RequestId::from_server(id),
            number: number.map(RequestNumber::from_server),
            repository_id,
            requester: Actor {
                actor_id: requester_id,
                actor_name: requester_login,
            },
            request_type: request_type.into(),
            data: exemption_request_data
                .map(ExemptionData::from_json)
                .unwrap_or_default(),
            resource_identifier,
            status: status.into(),
            requester_comment,
            metadata: metadata.map(Into::into).unwrap_or_default(),
            expires_at,
            created_at,
            responses: present(responses),
            html_url,
        }
    }
}

/// A reviewer's response to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ExemptionResponse {
    /// ID of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ResponseId>,
    /// The user who reviewed the request.
    pub reviewer: Actor,
    /// The decision, or `dismissed` if the response was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ExemptionResponseStatus>,
    /// The reviewer's comment. This is untrusted text. The REST API does not return it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer_comment: Option<String>,
    /// When the response was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
}

impl ExemptionResponse {
    /// Returns the decision. `None` if the response is dismissed, or if its status is unknown.
    pub fn decision(&self) -> Option<Decision> {
        match self.status.as_ref()? {
            ExemptionResponseStatus::Approved => Some(Decision::Approve),
            ExemptionResponseStatus::Rejected => Some(Decision::Reject),
            _ => None,
        }
    }
}

/// Status and reviewer: `rejected by octocat`. Names are not escaped.
impl fmt::Display for ExemptionResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_ref();
        let status = status.map_or("reviewed", |status| status.as_str());
        write!(f, "{status} by {}", self.reviewer)
    }
}

#[doc(hidden)]
impl From<wire::ExemptionResponse> for ExemptionResponse {
    fn from(response: wire::ExemptionResponse) -> Self {
        let wire::ExemptionResponse {
            id,
            reviewer_id,
            reviewer_login,
            status,
            reviewer_comment,
            created_at,
        } = response;
        Self {
            id: id.map(ResponseId::from_server),
            reviewer: Actor {
                actor_id: reviewer_id,
                actor_name: reviewer_login,
            },
            status: status.map(Into::into),
            reviewer_comment,
            created_at,
        }
    }
}

model! {
    /// The reason for a request, and a few words about its subject.
    pub struct ExemptionMetadata {
        /// Label of the secret's type, for requests to push a secret.
        pub label: Option<String>,
        /// Title of the alert, for requests to dismiss an alert.
        pub alert_title: Option<String>,
        /// The requester's reason. It applies to the whole request.
        pub reason: Option<ExemptionReason>,
    }
    from WireExemptionMetadata as WireExemptionMetadata { label, alert_title, reason }
}

model! {
    /// The enterprise that owns the organization.
    pub struct EnterpriseRef {
        /// ID of the enterprise.
        pub id: Option<i64>,
        /// Name of the enterprise in URLs: `octo-enterprise`.
        pub slug: Option<String>,
        /// Display name of the enterprise.
        pub name: Option<String>,
    }
    from WebhookEnterprise as WebhookEnterprise { id, slug, name }
}

fn organization_ref(organization: wire::WebhookOrganization) -> OrganizationRef {
    let wire::WebhookOrganization { id, login } = organization;
    OrganizationRef { id, name: login }
}

fn user(user: wire::WebhookUser) -> Actor {
    let wire::WebhookUser { id, login } = user;
    Actor {
        actor_id: id,
        actor_name: login,
    }
}
