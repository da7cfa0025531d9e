// @generated from openapi/bypass-requests.yaml by `cargo xtask generate`; edits are lost.

#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///A requester or reviewer.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct BypassActor {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub actor_id: ::std::option::Option<i64>,
        ///Login of the user.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub actor_name: ::std::option::Option<::std::string::String>,
    }
    ///The organization that owns the repository.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct BypassOrganization {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<i64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///The repository that the push was sent to.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct BypassRepository {
        ///Owner and name, for example `octo-org/smile`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub full_name: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<i64>,
        ///Name without the owner.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///A status that a list can be filtered by.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum BypassRequestStatusFilter {
        #[serde(rename = "completed")]
        Completed,
        #[serde(rename = "cancelled")]
        Cancelled,
        #[serde(rename = "approved")]
        Approved,
        #[serde(rename = "expired")]
        Expired,
        #[serde(rename = "deleted")]
        Deleted,
        #[serde(rename = "denied")]
        Denied,
        #[serde(rename = "open")]
        Open,
        #[serde(rename = "all")]
        All,
    }
    impl ::std::fmt::Display for BypassRequestStatusFilter {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Completed => f.write_str("completed"),
                Self::Cancelled => f.write_str("cancelled"),
                Self::Approved => f.write_str("approved"),
                Self::Expired => f.write_str("expired"),
                Self::Deleted => f.write_str("deleted"),
                Self::Denied => f.write_str("denied"),
                Self::Open => f.write_str("open"),
                Self::All => f.write_str("all"),
            }
        }
    }
    impl ::std::str::FromStr for BypassRequestStatusFilter {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "completed" => Ok(Self::Completed),
                "cancelled" => Ok(Self::Cancelled),
                "approved" => Ok(Self::Approved),
                "expired" => Ok(Self::Expired),
                "deleted" => Ok(Self::Deleted),
                "denied" => Ok(Self::Denied),
                "open" => Ok(Self::Open),
                "all" => Ok(Self::All),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for BypassRequestStatusFilter {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for BypassRequestStatusFilter {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::default::Default for BypassRequestStatusFilter {
        fn default() -> Self {
            BypassRequestStatusFilter::All
        }
    }
    ///A reviewer's response to a request.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct BypassResponse {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<i64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reviewer: ::std::option::Option<BypassActor>,
        ///Status of a response. `dismissed` means that the response was withdrawn.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<::std::string::String>,
    }
    ///A recorded review.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct BypassReview {
        ///ID of the review.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bypass_review_id: ::std::option::Option<i64>,
    }
    ///A reviewer's decision.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum BypassReviewDecision {
        #[serde(rename = "approve")]
        Approve,
        #[serde(rename = "reject")]
        Reject,
    }
    impl ::std::fmt::Display for BypassReviewDecision {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Approve => f.write_str("approve"),
                Self::Reject => f.write_str("reject"),
            }
        }
    }
    impl ::std::str::FromStr for BypassReviewDecision {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "approve" => Ok(Self::Approve),
                "reject" => Ok(Self::Reject),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for BypassReviewDecision {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for BypassReviewDecision {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///A reviewer's decision and message.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct BypassReviewRequest {
        ///The message of the review, with at most 2048 characters.
        pub message: BypassReviewRequestMessage,
        pub status: BypassReviewDecision,
    }
    ///The message of the review, with at most 2048 characters.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct BypassReviewRequestMessage(::std::string::String);
    impl ::std::ops::Deref for BypassReviewRequestMessage {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<BypassReviewRequestMessage> for ::std::string::String {
        fn from(value: BypassReviewRequestMessage) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for BypassReviewRequestMessage {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 2048usize {
                return Err("longer than 2048 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for BypassReviewRequestMessage {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for BypassReviewRequestMessage {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for BypassReviewRequestMessage {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///A request to push changes that a push rule forbids.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct PushRuleBypassRequest {
        ///When the request was created.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The violated push rules.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<RuleViolation>>,
        >,
        ///When the request expires.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///URL of the request's web page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub html_url: ::std::option::Option<::std::string::String>,
        ///ID of the request, which is unique among all requests of its kind.
        pub id: i64,
        ///Number of the request, which is unique within its repository only.
        pub number: i64,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub organization: ::std::option::Option<BypassOrganization>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repository: ::std::option::Option<BypassRepository>,
        ///The kind of protection that the request is about.
        pub request_type: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub requester: ::std::option::Option<BypassActor>,
        ///The requester's comment.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub requester_comment: ::std::option::Option<::std::string::String>,
        ///Identifier of the pushed object, for example a commit SHA.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub resource_identifier: ::std::option::Option<::std::string::String>,
        ///The reviewers' responses, including dismissed ones.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub responses: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<BypassResponse>>,
        >,
        ///Status of a request. `open` and `pending` requests are undecided.
        pub status: ::std::string::String,
        ///URL of the request in the REST API.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub url: ::std::option::Option<::std::string::String>,
    }
    ///A push rule that a push violates.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RuleViolation {
        ///The type of the violated push rule.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rule_type: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ruleset_id: ::std::option::Option<i64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ruleset_name: ::std::option::Option<::std::string::String>,
        ///Number of times that the push violates the rule.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total_violations: ::std::option::Option<i64>,
    }
    ///A secret that was detected in a push.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SecretFinding {
        ///Full name of the branch, for example `refs/heads/main`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub branch: ::std::option::Option<::std::string::String>,
        ///The requester's reason for pushing the secret.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bypass_reason: ::std::option::Option<::std::string::String>,
        ///Path, line and column of the secret, for example `/tests/README.md:16:0`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub path: ::std::option::Option<::std::string::String>,
        ///Slug of the secret's type, for example `adafruit_io_key`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub secret_type: ::std::option::Option<::std::string::String>,
    }
    ///A request to push a detected secret.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SecretScanningBypassRequest {
        ///When the request was created.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The detected secrets.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<SecretFinding>>,
        >,
        ///When the request expires.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///URL of the request's web page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub html_url: ::std::option::Option<::std::string::String>,
        ///ID of the request, which is unique among all requests of its kind.
        pub id: i64,
        ///Number of the request, which is unique within its repository only.
        pub number: i64,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub organization: ::std::option::Option<BypassOrganization>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repository: ::std::option::Option<BypassRepository>,
        ///The kind of protection that the request is about.
        pub request_type: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub requester: ::std::option::Option<BypassActor>,
        ///The requester's comment.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub requester_comment: ::std::option::Option<::std::string::String>,
        ///Identifier of the pushed object, for example a commit SHA.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub resource_identifier: ::std::option::Option<::std::string::String>,
        ///The reviewers' responses, including dismissed ones.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub responses: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<BypassResponse>>,
        >,
        ///Status of a request. `open` and `pending` requests are undecided.
        pub status: ::std::string::String,
        ///URL of the request in the REST API.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub url: ::std::option::Option<::std::string::String>,
    }
    ///A period that ends now.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum TimePeriod {
        #[serde(rename = "hour")]
        Hour,
        #[serde(rename = "day")]
        Day,
        #[serde(rename = "week")]
        Week,
        #[serde(rename = "month")]
        Month,
    }
    impl ::std::fmt::Display for TimePeriod {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Hour => f.write_str("hour"),
                Self::Day => f.write_str("day"),
                Self::Week => f.write_str("week"),
                Self::Month => f.write_str("month"),
            }
        }
    }
    impl ::std::str::FromStr for TimePeriod {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "hour" => Ok(Self::Hour),
                "day" => Ok(Self::Day),
                "week" => Ok(Self::Week),
                "month" => Ok(Self::Month),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for TimePeriod {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for TimePeriod {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::default::Default for TimePeriod {
        fn default() -> Self {
            TimePeriod::Day
        }
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for GitHub bypass requests

Requests to bypass push protection and push rules, and the reviews of these requests. Available on GitHub Enterprise Cloud and GitHub Enterprise Server.

Version: 0.1.0*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: crate::Transport,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str, inner: crate::Transport) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap(), inner)
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::Transport,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
impl ClientInfo<crate::Transport> for Client {
    fn api_version() -> &'static str {
        "0.1.0"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &crate::Transport {
        &self.inner
    }
}
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<crate::Transport>,
    {}
};
#[allow(clippy::all)]
impl Client {
    /**List the secret scanning bypass requests of an enterprise

Lists the requests to push a detected secret, from all organizations of the enterprise. The list covers one day unless `time_period` is set.

Sends a `GET` request to `/enterprises/{enterprise}/bypass-requests/secret-scanning`

Arguments:
- `enterprise`: Slug or ID of the enterprise.
- `organization_name`: Only requests for repositories of this organization.
- `page`: Page number, starting at 1.
- `per_page`: Requests per page.
- `request_status`: Only requests with this status.
- `requester`: Only requests created by this user.
- `reviewer`: Only requests reviewed by this user.
- `time_period`: Only requests of this period. The server's default is one day.
*/
    pub async fn secret_scanning_list_enterprise_bypass_requests<'a>(
        &'a self,
        enterprise: &'a str,
        organization_name: Option<&'a str>,
        page: Option<::std::num::NonZeroU32>,
        per_page: Option<::std::num::NonZeroU32>,
        request_status: Option<types::BypassRequestStatusFilter>,
        requester: Option<&'a str>,
        reviewer: Option<&'a str>,
        time_period: Option<types::TimePeriod>,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::SecretScanningBypassRequest>>,
        Error<()>,
    > {
        let url = format!(
            "{}/enterprises/{}/bypass-requests/secret-scanning", self.baseurl,
            encode_path(& enterprise.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "organization_name",
                    &organization_name,
                ),
            )
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("per_page", &per_page))
            .query(
                &progenitor_client::QueryParam::new("request_status", &request_status),
            )
            .query(&progenitor_client::QueryParam::new("requester", &requester))
            .query(&progenitor_client::QueryParam::new("reviewer", &reviewer))
            .query(&progenitor_client::QueryParam::new("time_period", &time_period))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "secret_scanning_list_enterprise_bypass_requests",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the secret scanning bypass requests of an organization

Lists the requests to push a detected secret, from the repositories of the organization. The list covers one day unless `time_period` is set.

Sends a `GET` request to `/orgs/{org}/bypass-requests/secret-scanning`

Arguments:
- `org`: Name of the organization; case does not matter.
- `page`: Page number, starting at 1.
- `per_page`: Requests per page.
- `repository_name`: Only requests for this repository.
- `request_status`: Only requests with this status.
- `requester`: Only requests created by this user.
- `reviewer`: Only requests reviewed by this user.
- `time_period`: Only requests of this period. The server's default is one day.
*/
    pub async fn secret_scanning_list_org_bypass_requests<'a>(
        &'a self,
        org: &'a str,
        page: Option<::std::num::NonZeroU32>,
        per_page: Option<::std::num::NonZeroU32>,
        repository_name: Option<&'a str>,
        request_status: Option<types::BypassRequestStatusFilter>,
        requester: Option<&'a str>,
        reviewer: Option<&'a str>,
        time_period: Option<types::TimePeriod>,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::SecretScanningBypassRequest>>,
        Error<()>,
    > {
        let url = format!(
            "{}/orgs/{}/bypass-requests/secret-scanning", self.baseurl, encode_path(& org
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("per_page", &per_page))
            .query(
                &progenitor_client::QueryParam::new("repository_name", &repository_name),
            )
            .query(
                &progenitor_client::QueryParam::new("request_status", &request_status),
            )
            .query(&progenitor_client::QueryParam::new("requester", &requester))
            .query(&progenitor_client::QueryParam::new("reviewer", &reviewer))
            .query(&progenitor_client::QueryParam::new("time_period", &time_period))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "secret_scanning_list_org_bypass_requests",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the secret scanning bypass requests of a repository

Lists the requests to push a detected secret, from the repository. The list covers one day unless `time_period` is set.

Sends a `GET` request to `/repos/{owner}/{repo}/bypass-requests/secret-scanning`

Arguments:
- `owner`: Account that owns the repository; case does not matter.
- `repo`: Name of the repository, without `.git`; case does not matter.
- `page`: Page number, starting at 1.
- `per_page`: Requests per page.
- `request_status`: Only requests with this status.
- `requester`: Only requests created by this user.
- `reviewer`: Only requests reviewed by this user.
- `time_period`: Only requests of this period. The server's default is one day.
*/
    pub async fn secret_scanning_list_repo_bypass_requests<'a>(
        &'a self,
        owner: &'a str,
        repo: &'a str,
        page: Option<::std::num::NonZeroU32>,
        per_page: Option<::std::num::NonZeroU32>,
        request_status: Option<types::BypassRequestStatusFilter>,
        requester: Option<&'a str>,
        reviewer: Option<&'a str>,
        time_period: Option<types::TimePeriod>,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::SecretScanningBypassRequest>>,
        Error<()>,
    > {
        let url = format!(
            "{}/repos/{}/{}/bypass-requests/secret-scanning", self.baseurl, encode_path(&
            owner.to_string()), encode_path(& repo.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("per_page", &per_page))
            .query(
                &progenitor_client::QueryParam::new("request_status", &request_status),
            )
            .query(&progenitor_client::QueryParam::new("requester", &requester))
            .query(&progenitor_client::QueryParam::new("reviewer", &reviewer))
            .query(&progenitor_client::QueryParam::new("time_period", &time_period))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "secret_scanning_list_repo_bypass_requests",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Get a secret scanning bypass request

Gets a request to push a detected secret, by its number in the repository.

Sends a `GET` request to `/repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}`

Arguments:
- `owner`: Account that owns the repository; case does not matter.
- `repo`: Name of the repository, without `.git`; case does not matter.
- `bypass_request_number`: Number of the request, which is unique within its repository only.
*/
    pub async fn secret_scanning_get_bypass_request<'a>(
        &'a self,
        owner: &'a str,
        repo: &'a str,
        bypass_request_number: ::std::num::NonZeroU64,
    ) -> Result<ResponseValue<types::SecretScanningBypassRequest>, Error<()>> {
        let url = format!(
            "{}/repos/{}/{}/bypass-requests/secret-scanning/{}", self.baseurl,
            encode_path(& owner.to_string()), encode_path(& repo.to_string()),
            encode_path(& bypass_request_number.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "secret_scanning_get_bypass_request",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Approve or reject a secret scanning bypass request

Approves or rejects a request to push a detected secret.

Sends a `PATCH` request to `/repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}`

Arguments:
- `owner`: Account that owns the repository; case does not matter.
- `repo`: Name of the repository, without `.git`; case does not matter.
- `bypass_request_number`: Number of the request, which is unique within its repository only.
- `body`
*/
    pub async fn secret_scanning_review_bypass_request<'a>(
        &'a self,
        owner: &'a str,
        repo: &'a str,
        bypass_request_number: ::std::num::NonZeroU64,
        body: &'a types::BypassReviewRequest,
    ) -> Result<ResponseValue<types::BypassReview>, Error<()>> {
        let url = format!(
            "{}/repos/{}/{}/bypass-requests/secret-scanning/{}", self.baseurl,
            encode_path(& owner.to_string()), encode_path(& repo.to_string()),
            encode_path(& bypass_request_number.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .patch(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "secret_scanning_review_bypass_request",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Dismiss a response to a secret scanning bypass request

Dismisses a response to a request to push a detected secret.

Sends a `DELETE` request to `/repos/{owner}/{repo}/bypass-responses/secret-scanning/{bypass_response_id}`

Arguments:
- `owner`: Account that owns the repository; case does not matter.
- `repo`: Name of the repository, without `.git`; case does not matter.
- `bypass_response_id`: ID of the response (not of the request).
*/
    pub async fn secret_scanning_dismiss_bypass_response<'a>(
        &'a self,
        owner: &'a str,
        repo: &'a str,
        bypass_response_id: ::std::num::NonZeroU64,
    ) -> Result<ResponseValue<()>, Error<()>> {
        let url = format!(
            "{}/repos/{}/{}/bypass-responses/secret-scanning/{}", self.baseurl,
            encode_path(& owner.to_string()), encode_path(& repo.to_string()),
            encode_path(& bypass_response_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self.client.delete(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "secret_scanning_dismiss_bypass_response",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            204u16 => Ok(ResponseValue::empty(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the push rule bypass requests of a repository

Lists the requests to push changes that a push rule forbids, from the repository. The list covers one day unless `time_period` is set.

Sends a `GET` request to `/repos/{owner}/{repo}/bypass-requests/push-rules`

Arguments:
- `owner`: Account that owns the repository; case does not matter.
- `repo`: Name of the repository, without `.git`; case does not matter.
- `page`: Page number, starting at 1.
- `per_page`: Requests per page.
- `request_status`: Only requests with this status.
- `requester`: Only requests created by this user.
- `reviewer`: Only requests reviewed by this user.
- `time_period`: Only requests of this period. The server's default is one day.
*/
    pub async fn repos_list_repo_push_bypass_requests<'a>(
        &'a self,
        owner: &'a str,
        repo: &'a str,
        page: Option<::std::num::NonZeroU32>,
        per_page: Option<::std::num::NonZeroU32>,
        request_status: Option<types::BypassRequestStatusFilter>,
        requester: Option<&'a str>,
        reviewer: Option<&'a str>,
        time_period: Option<types::TimePeriod>,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::PushRuleBypassRequest>>,
        Error<()>,
    > {
        let url = format!(
            "{}/repos/{}/{}/bypass-requests/push-rules", self.baseurl, encode_path(&
            owner.to_string()), encode_path(& repo.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("per_page", &per_page))
            .query(
                &progenitor_client::QueryParam::new("request_status", &request_status),
            )
            .query(&progenitor_client::QueryParam::new("requester", &requester))
            .query(&progenitor_client::QueryParam::new("reviewer", &reviewer))
            .query(&progenitor_client::QueryParam::new("time_period", &time_period))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "repos_list_repo_push_bypass_requests",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Get a push rule bypass request

Gets a request to push changes that a push rule forbids, by its number in the repository.

Sends a `GET` request to `/repos/{owner}/{repo}/bypass-requests/push-rules/{bypass_request_number}`

Arguments:
- `owner`: Account that owns the repository; case does not matter.
- `repo`: Name of the repository, without `.git`; case does not matter.
- `bypass_request_number`: Number of the request, which is unique within its repository only.
*/
    pub async fn repos_get_repo_push_bypass_request<'a>(
        &'a self,
        owner: &'a str,
        repo: &'a str,
        bypass_request_number: ::std::num::NonZeroU64,
    ) -> Result<ResponseValue<types::PushRuleBypassRequest>, Error<()>> {
        let url = format!(
            "{}/repos/{}/{}/bypass-requests/push-rules/{}", self.baseurl, encode_path(&
            owner.to_string()), encode_path(& repo.to_string()), encode_path(&
            bypass_request_number.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "repos_get_repo_push_bypass_request",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the push rule bypass requests of an organization

Lists the requests to push changes that a push rule forbids, from the repositories of the organization. The list covers one day unless `time_period` is set.

Sends a `GET` request to `/orgs/{org}/bypass-requests/push-rules`

Arguments:
- `org`: Name of the organization; case does not matter.
- `page`: Page number, starting at 1.
- `per_page`: Requests per page.
- `repository_name`: Only requests for this repository.
- `request_status`: Only requests with this status.
- `requester`: Only requests created by this user.
- `reviewer`: Only requests reviewed by this user.
- `time_period`: Only requests of this period. The server's default is one day.
*/
    pub async fn orgs_list_push_bypass_requests<'a>(
        &'a self,
        org: &'a str,
        page: Option<::std::num::NonZeroU32>,
        per_page: Option<::std::num::NonZeroU32>,
        repository_name: Option<&'a str>,
        request_status: Option<types::BypassRequestStatusFilter>,
        requester: Option<&'a str>,
        reviewer: Option<&'a str>,
        time_period: Option<types::TimePeriod>,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::PushRuleBypassRequest>>,
        Error<()>,
    > {
        let url = format!(
            "{}/orgs/{}/bypass-requests/push-rules", self.baseurl, encode_path(& org
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("per_page", &per_page))
            .query(
                &progenitor_client::QueryParam::new("repository_name", &repository_name),
            )
            .query(
                &progenitor_client::QueryParam::new("request_status", &request_status),
            )
            .query(&progenitor_client::QueryParam::new("requester", &requester))
            .query(&progenitor_client::QueryParam::new("reviewer", &reviewer))
            .query(&progenitor_client::QueryParam::new("time_period", &time_period))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "orgs_list_push_bypass_requests",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the push rule bypass requests of an enterprise

Lists the requests to push changes that a push rule forbids, from all organizations of the enterprise. The list covers one day unless `time_period` is set.

Sends a `GET` request to `/enterprises/{enterprise}/bypass-requests/push-rules`

Arguments:
- `enterprise`: Slug or ID of the enterprise.
- `organization_name`: Only requests for repositories of this organization.
- `page`: Page number, starting at 1.
- `per_page`: Requests per page.
- `request_status`: Only requests with this status.
- `requester`: Only requests created by this user.
- `reviewer`: Only requests reviewed by this user.
- `time_period`: Only requests of this period. The server's default is one day.
*/
    pub async fn enterprise_admin_list_push_bypass_requests<'a>(
        &'a self,
        enterprise: &'a str,
        organization_name: Option<&'a str>,
        page: Option<::std::num::NonZeroU32>,
        per_page: Option<::std::num::NonZeroU32>,
        request_status: Option<types::BypassRequestStatusFilter>,
        requester: Option<&'a str>,
        reviewer: Option<&'a str>,
        time_period: Option<types::TimePeriod>,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::PushRuleBypassRequest>>,
        Error<()>,
    > {
        let url = format!(
            "{}/enterprises/{}/bypass-requests/push-rules", self.baseurl, encode_path(&
            enterprise.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "organization_name",
                    &organization_name,
                ),
            )
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("per_page", &per_page))
            .query(
                &progenitor_client::QueryParam::new("request_status", &request_status),
            )
            .query(&progenitor_client::QueryParam::new("requester", &requester))
            .query(&progenitor_client::QueryParam::new("reviewer", &reviewer))
            .query(&progenitor_client::QueryParam::new("time_period", &time_period))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "enterprise_admin_list_push_bypass_requests",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
