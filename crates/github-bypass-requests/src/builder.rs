//! How a client is put together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono::NaiveDate;
use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::auth::environment::{Variables, host_from, token_from};
use crate::auth::secret::Secret;
use crate::auth::source::TokenSource;
use crate::client::Client;
use crate::error::{Error, InvalidInput, Kind, Result};
use crate::transport::base_url::BaseUrl;
use crate::transport::connection::Connection;
use crate::transport::gate::Gate;
use crate::transport::outcome::NetworkCause;
use crate::transport::pace::Pace;
use crate::transport::policy::Policy;
use crate::transport::retry_budget::RetryBudget;
use crate::transport::tls::with_tls;

impl Client {
    /// A client with the host and the token of the environment.
    ///
    /// The host is `GH_HOST`, as `gh` has it, else `GITHUB_API_URL`, as GitHub Actions has it, else
    /// github.com. The token is the one that belongs to this host; see
    /// [`ClientBuilder::token_from_env`].
    ///
    /// # Errors
    ///
    /// [`Error::is_token_missing`] where no variable holds a token for this host; the text names
    /// the variables. [`Error::is_invalid_input`] where one holds what cannot be a token or a host.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_variables(&environment)
    }

    /// Starts to put a client together.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }
}

/// Puts a [`Client`] together; from [`Client::builder`].
///
/// Whatever is wrong with the input is told by [`build`](Self::build).
///
/// ```
/// use std::time::Duration;
/// use github_bypass_requests::Client;
///
/// let client = Client::builder()
///     .base_url("ghes.example.com")
///     .token("ghp_example")
///     .user_agent("octo-bot/1.2")
///     .attempt_timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok::<(), github_bypass_requests::Error>(())
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    base_url: Option<String>,
    token: TokenFrom,
    api_version: String,
    user_agent: Option<String>,
    connect_timeout: Duration,
    read_timeout: Duration,
    attempt_timeout: Duration,
    max_body: usize,
    max_error_body: usize,
    policy: Policy,
    max_reads: usize,
    write_interval: Duration,
    proxy: Option<String>,
    root_certificates: Vec<Vec<u8>>,
}

enum TokenFrom {
    Nowhere,
    Caller(Result<Secret, InvalidInput>),
    Source(Arc<dyn TokenSource>),
    Environment,
}

/// The version that every host accepts: github.com, data residency and Enterprise Server.
const DEFAULT_API_VERSION: &str = "2022-11-28";
const OWN_USER_AGENT: &str = concat!("github-bypass-requests/", env!("CARGO_PKG_VERSION"));

impl ClientBuilder {
    fn new() -> Self {
        Self {
            base_url: None,
            token: TokenFrom::Nowhere,
            api_version: DEFAULT_API_VERSION.to_owned(),
            user_agent: None,
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(15),
            attempt_timeout: Duration::from_secs(30),
            max_body: 16 << 20,
            max_error_body: 1 << 20,
            policy: Policy {
                max_attempts: 3,
                retry_window: Duration::from_secs(60),
                max_rate_limit_wait: Duration::from_secs(90),
                rate_limit_retries: 1,
            },
            max_reads: 10,
            write_interval: Duration::from_secs(1),
            proxy: None,
            root_certificates: Vec::new(),
        }
    }

    /// Where the API lives: a host name or the full URL of the API's root. By default, github.com.
    ///
    /// | given | used |
    /// |---|---|
    /// | `github.com` | `https://api.github.com` |
    /// | `octo.ghe.com`, `api.octo.ghe.com` | `https://api.octo.ghe.com` (data residency) |
    /// | `ghes.example.com`, `ghes.example.com/api/v3` | `https://ghes.example.com/api/v3` (Enterprise Server) |
    /// | `https://gateway.example.com/github` | as it is (the hosts of the first two rows lead to their API in this form, too) |
    ///
    /// Plain http is accepted for loopback addresses alone (127.0.0.0/8, `::1`, `localhost`).
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The token to send: a personal access token, or one of an app.
    pub fn token(mut self, token: impl AsRef<str>) -> Self {
        self.token = TokenFrom::Caller(Secret::token(token.as_ref()));
        self
    }

    /// Takes the token from the environment, from the variable that belongs to the host:
    ///
    /// - github.com and `*.ghe.com`: `GH_TOKEN`, then `GITHUB_TOKEN`;
    /// - other hosts: `GH_ENTERPRISE_TOKEN`, then `GITHUB_ENTERPRISE_TOKEN`.
    ///
    /// Where `GITHUB_API_URL` is set, as in a workflow, `GITHUB_TOKEN` belongs to the host that it
    /// names, and to no other. A line end after the token is ignored.
    pub fn token_from_env(mut self) -> Self {
        self.token = TokenFrom::Environment;
        self
    }

