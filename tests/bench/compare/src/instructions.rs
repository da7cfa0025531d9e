//! Counts instructions. Unlike times, the counts are almost the same in every run.

use std::process::{Command, Stdio};

use crate::Result;
use crate::peer::{DELIVERIES, Peer, program};
use crate::reading::{Network, check, with_server};

pub(crate) struct Instructions {
    /// The number of instructions that a program executes to read 10,000 bypass requests.
    pub(crate) all: f64,
    /// The instructions per bypass request after the first thousand. They do not include the
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
        let arguments = [&[base_url], peer.arguments].concat();
        let (output, count) = callgrind(peer.program, &arguments)?;
        check(peer, &output, pages)?;
        counted = Some(count);
        Ok(())
    })?;
    counted.ok_or_else(|| "nothing was counted".into())
}

/// Counts the instructions to verify and decode a webhook delivery, by hand and with this crate.
/// The count does not include the start-up.
pub(crate) fn of_a_delivery() -> Result<[f64; 2]> {
    let each = |how| -> Result<f64> { Ok((deliveries(how, 110)? - deliveries(how, 10)?) / 100.0) };
    Ok([each("by-hand")?, each("this-crate")?])
}

fn deliveries(how: &str, times: u32) -> Result<f64> {
    let times = times.to_string();
    let (output, count) = callgrind(DELIVERIES, &[how, &times])?;
    if output.trim() == times {
        return Ok(count);
    }
    Err(format!("{how} decoded {output:?} of {times} deliveries").into())
}

/// Runs a program, and returns its output and the number of instructions that it executed.
fn callgrind(name: &str, arguments: &[&str]) -> Result<(String, f64)> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program(name)?)
        .args(arguments)
        .stdin(Stdio::null())
        .output()?;
    let count = collected(&String::from_utf8_lossy(&output.stderr))
        .ok_or("valgrind did not report the number of instructions")?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), count))
}

/// Returns the number in `==1== Collected : 352000000`.
fn collected(log: &str) -> Option<f64> {
    let (_, count) = log.split_once("Collected :")?;
    count.split_whitespace().next()?.parse().ok()
}
