use std::fmt;

use github_bypass_requests_api::types::{BypassOrganization, BypassRepository};

use crate::model::carry_over::model;

model! {
    /// The repository that was pushed to.
    pub struct RepositoryRef {
        /// ID of the repository.
        pub id: Option<i64>,
        /// Name without the owner: `smile`.
        pub name: Option<String>,
        /// Owner and name: `octo-org/smile`.
        pub full_name: Option<String>,
    }
    from BypassRepository as BypassRepository { id, name, full_name }
}

/// Owner and name, or the name if the owner is unknown.
impl fmt::Display for RepositoryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.full_name.as_deref().or(self.name.as_deref());
        f.pad(name.unwrap_or("unknown repository"))
    }
}

model! {
    /// The organization that owns the repository.
    pub struct OrganizationRef {
        /// ID of the organization.
        pub id: Option<i64>,
        /// Name of the organization: `octo-org`.
        pub name: Option<String>,
    }
    from BypassOrganization as BypassOrganization { id, name }
}

/// The name, if it is known.
impl fmt::Display for OrganizationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name.as_deref().unwrap_or("unknown organization"))
    }
}
