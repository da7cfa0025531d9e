//! Everything that the commands read from GitHub.

pub(crate) mod filter;
pub(crate) mod host;
pub(crate) mod read;
pub(crate) mod reference;
pub(crate) mod remote;
pub(crate) mod repository;
pub(crate) mod scope;
pub(crate) mod session;
