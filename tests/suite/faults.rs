//! The fault catalogue: what the client does when the network or the server misbehaves.
//!
//! The name of a test starts with the number of its fault.

mod advice;
mod bodies;
pub(crate) mod calls;
pub(crate) mod capture;
pub(crate) mod checks;
pub(crate) mod clean;
mod compression;
mod connecting;
pub(crate) mod harness;
mod input;
mod leaks;
mod paging;
mod rate_limits;
mod redirects;
mod state;
mod status;
mod tls;
mod transport;
mod writes;
