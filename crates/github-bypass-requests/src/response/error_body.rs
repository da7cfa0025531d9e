//! The body of an error response.

use crate::response::escape::escape;

/// The parts of an error's body that are kept.
///
/// GitHub's errors have several shapes. Parts that cannot be decoded are `None`.
#[derive(Clone, Default)]
pub(crate) struct ErrorBody {
    pub(crate) message: Option<String>,
    pub(crate) documentation_url: Option<String>,
}

/// The maximum length of a message in bytes. Longer messages are truncated.
const MAX_MESSAGE: usize = 1024;
/// The maximum size of an error body in bytes. GitHub's error bodies are smaller than 2 KiB. A
/// larger body is not an error body. Once decoded, it could take up to a hundred times its size in
/// memory.
const MAX_BODY: usize = 64 << 10;

impl ErrorBody {
    pub(crate) fn read(body: &[u8]) -> Self {
        if body.len() > MAX_BODY {
            return Self::default();
        }
        let text = String::from_utf8_lossy(body);
        let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(&text) else {
            return Self::default();
        };
        let field = |name: &str| Some(escape(fields.get(name)?.as_str()?, MAX_MESSAGE));
        let mut message = field("message");
        if let Some(message) = &mut message
            && let Some(details) = fields.get("errors").and_then(details)
        {
            *message = escape(&format!("{message}: {details}"), MAX_MESSAGE);
        }
        Self {
            message,
            documentation_url: field("documentation_url"),
        }
    }
}

/// Joins the entries of `errors`: strings, or objects that name a field and its problem.
fn details(errors: &serde_json::Value) -> Option<String> {
    let detail = |entry: &serde_json::Value| {
        if let Some(text) = entry.as_str() {
            return Some(text.to_owned());
        }
        let part = |name: &str| entry.get(name)?.as_str();
        let problem = part("message").or_else(|| part("code"))?;
        Some(match part("field") {
            Some(field) => format!("{field}: {problem}"),
            None => problem.to_owned(),
        })
    };
    let details: Vec<String> = errors.as_array()?.iter().filter_map(detail).collect();
    (!details.is_empty()).then(|| details.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_of_every_shape_are_decoded_as_far_as_possible() {
        let message = |body: &str| ErrorBody::read(body.as_bytes()).message;
        assert_eq!(
            message(r#"{"message":"Not Found"}"#).as_deref(),
            Some("Not Found")
        );
        assert_eq!(
            message(r#"{"message":"Bad","errors":[{"field":"message","code":"missing_field"},"x",null,3]}"#)
                .as_deref(),
            Some("Bad: message: missing_field, x")
        );
        for errors in ["null", "7", "[]", "[null]", "{}"] {
            let body = format!(r#"{{"message":"Bad","errors":{errors}}}"#);
            assert_eq!(message(&body).as_deref(), Some("Bad"), "{errors}");
        }
        let long = |padding| format!(r#"{{"message":"Bad","x":"{}"}}"#, "x".repeat(padding));
        assert_eq!(message(&long(MAX_BODY / 2)).as_deref(), Some("Bad"));
        assert_eq!(message(&long(MAX_BODY)), None);
        for body in ["", "\"x\"", "[]", "<html>", r#"{"message":1}"#] {
            assert_eq!(message(body), None, "{body}");
        }
        assert_eq!(
            ErrorBody::read(b"{\"message\":\"a\xff\"}")
                .message
                .as_deref(),
            Some("a\u{fffd}")
        );
    }
}
