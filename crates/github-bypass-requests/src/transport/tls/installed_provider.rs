//! rustls with the cryptography provider that the application has installed.

mod no_handshakes;

use rustls::crypto::CryptoProvider;

use crate::error::{Error, Result};
use crate::transport::base_url::BaseUrl;

/// Selects rustls. Without a provider, reqwest would panic, even if it never uses TLS.
pub(super) fn with_installed_provider(
    http: reqwest::ClientBuilder,
    base_url: &BaseUrl,
) -> Result<reqwest::ClientBuilder> {
    if base_url.is_http() {
        let config = no_handshakes::config()
            .map_err(|error| Error::input(format!("the HTTP client cannot be created: {error}")))?;
        return Ok(http.tls_backend_preconfigured(config));
    }
    if CryptoProvider::get_default().is_none() {
        return Err(Error::input(
            "the feature `rustls-no-provider` needs a cryptography provider, and none is \
             installed; install one before `build`, for example with \
             `rustls::crypto::ring::default_provider().install_default()`",
        ));
    }
    Ok(http.tls_backend_rustls())
}
