//! Measures one peer that reads one list.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::Result;
use crate::peer::{Peer, program};

pub(crate) struct Reading {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// In KiB.
    pub(crate) peak: f64,
    pub(crate) sent: f64,
}

/// Runs a peer that reads this number of pages, of a hundred requests each.
pub(crate) fn run(peer: &Peer, pages: u32, delay_millis: u32) -> Result<Reading> {
    let mut reading = None;
    let sent = with_server(pages, delay_millis, |base_url| {
        let mut command = Command::new(program(peer.program)?);
        command
            .arg(base_url)
            .args(peer.arguments)
            .stdout(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn()?;
        let mut read = String::new();
        if let Some(output) = &mut child.stdout {
            output.read_to_string(&mut read)?;
        }
        let used = child.wait4()?;
        let wall = started.elapsed();
        check(peer, &read, pages)?;
        reading = Some((wall, used.rusage));
        Ok(())
    })?;
    let (wall, used) = reading.ok_or("no reading")?;
    Ok(Reading {
        wall,
        cpu: used.utime + used.stime,
        peak: used.maxrss as f64 / 1024.0,
        sent: sent as f64,
    })
}

/// Checks that the peer read all requests: one that stops early would be fast.
pub(crate) fn check(peer: &Peer, read: &str, pages: u32) -> Result<()> {
    let all = u64::from(pages) * bench_pages::PER_PAGE;
    let read = read.trim();
    if read == all.to_string() {
        return Ok(());
    }
    Err(format!("{} read {read:?} of {all} requests", peer.name).into())
}

/// Runs a server in its own process, and returns the number of requests that it received.
pub(crate) fn with_server(
    pages: u32,
    delay_millis: u32,
    read: impl FnOnce(&str) -> Result<()>,
) -> Result<u64> {
    let mut server = Command::new(program("server")?)
        .args([pages.to_string(), delay_millis.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = BufReader::new(server.stdout.take().ok_or("no output")?);
    let mut base_url = String::new();
    output.read_line(&mut base_url)?;
    let result = read(base_url.trim());
    // The server stops when its standard input ends.
    drop(server.stdin.take());
    let mut sent = String::new();
    output.read_to_string(&mut sent)?;
    server.wait()?;
    result?;
    Ok(sent.trim().parse()?)
}