    /// Takes the token from a source that is asked before each attempt, so that a token may change
    /// while a client lives: [`GhCli`](crate::GhCli), `AppInstallation` of the feature `github-app`,
    /// or one of your own.
    ///
    /// Where GitHub answers 401 and the source has another token by then, the request is sent once
    /// more, be it a read or a write. What cannot be a token is refused by the call that would send
    /// it.
    pub fn token_source(mut self, source: impl TokenSource) -> Self {
        self.token = TokenFrom::Source(Arc::new(source));
        self
    }

    /// The REST API version to ask for, by its date. By default `2022-11-28`, which every host
    /// accepts; `2026-03-10` is the latest published.
    pub fn api_version(mut self, date: impl Into<String>) -> Self {
        self.api_version = date.into();
        self
    }

    /// The application's own part of the `User-Agent`, as `octo-bot/1.2`. It follows
    /// `github-bypass-requests/VERSION`.
    pub fn user_agent(mut self, application: impl Into<String>) -> Self {
        self.user_agent = Some(application.into());
        self
    }

    /// How long a connection may take to come about, TLS included. By default 5 seconds, and at most
    /// half of the other two timeouts: a write that was never sent is to be told from one that is
    /// not answered.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the server may be silent within an answer. By default 15 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// How long one attempt may take in all, from the connection to the last byte of the answer.
    /// By default 30 seconds; GitHub itself gives up after 10.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How many bytes of an answer are read at most. By default 16 MiB; a page of 100 requests has
    /// some 100 KiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// How many bytes of an error's answer are read at most. By default 1 MiB.
    pub fn max_error_body_bytes(mut self, bytes: usize) -> Self {
        self.max_error_body = bytes;
        self
    }

