//! What a crate costs every build that uses it.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::Result;
use crate::peer::{Peer, cargo};

/// How long each program takes to build where nothing is built yet, the better of two times, between
/// which the others take their turn; not a number where the program is another peer's, too.
pub(crate) fn seconds(peers: &[Peer]) -> Result<Vec<f64>> {
    let mut best = vec![f64::NAN; peers.len()];
    for _ in 0..2 {
        let mut built = HashSet::new();
        for (best, peer) in best.iter_mut().zip(peers) {
            if built.insert(peer.program) {
                // Anything is less than what is not a number.
                *best = best.min(time(peer.program)?.as_secs_f64());
            }
        }
    }
    Ok(best)
}

fn time(package: &str) -> Result<Duration> {
    let target = tempfile::tempdir()?;
    let mut build = cargo();
    build
        // A cache of compiled crates would be warm.
        .env("RUSTC_WRAPPER", "")
        .args(["build", "--quiet", "--package", package, "--target-dir"])
        .arg(target.path());
    let started = Instant::now();
    if !build.status()?.success() {
        return Err(format!("{package} does not build").into());
    }
    Ok(started.elapsed())
}
