//! Reduces the fragment to constructs that the generator supports.
//!
//! Seven steps, in this order:
//!
//! 1. [`drop_error_responses`] removes all responses except successes (2xx). If an operation has a
//!    second error schema, a `default` response, or an error without a JSON body, the generator
//!    panics or the generated code loses the body. Without error responses, the generated code
//!    returns each failure undecoded, with status, headers and body.
//! 2. [`inline_extensible_enums`] replaces each reference to an extensible enum with its schema. A
//!    shared string component would become a public newtype of 41 lines. An inlined one becomes a
//!    `String`. The crate `github-bypass-requests` has the enum.
//! 3. [`merge_any_of`] merges alternative objects into one object with the properties of all of
//!    them. The generator would turn them into an enum whose variants are tried in turn. If the
//!    alternatives define a string property differently, it becomes a plain string.
//! 4. [`keep_one_of_as_json`] replaces alternatives with any JSON value, so that a new alternative
//!    can be decoded. The types of the known alternatives are still generated.
//! 5. [`drop_single_values`] removes the `enum` of a property that has a single value, such as the
//!    one that marks an alternative. The `enum` would become a public type of 50 lines.
//! 6. [`merge_all_of`] merges a shared base and an object's own properties into one object, so that
//!    the base does not become a type.
//! 7. [`drop_unreached_schemas`] removes the schemas that no operation or webhook uses any more.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::fragment::document::{
    SCHEMAS, WEBHOOKS, elements, fields, operations_mut, reached, resolve,
};

pub(crate) fn lower(mut document: Value) -> Value {
    drop_error_responses(&mut document);
    inline_extensible_enums(&mut document);
    merge_any_of(&mut document);
    keep_one_of_as_json(&mut document);
    drop_single_values(&mut document);
    merge_all_of(&mut document);
    drop_unreached_schemas(&mut document);
    document
}

fn drop_error_responses(document: &mut Value) {
    for operation in operations_mut(document) {
        if let Some(responses) = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
        {
            responses.retain(|status, _| status.starts_with('2'));
        }
    }
}

fn inline_extensible_enums(document: &mut Value) {
    let enums: Map<String, Value> = schemas(document)
        .filter(|(_, schema)| schema.get("x-extensible-enum").is_some())
        .map(|(name, schema)| (format!("{SCHEMAS}{name}"), schema.clone()))
        .collect();
    for_each_node(document, &mut |node| {
        if let Some(schema) = reference(node).and_then(|target| enums.get(target)) {
            *node = schema.clone();
        }
    });
}

fn merge_any_of(document: &mut Value) {
    let original = document.clone();
    for_each_node(document, &mut |node| {
        if node.get("anyOf").is_some_and(Value::is_array) {
            *node = united(node, &original);
        }
    });
}

/// Returns an object with the properties of `schema` and of all its alternatives. No property of an
/// alternative is required.
fn united(schema: &Value, document: &Value) -> Value {
    let mut properties = Map::new();
    let alternatives = elements(schema.get("anyOf")).iter();
    for part in [schema].into_iter().chain(alternatives) {
        for (name, property) in fields(resolve(document, part).get("properties")) {
            let united = match properties.get(name) {
                Some(other) if other != property => plain_text([other, property]),
                _ => property.clone(),
            };
            properties.insert(name.to_owned(), united);
        }
    }
    let mut object = schema.as_object().cloned().unwrap_or_default();
    object.remove("anyOf");
    object.insert("type".to_owned(), "object".into());
    object.insert("properties".to_owned(), properties.into());
    object.into()
}

/// Returns the schema of a plain string, which is nullable if one of `schemas` is nullable.
fn plain_text(schemas: [&Value; 2]) -> Value {
    let nullable = schemas.map(|schema| schema.get("nullable") == Some(&Value::Bool(true)));
    match nullable {
        [false, false] => json!({ "type": "string" }),
        _ => json!({ "type": "string", "nullable": true }),
    }
}

/// The extension that keeps the references to the alternatives, so that their types are generated.
const ALTERNATIVES: &str = "x-alternatives";

