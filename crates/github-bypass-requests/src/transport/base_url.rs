//! Where the API lives.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::error::InvalidInput;

/// The root of the API: https, or plain http on a loopback address.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    /// Without a slash at the end.
    url: String,
    host: String,
    loopback: bool,
}

impl BaseUrl {
    /// Takes a host name, with or without a path, or a full URL.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidInput> {
        let refused = |why: &str| InvalidInput::new(format!("base URL {why}"));
        let full = text.contains("://");
        let candidate = if full {
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
            _ => return Err(refused("is neither a host name nor a URL")),
        };
        // Said before anything else, and without showing the URL: it may hold a password.
        if !url.username().is_empty() || url.password().is_some() || candidate.contains('@') {
            return Err(refused("holds user information; give the token to `token`"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("has a query or a fragment"));
        }
        let Some(host) = url.host_str().map(str::to_owned) else {
            return Err(refused("names no host"));
        };
        let loopback = is_loopback(&host);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(refused("is http; only a loopback address may be")),
            _ => return Err(refused("is not https")),
        }
        let api_host = api_host(&host);
        let bare = url.path().trim_matches('/').is_empty();
        match &api_host {
            Some(api_host) if bare => {
                url.set_host(Some(api_host))
                    .map_err(|_| refused("names no host"))?;
            }
            Some(_) => {
                return Err(refused(
                    "is a host of GitHub's with a path; leave the path out",
                ));
            }
            None if bare && !full => url.set_path("/api/v3"),
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

    /// The host that is connected to, with its port if that is another than usual.
    pub(crate) fn authority(&self) -> &str {
        let (_, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        rest.split_once('/')
            .map_or(rest, |(authority, _)| authority)
    }

    /// The host as people and `gh` call it: without the `api.` of GitHub's cloud.
    pub(crate) fn host_name(&self) -> &str {
        let cloud = self.host.strip_prefix("api.");
        cloud
            .filter(|_| self.is_github_cloud())
            .unwrap_or(&self.host)
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether the host is github.com or one of its data residency.
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

/// The API's host, if `host` belongs to GitHub's cloud.
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
    fn host_names_lead_to_their_api() {
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
    fn full_urls_are_taken_as_they_are() {
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
            ("https://gateway.example.com", "https://gateway.example.com"),
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
    fn what_is_unsafe_or_unclear_is_refused() {
        for (text, why) in [
            ("http://ghes.example.com/api/v3", "http;"),
            ("http://10.0.0.1", "http;"),
            ("http://localhost.example.com", "http;"),
            ("http://[::2]", "http;"),
            ("ftp://ghes.example.com", "not https"),
            ("https://mona:s3cret@ghes.example.com", "user information"),
            ("https://@ghes.example.com", "user information"),
            ("mona@ghes.example.com", "user information"),
            ("https://ghes.example.com/?a=b", "query"),
            ("https://ghes.example.com/#x", "fragment"),
            ("github.com/octo-org", "leave the path out"),
            ("https://github.com/octo-org", "leave the path out"),
            ("https://api.github.com/api/v3", "leave the path out"),
            ("https://octo.ghe.com/octo-org/", "leave the path out"),
            ("https://api.octo.ghe.com/api/v3", "leave the path out"),
            ("", "neither"),
            ("https://", "neither"),
            ("ghes example.com", "neither"),
            ("https://ghes.example.com\\@evil.example.com", "neither"),
            ("https://ghes.example.com/\n", "neither"),
        ] {
            let error = parsed(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_host_is_called_what_gh_calls_it() {
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
    fn a_connection_goes_to_the_host_of_the_api_and_its_port() {
        for (text, authority) in [
            ("github.com", "api.github.com"),
            ("octo.ghe.com:443", "api.octo.ghe.com"),
            (
                "https://ghes.example.com:8443/api/v3",
                "ghes.example.com:8443",
            ),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            let base = BaseUrl::parse(text).expect(text);
            assert_eq!(base.authority(), authority, "{text}");
        }
    }

    #[test]
    fn only_loopback_is_loopback() {
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
