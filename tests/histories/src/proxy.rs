//! The proxy in front of the server: accepts connections on a socket.

mod exchange;
mod replies;

use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

use crate::fault::Fault;
use crate::message::Message;
use crate::proxy::exchange::{Connection, Exchange};
use crate::sim::Sim;

/// The host of the client's base URL. Nothing listens there.
pub(crate) const HOST_NAME: &str = "127.0.0.1:1";

/// Accepts connections, except during outages that refuse them.
pub(crate) async fn run(sim: Arc<Sim>) {
    let mut listener = Some(listen(&sim));
    let outages = sim.plan.faults.outages.iter().filter(|it| it.refuses);
    let mut outages = outages.copied().collect::<Vec<_>>().into_iter();
    let mut outage = outages.next();
    loop {
        let now = sim.now();
        match (&listener, outage) {
            (Some(_), Some(it)) if it.start <= now => {
                std::fs::remove_file(&sim.socket).expect("a socket");
                listener = None;
                sim.trace(None, || "connections are refused".to_owned());
                sim.count(Fault::Outage);
            }
            (None, Some(it)) => {
                sleep(it.end.saturating_sub(now)).await;
                listener = Some(listen(&sim));
                sim.trace(None, || "connections are accepted again".to_owned());
                outage = outages.next();
            }
            (Some(it), next) => {
                let start = next.map_or(Duration::MAX, |next| next.start.saturating_sub(now));
                if let Ok(accepted) = timeout(start, it.accept()).await {
                    let (stream, _) = accepted.expect("a connection");
                    tokio::spawn(serve(sim.clone(), stream));
                }
            }
            (None, None) => return,
        }
    }
}

fn listen(sim: &Sim) -> UnixListener {
    // Another history may have left its socket.
    let _ = std::fs::remove_file(&sim.socket);
    UnixListener::bind(&sim.socket).expect("a socket")
}

async fn serve(sim: Arc<Sim>, mut stream: UnixStream) {
    while let Some(message) = Message::receive(&mut stream).await {
        sim.record().http_requests += 1;
        let host = message.header(&HOST);
        if host != HOST_NAME {
            let token = message.header(&AUTHORIZATION);
            let found = format!("{host} with the token {token:?}");
            sim.record().other_hosts.push(found);
        }
        let mut exchange = Exchange::new(sim.clone(), message);
        if exchange.run(&mut stream).await == Connection::Closed {
            return;
        }
    }
}
