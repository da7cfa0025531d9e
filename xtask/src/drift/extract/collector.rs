//! Records facts at their places.

use serde_json::{Map, Value};

use crate::drift::facts::{Aspects, Places, canonical};
use crate::fragment::document::{fields, lookup, text};

/// Collects the facts of one operation.
pub(crate) struct Collector<'a> {
    pub(crate) document: &'a Value,
    pub(crate) places: Places,
}

impl<'a> Collector<'a> {
    /// Records the keywords of `node` at `place`, except prose, defaults and the keywords in
    /// `read_by_caller`.
    pub(crate) fn others(&mut self, place: &str, node: &'a Value, read_by_caller: &[&str]) {
        self.enter(place);
        for (keyword, value) in fields(Some(node)) {
            if keyword == "$ref" {
                self.set(place, "unresolved", value.clone());
            } else if !read_by_caller.contains(&keyword)
                && !is_prose(keyword)
                && !is_default(keyword, value)
            {
                self.set(place, keyword, self.verbatim(value));
            }
        }
    }

    pub(crate) fn enter(&mut self, place: &str) -> &mut Aspects {
        self.places.entry(place.to_owned()).or_default()
    }

    pub(crate) fn set(&mut self, place: &str, aspect: &str, value: Value) {
        self.enter(place).insert(aspect.to_owned(), value);
    }

    fn verbatim(&self, value: &'a Value) -> Value {
        verbatim(self.document, value, &mut Vec::new())
    }
}

/// Quotes a name for use in a place, if the name is empty or contains a special character, such as
/// one that separates the parts of a place.
pub(crate) fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-/+$@".contains(c);
    if name.is_empty() || !name.chars().all(is_plain) {
        return Value::from(name).to_string();
    }
    name.to_owned()
}

pub(crate) fn is_prose(keyword: &str) -> bool {
    const PROSE: [&str; 8] = [
        "$comment",
        "description",
        "example",
        "examples",
        "externalDocs",
        "summary",
        "tags",
        "title",
    ];
    PROSE.contains(&keyword) || keyword.starts_with("x-")
}

/// Returns true if the document would mean the same without the keyword.
pub(crate) fn is_default(keyword: &str, value: &Value) -> bool {
    const FALSE: [&str; 8] = [
        "allowEmptyValue",
        "allowReserved",
        "deprecated",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "readOnly",
        "uniqueItems",
        "writeOnly",
    ];
    match value {
        Value::Bool(false) => FALSE.contains(&keyword),
        Value::Bool(true) => keyword == "additionalProperties",
        _ => false,
    }
}

/// Returns a value without prose and with its references followed. The rest is unchanged.
pub(crate) fn verbatim<'a>(
    document: &'a Value,
    value: &'a Value,
    trail: &mut Vec<&'a str>,
) -> Value {
    if let Some(target) = text(value, "$ref")
        && !trail.contains(&target)
        && let Some(referred) = lookup(document, target)
    {
        trail.push(target);
        let referred = verbatim(document, referred, trail);
        trail.pop();
        return referred;
    }
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            let fields = sorted
                .into_iter()
                // If the value is an object, the name is a property's name, not a prose keyword.
                .filter(|(name, value)| !(is_prose(name) && value.is_string()))
                .map(|(name, value)| (name.clone(), verbatim(document, value, trail)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(elements) => elements
            .iter()
            .map(|element| verbatim(document, element, trail))
            .collect(),
        scalar => canonical(scalar.clone()),
    }
}
