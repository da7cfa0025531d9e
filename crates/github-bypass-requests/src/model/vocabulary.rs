//! The words of GitHub's bypass requests: four vocabularies that differ in places.
//!
//! A review says *approve* or *reject*, the response it leaves is *approved* or *denied*, and so is
//! the request then; a list is narrowed by yet another set.

use crate::model::open_enum::{closed_enum, open_enum};

open_enum! {
    /// Where a request stands.
    RequestStatus {
        /// Waits for a review.
        Pending = "pending",
        /// Waits for a review.
        Open = "open",
        /// A reviewer allowed it; the push has not been repeated yet.
        Approved = "approved",
        /// A reviewer refused it.
        Denied = "denied",
        /// The requester withdrew it.
        Cancelled = "cancelled",
        /// Done. Names no outcome: that is read from the responses.
        Completed = "completed",
        /// Nobody answered in time.
        Expired = "expired",
        /// Removed; known of push rule requests.
        Deleted = "deleted",
    }
}

open_enum! {
    /// What a reviewer answered.
    ResponseStatus {
        /// The bypass was allowed.
        Approved = "approved",
        /// The bypass was refused.
        Denied = "denied",
        /// The answer was withdrawn.
        Dismissed = "dismissed",
    }
}

open_enum! {
    /// What kind of protection a request asks to bypass.
    RequestType {
        /// Push protection of secret scanning.
        SecretScanning = "secret_scanning",
        /// A push ruleset.
        PushRulesetBypass = "push_ruleset_bypass",
    }
}

open_enum! {
    /// Why a requester wants to push a secret.
    BypassReason {
        /// The secret is only used in tests.
        UsedInTests = "used_in_tests",
        /// It is no secret.
        FalsePositive = "false_positive",
        /// It will be dealt with later.
        FixLater = "fix_later",
    }
}

open_enum! {
    /// The kind of push rule that was broken.
    RuleType {
        /// Certain paths may not be pushed.
        FilePathRestriction = "file_path_restriction",
        /// Paths may not be longer than a limit.
        MaxFilePathLength = "max_file_path_length",
        /// Files with certain extensions may not be pushed.
        FileExtensionRestriction = "file_extension_restriction",
        /// Files may not be larger than a limit.
        MaxFileSize = "max_file_size",
    }
}

closed_enum! {
    /// The statuses that a list can be narrowed to.
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
        /// Requests that wait for a review.
        Open = "open",
        /// Any status.
        All = "all",
    }
}

closed_enum! {
    /// How far back a list reaches. GitHub offers no more than a month.
    TimePeriod as TimePeriod, "time period" {
        /// The last hour.
        Hour = "hour",
        /// The last 24 hours.
        Day = "day",
        /// The last 7 days.
        Week = "week",
        /// The last month, the widest window there is.
        Month = "month",
    }
}

closed_enum! {
    /// What a reviewer decides.
    Decision as BypassReviewDecision, "decision" {
        /// Allow the bypass.
        Approve = "approve",
        /// Refuse the bypass.
        Reject = "reject",
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
    fn a_known_text_is_never_unknown() {
        for status in RequestStatus::KNOWN {
            assert_eq!(*status, RequestStatus::from(status.to_string()));
            assert!(!matches!(
                RequestStatus::from(status.as_str()),
                RequestStatus::Unknown(_)
            ));
        }
    }

    #[test]
    fn words_that_travel_to_the_server_are_closed() {
        assert_eq!(
            "open".parse::<StatusFilter>().ok(),
            Some(StatusFilter::Open)
        );
        let error = "Open".parse::<StatusFilter>().expect_err("case matters");
        assert!(error.is_invalid_input());
        assert_eq!(
            error.to_string(),
            "status filter \"Open\" is none of: completed, cancelled, approved, expired, deleted, denied, open, all"
        );
    }

    #[test]
    fn words_that_travel_to_the_server_are_saved_as_their_text() {
        fn through<T>(all: &[T])
        where
            T: Copy
                + PartialEq
                + std::fmt::Display
                + serde::Serialize
                + serde::de::DeserializeOwned,
        {
            for word in all {
                let json = serde_json::to_string(word).expect("text");
                assert_eq!(json, format!("\"{word}\""));
                let read: T = serde_json::from_str(&json).expect("a word");
                assert!(read == *word, "{json}");
            }
        }
        through(Decision::ALL);
        through(StatusFilter::ALL);
        through(TimePeriod::ALL);
        for (json, why) in [
            (
                r#""Day""#,
                r#"time period "Day" is none of: hour, day, week, month"#,
            ),
            ("1", "expected a string"),
            ("null", "expected a string"),
        ] {
            let error = serde_json::from_str::<TimePeriod>(json).expect_err(json);
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[cfg(feature = "schemars")]
    #[test]
    fn a_schema_lists_the_words_that_travel_to_the_server() {
        let schema = schemars::schema_for!(Decision).to_value();
        assert_eq!(schema["title"], "Decision");
        assert_eq!(schema["type"], "string");
        assert_eq!(schema["enum"], serde_json::json!(Decision::ALL));
    }

    #[test]
    fn words_are_aligned_like_text() {
        assert_eq!(
            format!("[{:<8}][{:>6}]", RequestStatus::Open, TimePeriod::Day),
            "[open    ][   day]"
        );
    }
}
