//! Makes untrusted text safe for terminals and log lines.

/// Escapes control characters, bidirectional overrides and other invisible characters, and
/// truncates the text to `max` bytes.
pub(crate) fn escape(text: &str, max: usize) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        let before = escaped.len();
        match character {
            // `escape_debug` would add a backslash.
            '"' | '\'' | '\\' => escaped.push(character),
            _ => escaped.extend(character.escape_debug()),
        }
        if escaped.len() > max {
            escaped.truncate(before);
            escaped.push('…');
            break;
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn control_and_invisible_characters_are_escaped() {
        assert_eq!(escape("a\u{1b}[31mb\r\nc", 99), r"a\u{1b}[31mb\r\nc");
        assert_eq!(
            escape("user\u{202e}txt\u{2066}\u{200b}\0", 99),
            r"user\u{202e}txt\u{2066}\u{200b}\0"
        );
        assert_eq!(escape("It's \"été\" 😀", 99), "It's \"été\" 😀");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(escape("ééé", 5), "éé…");
        assert_eq!(escape("ééé", 6), "ééé");
        assert_eq!(escape("a\u{1b}", 4), "a…");
    }
}
