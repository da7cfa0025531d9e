//! Declarations in the ledger: which differences they cover, and which ledgers are invalid.

use serde_json::json;

use crate::support::Edit::{Put, Remove};
use crate::support::{LEDGER, Repository, ledger, upstream};

#[test]
fn an_obsolete_declaration_is_drift_and_shows_its_reason() {
    let repository = Repository::new();
    repository.write(LEDGER, &ledger().replace("body[].id", "body[].identifier"));
    let outcome = repository.compare(&[]);
    assert_eq!(outcome.code, 4, "{}", outcome.stderr);
    assert_eq!(
        outcome.stdout,
        "\
GET /orgs/{org}/bypass-requests/things (things/list)
  response 200 body[].id: format
    upstream: (none)
    fragment: int64
  response 200 body[].id: required
    upstream: false
    fragment: true
  response 200 body[].identifier: format
    upstream: (none)
    fragment: (none)
    declared: upstream (none); fragment int64
              this difference does not exist
    because:  Integers have a width here.
  response 200 body[].identifier: required
    upstream: (none)
    fragment: (none)
    declared: upstream false; fragment true
              this difference does not exist
    because:  A thing without an id cannot be used.

drift from A small description 1.0.0 (enterprise-cloud@latest): 2 undeclared, 0 changed, 2 obsolete
update openapi/bypass-requests.yaml or openapi/ledger.yaml
"
    );
}

#[test]
fn an_empty_ledger_declares_nothing() {
    let repository = Repository::new();
    repository.write(LEDGER, "differences: []");
    assert_eq!(
        repository.findings(),
        [
            "list | query parameter page | minimum | null | 1",
            r#"list | response 200 body[].id | format | null | "int64""#,
            "list | response 200 body[].id | required | false | true",
            "list | response 200 body[].state | open | false | true",
        ]
    );
}

#[test]
fn the_ledger_can_declare_that_only_one_side_has_an_operation_or_a_field() {
    let repository = Repository::new();
    let mut document = upstream();
    Put(
        "/paths/~1repos~1{owner}~1bypass-requests~1new",
        json!({"get": {"operationId": "new/list", "responses": {"200": {}}}}),
    )
    .apply(&mut document);
    Put("item/url", json!({"type": "string"})).apply(&mut document);
    repository.write_upstream(&document);
    assert_eq!(repository.findings().len(), 2);

    let entry = |operation, place| {
        format!(
            "\n  - reason: It is not needed here.\n    aspect: presence\n    upstream: present\n    fragment: missing\n    \
             places: [{{in: [{operation}], at: ['{place}']}}]"
        )
    };
    let declared = ledger()
        + &entry("new/list", "operation")
        + &entry("things/list", "response 200 body[].url");
    repository.write(LEDGER, &declared);
    assert_eq!(repository.findings(), [""; 0]);
}

