//! Checks the crates before they are published.

pub(crate) mod features;
pub(crate) mod package;
pub(crate) mod public_api;
mod workspace;
