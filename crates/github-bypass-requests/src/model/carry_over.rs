//! Carries the generated structs over to the models.
//!
//! Every pattern is exhaustive: a field that is new in the OpenAPI fragment does not compile until it is
//! carried over.

/// Defines a model whose fields are those of a generated struct, all of them optional.
///
/// The pattern is one fragment, so that the compiler names a field that is missing from it.
macro_rules! model {
    (
        $(#[$doc:meta])*
        pub struct $model:ident {
            $($(#[$field_doc:meta])* pub $field:ident: Option<$type:ty>,)+
        }
        from $wire:ident as $pattern:pat
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, ::serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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

/// Null elements of a list, and a list that is null or absent, are dropped.
pub(crate) fn present<Wire, T: From<Wire>>(elements: Option<Vec<Option<Wire>>>) -> Vec<T> {
    let elements = elements.into_iter().flatten().flatten();
    elements.map(T::from).collect()
}
