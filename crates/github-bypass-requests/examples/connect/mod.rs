//! What the examples share: GitHub where the environment holds a token, and a fake GitHub in this
//! process where it does not; and lines on the standard output.

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use github_bypass_requests::Client;
use github_bypass_requests_fake::{Demo, Fake};

/// A client, and what it talks to.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// One line for the user.
    pub(crate) notice: String,
    host: String,
    /// Serves until it is dropped.
    fake: Option<Fake>,
}

impl Connection {
    /// What it talks to, for an audit: a fake is told by its address.
    #[allow(dead_code, reason = "not every example does")]
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The fake, for an example that makes something happen there.
    #[allow(dead_code, reason = "not every example does")]
    pub(crate) fn fake(&self) -> Option<&Fake> {
        self.fake.as_ref()
    }
}

/// Takes host and token from the environment, as `gh` does.
pub(crate) async fn connect() -> Result<Connection, Box<dyn Error>> {
    match (Client::from_env(), named_host()) {
        (Ok(client), named) => {
            let host = named.map_or_else(|| "github.com".to_owned(), |(_, host)| host);
            Ok(Connection {
                client,
                notice: format!("this is GitHub at {host}, with the token of the environment"),
                host,
                fake: None,
            })
        }
        // Whoever names a host does not mean the fake; a workflow names one by itself.
        (Err(error), Some(("GH_HOST", _))) if error.is_token_missing() => {
            Err(format!("{error}; or unset GH_HOST, and a fake GitHub takes its place").into())
        }
        (Err(error), _) if error.is_token_missing() => {
            let fake = Fake::builder().demo(Demo::new(40)).start().await?;
            let client = Client::builder()
                .base_url(fake.base_url())
                .token("any")
                .build()?;
            Ok(Connection {
                client,
                notice: format!("this is a fake GitHub with made-up requests ({error})"),
                host: fake.base_url().to_owned(),
                fake: Some(fake),
            })
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// The host that [`Client::from_env`] takes, and the variable that names it.
fn named_host() -> Option<(&'static str, String)> {
    ["GH_HOST", "GITHUB_API_URL"].into_iter().find_map(|name| {
        let host = env::var_os(name)?.to_string_lossy().trim().to_owned();
        (!host.is_empty()).then_some((name, host))
    })
}

/// Prints a line. A reader that has seen enough, as `head` has, is no error.
#[allow(dead_code, reason = "not every example does")]
pub(crate) fn show(line: impl Display) -> io::Result<()> {
    is_shown(line).map(drop)
}

/// Prints a line, and tells whether anybody reads it.
#[allow(dead_code, reason = "not every example does")]
pub(crate) fn is_shown(line: impl Display) -> io::Result<bool> {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}
