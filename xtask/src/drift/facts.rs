//! The facts of the bypass operations of an OpenAPI document: flat, so that they can be compared.
//!
//! `METHOD /path` -> place -> aspect -> value. A place is a part of an operation, such as
//! `query parameter page` or `response 200 body[].status`. An aspect is an OpenAPI keyword under its
//! own name, or one of these:
//!
//! - `values` and `open`: the known values, sorted, and whether the server may add others
//!   (`x-extensible-enum`) or not (`enum`);
//! - `required` and `nullable`: always true or false, even if the document omits them. If there are
//!   alternatives, each has its own `nullable`;
//! - `recursive`: the enclosing place that this one repeats;
//! - `unresolved`: a reference that has no target.

use std::collections::BTreeMap;

use serde_json::Value;

/// Operations by method and path.
pub(crate) type Facts = BTreeMap<String, Places>;
pub(crate) type Places = BTreeMap<String, Aspects>;
pub(crate) type Aspects = BTreeMap<String, Value>;

/// The place of what is said of an operation as a whole.
pub(crate) const OPERATION: &str = "operation";
pub(crate) const OPERATION_ID: &str = "operationId";
pub(crate) const TYPE: &str = "type";
pub(crate) const VALUES: &str = "values";

/// GitHub's name of an operation.
pub(crate) fn operation_id(places: &Places) -> Option<&str> {
    places.get(OPERATION)?.get(OPERATION_ID)?.as_str()
}

/// Whether `place` is a part of `whole`.
pub(crate) fn is_below(place: &str, whole: &str) -> bool {
    // Names that contain one of these are quoted.
    let rest = place.strip_prefix(whole);
    rest.is_some_and(|rest| rest.starts_with([' ', '.', '[']))
}

/// The order of a vocabulary means nothing.
pub(crate) fn sorted(values: impl IntoIterator<Item = Value>) -> Value {
    let mut values: Vec<Value> = values.into_iter().map(canonical).collect();
    values.sort_by_cached_key(Value::to_string);
    values.dedup();
    values.into()
}

/// One spelling for equal values: 1 for 1.0, and fields in order.
pub(crate) fn canonical(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            // Whole numbers of this size are exact.
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                (float as i64).into()
            }
            _ => number.into(),
        },
        Value::Array(elements) => elements.into_iter().map(canonical).collect(),
        Value::Object(fields) => {
            let sorted: BTreeMap<String, Value> = fields.into_iter().collect();
            let fields = sorted.into_iter();
            Value::Object(
                fields
                    .map(|(name, value)| (name, canonical(value)))
                    .collect(),
            )
        }
        scalar => scalar,
    }
}