    /// How often a request is sent at most, where that is safe: a read that was disturbed, and
    /// anything that was not sent at all. By default 3; 1 turns these retries off. What is said of
    /// rate limits, redirects, a token that is renewed and writes whose answer is lost is apart from
    /// it.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.policy.max_attempts = attempts;
        self
    }

    /// How long after its begin a call may be retried, waits for rate limits, for a token and for its
    /// turn not counted. By default 60 seconds.
    pub fn retry_window(mut self, window: Duration) -> Self {
        self.policy.retry_window = window;
        self
    }

    /// How long a call waits for a rate limit to pass. By default 90 seconds. A longer wait is not
    /// slept through: the call fails at once, and [`Error::retry_at`] tells when to try again.
    pub fn max_rate_limit_wait(mut self, wait: Duration) -> Self {
        self.policy.max_rate_limit_wait = wait;
        self
    }

    /// How often a call that was refused for the rate is tried again. By default once.
    pub fn rate_limit_retries(mut self, retries: u32) -> Self {
        self.policy.rate_limit_retries = retries;
        self
    }

    /// How many reads may be in flight at once, of this client and its clones. By default 10.
    pub fn max_concurrent_reads(mut self, reads: usize) -> Self {
        self.max_reads = reads;
        self
    }

    /// How far apart writes start at least, of this client and its clones; there is never more than
    /// one under way. By default 1 second, as GitHub asks.
    pub fn write_interval(mut self, interval: Duration) -> Self {
        self.write_interval = interval;
        self
    }

    /// The proxy to go through, as `http://proxy.example.com:3128`. By default the one that
    /// `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` name. A loopback address is never asked through a
    /// proxy.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// A certificate authority to trust beside those of the system, in PEM; as an Enterprise Server
    /// with a private authority needs it. Can be given several times.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Puts the client together. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Error::is_token_missing`] without a token, [`Error::is_invalid_input`] for everything else
    /// that is wrong with the input.
    pub fn build(self) -> Result<Client> {
        self.build_in(&environment)
    }

    fn from_variables(variables: Variables<'_>) -> Result<Client> {
        Self::new()
            .base_url(host_from(variables))
            .token_from_env()
            .build_in(variables)
    }

    fn build_in(self, variables: Variables<'_>) -> Result<Client> {
        let base_url = BaseUrl::parse(self.base_url.as_deref().unwrap_or("github.com"))?;
        let tokens: Arc<dyn TokenSource> = match &self.token {
            TokenFrom::Caller(token) => Arc::new(token.clone()?),
            TokenFrom::Environment => Arc::new(token_from(variables, &base_url)?),
            TokenFrom::Source(source) => source.clone(),
            TokenFrom::Nowhere => {
                return Err(Error::new(Kind::TokenMissing(
                    "no token: give one with `token`, `token_from_env` or `token_source`"
                        .to_owned(),
                )));
            }
        };
        let headers = self.headers()?;
        let http = self.http(&base_url)?;
        let connection = Connection {
            base_url,
            headers,
            http,
            max_body: self.max_body,
            max_error_body: self.max_error_body,
            pace: Pace::new(self.max_reads, self.write_interval),
            policy: self.policy,
            retry_budget: RetryBudget::new(),
            gate: Gate::default(),
            has_warned: AtomicBool::new(false),
        };
        Ok(Client::new(connection, tokens))
    }

    /// What every request carries, but for the token.
    fn headers(&self) -> Result<HeaderMap> {
        let version = &self.api_version;
        let date = version.parse::<NaiveDate>();
        if !date.is_ok_and(|date| date.to_string() == *version) {
            return Err(Error::input(format!(
                "API version {version:?} is not a date like 2022-11-28"
            )));
        }
        let agent = match self.user_agent.as_deref().map(str::trim) {
            None | Some("") => OWN_USER_AGENT.to_owned(),
            Some(application) => format!("{OWN_USER_AGENT} {application}"),
        };
        let header = |what: &str, value: &str| {
            HeaderValue::from_str(value)
                .ok()
                .filter(|_| value.is_ascii())
                .ok_or_else(|| Error::input(format!("{what} {value:?} cannot be sent in a header")))
        };
        Ok(HeaderMap::from_iter([
            (
                ACCEPT,
                HeaderValue::from_static("application/vnd.github+json"),
            ),
            (
                HeaderName::from_static("x-github-api-version"),
                header("API version", version)?,
            ),
            (USER_AGENT, header("user agent", &agent)?),
        ]))
    }

    /// The HTTP client with everything off that could act on its own: redirects, retries, referer,
    /// decompression and default headers.
    fn http(&self, base_url: &BaseUrl) -> Result<reqwest::Client> {
        for (what, timeout) in [
            ("connect timeout", self.connect_timeout),
            ("read timeout", self.read_timeout),
            ("attempt timeout", self.attempt_timeout),
        ] {
            if timeout.is_zero() {
                return Err(Error::input(format!("{what} is zero")));
            }
        }
        if self.policy.max_attempts == 0 || self.max_reads == 0 {
            return Err(Error::input(
                "without an attempt or a read at a time, nothing can be sent",
            ));
        }
        // Only a timeout of the connection itself tells that nothing was sent.
        let connect_timeout = self
            .connect_timeout
            .min(self.read_timeout / 2)
            .min(self.attempt_timeout / 2);
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Off even if another crate of the build turns reqwest's features on.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .connect_timeout(connect_timeout)
            .read_timeout(self.read_timeout)
            .timeout(self.attempt_timeout);
        if let Some(proxy) = &self.proxy {
            // The URL may hold a password: it is not repeated.
            let proxy = reqwest::Proxy::all(proxy)
                .map_err(|_| Error::input("the proxy's URL cannot be read"))?;
            http = http.proxy(proxy);
        }
        if base_url.is_loopback() {
            http = http.no_proxy();
        }
        let http = with_tls(http, base_url, &self.root_certificates)?;
        http.build().map_err(|error| {
            Error::input("the HTTP client cannot be set up; is a root certificate damaged?")
                .with_source(NetworkCause::from(error))
        })
    }
}

/// Without the token, and without the proxy, which may hold a password.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("api_version", &self.api_version)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

fn environment(name: &str) -> Option<String> {
    Some(std::env::var_os(name)?.to_string_lossy().into_owned())
}

// It is hosts beyond this machine that are told apart, and those need TLS.
#[cfg(all(test, any(feature = "rustls", feature = "native-tls")))]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_host_and_token() {
        let client = |variables: &[(&str, &str)]| {
            ClientBuilder::from_variables(&|name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        for (variables, host) in [
            (&[("GH_TOKEN", "t")][..], "https://api.github.com"),
            (
                &[("GH_TOKEN", "t"), ("GH_HOST", "octo.ghe.com")],
                "https://api.octo.ghe.com",
            ),
            (
                &[
                    ("GITHUB_TOKEN", "t"),
                    ("GITHUB_API_URL", "https://ghes.example.com/api/v3"),
                ],
                "https://ghes.example.com/api/v3",
            ),
        ] {
            let client = client(variables).expect(host);
            assert_eq!(client.connection().base_url.as_str(), host);
        }
        assert!(
            client(&[("GH_HOST", "octo.ghe.com")])
                .expect_err("no token")
                .is_token_missing()
        );
        assert!(
            client(&[("GH_HOST", "a b"), ("GH_TOKEN", "t")])
                .expect_err("no host")
                .is_invalid_input()
        );
    }
}
