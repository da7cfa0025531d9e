//! The JSON Schemas of the public models agree with the fragment's components.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};

use github_bypass_requests::webhook;
use github_bypass_requests::{
    Actor, AnyBypassRequest, BypassReason, BypassRequest, BypassResponse, Confirmation, Decision,
    OrganizationRef, RepositoryRef, RequestId, RequestNumber, RequestStatus, RequestType,
    ResponseId, ResponseStatus, Review, RuleType, RuleViolation, SecretFinding, StatusFilter,
    TimePeriod,
};
use schemars::{JsonSchema, Schema, schema_for};
use serde_json::{Value, json};

use crate::fragment::document;
use crate::places::{MODELS, VOCABULARY};

/// The names, types, required fields and known values of a schema. Nullability is not compared,
/// because the models accept null in every optional field.
#[derive(Debug, Default, PartialEq)]
struct Shape {
    kind: Option<String>,
    format: Option<String>,
    values: Vec<String>,
    required: Vec<String>,
    properties: BTreeMap<String, Shape>,
    items: Option<Box<Shape>>,
}

impl Shape {
    fn of(node: &Value, document: &Value) -> Self {
        let mut shape = Self::default();
        shape.add(node, document);
        shape.required.sort();
        shape.values.sort();
        shape
    }

    fn add(&mut self, node: &Value, document: &Value) {
        if let Some(target) = node["$ref"].as_str() {
            let found = document.pointer(target.trim_start_matches('#'));
            self.add(found.expect(target), document);
        }
        for part in ["allOf", "anyOf", "oneOf"] {
            for part in node[part].as_array().into_iter().flatten() {
                self.add(part, document);
            }
        }
        let kinds = match &node["type"] {
            Value::Array(kinds) => kinds.as_slice(),
            Value::Null => &[],
            kind => std::slice::from_ref(kind),
        };
        let kinds = kinds.iter().filter_map(Value::as_str);
        for kind in kinds.filter(|kind| *kind != "null") {
            assert!(self.kind.as_deref().is_none_or(|it| it == kind), "{node}");
            self.kind = Some(kind.to_owned());
        }
        // The models keep URLs as text.
        if let Some(format) = node["format"].as_str().filter(|format| *format != "uri") {
            self.format = Some(format.to_owned());
        }
        self.values.extend(strings(&node["x-extensible-enum"]));
        self.values.extend(strings(&node["enum"]));
        self.required.extend(strings(&node["required"]));
        let properties = node["properties"].as_object().into_iter().flatten();
        for (name, property) in properties {
            let mut shape = Self::of(property, document);
            // The alternatives of a webhook's metadata have different values for one property.
            if let Some(alternative) = self.properties.remove(name) {
                shape.values.extend(alternative.values);
                shape.values.sort();
                shape.values.dedup();
            }
            self.properties.insert(name.clone(), shape);
        }
        if node["items"].is_object() {
            self.items = Some(Box::new(Self::of(&node["items"], document)));
        }
    }
}

/// Returns the first difference between a model and its component.
fn difference(model: &Shape, fragment: &Shape) -> Option<String> {
    let scalars = [
        ("type", &model.kind, &fragment.kind),
        ("format", &model.format, &fragment.format),
    ];
    for (keyword, model, fragment) in scalars {
        if model != fragment {
            let or_none = |value: &Option<String>| value.clone().unwrap_or("none".to_owned());
            let (model, fragment) = (or_none(model), or_none(fragment));
            return Some(format!(
                "{keyword}: the model has {model}, the fragment has {fragment}"
            ));
        }
    }
    let lists = [
        ("values", &model.values, &fragment.values),
        ("required", &model.required, &fragment.required),
    ];
    for (keyword, model, fragment) in lists {
        if let Some(value) = model.iter().find(|value| !fragment.contains(value)) {
            return Some(format!("{keyword}: only the model has {value}"));
        }
        if let Some(value) = fragment.iter().find(|value| !model.contains(value)) {
            return Some(format!("{keyword}: only the fragment has {value}"));
        }
    }
    let names: BTreeSet<_> = model
        .properties
        .keys()
        .chain(fragment.properties.keys())
        .collect();
    for name in names {
        let path = format!("properties.{name}");
        match (model.properties.get(name), fragment.properties.get(name)) {
            (Some(model), Some(fragment)) => {
                if let Some(difference) = difference(model, fragment) {
                    return Some(format!("{path}.{difference}"));
                }
            }
            (Some(_), None) => return Some(format!("{path}: only the model has it")),
            (None, _) => return Some(format!("{path}: only the fragment has it")),
        }
    }
    match (&model.items, &fragment.items) {
        (Some(model), Some(fragment)) => {
            let difference = difference(model, fragment)?;
            Some(format!("items.{difference}"))
        }
        (Some(_), None) => Some("items: only the model has them".to_owned()),
        (None, Some(_)) => Some("items: only the fragment has them".to_owned()),
        (None, None) => None,
    }
}

