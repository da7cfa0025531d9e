//! What an outcome means for the call. Pure: the table of the retry policy.

use http::{Method, StatusCode};

use crate::decode::ErrorBody;
use crate::outcome::{Failure, Outcome};
use crate::wait::Limit;

/// What is to be done after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The call is over: an answer, or an error that another attempt would not change.
    Final,
    /// Nothing was done, or a read was disturbed: try again.
    Retry,
    /// GitHub refused for the rate and did nothing.
    Limited(Limit),
    /// GitHub did not accept the token, and did nothing.
    Unauthorized,
    /// A read that is answered by another address.
    Redirected,
    /// A write that may or may not have been applied.
    Ambiguous,
}

impl Verdict {
    pub(crate) fn of(method: &Method, outcome: &Outcome) -> Self {
        let disturbed = if method == Method::GET {
            Self::Retry
        } else {
            Self::Ambiguous
        };
        let (head, body) = match outcome {
            Outcome::Failed {
                failure: Failure::Network(cause),
                head: None,
            } => {
                return if cause.is_builder() {
                    Self::Final
                } else if cause.is_connect() {
                    Self::Retry
                } else {
                    disturbed
                };
            }
            Outcome::Failed {
                failure: Failure::KeptStill { .. } | Failure::NoToken(_),
                ..
            } => return Self::Final,
            // A read of the same would be as long.
            Outcome::Failed {
                failure: Failure::TooLarge { .. },
                ..
            } if method == Method::GET => {
                return Self::Final;
            }
            Outcome::Failed { head: None, .. } => return disturbed,
            Outcome::Failed {
                head: Some(head), ..
            } => (head, None),
            Outcome::Answered { head, body } => (head, Some(body)),
        };
        let status = head.status;
        match status.as_u16() {
            200..=299 => match (method, body) {
                (&Method::GET, Some(_)) => Self::Final,
                (&Method::GET, None) => Self::Retry,
                _ if is_of_github(method, outcome) => Self::Final,
                _ => Self::Ambiguous,
            },
            300..=399 if method == Method::GET && status != StatusCode::NOT_MODIFIED => {
                Self::Redirected
            }
            401 => Self::Unauthorized,
            100..=199 | 408 | 500..=599 => disturbed,
            _ => {
                let body = ErrorBody::read(body.map_or(&[], |body| body));
                Limit::read(head, &body).map_or(Self::Final, Self::Limited)
            }
        }
    }
}

/// Whether a write was answered as documented, and by GitHub: a proxy or a captive portal may
/// answer 200, too, but knows neither GitHub's request ids nor the id of a review. (Proxies that
/// strip headers leave the body.)
fn is_of_github(method: &Method, outcome: &Outcome) -> bool {
    let Some(head) = outcome.head() else {
        return false;
    };
    match (method, head.status) {
        (&Method::DELETE, StatusCode::NO_CONTENT) => true,
        (&Method::PATCH, StatusCode::OK) => {
            let html = head
                .media_type()
                .is_some_and(|it| it.eq_ignore_ascii_case("text/html"));
            let named = head.headers.contains_key("x-github-request-id");
            !html && (named || has_review_id(outcome))
        }
        _ => false,
    }
}

fn has_review_id(outcome: &Outcome) -> bool {
    let Outcome::Answered { body, .. } = outcome else {
        return false;
    };
    let review = serde_json::from_slice::<serde_json::Value>(body);
    review.is_ok_and(|review| review.get("bypass_review_id").is_some_and(|id| id.is_i64()))
}

#[cfg(test)]
mod tests {
    use Verdict::{Ambiguous, Final, Limited, Redirected, Retry, Unauthorized};
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::Error;
    use crate::outcome::Head;

    const ID: (&str, &str) = ("x-github-request-id", "AB:12");
    const HTML: (&str, &str) = ("content-type", "Text/HTML; charset=utf-8");

    fn head(status: u16, headers: &[(&'static str, &'static str)]) -> Head {
        let header = |&(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        };
        Head {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::from_iter(headers.iter().map(header)),
        }
    }

    fn answered(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Outcome {
        Outcome::Answered {
            head: head(status, headers),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    /// What it means to a GET, a PATCH and a DELETE.
    fn verdicts(outcome: &Outcome) -> [Verdict; 3] {
        [Method::GET, Method::PATCH, Method::DELETE].map(|method| Verdict::of(&method, outcome))
    }

    #[test]
    fn an_answer_means_what_the_table_says() {
        let id = r#"{"bypass_review_id": 7}"#;
        for (status, headers, body, expected) in [
            (200, &[ID][..], "{}", [Final, Final, Ambiguous]),
            (200, &[ID], "", [Final, Final, Ambiguous]),
            (200, &[], "{}", [Final, Ambiguous, Ambiguous]),
            (200, &[], id, [Final, Final, Ambiguous]),
            (200, &[HTML], id, [Final, Ambiguous, Ambiguous]),
            (200, &[ID, HTML], "", [Final, Ambiguous, Ambiguous]),
            (
                200,
                &[],
                r#"{"bypass_review_id": "7"}"#,
                [Final, Ambiguous, Ambiguous],
            ),
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
            let seen = verdicts(&answered(status, headers, body));
            assert_eq!(seen, expected, "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn a_failure_means_what_the_table_says() {
        let failed = |head: Option<Head>, failure| Outcome::Failed { head, failure };
        let unsendable = || {
            let error = reqwest::Client::new().get("https://[").build();
            Failure::from(error.expect_err("no address"))
        };
        assert_eq!(verdicts(&failed(None, unsendable())), [Final; 3]);
        let lost = [Retry, Ambiguous, Ambiguous];
        assert_eq!(verdicts(&failed(None, Failure::Stopped)), lost);
        let wait = std::time::Duration::ZERO;
        let kept = failed(None, Failure::KeptStill { wait });
        assert_eq!(verdicts(&kept), [Final; 3]);
        let none = failed(None, Failure::NoToken(Error::no_token("none")));
        assert_eq!(verdicts(&none), [Final; 3]);
        for (status, headers, expected) in [
            (200, &[ID][..], [Retry, Final, Ambiguous]),
            (200, &[], [Retry, Ambiguous, Ambiguous]),
            (204, &[ID], [Retry, Ambiguous, Final]),
            (500, &[ID], [Retry, Ambiguous, Ambiguous]),
            (429, &[ID], [Limited(Limit::Other); 3]),
            (404, &[ID], [Final, Final, Final]),
        ] {
            let truncated = failed(Some(head(status, headers)), Failure::Stopped);
            assert_eq!(verdicts(&truncated), expected, "{status} {headers:?}");
            let too_large = Failure::TooLarge { limit: 1 };
            let seen = verdicts(&failed(Some(head(status, headers)), too_large));
            assert_eq!(seen[0], Final, "{status} {headers:?}");
            assert_eq!(seen[1..], expected[1..], "{status} {headers:?}");
        }
    }
}
