//! Compares this crate with a careful hand-written loop, and with octocrab. All of them read from the
//! same server.
//!
//! Times, counts and sizes are reported relative to the loop, because absolute values depend on the
//! machine. The figures of the command line, `gh-bypass`, are absolute, and far below their limits.

mod cold_build;
mod command_line;
mod instructions;
mod peer;
mod reading;
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::peer::{PEERS, Peer};
use crate::reading::{Network, Reading};
use crate::report::Report;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The delay of each page in [`Part::Delay`].
const DELAY_MILLIS: u32 = 50;

/// Compares this crate with a hand-written loop, and with octocrab. Fails if a promise is broken.
#[derive(Parser)]
struct Arguments {
    /// The parts to measure [default: all]
    #[arg(value_enum)]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// CPU time and wall time without a delay, and HTTP requests sent, for 10,000 bypass requests.
    Cpu,
    /// Instructions: in total, for each further bypass request, and for a webhook delivery. Needs
    /// valgrind.
    Instructions,
    /// Wall time with a delay of 50 ms per page, for 10,000 bypass requests.
    Delay,
    /// Wall time and size of the bodies over a link of 50 ms and 20 Mbit/s, for 10,000 bypass
    /// requests.
    Link,
    /// Peak memory for 10,000 and for 1,000,000 bypass requests.
    Memory,
    /// A cold build of a program that reads the list.
    Build,
    /// CPU time of `gh-bypass list` and `gh api` for 30 bypass requests, and the size of the
    /// executable.
    CommandLine,
}

