//! The model of secret scanning bypass requests that a careful engineer would write by hand: enums
//! keep unknown values, and fields that may be missing are `Option`s.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

#[derive(Debug, Deserialize)]
pub struct BypassRequest {
    pub id: i64,
    pub number: i64,
    pub repository: Option<Repository>,
    pub organization: Option<Organization>,
    pub requester: Option<Actor>,
    pub request_type: RequestType,
    pub data: Option<Vec<Finding>>,
    pub resource_identifier: Option<String>,
    pub status: RequestStatus,
    pub requester_comment: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub responses: Option<Vec<Response>>,
    pub url: Option<String>,
    pub html_url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Repository {
    pub id: Option<i64>,
    pub name: Option<String>,
    pub full_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Organization {
    pub id: Option<i64>,
    pub name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Actor {
    pub actor_id: Option<i64>,
    pub actor_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Finding {
    pub secret_type: Option<String>,
    pub bypass_reason: Option<BypassReason>,
    pub path: Option<String>,
    pub branch: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Response {
    pub id: Option<i64>,
    pub reviewer: Option<Actor>,
    pub status: Option<ResponseStatus>,
    pub created_at: Option<DateTime<Utc>>,
}

/// Defines an enum that keeps unknown values. Only the text of unknown values is copied.
macro_rules! open_enum {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        #[derive(Debug)]
        pub enum $name {
            $($variant,)+
            Other(String),
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;

                impl Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        Ok(match text {
                            $($text => $name::$variant,)+
                            other => $name::Other(other.to_owned()),
                        })
                    }
                }

                deserializer.deserialize_str(Text)
            }
        }
    };
}

open_enum!(RequestStatus {
    Pending = "pending",
    Open = "open",
    Approved = "approved",
    Denied = "denied",
    Cancelled = "cancelled",
    Completed = "completed",
    Expired = "expired",
    Deleted = "deleted",
});

open_enum!(ResponseStatus {
    Approved = "approved",
    Denied = "denied",
    Dismissed = "dismissed",
});

open_enum!(RequestType {
    SecretScanning = "secret_scanning",
    PushRulesetBypass = "push_ruleset_bypass",
});

open_enum!(BypassReason {
    UsedInTests = "used_in_tests",
    FalsePositive = "false_positive",
    FixLater = "fix_later",
});
