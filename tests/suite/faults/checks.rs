//! How long a case takes, what its server's clock shows, and answers that several cases share.

use std::fmt::Debug;
use std::ops::RangeBounds;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use github_bypass_requests::Error;
use tokio::time::{Instant, timeout};

use super::calls::JSON;
use super::clean::clean;
use super::harness::{Reply, Server, date, head};
use crate::support::request;

/// The error, once it is searched for the token.
pub(crate) fn failed<T: Debug>(result: Result<T, Error>) -> Error {
    clean(result.expect_err("an error"))
}

/// Awaits what takes so many seconds of the test's clock.
pub(crate) async fn takes<T>(
    seconds: impl RangeBounds<f64> + Debug,
    call: impl Future<Output = T>,
) -> T {
    let started = Instant::now();
    // Nothing of the client's waits that long: what does not end is told by name.
    let output = timeout(Duration::from_secs(100_000), call).await;
    let elapsed = started.elapsed().as_secs_f64();
    assert!(seconds.contains(&elapsed), "{elapsed} s, not {seconds:?}");
    output.expect("an end")
}

/// Awaits what happens without any wait.
pub(crate) async fn at_once<T>(call: impl Future<Output = T>) -> T {
    takes(..=0.1, call).await
}

/// The server's clock. It goes with the test's, unlike the system's, and is years behind that, so
/// that a client which mixes the two up is found out.
#[derive(Clone, Copy)]
pub(crate) struct ServerClock(Instant);

impl ServerClock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> DateTime<Utc> {
        let base = DateTime::from_timestamp(1_700_000_000, 0).expect("an instant");
        base + TimeDelta::from_std(self.0.elapsed()).expect("a short time")
    }

    /// The present, so many seconds later, as `x-ratelimit-reset` has it.
    pub(crate) fn reset_in(self, seconds: i64) -> String {
        format!("x-ratelimit-reset: {}", self.now().timestamp() + seconds)
    }

    pub(crate) fn date(self) -> String {
        date(self.now())
    }
}

/// Request 42 as the answer.
pub(crate) fn found() -> Reply {
    Reply::json(200, &[], &request(42))
}

/// An answer that is cut off.
pub(crate) fn truncated() -> Reply {
    let lines = ["x-github-request-id: AB:12", JSON, "content-length: 100"];
    let head = head(200, &lines);
    Reply::bytes(head).then_bytes("{\"").then_close()
}

/// A lost answer: a reset after the request was received.
pub(crate) fn reset() -> Reply {
    Reply::nothing().then_reset()
}

/// The pages that were asked for.
pub(crate) fn asked(server: &Server) -> Vec<u32> {
    let page = |target: &str| {
        let (_, query) = target.split_once('?')?;
        let page = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("page="))?;
        page.parse().ok()
    };
    let received = server.received();
    received
        .iter()
        .map(|request| page(&request.target).expect("a page"))
        .collect()
}
