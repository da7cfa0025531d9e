//! Measures this crate beside a careful loop written by hand and octocrab: one server, one run.
//!
//! Every figure is a ratio to the loop written by hand; speed in itself tells of the machine.

mod cold_build;
mod instructions;
mod peer;
mod reading;
mod report;

use std::error::Error;

use clap::{Parser, ValueEnum};

use crate::peer::{PEERS, Peer};
use crate::report::Table;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Measures this crate beside a loop written by hand and octocrab.
#[derive(Parser)]
struct Arguments {
    /// What to measure; all of it if nothing is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// CPU time and wall time without delay, and requests sent: 10,000 requests.
    Cpu,
    /// Instructions, of all and of each further request; needs valgrind.
    Instructions,
    /// Wall time with 50 ms a page: 10,000 requests.
    Delay,
    /// Peak memory at 10,000 and at 1,000,000 requests.
    Memory,
    /// A cold build of a program that reads the list.
    Build,
}

fn main() -> Result<()> {
    let Arguments { parts } = Arguments::parse();
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    peer::build()?;
    let mut table = Table::new(PEERS.iter().map(|peer| peer.name));
    if wanted(Part::Cpu) {
        let runs = cpu()?;
        table.ratios("CPU", runs.iter().map(|run| run.cpu.as_secs_f64()));
        table.ratios(
            "wall, no delay",
            runs.iter().map(|run| run.wall.as_secs_f64()),
        );
        table.counts("requests sent", runs.iter().map(|run| run.sent));
    }
    if wanted(Part::Instructions) {
        match instructions::count(PEERS)? {
            Some(counts) => {
                table.ratios("instructions", counts.iter().map(|count| count.all));
                table.ratios(
                    "... a further request",
                    counts.iter().map(|count| count.each),
                );
            }
            None => eprintln!("No valgrind here: instructions are not counted."),
        }
    }
    if wanted(Part::Delay) {
        let runs = each(|peer| reading::run(peer, 100, 50))?;
        table.ratios(
            "wall, 50 ms a page",
            runs.iter().map(|run| run.wall.as_secs_f64()),
        );
        table.figures(
            "... in round trips",
            runs.iter().map(reading::Reading::round_trips),
        );
    }
    if wanted(Part::Memory) {
        let small = each(|peer| reading::run(peer, 100, 0))?;
        let large = each(|peer| reading::run(peer, 10_000, 0))?;
        table.ratios("peak memory, 10,000", small.iter().map(|run| run.peak));
        table.ratios("peak memory, 1,000,000", large.iter().map(|run| run.peak));
        let growth = small
            .iter()
            .zip(&large)
            .map(|(small, large)| large.peak / small.peak);
        table.figures("... to that at 10,000", growth);
    }
    if wanted(Part::Build) {
        let times = cold_build::times(PEERS)?;
        table.ratios("cold build", times.iter().map(|time| time.as_secs_f64()));
    }
    println!("{table}");
    Ok(())
}

/// The best of some rounds, in which the peers take turns.
fn cpu() -> Result<Vec<reading::Reading>> {
    const ROUNDS: u32 = 7;
    let mut best = each(|peer| reading::run(peer, 100, 0))?;
    for _ in 1..ROUNDS {
        for (best, peer) in best.iter_mut().zip(PEERS) {
            let run = reading::run(peer, 100, 0)?;
            best.cpu = best.cpu.min(run.cpu);
            best.wall = best.wall.min(run.wall);
        }
    }
    Ok(best)
}

fn each<T>(measure: impl Fn(&Peer) -> Result<T>) -> Result<Vec<T>> {
    PEERS.iter().map(measure).collect()
}
