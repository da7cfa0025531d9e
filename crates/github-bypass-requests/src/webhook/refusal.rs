//! Why a delivery is refused.

use std::fmt;

use http::StatusCode;
use tracing::warn;

use crate::response::escape::escape;
use crate::response::json::Malformed;
use crate::transport::logging::TARGET;
use crate::webhook::signature::Unsigned;

/// A delivery that is refused. [`status`](Self::status) is the HTTP status to respond with.
///
/// It is a separate type from [`Error`](crate::Error): GitHub sends the status of an `Error`, and
/// you send this one.
///
/// The text is safe to send to the sender of the delivery. It contains neither a secret nor a value
/// from the body. It is the same whether the signature is missing, malformed or wrong. `tracing`
/// records the exact reason, with the id of the delivery.
#[derive(Clone, Debug)]
pub struct Refusal(Reason);

#[derive(Clone, Debug)]
pub(crate) enum Reason {
    TooLarge { limit: usize },
    UnsupportedMediaType,
    Unsigned(Unsigned),
    NoEvent,
    NoPayload { fields: usize },
    Unreadable(Malformed),
}

impl Refusal {
    /// Returns the HTTP status to respond with.
    ///
    /// | status | reason |
    /// |---|---|
    /// | 413 | the body is too large |
    /// | 415 | the body is neither JSON nor a form |
    /// | 401 | the signature is missing, malformed or wrong |
    /// | 400 | the name of the event is missing |
    /// | 422 | the body is signed, but cannot be decoded |
    ///
    /// The reasons are checked in this order.
    pub fn status(&self) -> StatusCode {
        match self.0 {
            Reason::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Reason::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Reason::Unsigned(_) => StatusCode::UNAUTHORIZED,
            Reason::NoEvent => StatusCode::BAD_REQUEST,
            Reason::NoPayload { .. } | Reason::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Returns true if the body is larger than any that GitHub sends.
    pub fn is_too_large(&self) -> bool {
        matches!(self.0, Reason::TooLarge { .. })
    }

    /// Returns true if the content type is neither JSON nor a form.
    pub fn is_unsupported_media_type(&self) -> bool {
        matches!(self.0, Reason::UnsupportedMediaType)
    }

    /// Returns true if the signature is missing, malformed or wrong: the delivery is not from
    /// GitHub, or the webhook has another secret.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self.0, Reason::Unsigned(_))
    }

    /// Returns true if the name of the event is missing.
    pub fn is_missing_event(&self) -> bool {
        matches!(self.0, Reason::NoEvent)
    }

    /// Returns true if the body is signed, but cannot be decoded. GitHub may have changed the
    /// format: the error text names the field.
    pub fn is_unreadable(&self) -> bool {
        matches!(self.0, Reason::NoPayload { .. } | Reason::Unreadable(_))
    }

    /// Logs the exact reason, with the id of the delivery.
    pub(crate) fn logged(reason: Reason, delivery: Option<&str>) -> Self {
        let refusal = Self(reason);
        let error = match refusal.0 {
            Reason::Unsigned(unsigned) => unsigned.reason().to_owned(),
            _ => refusal.to_string(),
        };
        let delivery = delivery.map(|id| escape(id, MAX_ID));
        let status = refusal.status().as_u16();
        warn!(target: TARGET, delivery, status, error, "a webhook delivery is refused");
        refusal
    }
}

/// In bytes. The id of a delivery from GitHub is 36 bytes long.
const MAX_ID: usize = 100;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::TooLarge { limit } => write!(f, "the body exceeds the limit of {limit} bytes"),
            Reason::UnsupportedMediaType => f.write_str(
                "the content type must be application/json or application/x-www-form-urlencoded",
            ),
            Reason::Unsigned(_) => f.write_str("the signature is missing or invalid"),
            Reason::NoEvent => f.write_str("the header X-GitHub-Event is missing or invalid"),
            Reason::NoPayload { fields: 0 } => {
                f.write_str("the payload cannot be decoded: the form has no `payload` field")
            }
            Reason::NoPayload { fields } => write!(
                f,
                "the payload cannot be decoded: the form has {fields} `payload` fields"
            ),
            Reason::Unreadable(malformed) => {
                write!(f, "the payload cannot be decoded: {malformed}")
            }
        }
    }
}

impl std::error::Error for Refusal {}
