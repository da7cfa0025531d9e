//! Receives webhook deliveries, and prints a line of JSON for each new event.
//!
//! ```text
//! export GITHUB_WEBHOOK_SECRET=the-secret-of-the-webhook
//! cargo run -p github-bypass-requests --features webhooks --example webhook -- 8081
//! ```
//!
//! The argument is the port on 127.0.0.1. Without it, any free port is used.

use std::io::{self, Write};
use std::{env, error::Error, net::Ipv4Addr, sync::Arc};

use axum::extract::{DefaultBodyLimit, State};
use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use github_bypass_requests::webhook::{Payload, Receiver, Refusal, Seen};
use serde_json::json;
use tokio::net::TcpListener;

type Hook = Arc<(Receiver, Seen)>;

#[tokio::main]
async fn main() {
    if let Err(error) = serve().await {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let hook = Hook::new((Receiver::from_env()?, Seen::new(10_000)));
    let router = Router::new()
        .route("/", post(receive))
        // Let the receiver refuse bodies that are too large, because it logs the refusal.
        .layer(DefaultBodyLimit::max(Receiver::MAX_BODY + 1))
        .with_state(hook);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    writeln!(io::stdout(), "listening on http://{address}")?;
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    let server = axum::serve(listener, router);
    Ok(server.with_graceful_shutdown(interrupted).await?)
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> StatusCode {
    handle(&hook, &headers, body).unwrap_or_else(|refusal| {
        let status = refusal.status();
        let _ = writeln!(io::stderr(), "refused with {status}: {refusal}");
        status
    })
}

fn handle(hook: &Hook, headers: &HeaderMap, body: Bytes) -> Result<StatusCode, Refusal> {
    let (receiver, seen) = &**hook;
    let delivery = receiver.receive(headers, body)?;
    let line = match delivery.read()? {
        Payload::Request(event) => json!({
            "event": event.event, "action": event.action, "kind": event.kind(),
            "repository": event.repository.full_name, "number": event.request.number,
            "status": event.request.status, "decision": event.decision(),
            "requester": event.request.requester.actor_name,
            "reviewer": event.reviewer().and_then(|it| it.actor_name.as_deref()),
        }),
        Payload::Ping => json!({ "event": "ping" }),
        _ => return Ok(StatusCode::OK),
    };
    if seen.insert(&delivery) && writeln!(io::stdout(), "{line}").is_err() {
        seen.remove(&delivery);
        return Ok(StatusCode::INTERNAL_SERVER_ERROR);
    }
    Ok(StatusCode::OK)
}
