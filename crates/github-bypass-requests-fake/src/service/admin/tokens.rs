//! `/_fake/tokens`: manages the accepted tokens and their permissions.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};

use super::input::{Json, Login, Rejection};
use crate::{
    access::Access,
    service::{json, state::Shared},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenJson {
    token: String,
    login: Login,
    #[serde(default = "yes")]
    reviewer: bool,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    fine_grained: bool,
    #[serde(default = "yes")]
    secret_scanning: bool,
}

/// The login and the permissions of an accepted token, without the token itself.
#[derive(Serialize)]
struct AcceptedJson<'a> {
    login: &'a str,
    reviewer: bool,
    read_only: bool,
    fine_grained: bool,
    secret_scanning: bool,
}

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    listed(StatusCode::OK, &shared)
}

pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    Json(token): Json<TokenJson>,
) -> Result<Response, Rejection> {
    let is_sendable = |byte: u8| byte.is_ascii_graphic();
    if token.token.is_empty() || !token.token.bytes().all(is_sendable) {
        return Err(Rejection::invalid(
            "`token` must consist of printable ASCII characters without spaces",
        ));
    }
    let Login(login) = token.login;
    shared.lock().accept(Access {
        token: token.token,
        login,
        is_reviewer: token.reviewer,
        read_only: token.read_only,
        fine_grained: token.fine_grained,
        secret_scanning: token.secret_scanning,
    });
    Ok(listed(StatusCode::CREATED, &shared))
}

pub(super) async fn clear(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.lock().accept_every_token();
    StatusCode::NO_CONTENT
}

fn listed(status: StatusCode, shared: &Shared) -> Response {
    let state = shared.lock();
    let accepted = state.accepted.iter().map(|access| AcceptedJson {
        login: &access.login,
        reviewer: access.is_reviewer,
        read_only: access.read_only,
        fine_grained: access.fine_grained,
        secret_scanning: access.secret_scanning,
    });
    json::response(status, &accepted.collect::<Vec<_>>())
}

fn yes() -> bool {
    true
}
