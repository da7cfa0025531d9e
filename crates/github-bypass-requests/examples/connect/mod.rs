//! Code that the examples share.
//!
//! They connect to GitHub if the environment contains a token, and otherwise to a fake GitHub in
//! the same process.

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use github_bypass_requests::{Client, ClientBuilder};
use github_bypass_requests_fake::{Demo, Fake};

/// A client, and the GitHub or fake that it is connected to.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// One line that describes the connection.
    pub(crate) notice: String,
    host: String,
    /// Runs until it is dropped.
    fake: Option<Fake>,
}

impl Connection {
    /// Returns the host to show in an audit log. The host of a fake is its base URL.
    #[allow(dead_code, reason = "not used by every example")]
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Returns the fake, if there is one.
    #[allow(dead_code, reason = "not used by every example")]
    pub(crate) fn fake(&self) -> Option<&Fake> {
        self.fake.as_ref()
    }
}

/// Connects with the host and token from the environment, as `gh` does.
pub(crate) async fn connect() -> Result<Connection, Box<dyn Error>> {
    let client = ClientBuilder::from_env().user_agent("octo-bot/1.2").build();
    match (client, named_host()) {
        (Ok(client), named) => {
            let host = named.map_or_else(|| "github.com".to_owned(), |(_, host)| host);
            Ok(Connection {
                client,
                notice: format!("using GitHub at {host} with the token from the environment"),
                host,
                fake: None,
            })
        }
        // A user who sets `GH_HOST` does not expect a fake. `GITHUB_API_URL` does not count,
        // because GitHub Actions sets it in every workflow.
        (Err(error), Some(("GH_HOST", _))) if error.is_token_missing() => {
            Err(format!("{error}; or unset GH_HOST to use a fake GitHub").into())
        }
        (Err(error), _) if error.is_token_missing() => {
            let fake = Fake::builder().demo(Demo::new(40)).start().await?;
            let client = Client::builder()
                .base_url(fake.base_url())
                .token("any")
                .build()?;
            Ok(Connection {
                client,
                notice: format!("using a fake GitHub with made-up requests ({error})"),
                host: fake.base_url().to_owned(),
                fake: Some(fake),
            })
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// Returns the host that [`ClientBuilder::from_env`] uses, and the variable that names it.
fn named_host() -> Option<(&'static str, String)> {
    ["GH_HOST", "GITHUB_API_URL"].into_iter().find_map(|name| {
        let host = env::var_os(name)?.to_string_lossy().trim().to_owned();
        (!host.is_empty()).then_some((name, host))
    })
}

/// Prints a line. A closed pipe, as with `head`, is not an error.
#[allow(dead_code, reason = "not used by every example")]
pub(crate) fn show(line: impl Display) -> io::Result<()> {
    is_shown(line).map(drop)
}

/// Prints a line. Returns true if it was printed, or false if the pipe is closed.
#[allow(dead_code, reason = "not used by every example")]
pub(crate) fn is_shown(line: impl Display) -> io::Result<bool> {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}
