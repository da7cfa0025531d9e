//! Shows an organization's open requests of both kinds, most urgent first.
//!
//! ```text
//! cargo run -p github-bypass-requests --example queue
//! ```
//!
//! Without a token in the environment, the example uses a fake GitHub in the same process.

mod connect;
mod printable;
mod table;

use std::error::Error;
use std::process::ExitCode;

use chrono::Utc;
use clap::Parser;
use github_bypass_requests::{AnyBypassRequest, ListProgress, StatusFilter};

use crate::printable::printable;
use crate::table::{cell, table};

#[derive(Parser)]
#[command(about = "Shows the open requests of an organization, most urgent first")]
struct Cli {
    /// Organization whose requests are shown.
    #[arg(default_value = "octo-org")]
    organization: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Box<dyn Error>> {
    let connection = connect::connect().await?;
    connect::show(format!("{}\n", connection.notice))?;

    let queue = connection.client.organization(cli.organization).queue();
    let mut open = queue.status(StatusFilter::Open).stream();
    let mut requests = Vec::new();
    let mut errors = Vec::new();
    loop {
        match open.try_next().await {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => break,
            // Many tokens can read only one kind. Show the requests of that kind.
            Err(error) => errors.push(error),
        }
    }

    let now = Utc::now();
    requests.retain(|request| request.is_reviewable(now));
    // Requests that never expire come last.
    requests.sort_by_key(|request| (request.expires_at().is_none(), request.expires_at()));
    let mut table = table(["EXPIRES IN", "KIND", "REQUEST"]);
    for request in &requests {
        let left = request.expires_in(now).map_or("-".to_owned(), |left| {
            format!("{}d {}h", left.num_days(), left.num_hours() % 24)
        });
        let kind = match request {
            AnyBypassRequest::SecretScanning(_) => "secret",
            AnyBypassRequest::PushRules(_) => "push rule",
            _ => "other",
        };
        let mut lines = vec![printable(&request.to_string())];
        lines.extend(request.web_link().map(printable));
        table.add_row([left, kind.to_owned(), cell(&lines)]);
    }
    let lists = open.progress();
    if lists.iter().any(|list| list.pages > 0) {
        let known = if errors.is_empty() { "" } else { "at least " };
        connect::show(table.trim_fmt())?;
        connect::show(format!(
            "\n{known}{} requests wait for a review",
            requests.len()
        ))?;
    }
    if errors.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for error in errors {
        eprintln!("error: {error}");
    }
    for progress in lists {
        eprintln!("{}: {}", extent(&progress), progress.list);
    }
    Ok(ExitCode::FAILURE)
}

/// Describes how much of a list was read.
fn extent(progress: &ListProgress) -> String {
    match (progress.is_finished, progress.pages) {
        (true, _) => "read to the end".to_owned(),
        (false, 0) => "not read".to_owned(),
        (false, pages) => format!("read up to page {pages}"),
    }
}
