//! Which operations the fragment describes, and which of GitHub's operations it is compared with.

/// This file, for messages.
pub(crate) const FILE: &str = file!();

/// An operation belongs to the family if its path has one of these segments.
pub(crate) const SEGMENTS: [&str; 2] = ["bypass-requests", "bypass-responses"];

pub(crate) fn contains(path: &str) -> bool {
    path.split('/').any(|segment| SEGMENTS.contains(&segment))
}
