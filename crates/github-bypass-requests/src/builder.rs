//! The configuration of a client.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono::NaiveDate;
use http::header::{ACCEPT, ACCEPT_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::auth::environment::{Variables, host_from, of_process, token_from};
use crate::auth::secret::Secret;
use crate::auth::source::TokenSource;
use crate::client::Client;
use crate::error::{Error, InvalidInput, Reason, Result};
use crate::transport::base_url::BaseUrl;
use crate::transport::connection::Connection;
use crate::transport::gate::Gate;
use crate::transport::lock::Lock;
use crate::transport::outcome::NetworkCause;
use crate::transport::pace::Pace;
use crate::transport::policy::Policy;
use crate::transport::proxy;
use crate::transport::retry_budget::RetryBudget;
use crate::transport::tls::{build_failure, with_tls};
use crate::transport::usage::Counters;

impl Client {
    /// Creates a client with the host and the token from environment variables. Short for
    /// [`ClientBuilder::from_env`] followed by [`build`](ClientBuilder::build).
    ///
    /// # Errors
    ///
    /// - [`Error::is_token_missing`] if no variable contains a token for this host. The message
    ///   names the variables.
    /// - [`Error::is_invalid_input`] if a variable contains an invalid token or host.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env().build()
    }

    /// Returns a builder, which configures a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }
}

/// A builder for a [`Client`]. Created by [`Client::builder`].
///
/// Use it if the host or the token does not come from the environment, or to change timeouts,
/// retries and limits. Only a token is required. The defaults suit a program that runs unattended.
/// [`from_env`](Self::from_env) returns a builder with the host and the token from the environment.
///
/// The setters accept any value. If a value is invalid, [`build`](Self::build) returns an error.
///
/// # Examples
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
    /// The environment variable that the base URL comes from.
    base_url_variable: Option<&'static str>,
    token: TokenFrom,
    api_version: String,
    user_agent: Option<String>,
    connect_timeout: Duration,
    read_timeout: Duration,
    attempt_timeout: Duration,
    max_body: usize,
    max_error_body: usize,
    policy: Policy,
    call_timeout: Option<Duration>,
    max_reads: usize,
    write_interval: Duration,
    proxy: Option<String>,
    root_certificates: Vec<Vec<u8>>,
    #[cfg(all(fuzzing, unix))]
    unix_socket: Option<std::path::PathBuf>,
}

enum TokenFrom {
    Unset,
    Caller(Result<Secret, InvalidInput>),
    Source(Arc<dyn TokenSource>),
    Environment,
}

/// Every host accepts this version: github.com, `*.ghe.com` and Enterprise Server.
const DEFAULT_API_VERSION: &str = "2022-11-28";
const OWN_USER_AGENT: &str = concat!("github-bypass-requests/", env!("CARGO_PKG_VERSION"));

/// Well below the 60 seconds after which common load balancers close idle connections. If a write
/// is sent on a connection that is being closed, its response is lost, and the client must read the
/// bypass request to find out whether the write was recorded.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

