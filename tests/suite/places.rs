//! The files to edit after a change of the fragment, named in assertion messages.

use std::path::Path;

pub(crate) const FRAGMENT: &str = "openapi/bypass-requests.yaml";
/// The structs of the models.
pub(crate) const MODELS: &str = "crates/github-bypass-requests/src/model";
/// The enums of the models.
pub(crate) const VOCABULARY: &str = "crates/github-bypass-requests/src/model/vocabulary.rs";
/// The requests in the responses of the fake.
pub(crate) const FAKE_REQUESTS: &str =
    "crates/github-bypass-requests-fake/src/service/representation.rs";
/// The `data` of the requests of the fake.
pub(crate) const FAKE_FINDINGS: &str = "crates/github-bypass-requests-fake/src/world/findings.rs";
/// The filters of the lists of the fake.
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
        FAKE_REQUESTS,
        FAKE_FINDINGS,
        FAKE_FILTERS,
        FAKE_ROUTES,
    ] {
        assert!(root.join(path).exists(), "{path} does not exist");
    }
}
