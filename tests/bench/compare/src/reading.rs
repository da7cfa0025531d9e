//! Measures one peer while it reads one list.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::Result;
use crate::peer::{Peer, program};

pub(crate) struct Reading {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// The peak memory in KiB.
    pub(crate) peak: f64,
    pub(crate) sent: f64,
    /// The total size of the bodies that the server sent, in bytes.
    pub(crate) bytes: f64,
}

/// The network between a peer and the server.
#[derive(Clone, Copy)]
pub(crate) enum Network {
    Loopback,
    /// Each page takes this many milliseconds.
    Delay(u32),
    /// A link of 50 ms and 20 Mbit/s.
    Link,
}

/// Runs a peer that reads this many pages of a hundred bypass requests each.
pub(crate) fn run(peer: &Peer, pages: u32, network: Network) -> Result<Reading> {
    let mut reading = None;
    let (sent, bytes) = with_server(pages, network, |base_url| {
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
        bytes: bytes as f64,
    })
}

/// Checks that the peer read all bypass requests, because a peer that stops early would look fast.
pub(crate) fn check(peer: &Peer, read: &str, pages: u32) -> Result<()> {
    let all = u64::from(pages) * bench_pages::PER_PAGE;
    let read = read.trim();
    if read == all.to_string() {
        return Ok(());
    }
    Err(format!("{} read {read:?} of {all} requests", peer.name).into())
}

/// Calls `read` with the base URL of a server that runs in its own process. Returns the number of
/// requests that the server received, and the size of the bodies that it sent.
pub(crate) fn with_server(
    pages: u32,
    network: Network,
    read: impl FnOnce(&str) -> Result<()>,
) -> Result<(u64, u64)> {
    let delay_millis = match network {
        Network::Delay(millis) => millis,
        Network::Loopback | Network::Link => 0,
    };
    let mut server = Command::new(program("server")?)
        .args([pages.to_string(), delay_millis.to_string()])
        .args(matches!(network, Network::Link).then_some("link"))
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
    let (sent, bytes) = sent
        .trim()
        .split_once(' ')
        .ok_or("the server printed no counts")?;
    Ok((sent.parse()?, bytes.parse()?))
}
