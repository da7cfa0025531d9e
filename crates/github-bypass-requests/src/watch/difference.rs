//! What is to be told: the difference between what was told and what is. Pure.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::Start;
use super::cursor::{Answer, Known, Told};
use super::look::Look;
use crate::{BypassRequest, BypassResponse, Change, RequestStatus, ResponseStatus, WatchEvent};

/// An event to be told, and what is known of its request once it is.
#[derive(Debug)]
pub(super) struct Pending<D> {
    pub(super) event: WatchEvent<D>,
    pub(super) known: Known,
}

/// What a look has brought, oldest first as far as that can be told. What is not worth telling is
/// known at once.
///
/// `start` says what the first look tells of; it is `None` for all later ones. What was made longer
/// ago than `window` and is no longer listed is forgotten. To be forgotten for not being listed alone
/// would not do: while pages are read one after the other, a request may slide past between two of
/// them, and would be new again by the next look.
pub(super) fn compare<D: Clone>(
    told: &mut Told,
    look: Look<D>,
    start: Option<Start>,
    window: TimeDelta,
) -> VecDeque<Pending<D>> {
    let Look { requests, now } = look;
    let oldest = now.checked_sub_signed(window);
    told.retain(|id, known| {
        requests.contains_key(id) || oldest.is_none_or(|oldest| known.created_at >= oldest)
    });
    let mut news = Vec::new();
    for (id, request) in requests {
        let before = told.get(&id);
        let steps = steps(before, &request, now, start);
        if steps.is_empty() {
            let known = Known::of(&request, now, before);
            if before != Some(&known) {
                told.insert(id, known);
            }
        }
        news.extend(timed(request, steps, now));
    }
    // Stable: what happened to one request at one instant stays in its order.
    news.sort_by_key(|(at, _)| *at);
    news.into_iter().map(|(_, pending)| pending).collect()
}

/// What is to be told of a request, in order, each with what is known once it is told.
fn steps<D>(
    before: Option<&Known>,
    request: &BypassRequest<D>,
    now: DateTime<Utc>,
    start: Option<Start>,
) -> Vec<(Change, Known)> {
    let first = match start {
        None => next(before, request, now),
        Some(Start::WithOpen) if is_undecided(&request.status) => Some(present(request)),
        Some(_) => None,
    };
    let following = |(_, known): &(Change, Known)| next(Some(known), request, now);
    let mut steps: Vec<_> = std::iter::successors(first, following).collect();
    if let Some((_, known)) = steps.last_mut() {
        *known = Known::of(request, now, Some(known));
    }
    steps
}

/// What is to be told next of a request, and what is known once it is told.
///
/// Each step brings what is known nearer to what is, so that there is an end, and a watch that is
/// stopped between two of them goes on with the second.
fn next<D>(
    known: Option<&Known>,
    request: &BypassRequest<D>,
    now: DateTime<Utc>,
) -> Option<(Change, Known)> {
    let Some(known) = known else {
        let undecided = is_undecided(&request.status);
        let (change, mut known) = present(request);
        known.status = known.status.filter(|_| undecided);
        known.responses.clear();
        return Some((change, known));
    };
    let BypassRequest {
        status, responses, ..
    } = request;
    let mut after = known.clone();
    if let Some(response) = first_new(&known.responses, responses) {
        after.responses.push(Answer::of(response));
        return Some((Change::Responded(response.clone()), after));
    }
    let told = |end: &DateTime<Utc>| known.expired.is_some_and(|told| told >= *end);
    if let Some(end) = ended(request, now).filter(|end| !told(end)) {
        after.expired = Some(end);
        if *status == RequestStatus::Expired {
            after.status = Some(status.clone());
        }
        return Some((Change::Expired, after));
    }
    // GitHub's own word for what its clock has told before.
    let repeated =
        *status == RequestStatus::Expired && known.status.as_ref().is_none_or(is_undecided);
    if known.status.as_ref() == Some(status) || repeated {
        return None;
    }
    after.status = Some(status.clone());
    let from = known.status.clone();
    Some((Change::StatusChanged { from }, after))
}

/// A request of which nothing was told, as it is.
fn present<D>(request: &BypassRequest<D>) -> (Change, Known) {
    let known = Known {
        id: request.id,
        created_at: request.created_at,
        status: Some(request.status.clone()),
        responses: request.responses.iter().map(Answer::of).collect(),
        expired: None,
    };
    (Change::Opened, known)
}

impl Known {
    /// All there is to know of a request.
    fn of<D>(request: &BypassRequest<D>, now: DateTime<Utc>, before: Option<&Self>) -> Self {
        let (_, known) = present(request);
        let told = before.and_then(|before| before.expired);
        Self {
            expired: told.max(ended(request, now)),
            ..known
        }
    }
}

/// The first response that is not known as it is. Those without an id are told apart by their
/// status and their number alone.
fn first_new<'a>(known: &[Answer], responses: &'a [BypassResponse]) -> Option<&'a BypassResponse> {
    let mut left = known.to_vec();
    responses.iter().find(|response| {
        let answer = Answer::of(response);
        let position = left.iter().position(|known| *known == answer);
        position
            .map(|position| left.swap_remove(position))
            .is_none()
    })
}

/// The end of a request's time, if that has passed and nobody has decided.
fn ended<D>(request: &BypassRequest<D>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match &request.status {
        RequestStatus::Expired => Some(request.expires_at.unwrap_or(request.created_at)),
        status if is_undecided(status) => request.expires_at.filter(|end| *end <= now),
        _ => None,
    }
}

fn is_undecided(status: &RequestStatus) -> bool {
    matches!(status, RequestStatus::Open | RequestStatus::Pending)
}

/// The events of a request, each with the instant that it is told by.
fn timed<D: Clone>(
    request: BypassRequest<D>,
    steps: Vec<(Change, Known)>,
    now: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, Pending<D>)> {
    let mut floor = DateTime::<Utc>::MIN_UTC;
    let timed = steps.into_iter().map(|(change, known)| {
        let at = match &change {
            Change::Opened => Some(request.created_at),
            Change::Responded(response) => answered_at(response),
            Change::Expired => known.expired,
            Change::StatusChanged { .. } => decided_at(&request),
        };
        // What does not say when it happened has happened since the last look.
        floor = floor.max(at.unwrap_or(now));
        let request = request.clone();
        let event = WatchEvent { request, change };
        (floor, Pending { event, known })
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
