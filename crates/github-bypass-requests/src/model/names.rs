//! Validates names that are used as path segments of a URL or as values of a filter.

use std::ops::Deref;
use std::sync::Arc;

use crate::error::InvalidInput;

/// A valid name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(Arc<str>);

const MAX_LENGTH: usize = 100;

impl Name {
    /// Parses the name of an enterprise, organization, owner or repository: one segment of a path.
    ///
    /// `.` and `..` are rejected. The generated client does not percent-encode them, and a URL
    /// parser resolves them. With the owner `..`, the token would be sent to another endpoint.
    pub(crate) fn slug(what: &str, name: &str) -> Result<Self, InvalidInput> {
        Self::parse(name, b"-_.")
            .filter(|_| !matches!(name, "." | ".."))
            .ok_or_else(|| {
                InvalidInput::new(format!(
                    "`{what}` must be a name of 1 to {MAX_LENGTH} letters, digits, `-`, `_` or `.`, not {name:?}"
                ))
            })
    }

    /// Parses the login of a user or an app (`dependabot[bot]`).
    pub(crate) fn login(what: &str, login: &str) -> Result<Self, InvalidInput> {
        Self::parse(login, b"-_.[]")
            .ok_or_else(|| InvalidInput::new(format!("`{what}` must be a login, not {login:?}")))
    }

    /// Parses 1 to [`MAX_LENGTH`] letters, digits and `others`.
    fn parse(name: &str, others: &[u8]) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
        let is_name = (1..=MAX_LENGTH).contains(&name.len()) && name.bytes().all(allowed);
        is_name.then(|| Self(name.into()))
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_one_segment_of_a_path() {
        for name in [
            "octo-org",
            "a..b",
            ".github",
            "A-b_c.d",
            "0",
            &"a".repeat(100),
        ] {
            assert_eq!(&*Name::slug("owner", name).expect(name), name);
        }
        let long = "a".repeat(101);
        for name in [
            "", ".", "..", "a/b", "a\\b", "%2e%2e", "a%2Fb", "a?x", "a#x", "a\0", "a\r\nb", "é",
            " a", &long,
        ] {
            let error = Name::slug("owner", name).expect_err(name);
            assert!(error.to_string().starts_with("`owner` must be "), "{error}");
            assert!(!error.to_string().contains(['\0', '\n', '\r']), "{error:?}");
        }
    }

    #[test]
    fn a_login_may_be_a_bot() {
        assert_eq!(
            Name::login("reviewer", "dependabot[bot]")
                .map(|l| l.len())
                .ok(),
            Some(15)
        );
        for login in ["", "mona lisa", "a&b=c", "@mona"] {
            Name::login("reviewer", login).expect_err(login);
        }
    }
}