fn keep_one_of_as_json(document: &mut Value) {
    for_each_node(document, &mut |node| {
        if node.get("oneOf").is_some_and(Value::is_array)
            && let Some(keywords) = node.as_object_mut()
            && let Some(alternatives) = keywords.remove("oneOf")
        {
            keywords.insert(ALTERNATIVES.to_owned(), alternatives);
        }
    });
}

fn drop_single_values(document: &mut Value) {
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        for_each_node(schemas, &mut |node| {
            let properties = node.get_mut("properties").and_then(Value::as_object_mut);
            for property in properties.into_iter().flat_map(Map::values_mut) {
                if elements(property.get("enum")).len() == 1
                    && let Some(schema) = property.as_object_mut()
                {
                    schema.remove("enum");
                }
            }
        });
    }
}

fn merge_all_of(document: &mut Value) {
    let composed: Vec<(String, Value)> = schemas(document)
        .filter_map(|(name, schema)| Some((name.clone(), merged(schema, document)?)))
        .collect();
    if let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        schemas.extend(composed);
    }
}

/// Merges the members of `allOf` into one object, if there are several.
fn merged(schema: &Value, document: &Value) -> Option<Value> {
    let members = schema
        .get("allOf")?
        .as_array()
        .filter(|members| members.len() > 1)?;
    let mut object = schema.as_object()?.clone();
    object.remove("allOf");
    // The keywords next to `allOf` count as another member.
    let own = Value::Object(object.clone());
    let mut properties = Map::new();
    let mut required = Vec::new();
    for member in members.iter().chain([&own]) {
        let member = resolve(document, member);
        let inherited = merged(member, document);
        let member = inherited.as_ref().unwrap_or(member);
        if let Some(Value::Object(more)) = member.get("properties") {
            properties.extend(more.clone());
        }
        if let Some(Value::Array(more)) = member.get("required") {
            required.extend(more.iter().cloned());
        }
    }
    object.insert("type".to_owned(), "object".into());
    object.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        object.insert("required".to_owned(), required.into());
    }
    Some(object.into())
}

pub(crate) fn drop_unreached_schemas(document: &mut Value) {
    let reached: BTreeSet<String> = ["paths", WEBHOOKS]
        .into_iter()
        .filter_map(|root| document.get(root))
        .flat_map(|root| reached(document, root))
        .map(str::to_owned)
        .collect();
    if let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        schemas.retain(|name, _| reached.contains(&format!("{SCHEMAS}{name}")));
    }
}

fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn reference(node: &Value) -> Option<&str> {
    node.get("$ref")?.as_str()
}

