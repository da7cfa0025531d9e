//! Where a request stands, read from its fields.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::vocabulary::{Decision, RequestStatus, ResponseStatus};

/// What a reviewer asks of a request. None of it sends anything.
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
/// assert_eq!(request.decision(), None, "the one response is dismissed");
/// assert_eq!(request.latest_response().map(ToString::to_string).as_deref(), Some("dismissed by octocat"));
/// assert_eq!(request.web_link(), Some("https://github.com/octo-org/smile/exemptions/42"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<D> BypassRequest<D> {
    /// Whether it waits for a review: its status is `open` or `pending`.
    ///
    /// GitHub may not have noticed yet that it has expired; see
    /// [`is_reviewable`](Self::is_reviewable).
    pub fn is_open(&self) -> bool {
        self.status.waits()
    }

    /// Whether it waits for a review and has not expired by `now`. Push rule requests are reviewed in
    /// a browser: see [`web_link`](Self::web_link).
    pub fn is_reviewable(&self, now: DateTime<Utc>) -> bool {
        self.is_open() && !self.is_expired(now)
    }

    /// How long it still waits; negative once it has expired. `None` if GitHub does not tell.
    pub fn expires_in(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        Some(self.expires_at?.signed_duration_since(now))
    }

    /// What was decided: the latest response that says so and was not dismissed. Without one, the
    /// status tells: `approved` and `denied` do, `completed` does not.
    ///
    /// `None` as long as nothing is decided, or nobody can tell what.
    pub fn decision(&self) -> Option<Decision> {
        match (self.deciding_response(), &self.status) {
            (Some((decision, _)), _) => Some(decision),
            (None, RequestStatus::Approved) => Some(Decision::Approve),
            (None, RequestStatus::Denied) => Some(Decision::Reject),
            (None, _) => None,
        }
    }

    pub(crate) fn deciding_response(&self) -> Option<(Decision, &BypassResponse)> {
        let decided = self.responses.iter().filter_map(|response| {
            let decision = match response.status.as_ref()? {
                ResponseStatus::Approved => Decision::Approve,
                ResponseStatus::Denied => Decision::Reject,
                _ => return None,
            };
            Some((decision, response))
        });
        decided.max_by_key(|(_, response)| response.created_at)
    }

    /// The response that was given last, dismissed or not: the one with the latest
    /// [`created_at`](BypassResponse::created_at), and of equal ones the last of the list.
    pub fn latest_response(&self) -> Option<&BypassResponse> {
        self.responses
            .iter()
            .max_by_key(|response| response.created_at)
    }

    /// The request in a browser: [`html_url`](Self::html_url), if it is an `https` address as GitHub
    /// gives it, and so one that a page may link to.
    pub fn web_link(&self) -> Option<&str> {
        let link = self.html_url.as_deref()?;
        link.starts_with("https://").then_some(link)
    }

    pub(crate) fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.status == RequestStatus::Expired
            || self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

impl RequestStatus {
    /// For a review.
    pub(crate) fn waits(&self) -> bool {
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
    fn the_latest_response_that_stands_decides() {
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
    fn the_latest_response_is_told_by_its_time() {
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
    fn what_has_expired_is_not_reviewable_whatever_its_status() {
        let mut request = request("pending", &json!([]));
        let now = request.created_at;
        assert!(request.is_reviewable(now), "nobody says when it expires");
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
    fn a_link_leads_to_a_web_page_or_nowhere() {
        let mut request = request("open", &json!([]));
        assert_eq!(request.web_link(), None);
        for link in ["javascript:alert(1)", "http://github.com/x", "/x", ""] {
            request.html_url = Some(link.to_owned());
            assert_eq!(request.web_link(), None, "{link}");
        }
    }
}
