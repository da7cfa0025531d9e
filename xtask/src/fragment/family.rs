//! Selects the operations that the fragment describes and that `drift` compares.

/// The path of this file, for error messages.
pub(crate) const FILE: &str = file!();

/// An operation belongs to the family if its path contains one of these segments.
pub(crate) const SEGMENTS: [&str; 2] = ["bypass-requests", "bypass-responses"];

pub(crate) fn contains(path: &str) -> bool {
    path.split('/').any(|segment| SEGMENTS.contains(&segment))
}
