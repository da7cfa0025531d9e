//! The HTTP service. `http` routes requests to `operations`, which read and change the data in
//! `world`.

mod admin;
mod admission;
mod authentication;
mod call;
mod changes;
mod connection;
mod date;
mod etag;
mod fault_queue;
pub(crate) mod http;
mod json;
mod link;
mod list_query;
mod log;
mod misbehavior;
mod operations;
mod path;
mod rate_limit;
mod recording;
mod refusal;
mod representation;
mod review;
pub(crate) mod state;
pub(crate) mod webhooks;
