//! A token source that fetches installation tokens of a GitHub App.

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
use tracing::{Instrument, debug};
use zeroize::Zeroize;

use crate::auth::cached::{Cache, Fetched, Provider, cached_source};
use crate::auth::installation::app_key::AppKey;
use crate::auth::installation::server_clock::ServerClock;
use crate::auth::secret::Secret;
use crate::auth::source::{Host, TokenFuture};
use crate::error::{Error, Reason, Result};
use crate::response::error_body::ErrorBody;
use crate::response::escape::escape;
use crate::response::excerpt::Excerpt;
use crate::response::head::Head;
use crate::response::json;
use crate::transport::attempts::{Attempt, Authorize, Exchange};
use crate::transport::connection::millis;
use crate::transport::gate::Gate;
use crate::transport::in_doubt::InDoubt;
use crate::transport::lock::Lock;
use crate::transport::logging::{TARGET, call_span};
use crate::transport::outcome::Outcome;
use crate::transport::usage::count;

/// A token source that uses the tokens of one installation of a GitHub App.
///
/// Use it for bots and services that should not depend on a person's token. Requires the feature
/// `github-app`.
///
/// The client requests a token from GitHub before it sends its first request. The token expires
/// after an hour and is renewed five minutes earlier. Calls that wait for a token at the same time
/// share one token request, and all clones of the client and of this value share the token.
/// Signatures and expiry follow GitHub's clock, so a wrong local clock does no harm. If GitHub
/// rejects a token just after issuing it, the client sends the token once more a second later,
/// because new tokens take a moment to reach all of GitHub's servers.
///
/// An installation belongs to one host. GitHub does not accept app tokens for the lists of an
/// enterprise; use a classic personal access token there.
///
/// # Examples
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
/// # Errors
///
/// If GitHub refuses to issue a token, the call fails with [`Error::is_token_missing`], and
/// [`Error::status`] and [`Error::message`] return the status and the message of GitHub's response.
/// Network and server failures are retried and reported as in any other call.
#[derive(Clone)]
pub struct AppInstallation(Cache<Installation>);

#[derive(Clone)]
struct Installation {
    key: AppKey,
    id: u64,
    restrictions: Restrictions,
}

/// The state of a host that issues tokens. Clones share it.
#[derive(Default)]
pub(crate) struct Issuer {
    /// Closed while token requests are rate limited. Their limit is separate from that of other
    /// requests.
    gate: Gate,
    clock: Lock<ServerClock>,
}

/// Restricts a token. By default, a token has access to all repositories of the installation and
/// has all of its permissions.
#[derive(Clone, Debug, Default, Serialize)]
struct Restrictions {
    #[serde(skip_serializing_if = "Option::is_none")]
    repositories: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository_ids: Option<Vec<u64>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    permissions: BTreeMap<String, String>,
}

/// The body of GitHub's response to a token request.
#[derive(Deserialize)]
struct AccessToken {
    token: String,
    expires_at: DateTime<Utc>,
}

/// How long GitHub may reject a new token because not all of its servers know it yet.
const PROPAGATION_TIME: Duration = Duration::from_secs(5);
/// If the clock error was no larger than this, a 401 has another cause.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(30);

impl AppInstallation {
    /// Creates a token source.
    ///
    /// - `app` is the client id or the app id of the app.
    /// - `installation` is the id of the installation.
    /// - `private_key` is the content of the key file that GitHub generated for the app: an RSA key
    ///   in PEM format. The text is not kept.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if `private_key` is not an RSA key in PEM format. The message
    /// does not contain the key.
    pub fn new(app: impl fmt::Display, installation: u64, private_key: &Secret) -> Result<Self> {
        Ok(Self(Cache::new(Installation {
            key: AppKey::new(app.to_string(), private_key)?,
            id: installation,
            restrictions: Restrictions::default(),
        })))
    }

