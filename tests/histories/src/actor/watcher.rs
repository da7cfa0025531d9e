//! A watcher: follows a list, and is restarted at any point.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use github_bypass_requests::{
    AnyBypassRequest, BypassRequest, Change, EventStream, Queue, QueueCursor, QueueEventStream,
    Result, SecretFinding,
};
use tokio::time::{sleep, timeout};

use crate::actor::{client_of, seconds};
use crate::record::{Changed, Event, Watched};
use crate::sim::Sim;
use crate::slip::Slip;
use crate::world::{Kind, ORGANIZATION};

/// The watch is over after this many complete polls without faults.
const FINAL_POLLS: usize = 3;
/// The longest time that these polls may take. The longest back-off is 7.5 minutes.
const FINAL_TIME: Duration = Duration::from_secs(45 * 60);

pub(crate) struct Watcher {
    pub(crate) sim: Arc<Sim>,
    pub(crate) user: &'static str,
    pub(crate) rng: Rng,
    pub(crate) watched: Watched,
    /// The cursor on disk.
    pub(crate) saved: Option<String>,
    pub(crate) part: u32,
}

/// The events of a list, or of a queue that contains the list twice. The polls of the two lists are
/// independent.
enum Events {
    List(EventStream<SecretFinding>),
    Queue(QueueEventStream),
}

/// An event of a list or of a queue.
struct Seen {
    request: BypassRequest<SecretFinding>,
    change: Change,
    text: String,
}

impl Events {
    async fn try_next(&mut self) -> Result<Option<Seen>> {
        Ok(match self {
            Self::List(events) => events.try_next().await?.map(|event| Seen {
                text: event.to_string(),
                request: event.request,
                change: event.change,
            }),
            Self::Queue(events) => events.try_next().await?.map(|event| Seen {
                text: event.to_string(),
                change: event.change,
                request: match event.request {
                    AnyBypassRequest::SecretScanning(request) => request,
                    other => panic!("the queue has no list of {other}"),
                },
            }),
        })
    }

    fn cursor(&self) -> String {
        match self {
            Self::List(events) => serde_json::to_string(&events.cursor()),
            Self::Queue(events) => serde_json::to_string(&events.cursor()),
        }
        .expect("JSON")
    }

    /// Returns true if each list has been polled successfully.
    fn has_started(&self) -> bool {
        match self {
            Self::List(events) => events.monitor().status().successful_polls > 0,
            Self::Queue(events) => {
                let mut monitors = events.monitors().into_iter();
                monitors.all(|monitor| monitor.status().successful_polls > 0)
            }
        }
    }
}

enum Next {
    Continue,
    /// The process stops.
    Restart,
}

impl Watcher {
    pub(crate) fn new(sim: Arc<Sim>, user: &'static str, mut rng: Rng) -> Self {
        Self {
            watched: Watched {
                from_now: rng.u32(..4) == 0,
                ..Watched::default()
            },
            sim,
            user,
            rng,
            saved: None,
            part: 0,
        }
    }

