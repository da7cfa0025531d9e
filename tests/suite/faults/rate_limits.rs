//! F36–F50: GitHub asks for patience, and the client has it.

use std::fmt::Debug;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use github_bypass_requests::{Client, Error, ResponseId};
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

/// A read that is refused once takes so many seconds, one of them for the jitter.
async fn waits(refusal: Reply, seconds: f64) {
    let server = Server::start(vec![refusal, found()]).await;
    let call = takes(seconds..=seconds + 1.1, get(&server.client())).await;
    call.expect("the second try");
    assert_eq!(server.methods(), ["GET", "GET"]);
}

/// A call that fails for the rate, and how many seconds from now it may be tried again.
fn refused<T: Debug>(result: Result<T, Error>) -> (Error, i64) {
    let error = failed(result);
    assert!(error.is_rate_limited() && !error.is_forbidden(), "{error}");
    let wait = error.retry_at().expect("when to try again") - Utc::now();
    (error, wait.num_seconds())
}

#[tokio::test(start_paused = true)]
async fn f36_a_429_is_tried_again_when_it_says() {
    waits(limited(&["retry-after: 2"]), 2.0).await;
    waits(Reply::raw(429, &["retry-after: 0"], ""), 0.0).await;
}

#[tokio::test(start_paused = true)]
async fn f37_a_secondary_limit_told_by_its_text_is_tried_again_when_it_says() {
    waits(Reply::new(403, &["retry-after: 1"], SECONDARY), 1.0).await;
}

