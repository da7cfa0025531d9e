//! Approves the secret scanning requests that a policy allows, and leaves the rest to people.
//!
//! ```text
//! cargo run -p github-bypass-requests --example bot
//! cargo run -p github-bypass-requests --example bot -- octo-org --act >> audit.jsonl
//! ```
//!
//! This is a dry run unless `--act` is given. Standard output is an audit log, with a line of JSON
//! for each request. With `--act`, the example writes another line before it sends a review, and
//! sends nothing if that fails. If no line with the outcome follows, the outcome is unknown.
//!
//! Without a token in the environment, the example uses a fake GitHub in the same process.

mod connect;

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};

use chrono::Utc;
use github_bypass_requests::{
    BypassReason, BypassRequest, Decision, ReviewResult, SecretFinding, StatusFilter,
};
use serde_json::{Value, json};

/// The policy: a secret may be pushed if the requester says that it is only used in tests, and the
/// file is in the folder `/tests`.
fn is_allowed(finding: &SecretFinding) -> bool {
    let is_test = |path: &str| path.starts_with("/tests/") && !path.split('/').any(|it| it == "..");
    let location = finding.location();
    finding.bypass_reason == Some(BypassReason::UsedInTests)
        && location.is_some_and(|location| is_test(&location.path))
}

/// Returns the reason to leave a request to people, or `None` if the policy allows each secret.
fn objection(request: &BypassRequest<SecretFinding>) -> Option<String> {
    if request.data.is_empty() {
        return Some("the request names no secret".to_owned());
    }
    let finding = request.data.iter().find(|finding| !is_allowed(finding))?;
    Some(format!("not a secret for tests: {}", printable(finding)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, _fake) = connect::connect().await?;
    let (flags, names): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|it| it.starts_with('-'));
    let act = flags.iter().any(|flag| flag == "--act");
    let organization = names.first().map_or("octo-org", String::as_str);

    // Read the whole list before the first review, because each review changes the list.
    let list = client.organization(organization).secret_scanning().list();
    let mut open = list.status(StatusFilter::Open).stream();
    let mut requests = Vec::new();
    while let Some(request) = open.try_next().await? {
        requests.push(request);
    }

    for request in &requests {
        let mut line = json!({
            "id": request.id,
            "request": printable(format!("{}#{}", request.repository, request.number)),
            "requester": printable(&request.requester),
        });
        if let Some(why) = objection(request) {
            line["why"] = why.into();
            audit(line, "left to people")?;
            continue;
        }
        let repository = client.repository_of(request)?.secret_scanning();
        let message = "Approved by policy: a secret for tests.";
        let mut review = repository.review_if_open(request.number, Decision::Approve, message);
        if act {
            audit(line.clone(), "about to approve")?;
        } else {
            review = review.dry_run();
        }
        match review.await {
            Ok(outcome) => {
                line["request_id"] = outcome.meta.request_id.as_deref().into();
                if let ReviewResult::Reviewed { review, .. } = &outcome.result {
                    line["response_id"] = json!(review.response_id);
                }
                audit(line, &printable(&outcome))?;
            }
            Err(error) => {
                line["request_id"] = error.request_id().into();
                audit(line, &format!("failed: {error}"))?;
                // Stop, because the review may have been recorded. A person must look into it.
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// Writes a line to the audit log.
fn audit(mut line: Value, outcome: &str) -> Result<(), String> {
    line["at"] = json!(Utc::now());
    line["outcome"] = outcome.into();
    let written = writeln!(io::stdout(), "{line}");
    written.map_err(|error| format!("the audit log cannot be written: {error}"))
}

/// Escapes control characters, because other people wrote the text.
fn printable(text: impl Display) -> String {
    text.to_string().escape_debug().to_string()
}
