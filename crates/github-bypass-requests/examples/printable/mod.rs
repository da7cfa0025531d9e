//! Text of others on a terminal.

/// Others have written it: no control character may reach the terminal.
pub(crate) fn printable(text: &str) -> String {
    let escaped: String = text.chars().flat_map(char::escape_debug).collect();
    escaped.replace("\\'", "'").replace("\\\"", "\"")
}
