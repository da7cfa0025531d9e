//! The HTTP side: from a request to the world and back.

mod admin;
mod admission;
mod answer;
mod call;
mod connection;
mod fault_queue;
pub(crate) mod http;
mod link;
mod list_query;
mod misbehaviour;
mod operations;
mod path;
mod rate_limit;
mod refusal;
mod representation;
mod review;
pub(crate) mod state;
