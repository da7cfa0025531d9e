//! Approves what a written policy lets through, and says why; leaves the rest to people.
//!
//! ```text
//! cargo run -p github-bypass-requests --example bot
//! cargo run -p github-bypass-requests --example bot -- --act
//! ```
//!
//! A dry run unless `--act` is given. Each decision is one line of JSON on the standard output: who,
//! what, why, and GitHub's name of the exchange. Without a token in the environment it runs on a fake
//! GitHub in the same process.

mod connect;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Parser;
use github_bypass_requests::{
    BypassReason, BypassRequest, Decision, ReviewOutcome, SecretFinding, StatusFilter,
};
use serde::Serialize;

#[derive(Parser)]
#[command(about = "Approves what a written policy lets through, and says why")]
struct Cli {
    /// Organization to look at.
    #[arg(default_value = "octo-org")]
    organization: String,
    /// Where test secrets may live.
    #[arg(long, value_name = "PATH", default_value = "/tests/", value_parser = folder)]
    under: String,
    /// Review for real.
    #[arg(long)]
    act: bool,
}

/// Without one, everything would be let through.
fn folder(path: &str) -> Result<String, String> {
    let is_folder = path.starts_with('/') && !path.trim_matches('/').is_empty();
    let path = is_folder.then(|| path.to_owned());
    path.ok_or_else(|| "not a folder like /tests/".to_owned())
}

/// The policy: **a secret that is only used in tests, and lies where tests live, may be pushed.**
/// Everything else is for people.
struct Policy {
    under: String,
}

impl Policy {
    /// Why the request is let through; `None` if it is not.
    fn lets_through(&self, request: &BypassRequest<SecretFinding>) -> Option<String> {
        let is_harmless = |finding: &SecretFinding| {
            let location = finding.location();
            finding.bypass_reason == Some(BypassReason::UsedInTests)
                && location.is_some_and(|it| self.lies_within(&it.path))
        };
        let all = !request.data.is_empty() && request.data.iter().all(is_harmless);
        all.then(|| format!("only used in tests, and lies under {}", self.under))
    }

    /// A path that climbs back out is none of ours, nor is `/tests-of-others`.
    fn lies_within(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.under.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/')) && !path.split('/').any(|part| part == "..")
    }
}

/// A line of the audit log.
#[derive(Serialize)]
struct Audit<'a> {
    at: DateTime<Utc>,
    who: &'static str,
    what: String,
    requested_by: String,
    decision: String,
    why: &'a str,
    outcome: String,
    response_id: Option<i64>,
    /// As GitHub's support asks for it.
    request_id: Option<&'a str>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Box<dyn Error>> {
    let connection = connect::connect().await?;
    eprintln!("{}", connection.notice);
    let client = &connection.client;
    let policy = Policy { under: cli.under };

    // Read everything, then act: each decision changes the list that is being read.
    let list = client
        .organization(cli.organization)
        .secret_scanning()
        .list();
    let mut open = list.status(StatusFilter::Open).stream();
    let mut requests = Vec::new();
    while let Some(request) = open.try_next().await? {
        requests.push(request);
    }

    let mut left = 0;
    for request in &requests {
        let Some(why) = policy.lets_through(request) else {
            left += 1;
            continue;
        };
        let repository = client.repository_of(request)?.secret_scanning();
        let message = format!("Approved by policy: {why}.");
        let mut review = repository.review_if_open(request.number, Decision::Approve, message);
        if !cli.act {
            review = review.dry_run();
        }
        let outcome = review.await;
        audit(request, &why, &outcome)?;
        // What has failed, or is unknown, is for a person to look at.
        let _ = outcome?;
    }
    eprintln!("{left} of {} are left to people", requests.len());
    Ok(())
}

/// Fails where the line cannot be written: nobody decides unseen.
fn audit(
    request: &BypassRequest<SecretFinding>,
    why: &str,
    outcome: &Result<ReviewOutcome, github_bypass_requests::Error>,
) -> Result<(), Box<dyn Error>> {
    let review = match outcome {
        Ok(ReviewOutcome::Reviewed { review, .. }) => Some(review),
        _ => None,
    };
    let line = Audit {
        at: Utc::now(),
        who: "example-bot",
        what: format!("{}#{}", request.repository, request.number),
        requested_by: request.requester.to_string(),
        decision: Decision::Approve.to_string(),
        why,
        outcome: match outcome {
            Ok(outcome) => outcome.to_string(),
            Err(error) => format!("failed: {error}"),
        },
        response_id: review.and_then(|review| review.response_id).map(i64::from),
        request_id: match outcome {
            Ok(_) => review.and_then(|review| review.meta.request_id.as_deref()),
            Err(error) => error.request_id(),
        },
    };
    writeln!(io::stdout(), "{}", serde_json::to_string(&line)?)?;
    Ok(())
}
