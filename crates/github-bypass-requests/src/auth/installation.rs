//! Installation tokens of a GitHub App.

mod app_key;
mod server_clock;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use tracing::debug;
use zeroize::Zeroize;

use self::app_key::AppKey;
use self::server_clock::ServerClock;
use crate::call::{instant_after, kind_of};
use crate::decode;
use crate::error::Kind;
use crate::escape::escape;
use crate::gate::LONGEST_WAIT;
use crate::outcome::{Failure, Outcome};
use crate::single_flight::{Flight, SingleFlight};
use crate::token::authorization;
use crate::transport::failure;
use crate::verdict::Verdict;
use crate::{Error, Host, Result, Secret, TokenFuture, TokenSource};

/// The tokens of one installation of a GitHub App.
///
/// A token is asked for when the first request is sent, kept, and renewed five minutes before it
/// expires, which is an hour after it was issued. It is asked for once, however many calls wait for
/// it, and shared by all clones of the client and of this value. Time is told by GitHub's clock, so
/// that a wrong one of this machine does no harm. A token that is refused just after it was issued
/// is tried once more a second later: GitHub needs a moment until all of it knows the token.
///
/// The app's tokens reach no list of an enterprise: GitHub accepts classic tokens only there. An
/// installation belongs to one host: a value that clients of several hosts take turns with keeps the
/// token of the last one only, and asks anew at each turn.
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
pub struct AppInstallation {
    key: AppKey,
    installation: u64,
    narrowing: Narrowing,
    issuing: Arc<Issuing>,
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

/// Shared by all clones.
#[derive(Default)]
struct Issuing {
    /// Taken while a token is asked for, so that it is asked for once.
    state: SingleFlight<State>,
    /// What was issued last, for those who come meanwhile: a renewal hinders nobody.
    valid: Mutex<Option<Valid>>,
}

struct Valid {
    base_url: String,
    token: Secret,
    until: Instant,
}

#[derive(Default)]
struct State {
    /// Whose token it is: it must reach nobody else.
    base_url: String,
    issued: Option<Issued>,
    /// Until when GitHub wants no request for a token.
    limited_until: Option<Instant>,
    clock: ServerClock,
}

struct Issued {
    token: Secret,
    issued_at: Instant,
    renew_at: Instant,
    expires_at: Instant,
}

impl State {
    fn valid(&self) -> Option<&Issued> {
        self.issued.as_ref().filter(|issued| issued.is_valid())
    }

