use std::fmt;

use github_bypass_requests_api::types as wire;
use serde::{Deserialize, Serialize};

/// The repository that was pushed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "wire::BypassRepository")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
#[non_exhaustive]
pub struct RepositoryRef {
    /// ID of the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Name without the owner: `smile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Owner and name: `octo-org/smile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
}

/// Owner and name, as far as they are known.
impl fmt::Display for RepositoryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(
            self.full_name
                .as_ref()
                .or(self.name.as_ref())
                .map_or("unknown repository", |name| name),
        )
    }
}

#[doc(hidden)]
impl From<wire::BypassRepository> for RepositoryRef {
    fn from(
        wire::BypassRepository {
            id,
            name,
            full_name,
        }: wire::BypassRepository,
    ) -> Self {
        Self {
            id,
            name,
            full_name,
        }
    }
}

/// The organization that owns the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "wire::BypassOrganization")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
#[non_exhaustive]
pub struct OrganizationRef {
    /// ID of the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Name of the organization: `octo-org`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The name, if it is known.
impl fmt::Display for OrganizationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name.as_deref().unwrap_or("unknown organization"))
    }
}

#[doc(hidden)]
impl From<wire::BypassOrganization> for OrganizationRef {
    fn from(wire::BypassOrganization { id, name }: wire::BypassOrganization) -> Self {
        Self { id, name }
    }
}
