//! The streams of a list.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use futures_util::stream::try_unfold;

use crate::error::Result;
use crate::list::bookmark::{Bookmark, CurrentPage};
use crate::list::page::Page;
use crate::list::pager::{Delivery, Pager};
use crate::list::position::Position;
use crate::list::received::Pages;
use crate::model::request::{BypassKind, BypassRequest};

/// Gives a stream with a method `poll` its public face: `try_next`, `Stream` and `Debug`.
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

        /// Items are moved out, never pinned.
        impl $(<$kind>)? Unpin for $name $(<$kind>)? {}

        impl $(<$kind>)? ::std::fmt::Debug for $name $(<$kind>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use stream;

/// A list's pages. Created by [`List::pages`](crate::List::pages).
#[must_use = "nothing is sent until the stream is polled"]
pub struct PageStream<D> {
    /// `None` at the end.
    pages: Option<Boxed<(Page<BypassRequest<D>>, CurrentPage)>>,
    bookmark: Bookmark,
}

/// A list's requests. Created by [`List::stream`](crate::List::stream).
#[must_use = "nothing is sent until the stream is polled"]
pub struct RequestStream<D> {
    pages: PageStream<D>,
    /// The rest of the last page.
    items: vec::IntoIter<BypassRequest<D>>,
}

pub(crate) type Boxed<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

impl<D: BypassKind> PageStream<D> {
    pub(crate) fn new<P: Pages<D>>(pager: Pager<P, D>, bookmark: Bookmark) -> Self {
        let pages = try_unfold(pager, async |mut pager| {
            let delivery = pager.advance().await?;
            Ok(delivery.map(|Delivery { page, current, .. }| ((page, current), pager)))
        });
        let pages: Boxed<_> = Box::pin(pages);
        Self {
            pages: Some(pages),
            bookmark,
        }
    }
}

impl<D> PageStream<D> {
    /// Where to continue after the pages that were delivered; `None` if nothing is left to read.
    ///
    /// After an error, that is the page that failed, or the next one if the error is about items that
    /// cannot be read. Before the first page, it is the start of the list, even if the list cannot be
    /// read at all.
    pub fn position(&self) -> Option<Position<D>> {
        self.bookmark.position(&[])
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<BypassRequest<D>>>>> {
        let Some(pages) = &mut self.pages else {
            return Poll::Ready(None);
        };
        let polled = ready!(pages.as_mut().poll_next(context));
        Poll::Ready(match polled {
            Some(Ok((page, current))) => {
                self.bookmark.turn_to(current);
                Some(Ok(page))
            }
            Some(Err(error)) => {
                self.bookmark.fail();
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

impl<D> RequestStream<D> {
    pub(crate) fn new(pages: PageStream<D>) -> Self {
        let items = vec::IntoIter::default();
        Self { pages, items }
    }

    /// Where to continue after the requests that were delivered; `None` if nothing is left to read.
    ///
    /// After an error, that is the page that failed, or the next one if the error is about items that
    /// cannot be read. Before the first request, it is the start of the list, even if the list cannot
    /// be read at all. Items that cannot be read are reported again if their error was not reached.
    pub fn position(&self) -> Option<Position<D>> {
        self.pages.bookmark.position(self.items.as_slice())
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
    /// The next page; `None` at the end, and after an error.
    ///
    /// The future can be dropped and the method called again: nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of any call. [`position`](Self::position) is where to continue.
}

stream! {
    RequestStream<D>, BypassRequest<D>,
    /// The next request; `None` at the end, and after an error.
    ///
    /// The future can be dropped and the method called again: nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of any call. [`position`](Self::position) is where to continue.
}
