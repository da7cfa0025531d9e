//! The people who act in the browser, where no faults are injected: requesters, a colleague, and an
//! administrator who replaces tokens.

use std::sync::Arc;

use chrono::TimeDelta;
use fastrand::Rng;
use http::Method;
use tokio::time::sleep;

use crate::actor::seconds;
use crate::message::Message;
use crate::sim::Sim;
use crate::world::{
    COLLEAGUE, Change, Entry, Kind, PERIODS, Place, REPOSITORIES, REQUESTERS, age_if_left,
};

/// Opens the requests that exist at the start.
pub(crate) fn open_first(sim: &Sim, rng: &mut Rng) {
    let has_lists = sim.plan.readers + sim.plan.watchers > 0;
    for _ in 0..sim.plan.requests {
        // Some expire during the history.
        let age = match rng.u32(..4) {
            0 => {
                let left = rng.i64(-60..sim.plan.duration.as_secs() as i64);
                age_if_left(TimeDelta::seconds(left))
            }
            1 if has_lists => TimeDelta::days(rng.i64(8..20)),
            // Some are near the ends of the periods that GitHub offers.
            2 if has_lists => {
                let period = rng.choice(PERIODS).unwrap_or_default();
                TimeDelta::seconds(period - rng.i64(-30..90))
            }
            _ => TimeDelta::minutes(rng.i64(0..1000)),
        };
        open(sim, rng, age);
    }
    let count = sim.world().entries.len();
    for index in 0..count {
        if has_lists && rng.bool() {
            let entry = sim.world().entries[index].clone();
            decide(sim, rng, &entry);
        }
    }
}

fn open(sim: &Sim, rng: &mut Rng, age: TimeDelta) {
    let is_rule = sim.plan.readers > 0 && rng.u32(..4) == 0;
    let change = Change::Open {
        kind: if is_rule { Kind::Rule } else { Kind::Secret },
        repository: rng.choice(REPOSITORIES).unwrap_or_default(),
        requester: rng.choice(REQUESTERS).unwrap_or_default(),
        created_at: sim.utc() - age,
    };
    sim.change(change);
    let world = sim.world();
    let entry = world.entries.last().expect("a request");
    sim.trace(Some(entry.place), || {
        format!(
            "{} is opened, {:?}, created at {}",
            entry.place, entry.key, entry.created_at
        )
    });
}

/// Opens requests, several at once.
pub(crate) async fn requesters(sim: Arc<Sim>, mut rng: Rng) {
    // The pauses are long enough that the lists stay short.
    let pause = sim.plan.duration.as_secs_f64() / 4.0;
    if sim.plan.burst == 0 {
        return;
    }
    loop {
        sleep(seconds(&mut rng, 1.0..pause)).await;
        if sim.now() > sim.plan.duration {
            return;
        }
        // A list that grows by exactly a page is a special case.
        let count = match rng.u32(..3) {
            0 => sim.plan.per_page,
            _ => rng.u32(1..=sim.plan.burst),
        };
        for _ in 0..count {
            open(&sim, &mut rng, TimeDelta::zero());
        }
    }
}

/// Decides, cancels and completes requests, and dismisses responses.
pub(crate) async fn colleague(sim: Arc<Sim>, mut rng: Rng) {
    let pause = match sim.plan.watchers {
        0 => 8.0,
        _ => sim.plan.every.as_secs_f64(),
    };
    while sim.plan.colleague && sim.now() < sim.plan.duration {
        sleep(seconds(&mut rng, 0.2..pause)).await;
        let Some(entry) = interesting(&sim, &mut rng) else {
            continue;
        };
        act(&sim, &mut rng, &entry);
    }
}

/// Returns a random request. Half of the time, it is the one that changed last.
fn interesting(sim: &Sim, rng: &mut Rng) -> Option<Entry> {
    let world = sim.world();
    let secrets = || world.entries.iter().filter(|it| it.key.0 == Kind::Secret);
    let changed = secrets().max_by_key(|entry| entry.state().since);
    let any: Vec<&Entry> = secrets().collect();
    if rng.bool() {
        changed.cloned()
    } else {
        rng.choice(any).cloned()
    }
}

fn act(sim: &Sim, rng: &mut Rng, entry: &Entry) {
    let Place { repository, .. } = entry.place;
    let now = sim.utc();
    match entry.status_at(now) {
        "open" | "pending" => match rng.u32(..10) {
            0..5 => decide(sim, rng, entry),
            5 => {
                sim.change(Change::Cancel(entry.place));
                sim.trace(Some(entry.place), || {
                    format!("{} is cancelled", entry.place)
                });
            }
            _ => {}
        },
        "approved" if rng.u32(..3) == 0 => {
            sim.change(Change::Complete(entry.place));
            sim.trace(Some(entry.place), || {
                format!("{} is completed", entry.place)
            });
        }
        "approved" | "denied" if rng.bool() => {
            let responses = entry.state().responses.iter();
            let Some(last) = responses.rev().find(|it| it.status != "dismissed") else {
                return;
            };
            let message = Message::dismissal(repository, last.id, COLLEAGUE);
            write(sim, entry.place, message);
            if rng.bool() {
                decide(sim, rng, entry);
            }
        }
        _ => {}
    }
}

fn decide(sim: &Sim, rng: &mut Rng, entry: &Entry) {
    if entry.key.0 == Kind::Secret {
        let decision = if rng.bool() { "approve" } else { "reject" };
        write(
            sim,
            entry.place,
            Message::review(entry.place, decision, COLLEAGUE),
        );
    }
}

fn write(sim: &Sim, place: Place, message: Message) {
    let Message {
        method,
        target,
        body,
        ..
    } = message.clone();
    let reply = sim.change(Change::Write(message)).expect("a response");
    sim.trace(Some(place), || {
        let what = match method {
            Method::DELETE => format!("dismisses {}", target.rsplit('/').next().unwrap_or("")),
            _ => format!("reviews {place} {}", String::from_utf8_lossy(&body)),
        };
        format!("{COLLEAGUE} {what} → {}", reply.status.as_u16())
    });
}

/// Replaces the tokens of random users. For up to five seconds, the token source of the user still
/// returns the revoked token.
pub(crate) async fn administrator(sim: Arc<Sim>, mut rng: Rng) {
    while sim.plan.rotates && sim.now() < sim.plan.duration {
        sleep(seconds(&mut rng, 5.0..60.0)).await;
        let user = rng.choice(["ada", "bob", "reader", "watcher"]);
        let user = user.unwrap_or_default();
        sim.rotate(user);
        sleep(seconds(&mut rng, 0.0..5.0)).await;
        sim.publish(user);
    }
}
