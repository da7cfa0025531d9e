//! What the examples share: GitHub where the environment holds a token, and a fake GitHub in
//! this process where it does not; and lines on the standard output.

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
    /// Serves until it is dropped.
    fake: Option<Fake>,
}

impl Connection {
    /// The fake, for an example that makes something happen there.
    #[allow(dead_code, reason = "not every example does")]
    pub(crate) fn fake(&self) -> Option<&Fake> {
        self.fake.as_ref()
    }
}

/// Takes host and token from the environment, as `gh` does.
pub(crate) async fn connect() -> Result<Connection, Box<dyn Error>> {
    match Client::from_env() {
        Ok(client) => {
            let notice = "this is GitHub, with the token of the environment".to_owned();
            Ok(Connection {
                client,
                notice,
                fake: None,
            })
        }
        Err(error) if error.is_token_missing() => {
            let fake = Fake::builder().demo(Demo::new(40)).start().await?;
            let client = Client::builder()
                .base_url(fake.base_url())
                .token("any")
                .build()?;
            let notice = format!("this is a fake GitHub with made-up requests ({error})");
            Ok(Connection {
                client,
                notice,
                fake: Some(fake),
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Prints a line. A reader that has seen enough, as `head` has, is no error.
#[allow(dead_code, reason = "not every example does")]
pub(crate) fn show(line: impl Display) -> io::Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        shown => shown,
    }
}
