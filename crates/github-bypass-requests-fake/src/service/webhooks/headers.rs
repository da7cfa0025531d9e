//! The headers of deliveries.

use std::collections::BTreeMap;

use super::{payload::APP_ID, signature};
use crate::hook::Secret;

/// Returns GitHub's eight headers. `Host` and `Content-Length` are added when the delivery is sent.
pub(super) fn of(
    hook_id: u64,
    Secret(secret): &Secret,
    id: &str,
    event: &str,
    body: &str,
) -> BTreeMap<String, String> {
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("user-agent", "GitHub-Hookshot/fa4e".to_owned()),
        ("x-github-delivery", id.to_owned()),
        ("x-github-event", event.to_owned()),
        ("x-github-hook-id", hook_id.to_string()),
        ("x-github-hook-installation-target-id", APP_ID.to_string()),
        (
            "x-github-hook-installation-target-type",
            "integration".to_owned(),
        ),
        ("x-hub-signature-256", signature::of(body, secret)),
    ];
    headers.map(|(name, value)| (name.to_owned(), value)).into()
}
