//! What is to be told: the difference between what was told and what is. Pure.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::vocabulary::{RequestStatus, ResponseStatus};
use crate::watch::cursor::{Known, KnownRequests, KnownResponse};
use crate::watch::event::{Change, WatchEvent};
use crate::watch::poll::Snapshot;

/// What the first poll reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    WithOpen,
    FromNow,
}

/// An event to be told.
#[derive(Debug)]
pub(crate) struct Pending<D> {
    /// Shared by its events: the last one takes it.
    request: Arc<BypassRequest<D>>,
    change: Change,
    /// Whether this is all there is to tell of the request.
    is_last: bool,
    now: DateTime<Utc>,
}

/// What a look has brought, oldest first as far as that can be told. What is not worth telling is
/// known at once.
///
/// `start` says what the first look tells of; it is `None` for all later ones. What was made longer
/// ago than `window` and is no longer listed is forgotten. To be forgotten for not being listed alone
/// would not do: while pages are read one after the other, a request may slide past between two of
/// them, and would be new again by the next look.
pub(crate) fn compare<D>(
    known: &mut KnownRequests,
    snapshot: Snapshot<D>,
    start: Option<Start>,
    window: TimeDelta,
) -> VecDeque<Pending<D>> {
    let Snapshot { requests, now } = snapshot;
    let oldest = now.checked_sub_signed(window);
    known.retain(|id, known| {
        requests.contains_key(id) || oldest.is_none_or(|oldest| known.created_at >= oldest)
    });
    let mut news = Vec::new();
    for (id, request) in requests {
        let is_told = match start {
            None => true,
            Some(Start::WithOpen) => request.is_open(),
            Some(Start::FromNow) => false,
        };
        let changes = if is_told {
            changes(known.get(&id), &request, now)
        } else {
            Vec::new()
        };
        if changes.is_empty() {
            let known = known.entry(id).or_insert_with(|| Known::all(&request));
            known.settle(&request, now);
        }
        news.extend(timed(request, changes, now));
    }
    // Stable: what happened to one request at one instant stays in its order.
    news.sort_by_key(|(at, _)| *at);
    news.into_iter().map(|(_, pending)| pending).collect()
}

/// What is to be told of a request, in order. Whoever knows a part of it finds the rest.
fn changes<D>(
    known: Option<&Known>,
    request: &BypassRequest<D>,
    now: DateTime<Utc>,
) -> Vec<Change> {
    let opened = known.is_none().then_some(Change::Opened);
    let new;
    let known = match known {
        Some(known) => known,
        None => {
            new = Known::opened(request);
            &new
        }
    };
    let responded = first_seen(&known.responses, &request.responses);
    let responded = responded.cloned().map(Change::Responded);
    let is_told = |end: &DateTime<Utc>| known.expired.is_some_and(|told| told >= *end);
    let expired = ended(request, now).filter(|end| !is_told(end));
    let expired = expired.map(|_| Change::Expired);
    // GitHub's own word for what is told as an expiry, now or when its clock said so.
    let is_expiry = request.status == RequestStatus::Expired
        && (expired.is_some() || known.status.as_ref().is_none_or(RequestStatus::waits));
    let from = known.status.clone();
    let is_new = from.as_ref() != Some(&request.status);
    let changed = (is_new && !is_expiry).then_some(Change::StatusChanged { from });
    let all = opened.into_iter().chain(responded);
    all.chain(expired).chain(changed).collect()
}

impl<D: Clone> Pending<D> {
    /// The event; from now on it is told.
    pub(crate) fn deliver(self, known: &mut KnownRequests) -> WatchEvent<D> {
        let Self {
            request,
            change,
            is_last,
            now,
        } = self;
        let known = known.entry(request.id);
        let known = known.or_insert_with(|| Known::opened(&request));
        known.learn(&change, &request, now);
        if is_last {
            known.settle(&request, now);
        }
        WatchEvent {
            request: Arc::unwrap_or_clone(request),
            change,
        }
    }
}