    /// Restricts the tokens to these repositories of the installation, named without their owner.
    ///
    /// GitHub accepts at most 500 names, and rejects unknown ones. If the list is empty, calls
    /// fail and nothing is sent.
    #[must_use]
    pub fn repositories(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        self.restrict(|restrictions| restrictions.repositories = Some(names))
    }

    /// Restricts the tokens to the installation's repositories with these ids.
    ///
    /// If the list is empty, calls fail and nothing is sent.
    #[must_use]
    pub fn repository_ids(self, ids: impl IntoIterator<Item = u64>) -> Self {
        let ids = ids.into_iter().collect();
        self.restrict(|restrictions| restrictions.repository_ids = Some(ids))
    }

    /// Restricts the tokens to the permissions that you name, such as
    /// `("secret_scanning_alerts", "read")`.
    ///
    /// Call this method once for each permission. GitHub's documentation and this crate's errors
    /// refer to the permissions by their labels:
    ///
    /// | label | name |
    /// |---|---|
    /// | "Secret scanning alerts" | `secret_scanning_alerts` |
    /// | "Organization bypass requests for secret scanning" | `organization_secret_scanning_bypass_requests` |
    /// | "Secret scanning push protection bypass requests" | `secret_scanning_bypass_requests` |
    /// | "Contents" | `contents` |
    /// | organization "Administration" | `organization_administration` |
    ///
    /// GitHub's REST API documentation does not contain the names of the two permissions for bypass
    /// requests. The names in the table come from the web form in which you choose an app's
    /// permissions.
    #[must_use]
    pub fn permission(self, name: impl Into<String>, access: impl Into<String>) -> Self {
        self.restrict(|restrictions| {
            let permissions = &mut restrictions.permissions;
            permissions.insert(name.into(), access.into());
        })
    }

    /// Changes the restrictions. The new cache starts empty, because the old tokens have the old
    /// restrictions.
    fn restrict(self, change: impl FnOnce(&mut Restrictions)) -> Self {
        let mut installation = self.0.provider().clone();
        change(&mut installation.restrictions);
        Self(Cache::new(installation))
    }
}

impl Provider for Installation {
    type Issuer = Issuer;

    /// Retries the request like a read, because an extra token does no harm.
    async fn fetch(&self, host: Host<'_>, issuer: &Issuer, _: Option<&Secret>) -> Result<Fetched> {
        let exchange = Exchange {
            request: self.request(host)?,
            is_safe: true,
            success: StatusCode::CREATED,
            // Does not wait for rate limits, because the current token may still be valid.
            policy: host.connection.policy.clone().without_waiting(),
            // GitHub has a separate limit for token requests. Token requests do not wait for a
            // turn, because the call that needs the token may hold the only turn.
            gate: &issuer.gate,
            pace: None,
            in_doubt: &InDoubt::default(),
        };
        let since = Instant::now();
        let authorize = SignedByApp {
            key: &self.key,
            issuer,
            signed_at: None,
        };
        count(&host.connection.counters.token_requests, 1);
        let span = call_span(
            "apps/create-installation-access-token",
            "POST",
            "/app/installations/{installation_id}/access_tokens",
        );
        let sending = exchange.send(host.connection, authorize);
        let sent = sending.instrument(span).await;
        self.decode(sent, issuer, since)
    }

    fn limited_for(&self, issuer: &Issuer) -> Duration {
        issuer.gate.remaining()
    }

    fn propagation_time(&self) -> Duration {
        PROPAGATION_TIME
    }
}

