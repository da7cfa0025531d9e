//! The part of the simulation that the gate runs.

use std::collections::BTreeSet;

use github_bypass_requests_histories::{Promise, Slip, run, run_all};

/// The number of histories. They take about 15 seconds on two processors.
const SEEDS: u64 = 1000;

#[test]
fn the_promises_hold() {
    let total = run_all(0, SEEDS);
    assert!(total.failed.is_empty(), "{total}");
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..60 {
        let (first, second) = (run(seed, None, true), run(seed, None, true));
        assert!(
            first == second,
            "seed {seed}: {:#?}",
            first.difference(&second)
        );
    }
}

#[test]
fn each_slip_breaks_its_promise() {
    for slip in Slip::ALL {
        let is_broken = |seed, slip: Option<Slip>, promise| {
            let history = run(seed, slip, false);
            let mut violations = history.violations.iter();
            violations.any(|violation| violation.promise == promise)
        };
        let promise = slip.breaks();
        let is_found =
            |seed| is_broken(seed, Some(slip), promise) && !is_broken(seed, None, promise);
        assert!((0..100).any(is_found), "{slip:?} is not found");
    }
}

#[test]
fn each_promise_can_be_broken() {
    let broken: BTreeSet<Promise> = Slip::ALL.into_iter().map(Slip::breaks).collect();
    assert_eq!(broken, BTreeSet::from(Promise::ALL));
}
