//! Counts the bypass requests of an organization by status, repository and requester.
//!
//! ```text
//! cargo run -p github-bypass-requests --example report -- --period week --format json
//! ```
//!
//! Without a token in the environment, the example uses a fake GitHub in the same process.

mod connect;
mod table;

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use comfy_table::CellAlignment;
use github_bypass_requests::{BypassKind, RequestStream, TimePeriod};
use serde::Serialize;

use crate::table::table;

#[derive(Parser)]
#[command(
    about = "Counts the bypass requests of an organization by status, repository and requester"
)]
struct Cli {
    /// Organization whose requests are counted.
    #[arg(default_value = "octo-org")]
    organization: String,
    /// Period to count: the last hour, day, week or month.
    #[arg(long, default_value = "month")]
    period: TimePeriod,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// The number of requests: in total, and by status, repository and requester.
#[derive(Default, Serialize)]
struct Report {
    total: usize,
    status: BTreeMap<String, usize>,
    repository: BTreeMap<String, usize>,
    requester: BTreeMap<String, usize>,
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
    match cli.format {
        Format::Table => connect::show(format!("{}\n", connection.notice))?,
        // Standard output contains only the JSON.
        Format::Json => eprintln!("{}", connection.notice),
    }
    let organization = connection.client.organization(&cli.organization);
    let secrets = organization
        .secret_scanning()
        .list()
        .time_period(cli.period);
    let secret_scanning = Report::of(secrets.stream()).await?;
    let rules = organization.push_rules().list().time_period(cli.period);
    // If the token cannot read push rule requests, report only secret scanning.
    let push_rules = Report::of(rules.stream())
        .await
        .inspect_err(|error| eprintln!("could not list push rule requests: {error}"))
        .ok();

    match cli.format {
        Format::Table => {
            connect::show(format!("last {}\n", cli.period))?;
            secret_scanning.print("secret scanning")?;
            if let Some(push_rules) = &push_rules {
                push_rules.print("push rules")?;
            }
        }
        Format::Json => {
            let report = serde_json::json!({
                "organization": cli.organization,
                "period": cli.period.as_str(),
                "secret_scanning": secret_scanning,
                "push_rules": push_rules,
            });
            connect::show(format!("{report:#}"))?;
        }
    }
    Ok(())
}

impl Report {
    async fn of<D: BypassKind>(
        mut requests: RequestStream<D>,
    ) -> Result<Self, github_bypass_requests::Error> {
        let mut report = Self::default();
        while let Some(request) = requests.try_next().await? {
            report.total += 1;
            *report.status.entry(request.status.to_string()).or_default() += 1;
            *report
                .repository
                .entry(request.repository.to_string())
                .or_default() += 1;
            *report
                .requester
                .entry(request.requester.to_string())
                .or_default() += 1;
        }
        Ok(report)
    }

    fn print(&self, title: &str) -> io::Result<()> {
        let mut table = table([title, "", "REQUESTS"]);
        for (column, counts) in [
            ("status", &self.status),
            ("repository", &self.repository),
            ("requester", &self.requester),
        ] {
            for (name, count) in counts {
                table.add_row([column, &name.escape_debug().to_string(), &count.to_string()]);
            }
        }
        table.add_row(["total", "", &self.total.to_string()]);
        if let Some(column) = table.column_mut(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        connect::show(format!("{}\n", table.trim_fmt()))
    }
}
