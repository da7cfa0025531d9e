//! Keeps tokens: fetches each once for all calls that wait for it, and renews it before it expires.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::auth::secret::Secret;
use crate::auth::source::{Host, TokenFuture, TokenSource};
use crate::error::{Error, Result};
use crate::transport::lock::Lock;

/// Fetches tokens for a [`Cache`].
pub(crate) trait Provider: Send + Sync + 'static {
    /// What is known of one host between two fetches.
    type Issuer: Default + Send + Sync + 'static;

    /// A new token for this host, in place of the `refused` one.
    fn fetch(
        &self,
        host: Host<'_>,
        issuer: &Self::Issuer,
        refused: Option<&Secret>,
    ) -> impl Future<Output = Result<Fetched>> + Send;

    /// How long the host wants no further request for a token.
    fn limited_for(&self, _: &Self::Issuer) -> Duration {
        Duration::ZERO
    }

    /// How long the host may not know a new token everywhere.
    fn spreads_for(&self) -> Duration {
        Duration::ZERO
    }
}

/// Makes a type around a [`Cache`] a token source.
macro_rules! cached_source {
    ($name:ident) => {
        impl $crate::auth::source::TokenSource for $name {
            fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a> {
                Box::pin(self.0.token(host))
            }

            fn instead_of<'a>(
                &'a self,
                refused: &'a Secret,
                host: Host<'a>,
            ) -> TokenFuture<'a, Option<Secret>> {
                Box::pin(self.0.instead_of(refused, host))
            }
        }
    };
}
pub(crate) use cached_source;

/// A token, and how long it can be used: `None` until it is refused.
pub(crate) struct Fetched {
    pub(crate) token: Secret,
    pub(crate) lifetime: Option<Duration>,
    /// The start of the lifetime.
    pub(crate) since: Instant,
}

/// The tokens of a provider, by host. Clones share them.
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
    /// Locked while a token is fetched (single flight). Holds the error of the last fetch that failed.
    flight: Mutex<Option<Error>>,
    /// The number of fetches that failed.
    failures: AtomicU64,
    kept: Lock<Option<Kept>>,
}

struct Kept {
    token: Secret,
    fetched_at: Instant,
    renew_at: Instant,
    expires_at: Instant,
}

type Flight<'a> = MutexGuard<'a, Option<Error>>;

/// A token is renewed this long before it expires, or after half of a shorter lifetime.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
/// The pause after a renewal that failed while the token is still valid.
const RENEW_AGAIN: Duration = Duration::from_secs(30);
/// For a token that is used until it is refused. The clocks of some systems end in a century.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
/// The pause before a new token is sent again.
const SPREAD_PAUSE: Duration = Duration::from_secs(1);

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

    /// The kept token, or a new one.
    pub(crate) async fn token(&self, host: Host<'_>) -> Result<Secret> {
        let slot = self.slot(host);
        if let Some(token) = slot.token(|kept| kept.renew_at) {
            return Ok(token);
        }
        let flight = match slot.flight.try_lock() {
            Ok(flight) => flight,
            // Another call renews the token. Use it as long as it is valid.
            Err(_) => match slot.token(|kept| kept.expires_at) {
                Some(token) => return Ok(token),
                None => slot.wait().await?,
            },
        };
        self.kept_or_fetched(&slot, flight, host, None).await
    }

    /// Drops the refused token. Returns another one, if the provider has one.
    pub(crate) async fn instead_of(
        &self,
        refused: &Secret,
        host: Host<'_>,
    ) -> Result<Option<Secret>> {
        let slot = self.slot(host);
        let flight = slot.wait().await?;
        let age = slot.age(refused);
        if age.is_some_and(|age| age < self.provider.spreads_for()) {
            drop(flight);
            sleep(SPREAD_PAUSE).await;
            return Ok(Some(refused.clone()));
        }
        // Another call may have replaced it meanwhile.
        slot.kept.lock().take_if(|kept| kept.token.is(refused));
        let token = self
            .kept_or_fetched(&slot, flight, host, Some(refused))
            .await?;
        Ok(Some(token).filter(|token| !token.is(refused)))
    }

    fn slot(&self, host: Host<'_>) -> Arc<Slot<P::Issuer>> {
        let mut slots = self.slots.lock();
        match slots.get(host.base_url()) {
            Some(slot) => slot.clone(),
            None => slots.entry(host.base_url().to_owned()).or_default().clone(),
        }
    }

    async fn kept_or_fetched(
        &self,
        slot: &Slot<P::Issuer>,
        mut flight: Flight<'_>,
        host: Host<'_>,
        refused: Option<&Secret>,
    ) -> Result<Secret> {
        if let Some(token) = slot.token(|kept| kept.renew_at) {
            return Ok(token);
        }
        let error = match self.provider.fetch(host, &slot.issuer, refused).await {
            Ok(fetched) => return Ok(slot.keep(fetched)),
            Err(error) => error,
        };
        let limited = self.provider.limited_for(&slot.issuer);
        if let Some(token) = slot.token(|kept| kept.expires_at) {
            debug!("the token is not renewed; it is still valid");
            if let Some(kept) = &mut *slot.kept.lock() {
                let next = Instant::now() + limited.max(RENEW_AGAIN);
                kept.renew_at = next.min(kept.expires_at);
            }
            return Ok(token);
        }
        if !limited.is_zero() {
            // No token is left, so the client cannot send anything before then.
            host.connection.gate.close(limited);
        }
        slot.failures.fetch_add(1, Relaxed);
        *flight = Some(error.copy());
        Err(error)
    }
}

