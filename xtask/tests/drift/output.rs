//! What is printed, for people and for machines.

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
fn for_people_it_is_grouped_by_operation_with_both_sides() {
    let answer = drifted().compare(&[]);
    assert_eq!(answer.code, 4);
    assert_eq!(
        answer.stdout,
        "\
GET /orgs/{org}/bypass-requests/things (things/list)
  operation: operationId
    upstream: nothing
    fragment: things/list
  query parameter page: minimum
    upstream: 1
    fragment: 1
    declared: upstream nothing; fragment 1
              there is no such difference (any more)
    because:  Pages begin at 1.
  response 200 body[].id: format
    upstream: int32
    fragment: int64
    declared: upstream nothing; fragment int64
    because:  Integers have a width here.

PATCH /repos/{owner}/bypass-responses/things/{number} (things/review)
  response 403: presence
    upstream: present
    fragment: missing

drift from A small description 1.0.0 (enterprise-cloud@latest): 2 undeclared, 1 other than declared, 1 declared in vain
change openapi/bypass-requests.yaml, or declare in openapi/ledger.yaml what is meant
"
    );
    assert_eq!(answer.stderr, "");
}

#[test]
fn values_are_told_apart() {
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
        "    upstream: []\n    fragment: nothing\n",
    ] {
        assert!(text.contains(line), "{line}\nnot in: {text}");
    }
}

#[test]
fn for_machines_it_is_json() {
    let answer = drifted().compare(&["--format", "json"]);
    assert_eq!(answer.code, 4);
    let report: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
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
                    "kind": "outlived",
                    "operation": list,
                    "operationId": "things/list",
                    "place": "query parameter page",
                    "aspect": "minimum",
                    "upstream": 1,
                    "fragment": 1,
                    "declared": {
                        "upstream": null,
                        "fragment": 1,
                        "reason": "Pages begin at 1.",
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
fn the_same_documents_make_the_same_bytes() {
    let repository = drifted();
    let first = repository.compare(&["--format", "json"]).stdout;
    assert_eq!(repository.compare(&["--format", "json"]).stdout, first);
}
