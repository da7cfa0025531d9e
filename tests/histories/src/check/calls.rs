//! Checks reviews, dismissals, and the promises that hold for every call.

use std::time::Duration;

use crate::fault::Fault;
use crate::history::Violation;
use crate::promise::Promise;
use crate::record::{Call, Effect, EffectOf, End, Operation, Record};
use crate::sim::Sim;
use crate::world::{Entry, World, dismissal_path};

pub(crate) fn check(sim: &Sim, violations: &mut Vec<Violation>) {
    let record = sim.record();
    let world = sim.world();
    for (index, call) in record.calls.iter().enumerate() {
        let mut check = CallCheck {
            sim,
            record: &record,
            world: &world,
            call,
            index,
            violations,
        };
        check.run();
    }
    check_dismissals(&record, violations);
    let general = |promise, found: &String| Violation {
        promise,
        found: found.clone(),
        about: None,
        at: None,
    };
    violations.extend(
        record
            .failed_afterwards
            .iter()
            .map(|it| general(Promise::KeepsWorking, it)),
    );
    violations.extend(
        record
            .other_hosts
            .iter()
            .map(|it| general(Promise::OneHost, it)),
    );
}

struct CallCheck<'a> {
    sim: &'a Sim,
    record: &'a Record,
    world: &'a World,
    call: &'a Call,
    index: usize,
    violations: &'a mut Vec<Violation>,
}

