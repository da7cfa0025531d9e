//! Classifies the outcome of an attempt. This decides what is retried.

use http::StatusCode;

use crate::response::head::Head;
use crate::transport::outcome::{Failure, Outcome};
use crate::transport::rate_limit::Limit;

/// The classification of an outcome, which decides what the call does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The call ends. It succeeded, or a retry would have the same outcome.
    Final,
    /// A write got its documented status, but the response has no GitHub request id. A proxy may
    /// have removed it, or a captive portal may have responded. The body shows which.
    Unverified,
    /// A write may or may not have been applied.
    Ambiguous,
    /// The request is sent again: it was not carried out, or carrying it out twice does no harm.
    Retry,
    /// GitHub refused the request because of a rate limit. It was not carried out.
    Limited(Limit),
    /// GitHub rejected the token. The request was not carried out.
    Unauthorized,
    /// GitHub redirected a read to another URL.
    Redirected,
}

impl Verdict {
    /// Returns the name of the verdict in the log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Unverified => "unverified",
            Self::Ambiguous => "ambiguous",
            Self::Retry => "retry",
            Self::Limited(_) => "rate_limited",
            Self::Unauthorized => "unauthorized",
            Self::Redirected => "redirected",
        }
    }

    /// Classifies an outcome.
    ///
    /// `is_safe` is true if carrying out the request twice does no harm. `success` is the
    /// documented status of a success.
    pub(crate) fn of(is_safe: bool, success: StatusCode, outcome: &Outcome) -> Self {
        let interrupted = if is_safe {
            Self::Retry
        } else {
            Self::Ambiguous
        };
        match outcome {
            Outcome::NotModified { .. } => Self::Final,
            Outcome::Success { .. } if is_safe => Self::Final,
            Outcome::Success { head, .. } => Self::of_write(head, success, Self::Unverified),
            Outcome::OtherStatus { head, body } => match head.status.as_u16() {
                300..=399 if is_safe && head.status != StatusCode::NOT_MODIFIED => Self::Redirected,
                401 => Self::Unauthorized,
                100..=199 | 408 | 500..=599 => interrupted,
                _ => Limit::read(head, body).map_or(Self::Final, Self::Limited),
            },
            Outcome::Failed { head, failure } => match (failure, head) {
                (Failure::Network(cause), None) if cause.is_connect() => Self::Retry,
                (
                    Failure::Unsendable
                    | Failure::GateClosed { .. }
                    | Failure::CallTimeout { .. }
                    | Failure::NoToken(_),
                    _,
                ) => Self::Final,
                // The response to a retry would be too large again.
                (Failure::TooLarge { .. }, _) if is_safe => Self::Final,
                (_, Some(head)) if !is_safe => Self::of_write(head, success, Self::Ambiguous),
                _ => interrupted,
            },
        }
    }

    /// Classifies a write with a 2xx status. Returns `unverified` if the headers do not show that
    /// the response is GitHub's.
    fn of_write(head: &Head, success: StatusCode, unverified: Self) -> Self {
        match head.status {
            status if status != success => Self::Ambiguous,
            // A captive portal responds with a page, so a response without a body is GitHub's.
            StatusCode::NO_CONTENT => Self::Final,
            _ if head.is_html() => Self::Ambiguous,
            _ if head.has_request_id() => Self::Final,
            _ => unverified,
        }
    }
}

#[cfg(test)]
mod tests {
    use Verdict::{Ambiguous, Final, Limited, Redirected, Retry, Unauthorized, Unverified};
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::error::Error;

    const ID: (&str, &str) = ("x-github-request-id", "AB:12");
    const HTML: (&str, &str) = ("content-type", "Text/HTML; charset=utf-8");

    fn outcome(
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: Result<&str, Failure>,
    ) -> Outcome {
        let header = |&(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        };
        let head = Head {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::from_iter(headers.iter().map(header)),
        };
        let body = body.map(|body| Bytes::copy_from_slice(body.as_bytes()));
        Outcome::of(head, body, false)
    }

    /// Returns the verdicts for a GET, a PATCH and a DELETE.
    fn verdicts(outcome: &Outcome) -> [Verdict; 3] {
        [
            Verdict::of(true, StatusCode::OK, outcome),
            Verdict::of(false, StatusCode::OK, outcome),
            Verdict::of(false, StatusCode::NO_CONTENT, outcome),
        ]
    }

