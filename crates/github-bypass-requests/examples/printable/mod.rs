//! Safe output of untrusted text on a terminal.

/// Escapes control characters, because other people wrote the text.
pub(crate) fn printable(text: &str) -> String {
    let escaped: String = text.chars().flat_map(char::escape_debug).collect();
    escaped.replace("\\'", "'").replace("\\\"", "\"")
}
