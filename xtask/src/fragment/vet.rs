//! Checks the fragment before it is passed to the generator.
//!
//! The generator panics on many valid OpenAPI constructs, and does not report where they are. This
//! module rejects such constructs. It reports all problems at once, each with its operation and its
//! place in the fragment.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use heck::{ToPascalCase, ToSnakeCase};
use openapiv3::OpenAPI;
use serde_json::Value;

use crate::fragment::document::{
    MAX_REFERENCES, Operation, WEBHOOKS, elements, fields, lookup, method_name, operations,
    reached, resolve, text, webhooks,
};
use crate::fragment::family;

/// Parses and vets the fragment.
pub(crate) fn parse(text: &str) -> Result<Value> {
    let _: OpenAPI = serde_norway::from_str(text).context("it is not an OpenAPI 3.0 document")?;
    let document: Value =
        serde_norway::from_str(text).context("it contains YAML that JSON cannot represent")?;
    let problems = problems(&document);
    if !problems.is_empty() {
        bail!(
            "the generator cannot compile it:\n  {}",
            problems.join("\n  ")
        );
    }
    Ok(document)
}

fn problems(document: &Value) -> Vec<String> {
    let mut problems = Problems::default();
    vet_references(document, &mut problems);
    if problems.list.is_empty() {
        vet_operations(document, &mut problems);
        vet_webhooks(document, &mut problems);
        vet_schemas(document, &mut problems);
    }
    problems
        .list
        .iter()
        .map(|problem| problem.describe(document))
        .collect()
}

#[derive(Default)]
struct Problems {
    list: Vec<Problem>,
}

struct Problem {
    place: String,
    message: String,
}

impl Problems {
    fn push(&mut self, place: &str, message: &str) {
        self.list.push(Problem {
            place: place.to_owned(),
            message: message.to_owned(),
        });
    }

    fn in_operation(&mut self, operation: &Operation<'_>, place: &str, message: &str) {
        self.push(&format!("{}{place}", operation.place()), message);
    }
}

impl Problem {
    /// Formats the problem. Names the first operation or webhook that it concerns, if there is one.
    fn describe(&self, document: &Value) -> String {
        let Self { place, message } = self;
        let component = place.strip_prefix("components.").map(|place| {
            let name: Vec<&str> = place.splitn(3, ['.', '[']).take(2).collect();
            format!("#/components/{}", name.join("/"))
        });
        let concerns = |operation: &Operation<'_>, whole: &str| match &component {
            Some(component) => reached(document, operation.fields).contains(component.as_str()),
            None => {
                let rest = place.strip_prefix(whole);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            }
        };
        if let Some(Operation { id, .. }) =
            operations(document).find(|operation| concerns(operation, &operation.place()))
        {
            return format!("operation {id} at {place}: {message}");
        }
        match webhooks(document).find(|webhook| concerns(webhook, &webhook_place(webhook))) {
            Some(Operation { id, .. }) => format!("webhook {id} at {place}: {message}"),
            None => format!("{place}: {message}"),
        }
    }
}

/// Calls `visit` with each node of the document and its place, in document order.
fn for_each_node<'a>(document: &'a Value, mut visit: impl FnMut(&str, &'a Value)) {
    let mut pending = vec![(String::new(), document)];
    while let Some((place, node)) = pending.pop() {
        visit(&place, node);
        match node {
            Value::Object(fields) => pending.extend(fields.iter().rev().map(|(name, child)| {
                let separator = if place.is_empty() { "" } else { "." };
                (format!("{place}{separator}{name}"), child)
            })),
            Value::Array(elements) => pending.extend(
                elements
                    .iter()
                    .enumerate()
                    .rev()
                    .map(|(i, child)| (format!("{place}[{i}]"), child)),
            ),
            _ => {}
        }
    }
}