fn strings(values: &Value) -> impl Iterator<Item = String> {
    let values = values.as_array().into_iter().flatten();
    values.filter_map(Value::as_str).map(str::to_owned)
}

fn assert_agrees<T: JsonSchema>(component: &str) {
    assert_agrees_except::<T>(&[], component);
}

/// Ignores the properties in `own`, which only the model has.
fn assert_agrees_except<T: JsonSchema>(own: &[&str], component: &str) {
    let fragment = document();
    let described = &fragment["components"]["schemas"][component];
    assert!(described.is_object(), "{component}");
    let mut derived = schema_for!(T).to_value();
    for name in own {
        let properties = derived["properties"].as_object_mut();
        let property = properties.expect("properties").remove(*name);
        assert!(property.is_some(), "{name} is not a property of the model");
    }
    let (described, derived) = (
        Shape::of(described, &fragment),
        Shape::of(&derived, &derived),
    );
    assert!(!described.properties.is_empty(), "{component}");
    if let Some(difference) = difference(&derived, &described) {
        panic!(
            "{} and the component {component} differ in {difference} \
             (models: {MODELS}, their enums: {VOCABULARY})",
            type_name::<T>()
        );
    }
    // Fails if `difference` ignores a part of the shape.
    assert_eq!(derived, described, "{component}");
}

#[test]
fn the_schemas_of_the_models_agree_with_the_fragment() {
    // Inner structs come first, so that the message names the struct to edit and not its container.
    assert_agrees::<RepositoryRef>("bypass-repository");
    assert_agrees::<OrganizationRef>("bypass-organization");
    assert_agrees::<Actor>("bypass-actor");
    assert_agrees::<SecretFinding>("secret-finding");
    assert_agrees::<RuleViolation>("rule-violation");
    assert_agrees::<BypassResponse>("bypass-response");
    // This client adds the confirmation.
    assert_agrees_except::<Review>(&["confirmation"], "bypass-review");
    assert_agrees::<BypassRequest<SecretFinding>>("secret-scanning-bypass-request");
    assert_agrees::<BypassRequest<RuleViolation>>("push-rule-bypass-request");
    assert_agrees::<webhook::EnterpriseRef>("webhook-enterprise");
    assert_agrees::<webhook::SecretLocation>("secret-location");
    assert_agrees::<webhook::ExemptedSecret>("exempted-secret");
    assert_agrees::<webhook::DismissedAlert>("dismissed-alert");
    assert_agrees::<webhook::ExemptionMetadata>("exemption-metadata");
}

#[test]
fn a_difference_is_reported_with_its_path() {
    let difference = |model: &Value, fragment: &Value| {
        difference(&Shape::of(model, model), &Shape::of(fragment, fragment))
    };
    let time = json!({"type": "string", "format": "date-time"});
    let text = json!({"type": "string"});
    let known = json!({"type": "string", "enum": ["a", "b"]});
    let object = |property: &Value| json!({"properties": {"expires_at": property}});
    let list = |item: &Value| object(&json!({"type": "array", "items": item}));
    let required = json!({"required": ["id"]});
    for (model, fragment, expected) in [
        (
            object(&time),
            object(&text),
            "properties.expires_at.format: the model has date-time, the fragment has none",
        ),
        (
            object(&json!({"type": "integer"})),
            object(&text),
            "properties.expires_at.type: the model has integer, the fragment has string",
        ),
        (
            list(&object(&text)),
            list(&object(&time)),
            "properties.expires_at.items.properties.expires_at.format: \
             the model has none, the fragment has date-time",
        ),
        (
            list(&text),
            object(&json!({"type": "array"})),
            "properties.expires_at.items: only the model has them",
        ),
        (
            object(&text),
            object(&known),
            "properties.expires_at.values: only the fragment has a",
        ),
        (
            object(&json!({"type": "string", "enum": ["a", "b", "c"]})),
            object(&known),
            "properties.expires_at.values: only the model has c",
        ),
        (
            json!({}),
            object(&text),
            "properties.expires_at: only the fragment has it",
        ),
        (
            object(&text),
            json!({}),
            "properties.expires_at: only the model has it",
        ),
        (
            required.clone(),
            json!({}),
            "required: only the model has id",
        ),
        (json!({}), required, "required: only the fragment has id"),
    ] {
        assert_eq!(difference(&model, &fragment).as_deref(), Some(expected));
    }
    let whole = list(&object(&known));
    assert_eq!(difference(&whole, &whole), None);
}

