//! The words that only webhooks use.

use crate::model::open_enum::open_enum;

open_enum! {
    /// The change that an event reports.
    Action {
        /// The request was opened.
        Created = "created",
        /// The requester withdrew the request.
        Cancelled = "cancelled",
        /// The request has ended, for example because it was approved and the requester then
        /// pushed.
        Completed = "completed",
        /// A reviewer responded.
        ResponseSubmitted = "response_submitted",
        /// A response was dismissed.
        ResponseDismissed = "response_dismissed",
    }
}

open_enum! {
    /// The status of a request in a webhook. None of the values says that the request was approved.
    ExemptionStatus {
        /// The request waits for a review, or it was approved and waits for the push.
        Pending = "pending",
        /// A reviewer refused the request.
        Rejected = "rejected",
        /// The requester withdrew the request.
        Cancelled = "cancelled",
        /// The request has ended, for example because it was approved and the requester then
        /// pushed.
        Completed = "completed",
    }
}

open_enum! {
    /// The status of a response in a webhook.
    ExemptionResponseStatus {
        /// The request was approved.
        Approved = "approved",
        /// The request was refused.
        Rejected = "rejected",
        /// The response was withdrawn.
        Dismissed = "dismissed",
    }
}

open_enum! {
    /// The protection to bypass, or the kind of alert to dismiss.
    ExemptionType {
        /// A push ruleset.
        PushRulesetBypass = "push_ruleset_bypass",
        /// Push protection of secret scanning.
        SecretScanning = "secret_scanning",
        /// A secret scanning alert.
        SecretScanningClosure = "secret_scanning_closure",
        /// A code scanning alert.
        CodeScanningAlertDismissal = "code_scanning_alert_dismissal",
        /// A Dependabot alert.
        DependabotAlertDismissal = "dependabot_alert_dismissal",
        /// A license compliance alert.
        LicenseComplianceDismissal = "license_compliance_dismissal",
    }
}

open_enum! {
    /// The requester's reason. Each kind of request has reasons of its own.
    ExemptionReason {
        /// Pushed secrets and secret scanning alerts: the requester will handle the secret later.
        FixedLater = "fixed_later",
        /// Pushed secrets and secret scanning alerts: the finding is not a secret.
        FalsePositive = "false_positive",
        /// Pushed secrets and secret scanning alerts: the secret is only used in tests.
        Tests = "tests",
        /// Secret scanning alerts: the secret is revoked.
        Revoked = "revoked",
        /// Code scanning alerts: the finding is wrong.
        CodeFalsePositive = "false positive",
        /// Code scanning alerts: the finding will not be fixed.
        WontFix = "won't fix",
        /// Code scanning alerts: the code is only used in tests.
        UsedInTests = "used in tests",
        /// Dependabot alerts: a fix has been started.
        FixStarted = "fix_started",
        /// Dependabot alerts: the alert is inaccurate.
        Inaccurate = "inaccurate",
        /// Dependabot alerts: there is no time for a fix.
        NoBandwidth = "no_bandwidth",
        /// Dependabot alerts: the vulnerable code is not used.
        NotUsed = "not_used",
        /// Dependabot alerts: the risk is tolerable.
        TolerableRisk = "tolerable_risk",
        /// License compliance alerts: the license has been amended.
        Amendment = "amendment",
        /// License compliance alerts: the package is private.
        PrivatePackage = "private package",
        /// License compliance alerts: the detected license is wrong.
        InaccurateLicense = "inaccurate license",
    }
}
