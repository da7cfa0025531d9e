use std::path::Path;

use serde_json::json;

use super::*;

const FRAGMENT: &str = include_str!("../../../../openapi/bypass-requests.yaml");
const REVIEW: &str = "operation secret-scanning/review-bypass-request at \
     paths./repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}.patch";

const WEBHOOK: &str = "webhook dismissal-request-dependabot/created at \
     x-webhooks.dismissal-request-dependabot-created.post";

/// Applies `change` to the fragment, and vets it. Returns the text of the error, if there is one.
fn vet(change: impl FnOnce(&mut Value)) -> Result<(), String> {
    let mut document: Value = serde_norway::from_str(FRAGMENT).expect("the fragment is YAML");
    change(&mut document);
    let text = serde_norway::to_string(&document).expect("YAML");
    parse(&text).map(drop).map_err(|error| format!("{error:#}"))
}

/// Returns the problems that `vet` reports after `change`.
fn problems_after(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let error = vet(change).expect_err("a problem");
    let lines = error.lines().skip(1);
    lines.map(|line| line.trim_start().to_owned()).collect()
}

fn remove(node: &mut Value, field: &str) {
    let fields = node.as_object_mut().expect("an object");
    fields.remove(field).expect(field);
}

fn review(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}"]
        ["patch"]
}