/// A schema must not be stricter than the decoder.
#[test]
fn accepted_and_serialized_values_match_the_schema() {
    let validator =
        |schema: schemars::Schema| jsonschema::validator_for(schema.as_value()).expect("a schema");
    let validator = validator(schema_for!(BypassRequest<SecretFinding>));
    let minimal = json!({
        "id": 1, "number": 1, "status": "a new value", "request_type": "secret_scanning",
        "created_at": "2026-07-01T12:00:00Z",
    });
    assert!(validator.is_valid(&minimal));
    let request: BypassRequest<SecretFinding> =
        serde_json::from_value(minimal.clone()).expect("a request");
    assert!(validator.is_valid(&json!(request)), "{}", json!(request));
    for optional in [
        "repository",
        "organization",
        "requester",
        "data",
        "responses",
        "url",
    ] {
        let mut with_null = minimal.clone();
        with_null[optional] = Value::Null;
        assert!(validator.is_valid(&with_null), "{optional}");
    }
    let mut with_nulls = minimal.clone();
    with_nulls["data"] = json!([null]);
    with_nulls["responses"] = json!([null, { "reviewer": null }]);
    assert!(validator.is_valid(&with_nulls));
    for required in ["id", "number", "status", "request_type", "created_at"] {
        let mut incomplete = minimal.clone();
        incomplete
            .as_object_mut()
            .expect("an object")
            .remove(required);
        assert!(!validator.is_valid(&incomplete), "{required}");
    }
}

/// Events have a JSON format of their own. Their schema must accept each serialized event.
#[test]
fn serialized_events_match_their_schema() {
    let schema = schema_for!(webhook::RequestEvent);
    let validator = jsonschema::validator_for(schema.as_value()).expect("a schema");
    for event in crate::webhook::payloads::events() {
        let mut json = json!(event);
        let errors: Vec<_> = validator.iter_errors(&json).collect();
        assert!(errors.is_empty(), "{json}: {errors:?}");
        json["request"]["id"] = json!("21");
        assert!(!validator.is_valid(&json), "{json}");
    }
}

#[test]
fn a_request_of_any_kind_matches_its_schema() {
    let schema = schema_for!(AnyBypassRequest);
    let validator = jsonschema::validator_for(schema.as_value()).expect("a schema");
    for (kind, finding) in [
        ("secret_scanning", json!({ "path": "/README.md:16:0" })),
        ("push_rules", json!({ "total_violations": 1 })),
    ] {
        let request = json!({
            "kind": kind, "id": 1, "number": 1, "status": "open", "request_type": "a new value",
            "created_at": "2026-07-01T12:00:00Z", "data": [finding],
        });
        assert!(validator.is_valid(&request), "{kind}");
        let decoded: AnyBypassRequest = serde_json::from_value(request.clone()).expect("a request");
        assert!(validator.is_valid(&json!(decoded)), "{}", json!(decoded));
        let mut other = request;
        other["kind"] = json!("another");
        assert!(!validator.is_valid(&other));
    }
}

