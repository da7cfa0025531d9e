//! `review_if_open` and `undo`.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use github_bypass_requests::{
    Client, Confirmation, Decision, Repository, ResponseStatus, Review, ReviewOutcome,
    ReviewResult, SecretScanning,
};
use github_bypass_requests_fake::{Clock, Fake, NewRequest};
use serde_json::{Value, json};

use crate::faults::harness::{Reply, Server};
use crate::support::request;

fn start() -> DateTime<Utc> {
    let start = Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0);
    start.single().expect("an instant")
}

async fn fake() -> (Fake, SecretScanning<Repository>) {
    let fake = Fake::builder()
        .token("t", "octocat")
        .clock(Clock::manual(start()));
    let fake = fake.start().await.expect("a port");
    let client = Client::builder()
        .base_url(fake.base_url())
        .token("t")
        .write_interval(Duration::ZERO);
    let client = client.build().expect("a client");
    let repository = client.repository("octo-org", "smile").secret_scanning();
    (fake, repository)
}

fn opened(fake: &Fake) -> u64 {
    let request = NewRequest::new().repository("octo-org", "smile");
    fake.open_secret_scanning_request(request).number
}

async fn approve(repository: &SecretScanning<Repository>, number: u64) -> ReviewOutcome {
    let review = repository.review_if_open(number, Decision::Approve, "rotated");
    review.await.expect("an outcome")
}

#[tokio::test]
async fn an_open_request_is_reviewed() {
    let (fake, repository) = fake().await;
    let number = opened(&fake);
    let outcome = approve(&repository, number).await;
    assert_eq!(outcome.to_string(), "approved");
    assert!(
        outcome.request.is_open(),
        "the outcome has the request as it was before the review"
    );
    let ReviewResult::Reviewed { review, .. } = outcome.result else {
        panic!("{:?}", outcome.result);
    };
    assert_eq!(outcome.meta, review.meta);
    let request = repository.get(number).await.expect("the request");
    assert_eq!(request.decision(), Some(Decision::Approve));
    let response = request.latest_response().expect("a response");
    assert_eq!(response.id, review.response_id);
}

#[tokio::test]
async fn a_dry_run_only_reads() {
    let (fake, repository) = fake().await;
    let number = opened(&fake);
    let review = repository.review_if_open(number, Decision::Reject, "see INC-7");
    let outcome = review.dry_run().await.expect("an outcome");
    assert_eq!(outcome.to_string(), "would be denied");
    let request = repository.get(number).await.expect("the request");
    assert!(request.is_open() && request.responses.is_empty());
    assert_eq!(outcome.request, request.request);
}

#[tokio::test]
async fn a_request_that_is_not_open_is_reported_and_not_reviewed() {
    let (fake, repository) = fake().await;
    let denied = opened(&fake);
    fake.deny("octo-org", "smile", denied, "hubot")
        .expect("open");
    let completed = opened(&fake);
    fake.approve("octo-org", "smile", completed, "hubot")
        .expect("open");
    fake.complete("octo-org", "smile", completed)
        .expect("approved");
    let cancelled = opened(&fake);
    fake.cancel("octo-org", "smile", cancelled).expect("open");
    for (number, expected) in [
        (denied, "already denied by hubot"),
        (completed, "already approved by hubot"),
        (cancelled, "not open: cancelled"),
    ] {
        let before = repository.get(number).await.expect("the request").request;
        let outcome = approve(&repository, number).await;
        assert_eq!(outcome.to_string(), expected);
        assert_eq!(outcome.request, before);
        let after = repository.get(number).await.expect("the request");
        assert_eq!(after.request, before);
    }
    let expired = opened(&fake);
    fake.advance(TimeDelta::days(8));
    let outcome = approve(&repository, expired).await;
    assert_eq!(outcome.result, ReviewResult::Expired);
    assert_eq!(outcome.to_string(), "expired at 2026-07-08T12:00:00Z");
}

/// Starts a server that responds to writes with `written`, and to each read with bypass request 42.
/// The next element of `reads` replaces some of the request's fields.
async fn scripted(reads: Vec<Value>, written: Reply) -> Server {
    let reads = std::sync::Mutex::new(reads.into_iter());
    let reply = move |_, received: &crate::faults::harness::Received| {
        if received.method != "GET" {
            return written.clone();
        }
        let mut read = request(42);
        let changed = reads.lock().expect("reads").next().expect("one more read");
        let fields = read.as_object_mut().expect("an object");
        fields.extend(changed.as_object().expect("fields").clone());
        Reply::json(200, &["date: Wed, 01 Jul 2026 12:00:00 GMT"], &read)
    };
    Server::start_with(reply).await
}

