//! The page numbers of a `Link` header.
//!
//! Only the numbers are used, never the address. If `next` points to page 2 on another host, page 2
//! is still requested from the configured host, so that the token cannot leak.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::LINK;

/// The pages that a `Link` header names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Links {
    pub(crate) next: Next,
    pub(crate) last: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// There is no `next` link: this page is the last one.
    Absent,
    Page(u32),
    /// There is a next page, but its address has no valid page number.
    Unreadable,
}

impl Links {
    /// Returns `None` if the response has no `Link` header with at least one link.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let values: Vec<Cow<'_, str>> = headers
            .get_all(LINK)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let links: Vec<(&str, &str)> = values.iter().flat_map(|value| links(value)).collect();
        let target = |relation| {
            links
                .iter()
                .find(|(_, parameters)| has_relation(parameters, relation))
                .map(|(target, _)| *target)
        };
        (!links.is_empty()).then(|| Self {
            next: match target("next").map(page) {
                None => Next::Absent,
                Some(Some(page)) => Next::Page(page),
                Some(None) => Next::Unreadable,
            },
            last: target("last").and_then(page),
        })
    }

    pub(crate) fn next_page(self) -> Option<u32> {
        match self.next {
            Next::Page(page) => Some(page),
            Next::Absent | Next::Unreadable => None,
        }
    }
}

/// Returns the links of one header value, each as its target and its parameters (RFC 8288, section
/// 3).
fn links(value: &str) -> Vec<(&str, &str)> {
    split_unquoted(value, ',')
        .filter_map(|link| link.trim().strip_prefix('<')?.split_once('>'))
        .collect()
}

fn has_relation(parameters: &str, relation: &str) -> bool {
    split_unquoted(parameters, ';')
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"))
        .flat_map(|(_, value)| value.trim().trim_matches('"').split_ascii_whitespace())
        .any(|candidate| candidate.eq_ignore_ascii_case(relation))
}

/// Returns the query parameter `page` of an address. Scheme and host are ignored.
fn page(target: &str) -> Option<u32> {
    let (_, query) = target.split_once('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="))?;
    value
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(())?;
    value.parse().ok()
}

/// Splits at `separator`, except within `<…>` and `"…"`.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut closing = None;
    let mut escaped = false;
    text.split(move |character| {
        if escaped {
            escaped = false;
            return false;
        }
        match (closing, character) {
            (None, '<') => closing = Some('>'),
            (None, '"') => closing = Some('"'),
            (None, _) => return character == separator,
            (Some('"'), '\\') => escaped = true,
            (Some(close), _) if close == character => closing = None,
            (Some(_), _) => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use proptest::prelude::*;

    fn read(values: &[&str]) -> Option<Links> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                LINK,
                HeaderValue::from_bytes(value.as_bytes()).expect("header value"),
            );
        }
        Links::read(&headers)
    }

    fn next(value: &str) -> Option<Next> {
        read(&[value]).map(|links| links.next)
    }

    #[test]
    fn a_header_from_github_is_parsed() {
        let value = "<https://api.github.com/organizations/1/bypass-requests/secret-scanning?page=1>; rel=\"prev\", \
             <https://api.github.com/organizations/1/bypass-requests/secret-scanning?per_page=100&page=3>; rel=\"next\", \
             <https://api.github.com/organizations/1/bypass-requests/secret-scanning?page=9&per_page=100>; rel=\"last\"";
        assert_eq!(
            read(&[value]),
            Some(Links {
                next: Next::Page(3),
                last: Some(9)
            })
        );
    }

    #[test]
    fn everything_but_the_number_is_ignored() {
        for value in [
            "<//evil.example.com/?page=2>; rel=next",
            "<?page=2>;rel=\"next\"",
            "<https://a/?a=<,;&page=2#page=9>; title=\"a,b; rel=\\\"last\\\"\"; REL=\"prev Next\"",
            "<https://a/?per_page=7&page=2> ; rel = \"next\"",
            "garbage, <https://a/?page=2>; rel=next",
            "<https://a/?requester=é&page=2>; rel=next",
        ] {
            assert_eq!(next(value), Some(Next::Page(2)), "{value}");
        }
        assert_eq!(
            read(&["<?page=5>; rel=last", "<?page=2>; rel=next"]),
            Some(Links {
                next: Next::Page(2),
                last: Some(5)
            })
        );
    }

    #[test]
    fn a_next_link_without_a_number_is_not_the_end() {
        for target in [
            "https://a/",
            "https://a/?page=",
            "https://a/?page=-1",
            "https://a/?page=+2",
            "https://a/?page=x",
            "https://a/?page=100000000000000000000",
            "https://a/?after=xyz",
            "",
        ] {
            assert_eq!(
                next(&format!("<{target}>; rel=\"next\"")),
                Some(Next::Unreadable),
                "{target}"
            );
        }
    }

    #[test]
    fn a_header_without_links_differs_from_one_without_next() {
        assert_eq!(read(&[]), None);
        for value in [
            "",
            ",",
            "garbage",
            "https://a/?page=2; rel=next",
            "<https://a/?page=2",
        ] {
            assert_eq!(next(value), None, "{value}");
        }
        assert_eq!(next("<?page=1>; rel=\"first\""), Some(Next::Absent));
        assert_eq!(next("<?page=2>; title=\"; rel=next\""), Some(Next::Absent));
    }

    proptest! {
        #[test]
        fn the_number_of_next_is_found_in_any_header(
            before in "[^<>\",\\x00-\\x1f\\x7f]{0,20}", query in "[a-z=&]{0,20}", page in 0_u32..,
        ) {
            let value = format!("{before}, <https://a/?x{query}&page={page}>; rel=\"next\"");
            prop_assert_eq!(next(&value), Some(Next::Page(page)));
        }
    }
}
