//! The documented examples survive decoding and encoding.

use github_bypass_requests::{BypassRequest, Review, RuleViolation, SecretFinding};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fragment::{operations, resolve};
use crate::places::FRAGMENT;

/// Decodes an operation's example as the type that the operation returns, and encodes it again.
fn round_trip(path: &str, method: &str, example: Value) -> Value {
    fn through<T: DeserializeOwned + Serialize>(value: Value) -> Value {
        let decoded: T = serde_json::from_value(value).expect("decodes");
        serde_json::to_value(decoded).expect("encodes")
    }
    let is_single = path.ends_with("/{bypass_request_number}");
    match (method, path.contains("/secret-scanning"), is_single) {
        ("GET", true, true) => through::<BypassRequest<SecretFinding>>(example),
        ("GET", true, false) => through::<Vec<BypassRequest<SecretFinding>>>(example),
        ("GET", false, true) => through::<BypassRequest<RuleViolation>>(example),
        ("GET", false, false) => through::<Vec<BypassRequest<RuleViolation>>>(example),
        ("PATCH", true, true) => through::<Review>(example),
        _ => panic!(
            "`round_trip` in {} has no type for {method} {path}: add the operation's return type",
            file!()
        ),
    }
}

#[test]
fn every_response_example_survives_a_round_trip() {
    for operation in operations() {
        let response = resolve(&operation.fields["responses"]["200"]);
        if response.is_null() {
            assert_eq!(operation.method, "DELETE");
            continue;
        }
        let example = resolve(&response["content"]["application/json"]["examples"]["default"]);
        let example = &example["value"];
        assert!(
            !example.is_null(),
            "{} has no response example named `default`: add one in {FRAGMENT}",
            operation.id()
        );
        assert_eq!(
            &round_trip(&operation.path, &operation.method, example.clone()),
            example
        );
    }
}

#[test]
fn every_parameter_in_a_path_and_every_body_has_an_example() {
    for operation in operations() {
        for parameter in operation.fields["parameters"]
            .as_array()
            .expect("parameters")
        {
            let parameter = resolve(parameter);
            if parameter["in"] == "path" {
                assert!(!parameter["example"].is_null(), "{}", parameter["name"]);
            }
        }
        let body = &operation.fields["requestBody"];
        if !body.is_null() {
            let example = &body["content"]["application/json"]["examples"]["default"]["value"];
            assert!(!example.is_null(), "{}", operation.id());
        }
    }
}

#[test]
fn every_documented_error_has_an_example() {
    for operation in operations() {
        for (status, response) in operation.fields["responses"]
            .as_object()
            .expect("responses")
        {
            if status.starts_with('2') {
                continue;
            }
            let response = resolve(response);
            let example = &response["content"]["application/json"]["examples"]["default"]["value"];
            assert!(
                example["message"].is_string(),
                "{} {status}",
                operation.id()
            );
        }
    }
}
