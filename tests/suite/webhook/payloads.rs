//! A payload with missing fields, unknown fields or unknown values can be decoded.

use github_bypass_requests::webhook::{
    Action, ExemptionData, ExemptionKind, ExemptionReason, ExemptionResponseStatus,
    ExemptionStatus, ExemptionType, RequestEvent,
};
use serde_json::{Value, json};

use super::read;
use crate::fragment::example;
use crate::models::{fields, with, without};

const EVENT: &str = "bypass_request_secret_scanning";

/// The documented examples, with the names of their events.
fn examples() -> Vec<(&'static str, Value)> {
    [
        (EVENT, "secret-scanning-exemption-created"),
        (EVENT, "secret-scanning-exemption-response-submitted"),
        (
            "exemption_request_push_ruleset",
            "push-ruleset-exemption-completed",
        ),
        (
            "dismissal_request_dependabot",
            "dependabot-dismissal-response-submitted",
        ),
    ]
    .map(|(event, name)| (event, example(name)))
    .into()
}

/// The event of each example, and the smallest event.
pub(crate) fn events() -> Vec<RequestEvent> {
    let examples = examples().into_iter().chain([(EVENT, smallest())]);
    let events = examples.map(|(event, payload)| read(event, &payload).expect("an event"));
    events.collect()
}

fn smallest() -> Value {
    let request = json!({
        "id": 1, "status": "pending", "request_type": "secret_scanning",
        "created_at": "2026-07-01T12:00:00Z",
    });
    json!({ "action": "created", "exemption_request": request })
}

const REQUIRED: [&str; 6] = [
    "/action",
    "/exemption_request",
    "/exemption_request/id",
    "/exemption_request/status",
    "/exemption_request/request_type",
    "/exemption_request/created_at",
];

/// Returns true if `field` is the data of a request or a part of it. Such a field may have any
/// type, because data of another form is kept as JSON.
fn is_data(field: &str) -> bool {
    field.starts_with("/exemption_request/exemption_request_data")
}

#[test]
fn only_the_required_fields_must_be_present() {
    for (event, example) in examples() {
        for field in fields(&example) {
            let name = field.rsplit('/').next().expect("a name");
            for changed in [
                without(example.clone(), &field),
                with(example.clone(), &field, Value::Null),
            ] {
                let result = read(event, &changed);
                if REQUIRED.contains(&field.as_str()) {
                    let refusal = result.expect_err(&field);
                    assert!(refusal.is_unreadable());
                    assert!(refusal.to_string().contains(name), "{refusal}");
                } else {
                    result.expect(&field);
                }
            }
        }
    }
}

#[test]
fn a_field_of_a_wrong_type_is_named() {
    for (event, example) in examples() {
        for field in fields(&example) {
            let old = example.pointer(&field).expect("present");
            if old.is_null() {
                continue;
            }
            let wrong = if old.is_array() || old.is_object() {
                json!("text")
            } else {
                json!([{}])
            };
            let changed = with(example.clone(), &field, wrong);
            if is_data(&field) {
                let event = read(event, &changed).expect(&field);
                let data = &changed["exemption_request"]["exemption_request_data"];
                assert_eq!(
                    event.request.data,
                    ExemptionData::Other(data.clone()),
                    "{field}"
                );
                continue;
            }
            let refusal = read(event, &changed).expect_err(&field);
            let name = field
                .rsplit('/')
                .find(|name| name.parse::<usize>().is_err());
            assert!(
                refusal.to_string().contains(name.expect("a name")),
                "{field}: {refusal}"
            );
        }
    }
}

#[test]
fn unknown_fields_at_every_level_are_ignored() {
    for (event, example) in examples() {
        let expected = read(event, &example).expect("an event");
        let mut extended = example.clone();
        for field in fields(&example) {
            let (parent, _) = field.rsplit_once('/').expect("a pointer");
            if let Some(parent) = extended.pointer_mut(parent).and_then(Value::as_object_mut) {
                parent.insert("x_new".to_owned(), json!({ "nested": [1, null, "x"] }));
            }
        }
        assert_eq!(read(event, &extended).expect("an event"), expected);
    }
}

