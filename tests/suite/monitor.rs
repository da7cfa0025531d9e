//! Monitors show the failed polls of a watch.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use github_bypass_requests::ErrorKind;
use serde_json::json;
use tokio::time::timeout;

use crate::faults::calls::secrets;
use crate::faults::checks::failed;
use crate::faults::harness::{Reply, Server};
use crate::support::request;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn failing_polls_are_visible_to_the_program() {
    // Each failed poll makes three attempts.
    let server = Server::start_with(|index, _| match index {
        1..=6 => Reply::new(502, &[], ""),
        _ => Reply::json(200, &[], &json!([request(42)])),
    });
    let server = server.await;
    let mut events = secrets(&server.client()).list().watch().events();
    let monitor = events.monitor();
    let address = format!(
        "{}/repos/octo-org/smile/bypass-requests/secret-scanning",
        server.base_url
    );
    assert_eq!(monitor.list(), address);
    let status = monitor.status();
    assert_eq!(
        (status.successful_polls, status.consecutive_failures),
        (0, 0)
    );
    assert!(status.last_success_at.is_none() && status.failing_since.is_none());

    events.try_next().await.expect("an event").expect("opened");
    let status = monitor.status();
    assert_eq!(
        (status.successful_polls, status.consecutive_failures),
        (1, 0)
    );
    let polled_at = status.last_success_at.expect("a time");
    assert!(Utc::now() - polled_at < TimeDelta::minutes(1));

    let wait = timeout(MINUTE * 2, events.try_next()).await;
    wait.expect_err("no change");
    let status = monitor.clone().status();
    assert!(status.consecutive_failures >= 1, "{status:?}");
    assert_eq!(status.successful_polls, 1);
    assert_eq!(status.last_success_at, Some(polled_at));
    assert!(status.failing_since >= Some(polled_at));
    let failing_for = status.failing_for.expect("a time");
    assert!(
        failing_for > MINUTE / 2 && failing_for < MINUTE * 2,
        "{failing_for:?}"
    );
    let error = status.last_error.expect("an error");
    assert_eq!(error.kind(), ErrorKind::ServerError);
    assert!(!status.has_ended);
    assert!(format!("{monitor:?}").contains("502 Bad Gateway"));

    let wait = timeout(MINUTE * 10, events.try_next()).await;
    wait.expect_err("no change");
    let status = monitor.status();
    assert!(
        status.successful_polls > 1 && status.consecutive_failures == 0,
        "{status:?}"
    );
    assert!(status.failing_since.is_none() && status.last_error.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_failure_that_ends_a_watch_is_visible() {
    let server = Server::start(vec![Reply::new(404, &[], "")]).await;
    let mut events = secrets(&server.client()).list().watch().events();
    let monitor = events.monitor();
    let error = failed(events.try_next().await);
    drop(events);
    let status = monitor.status();
    let last = status.last_error.expect("an error");
    assert_eq!(last.to_string(), error.to_string());
    assert_eq!(status.consecutive_failures, 1);
    assert!(status.has_ended);
}
