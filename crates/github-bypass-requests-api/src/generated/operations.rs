// @generated from openapi/bypass-requests.yaml by `cargo xtask generate`; edits are lost.

/// An operation as the OpenAPI fragment describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The name of the operation in GitHub's OpenAPI description.
    pub id: &'static str,
    /// HTTP method in upper case.
    pub method: &'static str,
    /// Path template, relative to the base URL.
    pub path: &'static str,
    /// HTTP status of a successful response. Each operation has exactly one such status.
    pub success: u16,
    /// The access that a token needs, as text that completes the sentence "it needs …".
    pub required_access: &'static str,
}
impl Operation {
    ///`GET /enterprises/{enterprise}/bypass-requests/secret-scanning`
    pub const SECRET_SCANNING_LIST_ENTERPRISE_BYPASS_REQUESTS: Self = Self {
        id: "secret-scanning/list-enterprise-bypass-requests",
        method: "GET",
        path: "/enterprises/{enterprise}/bypass-requests/secret-scanning",
        success: 200,
        required_access: "a classic token with the `security_events` scope (fine-grained and app tokens are not accepted)",
    };
    ///`GET /orgs/{org}/bypass-requests/secret-scanning`
    pub const SECRET_SCANNING_LIST_ORG_BYPASS_REQUESTS: Self = Self {
        id: "secret-scanning/list-org-bypass-requests",
        method: "GET",
        path: "/orgs/{org}/bypass-requests/secret-scanning",
        success: 200,
        required_access: "a classic token with the `security_events` scope, or a fine-grained or app token with \"Secret scanning alerts\" (read) and \"Organization bypass requests for secret scanning\" (read)",
    };
    ///`GET /repos/{owner}/{repo}/bypass-requests/secret-scanning`
    pub const SECRET_SCANNING_LIST_REPO_BYPASS_REQUESTS: Self = Self {
        id: "secret-scanning/list-repo-bypass-requests",
        method: "GET",
        path: "/repos/{owner}/{repo}/bypass-requests/secret-scanning",
        success: 200,
        required_access: "a classic token with the `security_events` scope, or a fine-grained or app token with \"Secret scanning alerts\" (read) and either \"Organization bypass requests for secret scanning\" (read) or \"Secret scanning push protection bypass requests\" (read)",
    };
    ///`GET /repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}`
    pub const SECRET_SCANNING_GET_BYPASS_REQUEST: Self = Self {
        id: "secret-scanning/get-bypass-request",
        method: "GET",
        path: "/repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}",
        success: 200,
        required_access: "a classic token with the `security_events` scope, or a fine-grained or app token with \"Secret scanning alerts\" (read) and \"Organization bypass requests for secret scanning\" (read)",
    };
    ///`PATCH /repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}`
    pub const SECRET_SCANNING_REVIEW_BYPASS_REQUEST: Self = Self {
        id: "secret-scanning/review-bypass-request",
        method: "PATCH",
        path: "/repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}",
        success: 200,
        required_access: "a classic token with the `security_events` scope, or a fine-grained or app token with \"Secret scanning alerts\" (read) and either \"Organization bypass requests for secret scanning\" (write) or \"Secret scanning push protection bypass requests\" (write)",
    };
    ///`DELETE /repos/{owner}/{repo}/bypass-responses/secret-scanning/{bypass_response_id}`
    pub const SECRET_SCANNING_DISMISS_BYPASS_RESPONSE: Self = Self {
        id: "secret-scanning/dismiss-bypass-response",
        method: "DELETE",
        path: "/repos/{owner}/{repo}/bypass-responses/secret-scanning/{bypass_response_id}",
        success: 204,
        required_access: "a classic token with the `security_events` scope, or a fine-grained or app token with \"Secret scanning alerts\" (read)",
    };
    ///`GET /repos/{owner}/{repo}/bypass-requests/push-rules`
    pub const REPOS_LIST_REPO_PUSH_BYPASS_REQUESTS: Self = Self {
        id: "repos/list-repo-push-bypass-requests",
        method: "GET",
        path: "/repos/{owner}/{repo}/bypass-requests/push-rules",
        success: 200,
        required_access: "a fine-grained or app token with \"Contents\" (write); GitHub documents no scope for classic tokens",
    };
    ///`GET /repos/{owner}/{repo}/bypass-requests/push-rules/{bypass_request_number}`
    pub const REPOS_GET_REPO_PUSH_BYPASS_REQUEST: Self = Self {
        id: "repos/get-repo-push-bypass-request",
        method: "GET",
        path: "/repos/{owner}/{repo}/bypass-requests/push-rules/{bypass_request_number}",
        success: 200,
        required_access: "a fine-grained or app token with \"Contents\" (write); GitHub documents no scope for classic tokens",
    };
    ///`GET /orgs/{org}/bypass-requests/push-rules`
    pub const ORGS_LIST_PUSH_BYPASS_REQUESTS: Self = Self {
        id: "orgs/list-push-bypass-requests",
        method: "GET",
        path: "/orgs/{org}/bypass-requests/push-rules",
        success: 200,
        required_access: "a fine-grained or app token with organization \"Administration\" (write); GitHub documents no scope for classic tokens",
    };
    ///`GET /enterprises/{enterprise}/bypass-requests/push-rules`
    pub const ENTERPRISE_ADMIN_LIST_PUSH_BYPASS_REQUESTS: Self = Self {
        id: "enterprise-admin/list-push-bypass-requests",
        method: "GET",
        path: "/enterprises/{enterprise}/bypass-requests/push-rules",
        success: 200,
        required_access: "a classic token (no scope is documented; fine-grained and app tokens are not accepted)",
    };
    /// All operations, in the order of the fragment.
    pub const ALL: [Self; 10usize] = [
        Self::SECRET_SCANNING_LIST_ENTERPRISE_BYPASS_REQUESTS,
        Self::SECRET_SCANNING_LIST_ORG_BYPASS_REQUESTS,
        Self::SECRET_SCANNING_LIST_REPO_BYPASS_REQUESTS,
        Self::SECRET_SCANNING_GET_BYPASS_REQUEST,
        Self::SECRET_SCANNING_REVIEW_BYPASS_REQUEST,
        Self::SECRET_SCANNING_DISMISS_BYPASS_RESPONSE,
        Self::REPOS_LIST_REPO_PUSH_BYPASS_REQUESTS,
        Self::REPOS_GET_REPO_PUSH_BYPASS_REQUEST,
        Self::ORGS_LIST_PUSH_BYPASS_REQUESTS,
        Self::ENTERPRISE_ADMIN_LIST_PUSH_BYPASS_REQUESTS,
    ];
}
