//! Prints changes to the secret scanning bypass requests of an organization as they happen.
//!
//! ```text
//! cargo run -p github-bypass-requests --example watch
//! cargo run -p github-bypass-requests --example watch -- --from-now --cursor watch.json
//! ```
//!
//! With a token in the environment, it watches GitHub until you stop it. Without one, it watches a
//! fake GitHub in the same process: a simulated week passes within seconds, and then the example
//! ends. On the fake, it restarts the watch from its cursor after each event, to show that the
//! watch continues, and it ignores `--cursor`.

mod connect;

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chrono::TimeDelta;
use clap::Parser;
use github_bypass_requests::{
    Change, RequestId, RequestStatus, SecretFinding, WatchCursor, WatchEvent,
};
use github_bypass_requests_fake::{ChangeError, Fake, NewRequest, OpenedRequest};
use tokio::time::timeout;

#[derive(Parser)]
#[command(about = "Prints changes to the secret scanning bypass requests of an organization")]
struct Cli {
    /// Organization to watch.
    #[arg(default_value = "octo-org")]
    organization: String,
    /// Seconds between polls. The default is 60, or 1 on the fake.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: Option<u64>,
    /// Leave out the requests that are already open.
    #[arg(long)]
    from_now: bool,
    /// File to save the cursor in, so that the next run continues from it. Not used on the fake.
    #[arg(long, value_name = "FILE")]
    cursor: Option<PathBuf>,
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
    let every = match connection.fake() {
        Some(_) => 1,
        None => 60,
    };
    let every = Duration::from_secs(cli.every.unwrap_or(every));
    let organization = connection.client.organization(&cli.organization);
    let start = |cursor: Option<WatchCursor<SecretFinding>>| {
        let mut watch = organization.secret_scanning().list().watch().every(every);
        if cli.from_now {
            watch = watch.from_now();
        }
        match cursor {
            Some(cursor) => watch.resume(cursor).events(),
            None => watch.events(),
        }
    };
    let mut scenario = connection.fake().map(Scenario::new);
    let path = match (&scenario, cli.cursor.as_deref()) {
        // Each run starts a new fake, so a saved cursor comes from GitHub.
        (Some(_), Some(path)) => {
            eprintln!("{} is not used on a fake GitHub", path.display());
            None
        }
        (_, path) => path,
    };
    let saved = path.map(load).transpose()?;
    let mut events = start(saved.flatten());
    loop {
        let wait = timeout(every.saturating_mul(2), events.try_next()).await;
        if let Ok(event) = wait {
            let Some(event) = event? else { return Ok(()) };
            if let Some(line) = event.summary()
                // Other people wrote the text, so escape its control characters.
                && !connect::is_shown(line.escape_debug())?
            {
                return Ok(());
            }
            if let Some(scenario) = &mut scenario {
                scenario.continue_after(&event)?;
                // Restart the watch from the saved cursor, as after a crash. No event is repeated.
                let saved = serde_json::to_vec(&events.cursor())?;
                events = start(Some(serde_json::from_slice(&saved)?));
            }
        } else if let Some(scenario) = &mut scenario {
            scenario.start();
        }
        if let Some(path) = path {
            save(path, &events.cursor())?;
        }
        if scenario.as_ref().is_some_and(Scenario::is_over) {
            connect::show("\nthe fake GitHub has no more events")?;
            return Ok(());
        }
    }
}

/// Loads the cursor that an earlier run saved, if there is one.
fn load(path: &Path) -> Result<Option<WatchCursor<SecretFinding>>, Box<dyn Error>> {
    match fs::read(path) {
        Ok(saved) => serde_json::from_slice(&saved)
            .map(Some)
            .map_err(|error| with_path(path, error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(with_path(path, error)),
    }
}

/// Saves the cursor. The file is always complete, even if the process stops while it saves.
fn save(path: &Path, cursor: &WatchCursor<SecretFinding>) -> Result<(), Box<dyn Error>> {
    let new = path.with_extension("new");
    fs::write(&new, serde_json::to_vec(cursor)?).map_err(|error| with_path(&new, error))?;
    fs::rename(&new, path).map_err(|error| with_path(path, error))
}

/// Adds the path, because I/O errors do not name the file.
fn with_path(path: &Path, error: impl Error) -> Box<dyn Error> {
    format!("{}: {error}", path.display()).into()
}

/// A scenario on the fake GitHub. Each step starts after the event of the previous step is printed.
struct Scenario<'a> {
    fake: &'a Fake,
    /// The request that the scenario opens.
    own: Option<OpenedRequest>,
    /// True if the `Opened` event of that request was printed.
    is_reported: bool,
    /// The open requests that were printed.
    waiting: HashSet<RequestId>,
    /// True if the scenario has let the open requests expire.
    has_expired: bool,
}

impl<'a> Scenario<'a> {
    fn new(fake: &'a Fake) -> Self {
        Self {
            fake,
            own: None,
            is_reported: false,
            waiting: HashSet::new(),
            has_expired: false,
        }
    }

    /// Opens a request. Called again until the watch reports one, because `--from-now` omits
    /// requests that were opened before the first poll.
    fn start(&mut self) {
        if !self.is_reported {
            let request = NewRequest::new().requester("hubot");
            self.own = Some(self.fake.open_secret_scanning_request(request));
        }
    }

    /// Approves the request once it is opened, completes it once it is approved, and then lets all
    /// others expire.
    fn continue_after(&mut self, event: &WatchEvent<SecretFinding>) -> Result<(), ChangeError> {
        let WatchEvent {
            request, change, ..
        } = event;
        match change {
            Change::Opened => self.waiting.insert(request.id),
            Change::Responded(_) => return Ok(()),
            _ => self.waiting.remove(&request.id),
        };
        let id = u64::try_from(request.id.get()).ok();
        let Some(own) = self.own.filter(|own| Some(own.id) == id) else {
            return Ok(());
        };
        match request.status {
            RequestStatus::Open => {
                self.is_reported = true;
                let approved = self.fake.approve(OWNER, REPOSITORY, own.number, "octocat");
                approved.map(drop)
            }
            RequestStatus::Approved => self.fake.complete(OWNER, REPOSITORY, own.number),
            _ => {
                self.fake.advance(TimeDelta::days(7));
                self.has_expired = true;
                Ok(())
            }
        }
    }

    fn is_over(&self) -> bool {
        self.has_expired && self.waiting.is_empty()
    }
}

/// The default repository of the fake's requests.
const OWNER: &str = "octo-org";
const REPOSITORY: &str = "smile";
