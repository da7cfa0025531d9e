//! Reviews, dismissals, and the actions of other users.

use chrono::TimeDelta;
use github_bypass_requests_fake::{ChangeError, Fake, NewResponse, ResponseStatus};
use reqwest::Method;
use serde_json::json;

use super::caller::Caller;
use super::{SMILE, SMILE_PUSHES, ago, push, secret, serve, world};

#[tokio::test]
async fn a_review_decides_a_request_and_its_dismissal_reopens_it() {
    let builder = Fake::builder().token("t", "mona-the-cat");
    let (fake, _) = serve(builder).await;
    let caller = Caller::new(&fake, "t");
    let number = fake.open_secret_scanning_request(secret().pending()).number;
    for (decision, status) in [("reject", "denied"), ("approve", "approved")] {
        fake.advance(TimeDelta::minutes(1));
        let body = json!({"status": decision, "message": "because", "more": 1});
        let reviewed = caller.review(number, &body).await;
        let id = reviewed.body["bypass_review_id"].as_u64().expect("an id");

        let shown = caller.get(&format!("{SMILE}/{number}")).await.body;
        let response = shown["responses"].as_array().unwrap().last().unwrap();
        assert_eq!(shown["status"], status);
        assert_eq!(response["id"], id);
        assert_eq!(response["status"], status);
        assert_eq!(response["reviewer"]["actor_name"], "mona-the-cat");
        let now = fake.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        assert_eq!(response["created_at"], now);

        let dismissed = caller.dismiss(id).await;
        assert_eq!((dismissed.status, dismissed.text.as_str()), (204, ""));
        let shown = caller.get(&format!("{SMILE}/{number}")).await.body;
        assert_eq!(shown["status"], "open");
        assert_eq!(
            shown["responses"].as_array().unwrap().last().unwrap()["status"],
            "dismissed"
        );
        assert_eq!(caller.dismiss(id).await.status, 422);
    }
    let shown = caller.get(&format!("{SMILE}/{number}")).await.body;
    assert_eq!(shown["responses"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_dismissal_keeps_other_reviews() {
    let (fake, caller) = world().await;
    let twice = secret().denied_by("octocat").approved_by("mona-the-cat");
    let number = fake.open_secret_scanning_request(twice).number;
    assert_eq!(caller.status_of(number).await, "approved");
    assert_eq!(caller.dismiss(2).await.status, 204);
    assert_eq!(caller.status_of(number).await, "denied");
    fake.advance(TimeDelta::days(7));
    assert_eq!(caller.dismiss(1).await.status, 204);
    assert_eq!(caller.status_of(number).await, "expired");
}

#[tokio::test]
async fn only_an_undecided_request_can_be_reviewed() {
    let (fake, caller) = world().await;
    let decided = [
        secret().approved_by("octocat"),
        secret().denied_by("octocat"),
        secret().cancelled(),
        secret().approved_by("octocat").completed(),
        secret().created_at(ago(TimeDelta::days(7))),
    ];
    for request in decided {
        let number = fake.open_secret_scanning_request(request).number;
        let before = caller.get(&format!("{SMILE}/{number}")).await;
        let refused = caller.approve(number).await;
        assert_eq!(
            (refused.status, refused.rejected_fields()),
            (422, vec!["status"])
        );
        assert_eq!(
            caller.get(&format!("{SMILE}/{number}")).await.body,
            before.body
        );
    }
}

#[tokio::test]
async fn a_review_needs_a_decision_and_a_message() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let longest = "é".repeat(2048);
    let cases = [
        (json!({"status": "approve"}), vec!["message"]),
        (json!({"status": "approve", "message": ""}), vec!["message"]),
        (
            json!({"status": "approve", "message": null}),
            vec!["message"],
        ),
        (json!({"status": "approve", "message": 5}), vec!["message"]),
        (
            json!({"status": "approve", "message": format!("{longest}x")}),
            vec!["message"],
        ),
        (json!({"message": "m"}), vec!["status"]),
        (json!({"status": null, "message": "m"}), vec!["status"]),
        (
            json!({"status": "approved", "message": "m"}),
            vec!["status"],
        ),
        (json!({"status": "Approve", "message": "m"}), vec!["status"]),
        (
            json!({"status": ["approve"], "message": "m"}),
            vec!["status"],
        ),
        (json!({}), vec!["status", "message"]),
    ];
    for (body, fields) in cases {
        let refused = caller.review(number, &body).await;
        assert_eq!(
            (refused.status, refused.rejected_fields()),
            (422, fields),
            "{body}"
        );
    }
    let refused = caller.review(number, &json!({"status": "approve"})).await;
    let missing = json!({"resource": "BypassRequest", "field": "message", "code": "missing_field"});
    assert_eq!(refused.body["errors"], json!([missing]));

    for (body, message) in [
        ("{", "Problems parsing JSON"),
        ("status=approve&message=m", "Problems parsing JSON"),
        ("[]", "Body should be a JSON object"),
        ("\"approve\"", "Body should be a JSON object"),
    ] {
        let refused = caller
            .call(Method::PATCH, &format!("{SMILE}/{number}"), body)
            .await;
        assert_eq!(
            (refused.status, &refused.body["message"]),
            (400, &json!(message)),
            "{body}"
        );
    }
    assert_eq!(caller.status_of(number).await, "open");
    let accepted = caller
        .review(number, &json!({"status": "approve", "message": longest}))
        .await;
    assert_eq!(accepted.status, 200);
}

#[tokio::test]
async fn a_response_can_be_dismissed_only_in_its_own_repository() {
    let (fake, caller) = world().await;
    fake.open_secret_scanning_request(secret().denied_by("octocat").cancelled()); // response 1
    fake.open_secret_scanning_request(secret().approved_by("octocat").completed()); // 2
    let elsewhere = secret().repository("octo-org", "hello");
    fake.open_secret_scanning_request(elsewhere.denied_by("octocat")); // 3
    fake.open_push_rule_request(push().denied_by("octocat")); // 4
    fake.open_secret_scanning_request(secret().denied_by("octocat")); // 5
    for (response, expected) in [
        (1, 422),
        (2, 422),
        (3, 404),
        (4, 404),
        (5, 204),
        (5, 422),
        (6, 404),
    ] {
        assert_eq!(
            caller.dismiss(response).await.status,
            expected,
            "response {response}"
        );
    }
}

#[tokio::test]
async fn only_one_of_many_concurrent_reviews_succeeds() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let reviews = futures_util::future::join_all((0..8).map(|_| caller.approve(number))).await;
    let accepted = reviews.iter().filter(|review| review.status == 200).count();
    let refused = reviews.iter().filter(|review| review.status == 422).count();
    assert_eq!((accepted, refused), (1, 7));
    let shown = caller.get(&format!("{SMILE}/{number}")).await.body;
    assert_eq!(shown["responses"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_time_and_the_message_of_a_response_can_be_chosen() {
    let (fake, caller) = world().await;
    let yesterday = ago(TimeDelta::days(1));
    let dismissed =
        NewResponse::dismissed("octocat").created_at(ago(TimeDelta::milliseconds(1500)));
    let opened = secret().created_at(ago(TimeDelta::days(9)));
    let number = fake
        .open_secret_scanning_request(opened.response(dismissed))
        .number;
    assert_eq!(caller.status_of(number).await, "expired");

    // The request must be undecided at the time of the response.
    let respond = |response| fake.respond("octo-org", "smile", number, response);
    let late = NewResponse::approved("mona-the-cat").created_at(yesterday);
    let error = respond(late).expect_err("an expired request");
    assert_eq!(
        error.to_string(),
        "A request that is expired cannot be reviewed."
    );
    let in_time = NewResponse::denied("mona-the-cat")
        .created_at(ago(TimeDelta::days(3)))
        .message("Revoke it first.");
    let id = respond(in_time).expect("a response");

    let shown = caller.get(&format!("{SMILE}/{number}")).await.body;
    assert_eq!(shown["status"], "denied");
    assert_eq!(shown["responses"][0]["created_at"], "2026-03-10T11:59:58Z");
    assert_eq!(shown["responses"][1]["created_at"], "2026-03-07T12:00:00Z");
    assert_eq!(shown["responses"][1]["id"], id);
    let responses = fake.responses("octo-org", "smile", number);
    let responses = responses.expect("responses");
    assert_eq!(responses[0].message, None);
    assert_eq!(responses[0].status, ResponseStatus::Dismissed);
    assert_eq!(responses[1].message.as_deref(), Some("Revoke it first."));
    assert_eq!(responses[1].created_at, ago(TimeDelta::days(3)));
    assert_eq!(responses[1].id, id);
}

#[tokio::test]
async fn the_message_of_a_review_is_kept() {
    let (fake, _) = serve(Fake::builder().token("t", "mona-the-cat")).await;
    let caller = Caller::new(&fake, "t");
    let number = fake.open_secret_scanning_request(secret()).number;
    let message = "It is 5 o'clock — somewhere";
    let body = json!({"status": "reject", "message": message});
    assert_eq!(caller.review(number, &body).await.status, 200);
    let responses = fake.responses("octo-org", "smile", number);
    let [response] = &responses.expect("responses")[..] else {
        panic!("expected one response");
    };
    assert_eq!(response.message.as_deref(), Some(message));
    assert_eq!(response.reviewer, "mona-the-cat");
    assert_eq!(response.status, ResponseStatus::Denied);
    assert_eq!(
        fake.responses("octo-org", "smile", 99),
        Err(ChangeError::NotFound)
    );
}

#[tokio::test]
async fn other_users_can_review_complete_and_cancel_requests() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let pushed = fake.open_push_rule_request(push()).number;
    let not_allowed = |result| matches!(result, Err(ChangeError::NotAllowed(_)));

    assert!(not_allowed(fake.complete("octo-org", "smile", number)));
    fake.approve("Octo-Org", "Smile", number, "octocat")
        .expect("a review");
    assert!(not_allowed(fake.cancel("octo-org", "smile", number)));
    fake.complete("octo-org", "smile", number)
        .expect("a completion");
    assert_eq!(caller.status_of(number).await, "completed");

    fake.deny("octo-org", "smile", pushed, "octocat")
        .expect("a review");
    let shown = caller.get(&format!("{SMILE_PUSHES}/{pushed}")).await.body;
    assert_eq!(shown["status"], "denied");

    let number = fake.open_secret_scanning_request(secret()).number;
    fake.cancel("octo-org", "smile", number)
        .expect("a cancellation");
    assert_eq!(caller.status_of(number).await, "cancelled");
    assert_eq!(
        fake.cancel("octo-org", "smile", 99),
        Err(ChangeError::NotFound)
    );
    assert_eq!(
        fake.cancel("octo-org", "nowhere", number),
        Err(ChangeError::NotFound)
    );
}
