//! The streams of a list.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use futures_util::stream::try_unfold;

use crate::error::Result;
use crate::list::page::Page;
use crate::list::pager::{Delivery, Pager};
use crate::list::position::Position;
use crate::list::progress::{CurrentPage, Progress};
use crate::list::received::PageSource;
use crate::model::request::{BypassKind, BypassRequest};

/// Implements `try_next`, `Stream` and `Debug` for a stream that has a method `poll`.
macro_rules! stream {
    (
        $name:ident $(<$kind:ident $(: $bound:path)?>)?, $item:ty, $(#[$doc:meta])*
    ) => {
        impl $(<$kind $(: $bound)?>)? $name $(<$kind>)? {
            $(#[$doc])*
            pub async fn try_next(&mut self) -> $crate::error::Result<Option<$item>> {
                ::std::future::poll_fn(|context| self.poll(context)).await.transpose()
            }
        }

        impl $(<$kind $(: $bound)?>)? ::futures_core::Stream for $name $(<$kind>)? {
            type Item = $crate::error::Result<$item>;

            fn poll_next(
                mut self: ::std::pin::Pin<&mut Self>,
                context: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Option<Self::Item>> {
                self.poll(context)
            }
        }

        /// Items are never pinned.
        impl $(<$kind>)? Unpin for $name $(<$kind>)? {}

        impl $(<$kind>)? ::std::fmt::Debug for $name $(<$kind>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use stream;

/// A stream of the pages of a list. Created by [`List::pages`](crate::List::pages).
#[must_use = "nothing is sent until the stream is polled"]
pub struct PageStream<D> {
    /// `None` at the end and after an error.
    pages: Option<Boxed<(Page<BypassRequest<D>>, CurrentPage)>>,
    progress: Progress,
    missing_organizations: Vec<i64>,
}

/// A stream of the requests of a list. Created by [`List::stream`](crate::List::stream).
#[must_use = "nothing is sent until the stream is polled"]
pub struct RequestStream<D> {
    pages: PageStream<D>,
    /// The undelivered requests of the current page.
    items: vec::IntoIter<BypassRequest<D>>,
}

pub(crate) type Boxed<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

impl<D: BypassKind> PageStream<D> {
    pub(crate) fn new<P: PageSource<D>>(pager: Pager<P, D>, progress: Progress) -> Self {
        let pages = try_unfold(pager, async |mut pager| {
            let delivery = pager.next_page().await?;
            Ok(delivery.map(|Delivery { page, current, .. }| ((page, current), pager)))
        });
        let pages: Boxed<_> = Box::pin(pages);
        Self {
            pages: Some(pages),
            progress,
            missing_organizations: Vec::new(),
        }
    }
}

impl<D> PageStream<D> {
    /// Returns the position after the last delivered page, or `None` at the end of the list.
    ///
    /// After an error, the position is the page that failed, or the next page if the error is about
    /// items that cannot be decoded. Before the first page, and if the list has invalid arguments,
    /// the position is the start of the list.
    pub fn position(&self) -> Option<Position<D>> {
        self.progress.position(&[])
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<BypassRequest<D>>>>> {
        let Some(pages) = &mut self.pages else {
            return Poll::Ready(None);
        };
        let polled = ready!(pages.as_mut().poll_next(context));
        Poll::Ready(match polled {
            Some(Ok((page, current))) => {
                self.progress.set_page(current);
                page.meta
                    .add_missing_organizations(&mut self.missing_organizations);
                Some(Ok(page))
            }
            Some(Err(error)) => {
                self.progress.set_failed();
                self.pages = None;
                Some(Err(error))
            }
            None => {
                self.progress.set_ended();
                self.pages = None;
                None
            }
        })
    }
}

impl<D> RequestStream<D> {
    pub(crate) fn new(pages: PageStream<D>) -> Self {
        let items = vec::IntoIter::default();
        Self { pages, items }
    }

    /// Returns the position after the last delivered request, or `None` at the end of the list.
    ///
    /// After an error, the position is the page that failed, or the next page if the error is about
    /// items that cannot be decoded. If you take the position before this stream returns such a
    /// decode error, the resumed list returns that error. Before the first request, and if the list
    /// has invalid arguments, the position is the start of the list.
    pub fn position(&self) -> Option<Position<D>> {
        self.pages.progress.position(self.items.as_slice())
    }

    /// Returns the ids of the organizations whose requests were missing from the pages so far: see
    /// [`ResponseMeta::missing_organizations`](crate::ResponseMeta::missing_organizations).
    pub fn missing_organizations(&self) -> &[i64] {
        &self.pages.missing_organizations
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

stream! {
    PageStream<D>, Page<BypassRequest<D>>,
    /// Returns the next page, or `None` at the end and after an error.
    ///
    /// Cancel safe: if the future is dropped, no page is lost.
    ///
    /// # Errors
    ///
    /// Fails like any other read; see [`Error`](crate::Error). To continue, pass
    /// [`position`](Self::position) to [`List::resume`](crate::List::resume).
}

stream! {
    RequestStream<D>, BypassRequest<D>,
    /// Returns the next request, or `None` at the end and after an error.
    ///
    /// Cancel safe: if the future is dropped, no request is lost.
    ///
    /// # Errors
    ///
    /// Fails like any other read; see [`Error`](crate::Error). To continue, pass
    /// [`position`](Self::position) to [`List::resume`](crate::List::resume).
}
