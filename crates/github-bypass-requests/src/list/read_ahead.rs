//! Pages that are requested before they are needed.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use crate::transport::task::Task;

/// Consecutive pages that were requested but not used yet, each in flight or complete.
pub(crate) struct ReadAhead<T> {
    pages: VecDeque<(NonZeroU32, Task<T>)>,
}

impl<T> ReadAhead<T> {
    pub(crate) fn new() -> Self {
        let pages = VecDeque::new();
        Self { pages }
    }

    /// Removes and returns the first page: the one whose number was passed as `next` to the latest
    /// [`fill`](Self::fill).
    pub(crate) fn take(&mut self) -> Option<Task<T>> {
        self.pages.pop_front().map(|(_, task)| task)
    }

    /// Drops the pages before `next`. Then requests the missing pages from `next` to `last`, up to
    /// a total of `max` pages.
    pub(crate) fn fill(
        &mut self,
        next: NonZeroU32,
        last: u32,
        max: u32,
        request: impl Fn(NonZeroU32) -> Task<T>,
    ) {
        while self.pages.front().is_some_and(|(page, _)| *page != next) {
            self.pages.pop_front();
        }
        let end = last.min(next.get().saturating_add(max).saturating_sub(1));
        let kept = u32::try_from(self.pages.len()).unwrap_or(u32::MAX);
        let missing = next.saturating_add(kept).get()..=end;
        let missing = missing.filter_map(NonZeroU32::new);
        self.pages.extend(missing.map(|page| (page, request(page))));
    }

    /// Drops all pages, and cancels the requests in flight.
    pub(crate) fn clear(&mut self) {
        self.pages.clear();
    }
}
