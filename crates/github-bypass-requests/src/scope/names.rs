//! Names that become a segment of a URL or the value of a filter.

use std::fmt;
use std::sync::Arc;

use crate::error::InvalidInput;

/// The name of an enterprise, organization, owner or repository that is safe in a URL's path.
///
/// The generated client percent-encodes most, but `.` and `..` it leaves alone, and a URL parser
/// then collapses them: `..` as an owner would reach another endpoint, with the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slug(Arc<str>);

const MAX_SLUG: usize = 100;

impl Slug {
    pub(crate) fn parse(what: &str, name: &str) -> Result<Self, InvalidInput> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if matches!(name, "" | "." | "..") || name.len() > MAX_SLUG || !name.bytes().all(allowed) {
            return Err(InvalidInput::new(format!(
                "{what} {name:?} is not a name of 1 to {MAX_SLUG} letters, digits, `-`, `_` or `.`"
            )));
        }
        Ok(Self(name.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The login of a user or an app (`dependabot[bot]`), as a filter takes it.
#[derive(Clone, Debug)]
pub(crate) struct Login(Arc<str>);

impl Login {
    pub(crate) fn parse(what: &str, login: &str) -> Result<Self, InvalidInput> {
        let allowed = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'[' | b']')
        };
        if login.is_empty() || login.len() > MAX_SLUG || !login.bytes().all(allowed) {
            return Err(InvalidInput::new(format!(
                "{what} {login:?} is not a login"
            )));
        }
        Ok(Self(login.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
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
            assert_eq!(Slug::parse("owner", name).expect(name).as_str(), name);
        }
        let long = "a".repeat(101);
        for name in [
            "", ".", "..", "a/b", "a\\b", "%2e%2e", "a%2Fb", "a?x", "a#x", "a\0", "a\r\nb", "é",
            " a", &long,
        ] {
            let error = Slug::parse("owner", name).expect_err(name);
            assert!(error.to_string().starts_with("owner "), "{error}");
            assert!(!error.to_string().contains(['\0', '\n', '\r']), "{error:?}");
        }
    }

    #[test]
    fn a_login_may_be_a_bot() {
        assert_eq!(
            Login::parse("reviewer", "dependabot[bot]")
                .map(|l| l.as_str().len())
                .ok(),
            Some(15)
        );
        for login in ["", "mona lisa", "a&b=c", "@mona"] {
            Login::parse("reviewer", login).expect_err(login);
        }
    }
}
