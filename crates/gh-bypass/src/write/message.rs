//! The message to the requester.

/// The longest message that GitHub accepts, in characters.
const MAX_CHARS: usize = 2048;

/// Checks a message before anything is sent.
pub(crate) fn check(message: &str) -> Result<(), String> {
    let length = message.chars().count();
    if message.trim().is_empty() {
        return Err("the message is empty".to_owned());
    }
    if length > MAX_CHARS {
        return Err(format!(
            "the message has {length} characters; GitHub accepts at most {MAX_CHARS}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_1_to_2048_characters() {
        assert!(check("x").is_ok());
        assert!(check(&"ü".repeat(MAX_CHARS)).is_ok());
        assert!(check(&"x".repeat(MAX_CHARS + 1)).is_err());
        assert!(check("").is_err());
        assert!(check(" \n\t").is_err());
    }
}
