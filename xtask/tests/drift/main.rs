//! Runs `cargo xtask drift` on small descriptions, and checks its files, output and exit code.

mod declarations;
mod lock;
mod mutations;
mod output;
mod sources;
mod support;

use support::{LOCK, checked_in, xtask};

#[test]
fn the_checked_in_fragment_ledger_and_lock_agree() {
    let outcome = xtask(&["drift"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}

/// Detects a lock that was edited by hand or merged incorrectly.
#[test]
fn the_checked_in_lock_has_facts_of_enterprise_cloud_and_no_prose() {
    let lock: serde_json::Value = serde_json::from_str(&checked_in(LOCK)).expect("JSON");
    assert_eq!(lock["source"]["edition"], "enterprise-cloud@latest");
    let operations = lock["operations"].as_object().expect("operations");
    assert_eq!(
        operations.len(),
        30,
        "if GitHub now has more or fewer operations and webhooks, update this number"
    );
    for (place, aspects) in operations
        .values()
        .flat_map(|places| places.as_object().expect("places"))
    {
        for (aspect, value) in aspects.as_object().expect("aspects") {
            assert!(
                !value.to_string().contains(". "),
                "{place}: {aspect} is prose: {value}"
            );
        }
    }
}
