//! Strict checks of the fake's responses against the schemas of the fragment.
//!
//! Clients must accept unknown values and fields, but the fake must not send any.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::fragment::document;

/// Panics unless `body` is a valid response of `operation` with `status`.
pub(crate) fn assert_conforms(operation: &str, status: u16, body: &Value) {
    let undocumented = match status {
        422 => &RESPONSES.validation_error,
        _ => &RESPONSES.basic_error,
    };
    let documented = RESPONSES.documented.get(&(operation.to_owned(), status));
    let errors: Vec<_> = documented
        .unwrap_or(undocumented)
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{operation} {status}: {errors:#?}");
}

/// A field that is missing from a response, or differs from the fragment.
pub(crate) struct Deviation {
    /// A JSON pointer.
    pub(crate) field: String,
    pub(crate) problem: String,
}

/// Compares `body` with a complete response of `operation`, which has every field of the fragment
/// and no nulls.
pub(crate) fn deviations(operation: &str, body: &Value) -> Vec<Deviation> {
    let errors: Vec<_> = RESPONSES.complete[operation].iter_errors(body).collect();
    let is_consequence = |error: &ValidationError<'_>| {
        // If a part of an `allOf` fails, the validator reports all properties of that part as
        // unknown.
        matches!(
            error.kind(),
            ValidationErrorKind::UnevaluatedProperties { .. }
        ) && errors.iter().any(|cause| {
            !matches!(
                cause.kind(),
                ValidationErrorKind::UnevaluatedProperties { .. }
            ) && cause
                .instance_path()
                .as_str()
                .starts_with(error.instance_path().as_str())
        })
    };
    let errors = errors.iter().filter(|error| !is_consequence(error));
    errors.map(Deviation::of).collect()
}

impl Deviation {
    fn of(error: &ValidationError<'_>) -> Self {
        let pointer = error.instance_path();
        match error.kind() {
            ValidationErrorKind::Required {
                property: Value::String(name),
            } => Self {
                field: format!("{pointer}/{name}"),
                problem: "it is missing".to_owned(),
            },
            _ => Self {
                field: pointer.to_string(),
                problem: error.to_string(),
            },
        }
    }
}

/// Returns every pair of an operation and a status that the fragment documents.
pub(crate) fn documented() -> Vec<(String, u16)> {
    let with_body = RESPONSES.documented.keys().cloned();
    let without = RESPONSES.without_body.iter().cloned();
    with_body.chain(without).collect()
}

