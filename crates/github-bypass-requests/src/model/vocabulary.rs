//! The values of enumerated fields and parameters.
//!
//! GitHub uses several sets of words: a review takes *approve* or *reject*, the resulting response
//! and the request become *approved* or *denied*, and the filter of a list has values of its own.

use crate::error::Error;
use crate::model::open_enum::{closed_enum, open_enum};

open_enum! {
    /// The status of a bypass request.
    RequestStatus {
        /// Waits for a review.
        Pending = "pending",
        /// Waits for a review.
        Open = "open",
        /// A reviewer allowed the bypass. The push has not been repeated yet.
        Approved = "approved",
        /// A reviewer refused the bypass.
        Denied = "denied",
        /// The requester withdrew the request.
        Cancelled = "cancelled",
        /// The request has ended, for example because it was approved and the requester then
        /// pushed. The responses contain the outcome.
        Completed = "completed",
        /// No reviewer responded in time.
        Expired = "expired",
        /// The request was removed. GitHub documents this status for push rule requests.
        Deleted = "deleted",
    }
}

open_enum! {
    /// The status of a reviewer's response.
    ResponseStatus {
        /// The bypass was allowed.
        Approved = "approved",
        /// The bypass was refused.
        Denied = "denied",
        /// The response was withdrawn.
        Dismissed = "dismissed",
    }
}

open_enum! {
    /// The kind of protection to bypass.
    RequestType {
        /// Push protection of secret scanning.
        SecretScanning = "secret_scanning",
        /// A push ruleset.
        PushRulesetBypass = "push_ruleset_bypass",
    }
}

open_enum! {
    /// A requester's reason for pushing a secret.
    BypassReason {
        /// The secret is only used in tests.
        UsedInTests = "used_in_tests",
        /// The finding is not a secret.
        FalsePositive = "false_positive",
        /// The requester will deal with the secret later.
        FixLater = "fix_later",
    }
}

open_enum! {
    /// The kind of a push rule.
    RuleType {
        /// Certain paths must not be pushed.
        FilePathRestriction = "file_path_restriction",
        /// Paths must not exceed a maximum length.
        MaxFilePathLength = "max_file_path_length",
        /// Files with certain extensions must not be pushed.
        FileExtensionRestriction = "file_extension_restriction",
        /// Files must not exceed a maximum size.
        MaxFileSize = "max_file_size",
    }
}

closed_enum! {
    /// A filter that narrows a list by status.
    StatusFilter as BypassRequestStatusFilter, "status filter" {
        /// [`RequestStatus::Completed`].
        Completed = "completed",
        /// [`RequestStatus::Cancelled`].
        Cancelled = "cancelled",
        /// [`RequestStatus::Approved`].
        Approved = "approved",
        /// [`RequestStatus::Expired`].
        Expired = "expired",
        /// [`RequestStatus::Deleted`].
        Deleted = "deleted",
        /// [`RequestStatus::Denied`].
        Denied = "denied",
        /// Requests that wait for a review: [`RequestStatus::Open`] and [`RequestStatus::Pending`].
        Open = "open",
        /// Any status.
        All = "all",
    }
}

closed_enum! {
    /// The period that a list covers. GitHub offers at most a month.
    TimePeriod as TimePeriod, "time period" {
        /// The last hour.
        Hour = "hour",
        /// The last 24 hours.
        Day = "day",
        /// The last 7 days.
        Week = "week",
        /// The last month, which is the longest period.
        Month = "month",
    }
}

closed_enum! {
    /// A reviewer's decision.
    Decision as BypassReviewDecision, "decision" {
        /// Allow the bypass.
        Approve = "approve",
        /// Refuse the bypass.
        Reject = "reject",
    }
}

impl StatusFilter {
    /// Returns true if a list with this filter contains requests with this status.
    pub fn includes(self, status: &RequestStatus) -> bool {
        self == Self::All || Self::try_from(status).is_ok_and(|filter| filter == self)
    }
}

/// Fails if GitHub has no filter for this status.
impl TryFrom<&RequestStatus> for StatusFilter {
    type Error = Error;

    fn try_from(status: &RequestStatus) -> Result<Self, Error> {
        match status {
            RequestStatus::Pending => Ok(Self::Open),
            status => status.as_str().parse(),
        }
    }
}