impl ClientBuilder {
    fn new() -> Self {
        Self {
            base_url: None,
            base_url_variable: None,
            token: TokenFrom::Unset,
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
                deadline: None,
            },
            call_timeout: None,
            max_reads: 10,
            write_interval: Duration::from_secs(1),
            proxy: None,
            root_certificates: Vec::new(),
            #[cfg(all(fuzzing, unix))]
            unix_socket: None,
        }
    }

    /// Sends everything to this Unix socket, whatever the host. Unlike loopback TCP, a Unix socket
    /// delivers bytes before the write returns, so a simulation with paused time is exact.
    #[cfg(all(fuzzing, unix))]
    #[doc(hidden)]
    pub fn unix_socket(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.unix_socket = Some(path.into());
        self
    }

    /// Returns a builder with the host and the token from environment variables.
    ///
    /// The host comes from `GH_HOST`, which `gh` uses, or, if that is not set, from
    /// `GITHUB_API_URL`, which GitHub Actions sets. If neither is set, the host is github.com. The
    /// token comes from the variable for the host: see [`token_from_env`](Self::token_from_env). If
    /// you call [`base_url`](Self::base_url) afterwards, the token comes from the variable for the
    /// new host.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use github_bypass_requests::ClientBuilder;
    ///
    /// let client = ClientBuilder::from_env()
    ///     .call_timeout(Duration::from_secs(20))
    ///     .user_agent("octo-bot/1.2")
    ///     .build()?;
    /// # Ok::<(), github_bypass_requests::Error>(())
    /// ```
    pub fn from_env() -> Self {
        Self::from_variables(&of_process)
    }

    fn from_variables(variables: Variables<'_>) -> Self {
        let (host, variable) = host_from(variables);
        Self {
            base_url_variable: variable,
            ..Self::new().base_url(host).token_from_env()
        }
    }

    /// Sets the host, by its name or by the full URL of the API's root. The default is github.com.
    ///
    /// | `base_url` | URL of the API |
    /// |---|---|
    /// | `github.com` | `https://api.github.com` |
    /// | `octo.ghe.com`, `api.octo.ghe.com` | `https://api.octo.ghe.com` (data residency) |
    /// | `ghes.example.com`, `ghes.example.com/api/v3` | `https://ghes.example.com/api/v3` (Enterprise Server) |
    /// | `https://ghes.example.com` | `https://ghes.example.com/api/v3` |
    /// | `https://gateway.example.com/github` | unchanged |
    /// | `http://127.0.0.1:8080` | unchanged, for example a fake server in a test |
    ///
    /// The first two rows apply to full URLs as well, such as `https://github.com`. For these
    /// hosts, a URL with a path is an error.
    ///
    /// The URL must use https. Plain http is accepted for loopback addresses only: 127.0.0.0/8,
    /// `::1` and `localhost`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self.base_url_variable = None;
        self
    }

    /// Sets the token: a personal access token or a GitHub App token.
    pub fn token(mut self, token: impl AsRef<str>) -> Self {
        self.token = TokenFrom::Caller(Secret::token(token.as_ref()));
        self
    }

    /// Reads the token from an environment variable, which depends on the host. Use it if the host
    /// does not come from the environment; otherwise use [`from_env`](Self::from_env).
    ///
    /// - github.com and `*.ghe.com`: `GH_TOKEN`, then `GITHUB_TOKEN`
    /// - other hosts: `GH_ENTERPRISE_TOKEN`, then `GITHUB_ENTERPRISE_TOKEN`
    ///
    /// If `GITHUB_API_URL` is set, as it is in GitHub Actions, `GITHUB_TOKEN` belongs to the host
    /// in that URL and is not used for any other host. Line breaks after the token are ignored.
    pub fn token_from_env(mut self) -> Self {
        self.token = TokenFrom::Environment;
        self
    }

    /// Sets a token source, for tokens that change during the lifetime of the client.
    ///
    /// If several of [`token`](Self::token), [`token_from_env`](Self::token_from_env) and this
    /// method are called, the last call wins.
    ///
    /// The source is [`GhCli`](crate::GhCli), `AppInstallation` with the feature `github-app`, or
    /// your own [`TokenSource`]. The client gets a token from it before each attempt.
    ///
    /// If GitHub responds with 401 and the source returns a different token, the client sends the
    /// request once more. Writes are sent again as well, because GitHub did not carry them out. If
    /// the source returns a value that is not a valid token, the call fails and nothing is sent.
    pub fn token_source(mut self, source: impl TokenSource) -> Self {
        self.token = TokenFrom::Source(Arc::new(source));
        self
    }

    /// Sets the version of the REST API, which is a date. The default is `2022-11-28`, which every
    /// host accepts. The latest published version is `2026-03-10`.
    pub fn api_version(mut self, date: impl Into<String>) -> Self {
        self.api_version = date.into();
        self
    }

    /// Adds your application to the `User-Agent` header, for example `octo-bot/1.2`. It is appended
    /// to `github-bypass-requests/VERSION`.
    pub fn user_agent(mut self, application: impl Into<String>) -> Self {
        self.user_agent = Some(application.into());
        self
    }

    /// Sets the time limit for establishing a connection, including TLS. The default is 5 seconds.
    ///
    /// The effective value is at most half of [`read_timeout`](Self::read_timeout) and at most half
    /// of [`attempt_timeout`](Self::attempt_timeout), so that the connect timeout expires first. If
    /// an attempt ends with a connect timeout, nothing was sent, so a write is safe to repeat.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long the client waits for the next bytes of a response. The default is 15 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// Sets the time limit for one attempt, from connecting to the last byte of the response.
    ///
    /// The default is 30 seconds. GitHub itself gives up on a request after 10 seconds.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the size limit of a response body, after decompression. The default is 16 MiB; a page
    /// of 100 requests takes about 100 KiB. In memory, a decoded body can take 30 times its size,
    /// for example if a hostile server fills it with empty objects.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets the size limit of the body of an error response, after decompression. The default is
    /// 1 MiB.
    pub fn max_error_body_bytes(mut self, bytes: usize) -> Self {
        self.max_error_body = bytes;
        self
    }

    /// Sets the maximum number of attempts per call. The default is 3; 1 disables retries.
    ///
    /// Only reads, and requests that never reached the server, are retried. Attempts after a rate
    /// limit, a redirect or a 401 have limits of their own and do not count towards this one. If
    /// the response to a write is lost, the client reads the bypass request to find out whether the
    /// write was recorded and, if it was not, sends it once more. These requests do not count
    /// either.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.policy.max_attempts = attempts;
        self
    }

    /// Sets how long a call may be retried, measured from its start. The default is 60 seconds.
    ///
    /// Time that the call spends waiting for a rate limit, for a token or for its turn does not
    /// count.
    pub fn retry_window(mut self, window: Duration) -> Self {
        self.policy.retry_window = window;
        self
    }

    /// Sets the maximum total time that one HTTP request of a call waits for rate limits. The
    /// default is 90 seconds. If the response to a review is lost, the client reads the bypass
    /// request and may send the review again. Each of these HTTP requests can wait this long.
    ///
    /// If the wait would be longer, the call fails at once, and [`Error::retry_at`] returns the
    /// time when it can be retried.
    pub fn max_rate_limit_wait(mut self, wait: Duration) -> Self {
        self.policy.max_rate_limit_wait = wait;
        self
    }

    /// Sets how many times one HTTP request of a call is retried after a rate limit. The default is
    /// 1.
    pub fn rate_limit_retries(mut self, retries: u32) -> Self {
        self.policy.rate_limit_retries = retries;
        self
    }

    /// Sets the time limit for a whole call. It covers connecting, retries, and the waits for rate
    /// limits, for the call's turn and for a token. If the response to a review is lost, it also
    /// covers reading the bypass request and sending the review again. The default is no limit.
    ///
    /// A call is one use of a method such as `get`, `approve` or `undo`, or the read of one page of
    /// a list. If it takes longer, it fails with
    ///
    /// - [`Error::is_ambiguous`] if a write was sent and its outcome is unknown,
    /// - [`Error::is_timeout`] otherwise; in that case, a write was not recorded.
    ///
    /// If the next wait (for a rate limit, or before a retry) would use up the time that is left
    /// for the call, the call does not wait. It fails at once with the error that caused the wait.
    ///
    /// To set the limit for some calls only, use
    /// [`Client::with_call_timeout`](crate::Client::with_call_timeout).
    ///
    /// # All time limits
    ///
    /// | limit | default | covers |
    /// |---|---|---|
    /// | [`connect_timeout`](Self::connect_timeout) | 5 s | establishing a connection, with TLS |
    /// | [`read_timeout`](Self::read_timeout) | 15 s | waiting for the next bytes of a response |
    /// | [`attempt_timeout`](Self::attempt_timeout) | 30 s | one attempt, up to the last byte |
    /// | [`retry_window`](Self::retry_window) | 60 s | the time in which another attempt may start |
    /// | [`max_rate_limit_wait`](Self::max_rate_limit_wait) | 90 s | all rate-limit waits of an HTTP request |
    /// | `call_timeout` | none | everything |
    ///
    /// By default, a read takes at most 90 seconds: the last attempt starts within 60 seconds and
    /// takes at most 30. `approve`, `reject` and `review` take at most five minutes. The worst case
    /// is this: the client sends the review, and its response is lost. The client reads the bypass
    /// request three times, and sends the review again. The second response is lost as well, and
    /// the client reads three more times.
    ///
    /// These times do not include redirects, rejected tokens, a `Retry-After` before a retry, or
    /// waits for a token or for other calls. Nor do they include waits for rate limits, which take
    /// up to 90 seconds for each HTTP request of the call.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = Some(timeout);
        self
    }

    /// Sets how many reads this client and its clones may have in flight. The default is 10.
    pub fn max_concurrent_reads(mut self, reads: usize) -> Self {
        self.max_reads = reads;
        self
    }

    /// Sets the minimum time between the starts of two writes. The default is 1 second, as GitHub
    /// recommends.
    ///
    /// A client and its clones never have more than one write in flight.
    pub fn write_interval(mut self, interval: Duration) -> Self {
        self.write_interval = interval;
        self
    }

    /// Sets a proxy, for example `http://proxy.example.com:3128`.
    ///
    /// The default comes from the environment variables `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    /// A proxy is never used for loopback addresses.
    ///
    /// The scheme must be `http` or `https`. The feature `socks` adds the schemes `socks4`,
    /// `socks4a`, `socks5` and `socks5h`. [`build`](Self::build) rejects any other scheme, even if
    /// the proxy comes from a variable.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Trusts a certificate authority in addition to those of the system.
    ///
    /// Use it for an Enterprise Server whose certificate was issued by a private authority. The
    /// format is PEM. You can pass a bundle of several certificates, and call this method several
    /// times.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Creates the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// - [`Error::is_token_missing`] if no token was set, or if the environment has none for
    ///   the host.
    /// - [`Error::is_invalid_input`] if any other setting is invalid, or if the URL uses https and
    ///   this crate was built without TLS. With the feature `rustls-no-provider`, your program must
    ///   install a cryptography provider first.
    pub fn build(self) -> Result<Client> {
        self.build_in(&of_process)
    }

    fn build_in(self, variables: Variables<'_>) -> Result<Client> {
        let base_url = BaseUrl::parse(self.base_url.as_deref().unwrap_or("github.com"));
        let base_url = base_url.map_err(|error| match self.base_url_variable {
            Some(variable) => Error::input(format!("{variable}: {error}")),
            None => error.into(),
        })?;
        let tokens: Arc<dyn TokenSource> = match &self.token {
            TokenFrom::Caller(token) => Arc::new(token.clone()?),
            TokenFrom::Environment => Arc::new(token_from(variables, &base_url)?),
            TokenFrom::Source(source) => source.clone(),
            TokenFrom::Unset => {
                return Err(Error::new(Reason::TokenMissing(
                    "no token; set one with `token`, `token_from_env` or `token_source`".to_owned(),
                )));
            }
        };
        self.check_proxies(&base_url, variables)?;
        let headers = self.headers()?;
        let http = self.http(&base_url)?;
        let connection = Connection {
            proxy: proxy::in_use(self.proxy.as_deref(), &base_url),
            base_url,
            headers,
            http,
            max_body: self.max_body,
            max_error_body: self.max_error_body,
            pace: Pace::new(self.max_reads, self.write_interval),
            policy: self.policy,
            retry_budget: RetryBudget::new(),
            gate: Gate::default(),
            counters: Counters::default(),
            rate_limit: Lock::default(),
            has_warned_of_deprecation: AtomicBool::new(false),
            has_warned_of_missing: AtomicBool::new(false),
        };
        Ok(Client::new(connection, tokens, self.call_timeout))
    }

    /// The headers of every request, except for the token.
    fn headers(&self) -> Result<HeaderMap> {
        let version = &self.api_version;
        let date = version.parse::<NaiveDate>();
        if !date.is_ok_and(|date| date.to_string() == *version) {
            return Err(Error::input(format!(
                "`api_version` must be a date like 2022-11-28, not {version:?}"
            )));
        }
        let agent = match self.user_agent.as_deref().map(str::trim) {
            None | Some("") => OWN_USER_AGENT.to_owned(),
            Some(application) => format!("{OWN_USER_AGENT} {application}"),
        };
        let header = |name: &str, value: &str| {
            HeaderValue::from_str(value)
                .ok()
                .filter(|_| value.is_ascii())
                .ok_or_else(|| {
                    Error::input(format!("`{name}` must be printable ASCII, not {value:?}"))
                })
        };
        Ok(HeaderMap::from_iter([
            (
                ACCEPT,
                HeaderValue::from_static("application/vnd.github+json"),
            ),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            (
                HeaderName::from_static("x-github-api-version"),
                header("api_version", version)?,
            ),
            (USER_AGENT, header("user_agent", &agent)?),
        ]))
    }

    /// Rejects a proxy that reqwest would silently ignore. Otherwise requests, and the token with
    /// them, would bypass the proxy.
    fn check_proxies(&self, base_url: &BaseUrl, variables: Variables<'_>) -> Result<()> {
        if let Some(proxy) = &self.proxy {
            return Ok(proxy::check("proxy", proxy)?);
        }
        if base_url.is_loopback() {
            return Ok(());
        }
        let set = |name| Some((name, variables(name)?)).filter(|(_, value)| !value.is_empty());
        let mut proxies = proxy::VARIABLES.into_iter().filter_map(set);
        Ok(proxies.try_for_each(|(name, value)| proxy::check(name, &value))?)
    }

    /// The HTTP client, without redirects, retries, `Referer`, decompression or default headers.
    fn http(&self, base_url: &BaseUrl) -> Result<reqwest::Client> {
        for (name, timeout) in [
            ("connect_timeout", self.connect_timeout),
            ("read_timeout", self.read_timeout),
            ("attempt_timeout", self.attempt_timeout),
            ("call_timeout", self.call_timeout.unwrap_or(Duration::MAX)),
        ] {
            if timeout.is_zero() {
                return Err(Error::input(format!("`{name}` must be longer than zero")));
            }
        }
        if self.policy.max_attempts == 0 {
            return Err(Error::input(
                "`max_attempts` must be at least 1, not 0; 1 disables retries",
            ));
        }
        if self.max_reads == 0 {
            return Err(Error::input(
                "`max_concurrent_reads` must be at least 1, not 0",
            ));
        }
        // The connect timeout must expire first: no other timeout proves that nothing was sent.
        let connect_timeout = self
            .connect_timeout
            .min(self.read_timeout / 2)
            .min(self.attempt_timeout / 2);
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // The client decompresses bodies itself. Another crate may enable reqwest's
            // decompression features, so they are turned off here.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .read_timeout(self.read_timeout)
            .timeout(self.attempt_timeout);
        if let Some(proxy) = &self.proxy {
            // The message omits the URL, because it may contain a password.
            let proxy = reqwest::Proxy::all(proxy);
            http = http.proxy(proxy.map_err(|_| proxy::not_a_url("proxy"))?);
        }
        if base_url.is_loopback() {
            http = http.no_proxy();
        }
        #[cfg(all(fuzzing, unix))]
        if let Some(path) = &self.unix_socket {
            http = http.unix_socket(path.as_path());
        }
        let http = with_tls(http, base_url, &self.root_certificates)?;
        http.build().map_err(|error| {
            let cause = NetworkCause::from(error);
            Error::input(build_failure(&cause)).with_source(cause)
        })
    }
}

