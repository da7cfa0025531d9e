//! Selects the operations and webhooks that the fragment describes and that `drift` compares.

/// The path of this file, for error messages.
pub(crate) const FILE: &str = file!();

/// An operation belongs to the family if its path contains one of these segments.
pub(crate) const SEGMENTS: [&str; 2] = ["bypass-requests", "bypass-responses"];

/// A webhook belongs to the family if its name contains one of these strings.
pub(crate) const WEBHOOKS: [&str; 3] = ["bypass-request", "dismissal-request", "exemption-request"];

pub(crate) fn contains(path: &str) -> bool {
    path.split('/').any(|segment| SEGMENTS.contains(&segment))
}

pub(crate) fn contains_webhook(name: &str) -> bool {
    WEBHOOKS.iter().any(|part| name.contains(part))
}

/// The objects that GitHub adds to the payload of each webhook, and those of their fields that the
/// fragment describes. `drift` ignores their other fields, which have nothing to do with this
/// family and which GitHub changes often.
pub(crate) const ENVELOPE: [(&str, &[&str]); 5] = [
    ("enterprise", &["id", "name", "slug"]),
    ("installation", &["id"]),
    ("organization", &["id", "login"]),
    ("repository", &["full_name", "id", "name"]),
    ("sender", &["id", "login"]),
];