impl<I> Slot<I> {
    /// Waits for the lock. If the holder failed to fetch a token meanwhile, returns its error instead
    /// of fetching again.
    async fn wait(&self) -> Result<Flight<'_>> {
        let before = self.failures.load(Relaxed);
        let flight = self.flight.lock().await;
        match &*flight {
            Some(error) if self.failures.load(Relaxed) != before => Err(error.copy()),
            _ => Ok(flight),
        }
    }

    /// The kept token, if it has not yet reached this instant of its life.
    fn token(&self, end: impl FnOnce(&Kept) -> Instant) -> Option<Secret> {
        let kept = self.kept.lock();
        let kept = kept.as_ref().filter(|kept| Instant::now() < end(kept));
        kept.map(|kept| kept.token.clone())
    }

    /// The time since this token was fetched, if it is the kept one.
    fn age(&self, token: &Secret) -> Option<Duration> {
        let kept = self.kept.lock();
        let kept = kept.as_ref().filter(|kept| kept.token.is(token));
        kept.map(|kept| kept.fetched_at.elapsed())
    }

    fn keep(&self, fetched: Fetched) -> Secret {
        let Fetched {
            token,
            lifetime,
            since,
        } = fetched;
        let lifetime = lifetime.unwrap_or(FOREVER).min(FOREVER);
        let after = |wait| since.checked_add(wait).unwrap_or(since);
        *self.kept.lock() = Some(Kept {
            token: token.clone(),
            fetched_at: Instant::now(),
            renew_at: after(lifetime - RENEW_BEFORE.min(lifetime / 2)),
            expires_at: after(lifetime),
        });
        token
    }
}

/// A [`TokenSource`] that keeps the tokens of another one.
///
/// Use it around a source of your own whose tokens are expensive to get. A token is fetched once for
/// all calls that wait for it, for each host, and shared by all clones. If GitHub refuses it, a new one
/// is fetched. With a [`lifetime`](Self::lifetime) it is renewed five minutes before it expires, or
/// after half of a shorter lifetime. If that fails, the token stays in use until it has expired.
///
/// [`GhCli`](crate::GhCli) and `AppInstallation` keep their tokens in the same way, and need no cache.
///
/// ```
/// use std::time::Duration;
/// use github_bypass_requests::{Client, Host, Secret, TokenCache, TokenFuture, TokenSource};
///
/// /// Leases a token for an hour at each call.
/// struct Vault;
///
/// impl TokenSource for Vault {
///     fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
///         Box::pin(async { Ok(Secret::new("ghs_leased")) })
///     }
/// }
///
/// let tokens = TokenCache::new(Vault).lifetime(Duration::from_secs(3600));
/// let client = Client::builder().token_source(tokens).build()?;
/// # Ok::<(), github_bypass_requests::Error>(())
/// ```
#[derive(Clone)]
pub struct TokenCache(Cache<Leased>);

/// A token source as a provider.
#[derive(Clone)]
struct Leased {
    source: Arc<dyn TokenSource>,
    lifetime: Option<Duration>,
}

impl TokenCache {
    /// Keeps the tokens of `source`, each until GitHub refuses it.
    pub fn new(source: impl TokenSource) -> Self {
        Self(Cache::new(Leased {
            source: Arc::new(source),
            lifetime: None,
        }))
    }

    /// How long a token of the source is valid after it was fetched. Forgets the tokens that are kept.
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        let Leased { source, .. } = self.0.provider;
        Self(Cache::new(Leased {
            source,
            lifetime: Some(lifetime),
        }))
    }
}

impl Provider for Leased {
    type Issuer = ();

    async fn fetch(&self, host: Host<'_>, (): &(), refused: Option<&Secret>) -> Result<Fetched> {
        let since = Instant::now();
        let token = match refused {
            Some(refused) => {
                let other = self.source.instead_of(refused, host).await?;
                other.unwrap_or_else(|| refused.clone())
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

/// Without the tokens.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("lifetime", &self.0.provider.lifetime)
            .finish_non_exhaustive()
    }
}
