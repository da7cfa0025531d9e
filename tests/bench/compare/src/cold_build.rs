//! Measures the cold build of a program that uses a crate.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::Result;
use crate::peer::{Peer, cargo};

/// The seconds that each program takes to build into an empty target folder: the better of two builds.
/// The peers take turns. NaN if an earlier peer has the same program.
pub(crate) fn seconds(peers: &[Peer]) -> Result<Vec<f64>> {
    let mut best = vec![f64::NAN; peers.len()];
    for _ in 0..2 {
        let mut built = HashSet::new();
        for (best, peer) in best.iter_mut().zip(peers) {
            if built.insert(peer.program) {
                // `min` ignores a NaN.
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
        // A wrapper could cache compiled crates.
        .env("RUSTC_WRAPPER", "")
        .args(["build", "--quiet", "--package", package, "--target-dir"])
        .arg(target.path());
    let started = Instant::now();
    if !build.status()?.success() {
        return Err(format!("{package} does not build").into());
    }
    Ok(started.elapsed())
}
