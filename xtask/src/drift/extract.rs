//! What an OpenAPI document says of the bypass operations, as flat facts that can be compared.
//!
//! `METHOD /path` -> place -> aspect -> value. A place is where in an operation something stands:
//! `query parameter page`, `response 200 body[].status`. An aspect is what is said there: a keyword
//! of OpenAPI under its own name, or one of these:
//!
//! - `values` and `open`: the known values, sorted, and whether there may be others
//!   (`x-extensible-enum`) or not (`enum`);
//! - `required` and `nullable`: told as true or false, also where the document leaves them out; but
//!   where there are alternatives, each has its own `nullable`;
//! - `recursive`: a place above that this one repeats;
//! - `unresolved`: a reference that leads nowhere.
//!
//! References are followed, so the facts do not depend on how a document is cut into components.
//! Prose is no fact: descriptions, examples, titles, tags, and extensions. What this module does not
//! know is recorded as it stands, so that it cannot change unseen.

mod schema;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::fragment::document::{
    METHODS, Operation, elements, fields, lookup, operations, resolve, text,
};

/// Operations by method and path.
pub(crate) type Facts = BTreeMap<String, Places>;
pub(crate) type Places = BTreeMap<String, Aspects>;
pub(crate) type Aspects = BTreeMap<String, Value>;

/// The place of what is said of an operation as a whole.
pub(crate) const OPERATION: &str = "operation";
pub(crate) const OPERATION_ID: &str = "operationId";
pub(crate) const TYPE: &str = "type";
pub(crate) const VALUES: &str = "values";

/// Operations below a path segment of one of these names are compared, and no others.
const FAMILY: [&str; 2] = ["bypass-requests", "bypass-responses"];

pub(crate) fn facts(document: &Value) -> Facts {
    operations(document)
        .filter(|operation| operation.path.split('/').any(|name| FAMILY.contains(&name)))
        .map(|operation| {
            let mut collector = Collector {
                document,
                places: Places::new(),
            };
            collector.operation(&operation);
            let method = operation.method.to_ascii_uppercase();
            (format!("{method} {}", operation.path), collector.places)
        })
        .collect()
}

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

struct Collector<'a> {
    document: &'a Value,
    places: Places,
}

impl<'a> Collector<'a> {
    fn operation(&mut self, operation: &Operation<'a>) {
        let paths = self.document.get("paths");
        if let Some(item) = paths.and_then(|paths| paths.get(operation.path)) {
            let item = resolve(self.document, item);
            self.others(OPERATION, item, &[&METHODS[..], &["parameters"]].concat());
            self.parameters(item, operation.fields);
        }
        self.others(
            OPERATION,
            operation.fields,
            &["parameters", "requestBody", "responses"],
        );
        if let Some(body) = operation.fields.get("requestBody") {
            self.request(resolve(self.document, body));
        }
        for (status, response) in fields(operation.fields.get("responses")) {
            let place = format!("response {}", quoted(status));
            self.response(&place, resolve(self.document, response));
        }
    }

    fn parameters(&mut self, item: &'a Value, operation: &'a Value) {
        let shared = elements(item.get("parameters"));
        let own = elements(operation.get("parameters"));
        // The operation's own replaces the one of the same name that its path has for all.
        let parameters: BTreeMap<String, &Value> = shared
            .iter()
            .chain(own)
            .map(|parameter| {
                let parameter = resolve(self.document, parameter);
                (parameter_place(parameter), parameter)
            })
            .collect();
        for (place, parameter) in parameters {
            self.parameter(&place, parameter);
        }
    }

    /// Parameters and headers.
    fn parameter(&mut self, place: &str, parameter: &'a Value) {
        self.others(
            place,
            parameter,
            &["name", "in", "required", "schema", "content"],
        );
        let required = parameter.get("required") == Some(&Value::Bool(true));
        self.set(place, "required", required.into());
        if let Some(schema) = parameter.get("schema") {
            self.schema(place, schema);
        }
        for (media_type, media) in fields(parameter.get("content")) {
            self.media(&format!("{place} as {}", quoted(media_type)), media);
        }
    }

    fn request(&mut self, body: &'a Value) {
        self.others("request", body, &["required", "content"]);
        let required = body.get("required") == Some(&Value::Bool(true));
        self.set("request", "required", required.into());
        self.content("request", body);
    }

    fn response(&mut self, place: &str, response: &'a Value) {
        self.others(place, response, &["headers", "content"]);
        for (name, header) in fields(response.get("headers")) {
            let name = quoted(&name.to_ascii_lowercase());
            let header = resolve(self.document, header);
            self.parameter(&format!("{place} header {name}"), header);
        }
        self.content(place, response);
    }

    fn content(&mut self, place: &str, message: &'a Value) {
        for (media_type, media) in fields(message.get("content")) {
            let body = match media_type {
                "application/json" => format!("{place} body"),
                // It is no part of the other body.
                other => format!("{place} as {}", quoted(other)),
            };
            self.media(&body, media);
        }
    }

    fn media(&mut self, place: &str, media: &'a Value) {
        self.others(place, media, &["schema"]);
        if let Some(schema) = media.get("schema") {
            self.schema(place, schema);
        }
    }

    /// Enters `place`, with all that `node` says there beside what is `known` to need more care.
    fn others(&mut self, place: &str, node: &'a Value, known: &[&str]) {
        self.enter(place);
        for (keyword, value) in fields(Some(node)) {
            if keyword == "$ref" {
                self.set(place, "unresolved", value.clone());
            } else if !known.contains(&keyword) && !is_prose(keyword) && !is_default(keyword, value)
            {
                self.set(place, keyword, self.verbatim(value));
            }
        }
    }

    fn enter(&mut self, place: &str) -> &mut Aspects {
        self.places.entry(place.to_owned()).or_default()
    }

    fn set(&mut self, place: &str, aspect: &str, value: Value) {
        self.enter(place).insert(aspect.to_owned(), value);
    }

    fn verbatim(&self, value: &'a Value) -> Value {
        verbatim(self.document, value, &mut Vec::new())
    }
}

fn parameter_place(parameter: &Value) -> String {
    if let Some(target) = text(parameter, "$ref") {
        return format!("parameter {}", quoted(target));
    }
    let location = text(parameter, "in").unwrap_or("unknown");
    let name = text(parameter, "name").unwrap_or_default();
    let name = match location {
        "header" => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    };
    format!("{location} parameter {}", quoted(&name))
}

/// A name within a place: in quotes, if it could be taken for something else.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-/+$@".contains(c);
    if name.is_empty() || !name.chars().all(is_plain) {
        return Value::from(name).to_string();
    }
    name.to_owned()
}

fn is_prose(keyword: &str) -> bool {
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

/// Whether leaving the keyword out says the same.
fn is_default(keyword: &str, value: &Value) -> bool {
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

/// What this module has no words for: as it stands, without prose, and with the references followed.
fn verbatim<'a>(document: &'a Value, value: &'a Value, trail: &mut Vec<&'a str>) -> Value {
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
                // A field of that name is no prose, and it is no string either.
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

/// One spelling for equal values: 1 for 1.0, and fields in order.
fn canonical(value: Value) -> Value {
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

#[cfg(test)]
mod tests;
