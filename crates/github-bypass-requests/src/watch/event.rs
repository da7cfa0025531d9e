//! The events of a watch.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::request::BypassKind;
use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::vocabulary::{RequestStatus, ResponseStatus};
use crate::watch::followed::Followed;

/// A change to a bypass request, from [`EventStream`](crate::EventStream).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "D: BypassKind"))]
#[non_exhaustive]
pub struct WatchEvent<D> {
    /// The request, as returned by the poll that found the change. One poll can find several
    /// changes, so the request of an [`Opened`](Change::Opened) event may already be decided.
    pub request: BypassRequest<D>,
    /// The change.
    pub change: Change,
}

/// A kind of change to a bypass request.
///
/// A decision causes [`Responded`](Self::Responded) and usually
/// [`StatusChanged`](Self::StatusChanged). Some approved requests stay `open` until the push. The
/// push causes a `StatusChanged` to `completed`. A dismissal causes `Responded`, and also
/// `StatusChanged` if the request is open again. To get one line for each decision, push or
/// dismissal, use [`WatchEvent::summary`].
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
    /// clock has passed `expires_at` and the request is still undecided.
    Expired,
}

impl<D> WatchEvent<D> {
    /// Returns one line for the event. Returns `None` if the line belongs to another event of the
    /// same decision.
    ///
    /// Use it to post one line each time something happens. If it causes two events, only one of
    /// them returns the line:
    ///
    /// | what happens | events | line |
    /// |---|---|---|
    /// | a request is opened | [`Opened`](Change::Opened) | `opened: octo-org/smile#16 open, requested by mona on 2026-07-01` |
    /// | dora approves a request | [`Responded`](Change::Responded), [`StatusChanged`](Change::StatusChanged) | `approved by dora: octo-org/smile#16` |
    /// | dora approves a request, and the push follows before the next poll | the same | `completed: octo-org/smile#16, approved by dora` |
    /// | the push follows later | `StatusChanged` | `completed: octo-org/smile#16, approved by dora` |
    /// | her approval is dismissed, and the request is open again | `Responded`, `StatusChanged` | `dismissed by dora: octo-org/smile#16` |
    ///
    /// To post decisions only, use the events with [`Responded`](Change::Responded) instead. Each
    /// decision causes exactly one of them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use github_bypass_requests::{Client, Decision};
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// let list = client.organization("octo-org").secret_scanning().list();
    /// let mut events = list.watch().events();
    /// while let Some(event) = events.try_next().await? {
    ///     if let Some(line) = event.summary() {
    ///         println!("{line}");
    ///     }
    /// #   break;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn summary(&self) -> Option<String> {
        summary(&self.request, &self.change)
    }
}

/// Returns the line of an event, or `None` if another event of the same decision has it.
pub(crate) fn summary<R: Followed + fmt::Display>(request: &R, change: &Change) -> Option<String> {
    let name = format!("{}#{}", request.repository(), request.number());
    let deciding = request.deciding_response();
    match change {
        Change::Responded(response)
            if *request.status() == RequestStatus::Completed && deciding == Some(response) =>
        {
            None
        }
        Change::Responded(response) => Some(format!("{response}: {name}")),
        Change::StatusChanged { from } if is_explained(request, from.as_ref()) => None,
        _ => Some(Line { request, change }.to_string()),
    }
}

/// Returns true if a response explains the request's status. The line then belongs to the event of
/// that response.
fn is_explained(request: &impl Followed, from: Option<&RequestStatus>) -> bool {
    let is_decided =
        |status: &RequestStatus| matches!(status, RequestStatus::Approved | RequestStatus::Denied);
    match request.status() {
        status if is_decided(status) => request.deciding_response().is_some(),
        status if status.is_open() && from.is_some_and(is_decided) => {
            let mut responses = request.responses().iter();
            responses.any(|response| response.status == Some(ResponseStatus::Dismissed))
        }
        _ => false,
    }
}

/// For example `opened: octo-org/smile#42 open, requested by monalisa on 2024-07-01`, or
/// `completed: octo-org/smile#42, approved by dora`.
impl<D> fmt::Display for WatchEvent<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, change } = self;
        Line { request, change }.fmt(f)
    }
}

/// Displays an event.
pub(crate) struct Line<'a, R> {
    pub(crate) request: &'a R,
    pub(crate) change: &'a Change,
}

impl<R: Followed + fmt::Display> fmt::Display for Line<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, change } = self;
        let Change::StatusChanged { from } = change else {
            return write!(f, "{change}: {request}");
        };
        let status = request.status();
        write!(f, "{status}: {}#{}", request.repository(), request.number())?;
        match (request.deciding_response(), from) {
            // "was approved" would read like a revoked approval.
            (response, from) if *status == RequestStatus::Completed => match (response, from) {
                (Some(response), _) => write!(f, ", {response}"),
                (None, Some(from)) if !from.is_open() => write!(f, ", {from}"),
                (None, _) => Ok(()),
            },
            (_, Some(from)) => write!(f, " (was {from})"),
            (_, None) => Ok(()),
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
