//! The findings of a protection, or the alerts to dismiss.

use github_bypass_requests_api::webhooks as wire;
use github_bypass_requests_api::webhooks::{
    DismissedAlert as WireDismissedAlert, DismissedSecretAlert as WireDismissedSecretAlert,
    SecretLocation as WireSecretLocation,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::model::carry_over::{model, present};
use crate::model::rule_violation::RuleViolation;
use crate::webhook::vocabulary::{ExemptionReason, ExemptionType};

/// The findings of a protection, or the alerts to dismiss.
///
/// GitHub's field `type` determines the variant. Data becomes [`Other`](Self::Other) if this
/// version of the crate does not know its type, or if it does not have the form that its type
/// requires.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExemptionData {
    /// The secrets that were detected in a push.
    Secrets(Vec<ExemptedSecret>),
    /// The push rules that a push violates.
    RuleViolations(Vec<RuleViolation>),
    /// Secret scanning alerts.
    SecretScanningAlerts(Vec<DismissedSecretAlert>),
    /// Code scanning alerts.
    CodeScanningAlerts(Vec<DismissedAlert>),
    /// Dependabot alerts.
    DependabotAlerts(Vec<DismissedAlert>),
    /// License compliance alerts.
    LicenseComplianceAlerts(Vec<DismissedAlert>),
    /// Any other JSON. It is unchanged, except that the last digit of a number with a decimal point
    /// may differ. Null if the delivery contains no data.
    Other(Value),
}

impl Default for ExemptionData {
    fn default() -> Self {
        Self::Other(Value::Null)
    }
}

impl ExemptionData {
    pub(crate) fn from_json(json: Value) -> Self {
        Self::known(&json).unwrap_or(Self::Other(json))
    }

    fn known(json: &Value) -> Option<Self> {
        Some(match ExemptionType::from(json.get("type")?.as_str()?) {
            ExemptionType::PushRulesetBypass => {
                let wire::PushRulesetExemptionData { type_: _, data } = decode(json)?;
                Self::RuleViolations(present(data))
            }
            ExemptionType::SecretScanning => {
                let wire::SecretScanningExemptionData { type_: _, data } = decode(json)?;
                Self::Secrets(present(data))
            }
            ExemptionType::SecretScanningClosure => {
                let wire::SecretScanningDismissalData { type_: _, data } = decode(json)?;
                Self::SecretScanningAlerts(present(data))
            }
            ExemptionType::CodeScanningAlertDismissal => {
                let wire::CodeScanningDismissalData { type_: _, data } = decode(json)?;
                Self::CodeScanningAlerts(present(data))
            }
            ExemptionType::DependabotAlertDismissal => {
                let wire::DependabotDismissalData { type_: _, data } = decode(json)?;
                Self::DependabotAlerts(present(data))
            }
            ExemptionType::LicenseComplianceDismissal => {
                let wire::LicenseComplianceDismissalData { type_: _, data } = decode(json)?;
                Self::LicenseComplianceAlerts(present(data))
            }
            ExemptionType::Unknown(_) => return None,
        })
    }
}

fn decode<T: DeserializeOwned>(json: &Value) -> Option<T> {
    T::deserialize(json).ok()
}

/// Serializes with GitHub's fields `type` and `data`.
impl Serialize for ExemptionData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Typed<'a, T> {
            r#type: ExemptionType,
            data: &'a [T],
        }
        macro_rules! typed {
            ($type:ident, $data:ident) => {
                Typed {
                    r#type: ExemptionType::$type,
                    data: $data.as_slice(),
                }
                .serialize(serializer)
            };
        }
        match self {
            Self::Secrets(data) => typed!(SecretScanning, data),
            Self::RuleViolations(data) => typed!(PushRulesetBypass, data),
            Self::SecretScanningAlerts(data) => typed!(SecretScanningClosure, data),
            Self::CodeScanningAlerts(data) => typed!(CodeScanningAlertDismissal, data),
            Self::DependabotAlerts(data) => typed!(DependabotAlertDismissal, data),
            Self::LicenseComplianceAlerts(data) => typed!(LicenseComplianceDismissal, data),
            Self::Other(json) => json.serialize(serializer),
        }
    }
}

/// Accepts any JSON.
impl<'de> Deserialize<'de> for ExemptionData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from_json)
    }
}

/// Any JSON, because GitHub may add types. The known types are objects with `type` and `data`.
#[cfg(feature = "schemars")]
impl schemars::JsonSchema for ExemptionData {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ExemptionData".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The findings of a protection, or the alerts to dismiss. The field `type` determines the form of `data`.",
        })
    }
}

/// A secret that was detected in a push. GitHub does not include the secret itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "wire::ExemptedSecret")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
#[non_exhaustive]
pub struct ExemptedSecret {
    /// Slug of the secret's type, for example `adafruit_io_key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_type: Option<String>,
    /// The places where it was detected.
    #[cfg_attr(
        feature = "schemars",
        schemars(with = "Option<Vec<Option<SecretLocation>>>")
    )]
    pub locations: Vec<SecretLocation>,
}

#[doc(hidden)]
impl From<wire::ExemptedSecret> for ExemptedSecret {
    fn from(
        wire::ExemptedSecret {
            secret_type,
            locations,
        }: wire::ExemptedSecret,
    ) -> Self {
        Self {
            secret_type,
            locations: present(locations),
        }
    }
}

model! {
    /// A place where a secret was detected.
    pub struct SecretLocation {
        /// SHA of the commit.
        pub commit: Option<String>,
        /// Name of the branch.
        pub branch: Option<String>,
        /// Path of the file, without line and column.
        pub path: Option<String>,
    }
    from WireSecretLocation as WireSecretLocation { commit, branch, path }
}

model! {
    /// A secret scanning alert to dismiss.
    pub struct DismissedSecretAlert {
        /// The requester's reason.
        pub reason: Option<ExemptionReason>,
        /// Slug of the secret's type.
        pub secret_type: Option<String>,
        /// Number of the alert. GitHub sends it as text.
        pub alert_number: Option<String>,
    }
    from WireDismissedSecretAlert as WireDismissedSecretAlert { reason, secret_type, alert_number }
}

model! {
    /// An alert to dismiss.
    pub struct DismissedAlert {
        /// Number of the alert. GitHub sends it as text.
        pub alert_number: Option<String>,
    }
    from WireDismissedAlert as WireDismissedAlert { alert_number }
}
