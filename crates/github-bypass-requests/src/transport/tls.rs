//! Which TLS, by feature.

use crate::base_url::BaseUrl;
use crate::{Error, Result};

/// The HTTP client with its TLS, which trusts these root certificates, too.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
pub(crate) fn with_tls(
    http: reqwest::ClientBuilder,
    _: &BaseUrl,
    root_certificates: &[Vec<u8>],
) -> Result<reqwest::ClientBuilder> {
    // Named, since another crate of the build may have switched on the other one.
    #[cfg(feature = "rustls")]
    let mut http = http.tls_backend_rustls();
    #[cfg(not(feature = "rustls"))]
    let mut http = http.tls_backend_native();
    for pem in root_certificates {
        let certificates = reqwest::Certificate::from_pem_bundle(pem)
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| Error::input("the root certificate is not PEM"))?;
        http = http.tls_certs_merge(certificates);
    }
    Ok(http)
}

/// Without TLS, a fake or a proxy on this machine can be reached, and nobody else.
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(crate) fn with_tls(
    http: reqwest::ClientBuilder,
    base_url: &BaseUrl,
    root_certificates: &[Vec<u8>],
) -> Result<reqwest::ClientBuilder> {
    if base_url.as_str().starts_with("http:") && root_certificates.is_empty() {
        Ok(http)
    } else {
        Err(Error::input(
            "built without TLS: switch on the feature `rustls` or `native-tls`",
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::Client;

    #[test]
    fn without_tls_nothing_but_this_machine_can_be_reached() {
        let build = |base_url: &str| Client::builder().base_url(base_url).token("t").build();
        assert!(build("http://127.0.0.1:8080").is_ok());
        let github = build("github.com");
        if cfg!(any(feature = "rustls", feature = "native-tls")) {
            assert!(github.is_ok());
        } else {
            let error = github.expect_err("no TLS");
            assert!(error.is_invalid_input());
            assert!(error.to_string().contains("feature `rustls`"), "{error}");
        }
    }
}
