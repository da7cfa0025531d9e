//! Measures the time of a cold build of each program.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::Result;
use crate::peer::cargo;

/// The program that uses this crate with ring instead of aws-lc.
pub(crate) const WITH_RING: &str = "by-this-crate-with-ring";

/// Returns the build time of each program in seconds, with an empty target folder. Each program is
/// built twice, in two rounds, and the faster build counts. The time is NaN if the same program
/// occurs earlier in the list.
pub(crate) fn seconds(programs: &[&str]) -> Result<Vec<f64>> {
    let mut best = vec![f64::NAN; programs.len()];
    for _ in 0..2 {
        let mut built = HashSet::new();
        for (best, program) in best.iter_mut().zip(programs) {
            if built.insert(program) {
                // `min` ignores a NaN.
                *best = best.min(time(program)?.as_secs_f64());
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
