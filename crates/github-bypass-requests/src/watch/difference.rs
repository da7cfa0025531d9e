//! Compares a poll with the events delivered so far. Pure functions.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::ids::RequestId;
use crate::model::response::BypassResponse;
use crate::model::vocabulary::{RequestStatus, ResponseStatus};
use crate::watch::cursor::{Known, KnownRequests, KnownResponse};
use crate::watch::event::Change;
use crate::watch::followed::Followed;
use crate::watch::poll::Snapshot;

/// The longest expected lag of a replica. An older state of a request is ignored for this long, and
/// a list may lack a new request for this long.
const MAX_LAG: TimeDelta = TimeDelta::seconds(60);

/// The requests that the first poll reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    WithOpen,
    FromNow,
}

/// The first poll of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FirstPoll {
    pub(crate) start: Start,
    /// The other lists of the group have reported all changes before this time. Requests created
    /// after it, or up to `MAX_LAG` before it, are reported even if `start` excludes them, because
    /// those lists may not have contained them yet. `None` if no other list was polled.
    pub(crate) new_since: Option<DateTime<Utc>>,
}

/// An event to be delivered.
#[derive(Debug)]
pub(crate) struct Pending<R> {
    /// Shared by the events of the request. The last event takes the request without a copy.
    request: Arc<R>,
    change: Change,
    /// True for the last event of the request in this poll.
    is_last: bool,
    now: DateTime<Utc>,
}

/// Returns the events of a poll, oldest first. An event without a known time counts as happening
/// now. Requests without an event are recorded as known immediately.
///
/// `first` selects what the first poll reports; it is `None` for all later polls.
///
/// A request is forgotten if the list no longer contains it and it is older than `window`. Absence
/// from the list is not enough: a poll can miss a request that moves between pages while they are
/// read. The next poll would then report it as new.
pub(crate) fn compare<R: Followed>(
    known: &mut KnownRequests,
    snapshot: Snapshot<R>,
    first: Option<FirstPoll>,
    window: TimeDelta,
    is_listed: impl Fn(&RequestId) -> bool,
) -> VecDeque<Pending<R>> {
    let Snapshot { requests, now, .. } = snapshot;
    let oldest = now.checked_sub_signed(window);
    known.retain(|id, known| {
        let is_old = oldest.is_some_and(|oldest| known.created_at < oldest);
        !is_old || requests.contains_key(id) || is_listed(id)
    });
    let mut events = Vec::new();
    for (id, request) in requests {
        if let Some(known) = known.get_mut(&id)
            && known.ignores(&request, now)
        {
            continue;
        }
        let is_reported = first.is_none_or(|first| {
            let new_since = first.new_since.map(|since| since - MAX_LAG);
            let is_new = new_since.is_some_and(|since| request.created_at() >= since);
            // A known request is in another list of the same watch.
            let is_known = known.contains_key(&id);
            is_new || is_known || first.start == Start::WithOpen && request.is_open()
        });
        let changes = if is_reported {
            changes(known.get(&id), &request, now)
        } else {
            Vec::new()
        };
        if changes.is_empty() {
            let known = known.entry(id).or_insert_with(|| Known::all(&request));
            known.settle(&request, now);
        }
        events.extend(with_times(request, changes, now));
    }
    // A stable sort keeps the order of simultaneous events of one request.
    events.sort_by_key(|(at, _)| *at);
    events.into_iter().map(|(_, pending)| pending).collect()
}

/// Returns the changes to a request that are not known yet, in order.
fn changes<R: Followed>(known: Option<&Known>, request: &R, now: DateTime<Utc>) -> Vec<Change> {
    let opened = known.is_none().then_some(Change::Opened);
    let new;
    let known = match known {
        Some(known) => known,
        None => {
            new = Known::opened(request);
            &new
        }
    };
    let responded = first_seen(&known.responses, request.responses());
    let responded = responded.cloned().map(Change::Responded);
    let is_reported = |end: &DateTime<Utc>| known.expired.is_some_and(|reported| reported >= *end);
    let end = ended(request, now);
    let expired = end.filter(|end| !is_reported(end));
    let expired = expired.map(|_| Change::Expired);
    // A request expires when the server's clock passes `expires_at`, and later gets the status
    // `expired`. That is one change.
    let is_expiry = match request.status() {
        RequestStatus::Expired => {
            expired.is_some() || known.status.as_ref().is_none_or(RequestStatus::is_open)
        }
        _ => end.is_some() && known.status == Some(RequestStatus::Expired),
    };
    let from = known.status.clone();
    let is_new = from.as_ref() != Some(request.status());
    let changed = (is_new && !is_expiry).then_some(Change::StatusChanged { from });
    let all = opened.into_iter().chain(responded);
    all.chain(expired).chain(changed).collect()
}

impl<R: Followed + Clone> Pending<R> {
    /// Returns the request and its change, and records the change as delivered.
    pub(crate) fn deliver(self, known: &mut KnownRequests) -> (R, Change) {
        let Self {
            request,
            change,
            is_last,
            now,
        } = self;
        let known = known.entry(request.id());
        let known = known.or_insert_with(|| Known::opened(&*request));
        known.learn(&change, &*request, now);
        if is_last {
            known.settle(&*request, now);
        }
        (Arc::unwrap_or_clone(request), change)
    }
}

impl Known {
    /// The state after `Opened` was delivered.
    fn opened<R: Followed>(request: &R) -> Self {
        Self {
            id: request.id(),
            created_at: request.created_at(),
            status: request.is_open().then(|| request.status().clone()),
            responses: Vec::new(),
            expired: None,
            older_since: None,
        }
    }

