//! What a crate costs every build that uses it.

use std::time::{Duration, Instant};

use crate::Result;
use crate::peer::{Peer, cargo};

/// How long each program takes to build where nothing is built yet.
pub(crate) fn times(peers: &[Peer]) -> Result<Vec<Duration>> {
    peers.iter().map(|peer| time(peer.program)).collect()
}

fn time(package: &str) -> Result<Duration> {
    let target = tempfile::tempdir()?;
    let mut build = cargo();
    build
        .args(["build", "--quiet", "--package", package, "--target-dir"])
        .arg(target.path());
    let started = Instant::now();
    if !build.status()?.success() {
        return Err(format!("{package} does not build").into());
    }
    Ok(started.elapsed())
}
