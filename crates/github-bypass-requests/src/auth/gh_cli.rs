//! A token source that uses the GitHub CLI.

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
use crate::auth::environment::{of_process, token_from};
use crate::auth::secret::Secret;
use crate::auth::source::{Host, TokenFuture};
use crate::error::{Error, Reason, Result};

/// A token source that uses the token of the GitHub CLI, `gh`.
///
/// Use it for tools that people run on their own machines, where they have signed in with
/// `gh auth login`. The token is the one that `gh auth token` prints for the client's host.
///
/// `gh` runs when the client sends its first request. The token is cached until GitHub rejects it,
/// and clones share it. `gh` gets no input, and its error output is discarded. Tokens in
/// environment variables are hidden from it, because they may belong to another host; to use those
/// tokens, see [`ClientBuilder::token_from_env`](crate::ClientBuilder::token_from_env).
///
/// # Examples
///
/// ```
/// use github_bypass_requests::{Client, GhCli};
///
/// let client = Client::builder().token_source(GhCli::new()).build()?;
/// # Ok::<(), github_bypass_requests::Error>(())
/// ```
///
/// # Errors
///
/// A call fails with [`Error::is_token_missing`] if `gh` is not installed, has no token for the
/// host, or takes longer than 60 seconds. The message suggests what to do.
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
/// `gh` may have to wait for the user to unlock the system's keyring.
const TIMEOUT: Duration = Duration::from_secs(60);

impl GhCli {
    /// Creates a source that runs `gh` from the `PATH`.
    pub fn new() -> Self {
        Self(Cache::new(Gh(PathBuf::from("gh"))))
    }

    /// Sets the program to run. The default is `gh`.
    #[must_use]
    pub fn program(self, path: impl Into<PathBuf>) -> Self {
        Self(Cache::new(Gh(path.into())))
    }
}

impl Gh {
    async fn token(&self, host: Host<'_>) -> Result<Secret> {
        let base_url = &host.connection.base_url;
        let host = host.name();
        let missing = |what: String| Error::new(Reason::TokenMissing(what));
        let program = self.0.display();
        let (status, stdout) = match timeout(TIMEOUT, run(self.command(host))).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(error)) => {
                let what = format!(
                    "no token: {program} cannot be run; install the GitHub CLI, or use another token source"
                );
                return Err(missing(what).with_source(error));
            }
            Err(_) => {
                let what = format!(
                    "no token: `{program} auth token` did not finish within {} seconds",
                    TIMEOUT.as_secs()
                );
                return Err(missing(what));
            }
        };
        let token = str::from_utf8(&stdout).unwrap_or_default().trim_ascii_end();
        // Output that fills the buffer may be truncated.
        if !status.success() || token.is_empty() || stdout.len() == MAX_OUTPUT {
            let mut what = format!(
                "no token: {program} has none for {host}; run `gh auth login --hostname {host}`"
            );
            if token_from(&of_process, base_url).is_ok() {
                what.push_str(
                    ", or use `token_from_env`: the environment has a token for this host",
                );
            }
            return Err(missing(what));
        }
        Ok(Secret::new(token))
    }

    fn command(&self, host: &str) -> Command {
        let mut command = Command::new(&self.0);
        command.args(["auth", "token", "--hostname", host]);
        // `gh` prefers these to the token that it stores, and they may belong to another host.
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }
}

/// Runs a program, and returns its exit status and its output.
///
/// A plain thread reads the output. `tokio::process` would add dependencies, and with
/// `spawn_blocking`, a runtime that is shutting down would wait for the read to finish.
async fn run(mut command: Command) -> io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut program = KillOnDrop(command.spawn()?);
    let stdout = program.0.stdout.take();
    let (done, output) = oneshot::channel();
    thread::Builder::new().spawn(move || {
        // Allocated at full size, because a growing buffer leaves copies of the token behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_OUTPUT));
        let read = stdout.map(|stdout| stdout.take(MAX_OUTPUT as u64).read_to_end(&mut bytes));
        done.send(read.transpose().map(|_| bytes))
    })?;
    let output = output.await.map_err(io::Error::other)??;
    loop {
        if let Some(status) = program.0.try_wait()? {
            return Ok((status, output));
        }
        sleep(EXIT_POLL_INTERVAL).await;
    }
}

/// The size of the output buffer. A token is a few hundred bytes long.
const MAX_OUTPUT: usize = 4096;
/// The interval at which the client checks whether the program has exited, once the program has
/// closed its output.
const EXIT_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A program that is killed if the call is dropped.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let Self(program) = self;
        // Both calls are harmless if the program has already exited.
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
            token: self.token(host).await?,
            lifetime: None,
            since: Instant::now(),
        })
    }
}

cached_source!(GhCli);

/// Prints no tokens.
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
    fn token_variables_are_hidden_from_gh() {
        let command = Gh(PathBuf::from("gh")).command("github.com");
        let mut changes: Vec<_> = command.get_envs().collect();
        changes.sort();
        let variables = [
            "GH_ENTERPRISE_TOKEN",
            "GH_TOKEN",
            "GITHUB_ENTERPRISE_TOKEN",
            "GITHUB_TOKEN",
        ];
        assert_eq!(changes, variables.map(|name| (name.as_ref(), None)));
    }
}
