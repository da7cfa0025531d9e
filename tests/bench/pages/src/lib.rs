//! Pages of bypass requests, and a webhook delivery, in GitHub's format and as compact JSON. Half
//! of the requests are denied. With gzip, a page shrinks only about ninefold, because hashes and
//! comments differ from request to request.

// The macro `json!` needs this for the many fields of a repository.
#![recursion_limit = "256"]

mod delivery;

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use serde_json::{Value, json};

pub use crate::delivery::delivery;

/// The number of requests on a page.
pub const PER_PAGE: u64 = 100;

/// Returns a page of secret scanning requests with these ids.
pub fn secret_scanning(ids: RangeInclusive<u64>) -> String {
    static FORMS: LazyLock<Forms> = LazyLock::new(|| {
        let finding = json!({
            "secret_type": "adafruit_io_key",
            "bypass_reason": "used_in_tests",
            "path": format!("/tests/fixtures/{BRANCH}.md:16:0"),
            "branch": format!("refs/heads/{BRANCH}"),
        });
        Forms::new("secret-scanning", "secret_scanning", &finding)
    });
    FORMS.page(ids)
}

/// Returns a page of push rule requests with these ids.
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

/// The placeholder for an id.
const ID: u64 = 1_234_567_890;

/// Placeholders for hexadecimal digits that depend on the id.
const COMMIT: &str = "827efc6d56897b048c772eb4087f854f46256132";
const BRANCH: &str = "b1946ac92492d234";
const COMMENT: &str = "5eb63bbbe01eeed093cb22bb8f5acdc3";

/// The JSON of an open request and of a denied one, with placeholders.
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
            "resource_identifier": COMMIT,
            "status": "open",
            "requester_comment": format!("The key is a dummy; see {COMMENT}."),
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
        let requests = ids.zip(forms).map(|(id, form)| {
            let mut text = form.replace(&ID.to_string(), &id.to_string());
            for placeholder in [COMMIT, BRANCH, COMMENT] {
                text = text.replace(placeholder, &digits(id, placeholder.len()));
            }
            text
        });
        format!("[{}]", requests.collect::<Vec<_>>().join(","))
    }
}

/// Returns `length` hexadecimal digits that look random. They are the output of SplitMix64.
fn digits(id: u64, length: usize) -> String {
    let mut state = id.wrapping_mul(31).wrapping_add(length as u64);
    let mut digits = String::new();
    while digits.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        digits.push_str(&format!("{:016x}", word ^ (word >> 31)));
    }
    digits.truncate(length);
    digits
}
