//! Deliveries to webhooks.

use std::{collections::BTreeMap, time::Duration};

use serde::{Serialize, Serializer};

/// A delivery to a webhook. Returned by [`Fake::deliveries`](crate::Fake::deliveries).
///
/// It contains the signature, but not the secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// The GUID in `X-GitHub-Delivery`. The deliveries of one event to several webhooks have the
    /// same GUID, and a redelivery keeps it.
    pub id: String,
    /// The id of the webhook. The first webhook has id 1.
    pub hook_id: u64,
    /// The event, such as `bypass_request_secret_scanning` or `ping`.
    pub event: String,
    /// The action, such as `created`. `None` for a ping.
    pub action: Option<String>,
    /// True if this is a redelivery.
    pub redelivery: bool,
    /// GitHub's eight headers as they are sent. Names are in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body that is signed and sent.
    pub body: String,
    /// The status of the response. `None` if there is no response, or none yet.
    pub status: Option<u16>,
    /// The time from the connection attempt until the response or the failure, on tokio's clock.
    /// `None` if the delivery is pending, or was never sent.
    #[serde(rename = "duration_ms", serialize_with = "in_milliseconds")]
    pub duration: Option<Duration>,
    /// The reason why there is no response. `None` if there is one, or if the delivery is pending.
    pub error: Option<String>,
}

impl Delivery {
    /// Returns true if the delivery is waiting for earlier ones, or for its response.
    pub fn is_pending(&self) -> bool {
        self.status.is_none() && self.error.is_none()
    }

    /// Returns true if the status of the response is 2xx. A delivery that is neither pending nor
    /// delivered has failed.
    pub fn is_delivered(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

fn in_milliseconds<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration
        .map(|duration| duration.as_millis())
        .serialize(serializer)
}
