//! The reasons for a blocked push: detected secrets or violated push rules.

use serde::{Deserialize, Serialize};

/// A secret that was found in a push.
///
/// ```
/// use github_bypass_requests_fake::SecretFinding;
///
/// let finding = SecretFinding {
///     secret_type: "npm_access_token".into(),
///     ..SecretFinding::default()
/// };
/// assert_eq!(finding.branch, "refs/heads/main");
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretFinding {
    /// The slug of the secret's type.
    pub secret_type: String,
    /// Why the requester wants to push it.
    pub bypass_reason: BypassReason,
    /// Path, line and column, such as `/tests/README.md:16:0`.
    pub path: String,
    /// The full name of the branch.
    pub branch: String,
}

impl Default for SecretFinding {
    fn default() -> Self {
        Self {
            secret_type: "adafruit_io_key".into(),
            bypass_reason: BypassReason::UsedInTests,
            path: "/tests/README.md:16:0".into(),
            branch: "refs/heads/main".into(),
        }
    }
}

/// Why a requester wants to push a secret.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BypassReason {
    /// The secret is part of a test.
    UsedInTests,
    /// The finding is not a secret.
    FalsePositive,
    /// The secret will be revoked after the push.
    FixLater,
}

/// A push rule that a push violated.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleViolation {
    /// The id of the ruleset.
    pub ruleset_id: u64,
    /// The name of the ruleset.
    pub ruleset_name: String,
    /// The number of violations in the push.
    pub total_violations: u64,
    /// The kind of rule.
    pub rule_type: RuleType,
}

impl Default for RuleViolation {
    fn default() -> Self {
        Self {
            ruleset_id: 410,
            ruleset_name: "Exclude image files".into(),
            total_violations: 1,
            rule_type: RuleType::FileExtensionRestriction,
        }
    }
}

/// The kinds of push rules.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleType {
    /// Certain paths must not be changed.
    FilePathRestriction,
    /// Paths must not exceed a maximum length.
    MaxFilePathLength,
    /// Files must not have certain extensions.
    FileExtensionRestriction,
    /// Files must not exceed a maximum size.
    MaxFileSize,
}

/// The findings of one request, all of the same kind.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Findings {
    Secrets(Vec<SecretFinding>),
    Violations(Vec<RuleViolation>),
}

impl Findings {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Secrets(_) => Kind::SecretScanning,
            Self::Violations(_) => Kind::PushRules,
        }
    }
}

/// The kinds of bypass requests, deserialized from the paths of the API.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    SecretScanning,
    PushRules,
}

impl Kind {
    pub(crate) fn path_segment(self) -> &'static str {
        match self {
            Self::SecretScanning => "secret-scanning",
            Self::PushRules => "push-rules",
        }
    }

    pub(crate) fn request_type(self) -> &'static str {
        match self {
            Self::SecretScanning => "secret_scanning",
            Self::PushRules => "push_ruleset_bypass",
        }
    }
}
