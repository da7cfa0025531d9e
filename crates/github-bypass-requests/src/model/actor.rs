use std::fmt;

use github_bypass_requests_api::types::BypassActor;

use crate::model::carry_over::model;

model! {
    /// A user who asked for a bypass or answered.
    pub struct Actor {
        /// ID of the user's account.
        pub actor_id: Option<i64>,
        /// Login of the user.
        pub actor_name: Option<String>,
    }
    from BypassActor as BypassActor { actor_id, actor_name }
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
