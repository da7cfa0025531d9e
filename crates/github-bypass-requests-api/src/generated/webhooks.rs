// @generated from openapi/bypass-requests.yaml by `cargo xtask generate`; edits are lost.

///The code scanning alerts to dismiss.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
pub struct CodeScanningDismissalData {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub data: ::std::option::Option<
        ::std::vec::Vec<::std::option::Option<DismissedAlert>>,
    >,
    #[serde(rename = "type")]
    pub type_: ::std::string::String,
}
///The Dependabot alerts to dismiss.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
pub struct DependabotDismissalData {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub data: ::std::option::Option<
        ::std::vec::Vec<::std::option::Option<DismissedAlert>>,
    >,
    #[serde(rename = "type")]
    pub type_: ::std::string::String,
}
///An alert to dismiss.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct DismissedAlert {
    ///Number of the alert, as text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub alert_number: ::std::option::Option<::std::string::String>,
}
///A secret scanning alert to dismiss.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct DismissedSecretAlert {
    ///Number of the alert, as text.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub alert_number: ::std::option::Option<::std::string::String>,
    ///The requester's reason for dismissing a secret scanning alert.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub reason: ::std::option::Option<::std::string::String>,
    ///Slug of the secret's type.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub secret_type: ::std::option::Option<::std::string::String>,
}
///A secret that was detected in a push.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct ExemptedSecret {
    ///The places where the secret was detected.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub locations: ::std::option::Option<
        ::std::vec::Vec<::std::option::Option<SecretLocation>>,
    >,
    ///Slug of the secret's type, for example `adafruit_io_key`.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub secret_type: ::std::option::Option<::std::string::String>,
}
///The reason for the request, and what it is about in a few words.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct ExemptionMetadata {
    ///Title of the alert.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub alert_title: ::std::option::Option<::std::string::String>,
    ///Label of the secret's type.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub label: ::std::option::Option<::std::string::String>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub reason: ::std::option::Option<::std::string::String>,
}
///A request to bypass a protection, or to dismiss an alert.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
pub struct ExemptionRequest {
    ///When the request was created.
    pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
    ///The findings of the protection, or the alerts. `type` determines their form.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub exemption_request_data: ::std::option::Option<::serde_json::Value>,
    ///When the request expires.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub expires_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
    ///URL of the request's web page.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub html_url: ::std::option::Option<::std::string::String>,
    ///ID of the request.
    pub id: i64,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub metadata: ::std::option::Option<ExemptionMetadata>,
    ///Number of the request, which is unique within its repository only.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub number: ::std::option::Option<i64>,
    ///ID of the repository.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub repository_id: ::std::option::Option<i64>,
    ///The protection to bypass, or the kind of alert to dismiss.
    pub request_type: ::std::string::String,
    ///The requester's comment.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub requester_comment: ::std::option::Option<::std::string::String>,
    ///ID of the requester.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub requester_id: ::std::option::Option<i64>,
    ///Login of the requester.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub requester_login: ::std::option::Option<::std::string::String>,
    ///Identifier of the pushed object, for example a commit SHA.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub resource_identifier: ::std::option::Option<::std::string::String>,
    ///The reviewers' responses, including dismissed ones.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub responses: ::std::option::Option<
        ::std::vec::Vec<::std::option::Option<ExemptionResponse>>,
    >,
    ///Status of the request. An approved request is not distinguished from an undecided one.
    pub status: ::std::string::String,
}
///Something happened to an exemption request.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
pub struct ExemptionRequestEvent {
    ///The change that the event reports.
    pub action: ::std::string::String,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub enterprise: ::std::option::Option<WebhookEnterprise>,
    pub exemption_request: ExemptionRequest,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub exemption_response: ::std::option::Option<ExemptionResponse>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub installation: ::std::option::Option<WebhookInstallation>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub organization: ::std::option::Option<WebhookOrganization>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub repository: ::std::option::Option<crate::types::BypassRepository>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub sender: ::std::option::Option<WebhookUser>,
}
///A reviewer's response to a request.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct ExemptionResponse {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub created_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub id: ::std::option::Option<i64>,
    ///The reviewer's comment. The REST API does not return it.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub reviewer_comment: ::std::option::Option<::std::string::String>,
    ///ID of the reviewer.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub reviewer_id: ::std::option::Option<i64>,
    ///Login of the reviewer.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub reviewer_login: ::std::option::Option<::std::string::String>,
    ///Status of a response. `dismissed` means that the response was withdrawn.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub status: ::std::option::Option<::std::string::String>,
}
///The license compliance alerts to close.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
pub struct LicenseComplianceDismissalData {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub data: ::std::option::Option<
        ::std::vec::Vec<::std::option::Option<DismissedAlert>>,
    >,
    #[serde(rename = "type")]
    pub type_: ::std::string::String,
}
///The violated push rules.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
pub struct PushRulesetExemptionData {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub data: ::std::option::Option<
        ::std::vec::Vec<::std::option::Option<crate::types::RuleViolation>>,
    >,
    #[serde(rename = "type")]
    pub type_: ::std::string::String,
}
///A place where a secret was detected.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct SecretLocation {
    ///Name of the branch.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub branch: ::std::option::Option<::std::string::String>,
    ///SHA of the commit.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub commit: ::std::option::Option<::std::string::String>,
    ///Path of the file.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub path: ::std::option::Option<::std::string::String>,
}
///The secret scanning alerts to dismiss.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
pub struct SecretScanningDismissalData {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub data: ::std::option::Option<
        ::std::vec::Vec<::std::option::Option<DismissedSecretAlert>>,
    >,
    #[serde(rename = "type")]
    pub type_: ::std::string::String,
}
///The detected secrets.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
pub struct SecretScanningExemptionData {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub data: ::std::option::Option<
        ::std::vec::Vec<::std::option::Option<ExemptedSecret>>,
    >,
    #[serde(rename = "type")]
    pub type_: ::std::string::String,
}
///The enterprise that owns the organization.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct WebhookEnterprise {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub id: ::std::option::Option<i64>,
    ///Display name of the enterprise.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub name: ::std::option::Option<::std::string::String>,
    ///Name of the enterprise in URLs.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub slug: ::std::option::Option<::std::string::String>,
}
///The installation of the GitHub App that the webhook belongs to.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct WebhookInstallation {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub id: ::std::option::Option<i64>,
}
///The organization that owns the repository.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct WebhookOrganization {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub id: ::std::option::Option<i64>,
    ///Name of the organization.
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub login: ::std::option::Option<::std::string::String>,
}
///The user who caused the event.
#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
pub struct WebhookUser {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub id: ::std::option::Option<i64>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub login: ::std::option::Option<::std::string::String>,
}
