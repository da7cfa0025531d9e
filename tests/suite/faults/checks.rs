//! Helpers that several tests share: the server's clock, replies, and checks of durations.

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

/// Returns the error. Panics if one of its texts contains the token.
pub(crate) fn failed<T: Debug>(result: Result<T, Error>) -> Error {
    clean(result.expect_err("an error"))
}

/// Awaits `call`, which must take this many seconds on the test's clock.
pub(crate) async fn takes<T>(
    seconds: impl RangeBounds<f64> + Debug,
    call: impl Future<Output = T>,
) -> T {
    let started = Instant::now();
    // Without this limit, a call that hangs would hang the test. The client never waits this long.
    let output = timeout(Duration::from_secs(100_000), call).await;
    let elapsed = started.elapsed().as_secs_f64();
    assert!(
        seconds.contains(&elapsed),
        "the call took {elapsed} s, not {seconds:?}"
    );
    output.expect("the call ends")
}

/// Awaits `call`, which must not wait.
pub(crate) async fn at_once<T>(call: impl Future<Output = T>) -> T {
    takes(..=0.1, call).await
}

/// The server's clock.
///
/// It advances with the test's clock, but is years behind the system clock. A client that uses the
/// system clock instead of the server's fails the test.
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

    /// Returns an `x-ratelimit-reset` header line for a reset that is this many seconds away.
    pub(crate) fn reset_in(self, seconds: i64) -> String {
        format!("x-ratelimit-reset: {}", self.now().timestamp() + seconds)
    }

    pub(crate) fn date(self) -> String {
        date(self.now())
    }
}

/// A response with bypass request 42.
pub(crate) fn found() -> Reply {
    Reply::json(200, &[], &request(42))
}

/// A response whose connection closes before the body is complete.
pub(crate) fn truncated() -> Reply {
    let lines = ["x-github-request-id: AB:12", JSON, "content-length: 100"];
    let head = head(200, &lines);
    Reply::bytes(head).then_bytes("{\"").then_close()
}

/// A lost response: the server receives the request, and then resets the connection.
pub(crate) fn reset() -> Reply {
    Reply::nothing().then_reset()
}

/// Returns the requested page numbers, in order.
pub(crate) fn requested_pages(server: &Server) -> Vec<u32> {
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