/// Fails for [`StatusFilter::All`].
impl TryFrom<StatusFilter> for RequestStatus {
    type Error = Error;

    fn try_from(filter: StatusFilter) -> Result<Self, Error> {
        match filter {
            StatusFilter::All => Err(Error::input("the status filter \"all\" is not a status")),
            filter => Ok(Self::from(filter.as_str().to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_value_is_kept_verbatim() {
        let status: RequestStatus = serde_json::from_str(r#""Approved""#).expect("any text");
        assert_ne!(status, RequestStatus::Approved);
        assert_eq!(status, "Approved");
        assert_eq!(status.to_string(), "Approved");
        assert_eq!(
            serde_json::to_string(&status).expect("text"),
            r#""Approved""#
        );
        assert_eq!(status, RequestStatus::from("Approved"));
    }

    #[test]
    fn a_known_value_is_never_unknown() {
        for status in RequestStatus::KNOWN {
            assert_eq!(*status, RequestStatus::from(status.to_string()));
            assert!(!matches!(
                RequestStatus::from(status.as_str()),
                RequestStatus::Unknown(_)
            ));
        }
    }

    fn join<T: std::fmt::Display>(values: &[T]) -> String {
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        texts.join(", ")
    }

    #[test]
    fn values_that_clients_send_are_closed() {
        assert_eq!(
            "open".parse::<StatusFilter>().ok(),
            Some(StatusFilter::Open)
        );
        let error = "Open".parse::<StatusFilter>().expect_err("case matters");
        assert!(error.is_invalid_input());
        let all = join(StatusFilter::ALL);
        assert_eq!(
            error.to_string(),
            format!("status filter must be one of {all}, not \"Open\"")
        );
    }

    #[test]
    fn statuses_and_filters_convert() {
        for filter in StatusFilter::ALL.iter().copied() {
            let status = RequestStatus::try_from(filter);
            let Ok(status) = status else {
                assert_eq!(filter, StatusFilter::All);
                continue;
            };
            assert!(RequestStatus::KNOWN.contains(&status), "{status}");
            assert_eq!(StatusFilter::try_from(&status).ok(), Some(filter));
            assert!(filter.includes(&status) && StatusFilter::All.includes(&status));
        }
        assert!(StatusFilter::Open.includes(&RequestStatus::Pending));
        assert!(!StatusFilter::Open.includes(&RequestStatus::Approved));
        let new = RequestStatus::from("new".to_owned());
        let error = StatusFilter::try_from(&new).expect_err("no filter");
        assert!(error.is_invalid_input(), "{error}");
        assert!(StatusFilter::All.includes(&new) && !StatusFilter::Open.includes(&new));
    }

    #[test]
    fn values_that_clients_send_serialize_as_their_text() {
        fn through<T>(all: &[T])
        where
            T: Copy
                + PartialEq
                + std::fmt::Display
                + serde::Serialize
                + serde::de::DeserializeOwned,
        {
            for value in all {
                let json = serde_json::to_string(value).expect("text");
                assert_eq!(json, format!("\"{value}\""));
                let read: T = serde_json::from_str(&json).expect("a value");
                assert!(read == *value, "{json}");
            }
        }
        through(Decision::ALL);
        through(StatusFilter::ALL);
        through(TimePeriod::ALL);
        let all = join(TimePeriod::ALL);
        let unknown = format!("time period must be one of {all}, not \"Day\"");
        for (json, expected) in [
            (r#""Day""#, unknown.as_str()),
            ("1", "expected a string"),
            ("null", "expected a string"),
        ] {
            let error = serde_json::from_str::<TimePeriod>(json).expect_err(json);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[cfg(feature = "schemars")]
    #[test]
    fn a_schema_lists_the_values_that_clients_send() {
        let schema = schemars::schema_for!(Decision).to_value();
        assert_eq!(schema["title"], "Decision");
        assert_eq!(schema["type"], "string");
        assert_eq!(schema["enum"], serde_json::json!(Decision::ALL));
    }

    #[test]
    fn values_are_aligned_like_text() {
        assert_eq!(
            format!("[{:<8}][{:>6}]", RequestStatus::Open, TimePeriod::Day),
            "[open    ][   day]"
        );
    }
}
