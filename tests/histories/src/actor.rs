//! The actors of a history.

pub(crate) mod people;
pub(crate) mod reader;
pub(crate) mod watcher;
pub(crate) mod writer;

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use github_bypass_requests::{
    Client, ClientBuilder, Error, Host, Secret, TokenFuture, TokenSource,
};

use crate::proxy::HOST_NAME;
use crate::sim::Sim;

/// The number of reads that a client may have in flight. It is small, so that a lost permit is
/// noticed.
pub(crate) const MAX_READS: usize = 3;

/// A time limit that is longer than any call may take. It ends calls that would never end, so that
/// the history ends, too.
pub(crate) const FOREVER: Duration = Duration::from_secs(4 * 3600);

/// Returns the builder of a client for this user. `agent` is part of the client's `User-Agent`.
pub(crate) fn client_of(sim: &Arc<Sim>, user: &'static str, agent: &str) -> ClientBuilder {
    Client::builder()
        .base_url(format!("http://{HOST_NAME}"))
        .unix_socket(&sim.socket)
        .user_agent(agent)
        .max_concurrent_reads(MAX_READS)
        .token_source(Rotating {
            sim: sim.clone(),
            user,
        })
}

/// Sets the time limit of calls. Do not use it for watches, because the checks assume that a poll
/// has succeeded if the server has responded to all its requests.
pub(crate) fn limited(sim: &Sim, client: ClientBuilder) -> ClientBuilder {
    match sim.plan.call_timeout {
        Some(timeout) => client.call_timeout(timeout),
        None => client,
    }
}

/// A token source whose tokens are replaced during the history.
struct Rotating {
    sim: Arc<Sim>,
    user: &'static str,
}

impl TokenSource for Rotating {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        let Self { sim, user } = self;
        let fails = sim.plan.rotates && !sim.is_calm() && sim.rng().u32(..50) == 0;
        let token = if fails {
            Err(Error::no_token("the secret manager is down"))
        } else {
            Ok(Secret::new(sim.token(user)))
        };
        Box::pin(std::future::ready(token))
    }
}

/// Returns a random duration in this range of seconds.
pub(crate) fn seconds(rng: &mut Rng, range: std::ops::Range<f64>) -> Duration {
    Duration::from_secs_f64(range.start + (range.end - range.start) * rng.f64())
}
