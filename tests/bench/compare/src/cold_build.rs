//! Measures the cold build of a program that uses a crate.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::Result;
use crate::peer::cargo;

/// The program of this crate with ring in place of aws-lc.
pub(crate) const WITH_RING: &str = "by-this-crate-with-ring";

/// The seconds that each program takes to build into an empty target folder: the better of two builds.
/// The programs take turns. NaN if a program is listed before.
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
