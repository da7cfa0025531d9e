//! Decodes JSON from the server. Errors describe the problem without repeating the input.

use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::error::Category;

use crate::response::escape::escape;

/// The reason why a response, or an item of a list, cannot be decoded.
///
/// Names the place and the expected type, but never the value, because a body may contain secrets.
#[derive(Clone, Debug)]
pub(crate) enum Malformed {
    /// The media type is not JSON.
    OtherMedia { media_type: String },
    /// Compressed in a way that the client did not request.
    Encoded { encoding: String },
    Json {
        /// The path of the field, such as `data[0].path`, or `None` for the whole value.
        field: Option<String>,
        problem: String,
        line: usize,
        column: usize,
    },
}

impl Malformed {
    /// Finds out why `bytes` cannot be decoded as a `T`.
    pub(crate) fn find<T: DeserializeOwned>(
        bytes: &[u8],
        media_type: Option<&str>,
        encoding: Option<&str>,
    ) -> Self {
        if let Some(encoding) = encoding {
            return Self::Encoded {
                encoding: escape(encoding, MAX_NAME),
            };
        }
        if let Some(media_type) = media_type.filter(|media_type| !is_json(media_type)) {
            return Self::OtherMedia {
                media_type: escape(media_type, MAX_NAME),
            };
        }
        match read::<T>(bytes) {
            Err(malformed) => malformed,
            // Unreachable unless `from_slice` fails on input that `read` accepts.
            Ok(_) => Self::Json {
                field: None,
                problem: "unknown problem".to_owned(),
                line: 0,
                column: 0,
            },
        }
    }
}

fn is_json(media_type: &str) -> bool {
    let media_type = media_type.to_ascii_lowercase();
    media_type == "application/json" || media_type.ends_with("+json")
}

/// Decodes like `serde_json::from_slice`, but validates UTF-8 once for the whole input instead of
/// once for each string. That reduces the cost of decoding a page by a sixth.
pub(crate) fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    match str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        // Invalid UTF-8 in a field that the decoder skips is not an error.
        Err(_) => serde_json::from_slice(bytes),
    }
}

/// Decodes `bytes` like [`from_slice`], but more slowly, and with an error that names the field
/// that cannot be decoded.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|failure| {
        let path = failure.path().to_string();
        // The path of a syntax error can contain field names from a part of the input that is not
        // decoded.
        let is_decoded = failure.inner().classify() == Category::Data;
        let known = is_decoded && path != "." && path != "?";
        Malformed::json(known.then(|| escape(&path, MAX_NAME)), failure.inner())
    })?;
    deserializer
        .end()
        .map_err(|error| Malformed::json(None, &error))?;
    Ok(value)
}

impl Malformed {
    fn json(field: Option<String>, error: &serde_json::Error) -> Self {
        Self::Json {
            field,
            problem: problem(error),
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherMedia { media_type } => {
                write!(
                    f,
                    "it is {media_type}, not JSON; a proxy or a captive portal may have sent it"
                )
            }
            Self::Encoded { encoding } => {
                write!(
                    f,
                    "it is compressed ({encoding}), which the client did not request"
                )
            }
            Self::Json {
                field,
                problem,
                line,
                column,
            } => {
                if let Some(field) = field {
                    write!(f, "field `{field}`: ")?;
                }
                write!(f, "{problem} at line {line} column {column}")
            }
        }
    }
}

/// In bytes. Longer names from the server are truncated.
const MAX_NAME: usize = 200;

/// Returns the part of the decoder's message that does not contain the value.
fn problem(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(message, _position)| message);
    match error.classify() {
        // These messages are fixed, so they contain no value.
        Category::Syntax | Category::Eof => message.to_owned(),
        _ if message.starts_with("missing field ") => message.to_owned(),
        _ => match message.rsplit_once(", expected ") {
            Some((_value, expected)) => format!("expected {}", in_json(expected)),
            None => "invalid value".to_owned(),
        },
    }
}

