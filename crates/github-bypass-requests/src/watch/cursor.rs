//! The cursor of a watch, which records the events that the watch has delivered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::ids::{RequestId, ResponseId};
use crate::model::request::{BypassKind, KindTag};
use crate::model::response::BypassResponse;
use crate::model::vocabulary::{RequestStatus, ResponseStatus};
use crate::watch::version::Version;

/// The position of a watch. Get it from [`EventStream::cursor`](crate::EventStream::cursor), save
/// it, and pass it to [`Watch::resume`](crate::Watch::resume).
///
/// It contains the URL of the list, and records what was reported about each request that the list
/// may still contain: ids, times and statuses, but no comments or messages. That is about 100 bytes
/// of JSON per request. Cloning is cheap.
///
/// Later versions of this crate will be able to read the serialized form. Deserializing fails if
/// the cursor belongs to the other kind of request, or was written by a version with a newer
/// format.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "D: BypassKind", from = "Stored<D>", into = "Stored<D>")]
pub struct WatchCursor<D> {
    /// The list that was polled. A queue that continues this watch needs it. `None` in old cursors.
    pub(crate) list: Option<PolledList>,
    /// True once a poll has succeeded. Before that, new requests cannot be recognized.
    pub(crate) started: bool,
    /// All changes before this time are delivered. `None` in old cursors.
    pub(crate) reported_until: Option<DateTime<Utc>>,
    pub(crate) known: Arc<KnownRequests>,
    kind: KindTag<D>,
}

/// Identifies a list by its URL, including its filters, and by the base URL of its host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolledList {
    pub(crate) base_url: String,
    pub(crate) url: String,
}

/// The known states of requests, by request id.
pub(crate) type KnownRequests = BTreeMap<RequestId, Known>;

/// The state of a request according to the delivered events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) id: RequestId,
    pub(crate) created_at: DateTime<Utc>,
    /// `None` if the request was already decided when the watch first saw it, and no event has
    /// reported that yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<RequestStatus>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) responses: Vec<KnownResponse>,
    /// The `expires_at` of a reported expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expired: Option<DateTime<Utc>>,
    /// The time of the first poll that showed an older state than this one. `None` if the latest
    /// poll showed no older state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) older_since: Option<DateTime<Utc>>,
}

/// Identifies a response and its state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct KnownResponse {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ResponseId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<ResponseStatus>,
}

impl Known {
    /// Combines two states of the same request that different watches have reported.
    pub(crate) fn merge(&mut self, other: Self) {
        let is_later = other.responses.len() > self.responses.len();
        let is_open = self.status.as_ref().is_none_or(RequestStatus::is_open);
        let is_decided = other
            .status
            .as_ref()
            .is_some_and(|status| !status.is_open());
        if is_later && (is_open || is_decided) || is_open && is_decided {
            self.status = other.status;
        }
        for response in other.responses {
            if !self.responses.contains(&response) {
                self.responses.push(response);
            }
        }
        self.expired = self.expired.max(other.expired);
        self.older_since = None;
    }
}

impl KnownResponse {
    pub(crate) fn of(response: &BypassResponse) -> Self {
        Self {
            id: response.id,
            status: response.status.clone(),
        }
    }
}

impl<D> WatchCursor<D> {
    pub(crate) fn new(
        list: Option<PolledList>,
        started: bool,
        reported_until: Option<DateTime<Utc>>,
        known: Arc<KnownRequests>,
    ) -> Self {
        Self {
            list,
            started,
            reported_until,
            known,
            kind: KindTag::default(),
        }
    }
}

/// The serialized form of a cursor. New fields need a default or a new version.
#[derive(Serialize, Deserialize)]
#[serde(bound = "D: BypassKind")]
struct Stored<D> {
    version: Version,
    kind: KindTag<D>,
    started: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reported_until: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list: Option<PolledList>,
    requests: Vec<Known>,
}

impl<D> From<WatchCursor<D>> for Stored<D> {
    fn from(
        WatchCursor {
            list,
            started,
            reported_until,
            known,
            kind,
        }: WatchCursor<D>,
    ) -> Self {
        Self {
            version: Version,
            kind,
            started,
            reported_until,
            list,
            requests: known.values().cloned().collect(),
        }
    }
}

impl<D> From<Stored<D>> for WatchCursor<D> {
    fn from(stored: Stored<D>) -> Self {
        let known = stored.requests.into_iter().map(|known| (known.id, known));
        Self {
            list: stored.list,
            started: stored.started,
            reported_until: stored.reported_until,
            known: Arc::new(known.collect()),
            kind: stored.kind,
        }
    }
}

impl<D> fmt::Debug for WatchCursor<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchCursor")
            .field("started", &self.started)
            .field("requests", &self.known.len())
            .finish_non_exhaustive()
    }
}
