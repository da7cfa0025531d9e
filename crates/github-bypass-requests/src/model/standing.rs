//! The state of a bypass request, computed from its fields.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::ids::ResponseId;
use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::vocabulary::{Decision, RequestStatus, ResponseStatus};

/// The state of a request as a reviewer sees it, computed from its fields. These methods send
/// nothing.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use github_bypass_requests::{BypassRequest, Decision, SecretFinding};
///
/// let request: BypassRequest<SecretFinding> = serde_json::from_str(
///     r#"{"id": 21, "number": 42, "status": "open", "request_type": "secret_scanning",
///         "created_at": "2024-07-01T08:43:03Z", "expires_at": "2024-07-08T08:43:03Z",
///         "responses": [{"id": 1, "status": "dismissed", "reviewer": {"actor_name": "octocat"}}],
///         "html_url": "https://github.com/octo-org/smile/exemptions/42"}"#,
/// )?;
/// let now: DateTime<Utc> = "2024-07-08T08:42:03Z".parse()?;
/// assert!(request.is_open() && request.is_reviewable(now));
/// assert_eq!(request.expires_in(now), Some(TimeDelta::minutes(1)));
/// assert!(!request.is_reviewable(now + TimeDelta::minutes(1)));
/// assert_eq!(request.decision(), None, "the only response is dismissed");
/// assert!(request.deciding_response().is_none());
/// assert_eq!(request.latest_response().map(ToString::to_string).as_deref(), Some("dismissed by octocat"));
/// assert_eq!(request.web_link(), Some("https://github.com/octo-org/smile/exemptions/42"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<D> BypassRequest<D> {
    /// Returns true if the status is `open` or `pending`.
    ///
    /// Such a request may have expired or may already be decided: on Enterprise Server, and for
    /// push rules, a request that is approved stays `open` until the push. To find out whether a
    /// request is waiting for a review, use [`is_reviewable`](Self::is_reviewable).
    pub fn is_open(&self) -> bool {
        self.status.is_open()
    }

    /// Returns true if the request is waiting for a review: it is open, no response decides it, and
    /// it has not expired at `now`.
    ///
    /// Push rule requests can only be reviewed in a browser: see [`web_link`](Self::web_link).
    pub fn is_reviewable(&self, now: DateTime<Utc>) -> bool {
        self.is_open() && self.deciding_response().is_none() && !self.is_expired(now)
    }

    /// Returns the time until the request expires. It is negative after the expiry. `None` if
    /// GitHub does not report when it expires.
    pub fn expires_in(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        Some(self.expires_at?.signed_duration_since(now))
    }

    /// Returns the decision of the latest response that approves or denies the request and is not
    /// dismissed.
    ///
    /// If there is no such response, the decision follows from the status `approved` or `denied`.
    /// The decision of a `completed` request without responses is unknown. Returns `None` if the
    /// request is undecided or the decision is unknown.
    pub fn decision(&self) -> Option<Decision> {
        match (self.deciding_response(), &self.status) {
            (Some(response), _) => response.decision(),
            (None, RequestStatus::Approved) => Some(Decision::Approve),
            (None, RequestStatus::Denied) => Some(Decision::Reject),
            (None, _) => None,
        }
    }

    /// Returns the response that decides the request: the latest one that approves or denies it and
    /// is not dismissed. It names the reviewer and the time of the decision.
    ///
    /// GitHub may omit the responses of a decided request, so [`decision`](Self::decision) may
    /// return a decision even if this method returns `None`.
    pub fn deciding_response(&self) -> Option<&BypassResponse> {
        let responses = self.responses.iter();
        let decided = responses.filter(|response| response.decision().is_some());
        decided.max_by_key(|response| response.created_at)
    }

    /// Returns the latest response, even if it is dismissed.
    ///
    /// That is the one with the latest [`created_at`](BypassResponse::created_at). If several
    /// responses have the same time, the one that comes last in [`responses`](Self::responses) is
    /// returned.
    pub fn latest_response(&self) -> Option<&BypassResponse> {
        self.responses
            .iter()
            .max_by_key(|response| response.created_at)
    }

    /// Returns the URL of the request's page on GitHub, if it is safe to use as a link.
    ///
    /// That is [`html_url`](Self::html_url) unchanged, provided that it starts with `https://`.
    pub fn web_link(&self) -> Option<&str> {
        safe_link(self.html_url.as_deref()?)
    }

    pub(crate) fn response(&self, id: ResponseId) -> Option<&BypassResponse> {
        self.responses
            .iter()
            .find(|response| response.id == Some(id))
    }

    pub(crate) fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.status == RequestStatus::Expired
            || self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

