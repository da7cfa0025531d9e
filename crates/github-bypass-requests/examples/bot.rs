//! Approves the requests that a written policy allows, and leaves the rest to people.
//!
//! ```text
//! cargo run -p github-bypass-requests --example bot
//! cargo run -p github-bypass-requests --example bot -- --act --as octo-bot >> audit.jsonl
//! ```
//!
//! This is a dry run unless `--act` is given. Standard output is an audit log. It has one line of
//! JSON for each request, including those that are left to people: the decision, the reason, the
//! outcome and GitHub's request id. With `--act`, the example writes another line before it sends
//! each review. If it cannot write that line, it does not send the review. If no line with the
//! outcome follows, the outcome of that review is unknown.
//!
//! Without a token in the environment, the example uses a fake GitHub in the same process. Each
//! line names the host.

mod connect;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Parser;
use github_bypass_requests::{
    BypassReason, BypassRequest, Decision, ReviewOutcome, ReviewResult, SecretFinding, StatusFilter,
};
use serde::Serialize;

#[derive(Parser)]
#[command(
    about = "Approves the requests that a written policy allows, and leaves the rest to people"
)]
struct Cli {
    /// Organization whose requests are reviewed.
    #[arg(default_value = "octo-org")]
    organization: String,
    /// Folder in which secrets for tests are allowed.
    #[arg(long, value_name = "PATH", default_value = "/tests/", value_parser = folder)]
    under: String,
    /// Send the reviews. Without this flag, it is a dry run.
    #[arg(long)]
    act: bool,
    /// Reviewer to name in the audit log. GitHub's operations do not return the owner of the token.
    #[arg(long = "as", value_name = "NAME", default_value = "example-bot")]
    who: String,
}

/// Checks that the path is a folder. An empty path or `/` would allow everything.
fn folder(path: &str) -> Result<String, String> {
    let is_folder = path.starts_with('/') && !path.trim_matches('/').is_empty();
    let path = is_folder.then(|| path.to_owned());
    path.ok_or_else(|| "it must be a folder such as /tests/".to_owned())
}

/// The policy: **a secret may be pushed if it is only used in tests and is in the folder for
/// tests.** Everything else is left to people.
struct Policy {
    under: String,
}

/// The verdict of the policy on a request.
struct Verdict {
    /// `None` if the request is left to people.
    decision: Option<Decision>,
    why: String,
}

impl Policy {
    fn judge(&self, request: &BypassRequest<SecretFinding>) -> Verdict {
        let objection = match request.data.as_slice() {
            [] => Some("the request names no secret".to_owned()),
            findings => findings.iter().find_map(|finding| self.objection(finding)),
        };
        match objection {
            Some(why) => Verdict {
                decision: None,
                why,
            },
            None => Verdict {
                decision: Some(Decision::Approve),
                why: format!("only used in tests, and located in {}", self.under),
            },
        }
    }

    /// Returns the reason not to approve the secret, if there is one.
    fn objection(&self, finding: &SecretFinding) -> Option<String> {
        match &finding.bypass_reason {
            Some(BypassReason::UsedInTests) => {}
            Some(reason) => return Some(format!("the requester's reason is {reason}")),
            None => return Some("the requester gives no reason".to_owned()),
        }
        match finding.location() {
            Some(location) if self.contains(&location.path) => None,
            Some(location) => Some(format!("located in {}", location.path)),
            None => Some("the location of the secret is unknown".to_owned()),
        }
    }

    /// Returns true if the path is in the folder. `/tests-of-others` and `/tests/../src` are not in
    /// `/tests`.
    fn contains(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.under.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/')) && !path.split('/').any(|part| part == "..")
    }
}

/// A line of the audit log.
#[derive(Serialize)]
struct Line<'a> {
    at: DateTime<Utc>,
    host: &'a str,
    who: &'a str,
    /// The bypass request, as `OWNER/REPO#N`.
    what: String,
    id: i64,
    link: Option<&'a str>,
    requested_by: String,
    decision: Option<&'static str>,
    why: &'a str,
    outcome: String,
    response_id: Option<i64>,
    /// GitHub's id of the HTTP request that had this outcome. GitHub's support team asks for it.
    request_id: Option<String>,
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

    // Read everything, then review, because each review changes the list.
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
        let verdict = policy.judge(request);
        let mut line = Line::of(request, &verdict, connection.host(), &cli.who);
        let Some(decision) = verdict.decision else {
            left += 1;
            line.write("left to people")?;
            continue;
        };
        let repository = client.repository_of(request)?.secret_scanning();
        let message = format!("Decided by policy: {}.", verdict.why);
        let review = repository.review_if_open(request.number, decision, message);
        let review = if cli.act {
            // If the audit log cannot be written, do not review.
            line.write(format!("about to {decision}"))?;
            review
        } else {
            review.dry_run()
        };
        let outcome = review.await;
        line.write_outcome(&outcome)?;
        // Stops if the review failed or its outcome is unknown, because a person must look into it.
        let _ = outcome?;
    }
    eprintln!("{left} of {} requests are left to people", requests.len());
    Ok(())
}

impl<'a> Line<'a> {
    fn of(
        request: &'a BypassRequest<SecretFinding>,
        verdict: &'a Verdict,
        host: &'a str,
        who: &'a str,
    ) -> Self {
        Self {
            at: Utc::now(),
            host,
            who,
            what: format!("{}#{}", request.repository, request.number),
            id: request.id.get(),
            link: request.web_link(),
            requested_by: request.requester.to_string(),
            decision: verdict.decision.map(Decision::as_str),
            why: &verdict.why,
            outcome: String::new(),
            response_id: None,
            request_id: None,
        }
    }

    fn write_outcome(
        &mut self,
        outcome: &Result<ReviewOutcome, github_bypass_requests::Error>,
    ) -> Result<(), Box<dyn Error>> {
        let request_id = match outcome {
            Ok(outcome) => outcome.meta.request_id.as_deref(),
            Err(error) => error.request_id(),
        };
        self.request_id = request_id.map(str::to_owned);
        if let Ok(outcome) = outcome
            && let ReviewResult::Reviewed { review, .. } = &outcome.result
        {
            self.response_id = review.response_id.map(i64::from);
        }
        match outcome {
            Ok(outcome) => self.write(outcome),
            Err(error) => self.write(format!("failed: {error}")),
        }
    }

    fn write(&mut self, outcome: impl Display) -> Result<(), Box<dyn Error>> {
        self.at = Utc::now();
        self.outcome = outcome.to_string();
        let line = serde_json::to_string(self)?;
        let mut log = io::stdout().lock();
        let written = writeln!(log, "{line}").and_then(|()| log.flush());
        written.map_err(|error| format!("the audit log cannot be written: {error}").into())
    }
}
