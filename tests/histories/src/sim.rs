//! The state that the actors of a history share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, Utc};
use fastrand::Rng;
use tokio::time::Instant;

use crate::fault::{Fault, Outage};
use crate::message::Reply;
use crate::plan::Plan;
use crate::record::Record;
use crate::slip::Slip;
use crate::trace::Trace;
use crate::wall_clock;
use crate::world::{Change, Place, World};

pub(crate) struct Sim {
    pub(crate) plan: Plan,
    pub(crate) slip: Option<Slip>,
    /// The path of the proxy's socket.
    pub(crate) socket: PathBuf,
    started: Instant,
    world: Mutex<World>,
    tokens: Mutex<BTreeMap<&'static str, Generations>>,
    record: Mutex<Record>,
    trace: Mutex<Trace>,
    /// Decides faults and delays.
    rng: Mutex<Rng>,
    /// True after the history, when no more faults are injected.
    is_calm: AtomicBool,
}

/// The tokens of a user, numbered from 0.
#[derive(Clone, Copy, Default)]
struct Generations {
    /// The only valid token.
    valid: u32,
    /// The token that the source returns.
    published: u32,
}

impl Sim {
    pub(crate) fn new(
        plan: Plan,
        slip: Option<Slip>,
        socket: PathBuf,
        rng: Rng,
        trace: Trace,
    ) -> Self {
        Self {
            world: Mutex::new(World::new(wall_clock::beginning(), &plan)),
            plan,
            slip,
            socket,
            started: Instant::now(),
            tokens: Mutex::default(),
            record: Mutex::default(),
            trace: Mutex::new(trace),
            rng: Mutex::new(rng),
            is_calm: AtomicBool::new(false),
        }
    }

    /// Returns the time since the start of the history.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn utc(&self) -> DateTime<Utc> {
        self.world().time(self.now())
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no panic")
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().expect("no panic")
    }

    pub(crate) fn rng(&self) -> MutexGuard<'_, Rng> {
        self.rng.lock().expect("no panic")
    }

    pub(crate) fn change(&self, change: Change) -> Option<Reply> {
        self.world().change(self.now(), change)
    }

    /// Adds a line to the trace. `about` is the bypass request that the line is about, if there is
    /// one.
    pub(crate) fn trace(&self, about: Option<Place>, line: impl FnOnce() -> String) {
        let mut trace = self.trace.lock().expect("no panic");
        trace.add(self.now(), about, line);
    }

    pub(crate) fn take_trace(&self) -> Trace {
        std::mem::take(&mut self.trace.lock().expect("no panic"))
    }

    pub(crate) fn slips(&self, slip: Slip) -> bool {
        self.slip == Some(slip)
    }

    /// Ends all faults.
    pub(crate) fn calm(&self) {
        self.is_calm.store(true, Relaxed);
        self.trace(None, || "no more faults".to_owned());
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.is_calm.load(Relaxed)
    }

    pub(crate) fn outage(&self) -> Option<Outage> {
        let now = self.now();
        let outages = &self.plan.faults.outages;
        let outage = outages.iter().find(|it| it.start <= now && now < it.end);
        outage.copied().filter(|_| !self.is_calm())
    }

    pub(crate) fn count(&self, fault: Fault) {
        *self.record().faults.entry(fault).or_default() += 1;
    }
}

impl Sim {
    /// Replaces the token of a user. From now on, the server rejects the old token. The token
    /// source does not return the new token until [`publish`](Self::publish) is called.
    pub(crate) fn rotate(&self, user: &'static str) {
        let mut tokens = self.tokens.lock().expect("no panic");
        tokens.entry(user).or_default().valid += 1;
        self.trace(None, || format!("the token of {user} is replaced"));
    }

    pub(crate) fn publish(&self, user: &'static str) {
        let mut tokens = self.tokens.lock().expect("no panic");
        let generations = tokens.entry(user).or_default();
        generations.published = generations.valid;
    }

    /// Returns the token that a user's token source would return.
    pub(crate) fn token(&self, user: &'static str) -> String {
        let tokens = self.tokens.lock().expect("no panic");
        let Generations { published, .. } = tokens.get(user).copied().unwrap_or_default();
        format!("{user}-{published}")
    }

    /// Returns the user of this token if the token is valid.
    pub(crate) fn user(&self, token: &str) -> Option<String> {
        let (user, number) = token.rsplit_once('-')?;
        let tokens = self.tokens.lock().expect("no panic");
        let Generations { valid, .. } = tokens.get(user).copied().unwrap_or_default();
        (number == valid.to_string()).then(|| user.to_owned())
    }
}