/// Returns the schema of each public type, by the name that the schema should have.
fn schemas() -> BTreeMap<&'static str, Schema> {
    macro_rules! by_name {
        ($($type:ident)+) => { [$((stringify!($type), schema_for!($type))),+] };
    }
    let mut schemas = BTreeMap::from(by_name!(
        Actor AnyBypassRequest BypassReason BypassResponse Confirmation Decision OrganizationRef
        RepositoryRef RequestId RequestNumber RequestStatus RequestType ResponseId ResponseStatus
        Review RuleType RuleViolation SecretFinding StatusFilter TimePeriod
    ));
    macro_rules! of_webhooks {
        ($($type:ident)+) => {
            [$((stringify!($type), schema_for!(webhook::$type))),+]
        };
    }
    schemas.extend(of_webhooks!(
        Action DismissedAlert DismissedSecretAlert EnterpriseRef EventName ExemptedSecret
        ExemptionData ExemptionKind ExemptionMetadata ExemptionReason ExemptionRequest
        ExemptionResponse ExemptionResponseStatus ExemptionStatus ExemptionType RequestEvent
        SecretLocation
    ));
    schemas.insert(
        "SecretScanningBypassRequest",
        schema_for!(BypassRequest<SecretFinding>),
    );
    schemas.insert(
        "PushRuleBypassRequest",
        schema_for!(BypassRequest<RuleViolation>),
    );
    schemas
}

#[test]
fn each_schema_has_a_name_of_its_own() {
    let schemas = schemas();
    for (name, schema) in &schemas {
        assert_eq!(schema.as_value()["title"], *name);
        let definitions = schema.as_value()["$defs"].as_object();
        for definition in definitions.into_iter().flat_map(|named| named.keys()) {
            assert!(
                schemas.contains_key(definition.as_str()),
                "{name} refers to {definition}"
            );
        }
    }
    let any = schemas["AnyBypassRequest"].as_value();
    for (index, definition) in ["SecretScanningBypassRequest", "PushRuleBypassRequest"]
        .into_iter()
        .enumerate()
    {
        let reference = &any["oneOf"][index]["$ref"];
        assert_eq!(*reference, format!("#/$defs/{definition}"));
    }
}

/// `schemas` must list each public model type that has a schema.
#[test]
fn the_schemas_of_all_models_are_checked() {
    let without_schema = [
        "BypassKind",
        "BypassRequest",
        "Delivery",
        "Dismissal",
        "Location",
        "Payload",
        "Receiver",
        "Refusal",
        "Seen",
        "Target",
    ];
    let schemas = schemas();
    let lib = include_str!("../../crates/github-bypass-requests/src/lib.rs");
    let webhook = include_str!("../../crates/github-bypass-requests/src/webhook/mod.rs");
    let exports = lib.split("pub use model::").skip(1);
    let exports = exports.chain(webhook.split("pub use self::").skip(1));
    let names = exports.flat_map(|export| {
        let names = export.split(';').next().expect("an export");
        names.split(|letter: char| !letter.is_alphanumeric())
    });
    let types = names.filter(|name| name.starts_with(char::is_uppercase));
    let unchecked = types.filter(|name| !schemas.contains_key(name));
    assert_eq!(
        unchecked.collect::<BTreeSet<_>>(),
        BTreeSet::from(without_schema)
    );
}

/// Returns the problems with the descriptions in a schema. People who do not use Rust read these
/// descriptions, too.
fn problems_with_prose(node: &Value) -> Vec<String> {
    let problem = |text: &str| {
        let in_backticks = text.split('`').skip(1).step_by(2);
        // The names of GitHub's fields and values are in lower case.
        let is_rust = |code: &str| code.starts_with(char::is_uppercase) || code.contains('(');
        let has_rust = in_backticks.into_iter().any(is_rust);
        let has_markup = ["[", "::", "# "].iter().any(|it| text.contains(it));
        (has_rust || has_markup || text.is_empty()).then(|| text.to_owned())
    };
    let mut problems = Vec::new();
    match node {
        Value::Object(fields) => {
            let description = fields.get("description").and_then(Value::as_str);
            problems.extend(description.and_then(problem));
            problems.extend(fields.values().flat_map(problems_with_prose));
        }
        Value::Array(items) => problems.extend(items.iter().flat_map(problems_with_prose)),
        _ => {}
    }
    problems
}

#[test]
fn descriptions_contain_no_rust() {
    for (name, schema) in schemas() {
        assert_eq!(problems_with_prose(schema.as_value()), [""; 0], "{name}");
        let description = &schema.as_value()["description"];
        assert!(description.is_string(), "{name} has no description");
    }
    for rust in [
        "Id of the response. [`dismiss`](crate::SecretScanning::dismiss) takes it.",
        "Absent fields are `None`.",
        "See `undo()`.",
        "See SecretScanning::undo.",
    ] {
        let schema = json!({"properties": {"id": {"anyOf": [{"description": rust}]}}});
        assert_eq!(problems_with_prose(&schema), [rust]);
    }
}
