//! `openapi/upstream.lock.json`: `drift --accept` writes it, and `drift` without GitHub's description
//! reads it.

use std::fs;

use serde_json::json;

use crate::support::Edit::{Put, Remove};
use crate::support::{LOCK, Repository, fragment, upstream};

#[test]
fn without_a_description_the_fragment_is_compared_with_the_lock() {
    let repository = Repository::new();
    let outcome = repository.drift(&[]);
    assert_eq!(outcome.code, 1);
    assert_eq!(
        outcome.stderr,
        "error: there is no openapi/upstream.lock.json: \
         run `cargo xtask drift --upstream PATH_OR_URL --accept`\n"
    );

    assert_eq!(repository.compare(&["--accept"]).code, 0);
    let outcome = repository.drift(&[]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(
        outcome.stdout,
        "no drift from A small description 1.0.0 (enterprise-cloud@latest): \
         4 differences, all declared\n"
    );

    let mut document = fragment();
    Remove("query/2").apply(&mut document);
    repository.write_fragment(&document);
    let outcome = repository.drift(&[]);
    assert_eq!(outcome.code, 4, "{}", outcome.stderr);
    assert!(
        outcome.stdout.starts_with(
            "GET /orgs/{org}/bypass-requests/things (things/list)\n  \
             query parameter page: presence\n    upstream: present\n    fragment: missing\n"
        ),
        "{}",
        outcome.stdout
    );
}

#[test]
fn a_comparison_without_accept_does_not_write_the_lock() {
    let repository = Repository::new();
    assert_eq!(repository.compare(&[]).code, 0);
    assert!(!repository.path(LOCK).exists());
}

#[test]
fn the_lock_has_one_place_per_line() {
    let repository = Repository::new();
    repository.compare(&["--accept"]);
    let lock = repository.read(LOCK);
    let lines: Vec<&str> = lock.lines().collect();
    assert_eq!(
        lines[..9],
        [
            "{",
            r#"  "source": {"title":"A small description","version":"1.0.0","edition":"enterprise-cloud@latest"},"#,
            r#"  "operations": {"#,
            r#"    "GET /orgs/{org}/bypass-requests/things": {"#,
            r#"      "operation": {"operationId":"things/list"},"#,
            r#"      "path parameter org": {"nullable":false,"required":true,"type":"string"},"#,
            r#"      "query parameter page": {"default":1,"nullable":false,"required":false,"type":"integer"},"#,
            r#"      "query parameter status": {"default":"all","nullable":false,"open":false,"required":false,"type":"string","values":["all","closed","open"]},"#,
            r#"      "response 200": {},"#,
        ]
    );
}

#[test]
fn accept_shows_the_changes_of_the_lock_and_then_the_drift() {
    let repository = Repository::new();
    repository.compare(&["--accept"]);
    let mut document = upstream();
    Put("/info/version", json!("1.1.0")).apply(&mut document);
    Put("item/state/enum/-", json!("stale")).apply(&mut document);
    Remove("query/1").apply(&mut document);
    repository.write_upstream(&document);

    let outcome = repository.compare(&["--accept"]);
    assert_eq!(outcome.code, 4, "{}", outcome.stderr);
    assert_eq!(
        outcome.stdout,
        "\
wrote openapi/upstream.lock.json: A small description 1.1.0 (enterprise-cloud@latest) instead of A small description 1.0.0 (enterprise-cloud@latest)

GET /orgs/{org}/bypass-requests/things (things/list)
  query parameter status: presence
    before: present
    now:    missing
  response 200 body[].state: values
    before: closed, open
    now:    closed, open, stale

GET /orgs/{org}/bypass-requests/things (things/list)
  query parameter status: presence
    upstream: missing
    fragment: present
  response 200 body[].state: values
    upstream: closed, open, stale
    fragment: closed, open

drift from A small description 1.1.0 (enterprise-cloud@latest): 2 undeclared, 0 changed, 0 obsolete
update openapi/bypass-requests.yaml or openapi/ledger.yaml
"
    );
    assert_eq!(repository.drift(&[]).code, 4, "the new lock is read");

    Put("review/security", json!([])).apply(&mut document);
    repository.write_upstream(&document);
    let outcome = repository.compare(&["--accept"]);
    assert!(
        outcome.stdout.starts_with(
            "wrote openapi/upstream.lock.json: A small description 1.1.0 (enterprise-cloud@latest)\n\n\
             PATCH /repos/{owner}/bypass-responses/things/{number} (things/review)\n  \
             operation: security\n    before: (none)\n    now:    []\n\n"
        ),
        "{}",
        outcome.stdout
    );

    let outcome = repository.compare(&["--accept", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(report["lock"]["written"], false);
    assert_eq!(report["lock"]["changes"], json!([]));
}

#[test]
fn a_change_of_prose_does_not_write_the_lock() {
    let repository = Repository::new();
    repository.compare(&["--accept"]);
    let written = || {
        let data = fs::metadata(repository.path(LOCK));
        data.and_then(|data| data.modified()).expect("a time")
    };
    let before = written();
    let mut document = upstream();
    Put("list/summary", json!("Different text")).apply(&mut document);
    repository.write_upstream(&document);
    let outcome = repository.compare(&["--accept"]);
    assert_eq!(outcome.code, 0);
    assert_eq!(
        outcome.stdout,
        "openapi/upstream.lock.json is up to date\n\n\
         no drift from A small description 1.0.0 (enterprise-cloud@latest): \
         4 differences, all declared\n"
    );
    assert_eq!(written(), before);
}

#[test]
fn a_description_without_bypass_operations_is_not_accepted() {
    let repository = Repository::new();
    repository.compare(&["--accept"]);
    let before = repository.read(LOCK);
    let mut document = upstream();
    Put("/paths", json!({"/user": {"get": {"responses": {}}}})).apply(&mut document);
    Remove("/x-webhooks/exemption-request-thing-created").apply(&mut document);
    repository.write_upstream(&document);
    assert_eq!(repository.compare(&[]).code, 4);
    let outcome = repository.compare(&["--accept"]);
    assert_eq!(outcome.code, 1);
    assert_eq!(
        outcome.stderr,
        "error: cannot accept A small description 1.0.0 (enterprise-cloud@latest): \
         it has no operations or webhooks about bypass requests\n"
    );
    assert_eq!(repository.read(LOCK), before);
    assert_eq!(
        repository.drift(&["--accept"]).code,
        1,
        "`--accept` needs a description"
    );
}

#[test]
fn an_unreadable_lock_is_an_error_until_accept_replaces_it() {
    let repository = Repository::new();
    repository.write(LOCK, "<<<<<<< HEAD\n");
    let outcome = repository.drift(&[]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome
            .stderr
            .starts_with("error: failed to parse openapi/upstream.lock.json: "),
        "{}",
        outcome.stderr
    );
    assert_eq!(repository.compare(&["--accept"]).code, 0);
    assert_eq!(repository.drift(&[]).code, 0);

    fs::remove_file(repository.path(LOCK)).expect("removed");
    fs::create_dir(repository.path(LOCK)).expect("a folder");
    let outcome = repository.drift(&[]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome
            .stderr
            .starts_with("error: failed to read openapi/upstream.lock.json: "),
        "{}",
        outcome.stderr
    );
}
