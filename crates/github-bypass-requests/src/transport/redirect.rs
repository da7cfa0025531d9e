//! Decides which redirects to follow: up to five per read, within the origin.

use http::header::LOCATION;
use http::{HeaderMap, Method};
use reqwest::{Request, Url};

const MAX_REDIRECTS: u32 = 5;

/// Returns the URL to follow. `redirects` is the number of redirects that were already followed.
pub(crate) fn followed(request: &Request, headers: &HeaderMap, redirects: u32) -> Option<Url> {
    let is_followed = request.method() == Method::GET && redirects < MAX_REDIRECTS;
    target(request.url(), headers).filter(|_| is_followed)
}

/// Returns the target of a redirect if it has the same origin. No other origin may get the token.
pub(crate) fn target(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let target = from.join(location).ok()?;
    let has_no_user = target.username().is_empty() && target.password().is_none();
    (has_no_user && target.origin() == from.origin()).then_some(target)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn target_of(location: &str) -> Option<String> {
        let from = Url::parse("https://ghes.example.com:8443/api/v3/repos/o/r").expect("a URL");
        let mut headers = HeaderMap::new();
        headers.append(LOCATION, HeaderValue::from_str(location).ok()?);
        target(&from, &headers).map(String::from)
    }

    #[test]
    fn only_redirects_within_the_origin_have_a_target() {
        for (location, expected) in [
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
            assert_eq!(target_of(location).as_deref(), expected, "{location}");
        }
    }
}
