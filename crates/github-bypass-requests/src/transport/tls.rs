//! The TLS backend, chosen by features: `rustls` takes precedence over `native-tls`, and
//! `native-tls` over `rustls-no-provider`.

#[cfg(all(
    feature = "rustls-no-provider",
    not(any(feature = "rustls", feature = "native-tls"))
))]
mod installed_provider;

use std::error::Error as StdError;

use crate::error::{Error, Result};
use crate::transport::base_url::BaseUrl;
use crate::transport::outcome::NetworkCause;

/// Configures TLS, and trusts these root certificates in addition to those of the system.
///
/// A build without TLS can use only `http` URLs, such as the URL of a fake server or of a proxy on
/// a loopback address.
pub(crate) fn with_tls(
    http: reqwest::ClientBuilder,
    base_url: &BaseUrl,
    root_certificates: &[Vec<u8>],
) -> Result<reqwest::ClientBuilder> {
    let has_tls = cfg!(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    ));
    let needs_tls = !base_url.is_http() || !root_certificates.is_empty();
    if needs_tls && !has_tls {
        return Err(Error::input(
            "no TLS in this build; enable the feature `rustls` or `native-tls`",
        ));
    }
    // Select the backend explicitly, because another crate may enable the other backend of reqwest.
    #[cfg(feature = "rustls")]
    let http = http.tls_backend_rustls();
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    let http = http.tls_backend_native();
    #[cfg(all(
        feature = "rustls-no-provider",
        not(any(feature = "rustls", feature = "native-tls"))
    ))]
    let http = installed_provider::with_installed_provider(http, base_url)?;
    #[cfg(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    ))]
    let http = {
        // Without https, the certificates of the system are not needed, and there may be none.
        let http = if needs_tls {
            http
        } else {
            http.tls_certs_only([])
        };
        root_certificates.iter().try_fold(http, |http, pem| {
            let certificates = reqwest::Certificate::from_pem_bundle(pem);
            let certificates = certificates.ok().filter(|found| !found.is_empty());
            let certificates = certificates.ok_or_else(|| {
                Error::input("`root_certificate_pem` must be a certificate in PEM format")
            })?;
            Ok::<_, Error>(http.tls_certs_merge(certificates))
        })?
    };
    Ok(http)
}

/// Returns the reason why the HTTP client cannot be created.
pub(crate) fn build_failure(cause: &NetworkCause) -> &'static str {
    let mut causes = std::iter::successors(Some(cause as &dyn StdError), |&cause| cause.source());
    if causes.any(|cause| cause.to_string().contains("No CA certificates were loaded")) {
        "the system has no root certificates; install `ca-certificates`, set SSL_CERT_FILE, or use \
         `root_certificate_pem`"
    } else {
        "the HTTP client cannot be created; check the root certificates"
    }
}

#[cfg(test)]
mod tests {
    use crate::client::Client;

    #[test]
    fn without_tls_or_a_provider_only_loopback_addresses_can_be_reached() {
        let build = |base_url: &str| Client::builder().base_url(base_url).token("t").build();
        assert!(build("http://127.0.0.1:8080").is_ok());
        let github = build("github.com");
        if cfg!(any(feature = "rustls", feature = "native-tls")) {
            assert!(github.is_ok());
            return;
        }
        let error = github.expect_err("no TLS");
        assert!(error.is_invalid_input());
        let advice = if cfg!(feature = "rustls-no-provider") {
            "default_provider().install_default()"
        } else {
            "enable the feature `rustls`"
        };
        assert!(error.to_string().contains(advice), "{error}");
    }
}
