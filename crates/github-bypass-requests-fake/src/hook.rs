//! Webhooks: their URLs and secrets.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::http::Uri;

const DEFAULT_PORT: u16 = 80;

#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) url: Uri,
    /// The value of `Host`.
    pub(crate) authority: String,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) secret: Secret,
}

/// The secret of a webhook. `Debug` does not print it.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

/// The reason why a webhook is invalid. The text contains no secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct InvalidHook(String);

impl Hook {
    pub(crate) fn new(url: &str, secret: String) -> Result<Self, InvalidHook> {
        let url: Uri = url.parse().map_err(|_| invalid_url(None))?;
        let (authority, addresses) = receiver(&url).ok_or_else(|| invalid_url(Some(&url)))?;
        if secret.is_empty() {
            return Err(InvalidHook(
                "`webhook` takes a secret, not an empty string".into(),
            ));
        }
        Ok(Self {
            authority,
            addresses,
            url,
            secret: Secret(secret),
        })
    }
}

/// Returns the authority and the addresses of a valid URL.
fn receiver(url: &Uri) -> Option<(String, Vec<SocketAddr>)> {
    let authority = url
        .authority()
        .filter(|_| url.scheme_str() == Some("http"))?;
    let host = authority.host();
    // If the authority does not start with the host, it contains user information.
    let port = match authority.as_str().strip_prefix(host)? {
        "" => DEFAULT_PORT,
        port => port.strip_prefix(':')?.parse().ok()?,
    };
    let addresses = loopback_addresses(host)?.into_iter();
    let addresses = addresses.map(|address| SocketAddr::new(address, port));
    Some((authority.to_string(), addresses.collect()))
}

/// Returns `None` if the host is not a loopback address. Does not resolve any name.
fn loopback_addresses(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let address: IpAddr = host.trim_matches(['[', ']']).parse().ok()?;
    address.is_loopback().then(|| vec![address])
}

/// Leaves out user information, the path and the query, because they can contain secrets.
fn invalid_url(url: Option<&Uri>) -> InvalidHook {
    let origin = url.and_then(|url| {
        let scheme = url.scheme_str()?;
        let authority = url.authority()?.as_str();
        let host = authority.rsplit('@').next()?;
        Some(format!(", not {scheme}://{host}"))
    });
    let origin = origin.unwrap_or_default();
    InvalidHook(format!(
        "`webhook` takes an http URL of a loopback address, such as \
         http://127.0.0.1:3000/webhook{origin}"
    ))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<InvalidHook> for io::Error {
    fn from(InvalidHook(why): InvalidHook) -> Self {
        Self::new(io::ErrorKind::InvalidInput, why)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::Hook;

    fn addresses(url: &str) -> Vec<SocketAddr> {
        Hook::new(url, "s3cret".into()).expect(url).addresses
    }

    fn error(url: &str, secret: &str) -> String {
        Hook::new(url, secret.into()).expect_err(url).0
    }

    #[test]
    fn a_url_names_a_loopback_address() {
        let address = |text: &str| text.parse().expect(text);
        for (url, expected) in [
            ("http://127.0.0.1", "127.0.0.1:80"),
            ("http://127.0.0.1:3000", "127.0.0.1:3000"),
            ("http://127.9.9.9:3000/a/b?c=d", "127.9.9.9:3000"),
            ("HTTP://[::1]:3000/", "[::1]:3000"),
        ] {
            assert_eq!(addresses(url), [address(expected)], "{url}");
        }
        let both = [address("127.0.0.1:3000"), address("[::1]:3000")];
        assert_eq!(addresses("http://LocalHost:3000/webhook"), both);
    }

    #[test]
    fn other_urls_are_rejected() {
        let expected = "`webhook` takes an http URL of a loopback address, such as \
                        http://127.0.0.1:3000/webhook";
        for url in [
            "https://127.0.0.1:3000",
            "ws://127.0.0.1",
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com:80",
            "http://10.0.0.1:3000",
            "http://0.0.0.0:3000",
            "http://[::ffff:127.0.0.1]",
            "http://127.0.0.1:65536",
            "http://127.0.0.1:",
            "http://127.0.0.1:http",
        ] {
            let error = error(url, "s3cret");
            let rest = error.strip_prefix(expected).expect(&error);
            assert!(rest.is_empty() || rest == format!(", not {url}"), "{error}");
        }
        for url in [
            "",
            "/",
            "127.0.0.1",
            "127.0.0.1:3000",
            "s3cret",
            "http:",
            "http://",
            "::",
        ] {
            assert_eq!(error(url, "s3cret"), expected, "{url}");
        }
    }

    #[test]
    fn an_error_contains_no_secret() {
        for url in [
            "http://user:s3cret@127.0.0.1",
            "https://127.0.0.1/s3cret?s3cret",
            "s3cret",
        ] {
            let error = error(url, "s3cret");
            assert!(!error.contains("s3cret"), "{error}");
        }
        assert_eq!(
            error("http://127.0.0.1", ""),
            "`webhook` takes a secret, not an empty string"
        );
    }
}
