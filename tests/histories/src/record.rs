//! The record of a history: the results of the clients' calls, and the changes on the server. The
//! checks read it at the end of the history.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::fault::Fault;
use crate::world::{Key, Kind, Place};

#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) calls: Vec<Call>,
    pub(crate) walks: Vec<Walk>,
    pub(crate) watches: Vec<Watched>,
    pub(crate) effects: Vec<Effect>,
    /// The pages that the server sent to watches.
    pub(crate) pages: Vec<ServedPage>,
    /// The calls that failed after the history, when there were no more faults.
    pub(crate) failed_afterwards: Vec<String>,
    /// The hosts other than the configured one that received requests.
    pub(crate) other_hosts: Vec<String>,
    pub(crate) http_requests: u64,
    pub(crate) faults: BTreeMap<Fault, u64>,
    /// The messages of reviews, and the paths of dismissals, that were carried out twice.
    pub(crate) duplicated: BTreeSet<String>,
    /// The bypass requests that could not be decoded, and the times at which their pages were sent.
    pub(crate) bad_items: Vec<(Duration, Key)>,
}

/// A call of a client, and how it ended.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) user: &'static str,
    pub(crate) place: Place,
    pub(crate) operation: Operation,
    pub(crate) started: Duration,
    pub(crate) ended: Duration,
    pub(crate) end: End,
}

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// `approve`, `reject` or `review`, with the status that its response gets.
    Review(&'static str),
    ReviewIfOpen(&'static str),
    /// `dismiss` of this response.
    Dismiss(i64),
    /// `undo` of the review that the call `of` recorded as this response.
    Undo {
        response: i64,
        of: usize,
    },
    Get,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Its future was dropped.
    Dropped,
    /// A review was recorded.
    Reviewed {
        response: Option<i64>,
        is_read_back: bool,
    },
    Dismissed,
    /// A read succeeded.
    Read,
    /// Nothing was changed.
    Refused(String),
    /// The call may have changed something.
    Ambiguous(String),
}

impl Operation {
    /// Returns the response that the operation dismisses.
    pub(crate) fn dismisses(&self) -> Option<i64> {
        match self {
            Self::Dismiss(response) | Self::Undo { response, .. } => Some(*response),
            Self::Review(_) | Self::ReviewIfOpen(_) | Self::Get => None,
        }
    }
}

impl Call {
    /// Returns the message of a review. The message identifies the call.
    pub(crate) fn message(index: usize) -> String {
        format!("call {index}")
    }
}

/// A review or a dismissal that the server recorded.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    pub(crate) at: Duration,
    pub(crate) user: String,
    pub(crate) what: EffectOf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EffectOf {
    Review { message: String, response: i64 },
    Dismissal { response: i64 },
}

/// One reading of a list or a queue, with all of its parts if it was resumed.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub(crate) what: String,
    /// The filters.
    pub(crate) kinds: Vec<Kind>,
    pub(crate) status: Option<&'static str>,
    pub(crate) repository: Option<&'static str>,
    pub(crate) requester: Option<&'static str>,
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) is_queue: bool,
    pub(crate) started: Duration,
    pub(crate) ended: Duration,
    pub(crate) delivered: Vec<Key>,
    /// True if it was read to the end.
    pub(crate) is_complete: bool,
    /// The error after which the walk cannot be resumed.
    pub(crate) dead_end: Option<String>,
}

/// A watch with all of its restarts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watched {
    pub(crate) from_now: bool,
    /// The time at which the cursor of the first poll was saved. All later changes must be
    /// reported.
    pub(crate) started: Option<Duration>,
    pub(crate) events: Vec<Event>,
    /// The errors that ended parts of the watch.
    pub(crate) errors: Vec<String>,
}

/// An event that was handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) at: Duration,
    pub(crate) key: Key,
    pub(crate) change: Changed,
    /// The status of the request.
    pub(crate) status: String,
    /// True if the process stopped after it handled the event and before it saved the cursor.
    pub(crate) is_unsaved: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Changed {
    Opened,
    Responded { response: i64, status: String },
    Status { to: String },
    Expired,
}

/// A page of a list that a watch requested.
#[derive(Clone, Debug)]
pub(crate) struct ServedPage {
    pub(crate) at: Duration,
    /// The part of the watch. A new part starts with each restart.
    pub(crate) part: u32,
    pub(crate) page: usize,
    /// False if a fault may have changed or withheld the page.
    pub(crate) is_true: bool,
    pub(crate) is_last: bool,
}
