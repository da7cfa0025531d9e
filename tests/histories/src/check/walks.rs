//! Checks lists and queues.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::fault::Fault;
use crate::history::Violation;
use crate::promise::Promise;
use crate::record::{Record, Walk};
use crate::sim::Sim;
use crate::world::{Entry, Key, World};

pub(crate) fn check(sim: &Sim, violations: &mut Vec<Violation>) {
    let record = sim.record();
    let world = sim.world();
    for walk in &record.walks {
        let mut broken = |promise, found: String| {
            violations.push(Violation {
                promise,
                found: format!("{}: {found}", walk.what),
                about: None,
                at: Some(walk.ended),
            });
        };
        if let Some(error) = &walk.dead_end {
            broken(Promise::CanBeResumed, error.clone());
        }
        let mut counts = BTreeMap::<Key, usize>::new();
        for key in &walk.delivered {
            *counts.entry(*key).or_default() += 1;
        }
        for key in counts.keys() {
            let entry = world.entry(*key).expect("a request");
            if !matches(entry, walk) || entry.opened > walk.ended {
                broken(Promise::DeliversMatches, format!("{key:?} does not match"));
            }
        }
        let growth = growth(&world, walk);
        let per_page = sim.plan.per_page as usize;
        if walk.is_queue || growth <= per_page {
            for (key, _) in counts.iter().filter(|(_, count)| **count > 1) {
                broken(
                    Promise::DeliversOnce,
                    format!("{key:?} is delivered twice, and the list has grown by {growth}"),
                );
            }
        }
        // Documented: without `Link`, growth by more than a page looks like the end of the list.
        let is_known = growth <= per_page || !sim.plan.faults.has(Fault::NoLink);
        if walk.is_complete && is_known {
            for entry in there(&world, walk) {
                if !counts.contains_key(&entry.key) && !is_bad(&record, walk, entry.key) {
                    broken(
                        Promise::DeliversAll,
                        format!(
                            "{:?} is missing, and the list has grown by {growth}",
                            entry.key
                        ),
                    );
                }
            }
        }
    }
}

fn matches(entry: &Entry, walk: &Walk) -> bool {
    walk.kinds.contains(&entry.key.0)
        // A status filter is used only if neither a writer nor a colleague acts.
        && walk.status.is_none_or(|it| it == entry.state_at(walk.ended).status)
        && walk
            .repository
            .is_none_or(|it| it == entry.place.repository)
        && walk.requester.is_none_or(|it| it == entry.requester)
        && walk.since.is_none_or(|since| {
            // The server's times have no fractions of a second.
            entry.created_at.timestamp() >= since.timestamp()
        })
}

/// Returns the requests that matched the filters of a walk from its start to its end.
fn there<'a>(world: &'a World, walk: &'a Walk) -> impl Iterator<Item = &'a Entry> {
    let entries = world.entries.iter();
    entries.filter(|entry| entry.opened < walk.started && matches(entry, walk))
}

/// Returns the number of requests that were added during a walk.
fn growth(world: &World, walk: &Walk) -> usize {
    let during = walk.started.saturating_sub(Duration::from_secs(1))..=walk.ended;
    let entries = world.entries.iter().filter(|entry| matches(entry, walk));
    entries
        .filter(|entry| !entry.opened.is_zero() && during.contains(&entry.opened))
        .count()
}

/// Returns true if the request could not be decoded on a page of the walk.
fn is_bad(record: &Record, walk: &Walk, key: Key) -> bool {
    let during = walk.started..=walk.ended;
    let mut bad = record.bad_items.iter();
    bad.any(|(at, of)| *of == key && during.contains(at))
}