#[tokio::test(start_paused = true)]
async fn f38_a_secondary_limit_without_headers_takes_a_minute() {
    waits(Reply::new(403, &[], SECONDARY), 60.0).await;
    // The reset of the primary limit says nothing about this one.
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
async fn f40_a_429_that_says_nothing_takes_a_minute() {
    waits(Reply::raw(429, &[], ""), 60.0).await;
}

#[tokio::test(start_paused = true)]
async fn f41_a_403_with_calls_left_is_no_rate_limit() {
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

/// A server whose first answer uses up the last call, until so many seconds later.
async fn exhausted(seconds: i64) -> Server {
    let clock = ServerClock::start();
    Server::answering(move |index, _| {
        let remaining = format!("x-ratelimit-remaining: {}", index * 9);
        let lines = [clock.date(), remaining, clock.reset_in(seconds)];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        Reply::json(200, &lines, &request(42))
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn f42_the_last_call_of_the_hour_makes_the_next_one_wait_or_fail_without_a_request() {
    let server = exhausted(30).await;
    let client = server.client();
    at_once(get(&client)).await.expect("the last call");
    let next = takes(31.0..=32.1, get(&client.clone())).await;
    next.expect("the next hour");
    assert_eq!(server.methods(), ["GET", "GET"]);

    let server = exhausted(3600).await;
    let client = server.client();
    at_once(get(&client)).await.expect("the last call");
    let (error, wait) = refused(at_once(get(&client.clone())).await);
    assert_eq!(error.status(), None, "nothing was sent: {error}");
    assert!((3595..=3601).contains(&wait), "{wait}");
    assert_eq!(server.methods(), ["GET"]);
    sleep(Duration::from_secs(3602)).await;
    at_once(get(&client)).await.expect("the next hour");
    assert_eq!(server.methods(), ["GET", "GET"]);
}

/// It is the limit of anonymous requests from this address.
#[tokio::test(start_paused = true)]
async fn f84_the_rate_limit_of_a_401_is_not_the_tokens() {
    let clock = ServerClock::start();
    let (date, reset) = (clock.date(), clock.reset_in(1800));
    let used_up = ["x-ratelimit-remaining: 0", &reset, &date, "retry-after: 60"];
    let unauthorized = Reply::new(401, &used_up, "");
    let server = Server::start(vec![unauthorized, found()]).await;
    let client = server.client();
    let error = failed(at_once(get(&client)).await);
    assert!(error.is_unauthorized(), "{error}");
    at_once(get(&client)).await.expect("a request");
}

#[tokio::test(start_paused = true)]
async fn f43_a_date_is_understood_and_nonsense_counts_as_absent() {
    let clock = ServerClock::start();
    let at =
        |seconds| date(clock.now() + TimeDelta::seconds(seconds)).replace("date", "retry-after");
    let today = clock.date();
    waits(limited(&[&today, &at(45)]), 45.0).await;
    waits(limited(&[&today, &at(-45)]), 0.0).await;
    for nonsense in ["-1", "+1", "abc", "", "1.5", "1, 2"] {
        waits(limited(&[&format!("retry-after: {nonsense}")]), 60.0).await;
    }
    waits(limited(&["retry-after: 1", "retry-after: 2"]), 60.0).await;

    // Also for a server that is down for a known time; the gate is not its business.
    let down = Reply::new(503, &["retry-after: 5"], "");
    let server = Server::start(vec![down, found()]).await;
    let up = takes(5.0..=6.1, get(&server.client())).await;
    up.expect("up again");
    assert_eq!(server.methods(), ["GET", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f44_an_endless_wait_is_not_begun() {
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
        let (error, wait) = refused(at_once(get(&client)).await);
        assert_eq!(error.status(), Some(429));
        assert!(wait >= 86395, "{headers:?}: {wait}");
        // The gate knows as well.
        let (_, wait) = refused(at_once(get(&client)).await);
        assert!(wait >= 86395, "{headers:?}: {wait}");
        assert_eq!(server.methods(), ["GET"]);
        // For a day; a client that nobody watches is not silent for ever.
        advance(Duration::from_secs(86_400)).await;
        refused(at_once(get(&client)).await);
        assert_eq!(server.methods(), ["GET", "GET"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f45_the_second_refusal_in_a_row_is_told() {
    let server = Server::start(vec![limited(&["retry-after: 1"])]).await;
    let (error, wait) = refused(takes(1.0..=2.1, get(&server.client())).await);
    assert_eq!(
        (error.status(), error.request_id()),
        (Some(429), Some("AB:12"))
    );
    assert!((0..=1).contains(&wait), "{wait}");
    assert_eq!(server.methods(), ["GET", "GET"]);

    // With more patience, what is not told doubles, until a request is carried out.
    let untold = || limited(&[]);
    let server = Server::start(vec![untold(), untold(), found(), untold(), found()]).await;
    let with_patience = |server: &Server| {
        let builder = server.builder().rate_limit_retries(2);
        let builder = builder.max_rate_limit_wait(Duration::from_secs(600));
        builder.build().expect("client")
    };
    let patient = with_patience(&server);
    let third = takes(180.0..=182.1, get(&patient)).await;
    third.expect("the third try");
    assert_eq!(server.count("GET"), 3);
    let anew = takes(60.0..=61.1, get(&patient)).await;
    anew.expect("the second try");
    assert_eq!((server.count("GET"), server.received().len()), (5, 5));

    // A server that is too busy to carry anything out has not relented.
    let busy = Reply::new(502, &[], "");
    let server = Server::start(vec![untold(), busy, untold(), found()]).await;
    let patient = with_patience(&server);
    let fourth = takes(180.5..=183.6, get(&patient)).await;
    fourth.expect("the fourth try");
    assert_eq!(server.count("GET"), 4);
}

/// The error and the gate agree on when to try again.
#[tokio::test(start_paused = true)]
async fn f45_the_second_refusal_in_a_row_without_a_time_doubles_it() {
    let server = Server::start(vec![limited(&[])]).await;
    let client = server.client();
    let (_, told) = refused(takes(60.0..=61.1, get(&client)).await);
    let (_, gate) = refused(at_once(get(&client)).await);
    assert_eq!(server.methods(), ["GET", "GET"]);
    assert!((118..=120).contains(&gate), "{gate}");
    assert!((118..=120).contains(&told), "{told}");
}

/// So many reads at once.
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

const ANSWER: Duration = Duration::from_millis(100);

/// Any eleven requests span the time of an answer: no more than ten are in flight.
fn assert_ten_in_flight(received: &[Received]) {
    for eleven in received.windows(11) {
        assert!(eleven[10].at - eleven[0].at >= ANSWER);
    }
}

#[tokio::test(start_paused = true)]
async fn f46_a_closed_gate_holds_all_tasks() {
    let server = Server::answering(|index, _| match index {
        0 => limited(&["retry-after: 5"]),
        _ => found().after(ANSWER),
    });
    let server = server.await;
    takes(5.1..=7.0, all_succeed(reads(&server.client(), 50))).await;
    let received = server.received();
    assert_eq!((received.len(), server.count("GET")), (51, 51));
    let since = |request: &Received| request.at - received[0].at;
    assert!(since(&received[9]) < ANSWER, "ten were in flight");
    assert!(since(&received[10]) >= Duration::from_secs(5));
    assert_ten_in_flight(&received[10..]);
}

#[tokio::test(start_paused = true)]
async fn f47_a_wait_ends_when_it_is_cancelled_and_the_gate_stays_closed() {
    let server = Server::answering(|index, _| match index {
        0 => limited(&["retry-after: 10"]),
        _ => found().after(ANSWER),
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
    // No permit was lost on the way.
    takes(0.2..=0.25, all_succeed(reads(&client, 20))).await;
    assert_eq!(server.count("GET"), 22);

    // The same for a write that waits for its turn.
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
async fn f48_the_pace_holds() {
    for (answer, interval) in [(0.1, 1.0), (3.0, 3.0)] {
        let server = Server::start(vec![reviewed().after(Duration::from_secs_f64(answer))]).await;
        let client = server.client();
        let mut tasks = JoinSet::new();
        for number in 1..=10 {
            let secrets = secrets(&client.clone());
            tasks.spawn(async move { secrets.approve(number, "fine").await.map(drop) });
        }
        let all = 9.0 * interval + answer;
        takes(all..=all + 0.1, all_succeed(tasks)).await;
        assert_eq!((server.received().len(), server.count("PATCH")), (10, 10));
        for two in server.received().windows(2) {
            let apart = (two[1].at - two[0].at).as_secs_f64();
            assert!(apart >= interval - 0.002, "{apart}");
        }
    }
    let server = Server::start(vec![found().after(ANSWER)]).await;
    takes(0.5..=0.6, all_succeed(reads(&server.client(), 50))).await;
    assert_eq!(server.count("GET"), 50);
    assert_ten_in_flight(&server.received());

    // Who waits before another try is not in flight, and in nobody's way.
    let server = Server::answering(|index, _| match index {
        0..10 => Reply::new(503, &["retry-after: 20"], ""),
        _ => found(),
    });
    let server = server.await;
    let client = server.client();
    let waiting = reads(&client, 10);
    sleep(ANSWER).await;
    at_once(get(&client)).await.expect("a request");
    takes(19.8..=21.0, all_succeed(waiting)).await;
    assert_eq!((server.count("GET"), server.received().len()), (21, 21));
}

#[tokio::test(start_paused = true)]
async fn f49_a_dead_server_is_not_asked_three_times_as_much() {
    for dead in [
        reset(),
        Reply::new(502, &[], "<html>"),
        Reply::nothing().then_close(),
    ] {
        let server = Server::start(vec![dead]).await;
        let tasks = reads(&server.client(), 100);
        for result in takes(..=60.0, tasks.join_all()).await {
            failed(result);
        }
        assert_eq!((server.received().len(), server.count("GET")), (135, 135));
    }
}

/// All requests of a call, which are one and the same.
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
    assert!(dismissal.expect("a dismissal").confirmed);
    assert_same(&server, "DELETE", 3);
}

/// Ten reads in flight are refused alike: that is one refusal, not ten in a row.
#[tokio::test(start_paused = true)]
async fn f46_a_burst_of_refusals_that_do_not_say_for_how_long_counts_once() {
    let server = Server::answering(|index, _| match index {
        0..10 => Reply::raw(429, &[], "").after(Duration::from_millis(100)),
        _ => Reply::json(200, &[], &request(1)),
    });
    let server = server.await;
    let client = server.client();
    let reads = (0..10).map(|_| {
        let repository = client.repository("octo-org", "smile").secret_scanning();
        async move { repository.get(1).await.map(drop) }
    });
    let answers = takes(60.0..=62.2, futures_util::future::join_all(reads)).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(server.count("GET"), 20);
}

/// A future that nobody polls must not keep its turn from the others.
#[tokio::test(start_paused = true)]
async fn f48_a_read_that_nobody_polls_holds_up_nobody() {
    let server = Server::start(vec![Reply::json(200, &[], &request(1))]).await;
    let client = server
        .builder()
        .max_concurrent_reads(1)
        .build()
        .expect("client");
    let repository = client.repository("octo-org", "smile").secret_scanning();
    let mut idle = Box::pin(repository.get(1));
    assert!(futures_util::poll!(idle.as_mut()).is_pending());
    takes(0.0..=0.1, repository.get(2)).await.expect("answered");
    idle.await.expect("answered");
}
