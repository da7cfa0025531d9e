//! Walks through a list by page number alone.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::call::Context;
use crate::error::{Error, InvalidInput, Kind, Result};
use crate::list::bookmark::{CurrentPage, Ids, Then};
use crate::list::page::Page;
use crate::list::position::Position;
use crate::list::query::Query;
use crate::list::read_ahead::ReadAhead;
use crate::list::received::{Pages, Received};
use crate::list::window::{Reach, is_longer, latest};
use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, BypassRequest};
use crate::model::vocabulary::TimePeriod;
use crate::response::link::{Links, Next};
use crate::transport::task::Task;

/// Walks through the pages of a source, and delivers each request once.
pub(crate) struct Pager<P, D> {
    source: Arc<P>,
    reach: Reach,
    per_page: NonZeroU32,
    max_ahead: u32,
    /// Whether the list continues after items that cannot be read.
    skips_bad_items: bool,
    ahead: ReadAhead<Result<Received<D>>>,
    step: Step,
    /// The period that GitHub is asked for now.
    time_period: TimePeriod,
    /// The ids of the previous page, and of that page only, so that memory stays flat.
    previous: Ids,
    /// The requests of the first page that were delivered before the list was resumed.
    delivered: HashSet<RequestId>,
    /// The number of consecutive pages with nothing new.
    stale: u32,
    pages: u32,
    /// The last page, as far as the server has announced it.
    last: Option<u32>,
    /// The start of the retry that brought the previous page, if there was one.
    retried_at: Option<Instant>,
}

/// A page as it is delivered.
pub(crate) struct Delivery<D> {
    pub(crate) page: Page<BypassRequest<D>>,
    pub(crate) current: CurrentPage,
    /// About the items that were skipped.
    pub(crate) skipped: Option<Error>,
}

/// What to do next.
enum Step {
    /// Request the page that the list begins with, or that `next` announced.
    Fetch(NonZeroU32),
    /// Request a page that may not exist: the previous page had no links at all, but was full or not
    /// the last one announced. Either the list ends there, or a proxy strips headers.
    Probe(NonZeroU32),
    /// Deliver an error after the good items of its page. The list can be resumed at a page.
    Fail(Box<Error>, Option<NonZeroU32>),
    End,
}

/// Enough for 100,000 requests. A longer list does not end by itself.
const MAX_PAGES: u32 = 1000;
/// A list with more pages in a row that bring nothing new makes no progress.
const MAX_STALE: u32 = 5;

