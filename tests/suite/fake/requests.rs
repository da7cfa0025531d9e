//! The fields of bypass requests, and their expiry.

use chrono::TimeDelta;
use github_bypass_requests_fake::{BypassReason, RuleType, RuleViolation, SecretFinding};
use serde_json::{Value, json};

use crate::fragment::example;
use crate::places::{FAKE_FINDINGS, FAKE_REQUESTS};
use crate::schema::{Deviation, deviations};

use super::{SMILE, SMILE_PUSHES, ago, push, secret, world};

#[tokio::test]
async fn a_new_request_has_defaults_for_all_fields() {
    let (fake, caller) = world().await;
    let opened = fake.open_secret_scanning_request(secret());
    let shown = caller.get(&format!("{SMILE}/{}", opened.number)).await.body;
    assert_eq!(shown["id"], opened.id);
    assert_eq!(shown["request_type"], "secret_scanning");
    assert_eq!(shown["requester"]["actor_name"], "monalisa");
    assert_eq!(shown["status"], "open");
    assert_eq!(shown["created_at"], "2026-03-10T12:00:00Z");
    assert_eq!(shown["expires_at"], "2026-03-17T12:00:00Z");
    assert_eq!(shown["responses"], json!([]));
    assert_eq!(shown["data"][0]["secret_type"], "adafruit_io_key");
    assert_eq!(shown["resource_identifier"].as_str().unwrap().len(), 40);

    let opened = fake.open_push_rule_request(push());
    let shown = caller
        .get(&format!("{SMILE_PUSHES}/{}", opened.number))
        .await
        .body;
    assert_eq!(shown["request_type"], "push_ruleset_bypass");
    assert_eq!(shown["data"][0]["rule_type"], "file_extension_restriction");
}

#[tokio::test]
async fn a_new_request_has_the_given_values() {
    let (fake, caller) = world().await;
    let opened = fake.open_secret_scanning_request(
        secret()
            .repository("octo-labs", "lab")
            .requester("hubot")
            .comment("It is 5 o'clock — somewhere")
            .resource_identifier("827efc6d")
            .created_at(ago(TimeDelta::milliseconds(1500)))
            .finding(SecretFinding {
                secret_type: "npm_access_token".into(),
                bypass_reason: BypassReason::FalsePositive,
                path: "/a b.txt:1:2".into(),
                branch: "refs/heads/x".into(),
            })
            .finding(SecretFinding::default()),
    );
    let path = format!(
        "/repos/octo-labs/lab/bypass-requests/secret-scanning/{}",
        opened.number
    );
    let shown = caller.get(&path).await.body;
    assert_eq!(shown["requester"]["actor_name"], "hubot");
    assert_eq!(shown["requester_comment"], "It is 5 o'clock — somewhere");
    assert_eq!(shown["resource_identifier"], "827efc6d");
    assert_eq!(shown["created_at"], "2026-03-10T11:59:58Z");
    assert_eq!(
        shown["data"][0],
        json!({
            "secret_type": "npm_access_token",
            "bypass_reason": "false_positive",
            "path": "/a b.txt:1:2",
            "branch": "refs/heads/x",
        })
    );
    assert_eq!(shown["data"].as_array().unwrap().len(), 2);

    let violation = RuleViolation {
        ruleset_id: 7,
        ruleset_name: "No large files".into(),
        total_violations: 3,
        rule_type: RuleType::MaxFileSize,
    };
    let opened = fake.open_push_rule_request(push().no_comment().finding(violation));
    let shown = caller
        .get(&format!("{SMILE_PUSHES}/{}", opened.number))
        .await
        .body;
    assert_eq!(shown["requester_comment"], Value::Null);
    let violation = json!({
        "ruleset_id": 7,
        "ruleset_name": "No large files",
        "total_violations": 3,
        "rule_type": "max_file_size",
    });
    assert_eq!(shown["data"], json!([violation]));
}

