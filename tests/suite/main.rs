//! Tests of the workspace as a whole, by topic.

mod end_to_end;
mod errors;
mod examples;
mod fragment;
mod house;
mod models;
mod pagination;
mod support;
mod surface;
mod vocabulary;
mod wire;
