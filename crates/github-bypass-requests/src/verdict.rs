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
                return if cause.is_connect() {
                    Self::Retry
                } else {
                    disturbed
                };
            }
            Outcome::Failed {
                failure: Failure::KeptStill { .. },
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
