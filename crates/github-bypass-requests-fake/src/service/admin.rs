//! Faults over HTTP, at a path that GitHub does not have: for the binary, and for tests that are
//! not in Rust.
//!
//! It stands beside the fake, so to speak: no token is asked for, no call is counted, and no fault
//! happens here.

use std::{collections::BTreeMap, num::NonZeroUsize, ops::Not, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract,
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{fault_queue::Queued, json, state::Shared};
use crate::fault::{Fault, InvalidFault, Outcome};

const PATH: &str = "/_fake/faults";

/// A fault, as it is ordered and as it is shown while it is left.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Order {
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
}

/// Why an order was not taken.
#[derive(Debug, Serialize)]
struct Objection {
    message: String,
}

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route(PATH, get(show).post(queue).delete(clear))
}

async fn show(extract::State(shared): extract::State<Arc<Shared>>) -> Response {
    shown(StatusCode::OK, &shared)
}

async fn queue(extract::State(shared): extract::State<Arc<Shared>>, body: Bytes) -> Response {
    let order = match parse(&body) {
        Ok(order) => order,
        Err(error) if error.is_data() => {
            return refuse(StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
        }
        Err(error) => return refuse(StatusCode::BAD_REQUEST, format!("not JSON: {error}")),
    };
    let count = order.count.get();
    match Fault::try_from(order).and_then(Fault::plan) {
        Ok(plan) => {
            shared.lock().faults.push(count, plan);
            shown(StatusCode::CREATED, &shared)
        }
        Err(error) => refuse(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
    }
}

fn parse(body: &[u8]) -> serde_json::Result<Order> {
    // Not at once: a list of values would do for a struct.
    let fields: Map<String, Value> = serde_json::from_slice(body)?;
    serde_json::from_value(fields.into())
}

async fn clear(extract::State(shared): extract::State<Arc<Shared>>) -> StatusCode {
    shared.lock().faults.clear();
    StatusCode::NO_CONTENT
}

fn shown(status: StatusCode, shared: &Shared) -> Response {
    let orders: Vec<_> = shared.lock().faults.iter().map(Order::from).collect();
    json::response(status, &orders)
}

fn refuse(status: StatusCode, message: String) -> Response {
    json::response(status, &Objection { message })
}

impl TryFrom<Order> for Fault {
    type Error = InvalidFault;

    fn try_from(order: Order) -> Result<Self, Self::Error> {
        let mut fault = match (order.status, order.reset) {
            (Some(_), true) => {
                return Err(InvalidFault::new(
                    "a reset comes in place of an answer: it has no status",
                ));
            }
            (Some(status), false) => Self::status(status),
            (None, true) => Self::reset(),
            (None, false) => Self::new(),
        };
        for (name, value) in order.headers {
            fault = fault.header(name, value);
        }
        if let Some(body) = order.body {
            fault = fault.body(body);
        }
        if let Some(bytes) = order.truncate {
            fault = fault.truncate(bytes);
        }
        if let Some(milliseconds) = order.delay_ms {
            fault = fault.delay(Duration::from_millis(milliseconds));
        }
        if order.after_applying {
            fault = fault.after_applying();
        }
        if let Some(method) = order.only {
            fault = fault.only(method);
        }
        Ok(fault)
    }
}

/// Bytes that are no text are shown as well as they can be.
impl From<&Queued> for Order {
    fn from(Queued { left, plan }: &Queued) -> Self {
        let delay = u64::try_from(plan.delay.as_millis()).unwrap_or(u64::MAX);
        let order = Self {
            count: NonZeroUsize::new(*left).unwrap_or(NonZeroUsize::MIN),
            status: None,
            reset: false,
            headers: BTreeMap::new(),
            body: None,
            truncate: None,
            delay_ms: (delay > 0).then_some(delay),
            after_applying: plan.after_applying,
            only: plan.only.as_ref().map(ToString::to_string),
        };
        match &plan.outcome {
            Outcome::Reset => Self {
                reset: true,
                ..order
            },
            Outcome::Answer {
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
                ..order
            },
        }
    }
}

/// Values of one name in one line, as HTTP allows.
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

fn one() -> NonZeroUsize {
    NonZeroUsize::MIN
}
