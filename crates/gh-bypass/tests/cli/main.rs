//! Runs the program against a fake GitHub.
#![cfg(unix)]

mod arguments;
mod decide;
mod jq;
mod list;
mod report;
mod review;
mod support;
mod token;
mod undo;
mod view;
mod watch;
