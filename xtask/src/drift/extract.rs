//! Extracts the facts of the bypass operations and webhooks from an OpenAPI document.
//!
//! References are followed, so the facts do not depend on how a document is divided into
//! components. Prose is not a fact: descriptions, examples, titles and tags are ignored, and so are
//! extensions, except `x-extensible-enum` and the name of a webhook's event. The values of unknown
//! keywords are recorded verbatim, so that no change goes unnoticed.

mod collector;
mod schema;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::drift::extract::collector::{Collector, quoted};
use crate::drift::facts::{EVENT, Facts, OPERATION, Places, is_below};
use crate::fragment::document::{
    METHODS, Operation, elements, fields, operations, resolve, text, webhooks,
};
use crate::fragment::family;

pub(crate) fn facts(document: &Value) -> Facts {
    let operations = operations(document)
        .filter(|operation| family::contains(operation.path))
        .map(|operation| {
            let method = operation.method.to_ascii_uppercase();
            let places = places(document, &operation);
            (format!("{method} {}", operation.path), places)
        });
    let webhooks = webhooks(document)
        .filter(|webhook| family::contains_webhook(webhook.path))
        .map(|webhook| {
            let mut places = places(document, &webhook);
            places.retain(|place, _| !is_outside_family(place));
            let whole = places.entry(OPERATION.to_owned()).or_default();
            whole.extend(event_name(&webhook).map(|name| (EVENT.to_owned(), name.into())));
            (format!("WEBHOOK {}", webhook.path), places)
        });
    operations.chain(webhooks).collect()
}

fn places(document: &Value, operation: &Operation<'_>) -> Places {
    let mut collector = Collector {
        document,
        places: Places::new(),
    };
    collector.operation(operation);
    collector.places
}

/// Returns the name of the webhook's event, which is the value of the header `X-GitHub-Event`.
/// GitHub's description contains it only as the name of a section of the documentation.
fn event_name<'a>(webhook: &Operation<'a>) -> Option<&'a str> {
    let section = || text(webhook.fields.get("x-github")?, "subcategory");
    text(webhook.fields, "x-event").or_else(section)
}

/// Returns true if `place` is in a field of the envelope that the fragment does not describe.
fn is_outside_family(place: &str) -> bool {
    family::ENVELOPE.iter().any(|(object, known)| {
        let object = format!("request body.{object}");
        let mut known = known.iter().map(|field| format!("{object}.{field}"));
        is_below(place, &object) && !known.any(|field| place == field || is_below(place, &field))
    })
}

impl<'a> Collector<'a> {
    fn operation(&mut self, operation: &Operation<'a>) {
        let item = operation.item;
        self.others(OPERATION, item, &[&METHODS[..], &["parameters"]].concat());
        self.parameters(item, operation.fields);
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
        // A parameter of the operation overrides the parameter of the path that has the same name.
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

    /// Records a parameter or a header.
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
                // A body of another media type is a separate place, not a part of the JSON body.
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

#[cfg(test)]
mod tests;
