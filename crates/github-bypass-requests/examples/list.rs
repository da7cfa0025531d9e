//! Lists the open requests of an organization, of both kinds, most urgent first.
//!
//! ```text
//! cargo run -p github-bypass-requests --example list -- octo-org
//! ```
//!
//! Without a token in the environment, the example uses a fake GitHub in the same process.

mod connect;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use chrono::Utc;
use github_bypass_requests::StatusFilter;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (client, _fake) = connect::connect().await?;
    let organization = env::args().nth(1).unwrap_or_else(|| "octo-org".to_owned());

    let queue = client.organization(organization).queue();
    let mut open = queue.status(StatusFilter::Open).stream();
    let mut requests = Vec::new();
    let mut errors = Vec::new();
    loop {
        match open.try_next().await {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => break,
            // Many tokens can read only one kind. The requests of the other kind are complete.
            Err(error) => errors.push(error),
        }
    }

    let now = Utc::now();
    requests.retain(|request| request.is_reviewable(now));
    // Requests that never expire come last.
    requests.sort_by_key(|request| (request.expires_at().is_none(), request.expires_at()));
    for request in &requests {
        let left = match request.expires_in(now) {
            Some(left) => format!("{} hours left", left.num_hours()),
            None => "no time limit".to_owned(),
        };
        // Other people wrote parts of the text, so escape its control characters.
        let text = request.to_string();
        println!("{left}: {}: {}", request.kind(), text.escape_debug());
    }
    if errors.is_empty() {
        println!("{} requests are waiting for a review", requests.len());
        return Ok(ExitCode::SUCCESS);
    }
    for error in errors {
        eprintln!("error: {error}");
    }
    Ok(ExitCode::FAILURE)
}
