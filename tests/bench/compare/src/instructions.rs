//! Counts instructions. Unlike times, the counts are almost the same in every run.

use std::process::{Command, Stdio};

use crate::Result;
use crate::peer::{Peer, program};
use crate::reading::{Network, check, with_server};

pub(crate) struct Instructions {
    /// The instructions of a program that reads 10,000 bypass requests.
    pub(crate) all: f64,
    /// The instructions per bypass request after the first thousand, so without those of the
    /// start-up.
    pub(crate) each: f64,
}

/// Counts the instructions of each peer. Returns `None` if valgrind is not installed.
pub(crate) fn count(peers: &[Peer]) -> Result<Option<Vec<Instructions>>> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Ok(None);
    }
    let counts = peers.iter().map(|peer| {
        let (few, all) = (run(peer, 10)?, run(peer, 100)?);
        let each = (all - few) / (90.0 * bench_pages::PER_PAGE as f64);
        Ok(Instructions { all, each })
    });
    counts.collect::<Result<_>>().map(Some)
}

fn run(peer: &Peer, pages: u32) -> Result<f64> {
    let mut counted = None;
    with_server(pages, Network::Loopback, |base_url| {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program(peer.program)?)
            .arg(base_url)
            .args(peer.arguments)
            .stdin(Stdio::null())
            .output()?;
        check(peer, &String::from_utf8_lossy(&output.stdout), pages)?;
        counted = collected(&String::from_utf8_lossy(&output.stderr));
        Ok(())
    })?;
    counted.ok_or_else(|| "valgrind did not report the number of instructions".into())
}

/// Returns the number in `==1== Collected : 352000000`.
fn collected(log: &str) -> Option<f64> {
    let (_, count) = log.split_once("Collected :")?;
    count.split_whitespace().next()?.parse().ok()
}
