//! Records the received requests and the responses to them.

use std::{pin::pin, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    extract::{self, Request},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_core::Stream;

use super::{
    admission::REQUEST_ID,
    authentication::authenticate,
    log::{Entry, Position},
    misbehavior::Applied,
    refusal::Refusal,
    state::Shared,
};
use crate::received::{Received, SentResponse};

/// axum's default limit. The operations refuse larger bodies.
const MAX_BODY: usize = 2 << 20;

/// Runs before everything else, and reads the whole body first. Otherwise, a response that does not
/// depend on the body, such as that of a fault, could arrive while the client is still sending, and
/// some clients cannot handle that.
pub(super) async fn record(
    extract::State(shared): extract::State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = read(body).await else {
        return Refusal::incomplete_body().into_response();
    };
    let position = receive(&shared, &head, &body);
    let response = next.run(Request::from_parts(head, body.into())).await;
    match response.extensions().get::<Applied>() {
        Some(Applied::Reset) => response,
        Some(Applied::Body) => {
            respond(&shared, position, &response, String::new());
            response
        }
        None => {
            let (head, body) = response.into_parts();
            // No limit is needed, because the fake's own bodies are small and in memory.
            let Ok(body) = to_bytes(body, usize::MAX).await else {
                return Refusal::internal_error().into_response();
            };
            let text = String::from_utf8_lossy(&body).into_owned();
            let response = Response::from_parts(head, body.into());
            respond(&shared, position, &response, text);
            response
        }
    }
}

/// Reads a body. Stops once it has read more than `MAX_BODY` bytes, because the operation refuses a
/// body of that size.
async fn read(body: Body) -> Result<Vec<u8>, axum::Error> {
    let mut stream = pin!(body.into_data_stream());
    let mut read = Vec::new();
    while read.len() <= MAX_BODY {
        let next = std::future::poll_fn(|cx| stream.as_mut().poll_next(cx)).await;
        let Some(data) = next.transpose()? else {
            break;
        };
        read.extend_from_slice(&data);
    }
    Ok(read)
}

fn receive(shared: &Shared, head: &Parts, body: &[u8]) -> Position {
    let mut state = shared.lock();
    let caller = authenticate(&state.accepted, &head.headers).ok();
    let received = Received {
        at: state.clock.now(),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        caller: caller.map(|access| access.login.clone()),
        body: String::from_utf8_lossy(body).into_owned(),
        response: None,
    };
    state.received.push(received)
}

fn respond(shared: &Shared, position: Position, response: &Response, body: String) {
    let sent = SentResponse {
        status: response.status().as_u16(),
        request_id: request_id(response.headers()),
        body,
    };
    let mut state = shared.lock();
    state
        .received
        .change(position, |received| received.response = Some(sent));
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?;
    Some(String::from_utf8_lossy(id.as_bytes()).into_owned())
}

/// Counts paths, queries and bodies.
impl Entry for Received {
    fn size(&self) -> usize {
        let query = self.query.as_ref().map_or(0, String::len);
        let response = self.response.as_ref();
        let response = response.map_or(0, |response| response.body.len());
        self.path.len() + query + self.body.len() + response
    }
}
