//! F72–F78: a write is applied at most once, or its error is ambiguous.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use github_bypass_requests::{Client, Confirmation, Decision, Error, ResponseId, Review};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::calls::{HTML, JSON, secrets};
use super::checks::{ServerClock, at_once, failed, found, reset, takes, truncated};
use super::harness::{Reply, Server};
use crate::support::request;

/// A scripted GitHub with bypass request 42, whose only response is an hour old and dismissed.
#[derive(Clone)]
struct GitHub {
    clock: ServerClock,
    request: Arc<Mutex<Value>>,
}

impl GitHub {
    fn new() -> Self {
        let clock = ServerClock::start();
        let mut request = request(42);
        let old = clock.now() - TimeDelta::hours(1);
        request["responses"] = json!([{
            "id": 1,
            "reviewer": { "actor_name": "octocat" },
            "status": "dismissed",
            "created_at": old.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }]);
        let request = Arc::new(Mutex::new(request));
        Self { clock, request }
    }

    /// Records a response. The first recorded response gets id 77.
    fn review(&self, reviewer: &str, status: &str) {
        let created_at = self.clock.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut request = self.request.lock().expect("a request");
        request["status"] = json!(status);
        let responses = request["responses"].as_array_mut().expect("responses");
        responses.push(json!({
            "id": 76 + responses.len(),
            "reviewer": { "actor_id": 5, "actor_name": reviewer },
            "status": status,
            "created_at": created_at,
        }));
    }

    /// Dismisses the latest response. The status of the request stays the same.
    fn dismiss_latest(&self) {
        let mut request = self.request.lock().expect("a request");
        let responses = request["responses"].as_array_mut().expect("responses");
        responses.last_mut().expect("a response")["status"] = json!("dismissed");
    }

    fn set_status(&self, status: &str) {
        self.request.lock().expect("a request")["status"] = json!(status);
    }

    fn read(&self) -> Reply {
        let request = self.request.lock().expect("a request");
        Reply::json(200, &[&self.clock.date()], &request)
    }

    /// Responds to reads with the bypass request, and to writes with the result of `write`, which
    /// is called with the number of earlier writes.
    async fn serve(self, write: impl Fn(usize, &Self) -> Reply + Send + Sync + 'static) -> Server {
        let writes = AtomicUsize::new(0);
        let server = Server::start_with(move |_, received| match received.method.as_str() {
            "GET" => self.read(),
            _ => write(writes.fetch_add(1, Ordering::Relaxed), &self),
        });
        server.await
    }
}

/// Three ways to lose a response, with the seconds that each one takes.
fn lost() -> [(Reply, f64); 3] {
    let page = Reply::raw(502, &[HTML], "<html>");
    [
        (reset(), 0.0),
        (page, 0.0),
        (Reply::nothing().then_stall(), 5.0),
    ]
}

/// The response to a review that was recorded.
fn recorded() -> Reply {
    Reply::json(200, &[], &json!({ "bypass_review_id": 77 }))
}

fn client(server: &Server) -> Client {
    let client = server.builder().attempt_timeout(Duration::from_secs(5));
    client.build().expect("client")
}

async fn approve(server: &Server) -> Result<Review, Error> {
    secrets(&client(server)).approve(42, "rotated").await
}

/// Panics unless the review was confirmed by reading the request.
fn assert_read_back(review: &Review, by: &str) {
    let Confirmation::ReadBack { reviewer } = &review.confirmation else {
        panic!("{review:?}");
    };
    assert_eq!(reviewer.actor_name.as_deref(), Some(by));
    assert_eq!(review.response_id.map(ResponseId::get), Some(77));
    assert_eq!(review.meta.request_id.as_deref(), Some("AB:12"));
}

