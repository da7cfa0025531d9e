//! The client that a command uses.

use github_bypass_requests::{Client, ClientBuilder, GhCli};
use github_bypass_requests_fake::{Demo, Fake};

use crate::failure::{Failure, Result};
use crate::github::host::{default_host, host_of, is_cloud, same_host};
use crate::terminal::{Terminal, variable};

/// A client for one host.
pub(crate) struct Session {
    pub(crate) client: Client,
    /// The name of the host, for messages and the audit log.
    pub(crate) host: String,
    /// The fake of `--demo`, which runs until it is dropped.
    pub(crate) fake: Option<Fake>,
}

/// The number of requests of each kind in the demo.
const DEMO_REQUESTS: usize = 40;

impl Session {
    /// Connects to `host`. If that is `None`, connects to the host that the environment names.
    ///
    /// The token comes from the environment, or from `gh auth token`. A token is used only for its
    /// own host. The token of an Enterprise Server belongs to the host that the environment names.
    fn connect(host: Option<&str>) -> Result<Self> {
        let host = host.map_or_else(default_host, host_of);
        let is_default = same_host(&host, &default_host());
        let with_host = || {
            let builder = if is_default {
                ClientBuilder::from_env()
            } else {
                Client::builder().base_url(&host).token_from_env()
            };
            builder.user_agent(concat!("gh-bypass/", env!("CARGO_PKG_VERSION")))
        };
        if is_default || is_cloud(&host) {
            match with_host().build() {
                Err(error) if error.is_token_missing() => {}
                client => {
                    return Ok(Self {
                        client: client?,
                        host,
                        fake: None,
                    });
                }
            }
        }
        let program = variable("GH_PATH").unwrap_or_else(|| "gh".to_owned());
        let client = with_host()
            .token_source(GhCli::new().program(program))
            .build()?;
        Ok(Self {
            client,
            host,
            fake: None,
        })
    }

    /// Starts a fake GitHub with made-up requests, and connects to it.
    async fn demo(terminal: &Terminal) -> Result<Self> {
        let fake = Fake::builder().demo(Demo::new(DEMO_REQUESTS)).start().await;
        let fake =
            fake.map_err(|error| Failure::failed(format!("the fake cannot be started: {error}")))?;
        let client = Client::builder()
            .base_url(fake.base_url())
            .token("demo")
            .build()?;
        terminal
            .notice("This is a demo. The requests are made up, and changes are lost at the end.");
        Ok(Self {
            client,
            host: "demo".to_owned(),
            fake: Some(fake),
        })
    }

    /// Starts the demo, or connects to the host.
    pub(crate) async fn open(
        is_demo: bool,
        host: Option<&str>,
        terminal: &Terminal,
    ) -> Result<Self> {
        if is_demo {
            Self::demo(terminal).await
        } else {
            Self::connect(host)
        }
    }
}