    #[test]
    fn responses_are_classified_by_status_headers_and_body() {
        let id = r#"{"bypass_review_id": 7}"#;
        for (status, headers, body, expected) in [
            (200, &[ID][..], "{}", [Final, Final, Ambiguous]),
            (200, &[ID], "", [Final, Final, Ambiguous]),
            (200, &[], "{}", [Final, Unverified, Ambiguous]),
            (200, &[], id, [Final, Unverified, Ambiguous]),
            (200, &[HTML], id, [Final, Ambiguous, Ambiguous]),
            (200, &[ID, HTML], "", [Final, Ambiguous, Ambiguous]),
            (201, &[ID], id, [Final, Ambiguous, Ambiguous]),
            (202, &[ID], "", [Final, Ambiguous, Ambiguous]),
            (204, &[ID], "", [Final, Ambiguous, Final]),
            (204, &[], "", [Final, Ambiguous, Final]),
            (299, &[], "", [Final, Ambiguous, Ambiguous]),
            (300, &[], "", [Redirected, Final, Final]),
            (301, &[], "", [Redirected, Final, Final]),
            (304, &[], "", [Final, Final, Final]),
            (399, &[], "", [Redirected, Final, Final]),
            (400, &[], "", [Final, Final, Final]),
            (401, &[], "", [Unauthorized; 3]),
            (401, &[("retry-after", "1")], "", [Unauthorized; 3]),
            (404, &[ID], "", [Final, Final, Final]),
            (408, &[], "", [Retry, Ambiguous, Ambiguous]),
            (422, &[ID], "", [Final, Final, Final]),
            (429, &[], "", [Limited(Limit::Other); 3]),
            (
                403,
                &[],
                r#"{"message": "secondary rate limit"}"#,
                [Limited(Limit::Secondary); 3],
            ),
            (
                403,
                &[("x-ratelimit-remaining", "0")],
                "",
                [Limited(Limit::Primary); 3],
            ),
            (403, &[], "", [Final, Final, Final]),
            (500, &[ID], "", [Retry, Ambiguous, Ambiguous]),
            (503, &[], "", [Retry, Ambiguous, Ambiguous]),
            (599, &[], "", [Retry, Ambiguous, Ambiguous]),
            (600, &[], "", [Final, Final, Final]),
            (101, &[], "", [Retry, Ambiguous, Ambiguous]),
            (199, &[], "", [Retry, Ambiguous, Ambiguous]),
        ] {
            let seen = verdicts(&outcome(status, headers, Ok(body)));
            assert_eq!(seen, expected, "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn a_304_to_a_conditional_request_is_final() {
        let head = Head {
            status: StatusCode::NOT_MODIFIED,
            headers: HeaderMap::new(),
        };
        let outcome = Outcome::of(head, Ok(Bytes::new()), true);
        assert!(matches!(outcome, Outcome::NotModified { .. }));
        assert_eq!(verdicts(&outcome), [Final; 3]);
    }

    #[test]
    fn failures_are_classified_by_cause_and_head() {
        let unsendable = reqwest::Proxy::all("https://[");
        let unsendable = Outcome::failed(unsendable.expect_err("an invalid URL"));
        assert_eq!(verdicts(&unsendable), [Final; 3]);
        let lost = [Retry, Ambiguous, Ambiguous];
        assert_eq!(verdicts(&Outcome::failed(Failure::Stopped)), lost);
        let remaining = std::time::Duration::ZERO;
        let closed = Outcome::failed(Failure::GateClosed { remaining });
        assert_eq!(verdicts(&closed), [Final; 3]);
        let none = Outcome::failed(Failure::NoToken(Error::no_token("none")));
        assert_eq!(verdicts(&none), [Final; 3]);
        for (status, headers, expected) in [
            (200, &[ID][..], [Retry, Final, Ambiguous]),
            (200, &[], [Retry, Ambiguous, Ambiguous]),
            (204, &[ID], [Retry, Ambiguous, Final]),
            (500, &[ID], [Retry, Ambiguous, Ambiguous]),
            (429, &[ID], [Limited(Limit::Other); 3]),
            (404, &[ID], [Final, Final, Final]),
        ] {
            let truncated = outcome(status, headers, Err(Failure::Stopped));
            assert_eq!(verdicts(&truncated), expected, "{status} {headers:?}");
            let too_large = outcome(status, headers, Err(Failure::TooLarge { limit: 1 }));
            let seen = verdicts(&too_large);
            // The response to a retried read would be too large again. The body of an error does
            // not matter.
            let read = if status < 300 { Final } else { expected[0] };
            assert_eq!(
                seen,
                [read, expected[1], expected[2]],
                "{status} {headers:?}"
            );
        }
    }
}
