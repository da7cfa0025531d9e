//! Faults, as they happen to calls.

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

/// More than any review; what is longer is not worth waiting for.
const MAX_IGNORED: usize = 1 << 20;

/// Runs before admission, because a made-up response does not depend on a token.
pub(super) async fn happen(
    extract::State(shared): extract::State<Arc<Shared>>,
    ConnectInfo(ending): ConnectInfo<Ending>,
    request: Request,
    next: Next,
) -> Response {
    let fault = shared.lock().faults.take(request.method());
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
        let answer = next.run(request).await;
        wait(delay).await;
        return end(outcome, answer, &shared, &ending).await;
    }
    wait(delay).await;
    let answer = if outcome.is_made_up() {
        // Read all the same: a client that is still sending would trip over an early answer.
        drop(to_bytes(request.into_body(), MAX_IGNORED).await);
        Response::default()
    } else {
        next.run(request).await
    };
    end(outcome, answer, &shared, &ending).await
}

/// Even a sleep of no time lets time pass on a paused clock.
async fn wait(delay: Duration) {
    if !delay.is_zero() {
        sleep(delay).await;
    }
}

/// What becomes of the true answer, or comes in its place.
async fn end(
    outcome: Outcome,
    true_answer: Response,
    shared: &Shared,
    ending: &Ending,
) -> Response {
    let (status, headers, body, truncate) = match outcome {
        Outcome::Reset => {
            ending.reset();
            // Never written: the server trips over the end when it begins to.
            return Response::default();
        }
        Outcome::Answer {
            status,
            headers,
            body,
            truncate,
        } => (status, headers, body, truncate),
    };
    let mut answer = match status {
        None => true_answer,
        Some(status) => {
            let mut answer = status.into_response();
            date::set(answer.headers_mut(), shared.lock().clock.now());
            answer
        }
    };
    set(answer.headers_mut(), headers);
    if !may_have_body(answer.status()) {
        return answer;
    }
    if let Some(body) = body {
        *answer.body_mut() = Body::from(body);
    }
    match truncate {
        None => answer,
        Some(bytes) => truncated(answer, bytes, ending).await,
    }
}

/// Each name with all of its new values, and none of its old ones.
fn set(headers: &mut HeaderMap, new: HeaderMap) {
    for name in new.keys() {
        headers.remove(name);
    }
    for (name, value) in &new {
        headers.append(name, value.clone());
    }
}

async fn truncated(answer: Response, bytes: usize, ending: &Ending) -> Response {
    let (mut head, body) = answer.into_parts();
    // The fake's own bodies are in memory, and have an end.
    let Ok(mut body) = to_bytes(body, usize::MAX).await else {
        return Refusal::internal_error().into_response();
    };
    if body.len() <= bytes {
        return Response::from_parts(head, body.into());
    }
    head.headers.insert(CONTENT_LENGTH, body.len().into());
    body.truncate(bytes);
    let body = CutShort {
        beginning: Some(body),
        ending: ending.clone(),
    };
    Response::from_parts(head, Body::from_stream(body))
}

/// The beginning of a body; then the connection ends, and the rest never comes.
///
/// A body that fails would not do: the server drops what it has not yet written.
struct CutShort {
    beginning: Option<Bytes>,
    ending: Ending,
}

impl Stream for CutShort {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.beginning.take() {
            Some(beginning) => Poll::Ready(Some(Ok(beginning))),
            None => {
                self.ending.cut();
                // Nobody has to be woken: a server with nothing to add writes what it has, and
                // then the connection ends.
                Poll::Pending
            }
        }
    }
}
