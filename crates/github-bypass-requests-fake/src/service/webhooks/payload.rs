//! The bodies of deliveries. For statuses and reasons, webhooks use different words than the REST
//! operations.

use axum::http::Uri;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    service::representation::{html_url, in_seconds},
    world::{
        bypass_request::{BypassRequest, BypassResponse, ResponseStatus, Status},
        findings::{BypassReason, Findings, RuleViolation, SecretFinding},
        names::actor_id,
        places::{Organization, Repository},
    },
};

/// The id of the app that owns the webhooks.
pub(super) const APP_ID: u64 = 12;
const INSTALLATION_ID: u64 = 7;

/// A change of a bypass request.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) enum Event<'a> {
    Created,
    ResponseSubmitted { response_id: u64 },
    ResponseDismissed { response_id: u64, by: &'a str },
    Cancelled,
    Completed,
}

#[derive(Serialize)]
struct EventJson<'a> {
    action: &'static str,
    exemption_request: RequestJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption_response: Option<ResponseJson<'a>>,
    repository: RepositoryJson<'a>,
    organization: OrganizationJson<'a>,
    enterprise: EnterpriseJson<'a>,
    installation: InstallationJson,
    sender: AccountJson<'a>,
}

#[derive(Serialize)]
struct RequestJson<'a> {
    id: u64,
    number: u64,
    repository_id: u64,
    requester_id: u64,
    requester_login: &'a str,
    request_type: &'static str,
    exemption_request_data: DataJson<'a>,
    resource_identifier: &'a str,
    status: &'static str,
    requester_comment: Option<&'a str>,
    metadata: Option<MetadataJson<'a>>,
    #[serde(serialize_with = "in_seconds")]
    expires_at: DateTime<Utc>,
    #[serde(serialize_with = "in_seconds")]
    created_at: DateTime<Utc>,
    responses: Vec<ResponseJson<'a>>,
    html_url: String,
}

#[derive(Serialize)]
#[serde(tag = "type", content = "data")]
enum DataJson<'a> {
    #[serde(rename = "secret_scanning")]
    Secrets(Vec<SecretJson<'a>>),
    #[serde(rename = "push_ruleset_bypass")]
    Violations(&'a [RuleViolation]),
}

#[derive(Serialize)]
struct SecretJson<'a> {
    secret_type: &'a str,
    locations: [LocationJson<'a>; 1],
}

#[derive(Serialize)]
struct LocationJson<'a> {
    commit: &'a str,
    branch: &'a str,
    path: &'a str,
}

#[derive(Serialize)]
struct MetadataJson<'a> {
    label: &'a str,
    reason: &'static str,
}

#[derive(Serialize)]
struct ResponseJson<'a> {
    id: u64,
    reviewer_id: u64,
    reviewer_login: &'a str,
    status: &'static str,
    reviewer_comment: Option<&'a str>,
    #[serde(serialize_with = "in_seconds")]
    created_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct RepositoryJson<'a> {
    id: u64,
    name: &'a str,
    full_name: String,
    private: bool,
    owner: AccountJson<'a>,
    html_url: String,
}

#[derive(Serialize)]
struct AccountJson<'a> {
    login: &'a str,
    id: u64,
    #[serde(rename = "type")]
    account_type: &'static str,
}

#[derive(Serialize)]
struct OrganizationJson<'a> {
    login: &'a str,
    id: u64,
}

#[derive(Serialize)]
struct EnterpriseJson<'a> {
    id: u64,
    slug: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct InstallationJson {
    id: u64,
}

#[derive(Serialize)]
struct PingJson<'a> {
    zen: &'static str,
    hook_id: u64,
    hook: HookJson<'a>,
}

#[derive(Serialize)]
struct HookJson<'a> {
    #[serde(rename = "type")]
    hook_type: &'static str,
    id: u64,
    name: &'static str,
    active: bool,
    events: &'a [&'a str],
    config: ConfigJson,
    app_id: u64,
}

#[derive(Serialize)]
struct ConfigJson {
    content_type: &'static str,
    insecure_ssl: &'static str,
    url: String,
}

impl Event<'_> {
    pub(super) fn action(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::ResponseSubmitted { .. } => "response_submitted",
            Self::ResponseDismissed { .. } => "response_dismissed",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
        }
    }

    fn response<'a>(&self, request: &'a BypassRequest) -> Option<&'a BypassResponse> {
        let id = match self {
            Self::ResponseSubmitted { response_id }
            | Self::ResponseDismissed { response_id, .. } => *response_id,
            Self::Created | Self::Cancelled | Self::Completed => return None,
        };
        request.responses.iter().find(|response| response.id == id)
    }

    /// Returns the login of the user who made the change.
    fn sender<'a>(&'a self, request: &'a BypassRequest) -> &'a str {
        match self {
            Self::ResponseDismissed { by, .. } => by,
            Self::ResponseSubmitted { .. } => self
                .response(request)
                .map_or(&request.requester, |response| &response.reviewer),
            Self::Created | Self::Cancelled | Self::Completed => &request.requester,
        }
    }
}

