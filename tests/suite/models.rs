//! A bypass request with missing optional fields, unknown fields or unknown values can be decoded.

use std::collections::BTreeSet;
use std::fmt::Debug;

use github_bypass_requests::{BypassRequest, RuleViolation, SecretFinding};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fragment::{document, example, resolve};
use crate::places::FRAGMENT;

pub(crate) const REQUIRED: [&str; 5] =
    ["/id", "/number", "/status", "/request_type", "/created_at"];
pub(crate) const NUMBERS: [&str; 9] = [
    "/id",
    "/number",
    "/repository/id",
    "/organization/id",
    "/requester/actor_id",
    "/responses/0/id",
    "/responses/0/reviewer/actor_id",
    "/data/0/ruleset_id",
    "/data/0/total_violations",
];
pub(crate) const VOCABULARIES: [&str; 5] = [
    "/status",
    "/request_type",
    "/responses/0/status",
    "/data/0/bypass_reason",
    "/data/0/rule_type",
];

/// Calls `check` once for each kind of request, with the documented example and a function that
/// decodes a value and encodes it again.
fn for_each_kind(check: impl Fn(Value, &dyn Fn(Value) -> Result<Value, String>)) {
    fn round_trip<T: DeserializeOwned + Serialize + Debug>(value: Value) -> Result<Value, String> {
        let decoded: T = serde_json::from_value(value).map_err(|error| error.to_string())?;
        serde_json::to_value(decoded).map_err(|error| error.to_string())
    }
    let secret = example("secret-scanning-bypass-request");
    check(secret, &round_trip::<BypassRequest<SecretFinding>>);
    check(
        example("push-rule-bypass-request"),
        &round_trip::<BypassRequest<RuleViolation>>,
    );
}

