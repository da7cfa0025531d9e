//! Installation tokens of a GitHub App.

pub(crate) mod app_key;
pub(crate) mod server_clock;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tracing::debug;
use zeroize::Zeroize;

use crate::auth::cached::{Cache, Fetched, Provider, cached_source};
use crate::auth::installation::app_key::AppKey;
use crate::auth::installation::server_clock::ServerClock;
use crate::auth::secret::Secret;
use crate::auth::source::{Host, TokenFuture};
use crate::error::{Error, Kind, Result};
use crate::response::error_body::ErrorBody;
use crate::response::escape::escape;
use crate::response::excerpt::Excerpt;
use crate::response::head::Head;
use crate::response::json;
use crate::transport::attempts::{Authorize, Exchange, Sent};
use crate::transport::gate::Gate;
use crate::transport::lock::Lock;
use crate::transport::outcome::Outcome;

/// The tokens of one installation of a GitHub App.
///
/// A token is asked for when the first request is sent, kept, and renewed five minutes before it
/// expires, which is an hour after it was issued. It is asked for once, however many calls wait for
/// it, and shared by all clones of the client and of this value. Time is told by GitHub's clock, so
/// that a wrong one of this machine does no harm. A token that is refused just after it was issued
/// is tried once more a second later: GitHub needs a moment until all of it knows the token.
///
/// GitHub accepts no app tokens for the lists of an enterprise, only classic ones. An installation
/// belongs to one host.
///
/// ```no_run
/// use github_bypass_requests::{AppInstallation, Client, Secret};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let key = Secret::new(std::fs::read_to_string("octo-bot.private-key.pem")?);
/// let installation = AppInstallation::new("Iv23liExample", 12_345_678, &key)?
///     .repositories(["smile"])
///     .permission("secret_scanning_alerts", "read");
/// let client = Client::builder().token_source(installation).build()?;
/// # Ok(())
/// # }
/// ```
///
/// Where GitHub issues no token, a call fails with
/// [`Error::is_token_missing`], and [`Error::status`] and [`Error::message`] tell its answer. Failures
/// of the network and of the server are told as those of any call, after the same retries.
#[derive(Clone)]
pub struct AppInstallation(Cache<Installation>);

#[derive(Clone)]
struct Installation {
    key: AppKey,
    id: u64,
    narrowing: Narrowing,
}

/// What is known of a server that issues tokens. Shared by all clones.
#[derive(Default)]
pub(crate) struct Issuer {
    /// Closed while the requests for tokens are rate limited. They count apart from all others.
    gate: Gate,
    clock: Lock<ServerClock>,
}

/// What a token is to be good for; all that the installation has, unless it says otherwise.
#[derive(Clone, Debug, Default, Serialize)]
struct Narrowing {
    #[serde(skip_serializing_if = "Option::is_none")]
    repositories: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository_ids: Option<Vec<u64>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    permissions: BTreeMap<String, String>,
}

/// What of GitHub's answer matters here.
#[derive(Deserialize)]
struct AccessToken {
    token: String,
    expires_at: DateTime<Utc>,
}

/// For how long GitHub may not know a token everywhere.
const SPREADING: Duration = Duration::from_secs(5);
/// Within it, a refusal has another reason than the clock.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(30);

impl AppInstallation {
    /// Names the app by its client id or its app id, the installation by its id, and gives the app's
    /// private key as GitHub hands it out: RSA, in PEM. The key's text is not kept.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] for what is no such key; the text does not repeat it.
    pub fn new(app: impl fmt::Display, installation: u64, private_key: &Secret) -> Result<Self> {
        Ok(Self(Cache::new(Installation {
            key: AppKey::new(app.to_string(), private_key)?,
            id: installation,
            narrowing: Narrowing::default(),
        })))
    }

    /// Narrows the tokens to these repositories of the installation, named without their owner.
    ///
    /// GitHub takes 500 at most, and refuses an empty list as much as a name it does not know.
    #[must_use]
    pub fn repositories(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        self.narrow(|narrowing| narrowing.repositories = Some(names))
    }

    /// Narrows the tokens to these repositories of the installation, named by their ids.
    #[must_use]
    pub fn repository_ids(self, ids: impl IntoIterator<Item = u64>) -> Self {
        let ids = ids.into_iter().collect();
        self.narrow(|narrowing| narrowing.repository_ids = Some(ids))
    }

    /// Narrows the tokens to this permission and others that are named so, as
    /// `("secret_scanning_alerts", "read")`.
    #[must_use]
    pub fn permission(self, name: impl Into<String>, access: impl Into<String>) -> Self {
        self.narrow(|narrowing| {
            let permissions = &mut narrowing.permissions;
            permissions.insert(name.into(), access.into());
        })
    }

    /// Tokens that are narrowed differently are not shared.
    fn narrow(self, narrow: impl FnOnce(&mut Narrowing)) -> Self {
        let mut installation = self.0.provider().clone();
        narrow(&mut installation.narrowing);
        Self(Cache::new(installation))
    }
}

impl Provider for Installation {
    type Issuer = Issuer;

