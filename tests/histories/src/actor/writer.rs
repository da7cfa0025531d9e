//! A reviewer: approves and rejects requests, dismisses responses, and undoes reviews through the
//! client.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use github_bypass_requests::{
    Client, Confirmation, Decision, Error, Repository, ResponseId, Result, Review, ReviewResult,
    SecretScanning,
};
use tokio::time::{sleep, timeout};

use crate::actor::{FOREVER, seconds};
use crate::record::{Call, End, Operation};
use crate::sim::Sim;
use crate::slip::Slip;
use crate::world::{Entry, Kind, ORGANIZATION, Place};

pub(crate) struct Writer {
    pub(crate) sim: Arc<Sim>,
    pub(crate) user: &'static str,
    pub(crate) client: Client,
    pub(crate) rng: Rng,
    /// The reviews that this writer knows to be its own, with the indexes of their calls.
    pub(crate) reviews: Vec<(Place, Review, usize)>,
}

impl Writer {
    pub(crate) async fn run(mut self) {
        while self.sim.now() < self.sim.plan.duration {
            sleep(seconds(&mut self.rng, 0.0..12.0)).await;
            let Some(entry) = self.any_request() else {
                continue;
            };
            let undoes = self.rng.u32(..4) == 0;
            match self.rng.choice(self.reviews.clone()) {
                Some((place, review, of)) if undoes => self.undo(place, &review, of).await,
                _ => self.act(&entry).await,
            }
        }
    }

    fn any_request(&mut self) -> Option<Entry> {
        let world = self.sim.world();
        let secrets = world.entries.iter().filter(|it| it.key.0 == Kind::Secret);
        self.rng.choice(secrets.collect::<Vec<_>>()).cloned()
    }

    fn repository(&self, place: Place) -> SecretScanning<Repository> {
        let repository = self.client.repository(ORGANIZATION, place.repository);
        repository.secret_scanning()
    }

    async fn act(&mut self, entry: &Entry) {
        let place = entry.place;
        let decision = if self.rng.bool() {
            Decision::Approve
        } else {
            Decision::Reject
        };
        match self.rng.u32(..10) {
            0..4 => self.review(place, decision).await,
            4..7 => self.review_if_open(place, decision).await,
            7..9 => {
                let responses = entry.state().responses.iter();
                match self.rng.choice(responses.collect::<Vec<_>>()) {
                    Some(response) => self.dismiss(place, response.id).await,
                    None => self.review(place, decision).await,
                }
            }
            _ => {
                let repository = self.repository(place);
                let get = async |_| repository.get(place.number).await;
                self.call(place, Operation::Get, get, |_| End::Read).await;
            }
        }
    }

    async fn review(&mut self, place: Place, decision: Decision) {
        let repository = self.repository(place);
        let operation = Operation::Review(status(decision));
        let kind = self.rng.bool();
        let send = async |index| {
            let message = Call::message(index);
            match decision {
                Decision::Approve if kind => repository.approve(place.number, message).await,
                Decision::Reject if kind => repository.reject(place.number, message).await,
                decision => repository.review(place.number, decision, message).await,
            }
        };
        if let (index, Some(review)) = self.call(place, operation, send, reviewed).await {
            self.reviews.push((place, review, index));
        }
    }

    async fn review_if_open(&mut self, place: Place, decision: Decision) {
        let repository = self.repository(place);
        let operation = Operation::ReviewIfOpen(status(decision));
        let send = async |index| {
            let message = Call::message(index);
            repository
                .review_if_open(place.number, decision, message)
                .await
        };
        let end = |outcome: &github_bypass_requests::ReviewOutcome| match &outcome.result {
            ReviewResult::Reviewed { review, .. } => reviewed(review),
            _ => End::Refused(format!("not reviewed: {outcome}")),
        };
        if let (index, Some(outcome)) = self.call(place, operation, send, end).await
            && let ReviewResult::Reviewed { review, .. } = outcome.result
        {
            self.reviews.push((place, review, index));
        }
    }

    async fn dismiss(&mut self, place: Place, response: i64) {
        let repository = self.repository(place);
        let id = ResponseId::try_from(response).expect("an id");
        let send = async |_| repository.dismiss(id).await;
        let operation = Operation::Dismiss(response);
        self.call(place, operation, send, |_| End::Dismissed).await;
    }

    async fn undo(&mut self, place: Place, review: &Review, of: usize) {
        let Some(response) = review.response_id else {
            return;
        };
        let repository = self.repository(place);
        let send = async |_| repository.undo(place.number, review).await;
        let operation = Operation::Undo {
            response: response.get(),
            of,
        };
        self.call(place, operation, send, |_| End::Dismissed).await;
    }

    /// Makes a call and records it. Sometimes drops its future.
    async fn call<T, F: Future<Output = Result<T>>>(
        &mut self,
        place: Place,
        operation: Operation,
        send: impl FnOnce(usize) -> F,
        end: impl FnOnce(&T) -> End,
    ) -> (usize, Option<T>) {
        let sim = self.sim.clone();
        let started = sim.now();
        let call = Call {
            user: self.user,
            place,
            operation,
            started,
            ended: started,
            end: End::Dropped,
        };
        let index = {
            let calls = &mut sim.record().calls;
            calls.push(call.clone());
            calls.len() - 1
        };
        sim.trace(Some(place), || {
            format!(
                "call {index} by {}: {:?} {place}",
                self.user, call.operation
            )
        });
        let limit = if self.rng.f64() < self.sim.plan.dropped {
            seconds(&mut self.rng, 0.0..25.0)
        } else {
            FOREVER
        };
        let result = timeout(limit, send(index)).await;
        let end = match &result {
            Err(_) => End::Dropped,
            Ok(Ok(value)) => end(value),
            Ok(Err(error)) => failed(error),
        };
        sim.trace(Some(place), || format!("call {index} ends: {end:?}"));
        let call = &mut sim.record().calls[index];
        call.ended = sim.now();
        call.end = slipped(sim.slip, end);
        if sim.slips(Slip::EndsLate) {
            call.ended += Duration::from_secs(7200);
        }
        (index, result.ok().and_then(Result::ok))
    }
}

/// Returns the status of the response that a decision adds.
fn status(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        _ => "denied",
    }
}

fn reviewed(review: &Review) -> End {
    End::Reviewed {
        response: review.response_id.map(ResponseId::get),
        is_read_back: matches!(review.confirmation, Confirmation::ReadBack { .. }),
    }
}

fn failed(error: &Error) -> End {
    if error.is_ambiguous() {
        End::Ambiguous(error.to_string())
    } else {
        End::Refused(error.to_string())
    }
}

fn slipped(slip: Option<Slip>, end: End) -> End {
    match (slip, end) {
        (Some(Slip::ReviewedReportedAsRefused), End::Reviewed { .. }) => {
            End::Refused("a slip".to_owned())
        }
        (Some(Slip::DismissedReportedAsRefused), End::Dismissed) => {
            End::Refused("a slip".to_owned())
        }
        (Some(Slip::RefusedReportedAsReviewed), End::Refused(_)) => End::Reviewed {
            response: None,
            is_read_back: false,
        },
        (Some(Slip::RefusedReportedAsReadBack), End::Refused(_)) => End::Reviewed {
            response: None,
            is_read_back: true,
        },
        (Some(Slip::RefusedReportedAsDismissed), End::Refused(_)) => End::Dismissed,
        (_, end) => end,
    }
}
