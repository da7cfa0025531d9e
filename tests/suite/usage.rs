//! The counters of a client and its clones.

use std::time::Duration;

use chrono::Utc;
use serde_json::json;

use crate::faults::calls::{JSON, secrets};
use crate::faults::checks::reset;
use crate::faults::harness::{Reply, Server, head};
use crate::support::request;

#[tokio::test(start_paused = true)]
async fn requests_retries_waits_and_bytes_are_counted_for_all_clones() {
    let body = request(42).to_string();
    let server = Server::start(vec![
        Reply::new(429, &["retry-after: 7"], ""),
        reset(),
        Reply::new(200, &[JSON], &body),
    ]);
    let server = server.await;
    let client = server.client();
    assert_eq!(client.usage(), Default::default());
    assert!(client.rate_limit().is_none());
    secrets(&client.clone()).get(42).await.expect("a request");
    let usage = client.usage();
    assert_eq!((usage.requests, usage.retries), (3, 2));
    assert_eq!(usage.bytes_received, body.len() as u64);
    let waited = usage.rate_limit_wait;
    assert!(
        (Duration::from_secs(7)..Duration::from_secs(9)).contains(&waited),
        "{waited:?}"
    );
    assert_eq!(
        (usage.token_requests, usage.read_backs, usage.not_modified),
        (0, 0, 0)
    );
    let json = serde_json::to_value(&usage).expect("JSON");
    assert_eq!(json["requests"], 3);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_cut_off_is_counted() {
    let server = Server::start(vec![Reply::nothing().then_stall()]).await;
    let client = server.client();
    let limited = client.with_call_timeout(Duration::from_secs(1));
    secrets(&limited).get(42).await.expect_err("too late");
    assert_eq!(server.methods(), ["GET"]);
    assert_eq!(client.usage().requests, 1);
}

#[tokio::test(start_paused = true)]
async fn unchanged_pages_and_read_backs_are_counted() {
    let tag = "etag: \"one\"";
    let server = Server::start(vec![
        Reply::json(200, &[tag], &json!([request(42)])),
        Reply::bytes(head(304, &[tag])),
    ]);
    let server = server.await;
    let client = server.client();
    let mut events = secrets(&client).list().watch().events();
    events.try_next().await.expect("an event").expect("opened");
    let next = tokio::time::timeout(Duration::from_secs(70), events.try_next()).await;
    next.expect_err("no change");
    let usage = client.usage();
    assert_eq!(
        (usage.requests, usage.not_modified, usage.retries),
        (2, 1, 0)
    );

    let server = Server::start_with(|_, received| match received.method.as_str() {
        "GET" => Reply::json(200, &["date: Wed, 01 Jul 2026 12:00:00 GMT"], &request(42)),
        _ => reset(),
    });
    let server = server.await;
    let client = server.client();
    secrets(&client)
        .approve(42, "rotated")
        .await
        .expect_err("an unknown outcome");
    let usage = client.usage();
    assert_eq!((usage.requests, usage.read_backs), (8, 6));
}

#[tokio::test(start_paused = true)]
async fn the_latest_rate_limit_is_kept() {
    let limit = |remaining: &str| {
        let lines = [
            "x-ratelimit-limit: 5000",
            "x-ratelimit-reset: 4102444800",
            "x-ratelimit-used: 7",
            "x-ratelimit-resource: core",
            &format!("x-ratelimit-remaining: {remaining}"),
        ];
        Reply::json(200, &lines, &request(42))
    };
    let anonymous = [
        "x-ratelimit-limit: 60",
        "x-ratelimit-remaining: 0",
        "x-ratelimit-reset: 1",
    ];
    let server = Server::start(vec![
        limit("4993"),
        limit("4992"),
        Reply::json(200, &[], &request(42)),
        Reply::new(401, &anonymous, ""),
    ]);
    let server = server.await;
    let client = server.client();
    for _ in 0..4 {
        let _ = secrets(&client).get(42).await;
    }
    let (limit, at) = client.rate_limit().expect("a rate limit");
    assert_eq!(
        (limit.limit, limit.remaining, limit.used),
        (5000, 4992, Some(7))
    );
    assert_eq!(limit.resource.as_deref(), Some("core"));
    assert!(Utc::now() - at < chrono::TimeDelta::minutes(1));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_rate_limit_is_known_while_calls_wait_for_it() {
    let server = Server::start(vec![
        Reply::new(429, &["retry-after: 60"], ""),
        Reply::json(200, &[], &request(42)),
    ]);
    let server = server.await;
    let client = server.client();
    assert_eq!(client.rate_limited_until(), None);
    let waiting = client.clone();
    let call = tokio::spawn(async move { secrets(&waiting).get(42).await });
    let until = loop {
        match client.rate_limited_until() {
            Some(until) => break until,
            None => tokio::time::sleep(Duration::from_millis(1)).await,
        }
        assert!(!call.is_finished(), "the call did not wait");
    };
    let wait = (until - Utc::now()).num_seconds();
    assert!((58..65).contains(&wait), "{wait}");
    call.await.expect("no panic").expect("a request");
    assert_eq!(client.rate_limited_until(), None);
}