#[tokio::test]
async fn ids_are_unique_per_kind_and_numbers_per_repository() {
    let (fake, caller) = world().await;
    let secret_here = fake.open_secret_scanning_request(secret());
    let push_here = fake.open_push_rule_request(push());
    let push_there = fake.open_push_rule_request(push().repository("octo-org", "hello"));
    assert_eq!((secret_here.id, secret_here.number), (1, 1));
    assert_eq!((push_here.id, push_here.number), (1, 2));
    assert_eq!((push_there.id, push_there.number), (2, 1));
    // A number is looked up only among requests of the kind in the path.
    assert_eq!(caller.get(&format!("{SMILE}/2")).await.status, 404);
    assert_eq!(caller.get(&format!("{SMILE_PUSHES}/1")).await.status, 404);
}

#[tokio::test]
async fn an_undecided_request_expires_after_seven_days() {
    let (fake, caller) = world().await;
    let open = fake.open_secret_scanning_request(secret()).number;
    let pending = fake.open_secret_scanning_request(secret().pending()).number;
    let denied = fake
        .open_secret_scanning_request(secret().denied_by("octocat"))
        .number;

    fake.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert_eq!(caller.status_of(open).await, "open");
    assert_eq!(caller.status_of(pending).await, "pending");
    fake.advance(TimeDelta::seconds(1));
    for (number, expected) in [(open, "expired"), (pending, "expired"), (denied, "denied")] {
        assert_eq!(caller.status_of(number).await, expected);
    }
    let expired = caller
        .list(&format!("{SMILE}?time_period=month&request_status=expired"))
        .await;
    assert_eq!(expired.numbers(), [pending, open]);
    assert_eq!(caller.approve(open).await.status, 422);
}

#[tokio::test]
async fn the_fake_sends_every_field_of_the_fragment() {
    let (fake, caller) = world().await;
    let secret = fake
        .open_secret_scanning_request(secret().denied_by("octocat"))
        .number;
    let push = fake
        .open_push_rule_request(push().denied_by("octocat"))
        .number;
    for (operation, path) in [
        (
            "secret-scanning/get-bypass-request",
            format!("{SMILE}/{secret}"),
        ),
        (
            "repos/get-repo-push-bypass-request",
            format!("{SMILE_PUSHES}/{push}"),
        ),
    ] {
        let corrections = corrections(operation, &caller.get(&path).await.body);
        assert!(corrections.is_empty(), "{}", corrections.join("\n"));
    }
}

/// Returns a correction for each field in which the fake's response differs from the fragment.
fn corrections(operation: &str, body: &Value) -> Vec<String> {
    let corrections = deviations(operation, body).into_iter();
    corrections
        .map(|Deviation { field, problem }| {
            let file = match field.starts_with("/data/") {
                true => FAKE_FINDINGS,
                false => FAKE_REQUESTS,
            };
            format!("`{field}` in the fake's response to {operation}: {problem}; edit {file}")
        })
        .collect()
}

#[test]
fn a_correction_names_the_field_and_its_file() {
    let operation = "secret-scanning/get-bypass-request";
    let mut body = example("secret-scanning-bypass-request");
    let before = corrections(operation, &body);
    let fields = body.as_object_mut().expect("an object");
    fields.remove("expires_at");
    fields["requester"]["actor_id"] = json!("12");
    let finding = body["data"][0].as_object_mut().expect("an object");
    finding.remove("branch");
    let mut corrections = corrections(operation, &body);
    // The example may lack fields that are new in the fragment. Another test reports them.
    corrections.retain(|correction| !before.contains(correction));
    corrections.sort();
    let start = |field: &str| format!("`{field}` in the fake's response to {operation}: ");
    assert_eq!(
        corrections,
        [
            format!(
                "{}it is missing; edit {FAKE_FINDINGS}",
                start("/data/0/branch")
            ),
            format!(
                "{}it is missing; edit {FAKE_REQUESTS}",
                start("/expires_at")
            ),
            format!(
                "{}\"12\" is not of type \"integer\"; edit {FAKE_REQUESTS}",
                start("/requester/actor_id")
            ),
        ]
    );
}
