//! Sends deliveries.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode, header::HOST},
};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    sync::mpsc::Receiver,
    time::{Instant, timeout},
};

use super::delivery_log::DeliveryLog;
use crate::{delivery::Delivery, hook::Hook, service::log::Position};

/// GitHub's time limit for a delivery.
const TIME_LIMIT: Duration = Duration::from_secs(10);
const CLOSED: &str = "the connection was closed before the response was complete";

/// A delivery to send, and its position in the log.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) position: Position,
    pub(super) delivery: Delivery,
}

/// Sends deliveries to a webhook, one after the other. A failed delivery is not retried, because
/// GitHub does not retry it.
pub(super) async fn run(hook: Hook, mut jobs: Receiver<Job>, deliveries: DeliveryLog) {
    while let Some(Job { position, delivery }) = jobs.recv().await {
        let start = Instant::now();
        let sent = timeout(TIME_LIMIT, send(&hook, delivery)).await;
        let sent = sent.unwrap_or_else(|_| Err("the response took too long".to_owned()));
        let duration = start.elapsed();
        deliveries.lock().change(position, |delivery| {
            delivery.duration = Some(duration);
            match sent {
                Ok(status) => delivery.status = Some(status.as_u16()),
                Err(error) => delivery.error = Some(error),
            }
        });
    }
}

/// Sends a delivery on a new connection, and closes the connection when the status and the headers
/// of the response have arrived.
async fn send(hook: &Hook, delivery: Delivery) -> Result<StatusCode, String> {
    let request = request(hook, delivery).map_err(|error| error.to_string())?;
    let stream = TcpStream::connect(&*hook.addresses)
        .await
        .map_err(|error| format!("no connection to {} ({error})", hook.authority))?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(described)?;

    let mut connection = pin!(connection);
    let mut response = pin!(sender.send_request(request));
    // The response arrives only while the connection is polled.
    let response = poll_fn(|cx| {
        let is_closed = connection.as_mut().poll(cx).is_ready();
        match response.as_mut().poll(cx) {
            Poll::Pending if is_closed => Poll::Ready(Err(CLOSED.to_owned())),
            response => response.map_err(described),
        }
    });
    Ok(response.await?.status())
}

fn request(hook: &Hook, delivery: Delivery) -> Result<Request<Body>, axum::http::Error> {
    let target = hook
        .url
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut request = Request::post(target).header(HOST, &hook.authority);
    for (name, value) in delivery.headers {
        request = request.header(name, value);
    }
    request.body(delivery.body.into())
}

fn described(error: hyper::Error) -> String {
    if error.is_parse() {
        format!("the response cannot be decoded: {error}")
    } else {
        CLOSED.to_owned()
    }
}
