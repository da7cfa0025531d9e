//! The token of GitHub's own command line.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::error::Kind;
use crate::{Error, Host, Result, Secret, TokenFuture, TokenSource};

/// The token that `gh` holds for the host, as `gh auth token` prints it; for tools that people run
/// on their own machine.
///
/// The program is run when the first request is sent, and again only after GitHub has refused its
/// token. Clones share the token. It asks nothing of whoever sits at the terminal; what it complains
/// of is not read, let alone shown. The tokens of the environment are kept from it, for they may be
/// another host's; see [`ClientBuilder::token_from_env`](crate::ClientBuilder::token_from_env).
///
/// ```no_run
/// use github_bypass_requests::{Client, GhCli};
///
/// let client = Client::builder().token_source(GhCli::new()).build()?;
/// # Ok::<(), github_bypass_requests::Error>(())
/// ```
///
/// Without the program, or without a token of its for the host, a call fails with
/// [`Error::is_token_missing`], whose text says what to do.
#[derive(Clone, Debug)]
pub struct GhCli {
    program: PathBuf,
    kept: Arc<Mutex<Option<Kept>>>,
}

#[derive(Debug)]
struct Kept {
    host: String,
    token: Secret,
}

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
        Self {
            program: PathBuf::from("gh"),
            kept: Arc::default(),
        }
    }

    /// The program to run in place of `gh`.
    #[must_use]
    pub fn program(self, path: impl Into<PathBuf>) -> Self {
        Self {
            program: path.into(),
            kept: Arc::default(),
        }
    }

    async fn kept_or_asked(&self, kept: &mut Option<Kept>, host: &str) -> Result<Secret> {
        if let Some(kept) = kept.as_ref().filter(|kept| kept.host == host) {
            return Ok(kept.token.clone());
        }
        let token = self.ask(host).await?;
        *kept = Some(Kept {
            host: host.to_owned(),
            token: token.clone(),
        });
        Ok(token)
    }

    async fn ask(&self, host: &str) -> Result<Secret> {
        let missing = |what: String| Error::new(Kind::TokenMissing(what));
        let program = self.program.display();
        let mut command = Command::new(&self.program);
        // They come before what `gh` holds itself, and may be another host's.
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
            .args(["auth", "token", "--hostname", host])
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        let output = match timeout(PATIENCE, run(command)).await {
            Ok(Ok(output)) => output,
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
        let stdout = Zeroizing::new(output.stdout);
        let token = str::from_utf8(&stdout).unwrap_or_default().trim_ascii_end();
        if !output.status.success() || token.is_empty() {
            return Err(missing(format!(
                "no token: {program} has none for {host}; run `gh auth login --hostname {host}`"
            )));
        }
        Ok(Secret::new(token))
    }
}

/// Runs a program on a thread of its own: a runtime that is shut down waits for those of its own, and
/// tokio's own processes would cost further crates.
async fn run(mut command: Command) -> io::Result<Output> {
    let (done, output) = oneshot::channel();
    thread::Builder::new().spawn(move || done.send(command.output()))?;
    output.await.map_err(io::Error::other)?
}

impl Default for GhCli {
    fn default() -> Self {
        Self::new()
    }
}

impl TokenSource for GhCli {
    fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a> {
        Box::pin(async move {
            // Held while the program runs, so that it runs once for all who wait.
            let mut kept = self.kept.lock().await;
            self.kept_or_asked(&mut kept, host.name()).await
        })
    }

    fn instead_of<'a>(
        &'a self,
        refused: &'a Secret,
        host: Host<'a>,
    ) -> TokenFuture<'a, Option<Secret>> {
        Box::pin(async move {
            let mut kept = self.kept.lock().await;
            // Another call may have asked for a new one meanwhile.
            if kept.as_ref().is_some_and(|kept| kept.token.is(refused)) {
                *kept = None;
            }
            let token = self.kept_or_asked(&mut kept, host.name()).await?;
            Ok(Some(token).filter(|token| !token.is(refused)))
        })
    }
}
