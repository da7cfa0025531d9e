//! `/_fake/deliveries` and `/_fake/ping`: lists, forgets and repeats deliveries to webhooks.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};

use super::input::Rejection;
use crate::service::{json, state::Shared};

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    let deliveries = shared.lock().webhooks.deliveries();
    json::response(StatusCode::OK, &deliveries)
}

pub(super) async fn clear(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.lock().webhooks.clear_deliveries();
    StatusCode::NO_CONTENT
}

pub(super) async fn redeliver(
    State(shared): State<Arc<Shared>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Rejection> {
    match path {
        Ok(Path(id)) if shared.lock().webhooks.redeliver(&id) => Ok(StatusCode::NO_CONTENT),
        Ok(_) | Err(_) => Err(Rejection::not_found("no such delivery")),
    }
}

pub(super) async fn ping(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.lock().webhooks.ping();
    StatusCode::NO_CONTENT
}