fn repository(server: &Server) -> SecretScanning<Repository> {
    let client = server.client();
    client.repository("octo-org", "smile").secret_scanning()
}

#[tokio::test]
async fn a_reviewer_who_was_faster_is_named() {
    let refused = Reply::json(422, &[], &json!({ "message": "already reviewed" }));
    let denied = json!({
        "status": "denied",
        "responses": [{ "id": 1, "status": "denied", "reviewer": { "actor_name": "hubot" } }],
    });
    let server = scripted(vec![json!({}), denied], refused.clone()).await;
    let outcome = approve(&repository(&server), 42).await;
    assert_eq!(outcome.to_string(), "already denied by hubot");
    assert_eq!(server.methods(), ["GET", "PATCH", "GET"]);

    let server = scripted(vec![json!({}), json!({})], refused).await;
    let repository = repository(&server);
    let review = repository.review_if_open(42, Decision::Approve, "rotated");
    let error = review.await.expect_err("the request is still open");
    assert!(error.is_validation_failed(), "{error}");
    assert_eq!(error.message(), Some("already reviewed"));
}

#[tokio::test]
async fn a_review_that_was_read_back_names_its_reviewer() {
    let read = json!({ "status": "approved", "responses": [{
        "id": 1, "status": "approved", "created_at": "2026-07-01T12:00:00Z",
        "reviewer": { "actor_name": "octocat" },
    }] });
    let without_id = Reply::json(200, &[], &json!({}));
    let server = scripted(vec![json!({}), read], without_id).await;
    let outcome = approve(&repository(&server), 42).await;
    assert_eq!(outcome.to_string(), "approved by octocat (read back)");
    assert_eq!(server.methods(), ["GET", "PATCH", "GET"]);
}

#[tokio::test]
async fn each_outcome_has_the_metadata_of_its_response() {
    let review = json!({ "bypass_review_id": 7 }).to_string();
    let review = Reply::raw(200, &["x-github-request-id: CD:34"], review);
    for (read, expected, request) in [
        (json!({}), "approved", "CD:34"),
        (json!({ "status": "denied" }), "already denied", "AB:12"),
        (
            json!({ "status": "expired", "expires_at": null }),
            "expired",
            "AB:12",
        ),
        (
            json!({ "status": "cancelled" }),
            "not open: cancelled",
            "AB:12",
        ),
    ] {
        let server = scripted(vec![read], review.clone()).await;
        let outcome = approve(&repository(&server), 42).await;
        assert_eq!(outcome.to_string(), expected);
        let json = serde_json::to_value(&outcome).expect("JSON");
        let result = match expected {
            "approved" => {
                json!({ "reviewed": { "decision": "approve", "review": { "bypass_review_id": 7 } } })
            }
            "already denied" => json!("already_decided"),
            "expired" => json!("expired"),
            _ => json!("not_open"),
        };
        assert_eq!(json["result"], result);
        assert_eq!(json["request"]["number"], 42);
        assert_eq!(json["meta"]["request_id"], json!(outcome.meta.request_id));
        let request_id = outcome.meta.request_id.as_deref();
        assert_eq!(request_id, Some(request), "{expected}");
    }
}

#[tokio::test]
async fn the_future_of_a_review_outlives_the_repository_scope() {
    let (fake, repository) = fake().await;
    let number = opened(&fake);
    let review = repository.review_if_open(number, Decision::Approve, "rotated");
    drop(repository);
    let review = tokio::spawn(review.dry_run());
    let outcome = review.await.expect("no panic").expect("an outcome");
    assert_eq!(outcome.to_string(), "would be approved");
    assert!(outcome.meta.request_id.is_some());
}

#[tokio::test]
async fn several_reviews_can_run_at_once() {
    let (fake, repository) = fake().await;
    let numbers: Vec<u64> = (0..3).map(|_| opened(&fake)).collect();
    let reviews = numbers
        .iter()
        .map(|number| repository.review_if_open(*number, Decision::Reject, "see INC-7"));
    for outcome in futures_util::future::join_all(reviews).await {
        assert_eq!(outcome.expect("an outcome").to_string(), "denied");
    }
}