    /// Watches until the history is over. Returns the client of the last part. A new part starts
    /// with each restart.
    pub(crate) async fn run(mut self) -> github_bypass_requests::Client {
        let mut calm_since = None;
        let client = 'parts: loop {
            self.part += 1;
            let agent = format!("part/{}", self.part);
            let client = client_of(&self.sim, self.user, &agent).build();
            let client = client.expect("a client");
            let mut events = self.events(&client);
            self.sim
                .trace(None, || format!("part {} of the watch starts", self.part));
            loop {
                if self.sim.is_calm() {
                    let since = *calm_since.get_or_insert(self.sim.now());
                    if self.has_ended(since) {
                        break 'parts client;
                    }
                    if self.sim.now() > since + FINAL_TIME {
                        let failure = "the watch no longer polls".to_owned();
                        self.sim.record().failed_afterwards.push(failure);
                        break 'parts client;
                    }
                }
                match self.step(&mut events).await {
                    Next::Continue => {}
                    Next::Restart => break,
                }
            }
            drop(events);
            sleep(self.sim.plan.every.mul_f64(2.0 * self.rng.f64())).await;
        };
        self.sim.record().watches.push(self.watched);
        client
    }

    fn events(&self, client: &github_bypass_requests::Client) -> Events {
        let list = client.organization(ORGANIZATION).secret_scanning().list();
        let list = list.per_page(self.sim.plan.per_page);
        let every = self.sim.plan.every;
        let from_now = self.watched.from_now && !self.sim.slips(Slip::StartedWithOpen);
        let saved = self.saved.as_deref();
        if self.sim.plan.queue {
            // The pages of the other list are not recorded.
            let other = client_of(&self.sim, self.user, "other").build();
            let other = other.expect("a client").organization(ORGANIZATION);
            let other = other.secret_scanning().list();
            let watch = Queue::from(list).and(other).watch().every(every);
            let watch = if from_now { watch.from_now() } else { watch };
            let cursor = saved.map(|json| serde_json::from_str(json).expect("a cursor"));
            let cursor: Option<QueueCursor> = cursor;
            return Events::Queue(match cursor {
                Some(cursor) => watch.resume(cursor).events(),
                None => watch.events(),
            });
        }
        let watch = list.watch().every(every);
        let watch = if from_now { watch.from_now() } else { watch };
        let cursor = saved.map(|json| serde_json::from_str(json).expect("a cursor"));
        Events::List(match cursor {
            Some(cursor) => watch.resume(cursor).events(),
            None => watch.events(),
        })
    }

    /// Waits for an event, but no longer than a time limit.
    async fn step(&mut self, events: &mut Events) -> Next {
        // With the short limit, the watch also stops in the middle of a poll.
        let limit = if self.rng.f64() < self.sim.plan.dropped {
            seconds(&mut self.rng, 0.0..2.0)
        } else {
            self.sim.plan.every.mul_f64(0.5 + 5.0 * self.rng.f64())
        };
        let is_stopped = !self.sim.is_calm() && self.rng.u32(..12) == 0;
        match timeout(limit, events.try_next()).await {
            Ok(Ok(Some(event))) => self.handle(&event, events, is_stopped),
            Ok(Ok(None)) => Next::Restart,
            Ok(Err(error)) => {
                self.sim.trace(None, || format!("the watch fails: {error}"));
                self.watched.errors.push(error.to_string());
                Next::Restart
            }
            Err(_) if is_stopped => Next::Restart,
            Err(_) => {
                self.save(events);
                Next::Continue
            }
        }
    }

    fn handle(&mut self, event: &Seen, events: &Events, is_stopped: bool) -> Next {
        if self.sim.slips(Slip::CursorSavedTooEarly) {
            self.save(events);
            if is_stopped {
                return Next::Restart;
            }
        }
        let change = changed(event);
        let about = {
            let world = self.sim.world();
            let entry = world.entry((Kind::Secret, event.request.id.get()));
            entry.map(|entry| entry.place)
        };
        self.sim.trace(about, || {
            format!("event {} (unsaved: {is_stopped})", event.text)
        });
        let event = Event {
            at: self.sim.now(),
            key: (Kind::Secret, event.request.id.get()),
            change,
            status: event.request.status.to_string(),
            is_unsaved: is_stopped,
        };
        if self.sim.slips(Slip::EventInvented) {
            self.watched.events.push(Event {
                change: Changed::Responded {
                    response: i64::MAX,
                    status: "dismissed".to_owned(),
                },
                ..event.clone()
            });
        }
        let is_hidden = self.sim.slips(Slip::EventHidden) && self.rng.u32(..4) == 0;
        if self.sim.slips(Slip::EventRepeated) {
            self.watched.events.push(event.clone());
        }
        if !is_hidden {
            self.watched.events.push(event);
        }
        if is_stopped {
            return Next::Restart;
        }
        self.save(events);
        Next::Continue
    }

    fn save(&mut self, events: &Events) {
        let json = events.cursor();
        if self.watched.started.is_none() && events.has_started() {
            self.watched.started = Some(self.sim.now());
            self.sim
                .trace(None, || "the watch has its first cursor".to_owned());
        }
        self.saved = Some(json);
    }

    /// Returns true if there have been enough complete polls without faults.
    fn has_ended(&self, calm_since: Duration) -> bool {
        let record = self.sim.record();
        let last = |page: &&crate::record::ServedPage| {
            page.is_last && page.is_true && page.part == self.part && page.at > calm_since
        };
        record.pages.iter().filter(last).count() >= FINAL_POLLS
    }
}

fn changed(event: &Seen) -> Changed {
    let status = event.request.status.to_string();
    match &event.change {
        Change::Responded(response) => Changed::Responded {
            response: response.id.expect("an id").get(),
            status: response.status.as_ref().expect("a status").to_string(),
        },
        Change::StatusChanged { .. } => Changed::Status { to: status },
        Change::Expired => Changed::Expired,
        _ => Changed::Opened,
    }
}
