#![doc = include_str!("../README.md")]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable
)]
// The layers, lowest first. Each uses only the layers that are declared before it.

// Reading a response: headers, `Link`, JSON, error bodies. No network, and no `Error`.
mod response {
    pub(crate) mod error_body;
    pub(crate) mod escape;
    pub(crate) mod excerpt;
    pub(crate) mod head;
    pub(crate) mod headers;
    pub(crate) mod json;
    pub(crate) mod link;
    pub(crate) mod meta;
}

mod error;

// Bypass requests, with GitHub's names for fields and values.
mod model {
    pub(crate) mod actor;
    pub(crate) mod any;
    pub(crate) mod carry_over;
    pub(crate) mod ids;
    pub(crate) mod kind;
    pub(crate) mod location;
    pub(crate) mod names;
    pub(crate) mod open_enum;
    pub(crate) mod origin;
    pub(crate) mod request;
    pub(crate) mod response;
    pub(crate) mod review;
    pub(crate) mod rule_violation;
    pub(crate) mod secret_finding;
    pub(crate) mod standing;
    pub(crate) mod vocabulary;
}

// One host: connection, attempts, retries, rate limits, pacing.
mod transport {
    pub(crate) mod attempts;
    pub(crate) mod base_url;
    pub(crate) mod body;
    pub(crate) mod connection;
    pub(crate) mod delay;
    pub(crate) mod gate;
    pub(crate) mod in_doubt;
    pub(crate) mod lock;
    pub mod logging;
    pub(crate) mod outcome;
    pub(crate) mod pace;
    pub(crate) mod policy;
    pub(crate) mod proxy;
    pub(crate) mod rate_limit;
    pub(crate) mod redirect;
    pub(crate) mod retry_budget;
    pub(crate) mod start;
    pub(crate) mod task;
    pub(crate) mod tls;
    pub(crate) mod usage;
    pub(crate) mod verdict;
}

// Tokens: sources, the token cache, the GitHub CLI, GitHub Apps.
mod auth {
    pub(crate) mod cached;
    pub(crate) mod environment;
    pub(crate) mod gh_cli;
    #[cfg(feature = "github-app")]
    pub(crate) mod installation;
    pub(crate) mod secret;
    pub(crate) mod sign_in;
    pub(crate) mod source;
}

mod client;

mod builder;
mod call;
mod scope;

mod list;
mod review;

mod watch;

// Several lists as one.
mod queue {
    pub(crate) mod cursor;
    pub(crate) mod event;
    pub(crate) mod lists;
    pub(crate) mod member;
    pub(crate) mod position;
    pub(crate) mod stream;
    pub(crate) mod watch;
}

#[cfg(feature = "webhooks")]
pub mod webhook;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

pub use auth::cached::TokenCache;
pub use auth::gh_cli::GhCli;
#[cfg(feature = "github-app")]
pub use auth::installation::AppInstallation;
pub use auth::secret::Secret;
pub use auth::source::{Host, TokenFuture, TokenSource};
pub use builder::ClientBuilder;
pub use client::Client;
pub use error::kind::ErrorKind;
pub use error::{Error, Result};
pub use list::List;
pub use list::endpoint::Scope;
pub use list::page::Page;
pub use list::position::Position;
pub use list::stream::{PageStream, RequestStream};
pub use list::window::TimeWindow;
pub use model::actor::Actor;
pub use model::any::AnyBypassRequest;
pub use model::ids::{RequestId, RequestNumber, ResponseId};
pub use model::location::Location;
pub use model::origin::{OrganizationRef, RepositoryRef};
pub use model::request::{BypassKind, BypassRequest};
pub use model::response::BypassResponse;
pub use model::review::{Confirmation, Dismissal, Review};
pub use model::rule_violation::RuleViolation;
pub use model::secret_finding::SecretFinding;
pub use model::vocabulary::{
    BypassReason, Decision, RequestStatus, RequestType, ResponseStatus, RuleType, StatusFilter,
    TimePeriod,
};
pub use queue::cursor::QueueCursor;
pub use queue::event::QueueEvent;
pub use queue::lists::Queue;
pub use queue::position::QueuePosition;
pub use queue::stream::{ListProgress, QueueStream};
pub use queue::watch::{QueueEventStream, QueueWatch};
pub use response::meta::{RateLimit, ResponseMeta};
pub use review::checked::{ReviewIfOpen, ReviewOutcome, ReviewResult};
pub use review::read::Fetched;
pub use scope::{Enterprise, Organization, PushRules, Repository, SecretScanning};
pub use transport::logging;
pub use transport::usage::Usage;
pub use watch::cursor::WatchCursor;
pub use watch::event::{Change, WatchEvent};
pub use watch::monitor::{WatchMonitor, WatchStatus};
pub use watch::{EventStream, Watch};