#[tokio::test]
async fn the_reviewer_of_a_dismissed_response_is_not_named() {
    let responses = json!([
        { "id": 1, "status": "approved", "reviewer": { "actor_name": "octocat" } },
        { "id": 2, "status": "dismissed", "reviewer": { "actor_name": "hubot" } },
    ]);
    let read = json!({ "status": "approved", "responses": responses });
    let server = scripted(vec![read], Reply::nothing()).await;
    let outcome = approve(&repository(&server), 42).await;
    assert_eq!(outcome.to_string(), "already approved by octocat");
}

#[tokio::test]
async fn requests_expire_by_the_servers_clock() {
    let applied = Reply::json(200, &[], &json!({ "bypass_review_id": 7 }));
    for (expires_at, expected, methods) in [
        (
            "2026-07-01T12:00:00Z",
            "expired at 2026-07-01T12:00:00Z",
            &["GET"][..],
        ),
        ("2026-07-01T12:00:01Z", "approved", &["GET", "PATCH"]),
    ] {
        let read = json!({ "expires_at": expires_at });
        let server = scripted(vec![read], applied.clone()).await;
        let outcome = approve(&repository(&server), 42).await;
        assert_eq!(outcome.to_string(), expected);
        assert_eq!(server.methods(), methods);
    }
}

#[tokio::test]
async fn invalid_input_is_rejected_before_anything_is_read() {
    let server = scripted(Vec::new(), Reply::nothing()).await;
    let repository = repository(&server);
    for (number, message) in [
        (0, "rotated"),
        (42, ""),
        (42, " \n"),
        (42, &"a".repeat(2049)),
    ] {
        let review = repository.review_if_open(number, Decision::Approve, message);
        assert!(review.await.expect_err("refused").is_invalid_input());
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_review_is_undone_once() {
    let (fake, repository) = fake().await;
    let number = opened(&fake);
    let review = repository.approve(number, "rotated").await.expect("open");
    assert!(
        repository
            .undo(number, &review)
            .await
            .expect("undone")
            .confirmation
            .is_response()
    );
    let request = repository.get(number).await.expect("the request");
    let status = request
        .latest_response()
        .and_then(|response| response.status.clone());
    assert_eq!(status, Some(ResponseStatus::Dismissed));
    let error = repository
        .undo(number, &review)
        .await
        .expect_err("already undone");
    assert!(error.is_conflict(), "{error}");
    let id = review.response_id.expect("an id");
    assert_eq!(
        error.to_string(),
        format!("response {id} of octo-org/smile#{number} is already dismissed")
    );
}

#[tokio::test(start_paused = true)]
async fn only_your_own_review_is_undone() {
    let server = scripted(
        vec![json!({ "responses": [{ "id": 8 }] }); 4],
        Reply::nothing(),
    )
    .await;
    let repository = repository(&server);
    let body = json!({ "bypass_review_id": 7 });
    let own: Review = serde_json::from_value(body).expect("a review");

    let error = repository.undo(42, &own).await.expect_err("no response 7");
    assert!(error.is_conflict(), "{error}");
    assert_eq!(error.to_string(), "octo-org/smile#42 has no response 7");
    assert_eq!(server.methods(), ["GET"; 4]);

    let mut read_back = own.clone();
    let reviewer = serde_json::from_value(json!({ "actor_name": "hubot" })).expect("an actor");
    read_back.confirmation = Confirmation::ReadBack { reviewer };
    let stored = serde_json::to_value(&read_back).expect("JSON");
    let stored: Review = serde_json::from_value(stored).expect("a review");
    assert_eq!(
        stored.confirmation, read_back.confirmation,
        "the confirmation survives serialization"
    );
    let mut without_id = own;
    without_id.response_id = None;
    for review in [stored, read_back, without_id] {
        let error = repository
            .undo(42, &review)
            .await
            .expect_err("not known to be the caller's");
        assert!(error.is_invalid_input(), "{error}");
        let text = error.to_string();
        assert!(text.contains("the review of octo-org/smile#42"), "{text}");
    }
    assert_eq!(server.methods(), ["GET"; 4]);
}