#[tokio::test(start_paused = true)]
async fn f72_a_lost_review_is_sent_once_and_read_back() {
    for (decision, status) in [
        (Decision::Approve, "approved"),
        (Decision::Reject, "denied"),
    ] {
        for (reply, seconds) in lost() {
            let server = GitHub::new().serve(move |_, github| {
                github.review("mona", status);
                reply.clone()
            });
            let server = server.await;
            let secrets = secrets(&client(&server));
            let review = secrets.review(42, decision, "rotated");
            let review = takes(seconds + 1.0..=seconds + 1.1, review).await;
            assert_read_back(&review.expect("a review"), "mona");
            assert_eq!(server.methods(), ["PATCH", "GET"]);
        }
    }
    // The review is recorded only after the first read.
    let server = GitHub::new().serve(|_, github| {
        let github = github.clone();
        tokio::spawn(async move {
            sleep(Duration::from_secs(3)).await;
            github.review("mona", "approved");
        });
        reset()
    });
    let server = server.await;
    let review = takes(5.0..=5.1, approve(&server)).await;
    assert_read_back(&review.expect("a review"), "mona");
    assert_eq!(server.methods(), ["PATCH", "GET", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f73_a_lost_review_that_was_not_recorded_is_sent_again_once() {
    for (reply, seconds) in lost() {
        let server = GitHub::new().serve(move |write, github| match write {
            0 => reply.clone(),
            _ => {
                github.review("mona", "approved");
                recorded()
            }
        });
        let server = server.await;
        let review = takes(seconds + 15.0..=seconds + 15.1, approve(&server)).await;
        let review = review.expect("a review");
        assert_eq!(review.confirmation, Confirmation::Response);
        assert_eq!(review.response_id.map(ResponseId::get), Some(77));
        assert_eq!(server.methods(), ["PATCH", "GET", "GET", "GET", "PATCH"]);
        let received = server.received();
        assert_eq!(received[0].body, received[4].body);
    }
    // GitHub records the first attempt late, and therefore rejects the second one.
    for status in [404, 422] {
        let server = GitHub::new().serve(move |write, github| match write {
            0 => reset(),
            _ => {
                github.review("mona", "approved");
                Reply::json(status, &[], &json!({ "message": "Decided" }))
            }
        });
        let server = server.await;
        let review = takes(15.0..=15.1, approve(&server)).await;
        assert_read_back(&review.expect("a review"), "mona");
        assert_eq!(
            server.methods(),
            ["PATCH", "GET", "GET", "GET", "PATCH", "GET"]
        );
    }
}

/// The second attempt is read back like the first. There is no third.
#[tokio::test(start_paused = true)]
async fn f73_a_review_that_is_lost_twice_is_read_back_twice() {
    let twice = ["PATCH", "GET", "GET", "GET", "PATCH", "GET", "GET", "GET"];
    for (status, seconds) in [("open", 30.0), ("approved", 16.0), ("denied", 30.0)] {
        let server = GitHub::new().serve(move |write, github| {
            if write == 1 && status != "open" {
                github.review("mona", status);
            }
            reset()
        });
        let server = server.await;
        let review = takes(seconds..=seconds + 0.1, approve(&server)).await;
        match status {
            "approved" => assert_read_back(&review.expect("a review"), "mona"),
            "denied" => assert!(failed(review).is_conflict()),
            _ => assert!(failed(review).is_ambiguous()),
        }
        let requests = if status == "approved" { 6 } else { 8 };
        assert_eq!(server.methods(), twice[..requests]);
    }
}

#[tokio::test(start_paused = true)]
async fn f72_retry_after_delays_the_read_back_and_the_second_attempt() {
    let busy = |seconds: u32| Reply::raw(503, &[&format!("retry-after: {seconds}")], "");
    let server = GitHub::new().serve(move |_, github| {
        github.review("mona", "approved");
        busy(7)
    });
    let server = server.await;
    let review = takes(7.0..=8.1, approve(&server)).await;
    assert_read_back(&review.expect("a review"), "mona");
    assert_eq!(server.methods(), ["PATCH", "GET"]);

    // `Retry-After` can also delay a read until after the time at which the next read is due.
    let server = Server::start_with(move |nth, received| match (received.method.as_str(), nth) {
        ("GET", 1) => busy(20),
        ("GET", _) => Reply::new(404, &[], ""),
        _ => reset(),
    });
    let server = server.await;
    let error = failed(takes(21.0..=22.1, approve(&server)).await);
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(server.methods(), ["PATCH", "GET", "GET"]);

    let server = Server::start(vec![busy(7), Reply::new(204, &[], "")]).await;
    let dismissal = takes(7.0..=8.1, dismiss(&server)).await;
    assert!(dismissal.expect("a dismissal"));
    assert_eq!(server.methods(), ["DELETE", "DELETE"]);

    // If the delay exceeds the limit, the error is ambiguous and has the earliest time for a retry.
    let server = Server::start(vec![busy(3600)]).await;
    let error = failed(at_once(approve(&server)).await);
    assert!(
        error.is_ambiguous() && error.retry_at().is_some(),
        "{error}"
    );
    let error = failed(at_once(dismiss(&server)).await);
    assert!(
        error.is_ambiguous() && error.retry_at().is_some(),
        "{error}"
    );
    assert_eq!(server.methods(), ["PATCH", "DELETE"]);
}

#[tokio::test(start_paused = true)]
async fn f74_a_decision_made_meanwhile_is_a_conflict() {
    type Meanwhile = fn(&GitHub);
    let cases: [(Meanwhile, &str); 4] = [
        (|github| github.review("hubot", "denied"), "denied by hubot"),
        (|github| github.set_status("expired"), "expired"),
        (|github| github.set_status("cancelled"), "cancelled"),
        (|github| github.set_status("a new word"), "a new word"),
    ];
    for (meanwhile, found) in cases {
        for (reply, seconds) in lost() {
            let server = GitHub::new().serve(move |_, github| {
                meanwhile(github);
                reply.clone()
            });
            let server = server.await;
            let review = takes(seconds + 15.0..=seconds + 15.1, approve(&server)).await;
            let error = failed(review);
            assert!(error.is_conflict() && !error.is_ambiguous(), "{error}");
            assert!(error.to_string().contains(found), "{error}");
            assert_eq!(server.methods(), ["PATCH", "GET", "GET", "GET"]);
        }
    }
    // Another decision is recorded before the second attempt, so GitHub rejects that attempt.
    let server = GitHub::new().serve(|write, github| match write {
        0 => reset(),
        _ => {
            github.review("hubot", "denied");
            Reply::json(422, &[], &json!({ "message": "Decided" }))
        }
    });
    let server = server.await;
    let error = failed(takes(15.0..=15.1, approve(&server)).await);
    assert!(error.is_conflict(), "{error}");
    assert_eq!((server.count("PATCH"), server.count("GET")), (2, 4));
}

/// A review waits for its turn before it is sent. An approval that is recorded during this wait
/// does not come from this review.
#[tokio::test(start_paused = true)]
async fn f74_a_decision_made_before_sending_is_a_conflict() {
    let github = GitHub::new();
    let server = github.clone().serve(|write, _| match write {
        0 => recorded(),
        _ => reset(),
    });
    let server = server.await;
    let client = server.builder().write_interval(Duration::from_secs(60));
    let secrets = secrets(&client.build().expect("client"));
    at_once(secrets.approve(41, "fine"))
        .await
        .expect("a review");
    let colleague = async {
        sleep(Duration::from_secs(30)).await;
        github.review("hubot", "approved");
    };
    let review = async { tokio::join!(secrets.approve(42, "fine"), colleague).0 };
    let error = failed(takes(75.0..=75.1, review).await);
    assert!(error.is_conflict(), "{error}");
    assert_eq!(server.methods(), ["PATCH", "PATCH", "GET", "GET", "GET"]);
}

/// A server that responds to reads with `read` and loses the responses to writes.
async fn losing_writes(read: Reply) -> Server {
    let server = Server::start_with(move |_, received| match received.method.as_str() {
        "GET" => read.clone(),
        _ => reset(),
    });
    server.await
}

#[tokio::test(start_paused = true)]
async fn f75_a_lost_review_that_cannot_be_read_back_is_ambiguous() {
    let html = Reply::raw(502, &[HTML], "<html>");
    for read in [Reply::new(500, &[], ""), html, reset(), truncated()] {
        let server = losing_writes(read).await;
        let error = failed(takes(15.0..=15.1, approve(&server)).await);
        assert!(error.is_ambiguous() && !error.is_conflict(), "{error}");
        assert!(error.to_string().contains("request 42"), "{error}");
        assert_eq!(server.methods(), ["PATCH", "GET", "GET", "GET"]);
    }
    // A token may have the permission to review but not to read. Then another read would fail, too.
    for status in [401, 403, 404] {
        let server = losing_writes(Reply::new(status, &[], "")).await;
        let error = failed(takes(1.0..=1.1, approve(&server)).await);
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!(server.methods(), ["PATCH", "GET"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f76_a_200_from_github_is_a_success_whatever_its_body_contains() {
    let json = |body: &str| Reply::new(200, &[JSON], body);
    let bodies = || {
        [
            json(""),
            json("{}"),
            json("{\"bypass"),
            json("\"x\""),
            truncated(),
        ]
    };
    for reply in bodies() {
        let server = GitHub::new().serve(move |_, github| {
            github.review("mona", "approved");
            reply.clone()
        });
        let server = server.await;
        let review = at_once(approve(&server)).await.expect("applied");
        // The client finds the id in the bypass request, so it may be the id of another reviewer's
        // response.
        assert_read_back(&review, "mona");
        assert_eq!(server.methods(), ["PATCH", "GET"]);
    }
    // The client reads the bypass request only once to find the id.
    for reply in bodies() {
        for read in [
            Reply::new(403, &[], ""),
            Reply::new(500, &[], ""),
            reset(),
            found(),
        ] {
            let reply = reply.clone();
            let server = Server::start_with(move |_, received| match received.method.as_str() {
                "GET" => read.clone(),
                _ => reply.clone(),
            });
            let server = server.await;
            let review = at_once(approve(&server)).await.expect("applied");
            assert_eq!(review.response_id, None);
            assert_eq!(review.confirmation, Confirmation::Response);
            assert_eq!(review.meta.request_id.as_deref(), Some("AB:12"));
            assert_eq!(server.methods(), ["PATCH", "GET"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn f76_a_200_that_is_not_from_github_is_ambiguous() {
    let html = "content-type: text/html; charset=utf-8";
    for reply in [
        Reply::raw(200, &[html], "<html>"),
        Reply::new(200, &[html], "<html>"),
        Reply::raw(200, &[JSON], "{}"),
        Reply::raw(200, &[JSON], "[77]"),
        Reply::raw(200, &[], ""),
    ] {
        let lost = reply.clone();
        let server = GitHub::new().serve(move |_, _| lost.clone()).await;
        let error = failed(takes(30.0..=30.1, approve(&server)).await);
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!((server.count("PATCH"), server.count("GET")), (2, 6));

        let server = GitHub::new().serve(move |_, github| {
            github.review("mona", "approved");
            reply.clone()
        });
        let server = server.await;
        let review = takes(1.0..=1.1, approve(&server)).await;
        assert_read_back(&review.expect("a review"), "mona");
        assert_eq!(server.methods(), ["PATCH", "GET"]);
    }
}

/// The review was certainly recorded, so the call returns at once, without the id.
#[tokio::test(start_paused = true)]
async fn f76_the_read_for_the_id_does_not_wait_for_a_rate_limit() {
    let clock = ServerClock::start();
    let (date, reset) = (clock.date(), clock.reset_in(30));
    let used_up = ["x-ratelimit-remaining: 0", &reset, &date];
    let server = Server::start(vec![Reply::new(200, &used_up, "{}")]).await;
    let review = at_once(approve(&server)).await.expect("applied");
    assert_eq!(review.confirmation, Confirmation::Response);
    assert_eq!(server.methods(), ["PATCH"]);

    let limited = Reply::new(429, &["retry-after: 30"], "");
    let server = Server::start(vec![Reply::new(200, &[], "{}"), limited]).await;
    let review = at_once(approve(&server)).await.expect("applied");
    assert_eq!(review.response_id, None);
    assert_eq!(server.methods(), ["PATCH", "GET"]);

    let limited = Reply::new(429, &["retry-after: 0"], "");
    let server = Server::start(vec![Reply::new(200, &[], "{}"), limited]).await;
    at_once(approve(&server)).await.expect("applied");
    assert_eq!(server.methods(), ["PATCH", "GET"]);
}

/// A proxy may remove the request id. The review id still proves that GitHub sent the response.
#[tokio::test(start_paused = true)]
async fn f76_a_200_with_a_review_id_is_a_success_without_a_request_id() {
    let server = Server::start(vec![Reply::raw(200, &[JSON], "{\"bypass_review_id\": 77}")]).await;
    let review = takes(0.0..=0.1, approve(&server)).await.expect("a review");
    assert_eq!(review.confirmation, Confirmation::Response);
    assert_eq!(review.response_id.map(|id| id.get()), Some(77));
    assert_eq!(server.methods(), ["PATCH"]);
}

#[tokio::test(start_paused = true)]
async fn f77_a_rate_limited_write_is_sent_again() {
    let secondary = r#"{"message": "You have exceeded a secondary rate limit"}"#;
    for (refusal, seconds) in [
        (Reply::new(429, &["retry-after: 3"], ""), 3.0),
        (Reply::raw(429, &[], ""), 60.0),
        (Reply::new(403, &[], secondary), 60.0),
    ] {
        let replies = vec![refusal.clone(), recorded()];
        let server = Server::start(replies).await;
        let review = takes(seconds..=seconds + 1.1, approve(&server)).await;
        let review = review.expect("a review");
        assert_eq!(review.confirmation, Confirmation::Response);
        assert_eq!(server.methods(), ["PATCH", "PATCH"]);
        let received = server.received();
        assert_eq!(received[0].body, received[1].body);

        let replies = vec![refusal, Reply::new(204, &[], "")];
        let server = Server::start(replies).await;
        let dismissal = takes(seconds..=seconds + 1.1, dismiss(&server)).await;
        assert!(dismissal.expect("a dismissal"));
        assert_eq!(server.methods(), ["DELETE", "DELETE"]);
    }
    // A write that was rate limited twice was certainly not applied.
    let server = Server::start(vec![Reply::new(429, &["retry-after: 3"], "")]).await;
    let error = failed(takes(3.0..=4.1, approve(&server)).await);
    assert!(error.is_rate_limited() && !error.is_ambiguous(), "{error}");
    assert!(error.retry_at().is_some());
    assert_eq!(server.methods(), ["PATCH", "PATCH"]);
}

/// Dismisses response 7. Returns true if a response from GitHub confirmed the dismissal.
async fn dismiss(server: &Server) -> Result<bool, Error> {
    let response = ResponseId::try_from(7)?;
    let dismissal = secrets(&client(server)).dismiss(response).await?;
    Ok(dismissal.confirmation.is_response())
}

#[tokio::test(start_paused = true)]
async fn f78_a_lost_dismissal_is_sent_again_once() {
    let done = || Reply::new(204, &[], "");
    let status = |status| Reply::new(status, &[], "{}");
    let server = Server::start(vec![done()]).await;
    assert!(at_once(dismiss(&server)).await.expect("dismissed"));
    assert_eq!(server.methods(), ["DELETE"]);

    let html = Reply::raw(200, &[HTML], "<html>");
    let ambiguous = [
        (status(500), 0.0),
        (html, 0.0),
        (status(202), 0.0),
        (status(408), 0.0),
    ];
    for (reply, seconds) in lost().into_iter().chain(ambiguous) {
        // Writes start at least a second apart, even after a timeout.
        let bound = f64::max(seconds, 1.0);
        for (again, confirmed) in [(done(), true), (status(404), false)] {
            let server = Server::start(vec![reply.clone(), again]).await;
            let dismissal = takes(seconds..=bound + 0.1, dismiss(&server)).await;
            assert_eq!(dismissal.expect("dismissed"), confirmed);
            assert_eq!(server.methods(), ["DELETE", "DELETE"]);
        }
        // GitHub also rejects the second attempt if the request was completed before the first
        // attempt could dismiss the response.
        for again in [reply.clone(), status(422), status(403)] {
            let server = Server::start(vec![reply.clone(), again]).await;
            let error = failed(takes(..=2.0 * bound + 0.1, dismiss(&server)).await);
            assert!(error.is_ambiguous(), "{error}");
            assert!(error.to_string().contains("response 7"), "{error}");
            assert_eq!(server.methods(), ["DELETE", "DELETE"]);
        }
    }
    // A first attempt that GitHub rejected did not dismiss the response.
    for code in [403, 404, 422] {
        let server = Server::start(vec![status(code)]).await;
        let error = failed(at_once(dismiss(&server)).await);
        assert!(!error.is_ambiguous(), "{error}");
        assert_eq!(error.status(), Some(code));
        assert_eq!(server.methods(), ["DELETE"]);
    }
}

/// While GitHub may still carry out the review, a read that shows another decision is not final.
#[tokio::test(start_paused = true)]
async fn f74_a_conflict_is_reported_only_by_the_last_read() {
    let server = GitHub::new().serve(|_, github| {
        github.review("hubot", "denied");
        let github = github.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(2800)).await;
            github.dismiss_latest();
            github.review("mona", "approved");
        });
        reset()
    });
    let server = server.await;
    let review = takes(5.0..=5.1, approve(&server)).await.expect("a review");
    let Confirmation::ReadBack { reviewer } = &review.confirmation else {
        panic!("{review:?}");
    };
    assert_eq!(reviewer.actor_name.as_deref(), Some("mona"));
}

#[tokio::test(start_paused = true)]
async fn f74_a_dismissed_response_that_may_be_the_lost_review_is_ambiguous() {
    for second in [
        reset(),
        Reply::json(422, &[], &json!({ "message": "Decided" })),
    ] {
        let server = GitHub::new().serve(move |write, github| {
            // Either GitHub records the second attempt, or it records the first one late and
            // rejects the second.
            if write == 1 {
                github.review("mona", "approved");
                github.dismiss_latest();
                github.review("hubot", "denied");
                return second.clone();
            }
            reset()
        });
        let server = server.await;
        let error = failed(approve(&server).await);
        assert!(error.is_ambiguous(), "{error}");
        let found = "when last read, the request was denied by hubot, and a response by mona, which may \
                     be this review, is dismissed";
        assert!(error.to_string().contains(found), "{error}");
    }
    // If no other decision was made, the review is not sent again, because it could be recorded
    // twice.
    let server = GitHub::new().serve(|_, github| {
        github.review("mona", "approved");
        github.dismiss_latest();
        github.set_status("open");
        reset()
    });
    let server = server.await;
    let error = failed(takes(15.0..=15.1, approve(&server)).await);
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(server.methods(), ["PATCH", "GET", "GET", "GET"]);
}

/// A lagging replica shows the request as it was before the first attempt was recorded.
#[tokio::test(start_paused = true)]
async fn f73_a_rejected_second_attempt_does_not_prove_that_nothing_was_recorded() {
    for status in [404, 422] {
        let server = GitHub::new().serve(move |write, _| match write {
            0 => reset(),
            _ => Reply::json(status, &[], &json!({ "message": "Decided" })),
        });
        let server = server.await;
        let error = failed(takes(15.0..=15.1, approve(&server)).await);
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!(
            server.methods(),
            ["PATCH", "GET", "GET", "GET", "PATCH", "GET"]
        );
    }
}

/// GitHub did not reject a lost review, so `review_if_open` must not report `AlreadyDecided`.
#[tokio::test(start_paused = true)]
async fn f74_a_lost_review_is_not_reported_as_already_decided() {
    for dismisses in [true, false] {
        let server = GitHub::new().serve(move |_, github| {
            if dismisses {
                github.review("mona", "approved");
                github.dismiss_latest();
            }
            github.review("hubot", "denied");
            reset()
        });
        let server = server.await;
        let secrets = secrets(&client(&server));
        let review = secrets.review_if_open(42, Decision::Approve, "rotated");
        let error = failed(review.await);
        assert_eq!(error.is_ambiguous(), dismisses, "{error}");
        assert_eq!(error.is_conflict(), !dismisses, "{error}");
        assert_eq!(server.methods(), ["GET", "PATCH", "GET", "GET", "GET"]);
    }
}

/// Approves request 42, and undoes the approval. Returns true if a response from GitHub confirmed
/// the dismissal.
async fn approve_and_undo(server: &Server) -> Result<bool, Error> {
    let secrets = secrets(&client(server));
    let review = secrets.approve(42, "rotated").await.expect("a review");
    let dismissal = secrets.undo(42, &review).await?;
    Ok(dismissal.confirmation.is_response())
}

#[tokio::test(start_paused = true)]
async fn f78_a_lost_dismissal_is_read_back_by_undo() {
    let rejected = || Reply::json(422, &[], &json!({ "message": "completed" }));
    type Meanwhile = fn(&GitHub);
    let nothing: Meanwhile = |_| {};
    let dismissed: Meanwhile = |github| {
        github.dismiss_latest();
        github.set_status("open");
    };
    let completed: Meanwhile = |github| github.set_status("completed");
    for (first, second, again, expected) in [
        // The first attempt was applied, so GitHub rejects the second one.
        (dismissed, nothing, rejected(), Ok(false)),
        (dismissed, nothing, reset(), Ok(false)),
        (nothing, dismissed, reset(), Ok(false)),
        // The approval was used before it could be dismissed.
        (
            completed,
            nothing,
            rejected(),
            Err("the request is completed, and response 77 is approved"),
        ),
        (
            nothing,
            completed,
            reset(),
            Err("the request is completed, and response 77 is approved"),
        ),
        (
            nothing,
            nothing,
            rejected(),
            Err("may have been dismissed; when last read, response 77 was approved"),
        ),
    ] {
        let server = GitHub::new().serve(move |write, github| match write {
            0 => {
                github.review("mona", "approved");
                recorded()
            }
            1 => {
                first(github);
                reset()
            }
            _ => {
                second(github);
                again.clone()
            }
        });
        let server = server.await;
        match (approve_and_undo(&server).await, expected) {
            (Ok(confirmed), Ok(expected)) => assert_eq!(confirmed, expected),
            (Err(error), Err(expected)) => {
                assert!(error.to_string().contains(expected), "{error}");
                let is_conflict = expected.contains("completed");
                assert_eq!(error.is_conflict(), is_conflict, "{error}");
                assert_ne!(error.is_ambiguous(), is_conflict, "{error}");
            }
            (outcome, _) => panic!("{outcome:?} instead of {expected:?}"),
        }
        assert_eq!(server.count("DELETE"), 2);
    }
}

/// The local clock must not decide whether an older approval counts as the lost review.
#[tokio::test(start_paused = true)]
async fn f74_without_a_date_header_no_response_counts_as_new() {
    let mut approved = request(42);
    approved["status"] = "approved".into();
    approved["responses"] =
        json!([{ "id": 7, "status": "approved", "created_at": Utc::now().to_rfc3339() }]);
    let server = Server::start_with(move |_, received| match received.method.as_str() {
        "GET" => Reply::json(200, &[], &approved),
        _ => reset(),
    });
    let server = server.await;
    let error = failed(takes(15.0..=15.1, approve(&server)).await);
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(server.methods(), ["PATCH", "GET", "GET", "GET"]);
}