#[test]
fn unknown_values_are_kept_unchanged() {
    let (_, example) = examples().swap_remove(1);
    for value in ["Approved", "brand_new", "", "ünï \"x\""] {
        let mut changed = example.clone();
        for field in [
            "/action",
            "/exemption_request/status",
            "/exemption_request/request_type",
            "/exemption_request/metadata/reason",
            "/exemption_request/responses/0/status",
            "/exemption_response/status",
        ] {
            changed = with(changed, field, value.into());
        }
        let event = read(EVENT, &changed).expect("an event");
        assert_eq!(event.action, value);
        assert_eq!(event.request.status, value);
        assert_eq!(event.request.request_type, value);
        assert_eq!(event.request.metadata.reason, Some(value.into()));
        assert_eq!(event.request.responses[0].status, Some(value.into()));
        assert_eq!(
            event.response.as_ref().and_then(|it| it.status.clone()),
            Some(value.into())
        );
        assert_eq!((event.decision(), event.reviewer()), (None, None));
    }
}

#[test]
fn every_value_of_an_example_is_carried_over() {
    let (_, example) = examples().swap_remove(1);
    let event = read(EVENT, &example).expect("an event");
    let RequestEvent {
        action,
        request,
        response,
        ..
    } = &event;
    assert_eq!(event.kind(), Some(ExemptionKind::SecretScanning));
    assert_eq!(*action, Action::ResponseSubmitted);
    assert_eq!(
        (request.id.get(), request.number.map(i64::from)),
        (21, Some(42))
    );
    assert_eq!(
        (request.repository_id, request.requester.actor_id),
        (Some(1), Some(12))
    );
    assert_eq!(request.requester.to_string(), "monalisa");
    assert_eq!(request.request_type, ExemptionType::SecretScanning);
    let ExemptionData::Secrets(secrets) = &request.data else {
        panic!("{:?}", request.data)
    };
    let location = &secrets[0].locations[0];
    assert_eq!(secrets[0].secret_type.as_deref(), Some("adafruit_io_key"));
    assert_eq!(location.path.as_deref(), Some("tests/README.md"));
    assert_eq!(location.branch.as_deref(), Some("refs/heads/main"));
    assert_eq!(location.commit, request.resource_identifier);
    assert_eq!(request.status, ExemptionStatus::Rejected);
    assert_eq!(
        request.requester_comment.as_deref(),
        Some("Test token used in the readme as an example")
    );
    assert_eq!(request.metadata.label.as_deref(), Some("Adafruit IO Key"));
    assert_eq!(request.metadata.reason, Some(ExemptionReason::Tests));
    assert_eq!(request.created_at.to_rfc3339(), "2024-07-01T08:43:03+00:00");
    assert_eq!(
        request.expires_at.map(|at| at.to_rfc3339()).as_deref(),
        Some("2024-07-08T08:43:03+00:00")
    );
    assert_eq!(
        request.web_link(),
        Some("https://github.com/octo-org/smile/exemptions/1")
    );
    let response = response.as_ref().expect("a response");
    assert_eq!(request.responses, std::slice::from_ref(response));
    assert_eq!(response.id.map(i64::from), Some(42));
    assert_eq!(
        (
            response.reviewer.actor_id,
            response.reviewer.to_string().as_str()
        ),
        (Some(4), "octocat")
    );
    assert_eq!(response.status, Some(ExemptionResponseStatus::Rejected));
    assert_eq!(
        response.reviewer_comment.as_deref(),
        Some("Please revoke the key first")
    );
    assert_eq!(
        response.created_at.map(|at| at.to_rfc3339()).as_deref(),
        Some("2024-07-02T08:43:04+00:00")
    );
    assert_eq!(
        (event.repository.id, event.repository.to_string().as_str()),
        (Some(1), "octo-org/smile")
    );
    assert_eq!(
        (
            event.organization.id,
            event.organization.to_string().as_str()
        ),
        (Some(1), "octo-org")
    );
    assert_eq!(
        (
            event.enterprise.id,
            event.enterprise.slug.as_deref(),
            event.enterprise.name.as_deref()
        ),
        (Some(1), Some("octo-enterprise"), Some("Octo Enterprise"))
    );
    assert_eq!(event.installation_id, Some(1));
    assert_eq!(
        (event.sender.actor_id, event.sender.to_string().as_str()),
        (Some(4), "octocat")
    );
}

