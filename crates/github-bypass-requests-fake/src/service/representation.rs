//! The JSON form of bypass requests.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

use crate::world::{
    bypass_request::{BypassRequest, BypassResponse, ResponseStatus, Status},
    findings::Findings,
    names::actor_id,
};

#[derive(Debug, Serialize)]
pub(super) struct RequestJson<'a> {
    id: u64,
    number: u64,
    repository: RepositoryJson<'a>,
    organization: OrganizationJson<'a>,
    requester: ActorJson<'a>,
    request_type: &'static str,
    data: &'a Findings,
    resource_identifier: &'a str,
    status: Status,
    requester_comment: Option<&'a str>,
    #[serde(serialize_with = "in_seconds")]
    expires_at: DateTime<Utc>,
    #[serde(serialize_with = "in_seconds")]
    created_at: DateTime<Utc>,
    responses: Vec<ResponseJson<'a>>,
    url: String,
    html_url: String,
}

#[derive(Debug, Serialize)]
struct RepositoryJson<'a> {
    id: u64,
    name: &'a str,
    full_name: String,
}

#[derive(Debug, Serialize)]
struct OrganizationJson<'a> {
    id: u64,
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct ActorJson<'a> {
    actor_id: u64,
    actor_name: &'a str,
}

#[derive(Debug, Serialize)]
struct ResponseJson<'a> {
    id: u64,
    reviewer: ActorJson<'a>,
    status: ResponseStatus,
    #[serde(serialize_with = "in_seconds")]
    created_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub(super) struct ReviewJson {
    pub(super) bypass_review_id: u64,
}

pub(super) fn of<'a>(
    request: &'a BypassRequest,
    base: &str,
    now: DateTime<Utc>,
) -> RequestJson<'a> {
    let kind = request.findings.kind();
    let repository = &request.repository;
    let organization = &repository.organization;
    let full_name = repository.full_name();
    let number = request.number;
    RequestJson {
        id: request.id,
        number,
        url: format!(
            "{base}/repos/{full_name}/bypass-requests/{}/{number}",
            kind.path_segment()
        ),
        html_url: html_url(request),
        repository: RepositoryJson {
            id: repository.id,
            name: &repository.name,
            full_name,
        },
        organization: OrganizationJson {
            id: organization.id,
            name: &organization.name,
        },
        requester: actor(&request.requester),
        request_type: kind.request_type(),
        data: &request.findings,
        resource_identifier: &request.resource_identifier,
        status: request.status(now),
        requester_comment: request.comment.as_deref(),
        expires_at: request.expires_at(),
        created_at: request.created_at,
        responses: request.responses.iter().map(response).collect(),
    }
}

pub(super) fn html_url(request: &BypassRequest) -> String {
    let full_name = request.repository.full_name();
    format!(
        "https://github.com/{full_name}/exemptions/{}",
        request.number
    )
}

fn response(response: &BypassResponse) -> ResponseJson<'_> {
    ResponseJson {
        id: response.id,
        reviewer: actor(&response.reviewer),
        status: response.status,
        created_at: response.created_at,
    }
}

fn actor(login: &str) -> ActorJson<'_> {
    ActorJson {
        actor_id: actor_id(login),
        actor_name: login,
    }
}

pub(super) fn in_seconds<S: Serializer>(
    instant: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&instant.to_rfc3339_opts(SecondsFormat::Secs, true))
}
