use std::fmt;

use github_bypass_requests_api::types as wire;
use serde::{Deserialize, Serialize};

/// A user who asked for a bypass or answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "wire::BypassActor")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
#[non_exhaustive]
pub struct Actor {
    /// ID of the user's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<i64>,
    /// Login of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
}

/// The login; without one, the ID.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.actor_name, self.actor_id) {
            (Some(name), _) => f.pad(name),
            (None, Some(id)) => f.pad(&format!("user {id}")),
            (None, None) => f.pad("unknown user"),
        }
    }
}

#[doc(hidden)]
impl From<wire::BypassActor> for Actor {
    fn from(
        wire::BypassActor {
            actor_id,
            actor_name,
        }: wire::BypassActor,
    ) -> Self {
        Self {
            actor_id,
            actor_name,
        }
    }
}
