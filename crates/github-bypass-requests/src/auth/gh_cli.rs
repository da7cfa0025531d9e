//! The token of GitHub's own command line.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};
use zeroize::Zeroizing;

use crate::auth::cached::{Cache, Fetched, Provider, cached_source};
use crate::auth::secret::Secret;
use crate::auth::source::{Host, TokenFuture};
use crate::error::{Error, Kind, Result};

/// The token that `gh` holds for the host, as `gh auth token` prints it; for tools that people run
/// on their own machine.
///
/// The program is run when the first request is sent, and again only after GitHub has refused its
/// token. Clones share the token. It asks nothing of whoever sits at the terminal; what it complains
/// of is not read, let alone shown. The tokens of the environment are kept from it, for they may be
/// another host's; see [`ClientBuilder::token_from_env`](crate::ClientBuilder::token_from_env).
///
/// ```
/// use github_bypass_requests::{Client, GhCli};
///
/// let client = Client::builder().token_source(GhCli::new()).build()?;
/// # Ok::<(), github_bypass_requests::Error>(())
/// ```
///
/// Without the program, or without a token for the host, a call fails with
/// [`Error::is_token_missing`], whose text says what to do.
#[derive(Clone)]
pub struct GhCli(Cache<Gh>);

/// The program to run.
#[derive(Clone)]
struct Gh(PathBuf);

const VARIABLES: [&str; 4] = [
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
];
/// It reads a file or asks the system's keyring, which may ask somebody.
const PATIENCE: Duration = Duration::from_secs(60);

impl GhCli {
    /// `gh`, wherever `PATH` has it.
    pub fn new() -> Self {
        Self(Cache::new(Gh(PathBuf::from("gh"))))
    }

    /// The program to run in place of `gh`.
    #[must_use]
    pub fn program(self, path: impl Into<PathBuf>) -> Self {
        Self(Cache::new(Gh(path.into())))
    }
}

impl Gh {
    async fn ask(&self, host: &str) -> Result<Secret> {
        let missing = |what: String| Error::new(Kind::TokenMissing(what));
        let program = self.0.display();
        let (status, stdout) = match timeout(PATIENCE, run(self.command(host))).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(error)) => {
                let what = format!(
                    "no token: {program} cannot be run; install GitHub's command line, or give a token"
                );
                return Err(missing(what).with_source(error));
            }
            Err(_) => {
                let what = format!("no token: `{program} auth token` has not answered");
                return Err(missing(what));
            }
        };
        let token = str::from_utf8(&stdout).unwrap_or_default().trim_ascii_end();
        // What fills the space may have been cut.
        if !status.success() || token.is_empty() || stdout.len() == MAX_PRINTED {
            return Err(missing(format!(
                "no token: {program} has none for {host}; run `gh auth login --hostname {host}`"
            )));
        }
        Ok(Secret::new(token))
    }

    fn command(&self, host: &str) -> Command {
        let mut command = Command::new(&self.0);
        command.args(["auth", "token", "--hostname", host]);
        // They come before what `gh` holds itself, and may be another host's.
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }
}

/// Runs a program: how it has ended, and what it has printed. tokio's own processes would cost further
/// crates, and a runtime that is shut down waits for its own threads.
async fn run(mut command: Command) -> io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut program = Running(command.spawn()?);
    let stdout = program.0.stdout.take();
    let (done, printed) = oneshot::channel();
    thread::Builder::new().spawn(move || {
        // Of this size from the start: what grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PRINTED));
        let read = stdout.map(|stdout| stdout.take(MAX_PRINTED as u64).read_to_end(&mut bytes));
        done.send(read.transpose().map(|_| bytes))
    })?;
    let printed = printed.await.map_err(io::Error::other)??;
    loop {
        if let Some(status) = program.0.try_wait()? {
            return Ok((status, printed));
        }
        sleep(TO_END).await;
    }
}

/// A token has some hundred bytes.
const MAX_PRINTED: usize = 4096;
/// Between two looks whether a program that prints no more has ended.
const TO_END: Duration = Duration::from_millis(5);

/// Ends with whoever waits for it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let Self(program) = self;
        // If it has ended by itself, neither does anything.
        if program.kill().is_ok() {
            let _ = program.wait();
        }
    }
}

impl Default for GhCli {
    fn default() -> Self {
        Self::new()
    }
}

impl Provider for Gh {
    type Issuer = ();

    async fn fetch(&self, host: Host<'_>, (): &(), _: Option<&Secret>) -> Result<Fetched> {
        Ok(Fetched {
            token: self.ask(host.name()).await?,
            lifetime: None,
            since: Instant::now(),
        })
    }
}

cached_source!(GhCli);

/// Without the tokens.
impl fmt::Debug for GhCli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GhCli")
            .field("program", &self.0.provider().0)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_of_the_environment_are_kept_from_it() {
        let command = Gh(PathBuf::from("gh")).command("github.com");
        let mut kept: Vec<_> = command.get_envs().collect();
        kept.sort();
        let variables = [
            "GH_ENTERPRISE_TOKEN",
            "GH_TOKEN",
            "GITHUB_ENTERPRISE_TOKEN",
            "GITHUB_TOKEN",
        ];
        assert_eq!(kept, variables.map(|name| (name.as_ref(), None)));
    }
}
