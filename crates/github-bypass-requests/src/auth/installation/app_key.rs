//! The private key of an app, and the signatures made with it.

use chrono::{DateTime, Utc};
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use zeroize::Zeroizing;

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

/// The number of seconds by which a signature is backdated. GitHub recommends this, because clocks
/// drift.
const BACKDATED: i64 = 60;
/// The number of seconds for which a signature is valid. GitHub accepts at most ten minutes.
const LIFETIME: i64 = 9 * 60;

impl AppKey {
    pub(super) fn new(app: String, pem: &Secret) -> Result<Self> {
        let pem = normalized(pem.expose());
        let invalid = || {
            Error::input(format!(
                "`private_key` must be an unencrypted RSA private key in PEM format, not {}",
                description(&pem)
            ))
        };
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| invalid())?;
        let this = Self { app, key };
        // Some unusable keys are detected only by signing with them.
        this.jwt(DateTime::UNIX_EPOCH).map_err(|_| invalid())?;
        Ok(this)
    }

    /// Returns the client id or the app id.
    pub(super) fn app(&self) -> &str {
        &self.app
    }

    /// Returns a signed statement that contains the app's id and the time. The statement authorizes
    /// token requests.
    pub(super) fn jwt(&self, now: DateTime<Utc>) -> Result<Secret> {
        // `jsonwebtoken` panics if two cryptography providers are compiled in and neither was
        // installed as the default. Another crate may have enabled the second one. A provider that
        // the application has installed is kept.
        let _ = DEFAULT_PROVIDER.install_default();
        let claims = Claims {
            iat: now.timestamp().saturating_sub(BACKDATED),
            exp: now.timestamp().saturating_add(LIFETIME),
            iss: &self.app,
        };
        let jwt = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key);
        // The library's message might quote the key.
        jwt.map(Secret::new)
            .map_err(|_| Error::input("`private_key` cannot be used to sign"))
    }
}

/// Undoes common changes to a key in an environment variable: surrounding quotes, escaped or
/// Windows line breaks, and spaces around lines.
fn normalized(pem: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(pem.len() + 1));
    let trimmed = pem.trim().trim_matches(['"', '\'']);
    // Remove quotes and line breaks without leaving a copy of the key in memory.
    let lines = trimmed.split("\\n").flat_map(str::lines);
    for line in lines.map(|line| line.trim().trim_end_matches("\\r")) {
        if !line.is_empty() {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Describes text that is not a usable private key.
fn description(pem: &str) -> &'static str {
    let label = pem.split("-----").nth(1).unwrap_or_default();
    match label.strip_prefix("BEGIN ") {
        None => "text in another format",
        Some(label) if label.ends_with("PUBLIC KEY") => "a public key",
        Some("ENCRYPTED PRIVATE KEY") => "an encrypted key",
        Some(_) if pem.contains("ENCRYPTED") => "an encrypted key",
        Some("CERTIFICATE") => "a certificate",
        Some("OPENSSH PRIVATE KEY") => "an OpenSSH key",
        Some("EC PRIVATE KEY") => "an EC key",
        Some("RSA PRIVATE KEY" | "PRIVATE KEY") => "a damaged key or a key of another type",
        Some(_) => "a PEM block of another type",
    }
}
