//! Serves the demo data on a local port, until the process is interrupted.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use github_bypass_requests_fake::{Demo, Fake};
use tokio::signal;

/// A stateful fake of GitHub's bypass request endpoints, filled with a month of demo requests.
///
/// The enterprise is octo-enterprise; its organizations are octo-org and octo-labs.
/// Reviews and dismissals are lost when the fake stops.
///
/// Tests can control the fake over HTTP, below /_fake: they can add faults and requests, act as
/// colleagues, set the clock and the tokens, and list the received requests and the deliveries to
/// the webhook. The README describes this.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port on 127.0.0.1; 0 selects any free port
    #[arg(long, default_value_t = 8080)]
    port: u16,

    /// Accept only this token, which belongs to octocat; by default, every token is accepted
    #[arg(long)]
    token: Option<String>,

    /// Number of requests per hour; the fake rejects further requests with 403
    #[arg(long, default_value_t = 5000)]
    rate_limit: u64,

    /// Number of requests of each kind in octo-org; octo-labs has a tenth of that number
    #[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    requests: u32,

    /// Seed of the demo requests
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Webhook URL for changes to requests; must use http and a loopback address
    #[arg(long, requires = "webhook_secret")]
    webhook_url: Option<String>,

    /// Secret to sign the deliveries with
    #[arg(long, requires = "webhook_url")]
    webhook_secret: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let port = arguments.port;
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: failed to serve on 127.0.0.1:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    // Install the handlers first. A script may stop the fake as soon as it reads the first line.
    let interrupted = interruption()?;

    let demo = Demo::new(arguments.requests as usize).seed(arguments.seed);
    let mut builder = Fake::builder()
        .port(arguments.port)
        .rate_limit(arguments.rate_limit)
        .demo(demo);
    if let Some(token) = &arguments.token {
        builder = builder.token(token, "octocat");
    }
    if let (Some(url), Some(secret)) = (&arguments.webhook_url, &arguments.webhook_secret) {
        builder = builder.webhook(url, secret);
    }
    let fake = builder.start().await?;
    // Keep running if the reader closes the pipe, as `head -1` does.
    let _ = introduce(&fake, &arguments, io::stdout().lock());
    interrupted.await;
    Ok(())
}

fn introduce(fake: &Fake, arguments: &Arguments, mut out: impl Write) -> io::Result<()> {
    let url = fake.base_url();
    // Scripts wait for this line.
    writeln!(out, "listening on {url}")?;
    out.flush()?;

    let (requests, seed) = (arguments.requests, arguments.seed);
    writeln!(
        out,
        "enterprise octo-enterprise, organizations octo-org and octo-labs"
    )?;
    writeln!(
        out,
        "{requests} requests of each kind in octo-org, from seed {seed}"
    )?;
    let token = if arguments.token.is_some() {
        writeln!(
            out,
            "accepts only the given token; set TOKEN to it and try:"
        )?;
        "$TOKEN"
    } else {
        writeln!(out, "accepts every token; try:")?;
        "anything"
    };
    writeln!(
        out,
        "  curl -H \"Authorization: Bearer {token}\" \
         \"{url}/orgs/octo-org/bypass-requests/secret-scanning?time_period=month&request_status=open\""
    )?;
    out.flush()
}

#[cfg(unix)]
fn interruption() -> io::Result<impl Future<Output = ()>> {
    use signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn interruption() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = signal::ctrl_c().await;
    })
}
