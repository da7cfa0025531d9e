//! The facts about the bypass operations and webhooks in an OpenAPI document, in a flat form for
//! comparison.
//!
//! `METHOD /path` -> place -> aspect -> value. A webhook has `WEBHOOK name` instead of method and
//! path. A place is a part of an operation, such as `query parameter page` or
//! `response 200 body[].status`. An aspect is an OpenAPI keyword or one of these:
//!
//! - `event`: the name of a webhook's event, as in the header `X-GitHub-Event` of a delivery;
//! - `values`: the known values, sorted;
//! - `open`: true if the server may add values (`x-extensible-enum`), false if not (`enum`);
//! - `required` and `nullable`: always true or false, even if the document omits them. If a value
//!   has alternatives, each alternative has its own `nullable`;
//! - `recursive`: the enclosing place that has the same schema;
//! - `unresolved`: a reference without a target.

use std::collections::BTreeMap;

use serde_json::Value;

/// Operations by method and path, and webhooks by name.
pub(crate) type Facts = BTreeMap<String, Places>;
pub(crate) type Places = BTreeMap<String, Aspects>;
pub(crate) type Aspects = BTreeMap<String, Value>;

/// The place of an operation as a whole.
pub(crate) const OPERATION: &str = "operation";
/// The name of a webhook's event.
pub(crate) const EVENT: &str = "event";
pub(crate) const OPERATION_ID: &str = "operationId";
pub(crate) const TYPE: &str = "type";
pub(crate) const VALUES: &str = "values";

/// Returns GitHub's name for an operation.
pub(crate) fn operation_id(places: &Places) -> Option<&str> {
    places.get(OPERATION)?.get(OPERATION_ID)?.as_str()
}

/// Returns true if `place` is a part of `whole`.
pub(crate) fn is_below(place: &str, whole: &str) -> bool {
    // A name that contains a separator is quoted, so one of these ends the name.
    let rest = place.strip_prefix(whole);
    rest.is_some_and(|rest| rest.starts_with([' ', '.', '[']))
}

/// Sorts values whose order has no meaning, and removes duplicates.
pub(crate) fn sorted(values: impl IntoIterator<Item = Value>) -> Value {
    let mut values: Vec<Value> = values.into_iter().map(canonical).collect();
    values.sort_by_cached_key(Value::to_string);
    values.dedup();
    values.into()
}

/// Gives equal values the same form: 1 instead of 1.0, and sorted fields.
pub(crate) fn canonical(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            // A float represents integers up to this size exactly.
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
