//! `cargo xtask drift` as a contributor sees it, on small descriptions written for the purpose.

mod declarations;
mod lock;
mod mutations;
mod output;
mod sources;
mod support;

use support::{LOCK, checked_in, xtask};

#[test]
fn the_checked_in_fragment_ledger_and_lock_agree() {
    let answer = xtask(&["drift"]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
}

/// A lock that was edited by hand, or merged badly, would say what no description said.
#[test]
fn the_checked_in_lock_has_facts_of_enterprise_cloud_and_no_prose() {
    let lock: serde_json::Value = serde_json::from_str(&checked_in(LOCK)).expect("JSON");
    assert_eq!(lock["source"]["edition"], "enterprise-cloud@latest");
    let operations = lock["operations"].as_object().expect("operations");
    assert_eq!(operations.len(), 10);
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
