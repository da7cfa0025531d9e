//! `/_fake/received`: lists and forgets the received requests.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};

use crate::service::{json, state::Shared};

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    let received = shared.lock().received.all();
    json::response(StatusCode::OK, &received)
}

pub(super) async fn clear(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.lock().received.clear();
    StatusCode::NO_CONTENT
}
