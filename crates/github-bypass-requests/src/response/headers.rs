//! Reads individual headers: text, numbers and waits.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::header::{DATE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};

use crate::response::escape::escape;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-github-request-id");
pub(crate) const SSO: HeaderName = HeaderName::from_static("x-github-sso");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The upper limit for a wait that a header states. GitHub's rate limits end within an hour, and
/// one absurd header must not stop an unattended client forever.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// In bytes. Longer values are truncated.
const MAX_TEXT: usize = 128;
/// In bytes. The permission that matters may be at the end of a long header.
const MAX_PERMISSIONS: usize = 1024;

/// Returns the wait that `Retry-After` states, in whole seconds or as a date.
///
/// `now` is the local time. It is used if the response has no `Date`.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let wait = match number(headers, &RETRY_AFTER) {
        Some(seconds) => Duration::from_secs(seconds),
        None => {
            let until = http_date(single(headers, &RETRY_AFTER)?)?;
            let wait = until - server_time(headers).unwrap_or(now);
            wait.to_std().unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Returns the end of the wait that `Retry-After` states.
pub(crate) fn retry_at(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    instant_after(retry_after(headers, Utc::now())?)
}

/// Returns the time until the rate limit is reset, by the server's clock, plus one second.
pub(crate) fn until_reset(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let now = u64::try_from(server_time(headers).unwrap_or(now).timestamp()).unwrap_or(0);
    let seconds = number(headers, &RESET)?.saturating_sub(now);
    Some(Duration::from_secs(seconds.saturating_add(1)).min(LONGEST_WAIT))
}

/// Returns the time until the rate limit is reset, if no requests remain.
pub(crate) fn exhausted(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    (number(headers, &REMAINING)? == 0).then(|| until_reset(headers, now))?
}

/// Returns the time of the response, by the server's clock.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    http_date(single(headers, &DATE)?)
}

/// Returns the end of a wait that starts now.
pub(crate) fn instant_after(wait: Duration) -> Option<DateTime<Utc>> {
    Utc::now().checked_add_signed(TimeDelta::from_std(wait).ok()?)
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    text(headers, REQUEST_ID.as_str())
}

/// Returns a header's value, escaped and truncated.
pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    text_up_to(MAX_TEXT, headers, name)
}

/// Returns the value of a header that lists permissions or scopes, escaped and truncated.
pub(crate) fn permissions(headers: &HeaderMap, name: &str) -> Option<String> {
    text_up_to(MAX_PERMISSIONS, headers, name)
}

/// Returns the ids of the organizations whose items are missing from a response, because the token
/// is not authorized for their single sign-on. Reads `X-GitHub-SSO: partial-results`. Other forms
/// of that header are ignored. They contain a URL that only the token's owner may see.
pub(crate) fn missing_organizations(headers: &HeaderMap) -> Vec<i64> {
    let ids = |value: &HeaderValue| {
        let (form, parameters) = value.to_str().ok()?.split_once(';')?;
        let (name, ids) = parameters.split_once('=')?;
        let is_partial = form.trim() == "partial-results" && name.trim() == "organizations";
        let ids = ids.split(',').filter_map(|id| id.trim().parse().ok());
        is_partial.then(|| ids.collect::<Vec<i64>>())
    };
    headers
        .get_all(SSO)
        .iter()
        .filter_map(ids)
        .flatten()
        .collect()
}

fn text_up_to(max: usize, headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(escape(value, max))
}

/// Returns the number in a header whose value consists of digits only. Any other value counts as
/// absent. A number that is too large saturates.
pub(crate) fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let digits = single(headers, name)?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().unwrap_or(u64::MAX))
}

/// Returns the value of a header that occurs exactly once. A repeated header counts as absent.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?.trim();
    values.next().is_none().then_some(value)
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some(date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "Wed, 01 Jul 2026 12:00:00 GMT";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header value"));
        }
        headers
    }

    fn noon() -> DateTime<Utc> {
        http_date(NOON).expect("a date")
    }

    #[test]
    fn a_used_up_limit_lasts_until_its_reset() {
        let reset = (noon().timestamp() + 30).to_string();
        let of = |remaining: &str| {
            exhausted(
                &headers(&[
                    ("x-ratelimit-remaining", remaining),
                    ("x-ratelimit-reset", &reset),
                ]),
                noon(),
            )
        };
        assert_eq!(of("0"), Some(Duration::from_secs(31)));
        assert_eq!(of("1"), None);
        assert_eq!(
            exhausted(&headers(&[("x-ratelimit-remaining", "0")]), noon()),
            None
        );
    }

    #[test]
    fn waits_are_capped_at_a_day() {
        for value in [
            "100000000000000000000000000000000",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            let headers = headers(&[
                ("retry-after", value),
                ("x-ratelimit-reset", "100000000000000000000000000000000"),
                ("date", NOON),
            ]);
            assert_eq!(retry_after(&headers, noon()), Some(LONGEST_WAIT), "{value}");
            assert_eq!(until_reset(&headers, noon()), Some(LONGEST_WAIT));
        }
    }
}
