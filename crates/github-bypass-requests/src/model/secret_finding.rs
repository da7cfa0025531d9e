use std::fmt;

use github_bypass_requests_api::types::{
    SecretFinding as WireSecretFinding, SecretScanningBypassRequest,
};

use crate::model::carry_over::model;
use crate::model::kind::kind;
use crate::model::vocabulary::BypassReason;

model! {
    /// A secret that was found in a push. GitHub does not include the secret itself.
    // The schema of the bypass request is called `SecretScanningBypassRequest`: its name starts
    // with `SecretScanning`. The schema of a finding is inlined.
    #[cfg_attr(
        feature = "schemars",
        schemars(inline, rename = "SecretScanning", title = "SecretFinding")
    )]
    pub struct SecretFinding {
        /// Slug of the secret's type, for example `adafruit_io_key`.
        pub secret_type: Option<String>,
        /// The requester's reason for pushing the secret.
        pub bypass_reason: Option<BypassReason>,
        /// Path, line and column: `/tests/README.md:16:0`.
        pub path: Option<String>,
        /// Full name of the branch: `refs/heads/main`.
        pub branch: Option<String>,
    }
    from WireSecretFinding as WireSecretFinding { secret_type, bypass_reason, path, branch }
}

/// Type and location: `adafruit_io_key in /tests/README.md:16:0`.
impl fmt::Display for SecretFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret_type = self.secret_type.as_deref();
        f.write_str(secret_type.unwrap_or("secret of unknown type"))?;
        match &self.path {
            Some(path) => write!(f, " in {path}"),
            None => Ok(()),
        }
    }
}

kind! {
    SecretFinding = SecretScanning, SecretScanningBypassRequest, SecretScanningBypassRequest {
        id, number, repository, organization, requester, request_type, data, resource_identifier,
        status, requester_comment, expires_at, created_at, responses, url, html_url,
    } =>
    id number repository organization requester request_type data resource_identifier status
    requester_comment expires_at created_at responses url html_url
}
