//! The events of a watch.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::request::BypassKind;
use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::vocabulary::RequestStatus;

/// A change to a bypass request, from [`EventStream`](crate::EventStream).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "D: BypassKind"))]
#[non_exhaustive]
pub struct WatchEvent<D> {
    /// The request as the poll that found the change returned it. One poll can find several
    /// changes, so the request of an [`Opened`](Change::Opened) event may already be decided.
    pub request: BypassRequest<D>,
    /// The change.
    pub change: Change,
}

/// A kind of change to a bypass request.
///
/// The JSON forms are `"opened"`, `{"responded": …}`, `{"status_changed": {"from": "open"}}` and
/// `"expired"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// The request is new to the watch. It can have any status, and may already be decided.
    Opened,
    /// A reviewer responded, or a response was dismissed. The status of a dismissed response is
    /// [`Dismissed`](crate::ResponseStatus::Dismissed).
    Responded(BypassResponse),
    /// The status changed to the `status` of the event's request. An expiry is reported as
    /// [`Expired`](Self::Expired) instead.
    #[non_exhaustive]
    StatusChanged {
        /// The status that was reported before. `None` if the request was decided before it was
        /// first seen.
        from: Option<RequestStatus>,
    },
    /// The request expired without a decision: GitHub reports the status `expired`, or the server's
    /// clock has passed `expires_at` while the request is undecided.
    Expired,
}

/// For example `opened: octo-org/smile#42 open, requested by monalisa on 2024-07-01`, or
/// `completed: octo-org/smile#42 (was approved)`.
impl<D> fmt::Display for WatchEvent<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, change } = self;
        let BypassRequest {
            repository,
            number,
            status,
            ..
        } = request;
        match change {
            Change::StatusChanged { from } => {
                write!(f, "{status}: {repository}#{number}")?;
                match from {
                    Some(from) => write!(f, " (was {from})"),
                    None => Ok(()),
                }
            }
            _ => write!(f, "{change}: {request}"),
        }
    }
}

/// For example `opened`, `denied by octocat`, `was open` or `expired`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened => f.write_str("opened"),
            Self::Responded(response) => response.fmt(f),
            Self::StatusChanged { from: Some(from) } => write!(f, "was {from}"),
            Self::StatusChanged { from: None } => f.write_str("status changed"),
            Self::Expired => f.write_str("expired"),
        }
    }
}
