//! The one-line text and the methods of an event.

use github_bypass_requests::webhook::{EventName, ExemptionKind, RequestEvent};
use github_bypass_requests::{Client, Decision};
use serde_json::{Value, json};

use super::read;
use crate::fragment::example;
use crate::models::{with, without};

const EVENT: &str = "bypass_request_secret_scanning";
const RULES: &str = "exemption_request_push_ruleset";

fn created() -> Value {
    example("secret-scanning-exemption-created")
}

fn event(payload: &Value) -> RequestEvent {
    read(EVENT, payload).expect("an event")
}

fn response(status: &str, reviewer: &str, hour: u32) -> Value {
    json!({
        "id": hour, "reviewer_id": 4, "reviewer_login": reviewer, "status": status,
        "created_at": format!("2024-07-01T{hour:02}:00:00Z"),
    })
}

/// An event with this action. `own` is the response in the payload, and `listed` is the list of
/// responses in the request.
fn decided(action: &str, own: Option<Value>, listed: Value) -> RequestEvent {
    let mut payload = created();
    payload["action"] = action.into();
    payload["exemption_request"]["responses"] = listed;
    payload["exemption_response"] = own.unwrap_or_default();
    event(&payload)
}

#[test]
fn both_spellings_of_both_kinds_are_known() {
    let secrets = Some(ExemptionKind::SecretScanning);
    let rules = Some(ExemptionKind::PushRules);
    for (name, kind) in [
        ("bypass_request_secret_scanning", secrets),
        ("exemption_request_secret_scanning", secrets),
        ("exemption_request_push_ruleset", rules),
        ("bypass_request_push_ruleset", rules),
        (
            "dismissal_request_secret_scanning",
            Some(ExemptionKind::SecretScanningDismissal),
        ),
        (
            "dismissal_request_code_scanning",
            Some(ExemptionKind::CodeScanningDismissal),
        ),
        (
            "dismissal_request_dependabot",
            Some(ExemptionKind::DependabotDismissal),
        ),
        ("ping", None),
        ("push", None),
        ("Bypass_Request_Secret_Scanning", None),
    ] {
        assert_eq!(EventName::from(name).kind(), kind, "{name}");
        if let Some(kind) = kind {
            let event = read(name, &created()).expect("an event");
            assert_eq!((event.event.as_str(), event.kind()), (name, Some(kind)));
            let json = serde_json::to_value(kind).expect("JSON");
            assert_eq!(json, kind.as_str());
        }
    }
}

/// Statuses of webhooks do not contain the decision: an approved request stays `pending` until the
/// push, and a completed one may have been approved or rejected.
#[test]
fn the_decision_follows_from_responses_and_never_from_a_status() {
    let approved = Some(Decision::Approve);
    let rejected = Some(Decision::Reject);
    let both = json!([
        response("rejected", "ada", 2),
        response("approved", "dora", 3)
    ]);
    for (found, decision, reviewer) in [
        (decided("created", None, json!([])), None, None),
        (decided("completed", None, Value::Null), None, None),
        (
            decided(
                "response_submitted",
                Some(response("approved", "dora", 1)),
                json!([]),
            ),
            approved,
            Some("dora"),
        ),
        (
            decided(
                "response_submitted",
                Some(response("rejected", "ada", 1)),
                both.clone(),
            ),
            rejected,
            Some("ada"),
        ),
        (
            decided("completed", None, both.clone()),
            approved,
            Some("dora"),
        ),
        (
            decided(
                "completed",
                None,
                json!([
                    response("approved", "dora", 3),
                    response("rejected", "ada", 2)
                ]),
            ),
            approved,
            Some("dora"),
        ),
        (
            decided(
                "completed",
                None,
                json!([
                    response("dismissed", "dora", 3),
                    response("rejected", "ada", 2)
                ]),
            ),
            rejected,
            Some("ada"),
        ),
        (
            decided(
                "response_dismissed",
                Some(response("dismissed", "dora", 3)),
                both.clone(),
            ),
            None,
            None,
        ),
        // GitHub's description does not tie the status to the action.
        (
            decided(
                "response_dismissed",
                Some(response("approved", "dora", 3)),
                both.clone(),
            ),
            None,
            None,
        ),
        (
            decided("cancelled", None, both.clone()),
            approved,
            Some("dora"),
        ),
        (
            decided("response_dismissed", None, both.clone()),
            None,
            None,
        ),
        (
            decided("new_action", Some(response("new", "dora", 3)), both),
            None,
            None,
        ),
    ] {
        assert_eq!(found.decision(), decision, "{found:?}");
        assert_eq!(
            found.reviewer().map(ToString::to_string).as_deref(),
            reviewer,
            "{found:?}"
        );
    }
    for status in ["pending", "rejected", "cancelled", "completed"] {
        let payload = with(created(), "/exemption_request/status", status.into());
        assert_eq!(event(&payload).decision(), None, "{status}");
    }
}

