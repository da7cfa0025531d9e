//! Types for three integers that are easily confused: the id of a request, its number, and the id
//! of a response.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal $(, $in_path:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        pub struct $name(i64);

        impl $name {
            /// Returns the value as an integer.
            pub fn get(self) -> i64 {
                self.0
            }

            /// Accepts any integer from the server, so that a bypass request with an invalid id or
            /// number can still be decoded.
            pub(crate) fn from_server(value: i64) -> Self {
                Self(value)
            }

            $(
                /// Converts the value to a path segment. Fails if the server returned an invalid
                /// value.
                pub(crate) fn $in_path(self) -> Result<NonZeroU64, Error> {
                    let number = u64::try_from(self.0).ok().and_then(NonZeroU64::new);
                    number.ok_or_else(|| out_of_range($what, self.0))
                }
            )?
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

        impl From<$name> for i64 {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        id!(@try_from $name, $what, i32 i64 u8 u16 u32 u64 usize);

        impl TryFrom<&str> for $name {
            type Error = Error;

            fn try_from(text: &str) -> Result<Self, Error> {
                text.parse()
            }
        }
    };
    (@try_from $name:ident, $what:literal, $($int:ty)+) => {$(
        /// Fails if the integer is below 1 or above `i64::MAX`.
        impl TryFrom<$int> for $name {
            type Error = Error;

            fn try_from(value: $int) -> Result<Self, Error> {
                i64::try_from(value)
                    .ok()
                    .filter(|value| *value > 0)
                    .map(Self)
                    .ok_or_else(|| out_of_range($what, value))
            }
        }
    )+};
}

id! {
    /// The id of a bypass request, unique among the requests of its kind.
    ///
    /// A secret scanning request and a push rule request may have the same id. No operation takes
    /// this id; operations take the number of the request.
    RequestId, "request id"
}

id! {
    /// The number of a bypass request, unique within its repository only: the `42` of
    /// `octo-org/smile#42`.
    RequestNumber, "request number", in_path
}

id! {
    /// The id of a reviewer's response to a bypass request.
    ResponseId, "response id", in_path
}

fn out_of_range(what: &str, value: impl fmt::Display) -> Error {
    Error::input(format!("{what} must be 1 to {}, not {value}", i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_from_1_to_the_largest_i64_are_accepted() {
        for value in [1, 42, (1 << 53) + 1, i64::MAX] {
            assert_eq!(
                RequestNumber::try_from(value).map(RequestNumber::get).ok(),
                Some(value)
            );
            assert_eq!(
                value
                    .to_string()
                    .parse::<RequestNumber>()
                    .map(i64::from)
                    .ok(),
                Some(value)
            );
        }
    }

    #[test]
    fn an_invalid_number_from_the_server_is_kept_but_not_sent() {
        for value in [0, -1, i64::MIN] {
            let number = RequestNumber::from_server(value);
            assert_eq!(number.get(), value);
            assert!(number.in_path().expect_err("no number").is_invalid_input());
        }
        assert_eq!(
            RequestNumber::from_server(i64::MAX)
                .in_path()
                .ok()
                .map(u64::from),
            Some(i64::MAX as u64)
        );
    }

    #[test]
    fn other_numbers_are_refused_with_the_name_of_the_argument() {
        for error in [
            RequestNumber::try_from(0).err(),
            RequestNumber::try_from(-1).err(),
            RequestNumber::try_from(1_u64 << 63).err(),
            RequestNumber::try_from(0_u16).err(),
            RequestNumber::try_from(usize::MAX).err(),
            RequestNumber::try_from("#42").err(),
            "99999999999999999999".parse::<RequestNumber>().err(),
            "x".parse::<RequestNumber>().err(),
        ] {
            let error = error.expect("refused");
            assert!(error.is_invalid_input());
            assert!(error.to_string().starts_with("request number "), "{error}");
        }
    }
}
