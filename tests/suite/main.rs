//! Tests of the workspace as a whole, by topic.

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
