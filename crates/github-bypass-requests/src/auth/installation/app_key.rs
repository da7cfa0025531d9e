//! The private key of an app, and the signatures made with it.

use chrono::{DateTime, Utc};
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::auth::secret::Secret;
use crate::error::{Error, Result};

/// A private key that was checked by signing with it once.
#[derive(Clone)]
pub(super) struct AppKey {
    app: String,
    /// Overwritten when dropped.
    key: EncodingKey,
}

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

/// GitHub recommends this, because clocks drift.
const BACKDATED: i64 = 60;
/// GitHub accepts at most ten minutes.
const LIFETIME: i64 = 9 * 60;

impl AppKey {
    pub(super) fn new(app: String, pem: &Secret) -> Result<Self> {
        let key = EncodingKey::from_rsa_pem(pem.expose().as_bytes()).map_err(|_| bad_key())?;
        let this = Self { app, key };
        // Some unusable keys are only detected when signing.
        this.jwt(DateTime::UNIX_EPOCH)?;
        Ok(this)
    }

    /// Returns the client id or the app id.
    pub(super) fn app(&self) -> &str {
        &self.app
    }

    /// Returns a signed statement of the app's id and the time, which authorizes token requests.
    pub(super) fn jwt(&self, now: DateTime<Utc>) -> Result<Secret> {
        // The library panics if it has two cryptography providers and none is installed. Another
        // crate may have enabled the second one. A provider that the application has installed is
        // kept.
        let _ = DEFAULT_PROVIDER.install_default();
        let claims = Claims {
            iat: now.timestamp().saturating_sub(BACKDATED),
            exp: now.timestamp().saturating_add(LIFETIME),
            iss: &self.app,
        };
        let jwt = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key);
        jwt.map(Secret::new).map_err(|_| bad_key())
    }
}

/// Contains neither the key nor the library's message, which might quote it.
fn bad_key() -> Error {
    Error::input(
        "`private_key` must be an RSA key in PEM format; pass the content of the file, without a passphrase",
    )
}
