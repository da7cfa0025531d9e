//! Validates proxies, and names the one in use. Validation is necessary because reqwest ignores a
//! proxy that it cannot use, and connects directly.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::error::InvalidInput;
use crate::transport::base_url::BaseUrl;

/// The environment variables from which reqwest reads a proxy.
pub(crate) const VARIABLES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

const SOCKS: [&str; 4] = ["socks4", "socks4a", "socks5", "socks5h"];

/// Returns an error if reqwest would ignore this proxy. `name` is the name of the setting or of the
/// environment variable.
///
/// The error shows the scheme only, because the URL may contain a password.
pub(crate) fn check(name: &str, proxy: &str) -> Result<(), InvalidInput> {
    let invalid = |rule: &str| InvalidInput::new(format!("`{name}` must {rule}"));
    let uri = proxy.parse::<Uri>().map_err(|_| not_a_url(name))?;
    // `Uri` accepts any text as a port, and an empty host.
    let authority = uri.authority().ok_or_else(|| not_a_url(name))?;
    if Url::parse(&format!("http://{authority}")).is_err() {
        return Err(not_a_url(name));
    }
    match uri.scheme_str() {
        None | Some("http" | "https") => Ok(()),
        Some(scheme) if SOCKS.contains(&scheme) && cfg!(feature = "socks") => Ok(()),
        Some(scheme) if SOCKS.contains(&scheme) => Err(invalid(&format!(
            "use http or https, not {scheme}, unless the feature `socks` is enabled"
        ))),
        Some(scheme) => Err(invalid(&format!("use http or https, not {scheme}"))),
    }
}

/// Returns the host and the port of the proxy for the API: the one that was set, or the one that
/// reqwest reads from the environment. Omits user information, which may contain a password.
pub(crate) fn in_use(set: Option<&str>, base_url: &BaseUrl) -> Option<String> {
    if base_url.is_loopback() {
        return None;
    }
    let proxy = match set {
        Some(proxy) => proxy.parse::<Uri>().ok()?,
        None => {
            let api = base_url.as_str().parse::<Uri>().ok()?;
            Matcher::from_env().intercept(&api)?.uri().clone()
        }
    };
    let authority = proxy.authority()?.as_str();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    Some(host.to_owned())
}

pub(crate) fn not_a_url(name: &str) -> InvalidInput {
    InvalidInput::new(format!(
        "`{name}` must be a URL like http://proxy.example.com:3128"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f97_only_proxies_that_reqwest_uses_are_valid() {
        for valid in [
            "http://proxy.example.com:3128",
            "HTTP://proxy.example.com:3128",
            "https://proxy.example.com",
            "http://user:password@proxy.example.com:3128/",
            "proxy.example.com:3128",
            "user:password@proxy.example.com:3128",
            "http://[::1]:3128",
            "10.0.0.1:3128",
        ] {
            assert!(check("proxy", valid).is_ok(), "{valid}");
        }
        for (invalid, rule) in [
            (
                "socks://user:hunter2@proxy:1080",
                "use http or https, not socks",
            ),
            ("htpp://proxy:3128", "use http or https, not htpp"),
            ("ftp://proxy:3128", "use http or https, not ftp"),
            ("", "be a URL like"),
            (" http://proxy:3128", "be a URL like"),
            ("http://proxy:3128 ", "be a URL like"),
            ("http:/proxy:3128", "be a URL like"),
            ("http://", "be a URL like"),
            ("/proxy", "be a URL like"),
            ("http://pröxy:3128", "be a URL like"),
            ("http://proxy:hunter2", "be a URL like"),
        ] {
            let error = check("HTTPS_PROXY", invalid)
                .expect_err(invalid)
                .to_string();
            assert!(
                error.starts_with(&format!("`HTTPS_PROXY` must {rule}")),
                "{error}"
            );
            assert!(!error.contains("hunter2"), "{error}");
        }
        for socks in SOCKS {
            let error = check("proxy", &format!("{socks}://proxy:1080"));
            assert_eq!(error.is_ok(), cfg!(feature = "socks"), "{socks}");
        }
    }
}
