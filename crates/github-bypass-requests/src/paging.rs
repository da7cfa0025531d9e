//! From page to page.

use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use futures_util::stream::try_unfold;

use crate::call::Call;
use crate::error::Kind;
use crate::link::{Links, Next};
use crate::list::{Lists, Received};
use crate::model::BypassKind;
use crate::read_ahead::ReadAhead;
use crate::task::Task;
use crate::{BypassRequest, Error, List, RequestId, ResponseMeta, Result};

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
    /// What else GitHub said.
    pub meta: ResponseMeta,
}

/// A list's pages: from [`List::pages`](crate::List::pages).
#[must_use = "nothing is sent until the stream is polled"]
pub struct PageStream<D>(Boxed<Page<BypassRequest<D>>>);

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
        Self(Box::pin(try_unfold(pager, async |mut pager| {
            Ok(pager.advance().await?.map(|page| (page, pager)))
        })))
    }
}

impl<D> PageStream<D> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<BypassRequest<D>>>>> {
        self.0.as_mut().poll_next(context)
    }
}

/// Requests are moved out, never pinned.
impl<D> Unpin for RequestStream<D> {}

impl<D> RequestStream<D> {
    pub(crate) fn new(pages: PageStream<D>) -> Self {
        let items = vec::IntoIter::default();
        Self { pages, items }
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
    /// The ids of the page before, and of that page only, so that memory stays flat.
    previous: HashSet<RequestId>,
    /// How many pages in a row brought nothing new.
    stale: u32,
    pages: u32,
    /// The last page, as far as the server has announced it.
    last: Option<u32>,
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
        let step = match &list.query.refused {
            Some(refused) => Step::Fail(Box::new(refused.clone().into())),
            None => Step::Fetch(list.query.start_at),
        };
        Self {
            list: Arc::new(list),
            ahead: ReadAhead::new(),
            step,
            previous: HashSet::new(),
            stale: 0,
            pages: 0,
            last: None,
        }
    }

    /// The next page; `None` at the end.
    async fn advance(&mut self) -> Result<Option<Page<BypassRequest<D>>>> {
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
        let next = self.step_after(page, &received);
        let Received {
            mut requests,
            bad_items,
            links,
            meta,
            call,
            ..
        } = received;
        let ids = requests.iter().map(|request| request.id).collect();
        requests.retain(|request| !self.previous.contains(&request.id));
        self.previous = ids;
        self.pages += 1;
        self.stale = if requests.is_empty() {
            self.stale + 1
        } else {
            0
        };

        self.step = match (bad_items, next) {
            (Some(error), next) => Step::Fail(Box::new(error.resuming_at(next.page()))),
            // A server without links that goes on answering the same is at its end.
            (None, Step::Probe(_)) if requests.is_empty() && !announced => Step::End,
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
        self.read_ahead();
        let (next, last) = links.map_or((None, None), |Links { next, last }| match next {
            Next::Page(next) => (Some(next), last),
            Next::Absent | Next::Unreadable => (None, last),
        });
        Ok(Some(Page {
            items: requests,
            number: page.get(),
            next,
            last,
            meta,
        }))
    }

    /// The page, from those that were asked for before if it can be relied on.
    async fn fetch(&mut self, page: NonZeroU32) -> Result<Received<D>> {
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
        self.list.scope.page(&self.list.query, page).await
    }

    /// Whether the list is not what it was when the page before was read.
    ///
    /// Pages that are under way at once are read in any order. Should the list move meanwhile, a
    /// page may show it as it was before and the one before as it is now, and what slid over their
    /// border stands on neither. But the first page that shows the list in another state than the
    /// page before repeats items of that page; or the list has moved by whole pages, and then it
    /// tells of another last one. So this page, and all that were asked for with it, are asked for
    /// again: from then on none is older than the page before it, as if they were read in turn.
    fn has_moved(&self, received: &Received<D>) -> bool {
        let Received {
            requests, links, ..
        } = received;
        let last = links.and_then(|links| links.last);
        last.is_some() && last != self.last
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
        self.ahead.fill(next, last, most, |page| {
            let list = self.list.clone();
            Task::spawn(async move { list.scope.page(&list.query, page).await })
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
}
