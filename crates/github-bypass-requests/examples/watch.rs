//! Tells what happens to the secret scanning bypass requests of an organization.
//!
//! ```text
//! cargo run -p github-bypass-requests --example watch
//! cargo run -p github-bypass-requests --example watch -- --from-now --cursor watch.json
//! ```
//!
//! Without a token in the environment it runs on a fake GitHub in the same process, where a day goes
//! by in some seconds; then it ends. There it is started anew after each event, to show that it goes on
//! where it stood, and leaves the file of `--cursor` alone. On GitHub it goes on until it is stopped.

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
#[command(about = "Tells what happens to the secret scanning bypass requests of an organization")]
struct Cli {
    /// Organization to watch.
    #[arg(default_value = "octo-org")]
    organization: String,
    /// Seconds between two looks. By default 60, and 1 on the fake.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: Option<u64>,
    /// Leave out what is open already.
    #[arg(long)]
    from_now: bool,
    /// A file that keeps where the watch stands, for the next time. Not used on the fake.
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
    let mut day = connection.fake().map(Day::of);
    let path = match (&day, cli.cursor.as_deref()) {
        // The fake is a new one each time: what was saved is of GitHub.
        (Some(_), Some(path)) => {
            eprintln!("{} is left alone on a fake GitHub", path.display());
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
            // Others have written it: no control character may reach the terminal.
            if !connect::is_shown(event.to_string().escape_debug())? {
                return Ok(());
            }
            if let Some(day) = &mut day {
                day.goes_on(&event)?;
                // As after a crash: it goes on, and tells nothing twice.
                let saved = serde_json::to_vec(&events.cursor())?;
                events = start(Some(serde_json::from_slice(&saved)?));
            }
        } else if let Some(day) = &mut day {
            day.begins();
        }
        if let Some(path) = path {
            save(path, &events.cursor())?;
        }
        if day.as_ref().is_some_and(Day::is_over) {
            connect::show("\nthe fake GitHub has nothing more to tell")?;
            return Ok(());
        }
    }
}

/// What another run has saved, if there was one.
fn load(path: &Path) -> Result<Option<WatchCursor<SecretFinding>>, Box<dyn Error>> {
    match fs::read(path) {
        Ok(saved) => serde_json::from_slice(&saved)
            .map(Some)
            .map_err(|error| of_file(path, error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(of_file(path, error)),
    }
}

/// All of it or nothing, whenever it ends.
fn save(path: &Path, cursor: &WatchCursor<SecretFinding>) -> Result<(), Box<dyn Error>> {
    let new = path.with_extension("new");
    fs::write(&new, serde_json::to_vec(cursor)?).map_err(|error| of_file(&new, error))?;
    fs::rename(&new, path).map_err(|error| of_file(path, error))
}

/// Files are not named by their errors.
fn of_file(path: &Path, error: impl Error) -> Box<dyn Error> {
    format!("{}: {error}", path.display()).into()
}

/// A day at the fake GitHub: each thing happens once the one before was told.
struct Day<'a> {
    fake: &'a Fake,
    /// The request that it is about.
    own: Option<OpenedRequest>,
    is_told: bool,
    /// What was told and waits for a review.
    waiting: HashSet<RequestId>,
    is_late: bool,
}

impl<'a> Day<'a> {
    fn of(fake: &'a Fake) -> Self {
        Self {
            fake,
            own: None,
            is_told: false,
            waiting: HashSet::new(),
            is_late: false,
        }
    }

    /// Somebody asks for a bypass; and again, until a watch that tells only what is new tells it.
    fn begins(&mut self) {
        if !self.is_told {
            let request = NewRequest::new().requester("hubot");
            self.own = Some(self.fake.open_secret_scanning_request(request));
        }
    }

    fn goes_on(&mut self, event: &WatchEvent<SecretFinding>) -> Result<(), ChangeError> {
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
                self.is_told = true;
                let approved = self.fake.approve(OWNER, REPOSITORY, own.number, "octocat");
                approved.map(drop)
            }
            RequestStatus::Approved => self.fake.complete(OWNER, REPOSITORY, own.number),
            _ => {
                // Whoever has not been answered by then is too late.
                self.fake.advance(TimeDelta::days(7));
                self.is_late = true;
                Ok(())
            }
        }
    }

    fn is_over(&self) -> bool {
        self.is_late && self.waiting.is_empty()
    }
}

/// Where the fake's requests are made, unless they say otherwise.
const OWNER: &str = "octo-org";
const REPOSITORY: &str = "smile";
