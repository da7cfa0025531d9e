//! Decides which redirects are followed: of reads, within the origin, up to five times.

use http::header::LOCATION;
use http::{HeaderMap, Method};
use reqwest::{Request, Url};

const MAX_REDIRECTS: u32 = 5;

/// The URL to follow, after `redirects` others.
pub(crate) fn followed(request: &Request, headers: &HeaderMap, redirects: u32) -> Option<Url> {
    let is_followed = request.method() == Method::GET && redirects < MAX_REDIRECTS;
    target(request.url(), headers).filter(|_| is_followed)
}

/// The target of a redirect, if it has the same origin. The token must not reach another.
pub(crate) fn target(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let target = from.join(location).ok()?;
    let plain = target.username().is_empty() && target.password().is_none();
    (plain && target.origin() == from.origin()).then_some(target)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn leads_to(location: &str) -> Option<String> {
        let from = Url::parse("https://ghes.example.com:8443/api/v3/repos/o/r").expect("a URL");
        let mut headers = HeaderMap::new();
        headers.append(LOCATION, HeaderValue::from_str(location).ok()?);
        target(&from, &headers).map(String::from)
    }

    #[test]
    fn a_redirect_leads_within_the_origin_or_nowhere() {
        for (location, leads) in [
            (
                "/api/v3/repositories/1",
                Some("https://ghes.example.com:8443/api/v3/repositories/1"),
            ),
            (
                "https://ghes.example.com:8443/x",
                Some("https://ghes.example.com:8443/x"),
            ),
            ("http://ghes.example.com:8443/x", None),
            ("https://ghes.example.com/x", None),
            ("https://ghes.example.com.evil:8443/x", None),
            ("https://mona@ghes.example.com:8443/x", None),
            ("//evil.example.com:8443/x", None),
            ("\\\\evil.example.com/x", None),
            ("https://[", None),
        ] {
            assert_eq!(leads_to(location).as_deref(), leads, "{location}");
        }
    }
}
