use std::path::Path;

use serde_json::json;

use super::*;

const FRAGMENT: &str = include_str!("../../../../openapi/bypass-requests.yaml");
const REVIEW: &str = "operation secret-scanning/review-bypass-request at \
     paths./repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}.patch";

/// Applies `change` to the fragment, and vets it. Returns the text of the error, if there is one.
fn vet(change: impl FnOnce(&mut Value)) -> Result<(), String> {
    let mut document: Value = serde_norway::from_str(FRAGMENT).expect("the fragment is YAML");
    change(&mut document);
    let text = serde_norway::to_string(&document).expect("YAML");
    parse(&text).map(drop).map_err(|error| format!("{error:#}"))
}

fn review(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}"]
        ["patch"]
}

#[test]
fn the_fragment_is_accepted() {
    assert_eq!(vet(|_| {}), Ok(()));
}

/// Each case would make the generator panic, silently drop something, or generate code that does
/// not compile.
#[test]
fn unsupported_constructs_are_rejected_with_operation_and_place() {
    type Change = fn(&mut Value);
    let cases: &[(Change, &str, &str)] = &[
        (
            |document| {
                review(document)["parameters"][2] = json!({"$ref": "#/components/parameters/gone"})
            },
            "paths./repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}.patch.parameters[2]",
            "`#/components/parameters/gone` does not exist",
        ),
        (
            |document| {
                document["components"]["schemas"]["rule-violation"] =
                    json!({"$ref": "other.yaml#/x"})
            },
            "operation repos/list-repo-push-bypass-requests at components.schemas.rule-violation",
            "`other.yaml#/x` is outside the fragment",
        ),
        (
            |document| {
                document["components"]["schemas"]["rule-violation"] =
                    json!({"$ref": "#/components/schemas/rule-violation"});
            },
            "components.schemas.rule-violation",
            "refers to itself",
        ),
        (
            |document| document["paths"]["/x"] = json!({"$ref": "#/paths/~1y"}),
            "paths./x",
            "a path cannot be a reference",
        ),
        (
            |document| {
                drop(
                    review(document)
                        .as_object_mut()
                        .map(|fields| fields.remove("operationId")),
                )
            },
            ".patch",
            "`operationId` is missing",
        ),
        (
            |document| {
                review(document)["operationId"] = "secret-scanning/get_bypass_request".into()
            },
            ".patch.operationId",
            "its Rust name is already used by secret-scanning/get-bypass-request",
        ),
        (
            |document| {
                drop(
                    review(document)
                        .as_object_mut()
                        .map(|fields| fields.remove("x-required-access")),
                )
            },
            REVIEW,
            "`x-required-access` is missing",
        ),
        (
            |document| {
                review(document)["parameters"][0] = json!(
                {"name": "owner", "in": "path", "required": false, "schema": {"type": "string"}})
            },
            ".patch.parameters[0]",
            "parameter `owner` is in the path and must be `required: true`",
        ),
        (
            |document| {
                review(document)["parameters"][0] = json!(
                {"name": "other", "in": "path", "required": true, "schema": {"type": "string"}})
            },
            ".patch.parameters[0]",
            "parameter `other` does not occur in the path",
        ),
        (
            |document| {
                drop(
                    review(document)["parameters"]
                        .as_array_mut()
                        .map(|list| list.remove(1)),
                )
            },
            ".patch.parameters",
            "`{repo}` in the path is not declared",
        ),
        (
            |document| {
                review(document)["parameters"][0]["$ref"] = "#/components/parameters/repo".into()
            },
            ".patch.parameters[1]",
            "parameter `repo` has a name that is already used",
        ),
        (
            |document| {
                review(document)["parameters"][0] = json!(
                {"name": "owner", "in": "path", "required": true, "style": "label", "schema": {"type": "string"}})
            },
            ".patch.parameters[0]",
            "parameter `owner` must have style `simple`",
        ),
        (
            |document| {
                document["components"]["parameters"]["page"] = json!(
                {"name": "page", "in": "cookie", "schema": {"type": "string"}})
            },
            "list-enterprise-bypass-requests at paths./enterprises/{enterprise}/bypass-requests/secret-scanning.get.parameters[7]",
            "parameter `page` is a cookie",
        ),
        (
            |document| {
                document["components"]["parameters"]["page"] = json!(
                {"name": "page", "in": "query", "content": {"application/json": {}}})
            },
            ".parameters[7]",
            "parameter `page` has no `schema`",
        ),
        (
            |document| {
                review(document)["requestBody"]["content"]["text/plain"] =
                    json!({"schema": {"type": "string"}})
            },
            ".patch.requestBody.content",
            "there must be one media type, not 2",
        ),
        (
            |document| {
                review(document)["requestBody"]["content"]["application/json"]["encoding"] =
                    json!({"status": {"contentType": "text/plain"}})
            },
            ".patch.requestBody.content.application/json",
            "`encoding` is not supported",
        ),
        (
            |document| {
                review(document)["responses"]["200"]["content"] = json!({"application/json": {}})
            },
            ".patch.responses.200.content.application/json",
            "`schema` is missing",
        ),
        (
            |document| {
                review(document)["responses"]["200"]["content"] =
                    json!({"text/html": {"schema": {"type": "string"}}})
            },
            ".patch.responses.200.content.text/html",
            "only `application/json` is supported",
        ),
        (
            |document| review(document)["responses"]["204"] = json!({"description": "nothing"}),
            ".patch.responses",
            "there must be one success status (2xx), not 2: 200, 204",
        ),
        (
            |document| {
                let responses = review(document)["responses"].as_object_mut();
                let responses = responses.expect("responses");
                let response = responses.remove("200").expect("a response");
                responses.insert("2XX".to_owned(), response);
            },
            ".patch.responses",
            "the success status must be a number, not `2XX`",
        ),
        (
            |document| {
                drop(
                    review(document)["responses"]
                        .as_object_mut()
                        .map(|responses| responses.remove("200")),
                )
            },
            ".patch.responses",
            "there must be one success status (2xx), but there is none",
        ),
        (
            |document| document["components"]["schemas"]["time_period"] = json!({"type": "string"}),
            "components.schemas.time_period",
            "its Rust name is already used by time-period",
        ),
        (
            |document| {
                document["components"]["schemas"]["time-period"]["default"] = "eternity".into()
            },
            "components.schemas.time-period",
            "the default \"eternity\" is not among the values",
        ),
        (
            |document| document["components"]["schemas"]["bypass-reason"]["enum"] = json!(["x"]),
            "components.schemas.bypass-reason",
            "either `x-extensible-enum` or `enum`",
        ),
        (
            |document| {
                document["components"]["schemas"]["bypass-reason"]["x-extensible-enum"] = json!([])
            },
            "components.schemas.bypass-reason",
            "must list strings",
        ),
        (
            |document| {
                document["components"]["schemas"]["bypass-actor"]["properties"]["actor_id"]["exclusiveMinimum"] =
                    true.into()
            },
            "operation secret-scanning/list-enterprise-bypass-requests at components.schemas.bypass-actor.properties.actor_id",
            "`exclusiveMinimum` needs a `minimum`",
        ),
        (
            |document| {
                document["components"]["schemas"]["bypass-actor"]["properties"]["actor_id"] =
                    json!({"not": {"type": "string"}})
            },
            "components.schemas.bypass-actor.properties.actor_id",
            "`not` is not supported",
        ),
        (
            |document| review(document)["operationId"] = "".into(),
            ".patch.operationId",
            "its Rust name is invalid or reserved",
        ),
        (
            |document| review(document)["operationId"] = "1/get".into(),
            ".patch.operationId",
            "its Rust name is invalid or reserved",
        ),
        (
            |document| review(document)["operationId"] = "new".into(),
            ".patch.operationId",
            "its Rust name is invalid or reserved",
        ),
        (
            |document| {
                document["components"]["schemas"]["rule-violation"] =
                    json!({"$ref": "#/components/schemas/bypass-actor/properties/actor_id"});
            },
            "components.schemas.rule-violation",
            "is not a component",
        ),
        (
            |document| {
                document["components"]["schemas"]["bypass-actor"]["properties"]["actor-id"] =
                    json!({"type": "string"});
            },
            "components.schemas.bypass-actor.properties.actor-id",
            "its Rust name is already used by `actor_id`",
        ),
        (
            |document| {
                document["components"]["schemas"]["bypass-request"] = json!({"allOf": [
                    {"$ref": "#/components/schemas/bypass-request"},
                    {"properties": {"x": {}}},
                ]});
            },
            "operation secret-scanning/list-enterprise-bypass-requests at components.schemas.bypass-request",
            "its `allOf` contains the schema itself",
        ),
        (
            |document| {
                document["components"]["schemas"]["push-rule-bypass-request"]["allOf"][1]["properties"]
                    ["id"] = json!({"type": "string"});
            },
            "components.schemas.push-rule-bypass-request.allOf[1]",
            "property `id` has two different definitions",
        ),
        (
            |document| {
                document["components"]["schemas"]["push-rule-bypass-request"]["allOf"][1] =
                    json!({"type": "string"})
            },
            "components.schemas.push-rule-bypass-request.allOf[1]",
            "only objects can be composed",
        ),
    ];
    for (change, place, message) in cases {
        let error = vet(change).expect_err(message);
        let lines: Vec<&str> = error.lines().collect();
        assert!(
            lines
                .iter()
                .any(|line| line.contains(place) && line.contains(message)),
            "{place}: {message}\nnot in: {error}"
        );
    }
}

