//! `gh bypass`: reviews GitHub's bypass requests on the command line.
//!
//! # Where the code is
//!
//! Each row of this table is a layer. A layer uses only the layers above it:
//!
//! | layer | contents |
//! |---|---|
//! | `args`, `failure` | the command line; exit codes |
//! | `terminal` | colors, width, tables, times, the pager, prompts |
//! | `github` | the host and the token, the scope, filters, reading |
//! | `output` | a request as a row, as a card and as JSON |
//! | `write` | reviews, dismissals and the audit log |
//! | `command` | the commands; they do not use each other |
//! | `main` | starts a command |

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable
)]

mod args;
mod command;
mod failure;
mod github;
mod output;
mod terminal;
mod write;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::Args;
use crate::failure::{Code, Failure, Result};
use crate::output::jq;
use crate::terminal::{variable, warn};

fn main() -> ExitCode {
    if let Some(code) = jq::serve_if_asked() {
        return code;
    }
    let args = Args::parse();
    match run(&args) {
        Ok(()) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Reported(code)) => exit(code),
        Err(Failure::Message(code, message)) => {
            warn(&message);
            exit(code)
        }
    }
}

fn exit(code: Code) -> ExitCode {
    ExitCode::from(code as u8)
}

fn run(args: &Args) -> Result<()> {
    log_requests();
    let Some(command) = &args.command else {
        return terminal::print(&Args::command().render_long_help().to_string());
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime =
        runtime.map_err(|error| Failure::failed(format!("the program cannot start: {error}")))?;
    let result = runtime.block_on(command::run(args, command));
    // A thread that waits for a key must not delay the exit.
    runtime.shutdown_background();
    result
}

/// Logs each HTTP request to standard error if `GH_DEBUG` is set. As for `gh`, `0`, `false` and
/// `no` count as not set.
fn log_requests() {
    let is_off = |value: &String| matches!(value.as_str(), "0" | "false" | "no");
    if variable("GH_DEBUG").is_none_or(|value| is_off(&value)) {
        return;
    }
    let requests = Targets::new().with_target("github_bypass_requests", LevelFilter::DEBUG);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(layer.with_filter(requests))
        .init();
}