fn webhook(document: &mut Value) -> &mut Value {
    &mut document["x-webhooks"]["dismissal-request-dependabot-created"]["post"]
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

/// `drift` would never report a difference in such a webhook.
#[test]
fn a_webhook_that_drift_does_not_compare_is_rejected() {
    let error = vet(|document| {
        let webhooks = document["x-webhooks"].as_object_mut().expect("webhooks");
        let webhook = webhooks.remove("dismissal-request-dependabot-created");
        webhooks.insert("alert-created".to_owned(), webhook.expect("a webhook"));
    });
    let error = error.expect_err("a webhook outside the family");
    let expected = "the generator cannot compile it:\n  webhook dismissal-request-dependabot/created \
                    at x-webhooks.alert-created.post: \
                    `cargo xtask drift` does not compare it, because its name contains none of \
                    `bypass-request`, `dismissal-request`, `exemption-request`; \
                    add a part of its name to WEBHOOKS in ";
    let file = error
        .strip_prefix(expected)
        .unwrap_or_else(|| panic!("{error}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    assert!(root.join(file).is_file(), "{file}");
}

#[test]
fn an_incomplete_webhook_is_rejected() {
    type Change = fn(&mut Value);
    let cases: &[(Change, &[&str])] = &[
        (
            |document| remove(webhook(document), "operationId"),
            &[
                "webhook without operationId at x-webhooks.dismissal-request-dependabot-created.post: \
               `operationId` is missing",
            ],
        ),
        (
            |document| remove(webhook(document), "x-event"),
            &["WEBHOOK: `x-event` is missing"],
        ),
        (
            |document| {
                let other = document["x-webhooks"]["dismissal-request-code-scanning-created"]
                    ["post"]["operationId"]
                    .clone();
                webhook(document)["operationId"] = other;
            },
            &["webhook dismissal-request-code-scanning/created at \
               x-webhooks.dismissal-request-dependabot-created.post: \
               `operationId` is already used by dismissal-request-code-scanning-created"],
        ),
        (
            |document| {
                webhook(document)["operationId"] = "repos/list-repo-push-bypass-requests".into();
            },
            &["webhook repos/list-repo-push-bypass-requests at \
               x-webhooks.dismissal-request-dependabot-created.post: \
               `operationId` is already used by /repos/{owner}/{repo}/bypass-requests/push-rules"],
        ),
        (
            |document| remove(webhook(document), "requestBody"),
            &["WEBHOOK: the JSON schema of its `requestBody` is missing"],
        ),
        (
            |document| {
                webhook(document)["requestBody"] =
                    json!({"content": {"application/x-www-form-urlencoded": {"schema": {}}}});
            },
            &["WEBHOOK: the JSON schema of its `requestBody` is missing"],
        ),
        // Two webhooks that both lack an id do not count as duplicates.
        (
            |document| {
                let webhooks = document["x-webhooks"].as_object_mut().expect("webhooks");
                for name in ["created", "cancelled"] {
                    let name = format!("dismissal-request-dependabot-{name}");
                    remove(&mut webhooks[&name]["post"], "operationId");
                }
            },
            &[
                "webhook without operationId at x-webhooks.dismissal-request-dependabot-created.post: \
               `operationId` is missing",
                "webhook without operationId at x-webhooks.dismissal-request-dependabot-cancelled.post: \
               `operationId` is missing",
            ],
        ),
    ];
    for (change, expected) in cases {
        let expected: Vec<String> = expected
            .iter()
            .map(|line| line.replace("WEBHOOK", WEBHOOK))
            .collect();
        assert_eq!(problems_after(change), expected);
    }
}

#[test]
fn alternatives_that_cannot_be_merged_are_rejected() {
    type Change = fn(&mut Value);
    let cases: &[(Change, &[&str])] = &[
        (
            |schemas| schemas["exemption-metadata"]["anyOf"][1] = json!({"type": "string"}),
            &[
                "exemption-metadata.anyOf[1]: only objects can be alternatives: \
               `properties` is missing",
            ],
        ),
        // The alternatives 1, 2 and 4 have the property `alert_title`, too.
        (
            |schemas| {
                schemas["dependabot-dismissal-metadata"]["properties"]["alert_title"] =
                    json!({"type": "integer"});
            },
            &[
                "exemption-metadata.anyOf[3]: property `alert_title` has two different definitions",
                "exemption-metadata.anyOf[4]: property `alert_title` has two different definitions",
            ],
        ),
        (
            |schemas| {
                schemas["exemption-metadata"]["properties"] = json!({"label": {"type": "integer"}});
            },
            &["exemption-metadata.anyOf[0]: property `label` has two different definitions"],
        ),
        (
            |schemas| {
                schemas["dependabot-dismissal-metadata"]["allOf"] =
                    json!([{"$ref": "#/components/schemas/dismissed-alert"}]);
            },
            &["exemption-metadata.anyOf[3]: an alternative cannot have `allOf`"],
        ),
        (
            |schemas| {
                schemas["exemption-metadata"]["anyOf"][0] = json!({
                    "properties": {},
                    "oneOf": [{"$ref": "#/components/schemas/dismissed-alert"}],
                    "anyOf": [{"$ref": "#/components/schemas/dismissed-alert"}],
                });
            },
            &[
                "exemption-metadata.anyOf[0]: an alternative cannot have `anyOf`",
                "exemption-metadata.anyOf[0]: an alternative cannot have `oneOf`",
            ],
        ),
        (
            |schemas| {
                schemas["exemption-response"]["properties"]["x"] =
                    json!({"anyOf": [{"type": "integer"}]});
            },
            &[
                "exemption-response.properties.x.anyOf[0]: only objects can be alternatives: \
               `properties` is missing",
            ],
        ),
    ];
    for (change, expected) in cases {
        let expected: Vec<String> = expected
            .iter()
            .map(|line| {
                format!(
                    "webhook exemption-request-secret-scanning/created at components.schemas.{line}"
                )
            })
            .collect();
        let problems = problems_after(|document| change(&mut document["components"]["schemas"]));
        assert_eq!(problems, expected);
    }
}

#[test]
fn alternatives_may_share_properties_and_differ_in_texts() {
    let accepted = vet(|document| {
        let schemas = &mut document["components"]["schemas"];
        let count = json!({"type": "integer"});
        for (name, text) in [
            ("dependabot", json!({"type": "string"})),
            (
                "code-scanning",
                json!({"type": "string", "format": "date-time"}),
            ),
            (
                "license-compliance",
                json!({"$ref": "#/components/schemas/bypass-reason"}),
            ),
        ] {
            let properties = &mut schemas[format!("{name}-dismissal-metadata")]["properties"];
            properties["count"] = count.clone();
            properties["text"] = text;
        }
    });
    assert_eq!(accepted, Ok(()));
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