fn vet_references(document: &Value, problems: &mut Problems) {
    for (path, item) in fields(document.get("paths")) {
        if item.get("$ref").is_some() {
            problems.push(&format!("paths.{path}"), "a path cannot be a reference");
        }
    }
    for_each_node(document, |place, node| {
        let Some(target) = text(node, "$ref") else {
            return;
        };
        match lookup(document, target) {
            None if !target.starts_with("#/") => {
                problems.push(place, &format!("`{target}` is outside the fragment"));
            }
            None => problems.push(place, &format!("`{target}` does not exist")),
            Some(_) if !is_component(target) => {
                problems.push(place, &format!("`{target}` is not a component"));
            }
            Some(_) if resolve(document, node).get("$ref").is_some() => {
                problems.push(place, &format!("`{target}` refers to itself"));
            }
            Some(_) => {}
        }
    });
}

fn is_component(target: &str) -> bool {
    let segments: Vec<&str> = target.split('/').collect();
    matches!(segments[..], ["#", "components", _, _])
}

fn vet_operations(document: &Value, problems: &mut Problems) {
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for operation in operations(document) {
        if operation.fields.get("operationId").is_none() {
            problems.in_operation(&operation, "", "`operationId` is missing");
        } else if !is_free_name(&method_name(operation.id)) {
            problems.in_operation(
                &operation,
                ".operationId",
                "its Rust name is invalid or reserved",
            );
        } else if let Some(other) = names.insert(method_name(operation.id), operation.id) {
            problems.in_operation(
                &operation,
                ".operationId",
                &format!("its Rust name is already used by {other}"),
            );
        }
        if text(operation.fields, "x-required-access").is_none() {
            problems.in_operation(
                &operation,
                "",
                "`x-required-access` is missing: describe the access that a token needs",
            );
        }
        vet_family(&operation, problems);
        vet_parameters(document, &operation, problems);
        vet_body(document, &operation, problems);
        vet_responses(document, &operation, problems);
    }
}

/// Returns true if `name` is a valid identifier that the generated client does not already use.
fn is_free_name(name: &str) -> bool {
    const RESERVED: [&str; 10] = [
        "all",
        "api_version",
        "baseurl",
        "client",
        "exec",
        "inner",
        "new",
        "new_with_client",
        "post",
        "pre",
    ];
    syn::parse_str::<syn::Ident>(name).is_ok() && !RESERVED.contains(&name)
}

/// Rejects operations outside the family, because `drift` does not compare them.
fn vet_family(operation: &Operation<'_>, problems: &mut Problems) {
    if family::contains(operation.path) {
        return;
    }
    let segments = family::SEGMENTS.map(|segment| format!("`{segment}`"));
    let message = format!(
        "`cargo xtask drift` does not compare it, because its path has none of the segments {}; \
         add one of its segments to SEGMENTS in {}",
        segments.join(", "),
        family::FILE
    );
    problems.in_operation(operation, "", &message);
}

/// Vets the parts of webhooks that the generated types and `drift` need. The generator itself does
/// not read webhooks.
fn vet_webhooks(document: &Value, problems: &mut Problems) {
    let mut ids: BTreeMap<&str, &str> = operations(document)
        .map(|operation| (operation.id, operation.path))
        .collect();
    for webhook in webhooks(document) {
        let place = webhook_place(&webhook);
        if !family::contains_webhook(webhook.path) {
            let parts = family::WEBHOOKS.map(|part| format!("`{part}`"));
            problems.push(
                &place,
                &format!(
                    "`cargo xtask drift` does not compare it, because its name contains none of {}; \
                     add a part of its name to WEBHOOKS in {}",
                    parts.join(", "),
                    family::FILE
                ),
            );
        }
        for needed in ["operationId", "x-event"] {
            if text(webhook.fields, needed).is_none() {
                problems.push(&place, &format!("`{needed}` is missing"));
            }
        }
        if let Some(id) = text(webhook.fields, "operationId")
            && let Some(other) = ids.insert(id, webhook.path)
        {
            problems.push(&place, &format!("`operationId` is already used by {other}"));
        }
        let body = webhook.fields.get("requestBody").unwrap_or(&Value::Null);
        let schema = resolve(document, body).pointer("/content/application~1json/schema");
        if schema.is_none() {
            problems.push(&place, "the JSON schema of its `requestBody` is missing");
        }
    }
}

fn webhook_place(webhook: &Operation<'_>) -> String {
    format!("{WEBHOOKS}.{}.{}", webhook.path, webhook.method)
}