/// Returns the operation at `path`, which may identify organizations and repositories by id.
pub(crate) fn operation_at(method: &str, path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let mut segments: Vec<_> = path.trim_start_matches('/').split('/').collect();
    match segments[0] {
        "organizations" => segments[0] = "orgs",
        "repositories" => drop(segments.splice(0..1, ["repos", "{owner}"])),
        _ => {}
    }
    let matches = |template: &str| {
        let template: Vec<_> = template.trim_start_matches('/').split('/').collect();
        let mut pairs = template.iter().zip(&segments);
        template.len() == segments.len()
            && pairs.all(|(expected, segment)| expected.starts_with('{') || expected == segment)
    };
    let (_, item) = DOCUMENT["paths"]
        .as_object()?
        .iter()
        .find(|(path, _)| matches(path))?;
    let operation = &item[method.to_lowercase()]["operationId"];
    operation.as_str().map(str::to_owned)
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
static RESPONSES: LazyLock<Responses> = LazyLock::new(Responses::read);

struct Responses {
    documented: BTreeMap<(String, u16), Validator>,
    /// Validators of successful responses. They require every field of the fragment.
    complete: BTreeMap<String, Validator>,
    without_body: Vec<(String, u16)>,
    basic_error: Validator,
    validation_error: Validator,
}

impl Responses {
    fn read() -> Self {
        let mut documented = BTreeMap::new();
        let mut complete = BTreeMap::new();
        let mut without_body = Vec::new();
        let items = DOCUMENT["paths"].as_object().expect("paths").values();
        for operation in items.flat_map(|item| item.as_object().expect("path item").values()) {
            let id = operation["operationId"].as_str().expect("operationId");
            for (status, response) in operation["responses"].as_object().expect("responses") {
                let status = status.parse().expect("a status");
                let response = resolved(response);
                match response.pointer("/content/application~1json/schema") {
                    Some(schema) => {
                        let key = (id.to_owned(), status);
                        if status < 300 {
                            complete.insert(id.to_owned(), validator(&closed(schema, true)));
                        }
                        documented.insert(key, validator(&closed(schema, false)));
                    }
                    None => without_body.push((id.to_owned(), status)),
                }
            }
        }
        let error =
            |name: &str| validator(&closed(&DOCUMENT["components"]["schemas"][name], false));
        Self {
            documented,
            complete,
            without_body,
            basic_error: error("basic-error"),
            validation_error: error("validation-error"),
        }
    }
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(schema)
        .expect("a JSON Schema")
}

/// Returns a schema that rejects unknown properties. If `full` is true, the schema also requires
/// all properties and rejects null.
fn closed(schema: &Value, full: bool) -> Value {
    let schema = resolved(schema);
    let mut strict = open(schema, full);
    if schema.get("properties").is_some() || schema.get("allOf").is_some() {
        // Unlike `additionalProperties`, this covers the properties of an `allOf`.
        strict.insert("unevaluatedProperties".into(), json!(false));
    }
    match schema["nullable"].as_bool() {
        Some(true) if !full => json!({"anyOf": [{"type": "null"}, strict]}),
        _ => Value::Object(strict),
    }
}

/// Does the same as [`closed`] for a part of an `allOf`, which must accept the properties of the
/// other parts.
fn open(schema: &Value, full: bool) -> Map<String, Value> {
    let schema = resolved(schema);
    let mut strict = Map::new();
    for (keyword, value) in schema.as_object().expect("a schema") {
        match keyword.as_str() {
            "description" | "nullable" => {}
            "x-extensible-enum" => drop(strict.insert("enum".into(), value.clone())),
            "items" => drop(strict.insert("items".into(), closed(value, full))),
            "oneOf" => {
                let choices = value.as_array().expect("choices").iter();
                // `anyOf` also accepts a value that matches two choices, such as null if both are
                // nullable.
                let choices = choices.map(|choice| closed(choice, full)).collect();
                strict.insert("anyOf".into(), choices);
            }
            "allOf" => {
                let parts = value.as_array().expect("parts").iter();
                let parts = parts.map(|part| Value::Object(open(part, full))).collect();
                strict.insert("allOf".into(), parts);
            }
            "properties" => {
                let properties = value.as_object().expect("properties");
                let names: Vec<_> = properties.keys().collect();
                if full {
                    strict.insert("required".into(), json!(names));
                }
                let properties = properties
                    .iter()
                    .map(|(name, property)| (name.clone(), closed(property, full)))
                    .collect();
                strict.insert("properties".into(), Value::Object(properties));
            }
            "required" if full => {}
            "type" | "format" | "enum" | "required" | "minimum" | "maximum" | "maxLength"
            | "default" => drop(strict.insert(keyword.clone(), value.clone())),
            unknown => panic!("this test does not support the schema keyword `{unknown}`"),
        }
    }
    strict
}

fn resolved(node: &Value) -> &Value {
    match node["$ref"].as_str() {
        Some(target) => resolved(
            DOCUMENT
                .pointer(target.trim_start_matches('#'))
                .expect(target),
        ),
        None => node,
    }
}

const GET: &str = "secret-scanning/get-bypass-request";
const LIST: &str = "repos/list-repo-push-bypass-requests";

fn example(name: &str) -> Value {
    DOCUMENT["components"]["examples"][name]["value"].clone()
}

#[test]
fn the_documented_examples_conform() {
    assert_conforms(GET, 200, &example("secret-scanning-bypass-request"));
    assert_conforms(LIST, 200, &example("push-rule-bypass-requests"));
    let mut uncommented = example("secret-scanning-bypass-request");
    uncommented["requester_comment"] = Value::Null;
    assert_conforms(GET, 200, &uncommented);
}

/// Without this test, a validator that accepts everything would go unnoticed.
#[test]
fn responses_that_deviate_from_the_fragment_are_rejected() {
    type Change = fn(&mut Value);
    let deviations: [(&str, Change); 11] = [
        ("an unknown field", |it| it["severity"] = json!(1)),
        ("an unknown nested field", |it| {
            it["requester"]["type"] = json!("User")
        }),
        ("an unknown field of a finding", |it| {
            it["data"][0]["line"] = json!(1)
        }),
        ("a field of the other kind", |it| {
            it["data"][0]["ruleset_id"] = json!(1)
        }),
        ("an unknown status", |it| it["status"] = json!("escalated")),
        ("a decision as a status", |it| {
            it["responses"][0]["status"] = json!("reject")
        }),
        ("a missing field", |it| {
            drop(it.as_object_mut().unwrap().remove("url"))
        }),
        ("a null that is not allowed", |it| {
            it["resource_identifier"] = Value::Null
        }),
        ("a date without a time", |it| {
            it["created_at"] = json!("2026-03-10")
        }),
        ("a relative URL", |it| it["html_url"] = json!("exemptions")),
        ("an id in quotes", |it| it["id"] = json!("21")),
    ];
    let conforms = &RESPONSES.complete[GET];
    for (deviation, change) in deviations {
        let mut request = example("secret-scanning-bypass-request");
        change(&mut request);
        assert!(!conforms.is_valid(&request), "{deviation} was accepted");
    }
    assert!(!RESPONSES.basic_error.is_valid(&json!({"errors": []})));
    assert!(
        !RESPONSES
            .validation_error
            .is_valid(&json!({"message": "Validation Failed"}))
    );
}

#[test]
fn operations_are_found_by_path() {
    let at = |method, path| operation_at(method, path).unwrap_or_default();
    assert_eq!(
        at("GET", "/repositories/1/bypass-requests/push-rules?page=2"),
        LIST
    );
    assert_eq!(
        at("GET", "/repos/a/b/bypass-requests/secret-scanning/1"),
        GET
    );
    assert_eq!(
        at("GET", "/organizations/1/bypass-requests/push-rules"),
        "orgs/list-push-bypass-requests"
    );
    assert_eq!(
        at("PUT", "/repos/a/b/bypass-requests/secret-scanning/1"),
        ""
    );
    assert_eq!(at("GET", "/repos/a/b"), "");
}
