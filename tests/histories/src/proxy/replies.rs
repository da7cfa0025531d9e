//! Responses that the proxy sends instead of the server.

use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use crate::message::Reply;
use crate::sim::Sim;

pub(super) fn reply(status: StatusCode, headers: &[(HeaderName, &str)], body: &str) -> Reply {
    let headers = headers.iter().map(|(name, value)| {
        let value = HeaderValue::try_from(*value).expect("a value");
        (name.clone(), value)
    });
    Reply {
        status,
        headers: headers.collect(),
        body: body.into(),
    }
}

pub(super) fn error(status: StatusCode, message: &str) -> Reply {
    let id = HeaderName::from_static("x-github-request-id");
    let headers = [(CONTENT_TYPE, "application/json"), (id, "FA4E:0")];
    reply(status, &headers, &json!({ "message": message }).to_string())
}

pub(super) fn unavailable(status: u16) -> Reply {
    let status = StatusCode::from_u16(status).expect("a status");
    reply(
        status,
        &[(CONTENT_TYPE, "text/html")],
        "<html>Unicorn!</html>",
    )
}

/// Returns a refusal in one of the forms that GitHub uses.
pub(super) fn rate_limited(sim: &Sim) -> Reply {
    let date = sim.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut rng = sim.rng();
    let seconds = rng.u64(1..10).to_string();
    let mut reply = match rng.u32(..8) {
        0..4 => {
            let mut reply = error(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
            let value = seconds.parse().expect("a value");
            reply.headers.insert(RETRY_AFTER, value);
            reply
        }
        4..6 => {
            let message = "You have exceeded a secondary rate limit.";
            let mut reply = error(StatusCode::FORBIDDEN, message);
            let value = seconds.parse().expect("a value");
            reply.headers.insert(RETRY_AFTER, value);
            reply
        }
        // No header states a wait, so the client waits a minute.
        6 => error(StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
        _ => {
            let mut reply = error(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
            // This is longer than a call waits.
            let value = HeaderValue::from_static("100");
            reply.headers.insert(RETRY_AFTER, value);
            reply
        }
    };
    let date = HeaderValue::try_from(date).expect("a value");
    reply.headers.insert(DATE, date);
    reply
}
