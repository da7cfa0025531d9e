//! What a watch has told, so that it is not told again.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::BypassKind;
use crate::{BypassResponse, RequestId, RequestStatus, ResponseId, ResponseStatus};

/// Where a watch stands: from [`EventStream::cursor`](crate::EventStream::cursor), for
/// [`Watch::resume`](crate::Watch::resume).
///
/// Holds what was told of each request that the list may still show, some 100 bytes of JSON for each:
/// ids, times and statuses, and nothing that anybody has written. A cheap clone of what the watch
/// itself keeps.
///
/// Serialises in a form of its own, which later versions of this crate will read. One of the other
/// kind of request, or of a version that is not known yet, is not read.
#[derive(Serialize, Deserialize)]
#[serde(bound = "D: BypassKind", try_from = "Stored", into = "Stored")]
pub struct WatchCursor<D> {
    /// Whether the list was looked at; before, there is no telling what is new.
    pub(super) begun: bool,
    pub(super) told: Arc<Told>,
    kind: PhantomData<fn() -> D>,
}

/// What was told, by request.
pub(super) type Told = BTreeMap<RequestId, Known>;

/// What was told of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) id: RequestId,
    pub(super) created_at: DateTime<Utc>,
    /// `None` if it was decided before it was seen, and that is still to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<RequestStatus>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) responses: Vec<Answer>,
    /// The end of its time, once that was told to have passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expired: Option<DateTime<Utc>>,
}

/// What tells a response from others and from what it was before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<ResponseId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<ResponseStatus>,
}

impl Answer {
    pub(super) fn of(response: &BypassResponse) -> Self {
        Self {
            id: response.id,
            status: response.status.clone(),
        }
    }
}

impl<D> WatchCursor<D> {
    pub(super) fn new() -> Self {
        Self {
            begun: false,
            told: Arc::default(),
            kind: PhantomData,
        }
    }
}

/// A cursor as it is kept. Fields that are added must have a default, or a new version.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    kind: String,
    begun: bool,
    requests: Vec<Known>,
}

const VERSION: u32 = 1;

impl<D: BypassKind> From<WatchCursor<D>> for Stored {
    fn from(WatchCursor { begun, told, .. }: WatchCursor<D>) -> Self {
        Self {
            version: VERSION,
            kind: D::KIND.to_owned(),
            begun,
            requests: told.values().cloned().collect(),
        }
    }
}

impl<D: BypassKind> TryFrom<Stored> for WatchCursor<D> {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let Stored {
            version,
            kind,
            begun,
            requests,
        } = stored;
        if version != VERSION {
            return Err(format!("a cursor of version {version} is not known"));
        }
        if kind != D::KIND {
            return Err(format!("the cursor is not one of {} requests", D::KIND));
        }
        let told = requests.into_iter().map(|known| (known.id, known));
        Ok(Self {
            begun,
            told: Arc::new(told.collect()),
            kind: PhantomData,
        })
    }
}

impl<D> Clone for WatchCursor<D> {
    fn clone(&self) -> Self {
        let Self { begun, told, kind } = self;
        Self {
            begun: *begun,
            told: told.clone(),
            kind: *kind,
        }
    }
}

/// Whether the same was told: what has not changed need not be saved again.
impl<D> PartialEq for WatchCursor<D> {
    fn eq(&self, other: &Self) -> bool {
        self.begun == other.begun && self.told == other.told
    }
}

impl<D> Eq for WatchCursor<D> {}

impl<D> fmt::Debug for WatchCursor<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchCursor")
            .field("begun", &self.begun)
            .field("requests", &self.told.len())
            .finish_non_exhaustive()
    }
}
