//! How long to wait: until a rate limit has passed, and before another attempt. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, HeaderName, RETRY_AFTER};

use crate::decode::ErrorBody;
use crate::outcome::Head;

/// Why GitHub did not carry out a request: too many came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The hourly number of requests is used up.
    Primary,
    /// Too many at once, or too heavy ones; GitHub says so in words only.
    Secondary,
    /// Limited, and not told by which rule.
    Other,
}

impl Limit {
    /// Tells a refusal for the rate from one for lack of permission: both may be a 403.
    pub(crate) fn read(head: &Head, body: &ErrorBody) -> Option<Self> {
        let status = head.status.as_u16();
        if !matches!(status, 403 | 429) {
            return None;
        }
        let message = body
            .message
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let url = body.documentation_url.as_deref().unwrap_or_default();
        if message.contains("secondary rate")
            || message.contains("abuse detection")
            || url.ends_with("secondary-rate-limits")
            || url.ends_with("#abuse-rate-limits")
        {
            return Some(Self::Secondary);
        }
        if number(&head.headers, &REMAINING) == Some(0) {
            return Some(Self::Primary);
        }
        (status == 429 || retry_after(&head.headers, DateTime::UNIX_EPOCH).is_some())
            .then_some(Self::Other)
    }

    /// How long to keep still. `untold` counts how often in a row GitHub has said nothing about it;
    /// `now` is our own clock, for a server that does not tell its own.
    pub(crate) fn wait(self, headers: &HeaderMap, now: DateTime<Utc>, untold: u32) -> Duration {
        let told = retry_after(headers, now)
            .or_else(|| (self == Self::Primary).then(|| until_reset(headers, now))?);
        told.unwrap_or_else(|| UNTOLD.saturating_mul(2_u32.saturating_pow(untold)))
    }

    /// Whether the answer says how long to keep still.
    pub(crate) fn is_told(self, headers: &HeaderMap) -> bool {
        self.wait(headers, DateTime::UNIX_EPOCH, 0) == self.wait(headers, DateTime::UNIX_EPOCH, 1)
    }
}

/// For a limit that says nothing about its end: GitHub asks for a minute at least.
const UNTOLD: Duration = Duration::from_secs(60);

const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How long GitHub wants no further request after an answer that used up the last of the limit.
pub(crate) fn exhausted(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    (number(headers, &REMAINING)? == 0).then(|| until_reset(headers, now))?
}

/// Until the limit's window ends, by the server's clock, and a second more.
fn until_reset(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let now = u64::try_from(server_time(headers).unwrap_or(now).timestamp()).unwrap_or(0);
    let seconds = number(headers, &RESET)?.saturating_sub(now);
    Some(Duration::from_secs(seconds.saturating_add(1)))
}

/// What `Retry-After` says: whole seconds, or a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    if let Some(seconds) = number(headers, &RETRY_AFTER) {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(single(headers, &RETRY_AFTER)?)?;
    let wait = until - server_time(headers).unwrap_or(now);
    Some(wait.to_std().unwrap_or(Duration::ZERO))
}

/// The server's clock when it answered.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    http_date(single(headers, &DATE)?)
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text)
        .ok()
        .map(|date| date.to_utc())
}

/// A value of digits only, which saturates; anything else counts as absent.
fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let digits = single(headers, name)?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().unwrap_or(u64::MAX))
}

/// A header that is repeated says nothing.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?.trim();
    values.next().is_none().then_some(value)
}

/// The delay before attempt `next` (2, 3, …): doubled each time, spread evenly from half to one and
/// a half of it by `jitter`, which is between 0 and 1.
pub(crate) fn backoff(next: u32, jitter: f64) -> Duration {
    let doubled = FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(next.saturating_sub(2)));
    doubled
        .min(MAX_BACKOFF)
        .mul_f64(jitter.clamp(0.0, 1.0) + 0.5)
}

