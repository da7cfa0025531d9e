//! F95 and F96: open bypass requests that already have a decision, and reads that lag behind.

use chrono::{DateTime, TimeDelta, Utc};
use github_bypass_requests::{
    AnyBypassRequest, BypassRequest, Decision, ReviewResult, RuleViolation, SecretFinding,
};
use serde_json::{Value, json};

use super::calls::secrets;
use super::checks::{at_once, failed, takes};
use super::harness::{Reply, Server, date};
use crate::support::request;

fn with(status: &str, responses: Value) -> Value {
    let mut request = request(42);
    request["status"] = status.into();
    request["expires_at"] = json!(Utc::now() + TimeDelta::days(1));
    request["responses"] = responses;
    request
}

fn response(id: u64, status: &str) -> Value {
    let reviewer = json!({ "actor_id": 1, "actor_name": "hubot" });
    json!({ "id": id, "status": status, "reviewer": reviewer, "created_at": Utc::now() })
}

#[test]
fn f95_an_open_request_with_a_decision_is_not_reviewable() {
    fn is_reviewable(request: &Value, now: DateTime<Utc>) -> [bool; 3] {
        let any = |kind: &str| {
            let mut request = request.clone();
            request["kind"] = kind.into();
            let any: AnyBypassRequest = serde_json::from_value(request).expect("a request");
            any.is_reviewable(now)
        };
        let one: BypassRequest<SecretFinding> =
            serde_json::from_value(request.clone()).expect("a request");
        let other: BypassRequest<RuleViolation> =
            serde_json::from_value(request.clone()).expect("a request");
        assert_eq!(one.is_reviewable(now), other.is_reviewable(now));
        [
            one.is_reviewable(now),
            any("secret_scanning"),
            any("push_rules"),
        ]
    }
    let now = Utc::now();
    for status in ["open", "pending"] {
        for (responses, expected) in [
            (json!([]), true),
            (json!([response(1, "approved")]), false),
            (json!([response(1, "denied")]), false),
            (json!([response(1, "dismissed")]), true),
            (
                json!([response(1, "approved"), response(2, "dismissed")]),
                false,
            ),
        ] {
            let request = with(status, responses);
            assert_eq!(is_reviewable(&request, now), [expected; 3], "{request}");
            assert_eq!(
                is_reviewable(&request, now + TimeDelta::days(2)),
                [false; 3]
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn f95_a_request_that_is_approved_and_open_is_not_reviewed_again() {
    let now = date(Utc::now());
    let approved = with("open", json!([response(1, "approved")]));
    let server = Server::start(vec![Reply::json(200, &[&now], &approved)]).await;
    let client = server.client();
    let repository = secrets(&client);
    let review = repository.review_if_open(42, Decision::Reject, "too late");
    let outcome = at_once(review.into_future()).await.expect("an outcome");
    assert_eq!(outcome.result, ReviewResult::AlreadyDecided);
    assert_eq!(outcome.to_string(), "already approved by hubot");
    assert_eq!(server.methods(), ["GET"]);

    let mut expired = approved;
    expired["expires_at"] = json!(Utc::now() - TimeDelta::days(1));
    let server = Server::start(vec![Reply::json(200, &[&now], &expired)]).await;
    let client = server.client();
    let repository = secrets(&client);
    let review = repository.review_if_open(42, Decision::Reject, "too late");
    let outcome = at_once(review.into_future()).await.expect("an outcome");
    assert_eq!(outcome.result, ReviewResult::Expired);
    assert_eq!(server.methods(), ["GET"]);
}

/// A server on which the first `stale` reads do not show response 7 yet.
async fn lagging(stale: usize) -> Server {
    Server::start_with(move |index, received| match received.method.as_str() {
        "PATCH" => Reply::json(200, &[], &json!({ "bypass_review_id": 7 })),
        "DELETE" => Reply::new(204, &[], ""),
        _ if index <= stale => Reply::json(200, &[], &with("open", json!([]))),
        _ => Reply::json(
            200,
            &[],
            &with("approved", json!([response(7, "approved")])),
        ),
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn f96_undo_waits_for_reads_that_lag_behind() {
    for (stale, seconds) in [(0, 0.0), (1, 1.0), (2, 5.0), (3, 15.0)] {
        let server = lagging(stale).await;
        let client = server.client();
        let repository = secrets(&client);
        let review = at_once(repository.approve(42, "fine")).await;
        let review = review.expect("recorded");
        // The interval between writes delays the dismissal by at most one second.
        let undo = takes(seconds..=seconds + 1.1, repository.undo(42, &review));
        assert!(undo.await.expect("dismissed").confirmation.is_response());
        assert_eq!(server.count("GET"), stale + 1);
        assert_eq!(server.count("DELETE"), 1);
    }

    let server = lagging(4).await;
    let client = server.client();
    let repository = secrets(&client);
    let review = repository.approve(42, "fine").await.expect("recorded");
    let undo = takes(15.0..=16.1, repository.undo(42, &review));
    let error = failed(undo.await);
    assert!(error.is_conflict(), "{error}");
    assert_eq!(server.count("GET"), 4);
    assert_eq!(server.count("DELETE"), 0);
}
