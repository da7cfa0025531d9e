//! Tracks the progress of a stream, so that its position is known at any time.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::list::position::Position;
use crate::model::ids::RequestId;
use crate::model::request::{BypassRequest, KindTag};

pub(crate) type Ids = Arc<HashSet<RequestId>>;

/// The page that a stream delivers from.
pub(crate) struct CurrentPage {
    pub(crate) number: NonZeroU32,
    /// The ids of the previous page. Requests with these ids are not delivered again.
    pub(crate) previous: Ids,
    /// The ids of this page, including those delivered before the list was resumed.
    pub(crate) ids: Ids,
    pub(crate) state: PageState,
}

/// The state of the current page, with the number of the next page if there is one.
#[derive(Clone, Copy)]
pub(crate) enum PageState {
    /// Not requested yet.
    Unread,
    /// Read. The requests of the page are followed by an error. The position then moves to the next
    /// page.
    BeforeError(Option<NonZeroU32>),
    /// Read. Its requests are followed by the next page.
    Read(Option<NonZeroU32>),
}

/// The progress of a stream.
pub(crate) struct Progress {
    per_page: NonZeroU32,
    current: CurrentPage,
}

impl Progress {
    /// Returns the progress at `start`, before anything is read.
    pub(crate) fn new<D>(start: &Position<D>) -> Self {
        let ids = |ids: &[RequestId]| Arc::new(ids.iter().copied().collect());
        Self {
            per_page: start.per_page,
            current: CurrentPage {
                number: start.page,
                previous: ids(&start.previous),
                ids: ids(&start.delivered),
                state: PageState::Unread,
            },
        }
    }

    pub(crate) fn set_page(&mut self, page: CurrentPage) {
        self.current = page;
    }

    /// Records that an error was returned. If the error is about the current page, the position
    /// moves to the next page. If it is about a page that was not read, the position does not
    /// change.
    pub(crate) fn set_failed(&mut self) {
        if let PageState::BeforeError(next) = self.current.state {
            self.current.state = PageState::Read(next);
        }
    }

    /// Records that the list has ended.
    pub(crate) fn set_ended(&mut self) {
        self.current.state = PageState::Read(None);
    }

    /// Returns the position, given the requests of the current page that have not been delivered
    /// yet.
    pub(crate) fn position<D>(&self, undelivered: &[BypassRequest<D>]) -> Option<Position<D>> {
        let CurrentPage {
            number,
            previous,
            ids,
            state,
        } = &self.current;
        let (page, previous, delivered) = match state {
            PageState::Read(next) if undelivered.is_empty() => ((*next)?, ids, Vec::new()),
            _ => {
                let undelivered: HashSet<RequestId> =
                    undelivered.iter().map(|request| request.id).collect();
                let delivered = ids.iter().filter(|id| !undelivered.contains(id)).copied();
                (*number, previous, sorted(delivered))
            }
        };
        Some(Position {
            kind: KindTag::default(),
            page,
            per_page: self.per_page,
            previous: sorted(previous.iter().copied()),
            delivered,
        })
    }
}

/// Sorts the ids, so that equal positions have them in the same order.
fn sorted(ids: impl Iterator<Item = RequestId>) -> Vec<RequestId> {
    let mut ids: Vec<RequestId> = ids.collect();
    ids.sort_unstable();
    ids
}
