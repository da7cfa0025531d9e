//! The part of the simulation that the gate runs.

use github_bypass_requests_histories::run;

#[test]
fn a_seed_replays_exactly() {
    let seeds: u64 = std::env::var("REPLAYS").map_or(100, |it| it.parse().unwrap());
    for seed in 0..seeds {
        let (first, second) = (run(seed, None, true), run(seed, None, true));
        assert!(first == second, "seed {seed}: {:?}", first.difference(&second));
    }
}
