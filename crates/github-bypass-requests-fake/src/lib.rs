#![doc = include_str!("../README.md")]
// A fake that panics fails the test of somebody else, and far from the cause.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod access;
mod bypass_request;
mod clock;
mod connection;
mod demo;
mod fake;
mod fault;
mod findings;
mod new_request;
mod service;
mod world;

pub use access::Access;
pub use bypass_request::ChangeError;
pub use clock::Clock;
pub use demo::Demo;
pub use fake::{Builder, Fake};
pub use fault::{Fault, InvalidFault};
pub use findings::{BypassReason, RuleType, RuleViolation, SecretFinding};
pub use new_request::{NewRequest, OpenedRequest};
