//! The token cache: fetches each token once for all waiting calls (single flight), and renews it
//! before it expires.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep};
use tracing::warn;

use crate::auth::secret::Secret;
use crate::auth::source::{Host, TokenFuture, TokenSource};
use crate::error::{Error, Result};
use crate::transport::lock::Lock;
use crate::transport::logging::TARGET;

/// Fetches tokens for a [`Cache`].
pub(crate) trait Provider: Send + Sync + 'static {
    /// The state that the provider keeps for a host between fetches.
    type Issuer: Default + Send + Sync + 'static;

    /// Fetches a new token for this host. If there is a `rejected` token, the new one replaces it.
    fn fetch(
        &self,
        host: Host<'_>,
        issuer: &Self::Issuer,
        rejected: Option<&Secret>,
    ) -> impl Future<Output = Result<Fetched>> + Send;

    /// Returns the remaining time of a rate limit on token requests.
    fn limited_for(&self, _: &Self::Issuer) -> Duration {
        Duration::ZERO
    }

    /// Returns how long the host may reject a new token because not all of its servers know it yet.
    fn propagation_time(&self) -> Duration {
        Duration::ZERO
    }
}

/// Implements `TokenSource` for a type that wraps a [`Cache`].
macro_rules! cached_source {
    ($name:ident) => {
        impl $crate::auth::source::TokenSource for $name {
            fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a> {
                Box::pin(self.0.token(host))
            }

            fn instead_of<'a>(
                &'a self,
                rejected: &'a Secret,
                host: Host<'a>,
            ) -> TokenFuture<'a, Option<Secret>> {
                Box::pin(self.0.instead_of(rejected, host))
            }
        }
    };
}
pub(crate) use cached_source;

/// A new token.
pub(crate) struct Fetched {
    pub(crate) token: Secret,
    /// `None` if the token is valid until it is rejected.
    pub(crate) lifetime: Option<Duration>,
    /// The start of the lifetime.
    pub(crate) since: Instant,
}

/// Caches the tokens of a provider, by host. Clones share the cache.
#[derive(Clone)]
pub(crate) struct Cache<P: Provider> {
    provider: P,
    slots: Arc<Slots<P>>,
}

type Slots<P> = Lock<BTreeMap<String, Arc<Slot<<P as Provider>::Issuer>>>>;

/// The token of one host.
#[derive(Default)]
struct Slot<I> {
    issuer: I,
    /// Locked while a token is fetched (single flight). Contains the error of the last fetch, if
    /// that fetch failed.
    flight: Mutex<Option<Error>>,
    /// The number of failed fetches.
    failures: AtomicU64,
    cached: Lock<Option<CachedToken>>,
}

struct CachedToken {
    token: Secret,
    fetched_at: Instant,
    renew_at: Instant,
    expires_at: Instant,
}

type Flight<'a> = MutexGuard<'a, Option<Error>>;

/// A token is renewed this long before it expires, or after half of its lifetime if that is later.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
/// The pause after a failed renewal of a token that is still valid.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);
/// The lifetime of a token that is used until it is rejected. It is finite, because the clocks of
/// some systems overflow after a century.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
/// The pause before a new token that was rejected is sent again.
const PROPAGATION_PAUSE: Duration = Duration::from_secs(1);

impl<P: Provider> Cache<P> {
    pub(crate) fn new(provider: P) -> Self {
        Self {
            provider,
            slots: Arc::default(),
        }
    }

    pub(crate) fn provider(&self) -> &P {
        &self.provider
    }

    /// Returns the cached token, or fetches a new one.
    pub(crate) async fn token(&self, host: Host<'_>) -> Result<Secret> {
        let slot = self.slot(host);
        if let Some(token) = slot.token(|cached| cached.renew_at) {
            return Ok(token);
        }
        let flight = match slot.flight.try_lock() {
            Ok(flight) => flight,
            // Another call is renewing the token. Use the current one if it is still valid.
            Err(_) => match slot.token(|cached| cached.expires_at) {
                Some(token) => return Ok(token),
                None => slot.wait().await?,
            },
        };
        self.cached_or_fetched(&slot, flight, host, None).await
    }

    /// Drops a rejected token, and returns another one if the provider has one. If the token is so
    /// new that some servers may not know it yet, returns the same token after a pause.
    pub(crate) async fn instead_of(
        &self,
        rejected: &Secret,
        host: Host<'_>,
    ) -> Result<Option<Secret>> {
        let slot = self.slot(host);
        let flight = slot.wait().await?;
        let age = slot.age(rejected);
        if age.is_some_and(|age| age < self.provider.propagation_time()) {
            drop(flight);
            sleep(PROPAGATION_PAUSE).await;
            return Ok(Some(rejected.clone()));
        }
        // Another call may already have replaced the rejected token.
        slot.cached
            .lock()
            .take_if(|cached| cached.token.is(rejected));
        let token = self
            .cached_or_fetched(&slot, flight, host, Some(rejected))
            .await?;
        Ok(Some(token).filter(|token| !token.is(rejected)))
    }

    fn slot(&self, host: Host<'_>) -> Arc<Slot<P::Issuer>> {
        let mut slots = self.slots.lock();
        match slots.get(host.base_url()) {
            Some(slot) => slot.clone(),
            None => slots.entry(host.base_url().to_owned()).or_default().clone(),
        }
    }

