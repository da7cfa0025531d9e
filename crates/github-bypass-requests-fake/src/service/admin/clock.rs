//! `/_fake/clock`: shows, sets and advances the clock.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::input::{Json, Rejection, Time};
use crate::{
    clock::{Clock, later},
    service::{json, state::Shared},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeJson {
    now: Option<Time>,
    advance_seconds: Option<i64>,
}

#[derive(Serialize)]
struct ClockJson {
    now: DateTime<Utc>,
}

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let now = shared.lock().clock.now();
    json::response(StatusCode::OK, &ClockJson { now })
}

pub(super) async fn set(
    State(shared): State<Arc<Shared>>,
    Json(change): Json<ChangeJson>,
) -> Result<Response, Rejection> {
    let mut state = shared.lock();
    match (change.now, change.advance_seconds) {
        (Some(Time(now)), None) => state.clock = Clock::manual(now),
        (None, Some(seconds)) => {
            let by = TimeDelta::try_seconds(seconds).ok_or_else(|| {
                Rejection::invalid(format!("`advance_seconds` is out of range: {seconds}"))
            })?;
            Time::new(later(state.clock.now(), by)).map_err(Rejection::invalid)?;
            state.clock.advance(by);
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(Rejection::invalid("set either `now` or `advance_seconds`"));
        }
    }
    let now = state.clock.now();
    Ok(json::response(StatusCode::OK, &ClockJson { now }))
}
