//! Pagination: reads a list page by page. A page is requested by its number only.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::call::Context;
use crate::error::{Error, InvalidInput, Reason, Result};
use crate::list::page::Page;
use crate::list::position::Position;
use crate::list::progress::{CurrentPage, Ids, PageState};
use crate::list::query::Query;
use crate::list::read_ahead::ReadAhead;
use crate::list::received::{PageSource, ReceivedPage};
use crate::list::window::{Reach, is_longer, latest_server_time};
use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, BypassRequest};
use crate::model::vocabulary::TimePeriod;
use crate::response::link::{Links, Next};
use crate::response::meta::ResponseMeta;
use crate::transport::task::Task;

/// Reads the pages of a source, and delivers each request once.
pub(crate) struct Pager<P, D> {
    source: Arc<P>,
    reach: Reach,
    per_page: NonZeroU32,
    max_ahead: u32,
    /// If true, items that cannot be decoded do not end the list.
    skips_bad_items: bool,
    ahead: ReadAhead<Result<ReceivedPage<D>>>,
    next: Action,
    /// The period that is requested from GitHub.
    time_period: TimePeriod,
    /// The ids of the previous page. Those of earlier pages are dropped, so that memory use stays
    /// constant.
    previous: Ids,
    /// If the list is resumed: the requests of its start page that were already delivered.
    delivered: HashSet<RequestId>,
    /// The number of consecutive pages without a new request.
    stale: u32,
    /// The number of pages read.
    pages: u32,
    /// The number of the last page, if the server has announced it.
    last: Option<u32>,
    /// The start of the attempt that returned the previous page, if that attempt was a retry.
    retried_at: Option<Instant>,
}

/// A page to deliver.
pub(crate) struct Delivery<D> {
    pub(crate) page: Page<BypassRequest<D>>,
    pub(crate) current: CurrentPage,
    /// The error about the items that were skipped.
    pub(crate) skipped: Option<Error>,
}

enum Action {
    /// Request the first page, or the page that the previous one links to.
    Fetch(NonZeroU32),
    /// Request a page that may not exist. The previous page had no links, but either it was full or
    /// the server had announced more pages, so a proxy may be removing the links.
    Probe(NonZeroU32),
    /// Return the error of a page whose valid items were delivered. The list can be resumed at the
    /// given page.
    Fail(Box<Error>, Option<NonZeroU32>),
    End,
}

/// Enough for 100,000 requests. If the pagination of a server never ends, the limit ends the list.
const MAX_PAGES: u32 = 1000;
/// Without links, a list ends if this many consecutive pages have no new request.
const MAX_REPEATED: u32 = 2;
/// A list fails if this many consecutive pages have no new request, and there is another page.
const MAX_STALE: u32 = 5;

impl<P: PageSource<D>, D: BypassKind> Pager<P, D> {
    pub(crate) fn new(source: P, query: &Query, start: Position<D>) -> Self {
        let mismatch = (start.per_page != query.per_page).then(|| {
            let (per_page, of_position) = (query.per_page, start.per_page);
            InvalidInput::new(format!(
                "`per_page` must be {of_position}, not {per_page}, because the saved position uses \
                 a page size of {of_position}"
            ))
        });
        Self {
            source: Arc::new(source),
            reach: query.reach,
            per_page: query.per_page,
            max_ahead: query.read_ahead,
            skips_bad_items: false,
            ahead: ReadAhead::new(),
            next: match query.error().or(mismatch) {
                Some(error) => Action::Fail(Box::new(error.into()), None),
                None => Action::Fetch(start.page),
            },
            time_period: query.reach.period(Utc::now()),
            previous: Arc::new(start.previous.into_iter().collect()),
            delivered: start.delivered.into_iter().collect(),
            stale: 0,
            pages: 0,
            last: None,
            retried_at: None,
        }
    }

    /// Continues the list after items that cannot be decoded, and reports them with their page.
    pub(crate) fn skip_bad_items(self) -> Self {
        Self {
            skips_bad_items: true,
            ..self
        }
    }

