//! The files to edit after a change to the fragment. Assertion messages name these files.

use std::path::Path;

pub(crate) const FRAGMENT: &str = "openapi/bypass-requests.yaml";
/// The structs of the models.
pub(crate) const MODELS: &str = "crates/github-bypass-requests/src/model";
/// The enums of the models.
pub(crate) const VOCABULARY: &str = "crates/github-bypass-requests/src/model/vocabulary.rs";
/// The enums of the webhooks.
pub(crate) const WEBHOOK_VOCABULARY: &str =
    "crates/github-bypass-requests/src/webhook/vocabulary.rs";
/// The JSON form of the bypass requests that the fake returns.
pub(crate) const FAKE_REQUESTS: &str =
    "crates/github-bypass-requests-fake/src/service/representation.rs";
/// The `data` of the fake's bypass requests.
pub(crate) const FAKE_FINDINGS: &str = "crates/github-bypass-requests-fake/src/world/findings.rs";
/// The filters of the fake's lists.
pub(crate) const FAKE_FILTERS: &str =
    "crates/github-bypass-requests-fake/src/service/list_query.rs";
/// The routes of the fake.
pub(crate) const FAKE_ROUTES: &str = "crates/github-bypass-requests-fake/src/service/http.rs";

#[test]
fn the_files_that_messages_name_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for path in [
        FRAGMENT,
        MODELS,
        VOCABULARY,
        WEBHOOK_VOCABULARY,
        FAKE_REQUESTS,
        FAKE_FINDINGS,
        FAKE_FILTERS,
        FAKE_ROUTES,
    ] {
        assert!(root.join(path).exists(), "{path} does not exist");
    }
}
