//! Checks the crates before they are published, and writes the manual and the pictures of
//! `gh-bypass`.

pub(crate) mod features;
pub(crate) mod manual;
pub(crate) mod package;
#[cfg(unix)]
pub(crate) mod pictures;
pub(crate) mod public_api;
mod workspace;
