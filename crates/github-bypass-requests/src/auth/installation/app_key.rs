//! An app's private key, and what is signed with it.

use chrono::{DateTime, Utc};
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::auth::secret::Secret;
use crate::error::{Error, Result};

/// Good for signing: it has signed once.
#[derive(Clone)]
pub(super) struct AppKey {
    app: String,
    /// Overwrites itself when it is dropped.
    key: EncodingKey,
}

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

/// GitHub's advice: clocks drift.
const BACKDATED: i64 = 60;
/// GitHub takes ten minutes at most.
const LIFETIME: i64 = 9 * 60;

impl AppKey {
    pub(super) fn new(app: String, pem: &Secret) -> Result<Self> {
        let key = EncodingKey::from_rsa_pem(pem.expose().as_bytes()).map_err(|_| bad_key())?;
        let this = Self { app, key };
        // Some keys show only when they sign that they cannot.
        this.jwt(DateTime::UNIX_EPOCH)?;
        Ok(this)
    }

    /// The app's client id, or its app id.
    pub(super) fn app(&self) -> &str {
        &self.app
    }

    /// Says, signed, who asks and when.
    pub(super) fn jwt(&self, now: DateTime<Utc>) -> Result<Secret> {
        // Where another crate of the build has switched on the library's other provider, too, it
        // would panic for want of a choice. One that the application has made stands.
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

/// Without the key, and without what the library has to say of it.
fn bad_key() -> Error {
    Error::input(
        "the app's private key is not an RSA key in PEM (give the text of the file, without a passphrase)",
    )
}
