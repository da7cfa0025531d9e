//! Recognizes rate limits in responses, and determines how long to wait.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;

use crate::response::error_body::ErrorBody;
use crate::response::head::Head;
use crate::response::headers::{REMAINING, exhausted, number, retry_after, until_reset};

/// The kind of rate limit that made GitHub refuse a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The hourly quota is exhausted.
    Primary,
    /// Too many concurrent or expensive requests. Only the body of the response identifies this
    /// limit.
    Secondary,
    /// The response does not say which limit was exceeded.
    Other,
}

/// The wait if the response states none. GitHub's documentation requires at least a minute.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(60);

impl Limit {
    /// Returns the name of the limit in the log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Other => "other",
        }
    }

    /// Returns the rate limit that a response reports. A 403 may also mean a missing permission.
    pub(crate) fn read(head: &Head, body: &ErrorBody) -> Option<Self> {
        let status = head.status.as_u16();
        if !matches!(status, 403 | 422 | 429) {
            return None;
        }
        let message = body.message.as_deref().unwrap_or_default();
        let message = message.to_ascii_lowercase();
        let url = body.documentation_url.as_deref().unwrap_or_default();
        if message.contains("secondary rate")
            || message.contains("abuse detection")
            || url.ends_with("secondary-rate-limits")
            || url.ends_with("#abuse-rate-limits")
        {
            return Some(Self::Secondary);
        }
        if status == 422 {
            // GitHub's abuse protection also responds with 422, the status for invalid input.
            let is_limit = ["submitted too quickly", "spammed"].map(|text| message.contains(text));
            return is_limit.contains(&true).then_some(Self::Secondary);
        }
        // A proxy may have removed the headers.
        if message.contains("api rate limit exceeded") {
            return Some(Self::Primary);
        }
        if number(&head.headers, &REMAINING) == Some(0) {
            return Some(Self::Primary);
        }
        (status == 429 || retry_after(&head.headers, DateTime::UNIX_EPOCH).is_some())
            .then_some(Self::Other)
    }

    /// Returns the stated wait, or the default. `now` is the local time, used if there is no
    /// `Date`.
    pub(crate) fn wait(self, headers: &HeaderMap, now: DateTime<Utc>) -> Duration {
        self.stated_wait(headers, now).unwrap_or(DEFAULT_WAIT)
    }

    /// Returns the wait that the response states.
    pub(crate) fn stated_wait(self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
        retry_after(headers, now).or_else(|| match self {
            Self::Primary => until_reset(headers, now),
            Self::Secondary | Self::Other => exhausted(headers, now),
        })
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::response::headers::LONGEST_WAIT;

    const NOON: &str = "Wed, 01 Jul 2026 12:00:00 GMT";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header value"));
        }
        headers
    }

    fn noon() -> DateTime<Utc> {
        DateTime::parse_from_rfc2822(NOON).expect("a date").to_utc()
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
    fn a_rate_limit_is_distinguished_from_a_missing_permission() {
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
            (
                422,
                &[],
                r#"{"message": "It was submitted too quickly"}"#,
                Some(Secondary),
            ),
            (
                422,
                &[],
                r#"{"message": "Invalid", "errors": ["The endpoint has been spammed"]}"#,
                Some(Secondary),
            ),
            (
                422,
                &[("retry-after", "1")],
                r#"{"message": "Invalid"}"#,
                None,
            ),
            (
                403,
                &[],
                r#"{"message": "API rate limit exceeded for user ID 1"}"#,
                Some(Primary),
            ),
        ] {
            assert_eq!(
                limit(status, pairs, body),
                expected,
                "{status} {pairs:?} {body}"
            );
        }
    }

    #[test]
    fn the_stated_wait_is_used_and_otherwise_the_default() {
        let wait = |limit: Limit, pairs: &[(&'static str, &str)]| {
            limit.wait(&headers(pairs), noon()).as_secs()
        };
        let reset = (noon().timestamp() + 30).to_string();
        let early = (noon().timestamp() - 30).to_string();
        for (limit, pairs, expected) in [
            (Limit::Other, &[("retry-after", "2")][..], 2),
            (Limit::Other, &[("retry-after", "0")], 0),
            (
                Limit::Primary,
                &[("retry-after", "7"), ("x-ratelimit-reset", &reset)],
                7,
            ),
            (Limit::Primary, &[("x-ratelimit-reset", &reset)], 31),
            (
                Limit::Primary,
                &[
                    ("x-ratelimit-reset", &reset),
                    ("date", "Wed, 01 Jul 2026 12:00:10 GMT"),
                ],
                21,
            ),
            (Limit::Primary, &[("x-ratelimit-reset", &early)], 1),
            (Limit::Secondary, &[("x-ratelimit-reset", &reset)], 60),
            (Limit::Secondary, &[], 60),
            (Limit::Primary, &[], 60),
            (
                Limit::Other,
                &[("retry-after", "Wed, 01 Jul 2026 12:00:45 GMT")],
                45,
            ),
            (
                Limit::Other,
                &[
                    ("retry-after", "Wed, 01 Jul 2026 12:00:45 GMT"),
                    ("date", "Wed, 01 Jul 2026 12:00:40 GMT"),
                ],
                5,
            ),
            (
                Limit::Other,
                &[("retry-after", "Wed, 01 Jul 2026 11:00:00 GMT")],
                0,
            ),
            (Limit::Other, &[("retry-after", "86400")], 86400),
            (
                Limit::Other,
                &[("retry-after", "1000000000000000000000000000000")],
                LONGEST_WAIT.as_secs(),
            ),
        ] {
            assert_eq!(wait(limit, pairs), expected, "{limit:?} {pairs:?}");
        }
        for nonsense in ["-1", "abc", "", "1.5", "+1", "0x1", "1 2"] {
            assert_eq!(
                wait(Limit::Other, &[("retry-after", nonsense)]),
                60,
                "{nonsense}"
            );
        }
        let twice = [("retry-after", "1"), ("retry-after", "2")];
        assert_eq!(wait(Limit::Other, &twice), 60);
    }

    #[test]
    fn retry_after_states_the_wait_and_so_does_the_reset_of_the_primary_limit() {
        let reset = (noon().timestamp() + 30).to_string();
        let reset = ("x-ratelimit-reset", reset.as_str());
        let after = ("retry-after", "1");
        for (limit, stated, default) in [
            (
                Limit::Primary,
                &[&[after][..], &[reset]][..],
                &[&[][..]][..],
            ),
            (Limit::Secondary, &[&[after]], &[&[], &[reset]]),
            (Limit::Other, &[&[after, reset]], &[&[], &[reset]]),
        ] {
            for pairs in stated {
                let wait = limit.stated_wait(&headers(pairs), noon());
                assert!(wait.is_some(), "{limit:?} {pairs:?}");
            }
            for pairs in default {
                let wait = limit.stated_wait(&headers(pairs), noon());
                assert!(wait.is_none(), "{limit:?} {pairs:?}");
            }
        }
    }
}
