//! Pages of bypass requests as GitHub sends them: compact JSON. Half of the requests are denied.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use serde_json::{Value, json};

/// The number of requests on a page.
pub const PER_PAGE: u64 = 100;

/// A page of secret scanning requests with these ids.
pub fn secret_scanning(ids: RangeInclusive<u64>) -> String {
    static FORMS: LazyLock<Forms> = LazyLock::new(|| {
        let finding = json!({
            "secret_type": "adafruit_io_key",
            "bypass_reason": "used_in_tests",
            "path": "/tests/fixtures/README.md:16:0",
            "branch": "refs/heads/main",
        });
        Forms::new("secret-scanning", "secret_scanning", &finding)
    });
    FORMS.page(ids)
}

/// A page of push rule requests with these ids.
pub fn push_rules(ids: RangeInclusive<u64>) -> String {
    static FORMS: LazyLock<Forms> = LazyLock::new(|| {
        let violation = json!({
            "ruleset_id": 42,
            "ruleset_name": "No large files",
            "total_violations": 1,
            "rule_type": "max_file_size",
        });
        Forms::new("push-rules", "push_ruleset_bypass", &violation)
    });
    FORMS.page(ids)
}

/// The placeholder of an id.
const ID: u64 = 1_234_567_890;

/// The JSON of an open request and of a denied one, with [`ID`] instead of an id.
struct Forms([String; 2]);

impl Forms {
    fn new(kind: &str, request_type: &str, found: &Value) -> Self {
        let html_url = format!("https://github.com/octo-org/smile/exemptions/{ID}");
        let url =
            format!("https://api.github.com/repos/octo-org/smile/bypass-requests/{kind}/{ID}");
        let mut request = json!({
            "id": ID,
            "number": ID,
            "repository": {"id": 1, "name": "smile", "full_name": "octo-org/smile"},
            "organization": {"id": 1, "name": "octo-org"},
            "requester": {"actor_id": 2, "actor_name": "monalisa"},
            "request_type": request_type,
            "data": [found],
            "resource_identifier": "827efc6d56897b048c772eb4087f854f46256132",
            "status": "open",
            "requester_comment": "The key is a dummy; the tests need its form.",
            "expires_at": "2026-07-08T08:43:03Z",
            "created_at": "2026-07-01T08:43:03Z",
            "responses": [],
            "url": url,
            "html_url": html_url,
        });
        let open = request.to_string();
        request["status"] = json!("denied");
        request["responses"] = json!([{
            "id": ID,
            "reviewer": {"actor_id": 3, "actor_name": "octocat"},
            "status": "denied",
            "created_at": "2026-07-02T08:43:03Z",
        }]);
        Self([open, request.to_string()])
    }

    fn page(&self, ids: RangeInclusive<u64>) -> String {
        let forms = self.0.iter().cycle();
        let requests = ids
            .zip(forms)
            .map(|(id, form)| form.replace(&ID.to_string(), &id.to_string()));
        format!("[{}]", requests.collect::<Vec<_>>().join(","))
    }
}
