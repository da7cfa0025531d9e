//! Approves what a written policy lets through, and says why; leaves the rest to people.
//!
//! ```text
//! cargo run -p github-bypass-requests --example bot
//! cargo run -p github-bypass-requests --example bot -- --act --as octo-bot >> audit.jsonl
//! ```
//!
//! A dry run unless `--act` is given. Each decision is one line of JSON on the standard output: where,
//! who, what, why, and GitHub's name of the exchange; what is left to people is a line, too. With
//! `--act`, a line that says so comes before each review is sent: where it cannot be written, nothing is
//! done, and where no line with an outcome follows it, nobody knows the outcome. Without a token in the
//! environment it runs on a fake GitHub in the same process, which the lines tell by their host.

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
    /// Who decides, for the audit log: none of these operations tells whose token it is.
    #[arg(long = "as", value_name = "NAME", default_value = "example-bot")]
    who: String,
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

/// What the policy says to a request.
struct Verdict {
    /// None where it is for people.
    decision: Option<Decision>,
    why: String,
}

impl Policy {
    fn judge(&self, request: &BypassRequest<SecretFinding>) -> Verdict {
        let objection = match request.data.as_slice() {
            [] => Some("what was found is not told".to_owned()),
            findings => findings.iter().find_map(|finding| self.objection(finding)),
        };
        match objection {
            Some(why) => Verdict {
                decision: None,
                why,
            },
            None => Verdict {
                decision: Some(Decision::Approve),
                why: format!("only used in tests, and lies under {}", self.under),
            },
        }
    }

    /// What speaks against letting it through.
    fn objection(&self, finding: &SecretFinding) -> Option<String> {
        match &finding.bypass_reason {
            Some(BypassReason::UsedInTests) => {}
            Some(reason) => return Some(format!("the reason given is {reason}")),
            None => return Some("no reason is given".to_owned()),
        }
        match finding.location() {
            Some(location) if self.lies_within(&location.path) => None,
            Some(location) => Some(format!("lies in {}", location.path)),
            None => Some("where it lies is not told".to_owned()),
        }
    }

    /// A path that climbs back out is none of ours, nor is `/tests-of-others`.
    fn lies_within(&self, path: &str) -> bool {
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
    /// The bypass request: its name, its id and its page.
    what: String,
    id: i64,
    link: Option<&'a str>,
    requested_by: String,
    decision: Option<&'static str>,
    why: &'a str,
    outcome: String,
    response_id: Option<i64>,
    /// Of the exchange that the outcome rests on, as GitHub's support asks for it.
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
            // Fails where it cannot be written: nobody decides unseen.
            line.write(format!("about to {decision}"))?;
            review
        } else {
            review.dry_run()
        };
        let outcome = review.await;
        line.write_outcome(&outcome)?;
        // What has failed, or is unknown, is for a person to look at.
        let _ = outcome?;
    }
    eprintln!("{left} of {} are left to people", requests.len());
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
