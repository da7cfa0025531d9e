//! From page to page.

use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use chrono::{DateTime, Utc};
use futures_core::Stream;
use futures_util::stream::try_unfold;
use tokio::time::Instant;

use crate::call::Call;
use crate::error::Kind;
use crate::link::{Links, Next};
use crate::list::{Lists, Received};
use crate::model::BypassKind;
use crate::position::{Bookmark, Ids, Then, Turn};
use crate::read_ahead::ReadAhead;
use crate::task::Task;
use crate::window::{Window, is_longer, latest};
use crate::{BypassRequest, Error, List, Position, RequestId, ResponseMeta, Result, TimePeriod};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on the page, without what the page before had already.
    pub items: Vec<T>,
    /// The number of this page, from 1.
    pub number: u32,
    /// The number of the next page, if GitHub announces one.
    pub next: Option<u32>,
    /// The number of the last page, if GitHub announces it. Both are as of now: the list moves.
    pub last: Option<u32>,
    /// Which requests the page was chosen from, by when they were made.
    pub window: Window,
    /// What else GitHub said.
    pub meta: ResponseMeta,
}

/// A list's pages: from [`List::pages`](crate::List::pages).
#[must_use = "nothing is sent until the stream is polled"]
pub struct PageStream<D> {
    /// `None` at the end.
    pages: Option<Boxed<(Page<BypassRequest<D>>, Turn)>>,
    bookmark: Bookmark,
}

/// A list's requests: from [`List::stream`](crate::List::stream).
#[must_use = "nothing is sent until the stream is polled"]
pub struct RequestStream<D> {
    pages: PageStream<D>,
    /// What is left of the page that came last.
    items: vec::IntoIter<BypassRequest<D>>,
}

type Boxed<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

impl<D: BypassKind> PageStream<D> {
    pub(crate) fn new<S: Lists<D>>(pager: Pager<S, D>) -> Self {
        let bookmark = Bookmark::new(&pager.list.query.start());
        let pages = try_unfold(pager, async |mut pager| {
            let advance = pager.advance().await?;
            Ok(advance.map(|Advance { page, turn, .. }| ((page, turn), pager)))
        });
        let pages: Boxed<_> = Box::pin(pages);
        Self {
            pages: Some(pages),
            bookmark,
        }
    }
}

impl<D> PageStream<D> {
    /// Where to go on after the pages that were delivered; `None` if nothing is left to read.
    ///
    /// After an error, that is the page of [`Error::resume_at`]. Before the first page, it is where
    /// the list begins, also if it cannot be read at all.
    pub fn position(&self) -> Option<Position<D>> {
        self.bookmark.place::<D>(&[]).map(Position::new)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<BypassRequest<D>>>>> {
        let Some(pages) = &mut self.pages else {
            return Poll::Ready(None);
        };
        let polled = ready!(pages.as_mut().poll_next(context));
        Poll::Ready(match polled {
            Some(Ok((page, turn))) => {
                self.bookmark.turn(turn);
                Some(Ok(page))
            }
            Some(Err(error)) => {
                self.bookmark.tell();
                self.pages = None;
                Some(Err(error))
            }
            None => {
                self.bookmark.end();
                self.pages = None;
                None
            }
        })
    }
}

/// Requests are moved out, never pinned.
impl<D> Unpin for RequestStream<D> {}

impl<D> RequestStream<D> {
    pub(crate) fn new(pages: PageStream<D>) -> Self {
        let items = vec::IntoIter::default();
        Self { pages, items }
    }

