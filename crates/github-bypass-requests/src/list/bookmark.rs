//! Follows a stream, so that its position is known at any time.

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
    /// The ids of the previous page, which are not delivered again.
    pub(crate) previous: Ids,
    /// The ids of this page, whether delivered now or before.
    pub(crate) ids: Ids,
    pub(crate) then: Then,
}

/// What follows once the requests of the current page are delivered.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// The page itself, which was not requested yet.
    Read,
    /// An error, and then the next page.
    Fail(Option<NonZeroU32>),
    Next(Option<NonZeroU32>),
}

/// Follows a stream.
pub(crate) struct Bookmark {
    per_page: NonZeroU32,
    current: CurrentPage,
}

impl Bookmark {
    /// Before anything is read: at the page to begin with, of which a part may be delivered already.
    pub(crate) fn new<D>(start: &Position<D>) -> Self {
        let ids = |ids: &[RequestId]| Arc::new(ids.iter().copied().collect());
        Self {
            per_page: start.per_page,
            current: CurrentPage {
                number: start.page,
                previous: ids(&start.previous),
                ids: ids(&start.delivered),
                then: Then::Read,
            },
        }
    }

    pub(crate) fn turn_to(&mut self, page: CurrentPage) {
        self.current = page;
    }

    /// An error was delivered: of the current page, or of a page that is still to be read.
    pub(crate) fn fail(&mut self) {
        if let Then::Fail(next) = self.current.then {
            self.current.then = Then::Next(next);
        }
    }

    /// Nothing is left.
    pub(crate) fn end(&mut self) {
        self.current.then = Then::Next(None);
    }

    /// Where to continue if `rest` of the current page is still to be delivered.
    pub(crate) fn position<D>(&self, rest: &[BypassRequest<D>]) -> Option<Position<D>> {
        let CurrentPage {
            number,
            previous,
            ids,
            then,
        } = &self.current;
        let (page, previous, delivered) = match then {
            Then::Next(next) if rest.is_empty() => ((*next)?, ids, Vec::new()),
            _ => {
                let rest: HashSet<RequestId> = rest.iter().map(|request| request.id).collect();
                let delivered = ids.iter().filter(|id| !rest.contains(id)).copied();
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

/// Equal positions have their ids in the same order.
fn sorted(ids: impl Iterator<Item = RequestId>) -> Vec<RequestId> {
    let mut ids: Vec<RequestId> = ids.collect();
    ids.sort_unstable();
    ids
}