    /// Returns the next page, or `None` at the end.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Delivery<D>>> {
        let (number, is_probe) = match std::mem::replace(&mut self.next, Action::End) {
            Action::Fetch(number) => (number, false),
            Action::Probe(number) => (number, true),
            Action::Fail(error, resume_at) => return Err(error.resuming_at(resume_at)),
            Action::End => return Ok(None),
        };
        let mut received = match self.fetch(number).await {
            Ok(received) => received,
            Err(error) if error.is_invalid_input() => return Err(error),
            Err(error) => {
                let error = error.of_page_size(self.per_page.get());
                return Err(error.resuming_at(Some(number)));
            }
        };
        if is_probe && received.count == 0 && !self.is_announced_beyond(number) {
            return Ok(None);
        }
        let next = self.action_after(number, &received);
        let errors = received.take_bad_items();
        let (errors, skipped) = if self.skips_bad_items {
            (None, errors)
        } else {
            (errors, None)
        };
        self.retried_at = received.context.retried_at;
        let previous = self.drop_delivered(&mut received.requests);
        let has_new_items = !received.requests.is_empty() || skipped.is_some();
        self.next = match errors {
            Some(error) => Action::Fail(Box::new(error), next.page()),
            None => self.check_limits(number, next, has_new_items, &received.context),
        };
        self.read_ahead();
        let reach = self.reach;
        received.requests.retain(|request| reach.includes(request));
        Ok(Some(Delivery {
            current: CurrentPage {
                number,
                previous,
                ids: self.previous.clone(),
                state: self.next.page_state(),
            },
            page: self.page(number, received),
            skipped,
        }))
    }

    /// Drops the requests that were already delivered, and keeps the ids of this page. Returns the
    /// ids of the previous page.
    fn drop_delivered(&mut self, requests: &mut Vec<BypassRequest<D>>) -> Ids {
        // Requests delivered before the list was resumed may also move to the next page.
        let delivered = std::mem::take(&mut self.delivered);
        let ids = requests.iter().map(|request| request.id);
        let ids = ids.chain(delivered.iter().copied()).collect();
        let is_new = |id: &RequestId| !self.previous.contains(id) && !delivered.contains(id);
        requests.retain(|request| is_new(&request.id));
        self.pages += 1;
        self.stale = if requests.is_empty() {
            self.stale + 1
        } else {
            0
        };
        std::mem::replace(&mut self.previous, Arc::new(ids))
    }

    /// Returns the action that follows from the server's links.
    fn action_after(&mut self, page: NonZeroU32, received: &ReceivedPage<D>) -> Action {
        let following = page.saturating_add(1);
        let fail = |message| Action::fail(&received.context, message, following);
        let next = match received.links {
            None => {
                let is_full = received.count >= self.per_page.get() as usize;
                if is_full || self.is_announced_beyond(page) {
                    Action::Probe(following)
                } else {
                    Action::End
                }
            }
            Some(Links { next, last }) => {
                self.last = last.or(self.last);
                match next {
                    Next::Page(next) => match NonZeroU32::new(next).filter(|next| *next > page) {
                        Some(next) => Action::Fetch(next),
                        None => fail(format!(
                            "the `Link` header of page {page} names page {next} as the next page"
                        )),
                    },
                    Next::Unreadable => fail(format!(
                        "the `Link` header of page {page} names a next page without a number"
                    )),
                    Next::Absent => Action::End,
                }
            }
        };
        if self.is_past(received) {
            return Action::End;
        }
        next
    }

    /// Returns `next`, unless the list has too many pages, or too many without a new request.
    fn check_limits(
        &self,
        page: NonZeroU32,
        next: Action,
        has_new_items: bool,
        context: &Context,
    ) -> Action {
        match next {
            // A server without links may repeat its last page. A single repeated page does not
            // prove this: a list that grew by a page between two reads looks the same.
            Action::Probe(_)
                if self.stale >= MAX_REPEATED
                    && !has_new_items
                    && !self.is_announced_beyond(page) =>
            {
                Action::End
            }
            Action::Fetch(next) | Action::Probe(next) if self.stale >= MAX_STALE => {
                let message = format!("{MAX_STALE} pages in a row have no new request");
                Action::fail(context, message, next)
            }
            Action::Fetch(next) | Action::Probe(next) if self.pages >= MAX_PAGES => {
                let message = format!("the list has more than {MAX_PAGES} pages");
                Action::fail(context, message, next)
            }
            next => next,
        }
    }

    fn page(&self, number: NonZeroU32, received: ReceivedPage<D>) -> Page<BypassRequest<D>> {
        let next = received.links.and_then(|links| links.next_page());
        Page {
            items: received.requests,
            number: number.get(),
            next,
            last: received.links.and_then(|links| links.last),
            window: self.reach.window(self.time_period, received.responded_at),
            meta: ResponseMeta {
                missing_organizations: received.missing_organizations,
                ..received.context.meta()
            },
        }
    }

    /// Returns true if the server has announced a later page.
    fn is_announced_beyond(&self, page: NonZeroU32) -> bool {
        self.last.is_some_and(|last| last > page.get())
    }

    /// Returns true if all requests of the page are too old. Returns false if an item cannot be
    /// decoded, because its age is unknown.
    fn is_past(&self, received: &ReceivedPage<D>) -> bool {
        received.bad_items.is_none()
            && !received.requests.is_empty()
            && !received
                .requests
                .iter()
                .any(|request| self.reach.includes(request))
    }

    /// Changes to a longer period if the current one is too short. Returns true if the period
    /// changed.
    fn widen(&mut self, now: DateTime<Utc>) -> bool {
        let needed = self.reach.period(now);
        let widens = is_longer(needed, self.time_period);
        if widens {
            self.time_period = needed;
            self.ahead.clear();
        }
        widens
    }

    /// Reads a page, with a period that is long enough.
    async fn fetch(&mut self, page: NonZeroU32) -> Result<ReceivedPage<D>> {
        self.widen(latest_server_time(Utc::now()));
        let received = self.fetch_once(page).await?;
        // The server's clock may be ahead of the local one.
        if self.widen(received.responded_at) {
            return self.fetch_once(page).await;
        }
        Ok(received)
    }

    /// Returns the page that was read ahead, if it is usable. Otherwise, reads the page now.
    async fn fetch_once(&mut self, page: NonZeroU32) -> Result<ReceivedPage<D>> {
        if let Some(task) = self.ahead.take() {
            // An error that arrived before this page was needed may be out of date.
            let was_early = task.is_finished();
            match task.await {
                Some(Ok(received)) if !self.may_have_changed(&received) => return Ok(received),
                Some(Err(error)) if !was_early => return Err(error),
                // This page is requested again. The pages that were read ahead are dropped, because
                // they would be older than the new page.
                _ => self.ahead.clear(),
            }
        }
        self.source.page(self.time_period, page).await
    }

    /// Returns true if the list may have changed since the previous page was read.
    ///
    /// The server handles concurrent requests in any order. If the list changes meanwhile, a page
    /// may show an older state than the page before it, and an item that moved from one to the
    /// other is missing from both. Two signs of this are visible: the page repeats items of the
    /// page before it, or, if the list moved by whole pages, the page announces a different last
    /// page.
    ///
    /// In both cases this page and all pages read ahead are requested again. From then on, no page
    /// is older than the one before it, as in serial reading.
    ///
    /// The list may also have changed if the previous page was retried, because this page may have
    /// arrived long before it.
    fn may_have_changed(&self, received: &ReceivedPage<D>) -> bool {
        let last = received.links.and_then(|links| links.last);
        let is_older = self
            .retried_at
            .is_some_and(|retried_at| received.received_at < retried_at);
        is_older
            || last.is_some() && last != self.last
            || received
                .requests
                .iter()
                .any(|request| self.previous.contains(&request.id))
    }

    /// Starts reading the following pages before they are needed.
    fn read_ahead(&mut self) {
        let (Action::Fetch(next) | Action::Probe(next)) = self.next else {
            return self.ahead.clear();
        };
        let max = self.max_ahead.min(MAX_PAGES.saturating_sub(self.pages));
        let last = self.last.unwrap_or_default();
        let time_period = self.time_period;
        self.ahead.fill(next, last, max, |page| {
            let source = self.source.clone();
            Task::spawn(async move { source.page(time_period, page).await })
        });
    }
}

impl Action {
    fn fail(context: &Context, message: String, resume_at: NonZeroU32) -> Self {
        let error = context.error(Reason::Pagination(message));
        Self::Fail(Box::new(error), Some(resume_at))
    }

    /// Returns the page at which the list continues.
    fn page(&self) -> Option<NonZeroU32> {
        match self {
            Self::Fetch(page) | Self::Probe(page) => Some(*page),
            Self::Fail(_, resume_at) => *resume_at,
            Self::End => None,
        }
    }

    fn page_state(&self) -> PageState {
        match self {
            Self::Fail(..) => PageState::BeforeError(self.page()),
            _ => PageState::Read(self.page()),
        }
    }
}