impl Known {
    /// Of a request that was told to be there.
    fn opened<D>(request: &BypassRequest<D>) -> Self {
        let BypassRequest {
            id,
            created_at,
            status,
            ..
        } = request;
        Self {
            id: *id,
            created_at: *created_at,
            status: status.waits().then(|| status.clone()),
            responses: Vec::new(),
            expired: None,
        }
    }

    /// Of a request that is as it is, and nothing worth telling.
    fn all<D>(request: &BypassRequest<D>) -> Self {
        Self {
            responses: request.responses.iter().map(KnownResponse::of).collect(),
            ..Self::opened(request)
        }
    }

    /// This was told.
    fn learn<D>(&mut self, change: &Change, request: &BypassRequest<D>, now: DateTime<Utc>) {
        match change {
            Change::Opened => {}
            Change::Responded(response) => self.responses.push(KnownResponse::of(response)),
            Change::Expired => {
                self.expired = self.expired.max(ended(request, now));
                if request.status == RequestStatus::Expired {
                    self.status = Some(request.status.clone());
                }
            }
            Change::StatusChanged { .. } => self.status = Some(request.status.clone()),
        }
    }

    /// All was told. A response that it shows no longer stays known, if its id tells it from others: a
    /// server that is behind the others may show it as it was before.
    fn settle<D>(&mut self, request: &BypassRequest<D>, now: DateTime<Utc>) {
        self.status = Some(request.status.clone());
        self.expired = self.expired.max(ended(request, now));
        self.responses.retain(|answer| answer.id.is_some());
        let present = request.responses.iter().map(KnownResponse::of);
        self.responses
            .extend(present.filter(|answer| answer.id.is_none()));
    }
}

/// The responses that are not known as they are. Those without an id are told apart by their status
/// and their number alone.
fn first_seen<'a>(
    known: &[KnownResponse],
    responses: &'a [BypassResponse],
) -> impl Iterator<Item = &'a BypassResponse> {
    let mut left = HashMap::<KnownResponse, usize>::new();
    for answer in known {
        *left.entry(answer.clone()).or_default() += 1;
    }
    responses.iter().filter(move |response| {
        let left = left.get_mut(&KnownResponse::of(response));
        let left = left.filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_none()
    })
}

/// The end of a request's time, if that has passed and nobody has decided.
fn ended<D>(request: &BypassRequest<D>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match &request.status {
        RequestStatus::Expired => Some(request.expires_at.unwrap_or(request.created_at)),
        status if status.waits() => request.expires_at.filter(|end| *end <= now),
        _ => None,
    }
}

/// The events of a request, each with the instant that it is told by.
fn timed<D>(
    request: BypassRequest<D>,
    changes: Vec<Change>,
    now: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, Pending<D>)> {
    let request = Arc::new(request);
    let mut floor = DateTime::<Utc>::MIN_UTC;
    let mut left = changes.len();
    let timed = changes.into_iter().map(|change| {
        let at = match &change {
            Change::Opened => Some(request.created_at),
            Change::Responded(response) => answered_at(response),
            Change::Expired => ended(&request, now),
            Change::StatusChanged { .. } => decided_at(&request),
        };
        // What does not say when it happened has happened since the last look.
        floor = floor.max(at.unwrap_or(now));
        left -= 1;
        let pending = Pending {
            request: request.clone(),
            change,
            is_last: left == 0,
            now,
        };
        (floor, pending)
    });
    timed.collect()
}

/// GitHub tells when a response was given, and not when it was withdrawn.
fn answered_at(response: &BypassResponse) -> Option<DateTime<Utc>> {
    let dismissed = response.status == Some(ResponseStatus::Dismissed);
    response.created_at.filter(|_| !dismissed)
}

/// When a request came to stand where it stands, if it is a response that has brought it there.
fn decided_at<D>(request: &BypassRequest<D>) -> Option<DateTime<Utc>> {
    match request.status {
        RequestStatus::Approved | RequestStatus::Denied => {
            request.responses.iter().filter_map(answered_at).max()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