    /// Where to go on after the requests that were delivered; `None` if nothing is left to read.
    ///
    /// After an error, that is the page of [`Error::resume_at`]. Before the first request, it is where
    /// the list begins, also if it cannot be read at all. A page's bad items are told of again if
    /// their error was not reached.
    pub fn position(&self) -> Option<Position<D>> {
        let place = self.pages.bookmark.place(self.items.as_slice());
        place.map(Position::new)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<BypassRequest<D>>>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll(context)) {
                Some(Ok(page)) => self.items = page.items.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

macro_rules! stream {
    ($name:ident, $item:ty) => {
        impl<D> $name<D> {
            /// The next one; `None` at the end, and after an error.
            ///
            /// Can be dropped and called again: nothing is lost.
            ///
            /// # Errors
            ///
            /// As every call. [`Error::resume_at`] tells where to go on.
            pub async fn try_next(&mut self) -> Result<Option<$item>> {
                poll_fn(|context| self.poll(context)).await.transpose()
            }
        }

        impl<D> Stream for $name<D> {
            type Item = Result<$item>;

            fn poll_next(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Self::Item>> {
                self.poll(context)
            }
        }

        impl<D> fmt::Debug for $name<D> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

stream!(PageStream, Page<BypassRequest<D>>);
stream!(RequestStream, BypassRequest<D>);

/// Walks through a list, by page number alone.
pub(crate) struct Pager<S, D> {
    list: Arc<List<S, D>>,
    ahead: ReadAhead<Result<Received<D>>>,
    step: Step,
    /// What GitHub is asked for now.
    time_period: TimePeriod,
    /// The ids of the page before, and of that page only, so that memory stays flat.
    previous: Ids,
    /// What was delivered of the first page before the list was resumed.
    delivered: HashSet<RequestId>,
    /// How many pages in a row brought nothing new.
    stale: u32,
    pages: u32,
    /// The last page, as far as the server has announced it.
    last: Option<u32>,
    /// When the page before was asked for, if not for the first time.
    retried_at: Option<Instant>,
    /// Whether the list goes on after items that cannot be read.
    passes_bad_items: bool,
}

/// A page, as it is delivered.
pub(crate) struct Advance<D> {
    pub(crate) page: Page<BypassRequest<D>>,
    turn: Turn,
    /// About the items that were passed.
    pub(crate) passed: Option<Error>,
}

/// What to do next.
enum Step {
    /// Ask for the page that the list begins with, or that `next` announced.
    Fetch(NonZeroU32),
    /// Ask for a page that may not exist: the page before had no links at all, but was full or not
    /// the last that was announced. It may be the end, or a proxy that strips headers.
    Probe(NonZeroU32),
    /// Tell what is wrong, now that the good items are used up.
    Fail(Box<Error>),
    End,
}

/// Enough for 100,000 requests. A list that is longer does not end by itself.
const MAX_PAGES: u32 = 1000;
/// A list that repeats itself longer than this makes no progress.
const MAX_STALE: u32 = 5;

impl<S: Lists<D>, D: BypassKind> Pager<S, D> {
    pub(crate) fn new(list: List<S, D>) -> Self {
        let start = list.query.start();
        let step = match list.query.refusal() {
            Some(refused) => Step::Fail(Box::new(refused.into())),
            None => Step::Fetch(start.page),
        };
        Self {
            ahead: ReadAhead::new(),
            step,
            time_period: list.query.reach.period(Utc::now()),
            list: Arc::new(list),
            previous: Arc::new(start.before.into_iter().collect()),
            delivered: start.delivered.into_iter().collect(),
            stale: 0,
            pages: 0,
            last: None,
            retried_at: None,
            passes_bad_items: false,
        }
    }

    /// The list goes on after items that cannot be read, and tells of them beside the others.
    pub(crate) fn pass_bad_items(self) -> Self {
        Self {
            passes_bad_items: true,
            ..self
        }
    }

    /// The next page; `None` at the end.
    pub(crate) async fn advance(&mut self) -> Result<Option<Advance<D>>> {
        let (page, probe) = match std::mem::replace(&mut self.step, Step::End) {
            Step::Fetch(page) => (page, false),
            Step::Probe(page) => (page, true),
            Step::Fail(error) => return Err(*error),
            Step::End => return Ok(None),
        };
        let received = match self.fetch(page).await {
            Ok(received) => received,
            Err(error) if error.is_invalid_input() => return Err(error),
            Err(error) => return Err(error.resuming_at(Some(page.get()))),
        };
        let announced = self.last.is_some_and(|last| last > page.get());
        if probe && received.count == 0 && !announced {
            return Ok(None);
        }
        let next = match self.step_after(page, &received) {
            _ if self.is_past(&received) => Step::End,
            next => next,
        };
        let Received {
            mut requests,
            mut bad_items,
            links,
            answered_at,
            retried_at,
            meta,
            call,
            ..
        } = received;
        self.retried_at = retried_at;
        let passed = bad_items.take_if(|_| self.passes_bad_items);
        // What was delivered before the list was resumed may also slide to the next page.
        let delivered = std::mem::take(&mut self.delivered);
        let ids = requests.iter().map(|request| request.id);
        let ids = ids.chain(delivered.iter().copied()).collect();
        let is_new = |id: &RequestId| !self.previous.contains(id) && !delivered.contains(id);
        requests.retain(|request| is_new(&request.id));
        let before = std::mem::replace(&mut self.previous, Arc::new(ids));
        self.pages += 1;
        self.stale = if requests.is_empty() {
            self.stale + 1
        } else {
            0
        };

        self.step = match (bad_items, next) {
            (Some(error), next) => Step::Fail(Box::new(error.resuming_at(next.page()))),
            // A server without links that goes on answering the same is at its end. The first page of
            // a list that is resumed may hold nothing new.
            (None, Step::Probe(_))
                if requests.is_empty() && passed.is_none() && !announced && self.pages > 1 =>
            {
                Step::End
            }
            (None, Step::Fetch(next) | Step::Probe(next)) if self.stale >= MAX_STALE => Step::fail(
                &call,
                format!("{MAX_STALE} pages in a row brought nothing new"),
                next,
            ),
            (None, Step::Fetch(next) | Step::Probe(next)) if self.pages >= MAX_PAGES => Step::fail(
                &call,
                format!("the list is longer than {MAX_PAGES} pages"),
                next,
            ),
            (None, next) => next,
        };
        let reach = self.list.query.reach;
        requests.retain(|request| reach.includes(request));
        self.read_ahead();
        let turn = Turn {
            page,
            before,
            ids: self.previous.clone(),
            then: self.step.then(),
        };
        let (next, last) = links.map_or((None, None), |Links { next, last }| match next {
            Next::Page(next) => (Some(next), last),
            Next::Absent | Next::Unreadable => (None, last),
        });
        let page = Page {
            items: requests,
            number: page.get(),
            next,
            last,
            window: reach.window(self.time_period, answered_at),
            meta,
        };
        Ok(Some(Advance { page, turn, passed }))
    }

    /// Whether the list has come to where nothing but older requests are. One that cannot be read
    /// has no age.
    fn is_past(&self, received: &Received<D>) -> bool {
        let Received {
            requests,
            bad_items,
            ..
        } = received;
        let reach = self.list.query.reach;
        bad_items.is_none()
            && !requests.is_empty()
            && !requests.iter().any(|request| reach.includes(request))
    }

    /// Asks for a longer period from now on if the one that was asked for does not reach far enough
    /// any more.
    fn widen(&mut self, now: DateTime<Utc>) -> bool {
        let needed = self.list.query.reach.period(now);
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
        if self.widen(received.answered_at) {
            return self.fetch_once(page).await;
        }
        Ok(received)
    }

    /// The page, from those that were asked for before if it can be relied on.
    async fn fetch_once(&mut self, page: NonZeroU32) -> Result<Received<D>> {
        if let Some(task) = self.ahead.take() {
            // A failure of long ago is none of now.
            let was_early = task.is_finished();
            match task.await {
                Some(Ok(received)) if !self.has_moved(&received) => return Ok(received),
                Some(Err(error)) if !was_early => return Err(error),
                // What comes after it would be older than this page, once it is asked for again.
                _ => self.ahead.clear(),
            }
        }
        let List { scope, query, .. } = &*self.list;
        scope.page(query, self.time_period, page).await
    }

    /// Whether the list is not what it was when the page before was read.
    ///
    /// Pages that are under way at once are read in any order. Should the list move meanwhile, a
    /// page may show it as it was before and the one before as it is now, and what slid over their
    /// border stands on neither. But the first page that shows the list in another state than the
    /// page before repeats items of that page; or the list has moved by whole pages, and then it
    /// tells of another last one. So this page, and all that were asked for with it, are asked for
    /// again: from then on none is older than the page before it, as if they were read in turn.
    ///
    /// Where the page before was asked for more than once, this one may have been there long before.
    fn has_moved(&self, received: &Received<D>) -> bool {
        let Received {
            requests,
            links,
            received_at,
            ..
        } = received;
        let last = links.and_then(|links| links.last);
        let is_older = self
            .retried_at
            .is_some_and(|retried_at| *received_at < retried_at);
        is_older
            || last.is_some() && last != self.last
            || requests
                .iter()
                .any(|request| self.previous.contains(&request.id))
    }

    /// Asks for the pages to come.
    fn read_ahead(&mut self) {
        let (Step::Fetch(next) | Step::Probe(next)) = self.step else {
            return self.ahead.clear();
        };
        let most = self.list.query.read_ahead;
        let most = most.min(MAX_PAGES.saturating_sub(self.pages));
        let last = self.last.unwrap_or_default();
        let time_period = self.time_period;
        self.ahead.fill(next, last, most, |page| {
            let list = self.list.clone();
            Task::spawn(async move { list.scope.page(&list.query, time_period, page).await })
        });
    }

    fn step_after(&mut self, page: NonZeroU32, received: &Received<D>) -> Step {
        let Received {
            count, links, call, ..
        } = received;
        let following = page.saturating_add(1);
        let Some(Links { next, last }) = links else {
            let full = *count >= self.list.query.per_page.get() as usize;
            let announced = self.last.is_some_and(|last| last > page.get());
            return if full || announced {
                Step::Probe(following)
            } else {
                Step::End
            };
        };
        self.last = last.or(self.last);
        match next {
            Next::Page(next) => match NonZeroU32::new(*next).filter(|next| *next > page) {
                Some(next) => Step::Fetch(next),
                None => {
                    let message =
                        format!("after page {page} the server's next page is page {next}");
                    Step::fail(call, message, following)
                }
            },
            Next::Unreadable => {
                let message = format!("after page {page} the server's next page has no number");
                Step::fail(call, message, following)
            }
            Next::Absent => Step::End,
        }
    }
}

impl Step {
    fn fail(call: &Call, message: String, resume_at: NonZeroU32) -> Self {
        let error = call.error(Kind::Pagination(message));
        Self::Fail(Box::new(error.resuming_at(Some(resume_at.get()))))
    }

    fn page(&self) -> Option<u32> {
        match self {
            Self::Fetch(page) | Self::Probe(page) => Some(page.get()),
            Self::Fail(error) => error.resume_at(),
            Self::End => None,
        }
    }

    fn then(&self) -> Then {
        let page = self.page().and_then(NonZeroU32::new);
        match self {
            Self::Fail(_) => Then::Fail(page),
            _ => Then::Next(page),
        }
    }
}
