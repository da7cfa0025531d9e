//! Requests and all they hold, with GitHub's field names.
//!
//! Each type is decoded as the generated struct and carried over by a destructuring pattern without
//! `..`: a field that is new in the OpenAPI fragment does not compile until it is carried over.

mod actor;
mod any;
mod location;
mod origin;
mod request;
mod response;
mod review;
mod rule_violation;
mod secret_finding;
mod standing;

pub use actor::Actor;
pub use any::AnyBypassRequest;
pub use location::Location;
pub use origin::{OrganizationRef, RepositoryRef};
pub(crate) use request::Wired;
pub use request::{BypassKind, BypassRequest};
pub use response::BypassResponse;
pub use review::{Confirmation, Dismissal, Review};
pub use rule_violation::RuleViolation;
pub use secret_finding::SecretFinding;

/// Null elements of a list, and a list that is null or absent, count for nothing.
fn present<Wire, T: From<Wire>>(elements: Option<Vec<Option<Wire>>>) -> Vec<T> {
    elements
        .into_iter()
        .flatten()
        .flatten()
        .map(T::from)
        .collect()
}
