//! The text and JSON reports.

use serde_json::json;

use crate::support::Edit::{Put, Remove};
use crate::support::{Repository, upstream};

fn drifted() -> Repository {
    let repository = Repository::new();
    let mut document = upstream();
    Remove("list/operationId").apply(&mut document);
    Put("item/id/format", json!("int32")).apply(&mut document);
    Put("query/2/schema/minimum", json!(1)).apply(&mut document);
    Put("review/responses/403", json!({})).apply(&mut document);
    repository.write_upstream(&document);
    repository
}

#[test]
fn the_text_is_grouped_by_operation_and_shows_both_sides() {
    let outcome = drifted().compare(&[]);
    assert_eq!(outcome.code, 4);
    assert_eq!(
        outcome.stdout,
        "\
GET /orgs/{org}/bypass-requests/things (things/list)
  operation: operationId
    upstream: (none)
    fragment: things/list
  query parameter page: minimum
    upstream: 1
    fragment: 1
    declared: upstream (none); fragment 1
              this difference does not exist
    because:  Page numbers start at 1.
  response 200 body[].id: format
    upstream: int32
    fragment: int64
    declared: upstream (none); fragment int64
    because:  Integers have a width here.

PATCH /repos/{owner}/bypass-responses/things/{number} (things/review)
  response 403: presence
    upstream: present
    fragment: missing

drift from A small description 1.0.0 (enterprise-cloud@latest): 2 undeclared, 1 changed, 1 obsolete
update openapi/bypass-requests.yaml or openapi/ledger.yaml
"
    );
    assert_eq!(outcome.stderr, "");
}

#[test]
fn different_values_are_formatted_differently() {
    let repository = Repository::new();
    let mut document = upstream();
    Put("query/1/schema/default", json!("")).apply(&mut document);
    Put("query/1/schema/enum", json!(["all", 1, true])).apply(&mut document);
    Put("review/security", json!([])).apply(&mut document);
    repository.write_upstream(&document);
    let text = repository.compare(&[]).stdout;
    for line in [
        "    upstream: \"\"\n    fragment: all\n",
        "    upstream: [\"all\",1,true]\n    fragment: all, closed, open\n",
        "    upstream: []\n    fragment: (none)\n",
    ] {
        assert!(text.contains(line), "{line}\nnot in: {text}");
    }
}

#[test]
fn the_json_report_has_all_details() {
    let outcome = drifted().compare(&["--format", "json"]);
    assert_eq!(outcome.code, 4);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let list = "GET /orgs/{org}/bypass-requests/things";
    assert_eq!(
        report,
        json!({
            "source": {
                "title": "A small description",
                "version": "1.0.0",
                "edition": "enterprise-cloud@latest",
            },
            "differences": 5,
            "drift": [
                {
                    "kind": "undeclared",
                    "operation": list,
                    "operationId": "things/list",
                    "place": "operation",
                    "aspect": "operationId",
                    "upstream": null,
                    "fragment": "things/list",
                },
                {
                    "kind": "obsolete",
                    "operation": list,
                    "operationId": "things/list",
                    "place": "query parameter page",
                    "aspect": "minimum",
                    "upstream": 1,
                    "fragment": 1,
                    "declared": {
                        "upstream": null,
                        "fragment": 1,
                        "reason": "Page numbers start at 1.",
                    },
                },
                {
                    "kind": "changed",
                    "operation": list,
                    "operationId": "things/list",
                    "place": "response 200 body[].id",
                    "aspect": "format",
                    "upstream": "int32",
                    "fragment": "int64",
                    "declared": {
                        "upstream": null,
                        "fragment": "int64",
                        "reason": "Integers have a width here.",
                    },
                },
                {
                    "kind": "undeclared",
                    "operation": "PATCH /repos/{owner}/bypass-responses/things/{number}",
                    "operationId": "things/review",
                    "place": "response 403",
                    "aspect": "presence",
                    "upstream": "present",
                    "fragment": "missing",
                },
            ],
        })
    );
}

#[test]
fn the_same_documents_produce_the_same_bytes() {
    let repository = drifted();
    let first = repository.compare(&["--format", "json"]).stdout;
    assert_eq!(repository.compare(&["--format", "json"]).stdout, first);
}
