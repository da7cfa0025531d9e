//! The commands.

mod completion;
mod decide;
mod list;
mod report;
mod review;
mod undo;
mod view;
mod watch;

use chrono::Utc;
use github_bypass_requests::Decision;

use crate::args::{Args, Command};
use crate::failure::Result;
use crate::terminal::Terminal;

/// Runs the command that the arguments name.
pub(crate) async fn run(args: &Args, command: &Command) -> Result<()> {
    let terminal = &Terminal::detect();
    let now = Utc::now();
    match command {
        Command::List(list) => list::run(args, list, terminal, now).await,
        Command::View(view) => view::run(args, view, terminal, now).await,
        Command::Approve(decide) => decide::run(args, decide, Decision::Approve, terminal).await,
        Command::Reject(decide) => decide::run(args, decide, Decision::Reject, terminal).await,
        Command::Undo(undo) => undo::run(args, undo, terminal, now).await,
        Command::Review(review) => review::run(args, review, terminal, now).await,
        Command::Watch(watch) => watch::run(args, watch, terminal, now).await,
        Command::Report(report) => report::run(args, report, terminal, now).await,
        Command::Completion(completion) => completion::run(completion),
    }
}
