//! Applies faults to HTTP requests.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{self, ConnectInfo, Request},
    http::{HeaderMap, header::CONTENT_LENGTH},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_core::Stream;
use tokio::time::sleep;

use super::{connection::Ending, date, refusal::Refusal, state::Shared};
use crate::fault::{Outcome, Plan, may_have_body};

/// The effect of a fault on the response. Stored in the response's `extensions`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Applied {
    /// There is no response.
    Reset,
    /// The body was made up, replaced or truncated.
    Body,
}

/// Runs before the token and the rate limit are checked, because made-up responses depend on
/// neither.
pub(super) async fn apply(
    extract::State(shared): extract::State<Arc<Shared>>,
    ConnectInfo(ending): ConnectInfo<Ending>,
    request: Request,
    next: Next,
) -> Response {
    let fault = shared.lock().faults.take(request.method(), request.uri());
    let Some(Plan {
        after_applying,
        delay,
        outcome,
        ..
    }) = fault
    else {
        return next.run(request).await;
    };
    if after_applying {
        let response = next.run(request).await;
        wait(delay).await;
        return finish(outcome, response, &shared, &ending).await;
    }
    wait(delay).await;
    let response = if outcome.is_made_up() {
        Response::default()
    } else {
        next.run(request).await
    };
    finish(outcome, response, &shared, &ending).await
}

/// Skips a delay of zero, because even a sleep of zero would advance tokio's paused clock.
async fn wait(delay: Duration) {
    if !delay.is_zero() {
        sleep(delay).await;
    }
}

/// Changes or replaces the real response.
async fn finish(
    outcome: Outcome,
    real_response: Response,
    shared: &Shared,
    ending: &Ending,
) -> Response {
    let (status, headers, body, truncate) = match outcome {
        Outcome::Reset => {
            ending.reset();
            // This response is never sent, because writing it fails.
            let mut response = Response::default();
            response.extensions_mut().insert(Applied::Reset);
            return response;
        }
        Outcome::Response {
            status,
            headers,
            body,
            truncate,
        } => (status, headers, body, truncate),
    };
    let mut response = match status {
        None => real_response,
        Some(status) => {
            let mut response = status.into_response();
            date::set(response.headers_mut(), shared.lock().clock.now());
            response
        }
    };
    set(response.headers_mut(), headers);
    if status.is_some() || body.is_some() || truncate.is_some() {
        response.extensions_mut().insert(Applied::Body);
    }
    if !may_have_body(response.status()) {
        return response;
    }
    if let Some(body) = body {
        *response.body_mut() = Body::from(body);
    }
    match truncate {
        None => response,
        Some(bytes) => truncated(response, bytes, ending).await,
    }
}

/// Replaces all values of the given headers.
fn set(headers: &mut HeaderMap, new: HeaderMap) {
    for name in new.keys() {
        headers.remove(name);
    }
    for (name, value) in &new {
        headers.append(name, value.clone());
    }
}

async fn truncated(response: Response, bytes: usize, ending: &Ending) -> Response {
    let (mut head, body) = response.into_parts();
    // No limit is needed, because the fake's own bodies are small and in memory.
    let Ok(mut body) = to_bytes(body, usize::MAX).await else {
        return Refusal::internal_error().into_response();
    };
    if body.len() <= bytes {
        return Response::from_parts(head, body.into());
    }
    head.headers.insert(CONTENT_LENGTH, body.len().into());
    body.truncate(bytes);
    let body = Truncated {
        start: Some(body),
        ending: ending.clone(),
    };
    Response::from_parts(head, Body::from_stream(body))
}

/// The start of a body, after which the connection is closed.
///
/// A body that returns an error would not work, because the server would drop the bytes that it has
/// not sent yet.
struct Truncated {
    start: Option<Bytes>,
    ending: Ending,
}

impl Stream for Truncated {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.start.take() {
            Some(start) => Poll::Ready(Some(Ok(start))),
            None => {
                self.ending.cut();
                // No waker is needed: the server flushes what it has, and then the connection
                // closes.
                Poll::Pending
            }
        }
    }
}
