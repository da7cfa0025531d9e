//! F36–F50 and F84–F87: rate limits, the spacing of writes, concurrent reads, and the retry budget.

use std::fmt::Debug;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use github_bypass_requests::{Client, Error, Host, ResponseId, Secret, TokenFuture, TokenSource};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{advance, sleep, timeout};

use super::calls::{get, secrets};
use super::checks::{ServerClock, at_once, failed, found, reset, takes};
use super::clean::assert_clean;
use super::harness::{Received, Reply, Server, date};
use crate::support::{TOKEN, request};

const SECONDARY: &str = r#"{"message": "You have exceeded a secondary rate limit. Please wait."}"#;

fn limited(headers: &[&str]) -> Reply {
    Reply::new(429, headers, "")
}

fn reviewed() -> Reply {
    Reply::json(200, &[], &json!({ "bypass_review_id": 7 }))
}

/// Checks that a read waits this many seconds, plus up to one second of jitter, if the server
/// refuses it once with `refusal`.
async fn waits(refusal: Reply, seconds: f64) {
    let server = Server::start(vec![refusal, found()]).await;
    let call = takes(seconds..=seconds + 1.1, get(&server.client())).await;
    call.expect("the second attempt");
    assert_eq!(server.methods(), ["GET", "GET"]);
}

/// Returns the error of a rate-limited call, and the seconds until it may be retried.
fn rate_limited<T: Debug>(result: Result<T, Error>) -> (Error, i64) {
    let error = failed(result);
    assert!(error.is_rate_limited() && !error.is_forbidden(), "{error}");
    let wait = error.retry_at().expect("the time of the retry") - Utc::now();
    (error, wait.num_seconds())
}

#[tokio::test(start_paused = true)]
async fn f36_a_429_is_retried_after_its_retry_after() {
    waits(limited(&["retry-after: 2"]), 2.0).await;
    waits(Reply::raw(429, &["retry-after: 0"], ""), 0.0).await;
}

#[tokio::test(start_paused = true)]
async fn f37_a_secondary_limit_is_recognized_by_its_message() {
    waits(Reply::new(403, &["retry-after: 1"], SECONDARY), 1.0).await;
}

#[tokio::test(start_paused = true)]
async fn f38_a_secondary_limit_without_retry_after_lasts_a_minute() {
    waits(Reply::new(403, &[], SECONDARY), 60.0).await;
    // The reset belongs to the primary limit, so it does not apply.
    let clock = ServerClock::start();
    let (date, reset) = (clock.date(), clock.reset_in(5));
    let headers = [date.as_str(), "x-ratelimit-remaining: 4999", &reset];
    waits(Reply::new(403, &headers, SECONDARY), 60.0).await;
}

#[tokio::test(start_paused = true)]
async fn f39_a_primary_limit_ends_at_its_reset_on_the_servers_clock() {
    for status in [403, 429] {
        let clock = ServerClock::start();
        let (date, reset) = (clock.date(), clock.reset_in(30));
        let headers = [date.as_str(), "x-ratelimit-remaining: 0", &reset];
        waits(Reply::new(status, &headers, ""), 31.0).await;
    }
}

#[tokio::test(start_paused = true)]
async fn f40_a_429_without_headers_lasts_a_minute() {
    waits(Reply::raw(429, &[], ""), 60.0).await;
}

#[tokio::test(start_paused = true)]
async fn f41_a_403_with_remaining_requests_is_not_a_rate_limit() {
    let refusal = Reply::json(
        403,
        &["x-ratelimit-remaining: 4999"],
        &json!({ "message": "Must have admin rights" }),
    );
    let server = Server::start(vec![refusal]).await;
    let client = server.client();
    for _ in 0..2 {
        let error = failed(at_once(get(&client)).await);
        assert!(error.is_forbidden() && !error.is_rate_limited(), "{error}");
        assert_eq!(error.retry_at(), None);
    }
    assert_eq!(server.methods(), ["GET", "GET"]);
}

