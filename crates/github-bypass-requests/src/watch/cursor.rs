//! What a watch has told, so that it is not told again.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::ids::{RequestId, ResponseId};
use crate::model::request::{BypassKind, KindTag};
use crate::model::response::BypassResponse;
use crate::model::vocabulary::{RequestStatus, ResponseStatus};

/// Where a watch stands: from [`EventStream::cursor`](crate::EventStream::cursor), for
/// [`Watch::resume`](crate::Watch::resume).
///
/// Holds what was told of each request that the list may still show, some 100 bytes of JSON for each:
/// ids, times and statuses, and nothing that anybody has written. A cheap clone of what the watch
/// itself keeps.
///
/// Serialises in a form of its own, which later versions of this crate will read. One of the other
/// kind of request, or of a version that is not known yet, is not read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "D: BypassKind", try_from = "Stored<D>", into = "Stored<D>")]
pub struct WatchCursor<D> {
    /// Whether the list was looked at; before, there is no telling what is new.
    pub(crate) begun: bool,
    pub(crate) known: Arc<KnownRequests>,
    kind: KindTag<D>,
}

/// What was delivered, by request.
pub(crate) type KnownRequests = BTreeMap<RequestId, Known>;

/// What was told of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) id: RequestId,
    pub(crate) created_at: DateTime<Utc>,
    /// `None` if it was decided before it was seen, and that is still to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<RequestStatus>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) responses: Vec<KnownResponse>,
    /// The end of its time, once that was told to have passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expired: Option<DateTime<Utc>>,
}

/// What tells a response from others and from what it was before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct KnownResponse {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ResponseId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<ResponseStatus>,
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
    pub(crate) fn new() -> Self {
        Self {
            begun: false,
            known: Arc::default(),
            kind: KindTag::default(),
        }
    }
}

/// A cursor as it is kept. Fields that are added must have a default, or a new version.
#[derive(Serialize, Deserialize)]
#[serde(bound = "D: BypassKind")]
struct Stored<D> {
    version: u32,
    kind: KindTag<D>,
    begun: bool,
    requests: Vec<Known>,
}

const VERSION: u32 = 1;

impl<D> From<WatchCursor<D>> for Stored<D> {
    fn from(WatchCursor { begun, known, kind }: WatchCursor<D>) -> Self {
        Self {
            version: VERSION,
            kind,
            begun,
            requests: known.values().cloned().collect(),
        }
    }
}

impl<D> TryFrom<Stored<D>> for WatchCursor<D> {
    type Error = String;

    fn try_from(stored: Stored<D>) -> Result<Self, String> {
        if stored.version != VERSION {
            return Err(format!(
                "a cursor of version {} is not known",
                stored.version
            ));
        }
        let known = stored.requests.into_iter().map(|known| (known.id, known));
        Ok(Self {
            begun: stored.begun,
            known: Arc::new(known.collect()),
            kind: stored.kind,
        })
    }
}

impl<D> fmt::Debug for WatchCursor<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchCursor")
            .field("begun", &self.begun)
            .field("requests", &self.known.len())
            .finish_non_exhaustive()
    }
}
