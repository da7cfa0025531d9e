//! The exit codes of all commands.

pub(crate) const HELP: &str = "Exit codes: 0 success, 4 a check failed, 1 any other error.";
pub(crate) const FAILURE: u8 = 1;
/// A check failed: it found drift, outdated files, an unreviewed public interface, or an incomplete
/// release.
pub(crate) const CHECK_FAILED: u8 = 4;
