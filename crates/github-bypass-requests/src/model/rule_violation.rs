use std::fmt;

use github_bypass_requests_api::types as wire;
use serde::{Deserialize, Serialize};

use crate::RuleType;

/// A push rule that a push has broken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "wire::RuleViolation")]
#[non_exhaustive]
pub struct RuleViolation {
    /// ID of the ruleset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruleset_id: Option<i64>,
    /// Name of the ruleset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruleset_name: Option<String>,
    /// How often the push breaks the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_violations: Option<i64>,
    /// What the rule restricts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_type: Option<RuleType>,
}

/// Ruleset and rule: `Exclude image files: file_extension_restriction`.
impl fmt::Display for RuleViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ruleset_name.as_deref().unwrap_or("unknown ruleset"))?;
        match &self.rule_type {
            Some(rule_type) => write!(f, ": {rule_type}"),
            None => Ok(()),
        }
    }
}

impl From<wire::RuleViolation> for RuleViolation {
    fn from(
        wire::RuleViolation {
            ruleset_id,
            ruleset_name,
            total_violations,
            rule_type,
        }: wire::RuleViolation,
    ) -> Self {
        Self {
            ruleset_id,
            ruleset_name,
            total_violations,
            rule_type: rule_type.map(RuleType::from),
        }
    }
}
