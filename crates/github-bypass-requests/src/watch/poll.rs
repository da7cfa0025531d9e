//! Polls a whole list with conditional requests, so that GitHub sends only changed pages.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderValue;
use http::header::ETAG;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use crate::error::{Called, Error, Result};
use crate::list::List;
use crate::list::endpoint::Scope;
use crate::list::pager::{Delivery, Pager};
use crate::list::position::Position;
use crate::list::query::Query;
use crate::list::received::{PageSource, ReceivedPage};
use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, BypassRequest};
use crate::model::vocabulary::TimePeriod;
use crate::transport::connection::millis;
use crate::transport::delay::{backoff, jitter};
use crate::transport::lock::Lock;
use crate::transport::logging::TARGET;
use crate::watch::monitor::WatchMonitor;
use crate::watch::patience;

/// The contents of a list at the time of a poll.
pub(crate) struct Snapshot<R> {
    pub(crate) requests: BTreeMap<RequestId, R>,
    pub(crate) missing_organizations: Vec<i64>,
    /// The time of the poll, by the server's clock, or by the local one if the responses have no
    /// `Date`.
    pub(crate) now: DateTime<Utc>,
}

impl<R> Snapshot<R> {
    /// Converts the requests.
    pub(crate) fn map<T: From<R>>(self) -> Snapshot<T> {
        let requests = self.requests.into_iter();
        Snapshot {
            requests: requests.map(|(id, request)| (id, request.into())).collect(),
            missing_organizations: self.missing_organizations,
            now: self.now,
        }
    }
}

/// Polls a list at intervals.
pub(crate) struct Poller<S, D> {
    source: Remembered<S, D>,
    every: Duration,
    /// The time of the next poll, or `None` if it is due immediately.
    due: Option<Instant>,
    monitor: WatchMonitor,
    /// The turn to poll, which the lists of a watch share. Without it, a suspended poll of one list
    /// could hold permits of the client while the program handles an event of another list.
    turn: Arc<Semaphore>,
    /// True once a poll has succeeded, which proves that the token had access.
    has_succeeded: bool,
    /// The number of consecutive polls that GitHub refused.
    refusals: u32,
}

/// GitHub sometimes refuses an individual HTTP request although the token is valid. The watch ends
/// after this many refused polls in a row.
const MAX_REFUSALS: u32 = 3;
const MAX_BACKOFF: Duration = Duration::from_secs(5 * 60);

impl<S: Scope, D: BypassKind> Poller<S, D> {
    pub(crate) fn new(
        List { scope, query, .. }: List<S, D>,
        every: Duration,
        monitor: WatchMonitor,
        turn: Arc<Semaphore>,
    ) -> Self {
        Self {
            source: Remembered(Arc::new(Memory {
                scope,
                query,
                pages: Lock::default(),
            })),
            every,
            due: None,
            monitor,
            turn,
            has_succeeded: false,
            refusals: 0,
        }
    }

    /// Waits until the next poll is due, and polls the list. Retries after temporary failures.
    pub(crate) async fn next(&mut self) -> Result<Snapshot<BypassRequest<D>>> {
        loop {
            if let Some(due) = self.due {
                sleep_until(due).await;
            }
            let turn = self.turn.acquire().await;
            let polled = self.poll().await;
            drop(turn);
            let (wait, snapshot) = match polled {
                Ok(snapshot) => {
                    self.monitor.record_success();
                    self.refusals = 0;
                    self.has_succeeded = true;
                    let wait = patience::interval(self.every, fastrand::f64());
                    (wait, Some(snapshot))
                }
                Err(error) => {
                    let failures = self.count(&error);
                    if !self.is_temporary(&error) {
                        self.monitor.record_end();
                        return Err(error);
                    }
                    (self.wait_after(&error, failures), None)
                }
            };
            self.due = Some(Instant::now() + wait);
            if let Some(snapshot) = snapshot {
                return Ok(snapshot);
            }
        }
    }

    /// Counts a failed poll. Returns the number of consecutive failures.
    fn count(&mut self, error: &Error) -> u32 {
        self.refusals = if patience::is_refusal(error) {
            self.refusals.saturating_add(1)
        } else {
            0
        };
        self.monitor.record_failure(error)
    }

    /// Returns true if the next poll may succeed. A poll that has succeeded proves that the token
    /// had access. After that, a missing token and individual refusals count as temporary, too.
    fn is_temporary(&self, error: &Error) -> bool {
        let is_refusal = patience::is_refusal(error) && self.refusals < MAX_REFUSALS;
        patience::is_temporary(error)
            || self.has_succeeded && (error.is_token_missing() || is_refusal)
    }

