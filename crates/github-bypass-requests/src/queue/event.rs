//! The events of a queue.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::any::AnyBypassRequest;
use crate::watch::event::{Change, Line, summary};

/// A change to a bypass request of either kind, from
/// [`QueueEventStream`](crate::QueueEventStream).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueueEvent {
    /// The request, as returned by the poll that found the change. One poll can find several
    /// changes, so the request of an [`Opened`](Change::Opened) event may already be decided.
    pub request: AnyBypassRequest,
    /// The change.
    pub change: Change,
}

impl QueueEvent {
    /// Returns one line for the event. Returns `None` if the line belongs to another event of the
    /// same decision. See [`WatchEvent::summary`](crate::WatchEvent::summary).
    pub fn summary(&self) -> Option<String> {
        summary(&self.request, &self.change)
    }
}

/// Same as [`WatchEvent`](crate::WatchEvent).
impl fmt::Display for QueueEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, change } = self;
        Line { request, change }.fmt(f)
    }
}
