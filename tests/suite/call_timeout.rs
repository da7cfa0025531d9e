//! The time limit of a whole call.

use std::time::Duration;

use github_bypass_requests::{Client, Decision, Error, ResponseId};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::faults::calls::secrets;
use crate::faults::checks::{failed, reset, takes};
use crate::faults::harness::{Reply, Server};
use crate::support::request;

const LIMIT: Duration = Duration::from_secs(3);

fn client(server: &Server) -> Client {
    let client = server.builder().call_timeout(LIMIT).build();
    client.expect("a client")
}

/// Awaits a call that must end at its limit. Returns its error.
async fn ends_at_the_limit<T: std::fmt::Debug>(
    call: impl Future<Output = Result<T, Error>>,
) -> Error {
    failed(takes(3.0..=3.1, call).await)
}

fn stalled() -> Reply {
    Reply::nothing().then_stall()
}

fn limited() -> Reply {
    Reply::new(429, &["retry-after: 60"], "")
}

#[tokio::test(start_paused = true)]
async fn a_read_ends_at_the_limit_whatever_it_waits_for() {
    // The back-off before a retry is shorter than the limit.
    for replies in [vec![stalled()], vec![reset(), stalled()]] {
        let requests = replies.len();
        let server = Server::start(replies).await;
        let error = ends_at_the_limit(secrets(&client(&server)).get(42)).await;
        assert!(error.is_timeout(), "{error}");
        let text = error.to_string();
        let expected = "GET /repos/octo-org/smile/bypass-requests/secret-scanning/42: the call took \
                        longer than its limit of 3s";
        assert_eq!(text, expected);
        assert_eq!(server.methods(), vec!["GET"; requests]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_wait_past_its_limit_fails_at_once() {
    let server = Server::start(vec![limited()]).await;
    let get = secrets(&client(&server));
    for _ in 0..2 {
        // The second call finds the gate closed.
        let error = failed(takes(0.0..=0.1, get.get(42)).await);
        assert!(error.is_rate_limited(), "{error}");
        assert!(error.retry_at().is_some());
    }
    assert_eq!(server.methods(), ["GET"]);

    let unavailable = Reply::new(503, &["retry-after: 20"], "");
    let server = Server::start(vec![unavailable]).await;
    let get = secrets(&client(&server));
    let error = failed(takes(0.0..=0.1, get.get(42)).await);
    assert!(error.is_server_error(), "{error}");
    assert_eq!(server.methods(), ["GET"]);
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_list_is_a_call() {
    let server = Server::start_with(|index, _| match index {
        0 => Reply::json(
            200,
            &["link: <https://x/?page=2>; rel=\"next\""],
            &json!([request(2)]),
        ),
        1 => stalled(),
        _ => Reply::json(200, &[], &json!([request(1)])),
    });
    let server = server.await;
    let list = secrets(&client(&server)).list();
    let mut stream = list.clone().stream();
    let first = takes(..=0.1, stream.try_next()).await.expect("a page");
    assert_eq!(first.expect("a request").number.get(), 2);
    let error = ends_at_the_limit(stream.try_next()).await;
    assert!(error.is_timeout(), "{error}");
    let position = stream.position().expect("a position");
    let rest = list.resume(position).stream().try_next().await;
    assert_eq!(rest.expect("a page").expect("one").number.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_sent_and_not_confirmed_is_ambiguous() {
    // The response is lost, and the first read shows no decision.
    let unchanged = Reply::json(200, &["date: Wed, 01 Jul 2026 12:00:00 GMT"], &request(42));
    for (written, requests) in [(stalled(), &["PATCH"][..]), (reset(), &["PATCH", "GET"])] {
        let unchanged = unchanged.clone();
        let server = Server::start_with(move |_, received| match received.method.as_str() {
            "GET" => unchanged.clone(),
            _ => written.clone(),
        });
        let server = server.await;
        let secrets = secrets(&client(&server));
        let error = ends_at_the_limit(secrets.approve(42, "rotated")).await;
        assert!(error.is_ambiguous() && !error.is_timeout(), "{error}");
        assert!(
            error.to_string().contains("the review of request 42"),
            "{error}"
        );
        assert_eq!(server.methods(), requests);
    }
    let server = Server::start(vec![stalled()]).await;
    let response = ResponseId::try_from(7).expect("an id");
    let error = ends_at_the_limit(secrets(&client(&server)).dismiss(response)).await;
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(server.methods(), ["DELETE"]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_not_sent_or_was_refused_is_not_ambiguous() {
    // The write waits behind another write.
    let server = Server::start(vec![stalled()]).await;
    let client_without_limit = server.client();
    let first = secrets(&client_without_limit);
    let second = secrets(&client_without_limit.with_call_timeout(LIMIT));
    let blocked = tokio::spawn(async move { first.approve(41, "rotated").await });
    sleep(Duration::from_millis(1)).await;
    let error = ends_at_the_limit(second.approve(42, "rotated")).await;
    assert!(error.is_timeout() && !error.is_ambiguous(), "{error}");
    assert!(
        error.to_string().ends_with("; nothing was recorded"),
        "{error}"
    );
    blocked.abort();

    // GitHub refuses the write, and the rate limit lasts longer than the call may take.
    let server = Server::start(vec![limited()]).await;
    let error = failed(secrets(&client(&server)).approve(42, "rotated").await);
    assert!(error.is_rate_limited() && !error.is_ambiguous(), "{error}");
    assert_eq!(server.methods(), ["PATCH"]);
}

/// The task of a call may still be running on another thread when the call ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_without_time_sends_nothing() {
    let server = Server::start(vec![Reply::new(200, &[], r#"{"bypass_review_id":7}"#)]).await;
    let client = server.client().with_call_timeout(Duration::ZERO);
    for _ in 0..20 {
        let error = failed(secrets(&client).approve(42, "rotated").await);
        assert!(error.is_timeout() && !error.is_ambiguous(), "{error}");
    }
    assert!(server.methods().is_empty());
    assert_eq!(client.usage().requests, 0);
}

#[tokio::test(start_paused = true)]
async fn a_checked_review_has_one_limit_for_all_its_requests() {
    let open = || Reply::json(200, &[], &request(42)).after(Duration::from_secs(2));
    let server = Server::start_with(move |_, received| match received.method.as_str() {
        "GET" => open(),
        _ => stalled(),
    });
    let server = server.await;
    let secrets = secrets(&client(&server));
    let started = Instant::now();
    let review = secrets.review_if_open(42, Decision::Approve, "rotated");
    let error = failed(review.await);
    assert!(error.is_ambiguous(), "{error}");
    assert!(started.elapsed() < LIMIT + Duration::from_millis(100));
    assert_eq!(server.methods(), ["GET", "PATCH"]);
}

#[tokio::test(start_paused = true)]
async fn a_clone_can_have_another_limit() {
    let server = Server::start(vec![stalled()]).await;
    let client = client(&server);
    let patient = client.with_call_timeout(Duration::from_secs(8));
    let get = async |client: &Client| failed(secrets(client).get(42).await);
    assert!(takes(8.0..=8.1, get(&patient)).await.is_timeout());
    assert!(takes(3.0..=3.1, get(&client)).await.is_timeout());
    let zero = server.builder().call_timeout(Duration::ZERO).build();
    let zero = zero.expect_err("zero");
    assert_eq!(zero.to_string(), "`call_timeout` must be longer than zero");
}