fn main() -> Result<ExitCode> {
    let Arguments { parts } = Arguments::parse();
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    if parts != [Part::CommandLine] {
        peer::build()?;
    }
    let mut report = Report::new(PEERS.iter().map(|peer| peer.name));
    if wanted(Part::Cpu) {
        let runs = best_of(7, Network::Loopback)?;
        report.ratios(
            "CPU",
            &runs
                .iter()
                .map(|run| run.cpu.as_secs_f64())
                .collect::<Vec<_>>(),
        );
        report.ratios("wall, no delay", &walls(&runs));
        report.figures(
            "requests sent",
            &runs.iter().map(|run| run.sent).collect::<Vec<_>>(),
        );
    }
    if wanted(Part::Instructions) {
        match instructions::count(PEERS)? {
            Some(counts) => {
                let all: Vec<f64> = counts.iter().map(|count| count.all).collect();
                let each: Vec<f64> = counts.iter().map(|count| count.each).collect();
                report.ratios("instructions", &all);
                report.ratios("... a further request", &each);
                let [by_hand, streamed, ahead, _] = in_order(&each)?;
                let worst = streamed.max(ahead) / by_hand;
                report.promise(
                    "instructions of a further request, relative to the hand-written code",
                    worst,
                    1.05,
                );
                let [by_hand, this_crate] = instructions::of_a_delivery()?;
                let counts = [by_hand, this_crate, f64::NAN, f64::NAN];
                report.ratios("... a webhook delivery", &counts);
                report.promise(
                    "instructions of a webhook delivery, relative to the hand-written code",
                    this_crate / by_hand,
                    1.05,
                );
            }
            None if parts.is_empty() => {
                eprintln!("valgrind is not installed: instructions are not counted")
            }
            None => return Err("install valgrind to count the instructions".into()),
        }
    }
    if wanted(Part::Delay) {
        let runs = each(|peer| reading::run(peer, 100, Network::Delay(DELAY_MILLIS)))?;
        let trip = f64::from(DELAY_MILLIS) / 1000.0;
        let trips: Vec<f64> = walls(&runs).iter().map(|wall| wall / trip).collect();
        report.ratios("wall, 50 ms a page", &walls(&runs));
        report.figures("... in round trips", &trips);
        let [_, _, ahead, _] = in_order(&trips)?;
        report.promise(
            "time to read ahead, relative to 14 round trips",
            ahead / 14.0,
            1.15,
        );
    }
    if wanted(Part::Link) {
        let runs = best_of(3, Network::Link)?;
        let walls = walls(&runs);
        let bytes: Vec<f64> = runs.iter().map(|run| run.bytes).collect();
        report.ratios("wall, 50 ms and 20 Mbit/s", &walls);
        report.ratios("... size of the bodies", &bytes);
        let [by_hand, streamed, ahead, _] = in_order(&walls)?;
        let [size, own, own_ahead, _] = in_order(&bytes)?;
        report.promise(
            "time over the link, relative to the hand-written code",
            streamed / by_hand,
            1.03,
        );
        report.promise(
            "time over the link with read_ahead(8), relative to the hand-written code",
            ahead / by_hand,
            0.30,
        );
        report.promise(
            "size of the bodies, relative to the hand-written code",
            own.max(own_ahead) / size,
            1.05,
        );
    }
    if wanted(Part::Memory) {
        // Take the highest of several runs, because the peak varies.
        let small = each(|peer| highest_peak(peer, 100, 10))?;
        let large = each(|peer| highest_peak(peer, 10_000, 3))?;
        let growth: Vec<f64> = small
            .iter()
            .zip(&large)
            .map(|(small, large)| large / small)
            .collect();
        report.ratios("peak memory, 10,000", &small);
        report.ratios("peak memory, 1,000,000", &large);
        report.figures("... relative to 10,000", &growth);
        let [by_hand, streamed, ..] = in_order(&small)?;
        report.promise(
            "peak memory, relative to the hand-written code",
            streamed / by_hand,
            1.15,
        );
        let [_, streamed, ahead, _] = in_order(&growth)?;
        let worst = streamed.max(ahead);
        report.promise(
            "peak memory at 1,000,000 requests, relative to 10,000",
            worst,
            1.1,
        );
    }
    if wanted(Part::Build) {
        let mut programs: Vec<&str> = PEERS.iter().map(|peer| peer.program).collect();
        programs.push(cold_build::WITH_RING);
        let mut times = cold_build::seconds(&programs)?;
        let with_ring = times.pop().unwrap_or(f64::NAN);
        let [by_hand, this_crate, _, octocrab] = in_order(&times)?;
        report.ratios("cold build", &times);
        report.figures(
            "... with ring",
            &[f64::NAN, with_ring / by_hand, f64::NAN, f64::NAN],
        );
        report.promise(
            "cold build, relative to octocrab",
            this_crate / octocrab,
            0.5,
        );
    }
    if wanted(Part::CommandLine) {
        let command_line = command_line::measure()?;
        report.promise(
            "CPU time of `gh-bypass list --limit 30` in ms",
            millis(command_line.list),
            30.0,
        );
        if let Some(gh_api) = command_line.gh_api {
            report.note("CPU time of `gh api` for 30 requests in ms", millis(gh_api));
        }
        report.promise(
            "size of the executable of gh-bypass in MiB",
            command_line.size as f64 / f64::from(1 << 20),
            15.0,
        );
    }
    println!("{report}");
    Ok(if report.is_kept() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns the values in the order of the peers: by hand, this crate, this crate with read-ahead,
/// octocrab.
fn in_order(measured: &[f64]) -> Result<[f64; 4]> {
    Ok(measured.try_into()?)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn walls(runs: &[Reading]) -> Vec<f64> {
    runs.iter().map(|run| run.wall.as_secs_f64()).collect()
}

/// Returns the best result of each peer in several rounds. The peers take turns in each round.
fn best_of(rounds: u32, network: Network) -> Result<Vec<Reading>> {
    let mut best = each(|peer| reading::run(peer, 100, network))?;
    for _ in 1..rounds {
        for (best, peer) in best.iter_mut().zip(PEERS) {
            let run = reading::run(peer, 100, network)?;
            best.cpu = best.cpu.min(run.cpu);
            best.wall = best.wall.min(run.wall);
        }
    }
    Ok(best)
}

fn highest_peak(peer: &Peer, pages: u32, runs: u32) -> Result<f64> {
    let peaks = (0..runs).map(|_| Ok(reading::run(peer, pages, Network::Loopback)?.peak));
    peaks
        .reduce(|highest, peak| Ok(highest?.max(peak?)))
        .unwrap_or(Ok(f64::NAN))
}

fn each<T>(measure: impl Fn(&Peer) -> Result<T>) -> Result<Vec<T>> {
    PEERS.iter().map(measure).collect()
}
