//! Typed numbers: a request's id, its number and a response's id are easily mixed up.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name(NonZeroU64);

        impl $name {
            /// The number itself.
            pub fn get(self) -> u64 {
                self.0.get()
            }

            pub(crate) fn from_server(value: NonZeroU64) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                text.parse::<u64>().map_err(|_| out_of_range($what, text))?.try_into()
            }
        }

        impl From<$name> for NonZeroU64 {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl From<$name> for u64 {
            fn from(value: $name) -> Self {
                value.get()
            }
        }

        id!(@try_from $name, $what, i32 i64 u32 u64);
    };
    (@try_from $name:ident, $what:literal, $($int:ty)+) => {$(
        /// Fails on what no such number can be: below 1, or above `i64::MAX`.
        impl TryFrom<$int> for $name {
            type Error = Error;

            fn try_from(value: $int) -> Result<Self, Error> {
                i64::try_from(value)
                    .ok()
                    .and_then(|value| u64::try_from(value).ok())
                    .and_then(NonZeroU64::new)
                    .map(Self)
                    .ok_or_else(|| out_of_range($what, value))
            }
        }
    )+};
}

id! {
    /// Identifies a request among all requests of its kind.
    ///
    /// The two kinds have ids of their own: the same id may stand for a secret scanning request and
    /// for a push rule request. No operation takes this id; see [`RequestNumber`].
    RequestId, "request id"
}

id! {
    /// Identifies a request within its repository, and only there: the `42` of `octo-org/smile#42`.
    RequestNumber, "request number"
}

id! {
    /// Identifies a reviewer's response to a request.
    ResponseId, "response id"
}

fn out_of_range(what: &str, value: impl fmt::Display) -> Error {
    Error::input(format!("{what} {value} is not between 1 and {}", i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_from_1_to_the_largest_of_the_api_are_accepted() {
        for value in [1, 42, (1 << 53) + 1, i64::MAX as u64] {
            assert_eq!(
                RequestNumber::try_from(value).map(RequestNumber::get).ok(),
                Some(value)
            );
            assert_eq!(
                value
                    .to_string()
                    .parse::<RequestNumber>()
                    .map(u64::from)
                    .ok(),
                Some(value)
            );
        }
    }

    #[test]
    fn other_numbers_are_refused_by_name() {
        for error in [
            RequestNumber::try_from(0).err(),
            RequestNumber::try_from(-1).err(),
            RequestNumber::try_from(1_u64 << 63).err(),
            "99999999999999999999".parse::<RequestNumber>().err(),
            "x".parse::<RequestNumber>().err(),
        ] {
            let error = error.expect("refused");
            assert!(error.is_invalid_input());
            assert!(error.to_string().starts_with("request number "), "{error}");
        }
    }
}
