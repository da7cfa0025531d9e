use std::fmt;

use github_bypass_requests_api::types as wire;
use serde::{Deserialize, Serialize};

use super::present;
use super::request::Wired;
use crate::{
    Actor, BypassReason, BypassRequest, OrganizationRef, RepositoryRef, RequestId, RequestNumber,
    RequestStatus, RequestType,
};

/// A secret that was found in a push. The secret itself is never told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "wire::SecretFinding")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
#[non_exhaustive]
pub struct SecretFinding {
    /// Slug of the secret's type, for example `adafruit_io_key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_type: Option<String>,
    /// Why the requester wants to push it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass_reason: Option<BypassReason>,
    /// Path, line and column: `/tests/README.md:16:0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Full name of the branch: `refs/heads/main`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

/// Type and place: `adafruit_io_key in /tests/README.md:16:0`.
impl fmt::Display for SecretFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            self.secret_type
                .as_deref()
                .unwrap_or("secret of unknown type"),
        )?;
        match &self.path {
            Some(path) => write!(f, " in {path}"),
            None => Ok(()),
        }
    }
}

#[doc(hidden)]
impl From<wire::SecretFinding> for SecretFinding {
    fn from(
        wire::SecretFinding {
            secret_type,
            bypass_reason,
            path,
            branch,
        }: wire::SecretFinding,
    ) -> Self {
        Self {
            secret_type,
            bypass_reason: bypass_reason.map(BypassReason::from),
            path,
            branch,
        }
    }
}

// Spelled out for each kind: in a macro, the compiler would not say which field is missing.
impl Wired for SecretFinding {
    type Wire = wire::SecretScanningBypassRequest;
    const KIND: &'static str = "secret_scanning";

    fn carry_over(request: wire::SecretScanningBypassRequest) -> BypassRequest<Self> {
        let wire::SecretScanningBypassRequest {
            id,
            number,
            repository,
            organization,
            requester,
            request_type,
            data,
            resource_identifier,
            status,
            requester_comment,
            expires_at,
            created_at,
            responses,
            url,
            html_url,
        } = request;
        BypassRequest {
            id: RequestId::from_server(id),
            number: RequestNumber::from_server(number),
            repository: repository.map(RepositoryRef::from).unwrap_or_default(),
            organization: organization.map(OrganizationRef::from).unwrap_or_default(),
            requester: requester.map(Actor::from).unwrap_or_default(),
            request_type: RequestType::from(request_type),
            data: present(data),
            resource_identifier,
            status: RequestStatus::from(status),
            requester_comment,
            expires_at,
            created_at,
            responses: present(responses),
            url,
            html_url,
        }
    }
}
