//! Lists the open bypass requests of an organization, or reviews one.
//!
//! ```text
//! cargo run -p github-bypass-requests --example triage
//! cargo run -p github-bypass-requests --example triage -- --reject smile#15 --message "please revoke it"
//! ```
//!
//! Without a token in the environment, the example uses a fake GitHub in the same process.

mod connect;
mod printable;
mod table;

use std::error::Error;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Parser;
use github_bypass_requests::{
    BypassKind, BypassRequest, Client, Decision, RequestNumber, RequestStream, StatusFilter,
};

use crate::printable::printable;
use crate::table::{cell, table};

#[derive(Parser)]
#[command(about = "Lists the open bypass requests of an organization, or reviews one")]
struct Cli {
    /// Organization whose requests are listed.
    #[arg(default_value = "octo-org")]
    organization: String,
    /// Approve a secret scanning request, named by its repository and number.
    #[arg(long, value_name = "REPO#N", group = "review", requires = "message")]
    approve: Option<String>,
    /// Reject a secret scanning request, named by its repository and number.
    #[arg(long, value_name = "REPO#N", group = "review", requires = "message")]
    reject: Option<String>,
    /// Message to the requester.
    #[arg(long, value_name = "TEXT", requires = "review")]
    message: Option<String>,
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
    connect::show(format!("{}\n", connection.notice))?;
    let client = &connection.client;

    let message = cli.message.unwrap_or_default();
    match (cli.approve, cli.reject) {
        (Some(request), _) => {
            review(
                client,
                &cli.organization,
                &request,
                Decision::Approve,
                &message,
            )
            .await
        }
        (_, Some(request)) => {
            review(
                client,
                &cli.organization,
                &request,
                Decision::Reject,
                &message,
            )
            .await
        }
        (None, None) => list(client, &cli.organization).await,
    }
}

/// Prints the open requests of both kinds, newest first.
async fn list(client: &Client, organization: &str) -> Result<(), Box<dyn Error>> {
    let organization = client.organization(organization);
    let secrets = organization
        .secret_scanning()
        .list()
        .status(StatusFilter::Open);
    let rules = organization.push_rules().list().status(StatusFilter::Open);
    let mut rows = rows("secret", secrets.stream()).await?;
    match self::rows("push rule", rules.stream()).await {
        Ok(more) => rows.extend(more),
        // Many tokens can read only secret scanning requests. List those.
        Err(error) => eprintln!("could not list push rule requests: {error}\n"),
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.created_at));

    let mut table = table(["CREATED", "KIND", "REQUEST"]);
    for row in &rows {
        table.add_row([
            &row.created_at.format("%Y-%m-%d %H:%M").to_string(),
            row.kind,
            &row.request,
        ]);
    }
    connect::show(table.trim_fmt())?;
    connect::show(format!("\n{} open requests", rows.len()))?;
    Ok(())
}

/// A row of the table: a request of either kind.
struct Row {
    created_at: DateTime<Utc>,
    kind: &'static str,
    request: String,
}

async fn rows<D: BypassKind + Display>(
    kind: &'static str,
    mut requests: RequestStream<D>,
) -> Result<Vec<Row>, github_bypass_requests::Error> {
    let mut rows = Vec::new();
    while let Some(request) = requests.try_next().await? {
        rows.push(Row {
            created_at: request.created_at,
            kind,
            request: cell(&describe(&request)),
        });
    }
    Ok(rows)
}

/// Returns the request, its findings and the requester's comment.
fn describe<D: Display>(request: &BypassRequest<D>) -> Vec<String> {
    let mut lines = vec![printable(&request.to_string())];
    let findings = request.data.iter();
    lines.extend(findings.map(|finding| printable(&finding.to_string())));
    let comment = request.requester_comment.as_deref();
    lines.extend(comment.map(|comment| format!("\"{}\"", printable(comment))));
    lines
}

async fn review(
    client: &Client,
    organization: &str,
    request: &str,
    decision: Decision,
    message: &str,
) -> Result<(), Box<dyn Error>> {
    let (name, number) = request
        .split_once('#')
        .ok_or("the request must be named as REPO#N")?;
    let (owner, name) = name.split_once('/').unwrap_or((organization, name));
    let number: RequestNumber = number.parse()?;
    let repository = client.repository(owner, name).secret_scanning();

    show("before", &repository.get(number).await?.request)?;
    let review = repository.review(number, decision, message).await?;
    show("after", &repository.get(number).await?.request)?;
    if let Some(id) = review.response_id {
        connect::show(format!("\n{decision}: recorded as response {id}"))?;
    }
    Ok(())
}

fn show<D: Display>(when: &str, request: &BypassRequest<D>) -> io::Result<()> {
    connect::show(format!("{when:<7} {}", printable(&request.to_string())))?;
    for finding in &request.data {
        connect::show(format!("        {}", printable(&finding.to_string())))?;
    }
    for response in &request.responses {
        connect::show(format!("        {}", printable(&response.to_string())))?;
    }
    Ok(())
}
