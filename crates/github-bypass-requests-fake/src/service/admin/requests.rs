//! `/_fake/requests`: opens bypass requests, and acts as other users.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Deserializer, Serialize};

use super::input::{FullName, Json, Login, Rejection, RequestPath, Time};
use crate::{
    service::{json, state::Shared},
    world::{
        bypass_request::{ResponseStatus, Stage},
        findings::{Findings, RuleViolation, SecretFinding},
        new_request::NewRequest,
        new_response::NewResponse,
    },
};

/// The JSON form of a [`NewRequest`]. Missing fields get the defaults of that type.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRequestJson<Finding> {
    repository: Option<FullName>,
    requester: Option<Login>,
    // Without the explicit `Vec::new`, serde would require `Finding: Default`.
    #[serde(default = "Vec::new")]
    data: Vec<Finding>,
    /// The outer option is `None` if the field is missing. The inner option is `None` if the field
    /// is null.
    #[serde(default, deserialize_with = "present")]
    requester_comment: Option<Option<String>>,
    resource_identifier: Option<String>,
    created_at: Option<Time>,
    status: Option<Stage>,
    #[serde(default)]
    responses: Vec<ResponseJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseJson {
    reviewer: Login,
    status: ResponseStatus,
    message: Option<String>,
    created_at: Option<Time>,
}

/// A review by a colleague.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewJson {
    reviewer: Login,
    message: Option<String>,
    created_at: Option<Time>,
}

#[derive(Serialize)]
struct ReviewedJson {
    id: u64,
}

pub(super) async fn open_secret_scanning(
    State(shared): State<Arc<Shared>>,
    Json(request): Json<NewRequestJson<SecretFinding>>,
) -> Result<Response, Rejection> {
    if request.status == Some(Stage::Deleted) {
        return Err(Rejection::invalid(
            "only push rule requests can have the status `deleted`",
        ));
    }
    Ok(open(&shared, request, Findings::Secrets))
}

pub(super) async fn open_push_rules(
    State(shared): State<Arc<Shared>>,
    Json(request): Json<NewRequestJson<RuleViolation>>,
) -> Response {
    open(&shared, request, Findings::Violations)
}

fn open<Finding: Default>(
    shared: &Shared,
    request: NewRequestJson<Finding>,
    gather: fn(Vec<Finding>) -> Findings,
) -> Response {
    let opened = shared.lock().open(request.into(), gather);
    json::response(StatusCode::CREATED, &opened)
}

pub(super) async fn approve(
    State(shared): State<Arc<Shared>>,
    path: RequestPath,
    Json(review): Json<ReviewJson>,
) -> Result<Response, Rejection> {
    respond(&shared, &path, review.response(ResponseStatus::Approved))
}

pub(super) async fn reject(
    State(shared): State<Arc<Shared>>,
    path: RequestPath,
    Json(review): Json<ReviewJson>,
) -> Result<Response, Rejection> {
    respond(&shared, &path, review.response(ResponseStatus::Denied))
}

fn respond(
    shared: &Shared,
    path: &RequestPath,
    response: NewResponse,
) -> Result<Response, Rejection> {
    let mut state = shared.lock();
    let repository = state.repository(&path.owner, &path.repository)?;
    let id = state.review(&repository, path.number, response)?;
    Ok(json::response(StatusCode::CREATED, &ReviewedJson { id }))
}

pub(super) async fn cancel(
    State(shared): State<Arc<Shared>>,
    path: RequestPath,
) -> Result<StatusCode, Rejection> {
    let mut state = shared.lock();
    let repository = state.repository(&path.owner, &path.repository)?;
    state.cancel(&repository, path.number)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn complete(
    State(shared): State<Arc<Shared>>,
    path: RequestPath,
) -> Result<StatusCode, Rejection> {
    let mut state = shared.lock();
    let repository = state.repository(&path.owner, &path.repository)?;
    state.complete(&repository, path.number)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn responses(
    State(shared): State<Arc<Shared>>,
    path: RequestPath,
) -> Result<Response, Rejection> {
    let mut state = shared.lock();
    let repository = state.repository(&path.owner, &path.repository)?;
    let responses = state.world.responses(&repository, path.number)?;
    Ok(json::response(StatusCode::OK, &responses))
}

impl<Finding> From<NewRequestJson<Finding>> for NewRequest<Finding> {
    fn from(json: NewRequestJson<Finding>) -> Self {
        let mut request = Self::new();
        if let Some(FullName { owner, name }) = json.repository {
            request = request.repository(owner, name);
        }
        if let Some(Login(login)) = json.requester {
            request = request.requester(login);
        }
        if let Some(comment) = json.requester_comment {
            request.comment = comment;
        }
        if let Some(Time(instant)) = json.created_at {
            request = request.created_at(instant);
        }
        if let Some(stage) = json.status {
            request.stage = stage;
        }
        request.findings = json.data;
        request.resource_identifier = json.resource_identifier;
        request.responses = json.responses.into_iter().map(NewResponse::from).collect();
        request
    }
}

impl From<ResponseJson> for NewResponse {
    fn from(json: ResponseJson) -> Self {
        let review = ReviewJson {
            reviewer: json.reviewer,
            message: json.message,
            created_at: json.created_at,
        };
        review.response(json.status)
    }
}

impl ReviewJson {
    fn response(self, status: ResponseStatus) -> NewResponse {
        let Login(reviewer) = self.reviewer;
        let mut response = NewResponse::new(reviewer, status);
        if let Some(message) = self.message {
            response = response.message(message);
        }
        if let Some(Time(instant)) = self.created_at {
            response = response.created_at(instant);
        }
        response
    }
}

/// Deserializes a field that is present, and may be null.
fn present<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(field).map(Some)
}