/// `drift` would never report a difference in such an operation.
#[test]
fn an_operation_that_drift_does_not_compare_is_rejected() {
    let error = vet(|document| {
        let paths = document["paths"].as_object_mut().expect("paths");
        let list = paths["/orgs/{org}/bypass-requests/push-rules"].clone();
        paths.insert(
            "/orgs/{org}/dismissal-requests/code-scanning".to_owned(),
            list,
        );
        let list = &mut paths["/orgs/{org}/dismissal-requests/code-scanning"]["get"];
        list["operationId"] = "code-scanning/list-org-dismissal-requests".into();
    });
    let error = error.expect_err("an operation outside the family");
    let expected = "operation code-scanning/list-org-dismissal-requests at \
                    paths./orgs/{org}/dismissal-requests/code-scanning.get: \
                    `cargo xtask drift` does not compare it, because its path has none of the \
                    segments `bypass-requests`, `bypass-responses`; \
                    add one of its segments to SEGMENTS in ";
    let (_, file) = error
        .split_once(expected)
        .unwrap_or_else(|| panic!("{error}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    assert!(root.join(file).is_file(), "{file}");
}

#[test]
fn a_field_may_have_the_name_of_a_keyword() {
    let accepted = vet(|document| {
        let properties = &mut document["components"]["schemas"]["bypass-actor"]["properties"];
        properties["not"] = json!({"type": "string"});
        properties["enum"] = json!({"type": "string"});
        properties["default"] = json!({"type": "string"});
    });
    assert_eq!(accepted, Ok(()));
}

#[test]
fn all_problems_are_reported_at_once() {
    let error = vet(|document| {
        let operation = review(document).as_object_mut().expect("an operation");
        operation.remove("operationId");
        operation.remove("x-required-access");
    });
    assert_eq!(error.expect_err("two problems").lines().count(), 3);
}

#[test]
fn text_that_is_not_an_openapi_document_is_rejected() {
    for text in [
        "",
        "[",
        "openapi: 3.0.3",
        "info: {title: x, version: '1'}\npaths: {}",
    ] {
        parse(text).expect_err(text);
    }
}
