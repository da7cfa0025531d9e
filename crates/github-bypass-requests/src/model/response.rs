use std::fmt;

use chrono::{DateTime, Utc};
use github_bypass_requests_api::types as wire;
use serde::{Deserialize, Serialize};

use crate::model::actor::Actor;
use crate::model::ids::ResponseId;
use crate::model::vocabulary::ResponseStatus;

/// A reviewer's response to a bypass request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "wire::BypassResponse")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
#[non_exhaustive]
pub struct BypassResponse {
    /// ID of the response. [`dismiss`](crate::SecretScanning::dismiss) takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(description = "ID of the response."))]
    pub id: Option<ResponseId>,
    /// The user who reviewed the request.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<Actor>"))]
    pub reviewer: Actor,
    /// The decision, or `dismissed` if the response was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ResponseStatus>,
    /// When the response was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
}

/// Status and reviewer: `denied by octocat`.
impl fmt::Display for BypassResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self
            .status
            .as_ref()
            .map_or("reviewed", |status| status.as_str());
        write!(f, "{status} by {}", self.reviewer)
    }
}

#[doc(hidden)]
impl From<wire::BypassResponse> for BypassResponse {
    fn from(
        wire::BypassResponse {
            id,
            reviewer,
            status,
            created_at,
        }: wire::BypassResponse,
    ) -> Self {
        Self {
            id: id.map(ResponseId::from_server),
            reviewer: reviewer.map(Actor::from).unwrap_or_default(),
            status: status.map(ResponseStatus::from),
            created_at,
        }
    }
}