    /// The state to record for a new request that is not reported. All its responses count as
    /// known.
    fn all<R: Followed>(request: &R) -> Self {
        Self {
            responses: request.responses().iter().map(KnownResponse::of).collect(),
            ..Self::opened(request)
        }
    }

    /// Records a delivered change.
    fn learn<R: Followed>(&mut self, change: &Change, request: &R, now: DateTime<Utc>) {
        match change {
            Change::Opened => {}
            Change::Responded(response) => self.responses.push(KnownResponse::of(response)),
            Change::Expired => {
                self.expired = self.expired.max(ended(request, now));
                if *request.status() == RequestStatus::Expired {
                    self.status = Some(request.status().clone());
                }
            }
            Change::StatusChanged { .. } => {
                if request.is_open() {
                    // It may expire again.
                    self.expired = None;
                }
                self.status = Some(request.status().clone());
            }
        }
    }

    /// Returns true if the poll shows an older state of the request. In that case, no changes are
    /// reported.
    ///
    /// A replica that lags behind shows a state that is a few seconds old. An older state that is
    /// shown for longer than `MAX_LAG`, or that contains a new response, counts as the current
    /// state.
    fn ignores<R: Followed>(&mut self, request: &R, now: DateTime<Utc>) -> bool {
        if !self.is_newer_than(request) {
            self.older_since = None;
            return false;
        }
        let mut new = first_seen(&self.responses, request.responses());
        if new.next().is_some() {
            // An older state is ignored until `MAX_LAG` has passed since `older_since`. A state
            // with a new response must not be ignored: not by this poll, not by later polls, and
            // not after a restart. So use a time that is long ago.
            self.older_since = Some(DateTime::UNIX_EPOCH);
        }
        now - *self.older_since.get_or_insert(now) <= MAX_LAG
    }

    /// Returns true if the poll shows an older state than the reported one: a response or its
    /// dismissal is missing, the status is no longer completed, cancelled or deleted, or an expired
    /// request is open without a later `expires_at`. GitHub never makes such a change.
    fn is_newer_than<R: Followed>(&self, request: &R) -> bool {
        let is_missing = |known: &KnownResponse| {
            let mut shown = request.responses().iter();
            let was_dismissed = known.status == Some(ResponseStatus::Dismissed);
            known.id.is_some()
                && !shown.any(|response| {
                    let is_dismissed = response.status == Some(ResponseStatus::Dismissed);
                    response.id == known.id && (is_dismissed || !was_dismissed)
                })
        };
        let is_undone = match &self.status {
            Some(RequestStatus::Expired) => {
                let is_later = |end| self.expired.is_none_or(|reported| end > reported);
                request.is_open() && !request.expires_at().is_some_and(is_later)
            }
            Some(
                status @ (RequestStatus::Completed
                | RequestStatus::Cancelled
                | RequestStatus::Deleted),
            ) => status != request.status(),
            _ => false,
        };
        is_undone || self.responses.iter().any(is_missing)
    }

    /// Records that every change to the request has been delivered. A response with an id stays
    /// known even if the request no longer contains it, because a stale replica may show it again.
    fn settle<R: Followed>(&mut self, request: &R, now: DateTime<Utc>) {
        self.status = Some(request.status().clone());
        self.expired = self.expired.max(ended(request, now));
        self.responses.retain(|response| response.id.is_some());
        let present = request.responses().iter().map(KnownResponse::of);
        self.responses
            .extend(present.filter(|response| response.id.is_none()));
    }
}

/// Returns the responses whose current status is not known yet. Responses without an id are
/// distinguished only by their status: if there are more responses with the same status than known
/// ones, the extra ones at the end are returned.
fn first_seen<'a>(
    known: &[KnownResponse],
    responses: &'a [BypassResponse],
) -> impl Iterator<Item = &'a BypassResponse> {
    let mut left = HashMap::<KnownResponse, usize>::new();
    for response in known {
        *left.entry(response.clone()).or_default() += 1;
    }
    responses.iter().filter(move |response| {
        let left = left.get_mut(&KnownResponse::of(response));
        let left = left.filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_none()
    })
}

/// Returns the time at which the request expired, if it did so without a decision.
fn ended<R: Followed>(request: &R, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match request.status() {
        RequestStatus::Expired => Some(request.expires_at().unwrap_or(request.created_at())),
        status if status.is_open() => request.expires_at().filter(|end| *end <= now),
        _ => None,
    }
}

/// Returns the events of a request, each with the time to sort it by.
fn with_times<R: Followed>(
    request: R,
    changes: Vec<Change>,
    now: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, Pending<R>)> {
    let request = Arc::new(request);
    let mut floor = DateTime::<Utc>::MIN_UTC;
    let mut left = changes.len();
    let timed = changes.into_iter().map(|change| {
        let at = match &change {
            Change::Opened => Some(request.created_at()),
            Change::Responded(response) => responded_at(response),
            Change::Expired => ended(&*request, now),
            Change::StatusChanged { .. } => decided_at(&*request),
        };
        // A change without a known time happened after the previous poll, so it counts as happening
        // now.
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

/// Returns the time of a response. GitHub does not report the time of a dismissal.
fn responded_at(response: &BypassResponse) -> Option<DateTime<Utc>> {
    let dismissed = response.status == Some(ResponseStatus::Dismissed);
    response.created_at.filter(|_| !dismissed)
}

/// Returns the time of the response that led to the request's status, if one did.
fn decided_at<R: Followed>(request: &R) -> Option<DateTime<Utc>> {
    match request.status() {
        RequestStatus::Approved | RequestStatus::Denied => {
            request.responses().iter().filter_map(responded_at).max()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
