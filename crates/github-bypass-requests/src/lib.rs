#![doc = include_str!("../README.md")]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )
)]

mod attempt;
mod base_url;
mod builder;
mod call;
mod checked_review;
mod client;
mod decode;
mod error;
mod escape;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a property that does not hold is told by panicking"
)]
pub mod fuzzing;
mod gate;
mod gh_cli;
mod ids;
#[cfg(feature = "github-app")]
mod installation;
mod link;
mod list;
mod model;
mod names;
mod open_enum;
mod outcome;
mod pace;
mod paging;
mod position;
mod queue;
mod read_ahead;
mod read_back;
mod repository;
mod response_meta;
mod retry_budget;
mod scope;
mod secret;
mod single_flight;
mod task;
mod tls;
mod token;
mod token_source;
mod transport;
mod verdict;
mod vocabulary;
mod wait;
mod watch;
mod window;

pub use builder::ClientBuilder;
pub use checked_review::{CheckedReview, ReviewOutcome};
pub use client::Client;
pub use error::{Error, Result};
pub use gh_cli::GhCli;
pub use ids::{RequestId, RequestNumber, ResponseId};
#[cfg(feature = "github-app")]
pub use installation::AppInstallation;
pub use list::List;
pub use model::{
    Actor, AnyBypassRequest, BypassKind, BypassRequest, BypassResponse, Confirmation, Dismissal,
    Location, OrganizationRef, RepositoryRef, Review, RuleViolation, SecretFinding,
};
pub use paging::{Page, PageStream, RequestStream};
pub use position::Position;
pub use queue::{Queue, QueueStream};
pub use response_meta::{RateLimit, ResponseMeta};
pub use scope::{Enterprise, Organization, PushRules, Repository, Scope, SecretScanning};
pub use secret::Secret;
pub use token_source::{Host, TokenFuture, TokenSource};
pub use vocabulary::{
    BypassReason, Decision, RequestStatus, RequestType, ResponseStatus, RuleType, StatusFilter,
    TimePeriod,
};
pub use watch::{Change, EventStream, Watch, WatchCursor, WatchEvent};
pub use window::Window;
