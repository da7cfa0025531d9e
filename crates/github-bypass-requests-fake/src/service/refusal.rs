//! Responses to refused requests, in the formats that the API documents.

use axum::{
    extract::rejection::BytesRejection,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::json;
use crate::{access::Lack, world::bypass_request::ChangeError};

const DOCUMENTATION: &str = "https://docs.github.com/rest";
const ACCEPTED_PERMISSIONS: HeaderName = HeaderName::from_static("x-accepted-github-permissions");

#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: Explanation,
    accepted_permissions: Option<&'static str>,
}

#[derive(Debug)]
enum Explanation {
    Basic { message: String },
    Validation { errors: Vec<FieldError> },
    Text(&'static str),
}

#[derive(Debug, Serialize)]
struct BasicError<'a> {
    message: String,
    documentation_url: &'static str,
    status: &'a str,
}

#[derive(Debug, Serialize)]
struct ValidationError {
    message: &'static str,
    documentation_url: &'static str,
    errors: Vec<FieldError>,
}

/// A problem with one field of the request body.
#[derive(Debug, Serialize)]
pub(super) struct FieldError {
    resource: &'static str,
    field: &'static str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Refusal {
    pub(super) fn no_user_agent() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            body: Explanation::Text(
                "Request forbidden by administrative rules. Please make sure your request has a \
                 User-Agent header \
                 (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). \
                 Check https://developer.github.com for other possible causes.\n",
            ),
            accepted_permissions: None,
        }
    }

    pub(super) fn requires_authentication() -> Self {
        Self::basic(StatusCode::UNAUTHORIZED, "Requires authentication")
    }

    pub(super) fn bad_credentials() -> Self {
        Self::basic(StatusCode::UNAUTHORIZED, "Bad credentials")
    }

    pub(super) fn unknown_api_version(known: &[&str]) -> Self {
        let known = known.join(", ");
        Self::basic(
            StatusCode::BAD_REQUEST,
            format!("X-GitHub-Api-Version is not a supported version; supported versions: {known}"),
        )
    }

    pub(super) fn rate_limit_exceeded(user_id: u64) -> Self {
        Self::basic(
            StatusCode::FORBIDDEN,
            format!("API rate limit exceeded for user ID {user_id}."),
        )
    }

    pub(super) fn not_found() -> Self {
        Self::basic(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(super) fn not_json() -> Self {
        Self::basic(StatusCode::BAD_REQUEST, "Problems parsing JSON")
    }

    pub(super) fn not_an_object() -> Self {
        Self::basic(StatusCode::BAD_REQUEST, "Body should be a JSON object")
    }

    pub(super) fn validation_failed(errors: Vec<FieldError>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body: Explanation::Validation { errors },
            accepted_permissions: None,
        }
    }

    pub(super) fn incomplete_body() -> Self {
        Self::basic(
            StatusCode::BAD_REQUEST,
            "The request body could not be read",
        )
    }

    pub(super) fn internal_error() -> Self {
        Self::basic(StatusCode::INTERNAL_SERVER_ERROR, "Internal Error")
    }

    fn basic(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            body: Explanation::Basic {
                message: message.into(),
            },
            accepted_permissions: None,
        }
    }
}

impl FieldError {
    pub(super) fn missing(field: &'static str) -> Self {
        Self {
            resource: "BypassRequest",
            field,
            code: "missing_field",
            message: None,
        }
    }

    pub(super) fn invalid(field: &'static str, why: Option<String>) -> Self {
        Self {
            resource: "BypassRequest",
            field,
            code: "invalid",
            message: why,
        }
    }
}

impl From<Lack> for Refusal {
    fn from(lack: Lack) -> Self {
        Self {
            accepted_permissions: lack.accepted,
            ..Self::basic(
                StatusCode::FORBIDDEN,
                "Resource not accessible by personal access token",
            )
        }
    }
}

/// The request body is too large or incomplete.
impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        Self::basic(rejection.status(), "The request body could not be read")
    }
}

impl From<ChangeError> for Refusal {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::not_found(),
            ChangeError::NotAllowed(why) => {
                Self::validation_failed(vec![FieldError::invalid("status", Some(why))])
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Explanation::Basic { message } => json::response(
                self.status,
                &BasicError {
                    message,
                    documentation_url: DOCUMENTATION,
                    status: self.status.as_str(),
                },
            ),
            Explanation::Validation { errors } => json::response(
                self.status,
                &ValidationError {
                    message: "Validation Failed",
                    documentation_url: DOCUMENTATION,
                    errors,
                },
            ),
            Explanation::Text(text) => (self.status, text).into_response(),
        };
        if let Some(permissions) = self.accepted_permissions {
            let permissions = HeaderValue::from_static(permissions);
            response
                .headers_mut()
                .insert(ACCEPTED_PERMISSIONS, permissions);
        }
        response
    }
}
