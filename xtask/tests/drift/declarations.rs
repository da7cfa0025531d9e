//! The ledger cannot outlive its reasons, and cannot be read in two ways.

use serde_json::json;

use crate::support::Edit::{Put, Remove};
use crate::support::{LEDGER, Repository, ledger, upstream};

#[test]
fn a_declaration_without_its_difference_is_drift_and_says_its_reason() {
    let repository = Repository::new();
    repository.write(LEDGER, &ledger().replace("body[].id", "body[].identifier"));
    let answer = repository.compare(&[]);
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    assert_eq!(
        answer.stdout,
        "\
GET /orgs/{org}/bypass-requests/things (things/list)
  response 200 body[].id: format
    upstream: nothing
    fragment: int64
  response 200 body[].id: required
    upstream: false
    fragment: true
  response 200 body[].identifier: format
    upstream: nothing
    fragment: nothing
    declared: upstream nothing; fragment int64
              there is no such difference (any more)
    because:  Integers have a width here.
  response 200 body[].identifier: required
    upstream: nothing
    fragment: nothing
    declared: upstream false; fragment true
              there is no such difference (any more)
    because:  Nobody can act on a thing without an id.

drift from A small description 1.0.0 (enterprise-cloud@latest): 2 undeclared, 0 other than declared, 2 declared in vain
change openapi/bypass-requests.yaml, or declare in openapi/ledger.yaml what is meant
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
fn an_operation_or_a_field_can_be_declared_to_be_on_one_side_only() {
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
            "\n  - reason: Not for us.\n    aspect: presence\n    upstream: present\n    fragment: missing\n    \
             places: [{{in: [{operation}], at: ['{place}']}}]"
        )
    };
    let declared = ledger()
        + &entry("new/list", "operation")
        + &entry("things/list", "response 200 body[].url");
    repository.write(LEDGER, &declared);
    assert_eq!(repository.findings(), [""; 0]);
}

/// Of something that is not there, nothing can be told, unless it is never to be there.
#[test]
fn declarations_within_something_absent_are_in_vain_only_if_its_absence_is_declared() {
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
  - reason: It is not everywhere.
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
            "outlived list | query parameter page | minimum | null | 1",
            r#"outlived list | response 200 body[].id | format | null | "int64""#,
            "outlived list | response 200 body[].id | required | null | true",
            "outlived list | response 200 body[].state | open | null | true",
        ]
    );
    repository.write(LEDGER, &absence("editions: [enterprise-cloud@latest]"));
    assert_eq!(repository.findings(), [""; 0]);
}

#[test]
fn something_absent_elsewhere_does_not_hide_a_declaration_in_vain() {
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
            "outlived list | query parameter page | minimum | 1 | 1",
            r#"list | query parameter status | presence | "missing" | "present""#,
            r#"PUT /orgs/{org}/bypass-requests/things | operation | presence | "present" | "missing""#,
        ]
    );
}

#[test]
fn a_declaration_for_an_edition_counts_for_that_edition_alone() {
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
        "it is not meant for this one"
    );
    Put(
        "/externalDocs/url",
        json!("https://docs.example.com/enterprise-server@3.17/rest"),
    )
    .apply(&mut document);
    repository.write_upstream(&document);
    assert_eq!(
        repository.findings(),
        ["outlived list | query parameter page | minimum | 1 | 1"]
    );
}

#[test]
fn the_order_of_declared_values_means_nothing() {
    let repository = Repository::new();
    let mut document = upstream();
    Put("item/state/enum", json!(["closed", "open", "stale"])).apply(&mut document);
    Put("item/note/type", json!(["string", "integer"])).apply(&mut document);
    repository.write_upstream(&document);
    let declared = ledger()
        + "
  - reason: It means nothing here.
    aspect: values
    upstream: [stale, open, closed]
    fragment: [open, closed]
    places: [{in: lists, at: ['response 200 body[].state']}]
  - reason: Nor here.
    aspect: type
    upstream: [string, integer]
    fragment: string
    places: [{in: lists, at: ['response 200 body[].note']}]";
    repository.write(LEDGER, &declared);
    assert_eq!(repository.findings(), [""; 0]);
}

#[test]
fn a_ledger_that_cannot_be_understood_is_a_failure() {
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
            "difference 1 (required): `response 200 body[].id` of things/list is declared a second time",
        ),
        (
            "aspect: format",
            "aspect: required",
            "difference 2 (required): `response 200 body[].id` of things/list is declared a second time",
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
            "difference 3 (open): it declares nothing",
        ),
        (
            "at: ['response 200 body[].id']",
            "at: []",
            "difference 1 (required): it declares nothing",
        ),
        (
            "aspect: open",
            "aspect: open\n    editions: []",
            "difference 3 (open): it declares nothing",
        ),
        (
            "aspect: open",
            "aspect: open\n    editions: [enterprise-sever@3.19]",
            "difference 3 (open): `enterprise-sever@3.19` is no edition",
        ),
        (
            "groups:",
            "groups:\n  spare: [things/list]",
            "the group `spare` is used nowhere",
        ),
    ];
    for (old, new, message) in cases {
        let changed = ledger().replacen(old, new, 1);
        assert_ne!(changed, ledger(), "{old}");
        repository.write(LEDGER, &changed);
        let answer = repository.compare(&[]);
        assert_eq!(answer.code, 1, "{}", answer.stdout);
        assert!(
            answer
                .stderr
                .starts_with("error: failed to accept openapi/ledger.yaml: "),
            "{}",
            answer.stderr
        );
        assert!(
            answer.stderr.contains(message),
            "{message}\nnot in: {}",
            answer.stderr
        );
        assert_eq!(answer.stdout, "");
    }
}
