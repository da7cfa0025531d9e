//! Pages that are asked for before their turn.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use crate::transport::task::Task;

/// What has been asked for and not been used: pages in a row, each under way or there.
pub(crate) struct ReadAhead<T> {
    pages: VecDeque<(NonZeroU32, Task<T>)>,
}

impl<T> ReadAhead<T> {
    pub(crate) fn new() -> Self {
        let pages = VecDeque::new();
        Self { pages }
    }

    /// The page that was the `next` when pages were last asked for.
    pub(crate) fn take(&mut self) -> Option<Task<T>> {
        self.pages.pop_front().map(|(_, task)| task)
    }

    /// Asks for what is missing of the pages from `next` to `last`, of which `most` are asked for at
    /// once. What was asked for and does not follow is forgotten.
    pub(crate) fn fill(
        &mut self,
        next: NonZeroU32,
        last: u32,
        most: u32,
        ask: impl Fn(NonZeroU32) -> Task<T>,
    ) {
        while self.pages.front().is_some_and(|(page, _)| *page != next) {
            self.pages.pop_front();
        }
        let end = last.min(next.get().saturating_add(most).saturating_sub(1));
        let asked = u32::try_from(self.pages.len()).unwrap_or(u32::MAX);
        let missing = next.saturating_add(asked).get()..=end;
        let missing = missing.filter_map(NonZeroU32::new);
        self.pages.extend(missing.map(|page| (page, ask(page))));
    }

    /// Forgets what was asked for, and ends what is under way.
    pub(crate) fn clear(&mut self) {
        self.pages.clear();
    }
}
