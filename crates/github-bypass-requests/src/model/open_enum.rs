//! Open enums, which GitHub may extend, and closed enums, which only clients send.

/// Implements `Display` and `Serialize` with `as_str`.
macro_rules! as_text {
    ($name:ident) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use as_text;

/// Declares an enum of known strings that keeps any other string verbatim.
///
/// The payload of `Unknown` is private, so it never contains a known value. Equal texts are
/// therefore equal values, and code that compares text still works if a later release knows the
/// value.
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])+
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }
    ) => {
        $(#[doc = $doc])+
        ///
        /// GitHub may add values. `Unknown` keeps the text of a value that this version of the
        /// crate does not know, and compares, prints and serializes as that text. Match it with
        /// `_`, and distinguish such values with [`as_str`](Self::as_str).
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value that this version does not know; see [`as_str`](Self::as_str).
            Unknown($crate::model::open_enum::Unknown),
        }

        impl $name {
            /// The values that this version knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the value as GitHub writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(value) => &value.0,
                }
            }

            fn known(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        $crate::model::open_enum::as_text!($name);

        /// Accepts any text. The comparison with the known values is case-sensitive. A text that is
        /// not a known value becomes `Unknown`.
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| text.to_owned().into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::known(&text)
                    .unwrap_or_else(|| Self::Unknown($crate::model::open_enum::Unknown(text)))
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                self.as_str() == text
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, text: &&str) -> bool {
                self.as_str() == *text
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as ::serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }

        /// A string. The known values are in `x-extensible-enum`, because GitHub may add others.
        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({
                    "description": concat!($($doc,)+ " GitHub may add values.").trim_ascii(),
                    "type": "string",
                    "x-extensible-enum": [$($text),+],
                })
            }
        }
    };
}
pub(crate) use open_enum;

/// Declares an enum that clients send: a closed set of strings.
macro_rules! closed_enum {
    (
        $(#[doc = $doc:literal])+
        $name:ident as $wire:ident, $what:literal {
            $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the value as GitHub writes it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            pub(crate) fn to_wire(self) -> ::github_bypass_requests_api::types::$wire {
                match self {
                    $(Self::$variant => ::github_bypass_requests_api::types::$wire::$variant,)+
                }
            }
        }

        $crate::model::open_enum::as_text!($name);

        /// Accepts only the text that GitHub uses. Case matters.
        impl ::std::str::FromStr for $name {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> Result<Self, $crate::error::Error> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::error::Error::input(format!(
                        "{} must be one of {}, not {text:?}",
                        $what,
                        [$($text),+].join(", ")
                    ))),
                }
            }
        }

        /// Accepts the same values as [`FromStr`](::std::str::FromStr).
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(::serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({
                    "description": concat!($($doc),+).trim_ascii(),
                    "type": "string",
                    "enum": [$($text),+],
                })
            }
        }
    };
}
pub(crate) use closed_enum;

/// The text of a value that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unknown(pub(crate) String);
