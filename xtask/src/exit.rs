//! The exit codes of all commands.

pub(crate) const HELP: &str =
    "Exit codes: 0 fine, 4 what is checked in is not as it should be, 1 failure.";
pub(crate) const FAILURE: u8 = 1;
/// Stale files, drift, a public interface that was not reviewed, or a release that lacks something.
pub(crate) const AMISS: u8 = 4;