    /// How long GitHub wants no request for a token.
    fn limited_for(&self) -> Duration {
        self.limited_until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }
}

impl Issued {
    fn is_valid(&self) -> bool {
        Instant::now() < self.expires_at
    }
}

/// What of GitHub's answer matters here.
#[derive(Deserialize)]
struct AccessToken {
    token: String,
    expires_at: DateTime<Utc>,
}

const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
/// After a renewal that failed while the token was still valid.
const RENEW_AGAIN: Duration = Duration::from_secs(30);
/// For how long GitHub may not know a token everywhere.
const SPREADING: Duration = Duration::from_secs(5);
const SPREAD_PAUSE: Duration = Duration::from_secs(1);
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
        Ok(Self {
            key: AppKey::new(app.to_string(), private_key)?,
            installation,
            narrowing: Narrowing::default(),
            issuing: Arc::default(),
        })
    }

    /// Narrows the tokens to these repositories of the installation, named without their owner.
    ///
    /// GitHub takes 500 at most, and refuses an empty list as much as a name it does not know.
    #[must_use]
    pub fn repositories(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.narrowing.repositories = Some(names.into_iter().map(Into::into).collect());
        self.alone()
    }

    /// Narrows the tokens to these repositories of the installation, named by their ids.
    #[must_use]
    pub fn repository_ids(mut self, ids: impl IntoIterator<Item = u64>) -> Self {
        self.narrowing.repository_ids = Some(ids.into_iter().collect());
        self.alone()
    }

    /// Narrows the tokens to this permission and others that are named so, as
    /// `("secret_scanning_alerts", "read")`.
    #[must_use]
    pub fn permission(mut self, name: impl Into<String>, access: impl Into<String>) -> Self {
        self.narrowing
            .permissions
            .insert(name.into(), access.into());
        self.alone()
    }

    /// What is narrowed otherwise shares no token.
    fn alone(self) -> Self {
        Self {
            issuing: Arc::default(),
            ..self
        }
    }

    /// The token that is kept, as long as it is valid.
    fn valid(&self, host: Host<'_>) -> Option<Secret> {
        let valid = self.issuing.valid.lock();
        let valid = valid.unwrap_or_else(PoisonError::into_inner);
        let valid = valid
            .as_ref()
            .filter(|valid| valid.base_url == host.base_url() && Instant::now() < valid.until);
        valid.map(|valid| valid.token.clone())
    }

    fn set_valid(&self, valid: Option<Valid>) {
        let mut kept = self
            .issuing
            .valid
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = valid;
    }

    /// The token that is kept, or a new one.
    async fn kept_or_issued(&self, mut state: Flight<'_, State>, host: Host<'_>) -> Result<Secret> {
        if state.base_url != host.base_url() {
            *state = State {
                base_url: host.base_url().to_owned(),
                ..State::default()
            };
        }
        if let Some(issued) = state.valid()
            && Instant::now() < issued.renew_at
        {
            return Ok(issued.token.clone());
        }
        let limited = state.limited_for();
        if !limited.is_zero() {
            // No token is left that could be sent.
            host.shared.gate.close(limited);
            return Err(Error::new(rate_limited(host)));
        }
        let error = match self.issue(&mut state, host).await {
            Ok(issued) => {
                let token = issued.token.clone();
                self.set_valid(Some(Valid {
                    base_url: state.base_url.clone(),
                    token: token.clone(),
                    until: issued.expires_at,
                }));
                state.issued = Some(issued);
                return Ok(token);
            }
            Err(error) => error,
        };
        let wait = RENEW_AGAIN.max(state.limited_for());
        if let Some(issued) = state.issued.as_mut().filter(|issued| issued.is_valid()) {
            debug!("the installation token is not renewed; it is still valid");
            issued.renew_at = Instant::now() + wait;
            return Ok(issued.token.clone());
        }
        Err(state.fail(host.base_url(), error))
    }

    /// Asks for a token, as often as a read would be sent: one token too many does no harm.
    async fn issue(&self, state: &mut State, host: Host<'_>) -> Result<Issued> {
        let Host { shared } = host;
        let url = self.url(host)?;
        let body = self.body()?;
        let started = Instant::now();
        let (mut retries, mut is_corrected) = (0, false);
        loop {
            let (asked_at, claimed) = (Instant::now(), state.clock.now());
            let header = authorization(&self.key.jwt(claimed)?)?;
            let outcome = shared.attempt(post(&url, &body), header).await;
            if let Some(head) = outcome.head() {
                state.clock.set(&head.headers);
            }
            let verdict = Verdict::of(&Method::GET, &outcome);
            debug!(
                status = outcome.head().map(|head| head.status.as_u16()),
                failure = failure(&outcome),
                verdict = ?verdict,
                "asked for an installation token"
            );
            match verdict {
                Verdict::Final => {
                    shared.retry_budget.refund(retries);
                    return self.read(outcome, asked_at, state.clock);
                }
                Verdict::Unauthorized
                    if !is_corrected && (state.clock.now() - claimed).abs() > CLOCK_TOLERANCE =>
                {
                    is_corrected = true;
                }
                Verdict::Retry
                    if retries + 1 < shared.policy.max_attempts && shared.retry_budget.take() =>
                {
                    let delay = shared.delay(retries + 2, outcome.head());
                    // All calls wait for this one.
                    if started.elapsed().saturating_add(delay) > shared.policy.retry_window {
                        return Err(self.refused(&outcome));
                    }
                    retries += 1;
                    sleep(delay).await;
                }
                Verdict::Limited(limit) => {
                    if state.valid().is_some() {
                        // Only the next token waits.
                        let wait = outcome
                            .head()
                            .map(|head| limit.wait(&head.headers, Utc::now(), 0).min(LONGEST_WAIT));
                        state.limited_until = wait.map(|wait| Instant::now() + wait);
                    } else {
                        // The whole client keeps still: without a token, nothing can be sent.
                        shared.learn(&outcome, verdict, asked_at);
                    }
                    return Err(with_answer(rate_limited(host), &outcome));
                }
                _ => return Err(self.refused(&outcome)),
            }
        }
    }

    /// The token of an answer.
    fn read(&self, outcome: Outcome, asked_at: Instant, clock: ServerClock) -> Result<Issued> {
        let Outcome::Answered { head, body } = outcome else {
            return Err(self.refused(&outcome));
        };
        if head.status != StatusCode::CREATED {
            return Err(self.refused(&Outcome::Answered { head, body }));
        }
        let answer = decode::from_slice::<AccessToken>(&body);
        overwrite(body);
        let Ok(AccessToken { token, expires_at }) = answer else {
            // Nothing of this body may be shown.
            let kind = Kind::TokenMissing(self.told("GitHub's answer cannot be read"));
            return Err(Error::new(kind).with_answer(head.answer(&[])));
        };
        let lifetime = (expires_at - clock.now()).to_std().unwrap_or_default();
        debug!(
            lifetime_s = lifetime.as_secs(),
            "an installation token was issued"
        );
        let after = |wait: Duration| asked_at.checked_add(wait).unwrap_or(asked_at);
        Ok(Issued {
            token: Secret::new(token),
            issued_at: Instant::now(),
            renew_at: after(lifetime - RENEW_BEFORE.min(lifetime / 2)),
            expires_at: after(lifetime),
        })
    }

    /// Why there is no token.
    fn refused(&self, outcome: &Outcome) -> Error {
        let kind = match outcome {
            Outcome::Failed {
                failure: Failure::Network(cause),
                head: None,
            } => {
                let failure = Failure::Network(cause.clone());
                return Error::new(kind_of(&failure)).with_source(cause.clone());
            }
            Outcome::Answered { head, .. } if head.status.is_server_error() => Kind::Status,
            Outcome::Answered { .. } => {
                Kind::TokenMissing(self.told("GitHub issues none; check app, key and installation"))
            }
            Outcome::Failed { failure, .. } => kind_of(failure),
        };
        with_answer(kind, outcome)
    }

    fn told(&self, what: &str) -> String {
        format!(
            "no token for installation {} of app {}: {what}",
            self.installation,
            escape(self.key.app(), MAX_ISSUER)
        )
    }

    fn url(&self, host: Host<'_>) -> Result<Url> {
        let url = format!(
            "{}/app/installations/{}/access_tokens",
            host.base_url(),
            self.installation
        );
        Url::parse(&url).map_err(|_| Error::input("the request for a token cannot be built"))
    }

    fn body(&self) -> Result<Bytes> {
        let Narrowing {
            repositories,
            repository_ids,
            ..
        } = &self.narrowing;
        // GitHub may take it for all of them.
        if repositories.as_ref().is_some_and(Vec::is_empty)
            || repository_ids.as_ref().is_some_and(Vec::is_empty)
        {
            return Err(Error::input("the token is narrowed to no repository"));
        }
        let body = serde_json::to_vec(&self.narrowing);
        body.map(Bytes::from)
            .map_err(|_| Error::input("the request for a token cannot be built"))
    }
}