    /// Sends the request like a read: one token too many does no harm.
    async fn fetch(&self, host: Host<'_>, issuer: &Issuer, _: Option<&Secret>) -> Result<Fetched> {
        let exchange = Exchange {
            request: self.request(host)?,
            is_safe: true,
            success: StatusCode::CREATED,
            // A limit is not waited for here: the current token may still be valid.
            policy: host.connection.policy.clone().without_waiting(),
            // GitHub limits these requests apart, and another request waits for this one.
            gate: &issuer.gate,
            pace: None,
        };
        let since = Instant::now();
        let authorize = SignedByApp {
            key: &self.key,
            issuer,
            claimed: None,
        };
        let sent = exchange.send(host.connection, authorize).await;
        debug!(
            status = sent.outcome.head().map(|head| head.status.as_u16()),
            verdict = ?sent.verdict,
            "asked for an installation token"
        );
        self.read(sent, issuer, since)
    }

    fn limited_for(&self, issuer: &Issuer) -> Duration {
        issuer.gate.remaining()
    }

    fn spreads_for(&self) -> Duration {
        SPREADING
    }
}

impl Installation {
    fn request(&self, host: Host<'_>) -> Result<reqwest::Request> {
        let Narrowing {
            repositories,
            repository_ids,
            ..
        } = &self.narrowing;
        // GitHub may take an empty list for all repositories.
        if repositories.as_ref().is_some_and(Vec::is_empty)
            || repository_ids.as_ref().is_some_and(Vec::is_empty)
        {
            return Err(Error::input("the token is narrowed to no repository"));
        }
        let unsendable = || Error::input("the request for a token cannot be built");
        let path = format!("/app/installations/{}/access_tokens", self.id);
        let url = Url::parse(&format!("{}{path}", host.base_url())).map_err(|_| unsendable())?;
        let body = serde_json::to_vec(&self.narrowing).map_err(|_| unsendable())?;
        let mut request = reqwest::Request::new(Method::POST, url);
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    /// The token of a response.
    fn read(&self, sent: Sent, issuer: &Issuer, since: Instant) -> Result<Fetched> {
        let (head, body) = match sent.outcome {
            Outcome::Success { head, body } if head.status == StatusCode::CREATED => (head, body),
            _ => return Err(self.refused(&sent, issuer)),
        };
        let read = json::from_slice::<AccessToken>(&body);
        overwrite(body);
        let Ok(AccessToken { token, expires_at }) = read else {
            // Nothing of this body may be shown.
            let kind = self.no_token("GitHub's answer cannot be read");
            return Err(Error::new(kind).with_response(Excerpt::new(&head, ErrorBody::default())));
        };
        let token = Secret::new(token);
        let lifetime = expires_at - issuer.learn_time(&head);
        let lifetime = lifetime.to_std().unwrap_or_default();
        debug!(
            lifetime_s = lifetime.as_secs(),
            "an installation token was issued"
        );
        Ok(Fetched {
            token,
            lifetime: Some(lifetime),
            since,
        })
    }

    /// Why there is no token. A failure of the network or the server is reported as such.
    fn refused(&self, sent: &Sent, issuer: &Issuer) -> Error {
        let error = sent.error(issuer.gate.remaining());
        match error.kind() {
            Kind::Status if !error.is_server_error() => {
                let what = "GitHub issues none; check app, key and installation";
                sent.outcome.error(self.no_token(what))
            }
            _ => error,
        }
    }

    fn no_token(&self, what: &str) -> Kind {
        Kind::TokenMissing(format!(
            "no token for installation {} of app {}: {what}",
            self.id,
            escape(self.key.app(), MAX_ISSUER)
        ))
    }
}

impl Issuer {
    /// Sets the clock by a response, and returns its time.
    fn learn_time(&self, head: &Head) -> DateTime<Utc> {
        let mut clock = self.clock.lock();
        clock.set(&head.headers);
        clock.now()
    }
}

/// Signs requests for tokens with the app's key.
struct SignedByApp<'a> {
    key: &'a AppKey,
    issuer: &'a Issuer,
    /// The time in the last signature.
    claimed: Option<DateTime<Utc>>,
}

impl Authorize for SignedByApp<'_> {
    async fn header(&mut self) -> Result<HeaderValue> {
        let now = self.issuer.clock.lock().now();
        self.claimed = Some(now);
        Ok(self.key.jwt(now)?.authorization()?)
    }

    /// GitHub refuses a signature whose time is off. Its response has the right time.
    async fn replace_token(&mut self, refused: &Head) -> Result<bool> {
        let now = self.issuer.learn_time(refused);
        let is_off = |claimed: DateTime<Utc>| (now - claimed).abs() > CLOCK_TOLERANCE;
        Ok(self.claimed.is_some_and(is_off))
    }
}

const MAX_ISSUER: usize = 100;

/// The body holds the token.
fn overwrite(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

cached_source!(AppInstallation);

/// Without key and token.
impl fmt::Debug for AppInstallation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let installation = self.0.provider();
        f.debug_struct("AppInstallation")
            .field("app", &installation.key.app())
            .field("installation", &installation.id)
            .field("narrowing", &installation.narrowing)
            .finish_non_exhaustive()
    }
}
