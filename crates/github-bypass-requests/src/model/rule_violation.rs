use std::fmt;

use github_bypass_requests_api::types::{
    PushRuleBypassRequest, RuleViolation as WireRuleViolation,
};

use crate::model::carry_over::model;
use crate::model::kind::kind;
use crate::model::vocabulary::RuleType;

model! {
    /// A push rule that a push violates.
    // The schema of the bypass request is called `PushRuleBypassRequest`: its name starts with
    // `PushRule`. The schema of a violation is inlined.
    #[cfg_attr(
        feature = "schemars",
        schemars(inline, rename = "PushRule", title = "RuleViolation")
    )]
    pub struct RuleViolation {
        /// ID of the ruleset.
        pub ruleset_id: Option<i64>,
        /// Name of the ruleset.
        pub ruleset_name: Option<String>,
        /// Number of violations of the rule in the push.
        pub total_violations: Option<i64>,
        /// The kind of the rule.
        pub rule_type: Option<RuleType>,
    }
    from WireRuleViolation as WireRuleViolation { ruleset_id, ruleset_name, total_violations, rule_type }
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

kind! {
    RuleViolation = PushRules, PushRuleBypassRequest, PushRuleBypassRequest {
        id, number, repository, organization, requester, request_type, data, resource_identifier,
        status, requester_comment, expires_at, created_at, responses, url, html_url,
    } =>
    id number repository organization requester request_type data resource_identifier status
    requester_comment expires_at created_at responses url html_url
}
