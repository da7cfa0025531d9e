//! Runs histories: `--seeds N --start K`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use github_bypass_requests_histories::{Fault, run};

/// The most failures that are printed in full.
const MAX_FAILURES: usize = 5;

#[derive(Default)]
struct Total {
    failed: Vec<u64>,
    calls: u64,
    walks: u64,
    events: u64,
    http_requests: u64,
    faults: BTreeMap<Fault, u64>,
    promises: BTreeMap<&'static str, u64>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut pairs = arguments.chunks(2);
    let (mut seeds, mut start) = (1000, 0);
    let understood = pairs.all(|pair| {
        let [name, value] = pair else { return false };
        let Ok(value) = value.parse() else { return false };
        match name.as_str() {
            "--seeds" => seeds = value,
            "--start" => start = value,
            _ => return false,
        }
        true
    });
    if !understood {
        eprintln!("usage: histories [--seeds NUMBER] [--start SEED]");
        return ExitCode::from(2);
    }
    let began = Instant::now();
    let total = run_all(start, seeds);
    report(&total, seeds, began);
    if total.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs the histories of these seeds on all processors.
fn run_all(start: u64, seeds: u64) -> Total {
    let next = AtomicU64::new(start);
    let total = Mutex::new(Total::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= start + seeds {
                        return;
                    }
                    let history = run(seed, None, false);
                    let mut total = total.lock().expect("no panic");
                    total.calls += history.calls;
                    total.walks += history.walks;
                    total.events += history.events;
                    total.http_requests += history.http_requests;
                    for (fault, count) in history.faults {
                        *total.faults.entry(fault).or_default() += count;
                    }
                    for violation in &history.violations {
                        *total.promises.entry(violation.promise).or_default() += 1;
                    }
                    if !history.violations.is_empty() {
                        total.failed.push(seed);
                    }
                }
            });
        }
    });
    let mut total = total.into_inner().expect("no panic");
    total.failed.sort_unstable();
    total
}

fn report(total: &Total, seeds: u64, began: Instant) {
    for seed in total.failed.iter().take(MAX_FAILURES) {
        let history = run(*seed, None, true);
        for violation in history.violations.iter().take(1) {
            println!("seed {seed}: {}", violation.promise);
            println!("  {}", violation.found);
            for line in history.excerpt(violation) {
                println!("  {line}");
            }
        }
    }
    println!(
        "{seeds} histories in {:.1} s: {} calls, {} walks, {} events, {} HTTP requests",
        began.elapsed().as_secs_f64(),
        total.calls,
        total.walks,
        total.events,
        total.http_requests
    );
    for (fault, count) in &total.faults {
        println!("{count:>8} {fault:?}");
    }
    for (promise, count) in &total.promises {
        println!("{count:>8} broken: {promise}");
    }
    println!("{} failed: {:?}", total.failed.len(), total.failed);
}
