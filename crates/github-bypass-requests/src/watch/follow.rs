//! Polls lists, and delivers the changes of all their requests one by one.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use futures_util::StreamExt;
use futures_util::stream::try_unfold;

use crate::error::{InvalidInput, Result};
use crate::list::List;
use crate::list::endpoint::Scope;
use crate::list::stream::Boxed;
use crate::list::window::{Reach, oldest_shown};
use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, BypassRequest};
use crate::model::vocabulary::StatusFilter;
use crate::watch::cursor::KnownRequests;
use crate::watch::difference::{Pending, Start, compare};
use crate::watch::event::Change;
use crate::watch::followed::Followed;
use crate::watch::monitor::WatchMonitor;
use crate::watch::poll::{Poller, Snapshot};

/// Follows lists. Lists of one group share what is known about their requests, so that a request in
/// several of them is reported once.
pub(crate) struct Follow<R> {
    pub(crate) lists: Vec<FollowedList<R>>,
    /// The state of each request according to the delivered events, by group.
    pub(crate) known: Vec<Arc<KnownRequests>>,
    start: Start,
    /// The undelivered events of the last poll.
    pending: VecDeque<Pending<R>>,
    /// The group of the list that was polled last.
    pending_of: usize,
    pub(crate) missing_organizations: Vec<i64>,
}

/// A list that is followed.
pub(crate) struct FollowedList<R> {
    /// `None` after the list has failed.
    polls: Option<Boxed<Snapshot<R>>>,
    pub(crate) monitor: WatchMonitor,
    window: TimeDelta,
    pub(crate) group: usize,
    /// True once a poll has succeeded. Before that, new requests cannot be recognized.
    pub(crate) started: bool,
    /// The requests in the last poll.
    listed: BTreeSet<RequestId>,
    missing_organizations: Vec<i64>,
}

/// The polls of a list.
pub(crate) struct Polls<R> {
    pub(crate) snapshots: Boxed<Snapshot<R>>,
    pub(crate) monitor: WatchMonitor,
    /// The longest time for which the list shows a request.
    pub(crate) window: TimeDelta,
}

impl<D: BypassKind> Polls<BypassRequest<D>> {
    /// Prepares to poll a list. If the list cannot be watched, the first poll returns an error.
    pub(crate) fn new<S: Scope>(mut list: List<S, D>, every: Duration) -> Self {
        let query = &list.query;
        let refusal = if !matches!(query.status, None | Some(StatusFilter::All)) {
            Some("a list narrowed by `status` cannot be watched, because decided requests leave it")
        } else if list.start.is_some() {
            Some("a list that starts at a saved position cannot be watched")
        } else if matches!(query.reach, Reach::Since(_)) {
            Some("a list narrowed by `since` cannot be watched; use `time_period`")
        } else {
            None
        };
        if let Some(why) = refusal {
            list.query.refuse(InvalidInput::new(why.to_owned()));
        }
        let window = oldest_shown(list.query.reach.period(Utc::now()));
        let monitor = WatchMonitor::new(list.address());
        let poller = Poller::new(list, every, monitor.clone());
        let snapshots = try_unfold(poller, async |mut poller| {
            Ok(Some((poller.next().await?, poller)))
        });
        Self {
            snapshots: Box::pin(snapshots),
            monitor,
            window,
        }
    }
}

impl<R> Polls<R> {
    /// Converts the requests.
    pub(crate) fn map<T: From<R> + 'static>(self) -> Polls<T>
    where
        R: 'static,
    {
        let snapshots = self.snapshots.map(|snapshot| snapshot.map(Snapshot::map));
        Polls {
            snapshots: Box::pin(snapshots),
            monitor: self.monitor,
            window: self.window,
        }
    }

    /// Follows the list in the group with this index. `started` is true if it was already polled
    /// before a restart.
    pub(crate) fn follow(self, group: usize, started: bool) -> FollowedList<R> {
        FollowedList {
            polls: Some(self.snapshots),
            monitor: self.monitor,
            window: self.window,
            group,
            started,
            listed: BTreeSet::new(),
            missing_organizations: Vec::new(),
        }
    }
}

impl<R: Followed + Clone> Follow<R> {
    /// Follows lists whose groups are indices of `known`.
    pub(crate) fn new(
        lists: Vec<FollowedList<R>>,
        known: Vec<Arc<KnownRequests>>,
        start: Start,
    ) -> Self {
        Self {
            lists,
            known,
            start,
            pending: VecDeque::new(),
            pending_of: 0,
            missing_organizations: Vec::new(),
        }
    }

    /// Returns the next event. Once all events are delivered, polls the lists that are due. After an
    /// error, the list that
    /// failed is not polled again. Ends after all lists have failed.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<(R, Change)>>> {
        loop {
            if let Some(pending) = self.pending.pop_front()
                && let Some(known) = self.known.get_mut(self.pending_of)
            {
                return Poll::Ready(Some(Ok(pending.deliver(Arc::make_mut(known)))));
            }
            let mut has_ended = true;
            let mut received = None;
            for (index, list) in self.lists.iter_mut().enumerate() {
                let Some(polls) = &mut list.polls else {
                    continue;
                };
                has_ended = false;
                if let Poll::Ready(polled) = polls.as_mut().poll_next(context) {
                    match polled {
                        Some(Ok(snapshot)) => {
                            received = Some((index, snapshot));
                            break;
                        }
                        Some(Err(error)) => {
                            list.polls = None;
                            return Poll::Ready(Some(Err(error)));
                        }
                        None => list.polls = None,
                    }
                }
            }
            match received {
                Some((index, snapshot)) => self.compare(index, snapshot),
                None if has_ended => return Poll::Ready(None),
                None => return Poll::Pending,
            }
        }
    }

    /// Compares the snapshot of a list with what is known.
    fn compare(&mut self, index: usize, mut snapshot: Snapshot<R>) {
        let missing_organizations = std::mem::take(&mut snapshot.missing_organizations);
        let is_alone = self.lists.len() == 1;
        let Some(list) = self.lists.get_mut(index) else {
            return;
        };
        let start = (!list.started).then_some(self.start);
        let group = list.group;
        list.started = true;
        list.missing_organizations = missing_organizations;
        if !is_alone {
            list.listed = snapshot.requests.keys().copied().collect();
        }
        let of_group = || self.lists.iter().filter(|list| list.group == group);
        let window = of_group().map(|list| list.window).max();
        let is_listed = |id: &RequestId| of_group().any(|list| list.listed.contains(id));
        if let (Some(known), Some(window)) = (self.known.get_mut(group), window) {
            let known = Arc::make_mut(known);
            self.pending = compare(known, snapshot, start, window, is_listed);
            self.pending_of = group;
        }
        self.missing_organizations.clear();
        for missing in self
            .lists
            .iter()
            .flat_map(|list| &list.missing_organizations)
        {
            if !self.missing_organizations.contains(missing) {
                self.missing_organizations.push(*missing);
            }
        }
    }
}