impl CallCheck<'_> {
    fn run(&mut self) {
        let Call {
            operation,
            started,
            ended,
            ..
        } = self.call;
        match operation {
            Operation::Review(status) | Operation::ReviewIfOpen(status) => self.review(status),
            Operation::Dismiss(response) | Operation::Undo { response, .. } => {
                self.dismissal(*response);
            }
            Operation::Get => {}
        }
        let took = *ended - *started;
        let bound = self.bound();
        if took > bound {
            self.broken(
                Promise::EndsInTime,
                format!("it took {took:?} instead of at most {bound:?}"),
            );
        }
    }

    fn broken(&mut self, promise: Promise, found: String) {
        let Call {
            operation,
            place,
            end,
            ..
        } = self.call;
        self.violations.push(Violation {
            promise,
            found: format!(
                "call {}, {operation:?} of {place}, ended with {end:?}: {found}",
                self.index
            ),
            about: Some(*place),
            at: Some(self.call.ended + Duration::from_secs(20)),
        });
    }

    fn entry(&self) -> &Entry {
        let place = self.call.place;
        let mut entries = self.world.entries.iter();
        entries
            .find(|entry| entry.place == place)
            .expect("a request")
    }

    fn review(&mut self, status: &str) {
        let message = Call::message(self.index);
        let effects = self.record.effects.iter();
        let own: Vec<i64> = effects
            .filter_map(|effect| match &effect.what {
                EffectOf::Review {
                    message: of,
                    response,
                } if *of == message => Some(*response),
                _ => None,
            })
            .collect();
        if own.len() > 1 {
            self.broken(
                Promise::RecordedOnce,
                format!("it has the responses {own:?}"),
            );
        }
        match &self.call.end {
            End::Reviewed {
                response,
                is_read_back: false,
            } => {
                let is_own = response.is_none_or(|response| own.contains(&response));
                if own.is_empty() || !is_own {
                    self.broken(
                        Promise::RecordedIfReviewed,
                        format!("its responses are {own:?}"),
                    );
                }
            }
            End::Reviewed {
                response,
                is_read_back: true,
            } => {
                let response = *response;
                if own.is_empty() && !self.is_of_colleague(response, status) {
                    self.broken(
                        Promise::OwnOrColleagues,
                        "no user has given that response".to_owned(),
                    );
                }
            }
            // Documented: a middlebox may send the write twice and return the second response.
            End::Refused(_) if !own.is_empty() && !self.is_duplicated(&message) => {
                self.broken(
                    Promise::NothingIfRefused,
                    format!("it has the responses {own:?}"),
                );
            }
            _ => {}
        }
    }

    /// Returns true if another user has given this response during the call.
    fn is_of_colleague(&self, response: Option<i64>, status: &str) -> bool {
        // The times of responses are whole seconds, GitHub's clocks may differ by two seconds, and
        // an HTTP response with an old `Date` makes a bypass response look newer.
        let age = Duration::from_secs(4) + self.sim.plan.lag;
        let from = self.call.started.saturating_sub(age);
        let states = self.entry().states.iter();
        let mut responses = states
            .filter(|state| state.since >= from && state.since <= self.call.ended)
            .flat_map(|state| &state.responses);
        responses.any(|it| Some(it.id) == response && it.status == status)
    }

    fn is_duplicated(&self, key: &str) -> bool {
        let key = format!("{key}\"");
        self.record.duplicated.iter().any(|it| it.contains(&key))
    }

    fn dismissal(&mut self, response: i64) {
        if self.call.end == End::Dismissed {
            let states = self.entry().states.iter();
            let mut states = states.filter(|state| state.since <= self.call.ended);
            let is_dismissed = states.any(|state| {
                let mut responses = state.responses.iter();
                responses.any(|it| it.id == response && it.status == "dismissed")
            });
            if !is_dismissed {
                self.broken(
                    Promise::Dismissed,
                    format!("response {response} is not dismissed"),
                );
            }
        }
        if matches!(self.call.end, End::Refused(_)) && self.has_dismissed(response) {
            let found = format!("it has dismissed response {response}");
            self.broken(Promise::NothingIfRefused, found);
        }
        if let Operation::Undo { response, of } = self.call.operation
            && self.call.end == End::Dismissed
        {
            let message = Call::message(of);
            let is_own = self.record.effects.iter().any(|effect| {
                effect.what
                    == EffectOf::Review {
                        message: message.clone(),
                        response,
                    }
            });
            if !is_own {
                self.broken(
                    Promise::DismissesItsOwn,
                    format!("response {response} does not belong to call {of}"),
                );
            }
        }
    }

    /// Returns true if this call must have dismissed the response, because no other call can have
    /// done it.
    fn has_dismissed(&self, response: i64) -> bool {
        let is_other = |(index, call): (usize, &Call)| {
            index != self.index
                && call.user == self.call.user
                && call.operation.dismisses() == Some(response)
        };
        let is_own = |effect: &Effect| {
            effect.user == self.call.user && effect.what == EffectOf::Dismissal { response }
        };
        // Documented: a middlebox may send the write twice and return the second response.
        let path = dismissal_path(self.call.place.repository, response);
        let is_duplicated = self.record.duplicated.contains(&path);
        !self.record.calls.iter().enumerate().any(is_other)
            && self.record.effects.iter().any(is_own)
            && !is_duplicated
    }

    /// Returns the longest time that the call may take: see `ClientBuilder::call_timeout`.
    ///
    /// A writer makes one call at a time, and never waits for a token.
    fn bound(&self) -> Duration {
        if let Some(timeout) = self.sim.plan.call_timeout {
            // Timers have a resolution of a millisecond.
            return timeout + Duration::from_millis(2);
        }
        let has_limits = self.sim.plan.faults.has(Fault::RateLimited);
        let limits = Duration::from_secs(if has_limits { 92 } else { 0 });
        // The last attempt starts within the retry window.
        let send = Duration::from_secs(60 + 30) + limits;
        // Three reads, the last one after 15 seconds. A 503 may request a longer delay.
        let read_back = Duration::from_secs(15 + 30 + 30) + limits * 3;
        let review = (send + read_back) * 2;
        match self.call.operation {
            Operation::Get => send,
            Operation::Review(_) => review,
            Operation::ReviewIfOpen(_) => review + send * 2,
            Operation::Dismiss(_) => send * 2,
            Operation::Undo { .. } => send * 6 + Duration::from_secs(15),
        }
    }
}

/// Checks that each dismissal on the server belongs to a call of the same user.
fn check_dismissals(record: &Record, violations: &mut Vec<Violation>) {
    for Effect { at, user, what } in &record.effects {
        let EffectOf::Dismissal { response: id } = what else {
            continue;
        };
        let is_for = |call: &Call| {
            call.user == user && call.started <= *at && call.operation.dismisses() == Some(*id)
        };
        if !record.calls.iter().any(is_for) {
            violations.push(Violation {
                promise: Promise::DismissesItsOwn,
                found: format!("{user} has dismissed response {id}"),
                about: None,
                at: Some(*at),
            });
        }
    }
}
