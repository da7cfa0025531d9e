#![doc = include_str!("../README.md")]
// A panic in the fake would fail a user's test, far from the cause.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod access;
mod clock;
mod delivery;
mod demo;
mod event_names;
mod fake;
mod fault;
mod fingerprint;
mod hook;
mod received;
mod service;
mod world;

pub use access::Access;
pub use clock::Clock;
pub use delivery::Delivery;
pub use demo::Demo;
pub use event_names::EventNames;
pub use fake::{Builder, Fake};
pub use fault::{Fault, InvalidFault};
pub use received::{Received, SentResponse};
pub use world::bypass_request::{BypassResponse, ChangeError, ResponseStatus};
pub use world::findings::{BypassReason, RuleType, RuleViolation, SecretFinding};
pub use world::new_request::{NewRequest, OpenedRequest};
pub use world::new_response::NewResponse;
