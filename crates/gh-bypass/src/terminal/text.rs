//! Text from servers, made safe to print.

/// Makes other people's text safe to print on one line: escapes control characters, line breaks,
/// and characters that are invisible or change the direction of text.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if is_hidden(char) {
            out.extend(char.escape_default());
        } else {
            out.push(char);
        }
    }
    out
}

/// Makes text safe for a field of tab-separated output. Backslashes are escaped as well, so that the
/// original can be restored.
pub(crate) fn field(text: &str) -> String {
    visible(&text.replace('\\', "\\\\"))
}

/// Escapes hidden characters in JSON. The result is the same JSON, and safe to print.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        // In serialized JSON, the only control characters are line breaks.
        if is_hidden(char) && !char.is_ascii_whitespace() {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(char);
        }
    }
    out
}

/// Returns true if a terminal would not show the character as it is.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Returns `count` and the noun, in the singular if `count` is 1.
pub(crate) fn count(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped() {
        assert_eq!(visible("a\u{1b}[31mb\r\n\tc"), "a\\u{1b}[31mb\\r\\n\\tc");
        assert_eq!(visible("ab\u{202e}gpj.exe"), "ab\\u{202e}gpj.exe");
        assert_eq!(visible("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(
            visible("Grüße, 世界 'q' \"d\" \\"),
            "Grüße, 世界 'q' \"d\" \\"
        );
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let value = serde_json::json!({"a": "\u{9b}31m\u{202e}b\u{e0001}\n\u{1b}"});
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        let escaped = json(&text);
        assert!(
            !escaped.chars().any(|char| is_hidden(char) && char != '\n'),
            "{escaped}"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&escaped).expect("JSON"),
            value
        );
    }

    #[test]
    fn a_field_can_be_restored() {
        assert_eq!(field("C:\\new\nline\tend"), "C:\\\\new\\nline\\tend");
    }
}