impl Installation {
    fn request(&self, host: Host<'_>) -> Result<reqwest::Request> {
        let Restrictions {
            repositories,
            repository_ids,
            ..
        } = &self.restrictions;
        // GitHub may take an empty list to mean all repositories.
        if repositories.as_ref().is_some_and(Vec::is_empty)
            || repository_ids.as_ref().is_some_and(Vec::is_empty)
        {
            return Err(Error::input(
                "`repositories` and `repository_ids` must not be empty",
            ));
        }
        let cannot_be_built = || Error::input("the token request cannot be built");
        let path = format!("/app/installations/{}/access_tokens", self.id);
        let url =
            Url::parse(&format!("{}{path}", host.base_url())).map_err(|_| cannot_be_built())?;
        let body = serde_json::to_vec(&self.restrictions).map_err(|_| cannot_be_built())?;
        let mut request = reqwest::Request::new(Method::POST, url);
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    /// Returns the token from a response.
    fn decode(&self, sent: Attempt, issuer: &Issuer, since: Instant) -> Result<Fetched> {
        let (head, body) = match sent.outcome {
            Outcome::Success { head, body } if head.status == StatusCode::CREATED => (head, body),
            _ => return Err(self.error(&sent, issuer)),
        };
        let decoded = json::from_slice::<AccessToken>(&body);
        overwrite(body);
        let Ok(AccessToken { token, expires_at }) = decoded else {
            // The message must not contain any part of this body.
            let reason = self.no_token("the response cannot be decoded");
            return Err(Error::new(reason).with_response(Excerpt::new(&head, ErrorBody::default())));
        };
        let token = Secret::new(token);
        let lifetime = expires_at - issuer.learn_time(&head);
        let lifetime = lifetime.to_std().unwrap_or_default();
        debug!(
            target: TARGET,
            lifetime_ms = millis(lifetime),
            "received an installation token"
        );
        Ok(Fetched {
            token,
            lifetime: Some(lifetime),
            since,
        })
    }

    /// Returns the error of a request that got no token. A failure of the network or the server is
    /// reported as such.
    fn error(&self, sent: &Attempt, issuer: &Issuer) -> Error {
        let error = sent.error(issuer.gate.remaining());
        if !error.has_final_status() {
            return error;
        }
        let what = "GitHub refused to issue one; check the app, the key and the installation";
        sent.outcome.error(self.no_token(what))
    }

    fn no_token(&self, what: &str) -> Reason {
        Reason::TokenMissing(format!(
            "no token for installation {} of app {}: {what}",
            self.id,
            escape(self.key.app(), MAX_ISSUER)
        ))
    }
}

impl Issuer {
    /// Sets the clock from the headers of a response, and returns the clock's time.
    fn learn_time(&self, head: &Head) -> DateTime<Utc> {
        let mut clock = self.clock.lock();
        clock.set(&head.headers);
        clock.now()
    }
}

/// Signs token requests with the app's key.
struct SignedByApp<'a> {
    key: &'a AppKey,
    issuer: &'a Issuer,
    /// The time in the last signature.
    signed_at: Option<DateTime<Utc>>,
}

impl Authorize for SignedByApp<'_> {
    async fn header(&mut self) -> Result<HeaderValue> {
        let now = self.issuer.clock.lock().now();
        self.signed_at = Some(now);
        Ok(self.key.jwt(now)?.authorization()?)
    }

    /// GitHub rejects a signature whose time is wrong. The response contains the correct time.
    async fn replace_token(&mut self, rejected: &Head) -> Result<bool> {
        let now = self.issuer.learn_time(rejected);
        let is_off = |signed_at: DateTime<Utc>| (now - signed_at).abs() > CLOCK_TOLERANCE;
        Ok(self.signed_at.is_some_and(is_off))
    }
}

const MAX_ISSUER: usize = 100;

/// Overwrites a response body that contains a token.
fn overwrite(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

cached_source!(AppInstallation);

/// Prints neither the key nor a token.
impl fmt::Debug for AppInstallation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let installation = self.0.provider();
        f.debug_struct("AppInstallation")
            .field("app", &installation.key.app())
            .field("installation", &installation.id)
            .field("restrictions", &installation.restrictions)
            .finish_non_exhaustive()
    }
}
