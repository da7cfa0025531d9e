//! The body of a review.

use serde_json::{Map, Value};

use super::refusal::{FieldError, Refusal};
use crate::world::{bypass_request::ResponseStatus, new_response::NewResponse};

const MAX_MESSAGE_CHARACTERS: usize = 2048;

/// Parses the body of a review by `reviewer`.
pub(super) fn response(body: &[u8], reviewer: &str) -> Result<NewResponse, Refusal> {
    let fields = object(body)?;
    let decision = match fields.get("status") {
        None | Some(Value::Null) => Err(FieldError::missing("status")),
        Some(Value::String(it)) if it == "approve" => Ok(ResponseStatus::Approved),
        Some(Value::String(it)) if it == "reject" => Ok(ResponseStatus::Denied),
        Some(_) => Err(FieldError::invalid(
            "status",
            Some("status must be approve or reject".into()),
        )),
    };
    let message = match fields.get("message") {
        None | Some(Value::Null) => Err(FieldError::missing("message")),
        Some(Value::String(it)) if it.is_empty() => Err(FieldError::missing("message")),
        Some(Value::String(it)) if it.chars().count() <= MAX_MESSAGE_CHARACTERS => Ok(it),
        Some(Value::String(_)) => Err(FieldError::invalid(
            "message",
            Some(format!(
                "message is too long (maximum is {MAX_MESSAGE_CHARACTERS} characters)"
            )),
        )),
        Some(_) => Err(FieldError::invalid(
            "message",
            Some("message must be a string".into()),
        )),
    };
    match (decision, message) {
        (Ok(decision), Ok(message)) => Ok(NewResponse::new(reviewer, decision).message(message)),
        (decision, message) => {
            let errors = [decision.err(), message.err()];
            Err(Refusal::validation_failed(
                errors.into_iter().flatten().collect(),
            ))
        }
    }
}

/// Reads a JSON object. An empty body counts as an empty object.
fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Refusal::not_an_object()),
        Err(_) => Err(Refusal::not_json()),
    }
}
