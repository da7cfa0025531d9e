//! Receives webhook deliveries, and prints a line of JSON for each new event.
//!
//! ```text
//! export GITHUB_WEBHOOK_SECRET=the-secret-of-the-webhook
//! cargo run -p github-bypass-requests --features webhooks --example webhook -- --port 8081
//! ```

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use clap::Parser;
use github_bypass_requests::webhook::{Payload, Receiver, Refusal, Seen};
use serde_json::json;
use tokio::net::TcpListener;

#[derive(Parser)]
#[command(about = "Prints a line of JSON for each new event of a webhook")]
struct Cli {
    /// Port on 127.0.0.1; 0 selects any free port
    #[arg(long, default_value_t = 0)]
    port: u16,
}

struct Hook {
    receiver: Receiver,
    seen: Seen,
}

#[tokio::main]
async fn main() {
    if let Err(error) = serve(Cli::parse().port).await {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

async fn serve(port: u16) -> Result<(), Box<dyn Error>> {
    let receiver = Receiver::from_env()?;
    let seen = Seen::new(10_000);
    let router = Router::new()
        .route("/", post(receive))
        .layer(DefaultBodyLimit::max(Receiver::MAX_BODY))
        .with_state(Arc::new(Hook { receiver, seen }));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    let server = axum::serve(listener, router);
    Ok(server.with_graceful_shutdown(interrupted).await?)
}

type Response = Result<(), (StatusCode, String)>;

async fn receive(State(hook): State<Arc<Hook>>, headers: HeaderMap, body: Bytes) -> Response {
    hook.handle(&headers, body).map_err(|refusal| {
        let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
        (status, refusal.to_string())
    })
}

impl Hook {
    fn handle(&self, headers: &HeaderMap, body: Bytes) -> Result<(), Refusal> {
        let delivery = self.receiver.receive(headers, body)?;
        let line = match delivery.read()? {
            Payload::Request(event) => json!({
                "event": event.event, "action": event.action, "kind": event.kind(),
                "repository": event.repository.full_name, "number": event.request.number,
                "status": event.request.status, "decision": event.decision(),
                "requester": event.request.requester.actor_name,
                "reviewer": event.reviewer().and_then(|it| it.actor_name.as_deref()),
            }),
            Payload::Ping => json!({ "event": "ping" }),
            _ => return Ok(()),
        };
        // Two copies of a delivery can arrive at once. The lock lets only one of them in.
        let mut out = io::stdout().lock();
        if !self.seen.contains(&delivery) && writeln!(out, "{line}").is_ok() {
            self.seen.insert(&delivery);
        }
        Ok(())
    }
}
