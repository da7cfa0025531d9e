//! A page of a list, as the caller receives it.

use crate::list::window::TimeWindow;
use crate::response::meta::ResponseMeta;

/// A page of a list. Delivered by [`PageStream`](crate::PageStream).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The requests on the page, without those that the previous page contained.
    pub items: Vec<T>,
    /// The number of this page, counted from 1.
    pub number: u32,
    /// The number of the next page, if GitHub announces one.
    pub next: Option<u32>,
    /// The number of the last page, if GitHub announces it. Like `next`, it changes with the list.
    pub last: Option<u32>,
    /// The range of creation times that the page covers.
    pub window: TimeWindow,
    /// Metadata of the response.
    pub meta: ResponseMeta,
}
