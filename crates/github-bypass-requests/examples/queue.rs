//! Shows an organization's open requests of both kinds, most urgent first.
//!
//! ```text
//! cargo run -p github-bypass-requests --example queue
//! ```
//!
//! Without a token in the environment, the example uses a fake GitHub in the same process.

mod connect;
mod printable;

use std::error::Error;
use std::process::ExitCode;

use chrono::Utc;
use clap::Parser;
use comfy_table::{Table, presets};
use github_bypass_requests::{AnyBypassRequest, StatusFilter};

use crate::printable::printable;

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
    let mut code = ExitCode::SUCCESS;
    loop {
        match open.try_next().await {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => break,
            // Many tokens can read only one kind. Show the requests of that kind.
            Err(error) => {
                eprintln!("some requests are missing: {error}\n");
                code = ExitCode::FAILURE;
            }
        }
    }

    let now = Utc::now();
    requests.retain(|request| request.is_reviewable(now));
    // Requests that never expire come last.
    requests.sort_by_key(|request| (request.expires_at().is_none(), request.expires_at()));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["EXPIRES IN", "KIND", "REQUEST", "LINK"]);
    for request in &requests {
        let left = request.expires_in(now).map_or("-".to_owned(), |left| {
            format!("{}d {}h", left.num_days(), left.num_hours() % 24)
        });
        let kind = match request {
            AnyBypassRequest::SecretScanning(_) => "secret",
            AnyBypassRequest::PushRules(_) => "push rule",
            _ => "other",
        };
        let link = request.web_link().unwrap_or("-");
        table.add_row([
            left,
            kind.to_owned(),
            printable(&request.to_string()),
            printable(link),
        ]);
    }
    connect::show(table.trim_fmt())?;
    connect::show(format!("\n{} requests wait for a review", requests.len()))?;
    Ok(code)
}