fn for_each_node(node: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    visit(node);
    match node {
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|child| for_each_node(child, visit)),
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|child| for_each_node(child, visit)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Lowers a document with these schemas, in which an operation uses `used`. Returns the lowered
    /// schemas.
    fn lowered_schemas(used: &str, schemas: Value) -> Value {
        let used = format!("{SCHEMAS}{used}");
        let mut lowered = lower(json!({
            "paths": { "/a": { "get": { "responses": { "200": { "$ref": used } } } } },
            "components": { "schemas": schemas },
        }));
        lowered["components"]["schemas"].take()
    }

    #[test]
    fn error_and_default_responses_are_dropped_with_the_schemas_that_only_they_use() {
        let lowered = lower(json!({
            "paths": { "/a": { "get": { "responses": {
                "200": { "$ref": "#/components/responses/page" },
                "404": { "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/gone" } } } },
                "default": { "description": "anything" },
            } } } },
            "components": {
                "responses": { "page": { "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/kept" } } } } },
                "schemas": { "kept": { "type": "object" }, "gone": { "type": "object" } },
            },
        }));
        assert_eq!(
            lowered["paths"]["/a"]["get"]["responses"],
            json!({ "200": { "$ref": "#/components/responses/page" } })
        );
        assert_eq!(
            lowered["components"]["schemas"],
            json!({ "kept": { "type": "object" } })
        );
    }

    #[test]
    fn extensible_enums_are_inlined_and_closed_ones_are_not() {
        let open = json!({ "type": "string", "x-extensible-enum": ["a"] });
        let closed = json!({ "type": "string", "enum": ["a"] });
        let lowered = lower(json!({
            "paths": { "/a": { "get": { "responses": { "200": {
                "open": { "$ref": "#/components/schemas/open" },
                "closed": { "$ref": "#/components/schemas/closed" },
            } } } } },
            "components": { "schemas": { "open": open, "closed": closed } },
        }));
        let response = &lowered["paths"]["/a"]["get"]["responses"]["200"];
        assert_eq!(response["open"], open);
        assert_eq!(
            response["closed"],
            json!({ "$ref": "#/components/schemas/closed" })
        );
        assert_eq!(
            lowered["components"]["schemas"],
            json!({ "closed": closed })
        );
    }

    #[test]
    fn alternatives_of_any_of_are_merged_into_one_object_that_requires_none_of_their_properties() {
        let schemas = lowered_schemas(
            "any",
            json!({
                "any": {
                    "description": "w",
                    "nullable": true,
                    "required": ["own"],
                    "properties": { "own": { "type": "boolean" } },
                    "anyOf": [
                        { "$ref": "#/components/schemas/a" },
                        { "properties": {
                            "b": { "type": "array", "nullable": true, "items": {} },
                            "both": { "type": "integer" },
                        } },
                    ],
                },
                "a": { "type": "object", "required": ["both"], "properties": {
                    "a": { "type": "string", "nullable": true },
                    "both": { "type": "integer" },
                } },
            }),
        );
        assert_eq!(
            schemas,
            json!({ "any": {
                "description": "w",
                "nullable": true,
                "required": ["own"],
                "type": "object",
                "properties": {
                    "own": { "type": "boolean" },
                    "a": { "type": "string", "nullable": true },
                    "b": { "type": "array", "nullable": true, "items": {} },
                    "both": { "type": "integer" },
                },
            } })
        );
    }

    #[test]
    fn alternatives_inside_another_schema_are_merged() {
        let schemas = lowered_schemas(
            "outer",
            json!({ "outer": { "type": "object", "properties": { "inner": {
                "anyOf": [{ "properties": { "a": {} } }, { "properties": { "b": {} } }],
            } } } }),
        );
        assert_eq!(
            schemas["outer"]["properties"]["inner"],
            json!({ "type": "object", "properties": { "a": {}, "b": {} } })
        );
    }

    #[test]
    fn texts_that_differ_between_alternatives_become_a_plain_text() {
        let schemas = lowered_schemas(
            "any",
            json!({
                "color": { "type": "string", "x-extensible-enum": ["red"] },
                "any": { "anyOf": [
                    { "properties": {
                        "equal": { "$ref": "#/components/schemas/color" },
                        "values": { "$ref": "#/components/schemas/color" },
                        "null": { "type": "string" },
                    } },
                    { "properties": {
                        "equal": { "$ref": "#/components/schemas/color" },
                        "values": { "type": "string", "x-extensible-enum": ["blue"] },
                        "null": { "type": "string", "nullable": true, "maxLength": 9 },
                    } },
                    { "properties": { "values": { "type": "string", "format": "date-time" } } },
                ] },
            }),
        );
        assert_eq!(
            schemas["any"]["properties"],
            json!({
                "equal": { "type": "string", "x-extensible-enum": ["red"] },
                "values": { "type": "string" },
                "null": { "type": "string", "nullable": true },
            })
        );
    }

    /// A client can therefore decode an alternative that the fragment does not know.
    #[test]
    fn one_of_becomes_any_json_value_and_the_schemas_of_its_alternatives_are_kept() {
        let schemas = lowered_schemas(
            "whole",
            json!({
                "whole": { "type": "object", "properties": {
                    "data": { "nullable": true, "oneOf": [
                        { "$ref": "#/components/schemas/a" },
                        { "$ref": "#/components/schemas/b" },
                    ] },
                    // A property, not the keyword.
                    "oneOf": { "type": "string" },
                } },
                "a": { "type": "object", "properties": {
                    "part": { "$ref": "#/components/schemas/part" } } },
                "b": { "type": "object" },
                "part": { "type": "object" },
                "unused": { "type": "object" },
            }),
        );
        let data = schemas["whole"]["properties"]["data"].as_object();
        let mut keywords = data.expect("a schema").clone();
        keywords.retain(|keyword, _| !keyword.starts_with("x-"));
        assert_eq!(Value::from(keywords), json!({ "nullable": true }));
        assert_eq!(
            schemas["whole"]["properties"]["oneOf"],
            json!({ "type": "string" })
        );
        let mut names: Vec<&String> = schemas.as_object().expect("schemas").keys().collect();
        names.sort();
        assert_eq!(names, ["a", "b", "part", "whole"]);
    }

    #[test]
    fn a_schema_that_only_a_webhook_uses_is_kept() {
        let lowered = lower(json!({
            "paths": {},
            "x-webhooks": { "created": { "post": { "requestBody": {
                "$ref": "#/components/requestBodies/event" } } } },
            "components": {
                "requestBodies": { "event": { "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/event" } } } } },
                "schemas": { "event": { "type": "object" }, "unused": { "type": "object" } },
            },
        }));
        assert_eq!(
            lowered["components"]["schemas"],
            json!({ "event": { "type": "object" } })
        );
    }

    #[test]
    fn a_property_with_a_single_value_becomes_a_plain_text() {
        let schemas = lowered_schemas(
            "a",
            json!({ "a": { "type": "object", "properties": {
                "type": { "type": "string", "enum": ["a"] },
                "size": { "type": "string", "enum": ["large", "small"] },
            } } }),
        );
        assert_eq!(
            schemas["a"]["properties"],
            json!({
                "type": { "type": "string" },
                "size": { "type": "string", "enum": ["large", "small"] },
            })
        );
    }

    #[test]
    fn a_composed_object_gets_the_properties_and_required_fields_of_all_members() {
        let lowered = lower(json!({
            "paths": { "/a": { "get": { "responses": { "200": {
                "$ref": "#/components/schemas/whole" } } } } },
            "components": { "schemas": {
                "base": { "type": "object", "required": ["id"], "properties": { "id": {} } },
                "middle": { "allOf": [
                    { "$ref": "#/components/schemas/base" },
                    { "required": ["m"], "properties": { "m": {} } },
                ] },
                "whole": { "description": "w", "allOf": [
                    { "$ref": "#/components/schemas/middle" },
                    { "properties": { "data": {} } },
                ] },
            } },
        }));
        assert_eq!(
            lowered["components"]["schemas"],
            json!({ "whole": {
                "description": "w",
                "type": "object",
                "required": ["id", "m"],
                "properties": { "id": {}, "m": {}, "data": {} },
            } })
        );
    }

    #[test]
    fn properties_next_to_all_of_are_merged() {
        let lowered = lower(json!({
            "paths": { "/a": { "get": { "responses": { "200": {
                "$ref": "#/components/schemas/whole" } } } } },
            "components": { "schemas": { "whole": {
                "allOf": [{ "properties": { "a": {} } }, { "properties": { "b": {} } }],
                "properties": { "c": {} },
                "required": ["c"],
            } } },
        }));
        let whole = &lowered["components"]["schemas"]["whole"];
        assert_eq!(whole["properties"], json!({ "a": {}, "b": {}, "c": {} }));
        assert_eq!(whole["required"], json!(["c"]));
    }

    #[test]
    fn an_all_of_with_a_single_member_is_left_to_the_generator() {
        let items = json!({ "nullable": true, "allOf": [{ "$ref": "#/components/schemas/x" }] });
        let lowered = lower(json!({
            "paths": { "/a": { "get": { "responses": { "200": { "items": items } } } } },
            "components": { "schemas": { "x": { "type": "object" } } },
        }));
        assert_eq!(
            lowered["paths"]["/a"]["get"]["responses"]["200"]["items"],
            items
        );
    }
}