/// Omits the token. Omits the proxy as well, because its URL may contain a password.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("api_version", &self.api_version)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

// The hosts in these tests need TLS.
#[cfg(all(test, any(feature = "rustls", feature = "native-tls")))]
mod tests {
    use super::*;

    #[test]
    fn host_and_token_come_from_the_environment() {
        let built = |variables: &[(&str, &str)], base_url: Option<&str>| {
            let lookup = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let builder = ClientBuilder::from_variables(&lookup);
            let builder = match base_url {
                Some(base_url) => builder.base_url(base_url),
                None => builder,
            };
            builder.build_in(&lookup)
        };
        let client = |variables: &[(&str, &str)]| built(variables, None);
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
        // The token belongs to the host that was set last.
        let variables = [("GH_TOKEN", "t"), ("GH_ENTERPRISE_TOKEN", "e")];
        let server = built(&variables, Some("ghes.example.com"));
        assert!(server.is_ok());
        let server = built(&variables[..1], Some("ghes.example.com"));
        assert!(server.expect_err("no token").is_token_missing());
        assert!(
            client(&[("GH_HOST", "octo.ghe.com")])
                .expect_err("no token")
                .is_token_missing()
        );
        let error = client(&[("GH_HOST", "a b"), ("GH_TOKEN", "t")]).expect_err("no host");
        assert!(error.is_invalid_input());
        assert!(error.to_string().starts_with("GH_HOST: "), "{error}");
    }
}
