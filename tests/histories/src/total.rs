//! Runs many histories, and adds up their results.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::fault::Fault;
use crate::history::{History, run};
use crate::promise::Promise;

/// The results of many histories.
#[derive(Debug, Default)]
pub struct Total {
    pub histories: u64,
    /// The seeds of the histories that broke a promise or panicked.
    pub failed: Vec<u64>,
    /// For each broken promise, the seeds that broke it.
    broken: BTreeMap<Promise, Vec<u64>>,
    panicked: BTreeMap<u64, String>,
    calls: u64,
    walks: u64,
    events: u64,
    http_requests: u64,
    faults: BTreeMap<Fault, u64>,
    took: Duration,
}

/// Runs the histories of `count` seeds, starting at `start`, on all processors.
pub fn run_all(start: u64, count: u64) -> Total {
    let began = Instant::now();
    let next = AtomicU64::new(start);
    let total = Mutex::new(Total::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= start.saturating_add(count) {
                        return;
                    }
                    let history = catch_unwind(|| run(seed, None, false));
                    total.lock().expect("no panic").add(seed, history);
                }
            });
        }
    });
    let mut total = total.into_inner().expect("no panic");
    total.failed.sort_unstable();
    total.took = began.elapsed();
    total
}

impl Total {
    fn add(&mut self, seed: u64, history: Result<History, Box<dyn Any + Send>>) {
        self.histories += 1;
        let history = match history {
            Ok(history) => history,
            Err(_) => {
                self.failed.push(seed);
                self.panicked.insert(seed, "it panicked".to_owned());
                return;
            }
        };
        self.calls += history.calls;
        self.walks += history.walks;
        self.events += history.events;
        self.http_requests += history.http_requests;
        for (fault, count) in history.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        for violation in &history.violations {
            let seeds = self.broken.entry(violation.promise).or_default();
            if !seeds.contains(&seed) {
                seeds.push(seed);
            }
        }
        if !history.violations.is_empty() {
            self.failed.push(seed);
        }
    }
}

/// Shows the first failure of each promise with its trace, and all counts.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (seed, panic) in &self.panicked {
            writeln!(f, "seed {seed}: {panic}")?;
        }
        for (promise, seeds) in &self.broken {
            let seed = seeds.iter().min().copied().unwrap_or_default();
            let history = run(seed, None, true);
            let mut violations = history.violations.iter();
            let Some(violation) = violations.find(|it| it.promise == *promise) else {
                writeln!(f, "seed {seed} did not replay: {promise}")?;
                continue;
            };
            writeln!(f, "seed {seed}: {promise}")?;
            writeln!(f, "  {}", violation.found)?;
            for line in history.excerpt(violation) {
                writeln!(f, "  {line}")?;
            }
        }
        writeln!(
            f,
            "{} histories in {:.1} s: {} calls, {} walks, {} events, {} HTTP requests",
            self.histories,
            self.took.as_secs_f64(),
            self.calls,
            self.walks,
            self.events,
            self.http_requests
        )?;
        for (fault, count) in &self.faults {
            writeln!(f, "{count:>8} {fault:?}")?;
        }
        for (promise, seeds) in &self.broken {
            let count = seeds.len();
            writeln!(f, "{count:>8} broke the promise that {promise}: {seeds:?}")?;
        }
        write!(f, "{} failed: {:?}", self.failed.len(), self.failed)
    }
}
