//! Bodies and paths of requests to `/_fake`, and the responses to invalid ones.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request, rejection::BytesRejection},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{service::json, world::bypass_request::ChangeError};

/// The body of a request, a JSON object.
pub(super) struct Json<T>(pub(super) T);

/// The path parameters that name a bypass request.
#[derive(Deserialize)]
pub(super) struct RequestPath {
    pub(super) owner: String,
    pub(super) repository: String,
    pub(super) number: u64,
}

/// The name of a place.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name(pub(super) String);

/// The full name of a repository.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct FullName {
    pub(super) owner: String,
    pub(super) name: String,
}

/// A user's login.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Login(pub(super) String);

/// A time in RFC 3339 format.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Time(pub(super) DateTime<Utc>);

/// A refused request.
#[derive(Debug)]
pub(super) struct Rejection {
    status: StatusCode,
    message: String,
}

#[derive(Serialize)]
struct RejectionJson<'a> {
    message: &'a str,
}

impl Time {
    /// Accepts only the years 1970 to 9998, so that RFC 3339 can represent both this time and the
    /// time seven days later.
    pub(super) fn new(instant: DateTime<Utc>) -> Result<Self, String> {
        match instant.year() {
            1970..=9998 => Ok(Self(instant)),
            _ => Err("a time must be in the years 1970 to 9998".to_owned()),
        }
    }
}

impl Rejection {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn wrong_method(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
    }

    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let message = &self.message;
        json::response(self.status, &RejectionJson { message })
    }
}

impl From<ChangeError> for Rejection {
    fn from(error: ChangeError) -> Self {
        let status = match error {
            ChangeError::NotFound => StatusCode::NOT_FOUND,
            ChangeError::NotAllowed(_) => StatusCode::CONFLICT,
        };
        Self::new(status, error.to_string())
    }
}

impl From<serde_json::Error> for Rejection {
    fn from(error: serde_json::Error) -> Self {
        if error.is_data() {
            Self::invalid(error.to_string())
        } else {
            Self::new(StatusCode::BAD_REQUEST, format!("not JSON: {error}"))
        }
    }
}

/// The body is too large or incomplete.
impl From<BytesRejection> for Rejection {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let body = Bytes::from_request(request, state).await?;
        // Deserializing a struct directly would also accept an array.
        let fields: Map<String, Value> = serde_json::from_slice(&body)?;
        Ok(Self(serde_json::from_value(fields.into())?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestPath {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(path)) => Ok(path),
            Err(_) => Err(Rejection::not_found(
                "the path must contain the owner, the repository and the number",
            )),
        }
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !text.is_empty() && text.bytes().all(allowed) {
            return Ok(Self(text));
        }
        Err(format!(
            "a name must consist of letters, digits, `-`, `_` or `.`, not {text:?}"
        ))
    }
}

impl TryFrom<String> for FullName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let Some((owner, name)) = text.split_once('/') else {
            return Err(format!("`repository` must be OWNER/NAME, not {text:?}"));
        };
        let Name(owner) = Name::try_from(owner.to_owned())?;
        let Name(name) = Name::try_from(name.to_owned())?;
        Ok(Self { owner, name })
    }
}

impl TryFrom<String> for Login {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Err("a login must not be empty");
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let Ok(instant) = text.parse() else {
            return Err(format!(
                "a time must look like 2026-03-10T09:00:00Z, not {text:?}"
            ));
        };
        Self::new(instant)
    }
}
