//! The location of a secret in a file.

use std::fmt;

use serde::Serialize;

use crate::model::secret_finding::SecretFinding;

/// The location of a secret in a file. Created by [`SecretFinding::location`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Location {
    /// Path from the root of the repository, with a leading slash as GitHub writes it.
    pub path: String,
    /// Line, as GitHub counts it.
    pub line: u64,
    /// Column, as GitHub counts it. It can be 0.
    pub column: u64,
}

/// GitHub's notation: `/tests/README.md:16:0`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, column } = self;
        write!(f, "{path}:{line}:{column}")
    }
}

impl SecretFinding {
    /// Returns the parts of [`path`](Self::path). `None` if it does not end with a line and a
    /// column.
    ///
    /// # Examples
    ///
    /// ```
    /// use github_bypass_requests::SecretFinding;
    ///
    /// let finding: SecretFinding = serde_json::from_str(r#"{"path": "/tests/a:b.md:16:0"}"#)?;
    /// let location = finding.location().ok_or("no location")?;
    /// assert_eq!((location.path.as_str(), location.line, location.column), ("/tests/a:b.md", 16, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn location(&self) -> Option<Location> {
        let (rest, column) = self.path.as_deref()?.rsplit_once(':')?;
        let (path, line) = rest.rsplit_once(':')?;
        // `parse` alone would also accept a sign.
        let number = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        };
        Some(Location {
            line: number(line)?,
            column: number(column)?,
            path: path.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_without_line_and_column_has_no_location() {
        let location = |path: &str| {
            let path = Some(path.to_owned());
            SecretFinding {
                path,
                ..SecretFinding::default()
            }
            .location()
        };
        for path in [
            "",
            "/README.md",
            "/a:1",
            "/a:1:",
            "/a::1",
            "/a:x:1",
            "/a:+1:1",
            "/a:1:-1",
            "/a:99999999999999999999:1",
        ] {
            assert_eq!(location(path), None, "{path}");
        }
        for path in ["/tests/README.md:16:0", ":0:0", "/é:1:2", "/C:\\x:3:4"] {
            assert_eq!(
                location(path)
                    .map(|location| location.to_string())
                    .as_deref(),
                Some(path)
            );
        }
    }
}