#[test]
fn the_data_has_the_form_of_its_own_type() {
    let (_, example) = examples().swap_remove(0);
    let data_of = |data: Value| {
        let changed = with(
            example.clone(),
            "/exemption_request/exemption_request_data",
            data,
        );
        // The name of the event and the type of the request contradict most of these types.
        read(EVENT, &changed).expect("an event").request.data
    };
    let alert = json!([null, {"alert_number": "7", "reason": "revoked", "secret_type": "key"}]);
    let typed = |kind: &str| json!({"type": kind, "data": alert});
    let numbers = |data: &[github_bypass_requests::webhook::DismissedAlert]| {
        data.iter()
            .map(|alert| alert.alert_number.clone())
            .collect::<Vec<_>>()
    };
    let seven = [Some("7".to_owned())];
    match data_of(typed("secret_scanning_closure")) {
        ExemptionData::SecretScanningAlerts(alerts) => {
            assert_eq!(alerts.len(), 1);
            assert_eq!(alerts[0].alert_number, seven[0]);
            assert_eq!(alerts[0].reason, Some(ExemptionReason::Revoked));
            assert_eq!(alerts[0].secret_type.as_deref(), Some("key"));
        }
        other => panic!("{other:?}"),
    }
    for (kind, data) in [
        (
            "code_scanning_alert_dismissal",
            data_of(typed("code_scanning_alert_dismissal")),
        ),
        (
            "dependabot_alert_dismissal",
            data_of(typed("dependabot_alert_dismissal")),
        ),
        (
            "license_compliance_dismissal",
            data_of(typed("license_compliance_dismissal")),
        ),
    ] {
        match (kind, &data) {
            ("code_scanning_alert_dismissal", ExemptionData::CodeScanningAlerts(alerts))
            | ("dependabot_alert_dismissal", ExemptionData::DependabotAlerts(alerts))
            | ("license_compliance_dismissal", ExemptionData::LicenseComplianceAlerts(alerts)) => {
                assert_eq!(numbers(alerts), seven, "{kind}");
            }
            other => panic!("{other:?}"),
        }
    }
    let violations = json!([{"ruleset_id": 9_007_199_254_740_993_i64, "ruleset_name": "Images", "total_violations": 2, "rule_type": "max_file_size"}]);
    match data_of(json!({"type": "push_ruleset_bypass", "data": violations})) {
        ExemptionData::RuleViolations(violations) => {
            assert_eq!(violations[0].to_string(), "Images: max_file_size");
            assert_eq!(violations[0].ruleset_id, Some(9_007_199_254_740_993));
        }
        other => panic!("{other:?}"),
    }
    for absent in [
        json!({"type": "secret_scanning"}),
        json!({"type": "secret_scanning", "data": null}),
    ] {
        assert_eq!(data_of(absent), ExemptionData::Secrets(Vec::new()));
    }
    for unknown in [
        Value::Null,
        json!([1]),
        json!("text"),
        json!({"data": []}),
        json!({"type": 1, "data": []}),
        json!({"type": "new", "data": {"a": [1]}}),
        json!({"type": "secret_scanning", "data": {"a": 1}}),
        json!({"type": "push_ruleset_bypass", "data": [{"ruleset_id": "410"}]}),
    ] {
        assert_eq!(data_of(unknown.clone()), ExemptionData::Other(unknown));
    }
}

#[test]
fn null_elements_of_lists_are_dropped_and_large_ids_are_exact() {
    let (_, example) = examples().swap_remove(1);
    let large = (1_i64 << 53) + 1;
    let mut changed = example;
    let request = &mut changed["exemption_request"];
    request["id"] = large.into();
    request["responses"] = json!([null, {"id": large, "reviewer_id": large}, null]);
    request["exemption_request_data"]["data"] = json!([null, {"locations": [null, {}]}]);
    changed["repository"]["id"] = large.into();
    let event = read(EVENT, &changed).expect("an event");
    assert_eq!(event.request.id.get(), large);
    assert_eq!(event.repository.id, Some(large));
    assert_eq!(event.request.responses.len(), 1);
    assert_eq!(event.request.responses[0].id.map(i64::from), Some(large));
    assert_eq!(event.request.responses[0].reviewer.actor_id, Some(large));
    match &event.request.data {
        ExemptionData::Secrets(secrets) => {
            assert_eq!((secrets.len(), secrets[0].locations.len()), (1, 1))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_event_survives_a_round_trip() {
    for (name, example) in examples() {
        let event = read(name, &example).expect("an event");
        let json = serde_json::to_value(&event).expect("JSON");
        assert_eq!(json["event"], name);
        assert_eq!(json["action"], example["action"]);
        let expected = &example["exemption_request"]["exemption_request_data"];
        assert_eq!(&json["request"]["data"], expected);
        let again: RequestEvent = serde_json::from_value(json).expect("an event");
        assert_eq!(again, event);
    }
    let event = read(EVENT, &smallest()).expect("an event");
    let json = serde_json::to_value(&event).expect("JSON");
    let again: RequestEvent = serde_json::from_value(json).expect("an event");
    assert_eq!(again, event);
    assert_eq!(event.request.data, ExemptionData::Other(Value::Null));
}
