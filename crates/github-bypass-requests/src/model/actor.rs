use std::fmt;

use github_bypass_requests_api::types::BypassActor;

use crate::model::carry_over::model;

model! {
    /// A GitHub user: the requester of a bypass, or a reviewer.
    pub struct Actor {
        /// ID of the user's account.
        pub actor_id: Option<i64>,
        /// Login of the user.
        pub actor_name: Option<String>,
    }
    from BypassActor as BypassActor { actor_id, actor_name }
}

/// The login, or the ID if the login is unknown.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.actor_name, self.actor_id) {
            (Some(name), _) => f.pad(name),
            (None, Some(id)) => f.pad(&format!("user {id}")),
            (None, None) => f.pad("an unknown user"),
        }
    }
}