/// If one side lacks an operation or a place, the parts of that operation or place cannot be
/// compared. Declarations for these parts are obsolete only if the ledger declares the absence for
/// all editions.
#[test]
fn declarations_for_parts_of_something_absent_are_obsolete_if_its_absence_is_declared() {
    let repository = Repository::new();
    let mut document = upstream();
    Remove("/paths/~1orgs~1{org}~1bypass-requests~1things/get").apply(&mut document);
    repository.write_upstream(&document);
    assert_eq!(
        repository.findings(),
        [r#"list | operation | presence | "missing" | "present""#]
    );

    let absence = |more| {
        ledger()
            + &format!(
                "
  - reason: Some editions do not have it.
    {more}
    aspect: presence
    upstream: missing
    fragment: present
    places: [{{in: lists, at: [operation]}}]"
            )
    };
    repository.write(LEDGER, &absence(""));
    assert_eq!(
        repository.findings(),
        [
            "obsolete list | query parameter page | minimum | null | 1",
            r#"obsolete list | response 200 body[].id | format | null | "int64""#,
            "obsolete list | response 200 body[].id | required | null | true",
            "obsolete list | response 200 body[].state | open | null | true",
        ]
    );
    repository.write(LEDGER, &absence("editions: [enterprise-cloud@latest]"));
    assert_eq!(repository.findings(), [""; 0]);
}

#[test]
fn something_absent_elsewhere_does_not_hide_an_obsolete_declaration() {
    let repository = Repository::new();
    let mut document = upstream();
    Remove("query/1").apply(&mut document);
    Put(
        "/paths/~1orgs~1{org}~1bypass-requests~1things/put",
        json!({}),
    )
    .apply(&mut document);
    Put("query/1/schema/minimum", json!(1)).apply(&mut document);
    repository.write_upstream(&document);
    assert_eq!(
        repository.findings(),
        [
            "obsolete list | query parameter page | minimum | 1 | 1",
            r#"list | query parameter status | presence | "missing" | "present""#,
            r#"PUT /orgs/{org}/bypass-requests/things | operation | presence | "present" | "missing""#,
        ]
    );
}

#[test]
fn a_declaration_for_an_edition_applies_to_that_edition_only() {
    let repository = Repository::new();
    repository.write(
        LEDGER,
        &ledger().replace(
            "aspect: minimum",
            "aspect: minimum\n    editions: [enterprise-server@3.17, enterprise-server@3.18]",
        ),
    );
    let mut document = upstream();
    let mut with_edition = |edition: &str| {
        let url = format!("https://docs.example.com/{edition}/rest");
        Put("/externalDocs/url", json!(url)).apply(&mut document);
        repository.write_upstream(&document);
        repository.findings()
    };
    let undeclared = ["list | query parameter page | minimum | null | 1"];
    assert_eq!(with_edition("enterprise-server@3.17"), [""; 0]);
    assert_eq!(with_edition("enterprise-server@3.18"), [""; 0]);
    assert_eq!(with_edition("enterprise-server@3.1"), undeclared);
    assert_eq!(with_edition("enterprise-cloud@latest"), undeclared);
    assert_eq!(with_edition("en"), undeclared);

    Put("query/2/schema/minimum", json!(1)).apply(&mut document);
    repository.write_upstream(&document);
    assert_eq!(
        repository.findings(),
        [""; 0],
        "the declaration does not apply to this edition"
    );
    Put(
        "/externalDocs/url",
        json!("https://docs.example.com/enterprise-server@3.17/rest"),
    )
    .apply(&mut document);
    repository.write_upstream(&document);
    assert_eq!(
        repository.findings(),
        ["obsolete list | query parameter page | minimum | 1 | 1"]
    );
}

#[test]
fn the_order_of_declared_values_has_no_meaning() {
    let repository = Repository::new();
    let mut document = upstream();
    Put("item/state/enum", json!(["closed", "open", "stale"])).apply(&mut document);
    Put("item/note/type", json!(["string", "integer"])).apply(&mut document);
    repository.write_upstream(&document);
    let declared = ledger()
        + "
  - reason: The order of values.
    aspect: values
    upstream: [stale, open, closed]
    fragment: [open, closed]
    places: [{in: lists, at: ['response 200 body[].state']}]
  - reason: The order of types.
    aspect: type
    upstream: [string, integer]
    fragment: string
    places: [{in: lists, at: ['response 200 body[].note']}]";
    repository.write(LEDGER, &declared);
    assert_eq!(repository.findings(), [""; 0]);
}

#[test]
fn an_invalid_ledger_is_an_error() {
    let repository = Repository::new();
    let cases = [
        (
            "in: lists",
            "in: list",
            "difference 1 (required): there is no group `list`",
        ),
        (
            "in: [things/list]",
            "in: [things/lists]",
            "difference 3 (open): neither side has an operation `things/lists`",
        ),
        (
            "at: ['response 200 body[].id']",
            "at: ['response 200 body[].id', 'response 200 body[].id']",
            "difference 1 (required): `response 200 body[].id` of things/list is declared twice",
        ),
        (
            "aspect: format",
            "aspect: required",
            "difference 2 (required): `response 200 body[].id` of things/list is declared twice",
        ),
        (
            "reason: Integers have a width here.",
            "reason: ' '",
            "difference 2 (format): the reason is empty",
        ),
        (
            "upstream: null",
            "upstream: int64",
            "difference 2 (format): both sides are the same",
        ),
        ("    upstream: null\n", "", "missing field `upstream`"),
        (
            "aspect: open",
            "aspect: open\n    note: x",
            "unknown field `note`",
        ),
        ("differences:", "difference:", "unknown field `difference`"),
        (
            "in: [things/list]",
            "in: []",
            "difference 3 (open): `editions`, `places`, `in` and `at` must not be empty",
        ),
        (
            "at: ['response 200 body[].id']",
            "at: []",
            "difference 1 (required): `editions`, `places`, `in` and `at` must not be empty",
        ),
        (
            "aspect: open",
            "aspect: open\n    editions: []",
            "difference 3 (open): `editions`, `places`, `in` and `at` must not be empty",
        ),
        (
            "aspect: open",
            "aspect: open\n    editions: [enterprise-sever@3.19]",
            "difference 3 (open): `enterprise-sever@3.19` is not an edition",
        ),
        (
            "groups:",
            "groups:\n  spare: [things/list]",
            "the group `spare` is not used",
        ),
    ];
    for (old, new, message) in cases {
        let changed = ledger().replacen(old, new, 1);
        assert_ne!(changed, ledger(), "{old}");
        repository.write(LEDGER, &changed);
        let outcome = repository.compare(&[]);
        assert_eq!(outcome.code, 1, "{}", outcome.stdout);
        assert!(
            outcome
                .stderr
                .starts_with("error: openapi/ledger.yaml is invalid: "),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome.stderr.contains(message),
            "{message}\nnot in: {}",
            outcome.stderr
        );
        assert_eq!(outcome.stdout, "");
    }
}
