//! Checks watches.

use std::time::Duration;

use crate::fault::Fault;
use crate::history::Violation;
use crate::promise::Promise;
use crate::record::{Changed, Event, Record, Watched};
use crate::sim::Sim;
use crate::world::{Entry, Kind, State, World};

pub(crate) fn check(sim: &Sim, violations: &mut Vec<Violation>) {
    let record = sim.record();
    let world = sim.world();
    let polls = polls(&record);
    for watched in &record.watches {
        let Some(started) = watched.started else {
            continue;
        };
        let entries = world.entries.iter();
        for entry in entries.filter(|entry| entry.key.0 == Kind::Secret) {
            let check = EntryCheck {
                sim,
                world: &world,
                watched,
                started,
                polls: &polls,
                entry,
                bad: bad_until(&record, entry),
                events: watched
                    .events
                    .iter()
                    .filter(|it| it.key == entry.key)
                    .collect(),
            };
            let mut broken = |promise, found: String, at| {
                violations.push(Violation {
                    promise,
                    found: format!("{}: {found}", entry.place),
                    about: Some(entry.place),
                    at,
                });
            };
            check.is_true(&mut broken);
            check.is_reported(&mut broken);
            check.is_final(&mut broken);
            check.is_not_repeated(&mut broken);
            check.is_new(&mut broken);
        }
    }
}

/// Returns the time at which the server last sent a page on which the request was not decodable.
fn bad_until(record: &Record, entry: &Entry) -> Option<Duration> {
    let bad = record.bad_items.iter().filter(|(_, key)| *key == entry.key);
    bad.map(|(at, _)| *at).max()
}

/// A poll whose pages have arrived unchanged, and whose events were delivered.
struct FullPoll {
    start: Duration,
    end: Duration,
}

/// Returns the complete polls. A watch requests the pages of a poll one after the other, and starts
/// the next poll only after it has delivered the events of the previous one.
fn polls(record: &Record) -> Vec<FullPoll> {
    let mut polls = Vec::new();
    let mut pages = record.pages.iter().peekable();
    while let Some(first) = pages.next() {
        let mut last = first;
        if first.page != 1 || !first.is_true {
            continue;
        }
        // A page may be retried.
        while let Some(next) =
            pages.next_if(|next| next.part == first.part && next.page >= last.page && next.page > 1)
        {
            let follows = next.page == last.page + 1 || next.page == last.page;
            if follows && next.is_true && !(last.is_last && last.is_true) {
                last = next;
            }
        }
        let is_delivered = pages.peek().is_some_and(|next| next.part == first.part);
        if last.is_last && last.is_true && is_delivered {
            polls.push(FullPoll {
                start: first.at,
                end: last.at,
            });
        }
    }
    polls
}

/// The events of one request.
struct EntryCheck<'a> {
    sim: &'a Sim,
    world: &'a World,
    watched: &'a Watched,
    /// All changes after this time must be reported.
    started: Duration,
    polls: &'a [FullPoll],
    entry: &'a Entry,
    bad: Option<Duration>,
    events: Vec<&'a Event>,
}

