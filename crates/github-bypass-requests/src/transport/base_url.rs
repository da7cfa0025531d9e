//! The base URL of the API.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::error::InvalidInput;

/// The root of the API. Uses https, or plain http on a loopback address.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    /// Has no trailing slash.
    url: String,
    host: String,
    loopback: bool,
}

impl BaseUrl {
    /// Parses a host name, with or without a path, or a full URL.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidInput> {
        let invalid = |rule: &str| InvalidInput::new(format!("the base URL must {rule}"));
        let is_full = text.contains("://");
        let candidate = if is_full {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let mut url = match Url::parse(&candidate) {
            Ok(url)
                if text
                    .chars()
                    .all(|c| !c.is_whitespace() && !c.is_control() && c != '\\') =>
            {
                url
            }
            _ => return Err(invalid("be a host name or a URL")),
        };
        // No message shows the URL, because it may contain a password.
        if !url.username().is_empty() || url.password().is_some() || candidate.contains('@') {
            return Err(invalid(
                "not contain user information; pass the token to `token`",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("not have a query or a fragment"));
        }
        let Some(host) = url.host_str().map(str::to_owned) else {
            return Err(invalid("contain a host"));
        };
        let loopback = is_loopback(&host);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(invalid(
                    "use https; http is accepted for loopback addresses only",
                ));
            }
            _ => return Err(invalid("use https")),
        }
        let api_host = api_host(&host);
        let has_path = !url.path().trim_matches('/').is_empty();
        match &api_host {
            Some(api_host) if !has_path => {
                url.set_host(Some(api_host))
                    .map_err(|_| invalid("contain a host"))?;
            }
            Some(_) => {
                return Err(invalid(
                    "not have a path if the host is github.com or *.ghe.com",
                ));
            }
            None if !(has_path || is_full && loopback) => url.set_path("/api/v3"),
            None => {}
        }
        Ok(Self {
            host: url.host_str().unwrap_or(&host).to_owned(),
            url: url.as_str().trim_end_matches('/').to_owned(),
            loopback,
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }

    /// Returns the scheme, the host and, unless it is the default, the port.
    pub(crate) fn origin(&self) -> &str {
        let end = self.url.len() - self.path().len();
        self.url.get(..end).unwrap_or(&self.url)
    }

    /// Returns the path, or `None` if the host is one of GitHub's cloud hosts.
    pub(crate) fn server_path(&self) -> Option<&str> {
        (!self.is_github_cloud()).then(|| self.path())
    }

    /// Returns the path, which starts with a slash or is empty.
    fn path(&self) -> &str {
        let (_, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        rest.find('/')
            .and_then(|slash| rest.get(slash..))
            .unwrap_or("")
    }

    /// Returns the name that `gh` uses for the host. For GitHub's cloud, the name has no `api.`
    /// prefix.
    pub(crate) fn host_name(&self) -> &str {
        let cloud = self.host.strip_prefix("api.");
        cloud
            .filter(|_| self.is_github_cloud())
            .unwrap_or(&self.host)
    }

    pub(crate) fn is_http(&self) -> bool {
        self.url.starts_with("http:")
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Returns true if the host is github.com or a data residency host.
    pub(crate) fn is_github_cloud(&self) -> bool {
        api_host(&self.host).is_some()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.url, f)
    }
}

/// Returns the API's host if `host` belongs to GitHub's cloud.
fn api_host(host: &str) -> Option<String> {
    match host {
        "github.com" | "www.github.com" | "api.github.com" => Some("api.github.com".to_owned()),
        _ => match host.strip_suffix(".ghe.com")? {
            "" | "api" => None,
            subdomain if subdomain.starts_with("api.") => Some(host.to_owned()),
            _ => Some(format!("api.{host}")),
        },
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, String> {
        BaseUrl::parse(text)
            .map(|base| base.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_host_name_becomes_the_url_of_its_api() {
        for (text, url) in [
            ("github.com", "https://api.github.com"),
            ("api.github.com", "https://api.github.com"),
            ("GitHub.com", "https://api.github.com"),
            ("octo.ghe.com", "https://api.octo.ghe.com"),
            ("api.octo.ghe.com", "https://api.octo.ghe.com"),
            ("ghes.example.com", "https://ghes.example.com/api/v3"),
            ("ghes.example.com/", "https://ghes.example.com/api/v3"),
            ("ghes.example.com//", "https://ghes.example.com/api/v3"),
            (
                "ghes.example.com:8443",
                "https://ghes.example.com:8443/api/v3",
            ),
            ("ghes.example.com/api/v3", "https://ghes.example.com/api/v3"),
            (
                "ghes.example.com/api/v3/",
                "https://ghes.example.com/api/v3",
            ),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn f98_a_url_without_a_path_is_an_enterprise_server() {
        for text in [
            "https://ghes.example.com",
            "https://ghes.example.com/",
            "HTTPS://GHES.example.COM",
            "ghes.example.com/",
            "https://ghes.example.com/api/v3",
            "https://ghes.example.com/api/v3/",
        ] {
            assert_eq!(
                parsed(text).as_deref(),
                Ok("https://ghes.example.com/api/v3"),
                "{text}"
            );
        }
        assert_eq!(
            parsed("https://ghes.example.com:8443/").as_deref(),
            Ok("https://ghes.example.com:8443/api/v3")
        );
        assert_eq!(
            parsed("https://127.0.0.1:8443").as_deref(),
            Ok("https://127.0.0.1:8443")
        );
    }

    #[test]
    fn a_full_url_is_used_unchanged_except_for_the_cloud() {
        for (text, url) in [
            ("https://api.github.com", "https://api.github.com"),
            ("https://api.github.com/", "https://api.github.com"),
            ("https://github.com", "https://api.github.com"),
            ("https://octo.ghe.com/", "https://api.octo.ghe.com"),
            ("https://octo.ghe.com//", "https://api.octo.ghe.com"),
            (
                "https://ghes.example.com/api/v3",
                "https://ghes.example.com/api/v3",
            ),
            (
                "https://gateway.example.com/github",
                "https://gateway.example.com/github",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            (
                "http://127.9.9.9:8080/api/v3/",
                "http://127.9.9.9:8080/api/v3",
            ),
            ("http://localhost:1", "http://localhost:1"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn unsafe_and_ambiguous_urls_are_rejected() {
        for (text, why) in [
            (
                "http://ghes.example.com/api/v3",
                "http is accepted for loopback",
            ),
            ("http://10.0.0.1", "http is accepted for loopback"),
            (
                "http://localhost.example.com",
                "http is accepted for loopback",
            ),
            ("http://[::2]", "http is accepted for loopback"),
            ("ftp://ghes.example.com", "must use https"),
            ("https://mona:s3cret@ghes.example.com", "user information"),
            ("https://@ghes.example.com", "user information"),
            ("mona@ghes.example.com", "user information"),
            ("https://ghes.example.com/?a=b", "query"),
            ("https://ghes.example.com/#x", "fragment"),
            ("github.com/octo-org", "not have a path"),
            ("https://github.com/octo-org", "not have a path"),
            ("https://api.github.com/api/v3", "not have a path"),
            ("https://octo.ghe.com/octo-org/", "not have a path"),
            ("https://api.octo.ghe.com/api/v3", "not have a path"),
            ("", "host name or a URL"),
            ("https://", "host name or a URL"),
            ("ghes example.com", "host name or a URL"),
            (
                "https://ghes.example.com\\@evil.example.com",
                "host name or a URL",
            ),
            ("https://ghes.example.com/\n", "host name or a URL"),
        ] {
            let error = parsed(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn the_host_name_is_the_one_that_gh_uses() {
        for (text, name) in [
            ("github.com", "github.com"),
            ("https://api.github.com", "github.com"),
            ("octo.ghe.com", "octo.ghe.com"),
            ("ghes.example.com:8443", "ghes.example.com"),
            ("api.example.com", "api.example.com"),
        ] {
            let base = BaseUrl::parse(text).expect(text);
            assert_eq!(base.host_name(), name, "{text}");
        }
    }

    #[test]
    fn the_origin_has_the_api_host_and_its_port() {
        for (text, origin) in [
            ("github.com", "https://api.github.com"),
            ("octo.ghe.com:443", "https://api.octo.ghe.com"),
            (
                "https://ghes.example.com:8443/api/v3",
                "https://ghes.example.com:8443",
            ),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            let base = BaseUrl::parse(text).expect(text);
            assert_eq!(base.origin(), origin, "{text}");
        }
    }

    #[test]
    fn only_loopback_addresses_are_loopback() {
        for (text, loopback) in [
            ("http://127.0.0.1", true),
            ("https://localhost", true),
            ("https://[::1]", true),
            ("https://127.0.0.1.example.com", false),
            ("github.com", false),
        ] {
            assert_eq!(
                BaseUrl::parse(text).map(|base| base.is_loopback()).ok(),
                Some(loopback),
                "{text}"
            );
        }
    }
}