/// Starts a server whose first response reports that no requests remain until the reset, which is
/// this many seconds away.
async fn exhausted(seconds: i64) -> Server {
    let clock = ServerClock::start();
    Server::start_with(move |index, _| {
        let remaining = format!("x-ratelimit-remaining: {}", index * 9);
        let lines = [clock.date(), remaining, clock.reset_in(seconds)];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        Reply::json(200, &lines, &request(42))
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn f42_after_the_last_request_of_an_hour_a_call_waits_or_fails_unsent() {
    let server = exhausted(30).await;
    let client = server.client();
    at_once(get(&client)).await.expect("the last request");
    let next = takes(31.0..=32.1, get(&client.clone())).await;
    next.expect("the next hour");
    assert_eq!(server.methods(), ["GET", "GET"]);

    let server = exhausted(3600).await;
    let client = server.client();
    at_once(get(&client)).await.expect("the last request");
    let (error, wait) = rate_limited(at_once(get(&client.clone())).await);
    assert_eq!(error.status(), None, "nothing was sent: {error}");
    assert!((3595..=3601).contains(&wait), "{wait}");
    assert_eq!(server.methods(), ["GET"]);
    sleep(Duration::from_secs(3602)).await;
    at_once(get(&client)).await.expect("the next hour");
    assert_eq!(server.methods(), ["GET", "GET"]);
}

/// The rate-limit headers of a 401 describe the limit of anonymous requests from this address.
#[tokio::test(start_paused = true)]
async fn f84_rate_limit_headers_of_a_401_are_ignored() {
    let clock = ServerClock::start();
    let (date, reset) = (clock.date(), clock.reset_in(1800));
    let used_up = ["x-ratelimit-remaining: 0", &reset, &date, "retry-after: 60"];
    let unauthorized = Reply::new(401, &used_up, "");
    let server = Server::start(vec![unauthorized, found()]).await;
    let client = server.client();
    let error = failed(at_once(get(&client)).await);
    assert!(error.is_unauthorized(), "{error}");
    at_once(get(&client)).await.expect("a request");
    assert_eq!(server.methods(), ["GET", "GET"]);

    // If the token source has another token, the client retries at once.
    struct Replaces;
    impl TokenSource for Replaces {
        fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
            Box::pin(async { Ok(Secret::new("ghp_first")) })
        }

        fn instead_of<'a>(&'a self, _: &'a Secret, _: Host<'a>) -> TokenFuture<'a, Option<Secret>> {
            Box::pin(async { Ok(Some(Secret::new("ghp_second"))) })
        }
    }
    let unauthorized = Reply::new(401, &used_up, "");
    let server = Server::start(vec![unauthorized, found()]).await;
    let client = server.builder().token_source(Replaces).build();
    let client = client.expect("a client");
    at_once(get(&client)).await.expect("a request");
    at_once(get(&client.clone())).await.expect("a request");
    let tokens: Vec<String> = server
        .received()
        .into_iter()
        .take(2)
        .map(|request| {
            let mut headers = request.headers.into_iter();
            headers
                .find(|line| line.starts_with("authorization"))
                .expect("a token")
        })
        .collect();
    assert!(
        tokens[0].ends_with("ghp_first") && tokens[1].ends_with("ghp_second"),
        "{tokens:?}"
    );
    assert_eq!(server.methods(), ["GET", "GET", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f43_retry_after_may_be_a_date_and_is_ignored_if_invalid() {
    let clock = ServerClock::start();
    let at =
        |seconds| date(clock.now() + TimeDelta::seconds(seconds)).replace("date", "retry-after");
    let today = clock.date();
    waits(limited(&[&today, &at(45)]), 45.0).await;
    waits(limited(&[&today, &at(-45)]), 0.0).await;
    for invalid in ["-1", "+1", "abc", "", "1.5", "1, 2"] {
        waits(limited(&[&format!("retry-after: {invalid}")]), 60.0).await;
    }
    waits(limited(&["retry-after: 1", "retry-after: 2"]), 60.0).await;

    // The `Retry-After` of a 503 delays the retry as well, but does not close the gate.
    let down = Reply::new(503, &["retry-after: 5"], "");
    let server = Server::start(vec![down, found()]).await;
    let up = takes(5.0..=6.1, get(&server.client())).await;
    up.expect("up again");
    assert_eq!(server.methods(), ["GET", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f44_a_wait_that_exceeds_the_limit_fails_at_once() {
    let forever = format!("retry-after: 1{}", "0".repeat(30));
    let clock = ServerClock::start();
    let (today, never) = (
        clock.date(),
        format!("x-ratelimit-reset: 9{}", "0".repeat(30)),
    );
    for headers in [
        &["retry-after: 86400"][..],
        &[&forever],
        &[&today, "x-ratelimit-remaining: 0", &never],
    ] {
        let server = Server::start(vec![limited(headers)]).await;
        let client = server.client();
        let (error, wait) = rate_limited(at_once(get(&client)).await);
        assert_eq!(error.status(), Some(429));
        assert!(wait >= 86395, "{headers:?}: {wait}");
        // The gate is closed, too, so the second call sends nothing.
        let (_, wait) = rate_limited(at_once(get(&client)).await);
        assert!(wait >= 86395, "{headers:?}: {wait}");
        assert_eq!(server.methods(), ["GET"]);
        // The gate opens after a day at most, so a wrong header does not stop a client for good.
        advance(Duration::from_secs(86_400)).await;
        rate_limited(at_once(get(&client)).await);
        assert_eq!(server.methods(), ["GET", "GET"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f45_the_second_consecutive_refusal_is_returned() {
    let server = Server::start(vec![limited(&["retry-after: 1"])]).await;
    let (error, wait) = rate_limited(takes(1.0..=2.1, get(&server.client())).await);
    assert_eq!(
        (error.status(), error.request_id()),
        (Some(429), Some("AB:12"))
    );
    assert!((0..=1).contains(&wait), "{wait}");
    assert_eq!(server.methods(), ["GET", "GET"]);

    // If more retries are allowed and GitHub states no delay, the delay doubles until a request
    // succeeds.
    let unstated = || limited(&[]);
    let server = Server::start(vec![unstated(), unstated(), found(), unstated(), found()]).await;
    let with_two_retries = |server: &Server| {
        let builder = server.builder().rate_limit_retries(2);
        let builder = builder.max_rate_limit_wait(Duration::from_secs(600));
        builder.build().expect("client")
    };
    let client = with_two_retries(&server);
    let third = takes(180.0..=182.1, get(&client)).await;
    third.expect("the third attempt");
    assert_eq!(server.count("GET"), 3);
    let second = takes(60.0..=61.1, get(&client)).await;
    second.expect("the second attempt");
    assert_eq!((server.count("GET"), server.received().len()), (5, 5));

    // A 502 is not a success, so the next delay is still doubled.
    let busy = Reply::new(502, &[], "");
    let server = Server::start(vec![unstated(), busy, unstated(), found()]).await;
    let client = with_two_retries(&server);
    let fourth = takes(180.5..=183.6, get(&client)).await;
    fourth.expect("the fourth attempt");
    assert_eq!(server.count("GET"), 4);
}

/// The error and the gate agree on the time of the retry.
#[tokio::test(start_paused = true)]
async fn f45_the_second_consecutive_refusal_without_a_delay_doubles_the_wait() {
    let server = Server::start(vec![limited(&[])]).await;
    let client = server.client();
    let (_, error) = rate_limited(takes(60.0..=61.1, get(&client)).await);
    let (_, gate) = rate_limited(at_once(get(&client)).await);
    assert_eq!(server.methods(), ["GET", "GET"]);
    assert!((118..=120).contains(&gate), "{gate}");
    assert!((118..=120).contains(&error), "{error}");
}

/// Starts this many concurrent reads.
fn reads(client: &Client, count: usize) -> JoinSet<Result<(), Error>> {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let client = client.clone();
        tasks.spawn(async move { get(&client).await.map(drop) });
    }
    tasks
}

async fn all_succeed(tasks: JoinSet<Result<(), Error>>) {
    for result in tasks.join_all().await {
        result.expect("a success");
    }
}

/// How long the server takes to respond.
const RESPONSE_TIME: Duration = Duration::from_millis(100);

/// Panics if more than ten requests were in flight at the same time: eleven consecutive requests
/// must span at least the response time.
fn assert_ten_in_flight(received: &[Received]) {
    for eleven in received.windows(11) {
        assert!(eleven[10].at - eleven[0].at >= RESPONSE_TIME);
    }
}

#[tokio::test(start_paused = true)]
async fn f46_a_closed_gate_delays_all_tasks() {
    let server = Server::start_with(|index, _| match index {
        0 => limited(&["retry-after: 5"]),
        _ => found().after(RESPONSE_TIME),
    });
    let server = server.await;
    takes(5.1..=7.0, all_succeed(reads(&server.client(), 50))).await;
    let received = server.received();
    assert_eq!((received.len(), server.count("GET")), (51, 51));
    let since = |request: &Received| request.at - received[0].at;
    assert!(since(&received[9]) < RESPONSE_TIME, "ten were in flight");
    assert!(since(&received[10]) >= Duration::from_secs(5));
    assert_ten_in_flight(&received[10..]);
}

#[tokio::test(start_paused = true)]
async fn f47_a_cancelled_wait_ends_and_the_gate_stays_closed() {
    let server = Server::start_with(|index, _| match index {
        0 => limited(&["retry-after: 10"]),
        _ => found().after(RESPONSE_TIME),
    });
    let server = server.await;
    let client = server.client();
    let cancelled = timeout(Duration::from_secs(1), get(&client));
    takes(1.0..=1.1, cancelled).await.expect_err("cancelled");
    let mut waiting = reads(&client, 30);
    sleep(Duration::from_secs(1)).await;
    at_once(waiting.shutdown()).await;
    assert_eq!(server.methods(), ["GET"]);

    takes(8.1..=9.2, get(&client)).await.expect("open again");
    // The cancelled reads returned their permits.
    takes(0.2..=0.25, all_succeed(reads(&client, 20))).await;
    assert_eq!(server.count("GET"), 22);

    // A cancelled write gives up its turn.
    let server = Server::start(vec![reviewed()]).await;
    let repository = secrets(&server.client());
    let first = repository.approve(1, "fine");
    at_once(first).await.expect("a review");
    let cancelled = timeout(Duration::from_millis(500), repository.approve(2, "fine"));
    takes(0.5..=0.51, cancelled).await.expect_err("cancelled");
    let third = takes(0.45..=0.51, repository.approve(3, "fine")).await;
    third.expect("a review");
    assert_eq!(server.methods(), ["PATCH", "PATCH"]);
}

#[tokio::test(start_paused = true)]
async fn f48_writes_are_spaced_and_at_most_ten_reads_are_in_flight() {
    for (response_time, interval) in [(0.1, 1.0), (3.0, 3.0)] {
        let server = Server::start(vec![
            reviewed().after(Duration::from_secs_f64(response_time)),
        ])
        .await;
        let client = server.client();
        let mut tasks = JoinSet::new();
        for number in 1..=10 {
            let secrets = secrets(&client.clone());
            tasks.spawn(async move { secrets.approve(number, "fine").await.map(drop) });
        }
        let all = 9.0 * interval + response_time;
        takes(all..=all + 0.1, all_succeed(tasks)).await;
        assert_eq!((server.received().len(), server.count("PATCH")), (10, 10));
        for two in server.received().windows(2) {
            let apart = (two[1].at - two[0].at).as_secs_f64();
            assert!(apart >= interval - 0.002, "{apart}");
        }
    }
    let server = Server::start(vec![found().after(RESPONSE_TIME)]).await;
    takes(0.5..=0.6, all_succeed(reads(&server.client(), 50))).await;
    assert_eq!(server.count("GET"), 50);
    assert_ten_in_flight(&server.received());

    // A call that waits before a retry holds no permit.
    let server = Server::start_with(|index, _| match index {
        0..10 => Reply::new(503, &["retry-after: 20"], ""),
        _ => found(),
    });
    let server = server.await;
    let client = server.client();
    let waiting = reads(&client, 10);
    sleep(RESPONSE_TIME).await;
    at_once(get(&client)).await.expect("a request");
    takes(19.8..=21.0, all_succeed(waiting)).await;
    assert_eq!((server.count("GET"), server.received().len()), (21, 21));
}

#[tokio::test(start_paused = true)]
async fn f49_the_retry_budget_limits_the_requests_to_a_failing_server() {
    for failure in [
        reset(),
        Reply::new(502, &[], "<html>"),
        Reply::nothing().then_close(),
    ] {
        let server = Server::start(vec![failure]).await;
        let tasks = reads(&server.client(), 100);
        for result in takes(..=60.0, tasks.join_all()).await {
            failed(result);
        }
        assert_eq!((server.received().len(), server.count("GET")), (135, 135));
    }
}

/// Panics unless the server received `count` identical requests.
fn assert_same(server: &Server, method: &str, count: usize) {
    let received = server.received();
    assert_eq!((received.len(), server.count(method)), (count, count));
    let first = &received[0];
    let authorization: Vec<&String> = first
        .headers
        .iter()
        .filter(|line| line.to_ascii_lowercase().starts_with("authorization:"))
        .collect();
    assert_eq!(authorization.len(), 1);
    assert!(authorization[0].ends_with(TOKEN));
    for again in &received[1..] {
        assert_eq!(again.target, first.target);
        assert_eq!(again.headers, first.headers);
        assert_eq!(again.body, first.body);
        let body = String::from_utf8_lossy(&again.body);
        assert_clean(&[&again.target, &body]);
    }
}

#[tokio::test(start_paused = true)]
async fn f50_a_retried_request_is_the_same_request() {
    let soon = || limited(&["retry-after: 1"]);
    let server = Server::start(vec![Reply::new(502, &[], ""), soon(), reset(), found()]).await;
    takes(2.5..=7.0, get(&server.client()))
        .await
        .expect("a request");
    assert_same(&server, "GET", 4);

    let server = Server::start(vec![soon(), reviewed()]).await;
    let repository = secrets(&server.client());
    let review = repository.approve(42, "see \"INC-7\", é");
    let review = takes(1.0..=2.1, review).await;
    review.expect("a review");
    assert_same(&server, "PATCH", 2);
    let body: serde_json::Value = serde_json::from_slice(&server.received()[1].body).expect("JSON");
    assert_eq!(
        body,
        json!({ "status": "approve", "message": "see \"INC-7\", é" })
    );

    let server = Server::start(vec![soon(), reset(), Reply::new(204, &[], "")]).await;
    let response = ResponseId::try_from(7).expect("an id");
    let dismissal = secrets(&server.client());
    let dismissal = takes(2.0..=3.1, dismissal.dismiss(response)).await;
    assert!(dismissal.expect("a dismissal").confirmation.is_response());
    assert_same(&server, "DELETE", 3);
}

/// If ten reads in flight are refused, the refusals count as one, not as ten consecutive ones.
#[tokio::test(start_paused = true)]
async fn f46_concurrent_refusals_without_a_delay_count_once() {
    let server = Server::start_with(|index, _| match index {
        0..10 => Reply::raw(429, &[], "").after(Duration::from_millis(100)),
        _ => Reply::json(200, &[], &request(1)),
    });
    let server = server.await;
    let client = server.client();
    let reads = (0..10).map(|_| {
        let repository = client.repository("octo-org", "smile").secret_scanning();
        async move { repository.get(1).await.map(drop) }
    });
    let results = takes(60.0..=62.2, futures_util::future::join_all(reads)).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(server.count("GET"), 20);
}

/// A future that is not polled must not hold a permit.
#[tokio::test(start_paused = true)]
async fn f48_a_read_that_is_not_polled_does_not_block_others() {
    let server = Server::start(vec![Reply::json(200, &[], &request(1))]).await;
    let client = server
        .builder()
        .max_concurrent_reads(1)
        .build()
        .expect("client");
    let repository = client.repository("octo-org", "smile").secret_scanning();
    let mut idle = Box::pin(repository.get(1));
    assert!(futures_util::poll!(idle.as_mut()).is_pending());
    takes(0.0..=0.1, repository.get(2))
        .await
        .expect("a request");
    idle.await.expect("a request");
}

#[tokio::test(start_paused = true)]
async fn f85_a_secondary_limit_without_remaining_requests_ends_at_the_reset() {
    let refusal = |seconds, remaining: u32| {
        let clock = ServerClock::start();
        let remaining = format!("x-ratelimit-remaining: {remaining}");
        let headers = [clock.date(), remaining, clock.reset_in(seconds)];
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        Reply::new(403, &headers, SECONDARY)
    };
    waits(refusal(3, 0), 4.0).await;
    waits(refusal(3, 4999), 60.0).await;

    let server = Server::start(vec![refusal(1800, 0)]).await;
    let (_, wait) = rate_limited(at_once(get(&server.client())).await);
    assert!((1795..=1801).contains(&wait), "{wait}");
    assert_eq!(server.methods(), ["GET"]);
}

#[tokio::test(start_paused = true)]
async fn f86_a_422_about_speed_is_a_rate_limit() {
    for body in [
        json!({ "message": "It was submitted too quickly after a previous review" }),
        json!({ "message": "Validation Failed", "errors": ["The endpoint has been spammed"] }),
        json!({ "message": "Validation Failed", "errors": [{ "message": "was submitted too quickly" }] }),
    ] {
        let server = Server::start(vec![Reply::json(422, &[], &body), reviewed()]).await;
        let client = server.client();
        let secrets = secrets(&client);
        let review = takes(60.0..=61.1, secrets.approve(42, "fine")).await;
        assert_eq!(
            review.expect("recorded").response_id.map(ResponseId::get),
            Some(7)
        );
        assert_eq!(server.methods(), ["PATCH", "PATCH"]);
    }
    let invalid = Reply::json(422, &["retry-after: 1"], &json!({ "message": "Invalid" }));
    let server = Server::start(vec![invalid]).await;
    let client = server.client();
    let error = failed(at_once(secrets(&client).approve(42, "fine")).await);
    assert!(
        error.is_validation_failed() && !error.is_rate_limited(),
        "{error}"
    );
    assert_eq!(server.methods(), ["PATCH"]);
}

#[tokio::test(start_paused = true)]
async fn f87_a_primary_limit_without_headers_is_recognized_by_its_message() {
    let message = json!({ "message": "API rate limit exceeded for user ID 1." });
    for status in [403, 429] {
        waits(Reply::json(status, &[], &message), 60.0).await;
    }
}