/// Returns JSON pointers to all fields, at every level.
pub(crate) fn fields(value: &Value) -> Vec<String> {
    fn walk(value: &Value, pointer: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (name, child) in object {
                    let pointer = format!("{pointer}/{name}");
                    walk(child, &pointer, found);
                    found.push(pointer);
                }
            }
            Value::Array(elements) => {
                for (index, child) in elements.iter().enumerate() {
                    walk(child, &format!("{pointer}/{index}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

pub(crate) fn without(mut value: Value, field: &str) -> Value {
    let (parent, name) = field.rsplit_once('/').expect("a pointer");
    let parent = value
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .expect("an object");
    parent.remove(name).expect("present");
    value
}

pub(crate) fn with(mut value: Value, field: &str, new: Value) -> Value {
    *value.pointer_mut(field).expect("present") = new;
    value
}

#[test]
fn the_examples_contain_every_field_of_the_fragment() {
    let secret = example("secret-scanning-bypass-request");
    let rule = example("push-rule-bypass-request");
    let mut corrections = Vec::new();
    for (schema, example) in [
        ("secret-scanning-bypass-request", &secret),
        ("push-rule-bypass-request", &rule),
        ("bypass-repository", &secret["repository"]),
        ("bypass-organization", &secret["organization"]),
        ("bypass-actor", &secret["requester"]),
        ("bypass-response", &secret["responses"][0]),
        ("secret-finding", &secret["data"][0]),
        ("rule-violation", &rule["data"][0]),
    ] {
        let documented = properties(&document()["components"]["schemas"][schema]);
        assert!(!documented.is_empty(), "{schema}");
        let shown = example
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        for field in documented.difference(&shown) {
            corrections.push(format!(
                "the example of `{schema}` lacks `{field}`: add it to components.examples in {FRAGMENT}"
            ));
        }
        for field in shown.difference(&documented) {
            corrections.push(format!(
                "`{schema}` has no `{field}`: remove it from components.examples in {FRAGMENT}"
            ));
        }
    }
    assert!(corrections.is_empty(), "{}", corrections.join("\n"));
}

#[test]
fn the_tables_list_every_number_and_vocabulary_of_the_fragment() {
    let mut numbers = BTreeSet::new();
    let mut vocabularies = BTreeSet::new();
    for request in ["secret-scanning-bypass-request", "push-rule-bypass-request"] {
        let schema = &document()["components"]["schemas"][request];
        visit(schema, "", &mut |pointer, schema| {
            if matches!(schema["type"].as_str(), Some("integer" | "number")) {
                numbers.insert(pointer.to_owned());
            }
            if schema.get("x-extensible-enum").is_some() {
                vocabularies.insert(pointer.to_owned());
            }
        });
    }
    let mut corrections = Vec::new();
    for (table, listed, documented) in [
        ("NUMBERS", &NUMBERS[..], numbers),
        ("VOCABULARIES", &VOCABULARIES[..], vocabularies),
    ] {
        let listed = listed.iter().map(|pointer| (*pointer).to_owned()).collect();
        let file = file!();
        for pointer in documented.difference(&listed) {
            corrections.push(format!("`{table}` lacks `{pointer}`: add it in {file}"));
        }
        for pointer in listed.difference(&documented) {
            corrections.push(format!(
                "`{table}` has `{pointer}`, which the fragment lacks: remove it from {file}"
            ));
        }
    }
    assert!(corrections.is_empty(), "{}", corrections.join("\n"));
}

/// Calls `visitor` with `schema` and each schema in it. The first argument of `visitor` is the JSON
/// pointer to the first value that the schema describes: in an array, this is the first element.
fn visit(schema: &Value, pointer: &str, visitor: &mut impl FnMut(&str, &Value)) {
    let schema = resolve(schema);
    visitor(pointer, &schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        visit(part, pointer, visitor);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        visit(property, &format!("{pointer}/{name}"), visitor);
    }
    if schema["items"].is_object() {
        visit(&schema["items"], &format!("{pointer}/0"), visitor);
    }
}

/// Returns the property names of a schema, including those from its `allOf`.
fn properties(schema: &Value) -> BTreeSet<String> {
    let schema = resolve(schema);
    let own = schema["properties"].as_object().into_iter().flatten();
    let mut names: BTreeSet<String> = own.map(|(name, _)| name.clone()).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        names.extend(properties(part));
    }
    names
}

#[test]
fn only_optional_fields_can_be_missing_or_null() {
    for_each_kind(|example, round_trip| {
        for field in fields(&example) {
            let missing = round_trip(without(example.clone(), &field));
            let null = round_trip(with(example.clone(), &field, Value::Null));
            if REQUIRED.contains(&field.as_str()) {
                let name = field.trim_start_matches('/');
                let missing = missing.expect_err(&field);
                assert!(
                    missing.contains(&format!("missing field `{name}`")),
                    "{missing}"
                );
                null.expect_err(&field);
            } else {
                let missing = missing.expect(&field);
                assert_eq!(
                    missing,
                    null.expect(&field),
                    "{field}: null and missing differ"
                );
                let expected = match missing.pointer(&field) {
                    None => without(example.clone(), &field),
                    Some(empty) => with(example.clone(), &field, empty.clone()),
                };
                assert_eq!(missing, expected, "{field}: another field has changed");
                let empty = matches!(
                    missing.pointer(&field),
                    None | Some(Value::Array(_)) | Some(Value::Object(_))
                );
                assert!(empty, "{field} has an invented value");
            }
        }
    });
}

#[test]
fn unknown_fields_at_every_level_are_ignored() {
    for_each_kind(|example, round_trip| {
        let mut extended = example.clone();
        for field in fields(&example) {
            let (parent, _) = field.rsplit_once('/').expect("a pointer");
            let parent = extended
                .pointer_mut(parent)
                .and_then(Value::as_object_mut)
                .expect("an object");
            parent.insert("x_new".to_owned(), json!({ "nested": [1, null, "x"] }));
        }
        assert_eq!(round_trip(extended), Ok(example));
    });
}

#[test]
fn unknown_values_are_kept_unchanged() {
    for_each_kind(|example, round_trip| {
        for field in VOCABULARIES
            .into_iter()
            .filter(|field| example.pointer(field).is_some())
        {
            for value in ["Approved", "brand_new", "", "ünï \"x\""] {
                let changed = with(example.clone(), field, value.into());
                assert_eq!(round_trip(changed.clone()), Ok(changed), "{field}");
            }
            for value in [json!(1), json!({}), json!([])] {
                round_trip(with(example.clone(), field, value)).expect_err(field);
            }
        }
    });
}

#[test]
fn integers_are_exact_and_other_numbers_are_rejected() {
    for_each_kind(|example, round_trip| {
        for field in NUMBERS
            .into_iter()
            .filter(|field| example.pointer(field).is_some())
        {
            for value in [json!((1_i64 << 53) + 1), json!(i64::MAX)] {
                let changed = with(example.clone(), field, value);
                assert_eq!(round_trip(changed.clone()), Ok(changed), "{field}");
            }
            for value in ["18446744073709551616", "1e30", "1.0", "\"12\"", "true"] {
                let value = serde_json::from_str(value).expect("JSON");
                round_trip(with(example.clone(), field, value)).expect_err(field);
            }
        }
    });
}

#[test]
fn null_elements_of_arrays_are_dropped() {
    for_each_kind(|example, round_trip| {
        for list in ["data", "responses"] {
            let mut with_nulls = example.clone();
            let elements = with_nulls[list].as_array_mut().expect("list");
            elements.insert(0, Value::Null);
            elements.push(Value::Null);
            assert_eq!(round_trip(with_nulls), Ok(example.clone()), "{list}");
        }
    });
}

#[test]
fn the_required_fields_are_enough() {
    let smallest = crate::support::request(7);
    let secret: BypassRequest<SecretFinding> =
        serde_json::from_value(smallest.clone()).expect("decodes");
    assert_eq!(
        secret.to_string(),
        "unknown repository#7 open, requested by an unknown user on 2024-07-01"
    );
    assert_eq!(
        serde_json::to_value(&secret).expect("encodes"),
        json!({
            "id": 7, "number": 7, "status": "open", "request_type": "secret_scanning",
            "created_at": "2024-07-01T08:43:03Z",
            "repository": {}, "organization": {}, "requester": {}, "data": [], "responses": [],
        })
    );
    let again: BypassRequest<SecretFinding> =
        serde_json::from_value(serde_json::to_value(&secret).expect("encodes")).expect("decodes");
    assert_eq!(again, secret);
}

#[test]
fn requests_and_nested_values_have_a_short_display() {
    let secret: BypassRequest<SecretFinding> =
        serde_json::from_value(example("secret-scanning-bypass-request")).expect("decodes");
    assert_eq!(
        secret.to_string(),
        "octo-org/smile#42 denied, requested by monalisa on 2024-07-01"
    );
    assert_eq!(
        secret.data[0].to_string(),
        "adafruit_io_key in /tests/README.md:16:0"
    );
    assert_eq!(secret.responses[0].to_string(), "denied by octocat");
    assert_eq!(
        format!("{} {}", secret.requester, secret.organization),
        "monalisa octo-org"
    );
    let rule: BypassRequest<RuleViolation> =
        serde_json::from_value(example("push-rule-bypass-request")).expect("decodes");
    assert_eq!(
        rule.data[0].to_string(),
        "Exclude image files: file_extension_restriction"
    );
}

#[test]
fn a_location_is_encoded_as_path_line_and_column() {
    let finding: SecretFinding =
        serde_json::from_value(json!({ "path": "/tests/README.md:16:0" })).expect("a finding");
    let location = serde_json::to_value(finding.location()).expect("JSON");
    assert_eq!(
        location,
        json!({ "path": "/tests/README.md", "line": 16, "column": 0 })
    );
}
