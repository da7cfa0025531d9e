//! Polls lists, and delivers the changes to all their requests one by one.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use futures_util::stream::try_unfold;
use tokio::sync::Semaphore;

use crate::error::{InvalidInput, Result};
use crate::list::List;
use crate::list::endpoint::Scope;
use crate::list::stream::Boxed;
use crate::list::window::{Reach, oldest_shown};
use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, BypassRequest};
use crate::model::vocabulary::StatusFilter;
use crate::watch::cursor::KnownRequests;
use crate::watch::difference::{FirstPoll, Pending, Start, compare};
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
    /// The index of the list that was polled last.
    pending_of: usize,
    /// The time of that poll.
    polled_at: DateTime<Utc>,
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
    /// The time of the last poll whose events are all delivered.
    pub(crate) reported_until: Option<DateTime<Utc>>,
    /// The requests in the last poll. `None` before the first poll, including the first one after a
    /// restart.
    listed: Option<BTreeSet<RequestId>>,
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
    ///
    /// Lists that share a `turn` are polled one at a time.
    pub(crate) fn new<S: Scope>(
        mut list: List<S, D>,
        every: Duration,
        turn: Arc<Semaphore>,
    ) -> Self {
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
        let poller = Poller::new(list, every, monitor.clone(), turn);
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
    /// before a restart, and `reported_until` is the time of a poll before the restart.
    pub(crate) fn follow(
        self,
        group: usize,
        started: bool,
        reported_until: Option<DateTime<Utc>>,
    ) -> FollowedList<R> {
        FollowedList {
            polls: Some(self.snapshots),
            monitor: self.monitor,
            window: self.window,
            group,
            started,
            reported_until,
            listed: None,
            missing_organizations: Vec::new(),
        }
    }
}

impl<R: Followed + Clone> Follow<R> {
    /// Follows lists whose groups are indices into `known`.
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
            polled_at: DateTime::UNIX_EPOCH,
            missing_organizations: Vec::new(),
        }
    }

    /// Returns the next event. Once all events are delivered, polls the lists that are due. A list
    /// that has failed is not polled again. Ends after all lists have failed.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<(R, Change)>>> {
        loop {
            if let Some(event) = self.deliver() {
                return Poll::Ready(Some(Ok(event)));
            }
            match ready!(self.poll_lists(context)) {
                Some((index, Ok(snapshot))) => self.compare(index, snapshot),
                Some((index, Err(error))) => {
                    if let Some(list) = self.lists.get_mut(index) {
                        list.polls = None;
                    }
                    return Poll::Ready(Some(Err(error)));
                }
                None => return Poll::Ready(None),
            }
        }
    }

    /// Returns the result of the next poll, with the index of its list.
    fn poll_lists(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<(usize, Result<Snapshot<R>>)>> {
        let mut has_ended = true;
        for (index, list) in self.lists.iter_mut().enumerate() {
            let Some(polls) = &mut list.polls else {
                continue;
            };
            match polls.as_mut().poll_next(context) {
                Poll::Ready(Some(polled)) => return Poll::Ready(Some((index, polled))),
                Poll::Ready(None) => list.polls = None,
                Poll::Pending => has_ended = false,
            }
        }
        if has_ended {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }

    /// Returns the next undelivered event of the last poll.
    fn deliver(&mut self) -> Option<(R, Change)> {
        let pending = self.pending.pop_front()?;
        let list = self.lists.get_mut(self.pending_of)?;
        let known = self.known.get_mut(list.group)?;
        if self.pending.is_empty() {
            list.reported_until = Some(self.polled_at);
        }
        Some(pending.deliver(Arc::make_mut(known)))
    }

    /// Compares the snapshot of a list with what is known.
    fn compare(&mut self, index: usize, mut snapshot: Snapshot<R>) {
        let missing_organizations = std::mem::take(&mut snapshot.missing_organizations);
        let is_alone = self.lists.len() == 1;
        let Some(list) = self.lists.get_mut(index) else {
            return;
        };
        let (group, was_started) = (list.group, list.started);
        list.started = true;
        list.missing_organizations = missing_organizations;
        if !is_alone {
            list.listed = Some(snapshot.requests.keys().copied().collect());
        }
        let of_group = || {
            let lists = self.lists.iter().enumerate();
            lists.filter(|(_, list)| list.group == group && list.polls.is_some())
        };
        let others = || of_group().filter(|(other, _)| *other != index);
        let started = others().filter(|(_, list)| list.started);
        let first = (!was_started).then(|| FirstPoll {
            start: self.start,
            new_since: started
                .map(|(_, list)| list.reported_until.unwrap_or(DateTime::UNIX_EPOCH))
                .min(),
        });
        let window = of_group().map(|(_, list)| list.window).max();
        let is_listed = |id: &RequestId| {
            others().any(|(_, list)| match &list.listed {
                Some(listed) => listed.contains(id),
                None => list.started,
            })
        };
        self.polled_at = snapshot.now;
        if let (Some(known), Some(window)) = (self.known.get_mut(group), window) {
            let known = Arc::make_mut(known);
            self.pending = compare(known, snapshot, first, window, is_listed);
            self.pending_of = index;
        }
        if self.pending.is_empty()
            && let Some(list) = self.lists.get_mut(index)
        {
            list.reported_until = Some(self.polled_at);
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
