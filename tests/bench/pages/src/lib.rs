//! Pages of bypass requests as GitHub sends them: compact JSON, half of the requests decided.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

/// How many requests a page holds.
pub const PER_PAGE: u64 = 100;

/// A page of secret scanning requests with these ids.
pub fn secret_scanning(ids: RangeInclusive<u64>) -> String {
    page(
        ids,
        "secret-scanning",
        "secret_scanning",
        &json!([{
            "secret_type": "adafruit_io_key",
            "bypass_reason": "used_in_tests",
            "path": "/tests/fixtures/README.md:16:0",
            "branch": "refs/heads/main",
        }]),
    )
}

/// A page of push rule requests with these ids.
pub fn push_rules(ids: RangeInclusive<u64>) -> String {
    page(
        ids,
        "push-rules",
        "push_ruleset_bypass",
        &json!([{
            "ruleset_id": 42,
            "ruleset_name": "No large files",
            "total_violations": 1,
            "rule_type": "max_file_size",
        }]),
    )
}

fn page(ids: RangeInclusive<u64>, kind: &str, request_type: &str, data: &Value) -> String {
    let requests = ids.map(|id| request(id, kind, request_type, data));
    Value::Array(requests.collect()).to_string()
}

fn request(id: u64, kind: &str, request_type: &str, data: &Value) -> Value {
    let decided = id.is_multiple_of(2);
    let responses = if decided {
        json!([{
            "id": id,
            "reviewer": {"actor_id": 3, "actor_name": "octocat"},
            "status": "denied",
            "created_at": "2026-07-02T08:43:03Z",
        }])
    } else {
        json!([])
    };
    json!({
        "id": id,
        "number": id,
        "repository": {"id": 1, "name": "smile", "full_name": "octo-org/smile"},
        "organization": {"id": 1, "name": "octo-org"},
        "requester": {"actor_id": 2, "actor_name": "monalisa"},
        "request_type": request_type,
        "data": data,
        "resource_identifier": "827efc6d56897b048c772eb4087f854f46256132",
        "status": if decided { "denied" } else { "open" },
        "requester_comment": "The key is a dummy; the tests need its form.",
        "expires_at": "2026-07-08T08:43:03Z",
        "created_at": "2026-07-01T08:43:03Z",
        "responses": responses,
        "url": format!("https://api.github.com/repos/octo-org/smile/bypass-requests/{kind}/{id}"),
        "html_url": format!("https://github.com/octo-org/smile/exemptions/{id}"),
    })
}