fn vet_parameters(document: &Value, operation: &Operation<'_>, problems: &mut Problems) {
    let in_path: Vec<&str> = operation
        .path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect();
    let mut declared = BTreeSet::new();
    let mut names = BTreeSet::new();
    if operation.fields.get("requestBody").is_some() {
        names.insert("body".to_owned());
    }
    let shared = elements(operation.item.get("parameters"));
    let own = elements(operation.fields.get("parameters"));
    let places = (0..shared.len())
        .map(|i| format!(" (its path's parameters[{i}])"))
        .chain((0..own.len()).map(|i| format!(".parameters[{i}]")));
    for (parameter, place) in shared.iter().chain(own).zip(places) {
        let parameter = resolve(document, parameter);
        let name = text(parameter, "name").unwrap_or_default();
        let mut problem = |message: &str| {
            problems.in_operation(operation, &place, &format!("parameter `{name}` {message}"));
        };
        if !names.insert(name.to_snake_case()) {
            problem("has a name that is already used");
        }
        match text(parameter, "in") {
            Some("path") => {
                declared.insert(name);
                if parameter.get("required") != Some(&Value::Bool(true)) {
                    problem("is in the path and must be `required: true`");
                }
                if !in_path.contains(&name) {
                    problem("does not occur in the path");
                }
                if !matches!(text(parameter, "style"), None | Some("simple")) {
                    problem("must have style `simple`");
                }
            }
            Some("query") if !matches!(text(parameter, "style"), None | Some("form")) => {
                problem("must have style `form`");
            }
            Some("cookie") => problem("is a cookie, which the generator does not support"),
            _ => {}
        }
        if parameter.get("schema").is_none() {
            problem("has no `schema`");
        }
    }
    for name in in_path.iter().filter(|name| !declared.contains(*name)) {
        problems.in_operation(
            operation,
            ".parameters",
            &format!("`{{{name}}}` in the path is not declared"),
        );
    }
}

fn vet_body(document: &Value, operation: &Operation<'_>, problems: &mut Problems) {
    let Some(body) = operation.fields.get("requestBody") else {
        return;
    };
    let content = fields(resolve(document, body).get("content"));
    if content.len() != 1 {
        problems.in_operation(
            operation,
            ".requestBody.content",
            &format!("there must be one media type, not {}", content.len()),
        );
    }
    for (media_type, media) in content {
        vet_media_type(operation, ".requestBody", media_type, media, problems);
    }
}

fn vet_responses(document: &Value, operation: &Operation<'_>, problems: &mut Problems) {
    if let Err(error) = operation.success() {
        problems.in_operation(operation, ".responses", &error.to_string());
    }
    for (status, response) in fields(operation.fields.get("responses")) {
        if !status.starts_with('2') {
            continue;
        }
        for (media_type, media) in fields(resolve(document, response).get("content")) {
            let place = format!(".responses.{status}");
            vet_media_type(operation, &place, media_type, media, problems);
        }
    }
}

fn vet_media_type(
    operation: &Operation<'_>,
    place: &str,
    media_type: &str,
    media: &Value,
    problems: &mut Problems,
) {
    let place = format!("{place}.content.{media_type}");
    if media_type != "application/json" {
        problems.in_operation(operation, &place, "only `application/json` is supported");
    }
    if media.get("schema").is_none() {
        problems.in_operation(operation, &place, "`schema` is missing");
    }
    if media.get("encoding").is_some() {
        problems.in_operation(operation, &place, "`encoding` is not supported");
    }
}

fn vet_schemas(document: &Value, problems: &mut Problems) {
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for (name, _) in fields(document.pointer("/components/schemas")) {
        if let Some(other) = names.insert(name.to_pascal_case(), name) {
            problems.push(
                &format!("components.schemas.{name}"),
                &format!("its Rust name is already used by {other}"),
            );
        }
    }
    for_each_node(document, |place, node| {
        // Property names and example values are not keywords.
        if !place.ends_with(".properties") && !place.contains("example") {
            vet_schema(document, place, node, problems);
        }
    });
}

