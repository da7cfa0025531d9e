//! Tests of the workspace as a whole, by topic.

mod call_timeout;
mod checked_reviews;
mod connection;
mod end_to_end;
mod errors;
mod examples;
mod fake;
mod faults;
mod fragment;
mod house;
mod json_schema;
mod models;
mod pagination;
mod places;
mod queue;
mod read_ahead;
mod resume;
mod schema;
mod support;
mod surface;
mod tokens;
mod usage;
mod vocabulary;
mod watch;
mod windows;
mod wire;