impl<P: Pages<D>, D: BypassKind> Pager<P, D> {
    pub(crate) fn new(source: P, query: &Query, start: Position<D>) -> Self {
        let mismatch = (start.per_page != query.per_page).then(|| {
            let (per_page, of_position) = (query.per_page, start.per_page);
            InvalidInput::new(format!(
                "page size {per_page} is not that of the position, {of_position}"
            ))
        });
        Self {
            source: Arc::new(source),
            reach: query.reach,
            per_page: query.per_page,
            max_ahead: query.read_ahead,
            skips_bad_items: false,
            ahead: ReadAhead::new(),
            step: match query.refusal().or(mismatch) {
                Some(refused) => Step::Fail(Box::new(refused.into()), None),
                None => Step::Fetch(start.page),
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

    /// Continues the list after items that cannot be read, and reports them beside the others.
    pub(crate) fn skip_bad_items(self) -> Self {
        Self {
            skips_bad_items: true,
            ..self
        }
    }

    /// The next page; `None` at the end.
    pub(crate) async fn advance(&mut self) -> Result<Option<Delivery<D>>> {
        let (number, is_probe) = match std::mem::replace(&mut self.step, Step::End) {
            Step::Fetch(number) => (number, false),
            Step::Probe(number) => (number, true),
            Step::Fail(error, resume_at) => return Err(error.resuming_at(resume_at)),
            Step::End => return Ok(None),
        };
        let mut received = match self.fetch(number).await {
            Ok(received) => received,
            Err(error) if error.is_invalid_input() => return Err(error),
            Err(error) => return Err(error.resuming_at(Some(number))),
        };
        if is_probe && received.count == 0 && !self.is_announced_beyond(number) {
            return Ok(None);
        }
        let next = self.next_step(number, &received);
        let errors = received.take_bad_items();
        let (errors, skipped) = if self.skips_bad_items {
            (None, errors)
        } else {
            (errors, None)
        };
        self.retried_at = received.context.retried_at;
        let previous = self.drop_delivered(&mut received.requests);
        let has_news = !received.requests.is_empty() || skipped.is_some();
        self.step = match errors {
            Some(error) => Step::Fail(Box::new(error), next.page()),
            None => self.within_bounds(number, next, has_news, &received.context),
        };
        self.read_ahead();
        let reach = self.reach;
        received.requests.retain(|request| reach.includes(request));
        Ok(Some(Delivery {
            current: CurrentPage {
                number,
                previous,
                ids: self.previous.clone(),
                then: self.step.then(),
            },
            page: self.page(number, received),
            skipped,
        }))
    }

    /// Drops the requests that were delivered, and remembers those of this page in their place.
    /// Returns the ids that the page was compared with.
    fn drop_delivered(&mut self, requests: &mut Vec<BypassRequest<D>>) -> Ids {
        // Requests delivered before the list was resumed may slide to the next page as well.
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

    /// The step that the server's links lead to.
    fn next_step(&mut self, page: NonZeroU32, received: &Received<D>) -> Step {
        let following = page.saturating_add(1);
        let fail = |message| Step::fail(&received.context, message, following);
        let next = match received.links {
            None => {
                let is_full = received.count >= self.per_page.get() as usize;
                if is_full || self.is_announced_beyond(page) {
                    Step::Probe(following)
                } else {
                    Step::End
                }
            }
            Some(Links { next, last }) => {
                self.last = last.or(self.last);
                match next {
                    Next::Page(next) => match NonZeroU32::new(next).filter(|next| *next > page) {
                        Some(next) => Step::Fetch(next),
                        None => fail(format!(
                            "after page {page} the server's next page is page {next}"
                        )),
                    },
                    Next::Unreadable => fail(format!(
                        "after page {page} the server's next page has no number"
                    )),
                    Next::Absent => Step::End,
                }
            }
        };
        if self.is_past(received) {
            return Step::End;
        }
        next
    }

    /// Ends a list that repeats itself, or that is too long.
    fn within_bounds(
        &self,
        page: NonZeroU32,
        next: Step,
        has_news: bool,
        context: &Context,
    ) -> Step {
        match next {
            // A server without links that responds with the same page again is at its end. The first
            // page of a resumed list may hold nothing new.
            Step::Probe(_) if !has_news && self.pages > 1 && !self.is_announced_beyond(page) => {
                Step::End
            }
            Step::Fetch(next) | Step::Probe(next) if self.stale >= MAX_STALE => {
                let message = format!("{MAX_STALE} pages in a row brought nothing new");
                Step::fail(context, message, next)
            }
            Step::Fetch(next) | Step::Probe(next) if self.pages >= MAX_PAGES => {
                let message = format!("the list is longer than {MAX_PAGES} pages");
                Step::fail(context, message, next)
            }
            next => next,
        }
    }

    fn page(&self, number: NonZeroU32, received: Received<D>) -> Page<BypassRequest<D>> {
        let next = received.links.and_then(|links| links.next_page());
        Page {
            items: received.requests,
            number: number.get(),
            next,
            last: received.links.and_then(|links| links.last),
            window: self.reach.window(self.time_period, received.responded_at),
            meta: received.context.meta(),
        }
    }

    /// Whether the server has announced a later page than this one.
    fn is_announced_beyond(&self, page: NonZeroU32) -> bool {
        self.last.is_some_and(|last| last > page.get())
    }

    /// Whether the page holds only requests that are too old. One that cannot be read has no age.
    fn is_past(&self, received: &Received<D>) -> bool {
        received.bad_items.is_none()
            && !received.requests.is_empty()
            && !received
                .requests
                .iter()
                .any(|request| self.reach.includes(request))
    }

    /// Changes to a longer period if the current one no longer reaches far enough.
    fn widen(&mut self, now: DateTime<Utc>) -> bool {
        let needed = self.reach.period(now);
        let widens = is_longer(needed, self.time_period);
        if widens {
            self.time_period = needed;
            self.ahead.clear();
        }
        widens
    }

    /// The page, of a period that reaches far enough.
    async fn fetch(&mut self, page: NonZeroU32) -> Result<Received<D>> {
        self.widen(latest(Utc::now()));
        let received = self.fetch_once(page).await?;
        // The server's clock may be ahead of ours.
        if self.widen(received.responded_at) {
            return self.fetch_once(page).await;
        }
        Ok(received)
    }

    /// The page, from those that were requested ahead if it can be relied on.
    async fn fetch_once(&mut self, page: NonZeroU32) -> Result<Received<D>> {
        if let Some(task) = self.ahead.take() {
            // An old failure says nothing about now.
            let was_early = task.is_finished();
            match task.await {
                Some(Ok(received)) if !self.has_moved(&received) => return Ok(received),
                Some(Err(error)) if !was_early => return Err(error),
                // The pages after it would be older than this page, once it is requested again.
                _ => self.ahead.clear(),
            }
        }
        self.source.page(self.time_period, page).await
    }

    /// Whether the list has changed since the previous page was read.
    ///
    /// Pages that are in flight together are read in any order. If the list moves meanwhile, a page
    /// may show an older state than the page before it, and an item that slid across their border is
    /// on neither. The first page that shows another state repeats items of the page before it; or the
    /// list moved by whole pages, and then its last page has another number. In both cases this page
    /// and all that were requested with it are requested again: from then on, no page is older than
    /// the one before it, as in serial reading.
    ///
    /// If the previous page was retried, this one may have arrived long before it.
    fn has_moved(&self, received: &Received<D>) -> bool {
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

    /// Requests the pages to come.
    fn read_ahead(&mut self) {
        let (Step::Fetch(next) | Step::Probe(next)) = self.step else {
            return self.ahead.clear();
        };
        let most = self.max_ahead.min(MAX_PAGES.saturating_sub(self.pages));
        let last = self.last.unwrap_or_default();
        let time_period = self.time_period;
        self.ahead.fill(next, last, most, |page| {
            let source = self.source.clone();
            Task::spawn(async move { source.page(time_period, page).await })
        });
    }
}

impl Step {
    fn fail(context: &Context, message: String, resume_at: NonZeroU32) -> Self {
        let error = context.error(Kind::Pagination(message));
        Self::Fail(Box::new(error), Some(resume_at))
    }

    /// The page at which the list continues.
    fn page(&self) -> Option<NonZeroU32> {
        match self {
            Self::Fetch(page) | Self::Probe(page) => Some(*page),
            Self::Fail(_, resume_at) => *resume_at,
            Self::End => None,
        }
    }

    fn then(&self) -> Then {
        match self {
            Self::Fail(..) => Then::Fail(self.page()),
            _ => Then::Next(self.page()),
        }
    }
}
