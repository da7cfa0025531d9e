//! `/_fake/faults`: adds, lists and removes faults.

use std::{collections::BTreeMap, num::NonZeroUsize, ops::Not, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::input::{Json, Rejection};
use crate::{
    fault::{Fault, InvalidFault, Outcome},
    service::{fault_queue::Queued, json, state::Shared},
};

/// The JSON form of a fault and its remaining count.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultJson {
    #[serde(default = "one")]
    count: NonZeroUsize,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Not::not")]
    reset: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Not::not")]
    after_applying: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    only: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<usize>,
    #[serde(default, skip_serializing_if = "is_zero")]
    skip: usize,
}

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    listed(StatusCode::OK, &shared)
}

pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    Json(fault_json): Json<FaultJson>,
) -> Result<Response, Rejection> {
    let count = fault_json.count.get();
    let plan = Fault::try_from(fault_json).and_then(Fault::plan)?;
    shared.lock().faults.push(count, plan);
    Ok(listed(StatusCode::CREATED, &shared))
}

pub(super) async fn clear(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.lock().faults.clear();
    StatusCode::NO_CONTENT
}

fn listed(status: StatusCode, shared: &Shared) -> Response {
    let fault_jsons: Vec<_> = shared.lock().faults.iter().map(FaultJson::from).collect();
    json::response(status, &fault_jsons)
}

impl From<InvalidFault> for Rejection {
    fn from(error: InvalidFault) -> Self {
        Self::invalid(error.to_string())
    }
}

impl TryFrom<FaultJson> for Fault {
    type Error = InvalidFault;

    fn try_from(fault_json: FaultJson) -> Result<Self, Self::Error> {
        let mut fault = match (fault_json.status, fault_json.reset) {
            (Some(_), true) => {
                return Err(InvalidFault::new(
                    "a reset replaces the response, so it cannot have a status",
                ));
            }
            (Some(status), false) => Self::status(status),
            (None, true) => Self::reset(),
            (None, false) => Self::new(),
        };
        for (name, value) in fault_json.headers {
            fault = fault.header(name, value);
        }
        if let Some(body) = fault_json.body {
            fault = fault.body(body);
        }
        if let Some(bytes) = fault_json.truncate {
            fault = fault.truncate(bytes);
        }
        if let Some(milliseconds) = fault_json.delay_ms {
            fault = fault.delay(Duration::from_millis(milliseconds));
        }
        if fault_json.after_applying {
            fault = fault.after_applying();
        }
        if let Some(method) = fault_json.only {
            fault = fault.only(method);
        }
        if let Some(text) = fault_json.path_contains {
            fault = fault.path_contains(text);
        }
        if let Some(number) = fault_json.page {
            fault = fault.page(number);
        }
        Ok(fault.skip(fault_json.skip))
    }
}

/// Replaces bytes that are not UTF-8.
impl From<&Queued> for FaultJson {
    fn from(Queued { left, plan }: &Queued) -> Self {
        let delay = u64::try_from(plan.delay.as_millis()).unwrap_or(u64::MAX);
        let fault_json = Self {
            count: NonZeroUsize::new(*left).unwrap_or(NonZeroUsize::MIN),
            status: None,
            reset: false,
            headers: BTreeMap::new(),
            body: None,
            truncate: None,
            delay_ms: (delay > 0).then_some(delay),
            after_applying: plan.after_applying,
            only: plan.aim.method.as_ref().map(ToString::to_string),
            path_contains: plan.aim.path_contains.clone(),
            page: plan.aim.page,
            skip: plan.skip,
        };
        match &plan.outcome {
            Outcome::Reset => Self {
                reset: true,
                ..fault_json
            },
            Outcome::Response {
                status,
                headers,
                body,
                truncate,
            } => Self {
                status: status.map(|status| status.as_u16()),
                headers: by_name(headers),
                body: body
                    .as_ref()
                    .map(|body| String::from_utf8_lossy(body).into_owned()),
                truncate: *truncate,
                ..fault_json
            },
        }
    }
}

/// Joins the values of a header with commas, as HTTP allows.
fn by_name(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut by_name = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        by_name
            .entry(name.to_string())
            .and_modify(|line| {
                line.push_str(", ");
                line.push_str(&value);
            })
            .or_insert_with(|| value.to_string());
    }
    by_name
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn one() -> NonZeroUsize {
    NonZeroUsize::MIN
}