const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use proptest::prelude::*;

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

    fn limit(status: u16, pairs: &[(&'static str, &str)], body: &str) -> Option<Limit> {
        let status = StatusCode::from_u16(status).expect("a status");
        Limit::read(
            &Head {
                status,
                headers: headers(pairs),
            },
            &ErrorBody::read(body.as_bytes()),
        )
    }

    #[test]
    fn a_limit_is_told_from_a_lack_of_permission() {
        use Limit::{Other, Primary, Secondary};
        let secondary = r#"{"message": "You have exceeded a Secondary Rate limit."}"#;
        let abuse = r#"{"message": "You have triggered an abuse detection mechanism"}"#;
        let by_url =
            r#"{"documentation_url": "https://docs.github.com/rest/x#secondary-rate-limits"}"#;
        let old_url =
            r#"{"documentation_url": "https://developer.github.com/v3/#abuse-rate-limits"}"#;
        for (status, pairs, body, expected) in [
            (403, &[][..], secondary, Some(Secondary)),
            (429, &[], abuse, Some(Secondary)),
            (403, &[], by_url, Some(Secondary)),
            (403, &[], old_url, Some(Secondary)),
            (
                403,
                &[("x-ratelimit-remaining", "0")],
                secondary,
                Some(Secondary),
            ),
            (
                403,
                &[("x-ratelimit-remaining", "0"), ("retry-after", "1")],
                "",
                Some(Primary),
            ),
            (429, &[("x-ratelimit-remaining", "0")], "{}", Some(Primary)),
            (403, &[("retry-after", "0")], "", Some(Other)),
            (429, &[], "", Some(Other)),
            (
                403,
                &[("x-ratelimit-remaining", "4999")],
                r#"{"message": "Forbidden"}"#,
                None,
            ),
            (403, &[("retry-after", "soon")], "", None),
            (
                404,
                &[("x-ratelimit-remaining", "0"), ("retry-after", "1")],
                secondary,
                None,
            ),
            (503, &[("retry-after", "1")], "", None),
        ] {
            assert_eq!(
                limit(status, pairs, body),
                expected,
                "{status} {pairs:?} {body}"
            );
        }
    }

    #[test]
    fn the_wait_is_what_the_server_says() {
        let wait = |limit: Limit, pairs: &[(&'static str, &str)], untold| {
            limit.wait(&headers(pairs), noon(), untold).as_secs()
        };
        let reset = (noon().timestamp() + 30).to_string();
        let early = (noon().timestamp() - 30).to_string();
        for (limit, pairs, untold, expected) in [
            (Limit::Other, &[("retry-after", "2")][..], 0, 2),
            (Limit::Other, &[("retry-after", "0")], 3, 0),
            (
                Limit::Primary,
                &[("retry-after", "7"), ("x-ratelimit-reset", &reset)],
                0,
                7,
            ),
            (Limit::Primary, &[("x-ratelimit-reset", &reset)], 0, 31),
            (
                Limit::Primary,
                &[
                    ("x-ratelimit-reset", &reset),
                    ("date", "Wed, 01 Jul 2026 12:00:10 GMT"),
                ],
                0,
                21,
            ),
            (Limit::Primary, &[("x-ratelimit-reset", &early)], 0, 1),
            (Limit::Secondary, &[("x-ratelimit-reset", &reset)], 0, 60),
            (Limit::Secondary, &[], 0, 60),
            (Limit::Secondary, &[], 1, 120),
            (Limit::Secondary, &[], 2, 240),
            (Limit::Primary, &[], 0, 60),
            (
                Limit::Other,
                &[("retry-after", "Wed, 01 Jul 2026 12:00:45 GMT")],
                0,
                45,
            ),
            (
                Limit::Other,
                &[
                    ("retry-after", "Wed, 01 Jul 2026 12:00:45 GMT"),
                    ("date", "Wed, 01 Jul 2026 12:00:40 GMT"),
                ],
                0,
                5,
            ),
            (
                Limit::Other,
                &[("retry-after", "Wed, 01 Jul 2026 11:00:00 GMT")],
                0,
                0,
            ),
            (Limit::Other, &[("retry-after", "86400")], 0, 86400),
            (
                Limit::Other,
                &[("retry-after", "1000000000000000000000000000000")],
                0,
                u64::MAX,
            ),
        ] {
            assert_eq!(wait(limit, pairs, untold), expected, "{limit:?} {pairs:?}");
        }
        for nonsense in ["-1", "abc", "", "1.5", "+1", "0x1", "1 2"] {
            assert_eq!(
                wait(Limit::Other, &[("retry-after", nonsense)], 0),
                60,
                "{nonsense}"
            );
        }
        assert_eq!(
            wait(
                Limit::Other,
                &[("retry-after", "1"), ("retry-after", "2")],
                0
            ),
            60
        );
        assert_eq!(
            wait(Limit::Secondary, &[], u32::MAX),
            60 * u64::from(u32::MAX)
        );
    }

    #[test]
    fn a_limit_is_told_where_something_says_when_it_ends() {
        let reset = (noon().timestamp() + 30).to_string();
        let reset = ("x-ratelimit-reset", reset.as_str());
        let after = ("retry-after", "1");
        for (limit, told, untold) in [
            (
                Limit::Primary,
                &[&[after][..], &[reset]][..],
                &[&[][..]][..],
            ),
            (Limit::Secondary, &[&[after]], &[&[], &[reset]]),
            (Limit::Other, &[&[after, reset]], &[&[], &[reset]]),
        ] {
            for pairs in told {
                assert!(limit.is_told(&headers(pairs)), "{limit:?} {pairs:?}");
            }
            for pairs in untold {
                assert!(!limit.is_told(&headers(pairs)), "{limit:?} {pairs:?}");
            }
        }
    }

    #[test]
    fn an_answer_that_uses_up_the_limit_says_until_when() {
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
    fn backoff_doubles_around_a_second_up_to_twenty() {
        for (next, seconds) in [
            (2, 1.0),
            (3, 2.0),
            (4, 4.0),
            (6, 16.0),
            (7, 20.0),
            (u32::MAX, 20.0),
        ] {
            assert_eq!(backoff(next, 0.5).as_secs_f64(), seconds);
            assert_eq!(backoff(next, 0.0).as_secs_f64(), seconds / 2.0);
            assert_eq!(backoff(next, 1.0).as_secs_f64(), seconds * 1.5);
        }
    }

    proptest! {
        #[test]
        fn a_backoff_is_never_longer_than_thirty_seconds(next in any::<u32>(), jitter in any::<f64>()) {
            prop_assume!(!jitter.is_nan());
            prop_assert!(backoff(next, jitter) <= Duration::from_secs(30));
        }
    }
}
