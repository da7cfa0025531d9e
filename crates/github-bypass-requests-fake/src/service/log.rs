//! Logs of HTTP requests, with a limited size.

use std::collections::VecDeque;

const MAX_ENTRIES: usize = 10_000;
/// The limit on the total size of all entries.
const MAX_BYTES: usize = 16 << 20;

/// The newest entries, in the order in which they were added.
#[derive(Debug)]
pub(crate) struct Log<T> {
    entries: VecDeque<T>,
    bytes: usize,
    /// The number of removed entries.
    removed: u64,
}

/// An entry of a log.
pub(crate) trait Entry: Clone {
    /// Returns the total size of the entry's texts, in bytes.
    fn size(&self) -> usize;
}

/// The position of an entry in the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position(u64);

impl<T: Entry> Log<T> {
    pub(crate) fn all(&self) -> Vec<T> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.removed += self.entries.len() as u64;
        self.entries.clear();
        self.bytes = 0;
    }

    pub(super) fn push(&mut self, entry: T) -> Position {
        let position = Position(self.removed + self.entries.len() as u64);
        self.bytes += entry.size();
        self.entries.push_back(entry);
        self.shrink();
        position
    }

    /// Changes an entry, unless it was removed.
    pub(super) fn change(&mut self, Position(position): Position, change: impl FnOnce(&mut T)) {
        let index = position
            .checked_sub(self.removed)
            .and_then(|index| usize::try_from(index).ok());
        let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) else {
            return;
        };
        self.bytes -= entry.size();
        change(entry);
        self.bytes += entry.size();
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.entries.pop_front() else {
                return;
            };
            self.bytes -= oldest.size();
            self.removed += 1;
        }
    }
}

// A derived implementation would require `T: Default`.
impl<T> Default for Log<T> {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            removed: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Log, MAX_BYTES, MAX_ENTRIES};

    /// A name and the size.
    type Sized = (usize, usize);

    impl Entry for Sized {
        fn size(&self) -> usize {
            self.1
        }
    }

    fn names(log: &Log<Sized>) -> Vec<usize> {
        log.all().into_iter().map(|(name, _)| name).collect()
    }

    fn sizes(log: &Log<Sized>) -> Vec<usize> {
        log.all().into_iter().map(|(_, size)| size).collect()
    }

    #[test]
    fn the_oldest_entries_are_removed_if_there_are_too_many() {
        let mut log = Log::default();
        let oldest = log.push((0, 0));
        for name in 1..=MAX_ENTRIES {
            log.push((name, 0));
        }
        let newest = log.push((MAX_ENTRIES + 1, 0));
        log.change(oldest, |entry| entry.1 = 1);
        log.change(newest, |entry| entry.1 = 2);
        assert_eq!(names(&log), (2..=MAX_ENTRIES + 1).collect::<Vec<_>>());
        assert_eq!(sizes(&log).iter().sum::<usize>(), 2);
        assert_eq!(sizes(&log).last(), Some(&2));
    }

    #[test]
    fn the_oldest_entries_are_removed_if_they_are_too_large() {
        let mut log = Log::default();
        let positions: Vec<_> = (0..4).map(|name| log.push((name, MAX_BYTES / 5))).collect();
        for position in positions {
            log.change(position, |entry| entry.1 *= 2);
        }
        assert_eq!(names(&log), [2, 3]);
        log.push((4, MAX_BYTES));
        assert_eq!(names(&log), [4]);
        log.push((5, MAX_BYTES + 1));
        assert_eq!(names(&log), [0; 0]);
        log.push((6, 0));
        assert_eq!(names(&log), [6]);
    }

    #[test]
    fn a_removed_entry_is_not_changed() {
        let mut log = Log::default();
        let before = log.push((0, 1));
        log.clear();
        let after = log.push((1, 1));
        log.change(before, |entry| entry.1 = 2);
        assert_eq!(sizes(&log), [1]);
        log.change(after, |entry| entry.1 = 2);
        assert_eq!(sizes(&log), [2]);
    }
}
