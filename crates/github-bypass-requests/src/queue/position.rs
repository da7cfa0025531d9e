//! A saved position in a queue.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::model::ids::RequestId;
use crate::watch::version::Version;

/// A position in a queue, from which this process or a later one can continue.
///
/// Get it from [`QueueStream::position`](crate::QueueStream::position), save it with serde, and
/// pass it to [`Queue::resume`](crate::Queue::resume).
///
/// It contains the page number of each list and the ids of all delivered requests, about 10 bytes
/// of JSON each. It contains no token. Later versions of this crate will be able to read it.
///
/// [`Position`](crate::Position) documents what to expect if a list has changed since the position
/// was saved. Unlike a resumed list, a resumed queue never delivers a request again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePosition {
    version: Version,
    /// In the order in which the lists were added.
    pub(crate) lists: Vec<ListPosition>,
    /// The ids of the delivered requests, grouped by host and kind. The groups are in the order in
    /// which they first occur in `lists`.
    pub(crate) delivered: Vec<Vec<RequestId>>,
}

/// The position of one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListPosition {
    /// The URL of the list, with its filters.
    pub(crate) list: String,
    pub(crate) per_page: NonZeroU32,
    /// The page to continue with. `None` if the list has ended.
    pub(crate) page: Option<NonZeroU32>,
}

impl QueuePosition {
    pub(crate) fn new(lists: Vec<ListPosition>, delivered: Vec<Vec<RequestId>>) -> Self {
        Self {
            version: Version,
            lists,
            delivered,
        }
    }
}