/// Renders a change of a request.
pub(super) fn of(request: &BypassRequest, event: &Event<'_>, now: DateTime<Utc>) -> String {
    let organization = &request.repository.organization;
    let enterprise = &organization.enterprise;
    text(&EventJson {
        action: event.action(),
        exemption_request: request_json(request, now),
        exemption_response: event.response(request).map(response_json),
        repository: repository_json(&request.repository),
        organization: OrganizationJson {
            login: &organization.name,
            id: organization.id,
        },
        enterprise: EnterpriseJson {
            id: enterprise.id,
            slug: &enterprise.slug,
            name: &enterprise.slug,
        },
        installation: InstallationJson {
            id: INSTALLATION_ID,
        },
        sender: user_json(event.sender(request)),
    })
}

pub(super) fn ping(hook_id: u64, url: &Uri, events: &[&str]) -> String {
    text(&PingJson {
        zen: "Practicality beats purity.",
        hook_id,
        hook: HookJson {
            hook_type: "App",
            id: hook_id,
            name: "web",
            active: true,
            events,
            config: ConfigJson {
                content_type: "json",
                insecure_ssl: "0",
                url: url.to_string(),
            },
            app_id: APP_ID,
        },
    })
}

fn text(payload: &impl Serialize) -> String {
    // Serializing cannot fail, because all keys are strings.
    serde_json::to_string(payload).unwrap_or_default()
}

fn request_json(request: &BypassRequest, now: DateTime<Utc>) -> RequestJson<'_> {
    RequestJson {
        id: request.id,
        number: request.number,
        repository_id: request.repository.id,
        requester_id: actor_id(&request.requester),
        requester_login: &request.requester,
        request_type: request.findings.kind().request_type(),
        exemption_request_data: data_json(request),
        resource_identifier: &request.resource_identifier,
        status: request_status(request.status(now)),
        requester_comment: request.comment.as_deref(),
        metadata: metadata_json(&request.findings),
        expires_at: request.expires_at(),
        created_at: request.created_at,
        responses: request.responses.iter().map(response_json).collect(),
        html_url: html_url(request),
    }
}

fn data_json(request: &BypassRequest) -> DataJson<'_> {
    let secret_json = |secret| secret_json(secret, &request.resource_identifier);
    match &request.findings {
        Findings::Secrets(secrets) => DataJson::Secrets(secrets.iter().map(secret_json).collect()),
        Findings::Violations(violations) => DataJson::Violations(violations),
    }
}

fn secret_json<'a>(secret: &'a SecretFinding, commit: &'a str) -> SecretJson<'a> {
    SecretJson {
        secret_type: &secret.secret_type,
        locations: [LocationJson {
            commit,
            branch: &secret.branch,
            path: file(&secret.path),
        }],
    }
}

/// Returns the path without line and column, which only the REST API has.
fn file(path: &str) -> &str {
    let mut parts = path.rsplitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(column), Some(line), Some(file)) if is_number(line) && is_number(column) => file,
        _ => path,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The metadata has only one label and one reason, so it describes the first secret. GitHub
/// documents no metadata for push rule requests.
fn metadata_json(findings: &Findings) -> Option<MetadataJson<'_>> {
    let Findings::Secrets(secrets) = findings else {
        return None;
    };
    secrets.first().map(|secret| MetadataJson {
        label: &secret.secret_type,
        reason: match secret.bypass_reason {
            BypassReason::UsedInTests => "tests",
            BypassReason::FalsePositive => "false_positive",
            BypassReason::FixLater => "fixed_later",
        },
    })
}

fn response_json(response: &BypassResponse) -> ResponseJson<'_> {
    ResponseJson {
        id: response.id,
        reviewer_id: actor_id(&response.reviewer),
        reviewer_login: &response.reviewer,
        status: match response.status {
            ResponseStatus::Approved => "approved",
            ResponseStatus::Denied => "rejected",
            ResponseStatus::Dismissed => "dismissed",
        },
        reviewer_comment: response.message.as_deref(),
        created_at: response.created_at,
    }
}

/// Webhooks have fewer statuses. An approved request is pending until its requester pushes. The
/// status of expired and deleted requests is a guess.
fn request_status(status: Status) -> &'static str {
    match status {
        Status::Open | Status::Pending | Status::Approved | Status::Expired => "pending",
        Status::Denied => "rejected",
        Status::Cancelled | Status::Deleted => "cancelled",
        Status::Completed => "completed",
    }
}

fn repository_json(repository: &Repository) -> RepositoryJson<'_> {
    let full_name = repository.full_name();
    RepositoryJson {
        id: repository.id,
        name: &repository.name,
        private: true,
        owner: owner_json(&repository.organization),
        html_url: format!("https://github.com/{full_name}"),
        full_name,
    }
}

fn owner_json(organization: &Organization) -> AccountJson<'_> {
    AccountJson {
        login: &organization.name,
        id: organization.id,
        account_type: "Organization",
    }
}

fn user_json(login: &str) -> AccountJson<'_> {
    AccountJson {
        login,
        id: actor_id(login),
        account_type: if login.ends_with("[bot]") {
            "Bot"
        } else {
            "User"
        },
    }
}
