//! The fault catalogue: what the client does when the network or the server misbehaves.
//!
//! Test names carry the number of the case.

mod bodies;
pub(crate) mod calls;
pub(crate) mod capture;
pub(crate) mod checks;
pub(crate) mod clean;
pub(crate) mod harness;
mod input;
mod leaks;
mod paging;
mod rate_limits;
mod redirects;
mod status;
mod tls;
mod transport;
mod writes;
