#![doc = include_str!("../README.md")]

mod transport;

#[rustfmt::skip]
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::allow_attributes_without_reason,
    rustdoc::bare_urls,
    reason = "generated code"
)]
mod generated {
    pub(crate) mod client;
    pub(crate) mod operations;
    #[cfg(feature = "webhooks")]
    pub(crate) mod webhooks;
}

pub use generated::client::{Client, Error, ResponseValue};
pub use generated::operations::Operation;
pub use transport::{Execute, Executing, Transport};

/// Types of parameters, request bodies and response bodies.
pub mod types {
    pub use crate::generated::client::types::error::ConversionError;
    pub use crate::generated::client::types::{
        BypassActor, BypassOrganization, BypassRepository, BypassRequestStatusFilter,
        BypassResponse, BypassReview, BypassReviewDecision, BypassReviewRequest,
        BypassReviewRequestMessage, PushRuleBypassRequest, RuleViolation, SecretFinding,
        SecretScanningBypassRequest, TimePeriod,
    };
}

/// Types of webhook payloads.
#[cfg(feature = "webhooks")]
pub mod webhooks {
    pub use crate::generated::webhooks::{
        CodeScanningDismissalData, DependabotDismissalData, DismissedAlert, DismissedSecretAlert,
        ExemptedSecret, ExemptionMetadata, ExemptionRequest, ExemptionRequestEvent,
        ExemptionResponse, LicenseComplianceDismissalData, PushRulesetExemptionData,
        SecretLocation, SecretScanningDismissalData, SecretScanningExemptionData,
        WebhookEnterprise, WebhookInstallation, WebhookOrganization, WebhookUser,
    };
}
