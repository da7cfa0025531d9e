//! The names of events, and the kinds of requests that they are about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::open_enum::open_enum;

open_enum! {
    /// The name of an event, from the header X-GitHub-Event.
    ///
    /// GitHub documents `bypass_request_secret_scanning`, but apps also receive
    /// `exemption_request_secret_scanning`. This version knows both spellings for both kinds of
    /// bypass requests.
    EventName {
        /// A request to push a detected secret.
        BypassRequestSecretScanning = "bypass_request_secret_scanning",
        /// A request to push a detected secret, in the other spelling.
        ExemptionRequestSecretScanning = "exemption_request_secret_scanning",
        /// A request to push changes that a push rule forbids.
        ExemptionRequestPushRuleset = "exemption_request_push_ruleset",
        /// A request to push changes that a push rule forbids, in the other spelling.
        BypassRequestPushRuleset = "bypass_request_push_ruleset",
        /// A request to dismiss a secret scanning alert.
        DismissalRequestSecretScanning = "dismissal_request_secret_scanning",
        /// A request to dismiss a code scanning alert.
        DismissalRequestCodeScanning = "dismissal_request_code_scanning",
        /// A request to dismiss a Dependabot alert.
        DismissalRequestDependabot = "dismissal_request_dependabot",
        /// GitHub tests the webhook, for example after it was created.
        Ping = "ping",
    }
}

impl EventName {
    /// Returns the kind of request that the event is about. `None` for a ping and for names that
    /// this version does not know.
    pub fn kind(&self) -> Option<ExemptionKind> {
        match self {
            Self::BypassRequestSecretScanning | Self::ExemptionRequestSecretScanning => {
                Some(ExemptionKind::SecretScanning)
            }
            Self::ExemptionRequestPushRuleset | Self::BypassRequestPushRuleset => {
                Some(ExemptionKind::PushRules)
            }
            Self::DismissalRequestSecretScanning => Some(ExemptionKind::SecretScanningDismissal),
            Self::DismissalRequestCodeScanning => Some(ExemptionKind::CodeScanningDismissal),
            Self::DismissalRequestDependabot => Some(ExemptionKind::DependabotDismissal),
            Self::Ping | Self::Unknown(_) => None,
        }
    }
}

/// The kind of a request: what it would bypass or dismiss.
///
/// The first two kinds are the bypass requests that this crate can list and read. The others are
/// requests to dismiss an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "The kind of a request: what it would bypass or dismiss.")
)]
#[non_exhaustive]
pub enum ExemptionKind {
    /// A request to push a detected secret.
    SecretScanning,
    /// A request to push changes that a push rule forbids.
    PushRules,
    /// A request to dismiss a secret scanning alert.
    SecretScanningDismissal,
    /// A request to dismiss a code scanning alert.
    CodeScanningDismissal,
    /// A request to dismiss a Dependabot alert.
    DependabotDismissal,
}

impl ExemptionKind {
    /// Returns the kind as it is serialized. For bypass requests, it is the text that
    /// [`AnyBypassRequest::kind`](crate::AnyBypassRequest::kind) returns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecretScanning => "secret_scanning",
            Self::PushRules => "push_rules",
            Self::SecretScanningDismissal => "secret_scanning_dismissal",
            Self::CodeScanningDismissal => "code_scanning_dismissal",
            Self::DependabotDismissal => "dependabot_dismissal",
        }
    }

    /// Returns true if requests of this kind bypass a protection, and false if they dismiss an
    /// alert.
    pub fn is_bypass(self) -> bool {
        matches!(self, Self::SecretScanning | Self::PushRules)
    }
}

impl fmt::Display for ExemptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