impl EntryCheck<'_> {
    /// Returns each state with its status, start and end. An expiry is a state of its own.
    fn states(&self) -> Vec<(&State, &str, Duration, Duration)> {
        let states = &self.entry.states;
        let mut all = Vec::new();
        for (index, state) in states.iter().enumerate() {
            let end = states
                .get(index + 1)
                .map_or(Duration::MAX, |next| next.since);
            let since = state.since;
            let expiry = self.entry.expires_at - self.world.time(Duration::ZERO);
            let expiry = expiry.to_std().unwrap_or_default().max(since);
            let is_open = matches!(state.status.as_str(), "open" | "pending");
            if is_open && expiry < end {
                if expiry > since {
                    all.push((state, state.status.as_str(), since, expiry));
                }
                all.push((state, "expired", expiry, end));
            } else {
                all.push((state, state.status.as_str(), since, end));
            }
        }
        all
    }

    fn is_true(&self, broken: &mut impl FnMut(Promise, String, Option<Duration>)) {
        let faults = &self.sim.plan.faults;
        for event in &self.events {
            let mut states = self.states().into_iter();
            let has_happened = match &event.change {
                Changed::Opened => true,
                Changed::Responded { response, status } => states.any(|(state, _, since, _)| {
                    let mut responses = state.responses.iter();
                    since <= event.at
                        && responses.any(|it| it.id == *response && it.status == *status)
                }),
                Changed::Status { to } => {
                    states.any(|(_, status, since, _)| since <= event.at && status == to)
                }
                // Documented: a lagging replica or an untrue 304 can combine an old page with a new
                // time. A decided request then looks expired.
                Changed::Expired
                    if faults.has(Fault::UntrueNotModified) || faults.has(Fault::Stale) =>
                {
                    self.world.time(event.at) >= self.entry.expires_at
                }
                Changed::Expired => {
                    states.any(|(_, status, since, _)| since <= event.at && status == "expired")
                }
            };
            if !has_happened || self.entry.opened > event.at {
                broken(
                    Promise::ReportsTheTruth,
                    format!("{:?} has not happened", event.change),
                    Some(event.at),
                );
            }
        }
    }

    /// Checks that each state that a complete poll has seen is reported.
    fn is_reported(&self, broken: &mut impl FnMut(Promise, String, Option<Duration>)) {
        let mut before: Option<&State> = None;
        for (state, status, since, end) in self.states() {
            let is_seen = self
                .polls
                .iter()
                .any(|poll| since < poll.start && poll.end < end);
            if is_seen && since > self.started {
                let is_new = |response: &&crate::world::Response| {
                    before.is_none_or(|before| !before.responses.contains(response))
                };
                for response in state.responses.iter().filter(is_new) {
                    let change = Changed::Responded {
                        response: response.id,
                        status: response.status.clone(),
                    };
                    if !self.events.iter().any(|event| event.change == change) {
                        broken(
                            Promise::ReportsEachChange,
                            format!("{change:?} is missing"),
                            Some(end),
                        );
                    }
                }
                let known = self.events.iter().rev().find(|event| event.at <= since);
                let shows = |event: &&Event| {
                    // The client derives an expiry from the time. The reported status may still be
                    // `open`.
                    event.status == status
                        || event.change == Changed::Expired && status == "expired"
                };
                let mut later = self.events.iter().filter(|event| event.at > since);
                if !known.is_some_and(shows) && !later.any(shows) {
                    broken(
                        Promise::ReportsEachChange,
                        format!("the status {status} is missing"),
                        Some(end),
                    );
                }
            }
            before = Some(state);
        }
    }

    /// Checks that the events add up to the state of the server after the last polls.
    fn is_final(&self, broken: &mut impl FnMut(Promise, String, Option<Duration>)) {
        let states = self.states();
        let Some(last_poll) = self.polls.last() else {
            return;
        };
        let seen = states
            .iter()
            .rposition(|(_, _, since, _)| *since < last_poll.start);
        let Some(seen) = seen else { return };
        let (state, _, since, _) = states[seen];
        let known = status_after(self.events.iter().copied());
        // The cursor does not contain an event that was handled but not saved.
        let saved = status_after(
            self.events
                .iter()
                .copied()
                .filter(|event| !event.is_unsaved),
        );
        let is_opened = self
            .events
            .iter()
            .any(|event| event.change == Changed::Opened);
        if self.entry.opened > self.started && !is_opened {
            broken(
                Promise::ReportsTheLastState,
                "it was never reported as opened".to_owned(),
                None,
            );
        }
        // The watch knows the first status without an event.
        let first = states
            .iter()
            .filter(|(_, _, since, _)| *since <= self.started);
        let first: Vec<&str> = first.map(|(_, status, ..)| *status).collect();
        let last: Vec<&str> = states[seen..]
            .iter()
            .map(|(_, status, ..)| *status)
            .collect();
        let is_last = [known, saved].iter().any(|known| match known {
            Some(known) => last.contains(known),
            None => first.iter().any(|status| last.contains(status)),
        });
        if !is_last {
            let status = last[0];
            broken(
                Promise::ReportsTheLastState,
                format!("it is {status}, and the last event was {known:?}"),
                None,
            );
        }
        if since > self.started {
            for response in &state.responses {
                let change = Changed::Responded {
                    response: response.id,
                    status: response.status.clone(),
                };
                let is_old = self.was_known_silently(&change);
                if !is_old && !self.events.iter().any(|event| event.change == change) {
                    broken(
                        Promise::ReportsTheLastState,
                        format!("{change:?} is missing"),
                        None,
                    );
                }
            }
        }
    }

    /// Returns true if the change may have been known before the first event.
    fn was_known_silently(&self, change: &Changed) -> bool {
        self.states().iter().any(|(state, _, since, _)| {
            *since <= self.started
                && state.responses.iter().any(|response| {
                    *change
                        == Changed::Responded {
                            response: response.id,
                            status: response.status.clone(),
                        }
                })
        })
    }

    fn is_not_repeated(&self, broken: &mut impl FnMut(Promise, String, Option<Duration>)) {
        // With a replica that lags behind, a change of the status can be undone and reported again.
        let is_exact = !self.sim.plan.faults.has(Fault::Stale);
        let mut changes: Vec<&Changed> = self.events.iter().map(|event| &event.change).collect();
        changes.sort();
        changes.dedup();
        for change in changes {
            let same = || self.events.iter().filter(|event| event.change == *change);
            let unsaved = same().filter(|event| event.is_unsaved).count();
            let states = self.states();
            let happened = match change {
                Changed::Opened | Changed::Responded { .. } => 1,
                Changed::Status { .. } | Changed::Expired if !is_exact => continue,
                Changed::Status { to } => {
                    states.iter().filter(|(_, status, ..)| status == to).count()
                }
                Changed::Expired => {
                    let expired = states.iter().filter(|(_, status, ..)| *status == "expired");
                    // The request may merely look expired: see `is_true`.
                    expired.count().max(1)
                }
            };
            if same().count() > happened + unsaved {
                let count = same().count();
                let at = same().next_back().map(|event| event.at);
                broken(
                    Promise::RepeatsTheUnsaved,
                    format!("{change:?} is delivered {count} times"),
                    at,
                );
            }
        }
    }

    /// Checks that the first poll reports only open requests, or no requests if the watch starts
    /// with `from_now`.
    fn is_new(&self, broken: &mut impl FnMut(Promise, String, Option<Duration>)) {
        let opened = self
            .events
            .iter()
            .find(|event| event.change == Changed::Opened);
        let Some(event) = opened else { return };
        let was_open = self.states().iter().any(|(_, status, since, _)| {
            *since <= self.started && matches!(*status, "open" | "pending")
        });
        let is_known = self.entry.opened.is_zero() && (self.watched.from_now || !was_open);
        let faults = &self.sim.plan.faults;
        let opened = self.world.entries.iter().map(|entry| entry.opened);
        let growth = opened
            .filter(|at| !at.is_zero() && *at <= self.started)
            .count();
        // Documented: a lagging replica, a 304 for a changed page, or a list without `Link` that
        // grows by more than a page, can hide a request from the first poll.
        let shows_old_pages = faults.has(Fault::Stale) || faults.has(Fault::UntrueNotModified);
        let is_missed = growth > 0 && shows_old_pages
            || growth > self.sim.plan.per_page as usize && faults.has(Fault::NoLink);
        // The first poll may also have skipped the request because it could not be decoded.
        if is_known && !is_missed && self.bad.is_none() {
            broken(
                Promise::OpensTheNew,
                format!("its status was {}", event.status),
                Some(event.at),
            );
        }
    }
}

/// Returns the status of a request according to its events.
fn status_after<'a>(events: impl Iterator<Item = &'a Event>) -> Option<&'a str> {
    let statuses = events.filter_map(|event| match &event.change {
        Changed::Opened if matches!(event.status.as_str(), "open" | "pending") => {
            Some(event.status.as_str())
        }
        Changed::Status { to } => Some(to.as_str()),
        Changed::Expired => Some("expired"),
        Changed::Opened | Changed::Responded { .. } => None,
    });
    statuses.last()
}
