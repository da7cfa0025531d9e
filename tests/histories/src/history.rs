//! One history: all actors run, and then everything is checked.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use github_bypass_requests::Client;
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

use crate::actor::people::{administrator, colleague, open_first, requesters};
use crate::actor::reader::Reader;
use crate::actor::watcher::Watcher;
use crate::actor::writer::Writer;
use crate::actor::{MAX_READS, client_of, limited};
use crate::check;
use crate::fault::Fault;
use crate::plan::Plan;
use crate::promise::Promise;
use crate::proxy;
use crate::sim::Sim;
use crate::slip::Slip;
use crate::trace::Trace;
use crate::wall_clock;
use crate::world::{ORGANIZATION, Place};

/// The outcome of a history.
#[derive(Debug, PartialEq, Eq)]
pub struct History {
    pub violations: Vec<Violation>,
    pub calls: u64,
    pub walks: u64,
    pub events: u64,
    pub http_requests: u64,
    pub faults: BTreeMap<Fault, u64>,
    /// Empty, unless the trace was requested.
    pub trace: Trace,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub promise: Promise,
    /// The observation that contradicts the promise.
    pub found: String,
    /// The bypass request that the violation is about.
    pub(crate) about: Option<Place>,
    /// The time at which the violation became certain.
    pub(crate) at: Option<Duration>,
}

/// The rate limits and late writes of the history are over after this time.
const CALM: Duration = Duration::from_secs(130);
/// The longest time that a call may take without faults.
const CALL: Duration = Duration::from_secs(10);
/// The number of a bypass request that does not exist.
pub(crate) const MISSING: u64 = 999_999;

/// Runs the history of a seed in this thread. The result depends only on the arguments.
pub fn run(seed: u64, slip: Option<Slip>, is_traced: bool) -> History {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    // Seed the jitter of the client.
    fastrand::seed(seed);
    let history = runtime.block_on(async {
        wall_clock::start();
        history(seed, slip, is_traced).await
    });
    // Stops everything that is still running.
    drop(runtime);
    wall_clock::stop();
    history
}

async fn history(seed: u64, slip: Option<Slip>, is_traced: bool) -> History {
    let mut rng = Rng::with_seed(seed);
    let plan = Plan::draw(&mut rng);
    let trace = Trace::kept(is_traced);
    let sim = Arc::new(Sim::new(plan, slip, socket(), rng.fork(), trace));
    sim.trace(None, || format!("{:?}", sim.plan));
    open_first(&sim, &mut rng);
    let proxy = tokio::spawn(proxy::run(sim.clone()));
    // Let the proxy create its socket.
    tokio::task::yield_now().await;

    let mut clients = Vec::new();
    let mut active = Vec::new();
    for user in ["ada", "bob"].into_iter().take(sim.plan.writers) {
        let client = limited(&sim, client_of(&sim, user, user))
            .build()
            .expect("a client");
        clients.push(client.clone());
        let writer = Writer {
            sim: sim.clone(),
            user,
            client,
            rng: rng.fork(),
            reviews: Vec::new(),
        };
        active.push(tokio::spawn(writer.run()));
    }
    let reading = limited(&sim, client_of(&sim, "reader", "reader"))
        .build()
        .expect("a client");
    clients.push(reading.clone());
    for _ in 0..sim.plan.readers {
        let reader = Reader {
            sim: sim.clone(),
            client: reading.clone(),
            rng: rng.fork(),
        };
        active.push(tokio::spawn(reader.run()));
    }
    active.push(tokio::spawn(colleague(sim.clone(), rng.fork())));
    active.push(tokio::spawn(requesters(sim.clone(), rng.fork())));
    active.push(tokio::spawn(administrator(sim.clone(), rng.fork())));
    let watcher = (sim.plan.watchers > 0).then(|| {
        let watcher = Watcher::new(sim.clone(), "watcher", rng.fork());
        tokio::spawn(watcher.run())
    });
    for task in active {
        task.await.expect("no panic");
    }
    sim.calm();
    sleep(CALM).await;
    if let Some(watcher) = watcher {
        clients.push(watcher.await.expect("no panic"));
    }
    for client in clients {
        afterwards(&sim, &client).await;
    }
    proxy.abort();
    finished(&sim)
}

/// Makes more calls than the client may have in flight. All must succeed.
async fn afterwards(sim: &Arc<Sim>, client: &Client) {
    let Some(place) = sim.world().entries.first().map(|entry| entry.place) else {
        return;
    };
    let repository = client.repository(ORGANIZATION, place.repository);
    let secrets = repository.secret_scanning();
    if sim.slips(Slip::SentElsewhere) {
        let other = client_of(sim, "reader", "reader").base_url("http://127.0.0.1:2");
        let other = other.build().expect("a client");
        let repository = other.repository(ORGANIZATION, place.repository);
        let _ = repository.secret_scanning().get(place.number).await;
    }
    if sim.slips(Slip::PermitsKept) {
        for _ in 0..MAX_READS {
            let secrets = secrets.clone();
            tokio::spawn(async move { secrets.get(MISSING).await });
        }
        tokio::task::yield_now().await;
    }
    let calls: Vec<_> = (0..2 * MAX_READS)
        .map(|_| {
            let secrets = secrets.clone();
            tokio::spawn(timeout(CALL, async move {
                secrets.list().stream().try_next().await.map(|_| ())
            }))
        })
        .collect();
    for call in calls {
        let failure = match call.await.expect("no panic") {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("the call did not end within {CALL:?}"),
        };
        sim.record().failed_afterwards.push(failure);
    }
    // The server responds to a review even if the request is already decided.
    let review = secrets.approve(place.number, "afterwards");
    let failure = match timeout(CALL, review).await {
        Ok(Ok(_)) => return,
        Ok(Err(error)) if error.is_validation_failed() || error.is_not_found() => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("the review did not end within {CALL:?}"),
    };
    sim.record().failed_afterwards.push(failure);
}

fn finished(sim: &Arc<Sim>) -> History {
    let violations = check::all(sim);
    let record = sim.record();
    History {
        violations,
        calls: record.calls.len() as u64,
        walks: record.walks.len() as u64,
        events: record.watches.iter().map(|it| it.events.len() as u64).sum(),
        http_requests: record.http_requests,
        faults: record.faults.clone(),
        trace: sim.take_trace(),
    }
}

/// Returns the path of this thread's socket.
fn socket() -> PathBuf {
    let name = format!(
        "histories-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    );
    std::env::temp_dir().join(name.replace(['(', ')'], ""))
}

impl History {
    /// Returns the first pair of lines in which the traces differ.
    pub fn difference(&self, other: &Self) -> Option<[String; 2]> {
        self.trace.difference(&other.trace)
    }

    /// Returns the lines of the trace that matter for a violation.
    pub fn excerpt(&self, violation: &Violation) -> Vec<String> {
        self.trace.excerpt(violation.about, violation.at)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.found)
    }
}