    async fn cached_or_fetched(
        &self,
        slot: &Slot<P::Issuer>,
        mut flight: Flight<'_>,
        host: Host<'_>,
        rejected: Option<&Secret>,
    ) -> Result<Secret> {
        if let Some(token) = slot.token(|cached| cached.renew_at) {
            return Ok(token);
        }
        let error = match self.provider.fetch(host, &slot.issuer, rejected).await {
            Ok(fetched) => {
                *flight = None;
                return Ok(slot.store(fetched));
            }
            Err(error) => error,
        };
        let limited = self.provider.limited_for(&slot.issuer);
        if let Some(token) = slot.token(|cached| cached.expires_at) {
            warn!(
                target: TARGET,
                kind = error.kind().as_str(),
                status = error.status(),
                request_id = error.request_id(),
                "the token could not be renewed; the current one is still valid"
            );
            if let Some(cached) = &mut *slot.cached.lock() {
                let next = Instant::now() + limited.max(RENEWAL_PAUSE);
                cached.renew_at = next.min(cached.expires_at);
            }
            return Ok(token);
        }
        if !limited.is_zero() {
            // Without a token, the client cannot send anything until the limit ends.
            host.connection.gate.close(limited);
        }
        slot.failures.fetch_add(1, Relaxed);
        *flight = Some(error.copy());
        Err(error)
    }
}

impl<I> Slot<I> {
    /// Waits for the lock. If its holder fails to fetch a token in the meantime, returns the
    /// holder's error, so that the caller does not fetch again.
    async fn wait(&self) -> Result<Flight<'_>> {
        let before = self.failures.load(Relaxed);
        let flight = self.flight.lock().await;
        match &*flight {
            Some(error) if self.failures.load(Relaxed) != before => Err(error.copy()),
            _ => Ok(flight),
        }
    }

    /// Returns the cached token, if the instant that `end` returns is still in the future.
    fn token(&self, end: impl FnOnce(&CachedToken) -> Instant) -> Option<Secret> {
        let cached = self.cached.lock();
        let cached = cached
            .as_ref()
            .filter(|cached| Instant::now() < end(cached));
        cached.map(|cached| cached.token.clone())
    }

    /// Returns the time since this token was fetched, if it is the cached token.
    fn age(&self, token: &Secret) -> Option<Duration> {
        let cached = self.cached.lock();
        let cached = cached.as_ref().filter(|cached| cached.token.is(token));
        cached.map(|cached| cached.fetched_at.elapsed())
    }

    fn store(&self, fetched: Fetched) -> Secret {
        let Fetched {
            token,
            lifetime,
            since,
        } = fetched;
        let lifetime = lifetime.unwrap_or(FOREVER).min(FOREVER);
        let after = |wait| since.checked_add(wait).unwrap_or(since);
        *self.cached.lock() = Some(CachedToken {
            token: token.clone(),
            fetched_at: Instant::now(),
            renew_at: after(lifetime - RENEW_BEFORE.min(lifetime / 2)),
            expires_at: after(lifetime),
        });
        token
    }
}

/// A [`TokenSource`] that caches the tokens of another one.
///
/// Use it to wrap your own source if its tokens are expensive to get. [`GhCli`](crate::GhCli) and
/// `AppInstallation` cache their tokens themselves.
///
/// The cache has one token per host, and clones share it. If several calls need a new token, it is
/// fetched once for all of them. A token is used until GitHub rejects it; then the source replaces
/// it. If you set a [`lifetime`](Self::lifetime), a token is renewed five minutes before it
/// expires, or after half of its lifetime if that is later. If a renewal fails, the current token
/// is used until it expires.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use github_bypass_requests::{Client, Host, Secret, TokenCache, TokenFuture, TokenSource};
///
/// /// Gets tokens from a secret manager. Each is valid for an hour.
/// struct Vault;
///
/// impl TokenSource for Vault {
///     fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
///         // Request a token from the secret manager here.
///         Box::pin(async { Ok(Secret::new("ghs_example")) })
///     }
/// }
///
/// let tokens = TokenCache::new(Vault).lifetime(Duration::from_secs(3600));
/// let client = Client::builder().token_source(tokens).build()?;
/// # Ok::<(), github_bypass_requests::Error>(())
/// ```
#[derive(Clone)]
pub struct TokenCache(Cache<SourceProvider>);

/// A token source as a provider.
#[derive(Clone)]
struct SourceProvider {
    source: Arc<dyn TokenSource>,
    lifetime: Option<Duration>,
}

impl TokenCache {
    /// Creates a cache of the tokens of `source`.
    pub fn new(source: impl TokenSource) -> Self {
        Self(Cache::new(SourceProvider {
            source: Arc::new(source),
            lifetime: None,
        }))
    }

    /// Sets how long a token is valid after it is fetched. By default, a token is used until GitHub
    /// rejects it.
    ///
    /// The new cache is empty, and is not shared with earlier clones.
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        let SourceProvider { source, .. } = self.0.provider;
        Self(Cache::new(SourceProvider {
            source,
            lifetime: Some(lifetime),
        }))
    }
}

impl Provider for SourceProvider {
    type Issuer = ();

    async fn fetch(&self, host: Host<'_>, (): &(), rejected: Option<&Secret>) -> Result<Fetched> {
        let since = Instant::now();
        let token = match rejected {
            Some(rejected) => {
                let other = self.source.instead_of(rejected, host).await?;
                other.unwrap_or_else(|| rejected.clone())
            }
            None => self.source.token(host).await?,
        };
        let lifetime = self.lifetime;
        Ok(Fetched {
            token,
            lifetime,
            since,
        })
    }
}

cached_source!(TokenCache);

/// Prints no tokens.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("lifetime", &self.0.provider.lifetime)
            .finish_non_exhaustive()
    }
}