const MAX_ISSUER: usize = 100;

fn post(url: &Url, body: &Bytes) -> reqwest::Request {
    let mut request = reqwest::Request::new(Method::POST, url.clone());
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, json);
    *request.body_mut() = Some(body.clone().into());
    request
}

/// For as long as the client keeps still.
fn rate_limited(host: Host<'_>) -> Kind {
    Kind::RateLimited {
        retry_at: instant_after(host.shared.gate.remaining()),
    }
}

fn with_answer(kind: Kind, outcome: &Outcome) -> Error {
    let error = Error::new(kind);
    match outcome {
        Outcome::Answered { head, body } => error.with_answer(head.answer(body)),
        Outcome::Failed { head, .. } => match head {
            Some(head) => error.with_answer(head.answer(&[])),
            None => error,
        },
    }
}

/// The body holds the token.
fn overwrite(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

impl TokenSource for AppInstallation {
    fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a> {
        Box::pin(async move {
            let state = match self.issuing.state.try_take() {
                Some(state) => state,
                None => match self.valid(host) {
                    Some(token) => return Ok(token),
                    None => self.issuing.state.take(host.base_url()).await?,
                },
            };
            self.kept_or_issued(state, host).await
        })
    }

    fn instead_of<'a>(
        &'a self,
        refused: &'a Secret,
        host: Host<'a>,
    ) -> TokenFuture<'a, Option<Secret>> {
        Box::pin(async move {
            let mut state = self.issuing.state.take(host.base_url()).await?;
            let is_refused = |issued: &&Issued| issued.token.is(refused);
            if let Some(issued) = state.issued.as_ref().filter(is_refused) {
                if issued.issued_at.elapsed() < SPREADING {
                    drop(state);
                    sleep(SPREAD_PAUSE).await;
                    return Ok(Some(refused.clone()));
                }
                state.issued = None;
                self.set_valid(None);
            }
            self.kept_or_issued(state, host).await.map(Some)
        })
    }
}

/// Without key and token.
impl fmt::Debug for AppInstallation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppInstallation")
            .field("app", &self.key.app())
            .field("installation", &self.installation)
            .field("narrowing", &self.narrowing)
            .finish_non_exhaustive()
    }
}
