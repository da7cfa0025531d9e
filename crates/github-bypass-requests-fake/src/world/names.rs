//! Compares names without regard to case, and derives the ids of users from their logins.

use crate::fingerprint::fingerprint;

pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The id of a user, derived from the login.
pub(crate) fn actor_id(login: &str) -> u64 {
    // A positive 31-bit number, like real ids.
    fingerprint(login.to_ascii_lowercase().as_bytes()) % 0x7fff_ffff + 1
}