/// Returns a URL from the server if it is safe to use as a link.
pub(crate) fn safe_link(url: &str) -> Option<&str> {
    url.starts_with("https://").then_some(url)
}

impl BypassResponse {
    /// Returns the decision of the response, or `None` if it is dismissed or its status is unknown.
    pub fn decision(&self) -> Option<Decision> {
        match self.status.as_ref()? {
            ResponseStatus::Approved => Some(Decision::Approve),
            ResponseStatus::Denied => Some(Decision::Reject),
            _ => None,
        }
    }
}

impl RequestStatus {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Pending)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::rule_violation::RuleViolation;

    fn request(status: &str, responses: &Value) -> BypassRequest<RuleViolation> {
        let json = json!({
            "id": 1, "number": 1, "status": status, "request_type": "push_ruleset_bypass",
            "created_at": "2024-07-01T00:00:00Z", "responses": responses,
        });
        serde_json::from_value(json).expect("a request")
    }

    #[test]
    fn the_latest_response_that_is_not_dismissed_decides() {
        let at = |hour: u32, status: &str| json!({"status": status, "created_at": format!("2024-07-01T{hour:02}:00:00Z")});
        let approved = Some(Decision::Approve);
        let denied = Some(Decision::Reject);
        for (status, responses, expected) in [
            (
                "completed",
                json!([at(2, "denied"), at(1, "approved")]),
                denied,
            ),
            (
                "completed",
                json!([at(1, "approved"), at(2, "dismissed")]),
                approved,
            ),
            ("completed", json!([]), None),
            ("approved", json!([]), approved),
            ("denied", json!([{"status": "new"}, {}]), denied),
            ("open", json!([at(1, "dismissed")]), None),
            ("approved", json!([at(1, "denied")]), denied),
        ] {
            let request = request(status, &responses);
            assert_eq!(request.decision(), expected, "{status} {responses}");
        }
    }

    #[test]
    fn the_latest_response_has_the_latest_time() {
        let latest = |responses: Value| {
            let request = request("open", &responses);
            request
                .latest_response()
                .and_then(|response| response.id)
                .map(|id| id.get())
        };
        assert_eq!(latest(json!([])), None);
        assert_eq!(latest(json!([{"id": 1}, {"id": 2}])), Some(2));
        let times = json!([
            {"id": 1, "created_at": "2024-07-02T00:00:00Z"},
            {"id": 2, "created_at": "2024-07-01T00:00:00Z"},
            {"id": 3},
        ]);
        assert_eq!(latest(times), Some(1));
    }

    #[test]
    fn an_expired_request_is_not_reviewable_whatever_its_status() {
        let mut request = request("pending", &json!([]));
        let now = request.created_at;
        assert!(request.is_reviewable(now), "it has no expiry time");
        assert_eq!(request.expires_in(now), None);
        request.expires_at = Some(now);
        assert!(request.is_open() && !request.is_reviewable(now));
        assert_eq!(
            request.expires_in(now + TimeDelta::hours(1)),
            Some(TimeDelta::hours(-1))
        );
        request.expires_at = None;
        request.status = RequestStatus::Expired;
        assert!(!request.is_open() && request.is_expired(now));
    }

    #[test]
    fn only_an_https_address_is_a_web_link() {
        let mut request = request("open", &json!([]));
        assert_eq!(request.web_link(), None);
        for link in ["javascript:alert(1)", "http://github.com/x", "/x", ""] {
            request.html_url = Some(link.to_owned());
            assert_eq!(request.web_link(), None, "{link}");
        }
    }
}