#[test]
fn each_event_has_a_line() {
    let dora = response("approved", "dora", 3);
    for (event, line) in [
        (
            event(&created()),
            "opened: octo-org/smile#42 pending, requested by monalisa on 2024-07-01",
        ),
        (
            decided("response_submitted", Some(dora.clone()), json!([])),
            "approved by dora: octo-org/smile#42",
        ),
        (
            decided(
                "response_dismissed",
                Some(response("dismissed", "dora", 3)),
                json!([]),
            ),
            "dismissed by dora: octo-org/smile#42",
        ),
        (
            decided(
                "response_dismissed",
                Some(response("approved", "dora", 3)),
                json!([]),
            ),
            "dismissed by dora: octo-org/smile#42",
        ),
        (
            decided("completed", None, json!([dora])),
            "completed: octo-org/smile#42, approved by dora",
        ),
        (
            decided("completed", None, json!([])),
            "completed: octo-org/smile#42",
        ),
        (
            decided("cancelled", None, json!([])),
            "cancelled: octo-org/smile#42",
        ),
        (
            decided("brand_new", None, json!([])),
            "brand_new: octo-org/smile#42",
        ),
        (
            decided("response_submitted", None, json!([])),
            "response_submitted: octo-org/smile#42",
        ),
        (
            event(&with(created(), "/exemption_request/number", Value::Null)),
            "opened: octo-org/smile (request 21) pending, requested by monalisa on 2024-07-01",
        ),
        (
            read(
                "dismissal_request_dependabot",
                &example("dependabot-dismissal-response-submitted"),
            )
            .expect("an event"),
            "approved by octocat: octo-org/smile#7 (dependabot_dismissal)",
        ),
    ] {
        assert_eq!(event.to_string(), line);
    }
}

#[test]
fn a_request_has_a_short_display() {
    let display = |payload: &Value| event(payload).request.to_string();
    assert_eq!(
        display(&created()),
        "#42 pending, requested by monalisa on 2024-07-01"
    );
    let unnumbered = with(created(), "/exemption_request/number", Value::Null);
    assert_eq!(
        display(&unnumbered),
        "request 21 pending, requested by monalisa on 2024-07-01"
    );
}

#[test]
fn a_line_has_no_control_characters() {
    let mut payload = created();
    payload["action"] = "new\n\u{1b}[31m".into();
    payload["repository"]["full_name"] = "octo\u{202e}/x\u{2028}y".into();
    let line = event(&payload).to_string();
    assert_eq!(line, r"new\n\u{1b}[31m: octo\u{202e}/x\u{2028}y#42");
    payload["action"] = "x".repeat(1_000_000).into();
    assert!(event(&payload).to_string().len() < 1100);
}

#[test]
fn only_https_is_a_link() {
    let mut payload = created();
    assert!(event(&payload).request.web_link().is_some());
    for url in ["http://github.com/x", "javascript:alert(1)", ""] {
        payload["exemption_request"]["html_url"] = url.into();
        assert_eq!(event(&payload).request.web_link(), None, "{url}");
    }
}

#[test]
fn the_repository_of_an_event_can_be_selected() {
    let client = Client::builder()
        .token("a-token")
        .build()
        .expect("a client");
    let selected = |payload: &Value| {
        let repository = client.repository_of_event(&event(payload));
        repository.map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(selected(&created()), Ok(()));
    let without_full_name = without(created(), "/repository/full_name");
    assert_eq!(selected(&without_full_name), Ok(()));
    let unnamed = "the event does not name its repository".to_owned();
    assert_eq!(
        selected(&without(without_full_name, "/organization")),
        Err(unnamed.clone())
    );
    assert_eq!(
        selected(&without(without(created(), "/repository"), "/organization")),
        Err(unnamed)
    );
    let invalid = selected(&with(
        created(),
        "/repository/full_name",
        "octo-org/..".into(),
    ));
    assert!(invalid.is_err_and(|error| error.contains("`repository` must be")));
    // The repository of a push rule request can be selected, too.
    let rules = read(RULES, &example("push-ruleset-exemption-completed")).expect("an event");
    assert!(client.repository_of_event(&rules).is_ok());
}