    /// Returns the back-off or the wait that the server requested, whichever is longer. Logs the
    /// failure.
    fn wait_after(&self, error: &Error, failures: u32) -> Duration {
        let mut wait = backoff(self.every, failures, MAX_BACKOFF, fastrand::f64());
        if let Some(stated) = patience::stated_wait(error, Utc::now()) {
            wait = wait.max(stated + jitter());
        }
        let called = error.called();
        warn!(
            target: TARGET,
            operation = called.map(|called| called.operation.id),
            scope = called.and_then(|called| called.target.as_deref()),
            host = called.map(Called::host),
            kind = error.kind().as_str(),
            status = error.status(),
            request_id = error.request_id(),
            consecutive_failures = failures,
            wait_ms = millis(wait),
            "polling the list failed"
        );
        wait
    }

    /// Reads the whole list.
    async fn poll(&self) -> Result<Snapshot<BypassRequest<D>>> {
        let query = &self.source.0.query;
        let start = Position::first(query.per_page);
        let mut pager = Pager::new(self.source.clone(), query, start);
        let mut requests = BTreeMap::new();
        let mut missing_organizations = Vec::new();
        let mut last = 0;
        // The time of the snapshot is that of its oldest page.
        let mut now = None::<DateTime<Utc>>;
        while let Some(Delivery { page, .. }) = pager.next_page().await? {
            last = page.number;
            let until = page.window.until;
            now = Some(now.map_or(until, |now| now.min(until)));
            page.meta
                .add_missing_organizations(&mut missing_organizations);
            requests.extend(page.items.into_iter().map(|request| (request.id, request)));
        }
        // Keep one more page: the page after the last one may have been requested to find the end
        // of the list.
        let mut pages = self.source.0.pages.lock();
        pages.retain(|page, _| page.get() <= last.saturating_add(1));
        let now = now.unwrap_or_else(Utc::now);
        Ok(Snapshot {
            requests,
            missing_organizations,
            now,
        })
    }
}

/// The pages of a list, requested with the ETags of the previous poll.
struct Remembered<S, D>(Arc<Memory<S, D>>);

struct Memory<S, D> {
    scope: S,
    query: Query,
    pages: Lock<BTreeMap<NonZeroU32, Arc<Tagged<D>>>>,
}

/// A decoded page and the ETag of its response, weak or strong.
struct Tagged<D> {
    tag: HeaderValue,
    page: ReceivedPage<D>,
}

impl<S, D: BypassKind> Memory<S, D> {
    /// Stores a page if it has an ETag.
    fn keep(&self, number: NonZeroU32, tag: Option<HeaderValue>, page: &ReceivedPage<D>) {
        let tagged = tag.map(|tag| {
            let page = page.clone();
            Arc::new(Tagged { tag, page })
        });
        let mut pages = self.pages.lock();
        match tagged {
            Some(tagged) => pages.insert(number, tagged),
            None => pages.remove(&number),
        };
    }
}

impl<S, D> Clone for Remembered<S, D> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Scope, D: BypassKind> PageSource<D> for Remembered<S, D> {
    async fn page(&self, time_period: TimePeriod, number: NonZeroU32) -> Result<ReceivedPage<D>> {
        let Self(memory) = self;
        let known = memory.pages.lock().get(&number).cloned();
        let tag = known.as_ref().map(|known| known.tag.clone());
        let fetching = memory
            .scope
            .fetch_page(D::KIND, &memory.query, time_period, number, tag);
        let response = fetching.await?;
        // An aborted task may have stored a newer version of this page in the meantime. A 304
        // refers to the version whose ETag was sent, which is `known`.
        if response.body.is_none()
            && let Some(known) = known
        {
            let page = known.page.clone().unchanged(response.context);
            if page.links != known.page.links {
                memory.keep(number, Some(known.tag.clone()), &page);
            }
            return Ok(page);
        }
        let mut page = ReceivedPage::decode(response, number)?;
        if let Some(error) = page.take_bad_items() {
            // A watch that runs for months must not stop because one request cannot be decoded.
            let called = error.called();
            warn!(
                target: TARGET,
                operation = called.map(|called| called.operation.id),
                scope = called.and_then(|called| called.target.as_deref()),
                host = called.map(Called::host),
                request_id = error.request_id(),
                %error,
                "a request cannot be decoded and is skipped"
            );
        }
        let tag = page.context.head.headers.get(ETAG).cloned();
        memory.keep(number, tag, &page);
        Ok(page)
    }
}
