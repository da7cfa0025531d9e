use std::fmt;

use github_bypass_requests_api::types as wire;
use serde::{Deserialize, Serialize};

use super::present;
use super::request::Wired;
use crate::{
    Actor, BypassRequest, OrganizationRef, RepositoryRef, RequestId, RequestNumber, RequestStatus,
    RequestType, RuleType,
};

/// A push rule that a push has broken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "wire::RuleViolation")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
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

#[doc(hidden)]
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

// Spelled out for each kind: in a macro, the compiler would not say which field is missing.
impl Wired for RuleViolation {
    type Wire = wire::PushRuleBypassRequest;
    const KIND: &'static str = "push_rules";

    fn carry_over(request: wire::PushRuleBypassRequest) -> BypassRequest<Self> {
        let wire::PushRuleBypassRequest {
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