/// Vets a node of any kind, not only a schema: these keywords mean the same in every node that has
/// them.
fn vet_schema(document: &Value, place: &str, schema: &Value, problems: &mut Problems) {
    if let Some(known) = schema.get("x-extensible-enum") {
        let strings = elements(Some(known)).iter().all(Value::is_string);
        if text(schema, "type") != Some("string") || elements(Some(known)).is_empty() || !strings {
            problems.push(
                place,
                "`x-extensible-enum` must list strings, and needs `type: string`",
            );
        }
        if schema.get("enum").is_some() {
            problems.push(place, "use either `x-extensible-enum` or `enum`, not both");
        }
    }
    if let (Some(default), Some(values)) = (schema.get("default"), schema.get("enum"))
        && !elements(Some(values)).contains(default)
    {
        problems.push(
            place,
            &format!("the default {default} is not among the values"),
        );
    }
    for (bound, needed) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if schema.get(bound).is_some() && schema.get(needed).is_none() {
            problems.push(place, &format!("`{bound}` needs a `{needed}`"));
        }
    }
    if schema.get("not").is_some() {
        problems.push(place, "`not` is not supported");
    }
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for (name, _) in fields(schema.get("properties")) {
        if let Some(other) = names.insert(name.to_snake_case(), name) {
            problems.push(
                &format!("{place}.properties.{name}"),
                &format!("its Rust name is already used by `{other}`"),
            );
        }
    }
    vet_alternatives(document, place, schema, problems);
    let members = elements(schema.get("allOf"));
    if members.len() > 1 {
        vet_composition(document, place, schema, members, problems);
    }
}

/// Vets the objects that `anyOf` lists, which are merged into one object.
fn vet_alternatives(document: &Value, place: &str, schema: &Value, problems: &mut Problems) {
    let is_text = |property| text(resolve(document, property), "type") == Some("string");
    let mut defined: BTreeMap<&str, &Value> =
        fields(schema.get("properties")).into_iter().collect();
    for (i, alternative) in elements(schema.get("anyOf")).iter().enumerate() {
        let place = format!("{place}.anyOf[{i}]");
        let alternative = resolve(document, alternative);
        if alternative.get("properties").is_none() {
            problems.push(
                &place,
                "only objects can be alternatives: `properties` is missing",
            );
        }
        for composed in ["allOf", "anyOf", "oneOf"] {
            if alternative.get(composed).is_some() {
                problems.push(&place, &format!("an alternative cannot have `{composed}`"));
            }
        }
        for (name, property) in fields(alternative.get("properties")) {
            if let Some(other) = defined.insert(name, property)
                && other != property
                && !(is_text(other) && is_text(property))
            {
                problems.push(
                    &place,
                    &format!("property `{name}` has two different definitions"),
                );
            }
        }
    }
}

/// Vets an object that `allOf` composes from several objects.
fn vet_composition(
    document: &Value,
    place: &str,
    schema: &Value,
    members: &[Value],
    problems: &mut Problems,
) {
    if is_composed_of(document, schema, schema, 0) {
        problems.push(place, "its `allOf` contains the schema itself");
        return;
    }
    let mut defined: BTreeMap<&str, &Value> =
        fields(schema.get("properties")).into_iter().collect();
    for (i, member) in members.iter().enumerate() {
        let place = format!("{place}.allOf[{i}]");
        let member = resolve(document, member);
        if member.get("properties").is_none() && member.get("allOf").is_none() {
            problems.push(
                &place,
                "only objects can be composed: `properties` is missing",
            );
        }
        for (name, property) in fields(member.get("properties")) {
            if defined
                .insert(name, property)
                .is_some_and(|other| other != property)
            {
                problems.push(
                    &place,
                    &format!("property `{name}` has two different definitions"),
                );
            }
        }
    }
}

/// Returns true if `whole` is one of the parts of `schema`, at any depth.
fn is_composed_of(document: &Value, schema: &Value, whole: &Value, depth: usize) -> bool {
    let mut parts = elements(schema.get("allOf"))
        .iter()
        .map(|member| resolve(document, member));
    depth > MAX_REFERENCES
        || parts.any(|part| {
            std::ptr::eq(part, whole) || is_composed_of(document, part, whole, depth + 1)
        })
}

#[cfg(test)]
mod tests;
