//! What a watch tells.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::request::BypassKind;
use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::vocabulary::RequestStatus;

/// Something that has happened to a request: from [`EventStream`](crate::EventStream).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "D: BypassKind"))]
#[non_exhaustive]
pub struct WatchEvent<D> {
    /// The request as it was when this was noticed, with all that was noticed at once: an
    /// [`Opened`](Change::Opened) may show a request that is decided already.
    pub request: BypassRequest<D>,
    /// What has happened to it.
    pub change: Change,
}

/// What has happened to a request. As JSON: `"opened"`, `{"responded": …}`,
/// `{"status_changed": {"from": "open"}}`, `"expired"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// It is seen for the first time, whatever its status: it may be decided already.
    Opened,
    /// A reviewer has answered, or an answer was withdrawn: then its status is
    /// [`Dismissed`](crate::ResponseStatus::Dismissed).
    Responded(BypassResponse),
    /// It stands elsewhere now; where it stands is the request's `status`. Of an expiry,
    /// [`Expired`](Self::Expired) is told instead.
    #[non_exhaustive]
    StatusChanged {
        /// Where it stood when that was told last. `None` if it was decided before it was seen.
        from: Option<RequestStatus>,
    },
    /// Nobody has answered in time: GitHub says so, or its clock has passed `expires_at` while the
    /// request still waits for a review.
    Expired,
}

/// `opened: octo-org/smile#42 open, requested by monalisa on 2024-07-01`.
impl<D> fmt::Display for WatchEvent<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, change } = self;
        write!(f, "{change}: {request}")
    }
}

/// What has happened, in few words: `opened`, `denied by octocat`, `no longer open`, `expired`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened => f.write_str("opened"),
            Self::Responded(response) => response.fmt(f),
            Self::StatusChanged { from: Some(from) } => write!(f, "no longer {from}"),
            Self::StatusChanged { from: None } => f.write_str("status changed"),
            Self::Expired => f.write_str("expired"),
        }
    }
}