/// Translates the decoder's name for a type from Rust's terms to JSON's.
fn in_json(expected: &str) -> &str {
    match expected {
        "i64" | "u64" => "a whole number",
        "a sequence" => "a list",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}

/// The maximum number of elements in an array that is split. GitHub's pages have at most 100.
const MAX_ELEMENTS: usize = 10_000;

/// Splits a JSON array into its elements without decoding them. Returns `None` if `bytes` is not a
/// well-formed array, or has more than [`MAX_ELEMENTS`] elements.
pub(crate) fn elements(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    serde_json::from_slice::<Vec<IgnoredAny>>(bytes).ok()?;
    let mut elements = Vec::new();
    let mut rest = bytes
        .trim_ascii_start()
        .strip_prefix(b"[")?
        .trim_ascii_start();
    while !rest.starts_with(b"]") {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (element, after) = rest.split_at_checked(values.byte_offset())?;
        if elements.len() == MAX_ELEMENTS {
            return None;
        }
        elements.push(element);
        let after = after.trim_ascii_start();
        rest = after.strip_prefix(b",").unwrap_or(after).trim_ascii_start();
    }
    Some(elements)
}

/// The maximum length, in bytes, of an item whose [`identity`] is decoded. A bypass request takes
/// about 1 KiB. Once decoded, an item can take a hundred times its size in memory.
const MAX_ITEM: usize = 64 << 10;

/// Returns the `id` and the `number` of an item that cannot be decoded.
pub(crate) fn identity(item: &[u8]) -> [Option<i64>; 2] {
    if item.len() > MAX_ITEM {
        return [None, None];
    }
    let item = serde_json::from_str::<Value>(&String::from_utf8_lossy(item));
    let item = item.unwrap_or_default();
    ["id", "number"].map(|name| item.get(name).and_then(Value::as_i64))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Finding {
        #[expect(dead_code, reason = "only set by the decoder")]
        path: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    struct Item {
        #[expect(dead_code, reason = "only set by the decoder")]
        id: u64,
        #[expect(dead_code, reason = "only set by the decoder")]
        data: Vec<Finding>,
    }

    fn find(json: &str) -> String {
        Malformed::find::<Item>(json.as_bytes(), Some("application/json"), None).to_string()
    }

    #[test]
    fn an_invalid_value_is_located_but_not_repeated() {
        assert_eq!(
            find(r#"{"id": 1, "data": [{"path": {"secret": 1}}]}"#),
            "field `data[0].path`: expected a string at line 1 column 28"
        );
        assert_eq!(
            find(r#"{"id": "s3cret, expected x", "data": []}"#),
            "field `id`: expected a whole number at line 1 column 27"
        );
        assert_eq!(
            find(r#"{"data": []}"#),
            "missing field `id` at line 1 column 12"
        );
        assert_eq!(
            find(r#"{"id": 1, "#),
            "EOF while parsing a value at line 1 column 10"
        );
        assert_eq!(
            find(r#"{"id": 1, "data": []} x"#),
            "trailing characters at line 1 column 23"
        );
    }

    #[test]
    fn an_array_is_split_without_decoding_its_elements() {
        let split = |bytes| {
            elements(bytes).map(|elements| {
                elements
                    .into_iter()
                    .map(|e| String::from_utf8_lossy(e).into_owned())
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(split(b" [ ] "), Some(vec![]));
        assert_eq!(
            split(b" [ {\"a\": [1, \"],[\"]} , null,1.5e3 ,\"x\\\"]\" ] "),
            Some(vec![
                "{\"a\": [1, \"],[\"]}".to_owned(),
                "null".to_owned(),
                "1.5e3".to_owned(),
                "\"x\\\"]\"".to_owned()
            ])
        );
        assert_eq!(
            split(b"[\"\xff\",2]").map(|elements| elements.len()),
            Some(2)
        );
        let count = |bytes: &[u8]| elements(bytes).map(|elements| elements.len());
        let zeros = |count| format!("[{}0]", "0,".repeat(count - 1));
        assert_eq!(count(zeros(MAX_ELEMENTS).as_bytes()), Some(MAX_ELEMENTS));
        assert_eq!(count(zeros(MAX_ELEMENTS + 1).as_bytes()), None);
        for not_an_array in [&b""[..], b"{}", b"null", b"[1", b"[1,]", b"[1]x", b"[,]"] {
            assert_eq!(split(not_an_array), None);
        }
    }

    #[test]
    fn the_identity_of_an_absurdly_long_item_is_not_decoded() {
        let item = |padding| format!(r#"{{"id":1,"number":2,"x":"{}"}}"#, "x".repeat(padding));
        assert_eq!(identity(item(MAX_ITEM / 2).as_bytes()), [Some(1), Some(2)]);
        assert_eq!(identity(item(MAX_ITEM).as_bytes()), [None, None]);
    }
}
