//! Converts the generated structs to the models.
//!
//! Every pattern is exhaustive: after the OpenAPI fragment gets a new field, the crate does not
//! compile until the field is converted.

/// Defines a model with the fields of a generated struct, all of them optional.
///
/// The pattern is a single macro fragment, so that the compiler names a missing field.
macro_rules! model {
    (
        $(#[$attribute:meta])*
        pub struct $model:ident {
            $($(#[$field_doc:meta])* pub $field:ident: Option<$type:ty>,)+
        }
        from $wire:ident as $pattern:pat
    ) => {
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, ::serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        $(#[$attribute])*
        #[non_exhaustive]
        pub struct $model {$(
            $(#[$field_doc])*
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,
        )+}

        #[doc(hidden)]
        impl From<$wire> for $model {
            fn from($pattern: $wire) -> Self {
                Self { $($field: $field.map(Into::into)),+ }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $model {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $wire::deserialize(deserializer).map(Self::from)
            }
        }
    };
}
pub(crate) use model;

/// Converts a list, and drops its null elements. A list that is null or absent becomes empty.
pub(crate) fn present<Wire, T: From<Wire>>(elements: Option<Vec<Option<Wire>>>) -> Vec<T> {
    let elements = elements.into_iter().flatten().flatten();
    elements.map(T::from).collect()
}
