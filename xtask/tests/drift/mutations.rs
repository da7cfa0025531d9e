//! Each single change to a description is reported at its place, and nothing else is reported.

use serde_json::{Value, json};

use crate::support::Edit::{self, Put, Remove};
use crate::support::{Repository, fragment, upstream};

/// A change and the expected findings.
type Case = (Edit, &'static [&'static str]);

fn check(document: fn() -> Value, write: fn(&Repository, &Value), cases: Vec<Case>) {
    let repository = Repository::new();
    assert_eq!(repository.findings(), [""; 0], "no drift before the change");
    for (edit, expected) in cases {
        let mut document = document();
        edit.apply(&mut document);
        write(&repository, &document);
        assert_eq!(repository.findings(), expected, "{edit:?}");
    }
}

fn upstream_changes(cases: Vec<Case>) {
    check(upstream, Repository::write_upstream, cases);
}

#[test]
fn a_change_of_an_operation_is_found() {
    upstream_changes(vec![
        (
            Put(
                "/paths/~1repos~1{owner}~1bypass-requests~1new",
                json!({"get": {"operationId": "new/list", "responses": {"200": {}}}}),
            ),
            &[
                r#"GET /repos/{owner}/bypass-requests/new | operation | presence | "present" | "missing""#,
            ],
        ),
        (
            Put(
                "/paths/~1orgs~1{org}~1bypass-responses",
                json!({"parameters": [], "post": {"responses": {}}}),
            ),
            &[
                r#"POST /orgs/{org}/bypass-responses | operation | presence | "present" | "missing""#,
            ],
        ),
        (
            Put(
                "/paths/~1orgs~1{org}~1bypass-requests~1things/delete",
                json!({"responses": {"204": {}}}),
            ),
            &[
                r#"DELETE /orgs/{org}/bypass-requests/things | operation | presence | "present" | "missing""#,
            ],
        ),
        (
            Put("/paths/~1bypass-requests-of-others", json!({"get": {}})),
            &[],
        ),
        (
            Remove("/paths/~1orgs~1{org}~1bypass-requests~1things/get"),
            &[r#"list | operation | presence | "missing" | "present""#],
        ),
        (
            Put("list/operationId", json!("things/list-all")),
            &[r#"list | operation | operationId | "things/list-all" | "things/list""#],
        ),
        (
            Remove("review/operationId"),
            &[r#"review | operation | operationId | null | "things/review""#],
        ),
        (
            Put("review/deprecated", json!(true)),
            &["review | operation | deprecated | true | null"],
        ),
        (
            Put("review/security", json!([{"token": []}])),
            &[r#"review | operation | security | [{"token":[]}] | null"#],
        ),
        (
            Put(
                "/paths/~1orgs~1{org}~1bypass-requests~1things/servers",
                json!([{"url": "https://things.example.com", "description": "prose"}]),
            ),
            &[r#"list | operation | servers | [{"url":"https://things.example.com"}] | null"#],
        ),
    ]);
}

#[test]
fn a_change_of_a_parameter_is_found() {
    upstream_changes(vec![
        (
            Put(
                "query/-",
                json!({"name": "sort", "in": "query", "schema": {"type": "string"}}),
            ),
            &[r#"list | query parameter sort | presence | "present" | "missing""#],
        ),
        (
            Put(
                "/paths/~1orgs~1{org}~1bypass-requests~1things/parameters",
                json!([{"name": "sort", "in": "query", "schema": {"type": "string"}}]),
            ),
            &[r#"list | query parameter sort | presence | "present" | "missing""#],
        ),
        (
            Remove("query/1"),
            &[r#"list | query parameter status | presence | "missing" | "present""#],
        ),
        (
            Put("query/1/name", json!("state")),
            &[
                r#"list | query parameter state | presence | "present" | "missing""#,
                r#"list | query parameter status | presence | "missing" | "present""#,
            ],
        ),
        (
            Put("query/1/in", json!("header")),
            &[
                r#"list | header parameter status | presence | "present" | "missing""#,
                r#"list | query parameter status | presence | "missing" | "present""#,
            ],
        ),
        (
            Put("query/1/required", json!(true)),
            &["list | query parameter status | required | true | false"],
        ),
        (
            Remove("/components/parameters/org/required"),
            &["list | path parameter org | required | false | true"],
        ),
        (
            Put("query/2/schema/type", json!("string")),
            &[r#"list | query parameter page | type | "string" | "integer""#],
        ),
        (
            Put("query/2/schema/format", json!("int32")),
            &[r#"list | query parameter page | format | "int32" | null"#],
        ),
        (
            Put("query/1/schema/nullable", json!(true)),
            &["list | query parameter status | nullable | true | false"],
        ),
        (
            Put("query/1/schema/enum/-", json!("stale")),
            &[
                r#"list | query parameter status | values | ["all","closed","open","stale"] | ["all","closed","open"]"#,
            ],
        ),
        (
            Remove("query/1/schema/enum/1"),
            &[
                r#"list | query parameter status | values | ["all","open"] | ["all","closed","open"]"#,
            ],
        ),
        (
            Remove("query/1/schema/enum"),
            &[
                "list | query parameter status | open | null | false",
                r#"list | query parameter status | values | null | ["all","closed","open"]"#,
            ],
        ),
        (
            Put("query/1/schema/default", json!("open")),
            &[r#"list | query parameter status | default | "open" | "all""#],
        ),
        (
            Remove("query/2/schema/default"),
            &["list | query parameter page | default | null | 1"],
        ),
        (
            Put("query/2/schema/maximum", json!(100)),
            &["list | query parameter page | maximum | 100 | null"],
        ),
        (
            Put("query/2/schema/minimum", json!(0)),
            &["changed list | query parameter page | minimum | 0 | 1"],
        ),
        (
            Put("/components/parameters/org/schema/minLength", json!(1)),
            &["list | path parameter org | minLength | 1 | null"],
        ),
        (
            Put("/components/parameters/org/schema/maxLength", json!(39)),
            &["list | path parameter org | maxLength | 39 | null"],
        ),
        (
            Put("/components/parameters/org/schema/pattern", json!("^a")),
            &[r#"list | path parameter org | pattern | "^a" | null"#],
        ),
        (
            Put("query/1/explode", json!(false)),
            &["list | query parameter status | explode | false | null"],
        ),
        (
            Put("query/1/deprecated", json!(true)),
            &["list | query parameter status | deprecated | true | null"],
        ),
        (
            Put(
                "query/1/schema",
                json!({"type": "array", "items": {"type": "string"}}),
            ),
            &[
                r#"list | query parameter status | default | null | "all""#,
                "list | query parameter status | open | null | false",
                r#"list | query parameter status | type | "array" | "string""#,
                r#"list | query parameter status | values | null | ["all","closed","open"]"#,
                r#"list | query parameter status[] | presence | "present" | "missing""#,
            ],
        ),
        (
            Put("query/2", json!({"$ref": "#/components/parameters/gone"})),
            &[
                r##"list | parameter "#/components/parameters/gone" | presence | "present" | "missing""##,
                r#"list | query parameter page | presence | "missing" | "present""#,
            ],
        ),
    ]);
}

#[test]
fn a_change_of_a_request_body_is_found() {
    upstream_changes(vec![
        (
            Put("review/requestBody/required", json!(false)),
            &["review | request | required | false | true"],
        ),
        (
            Remove("review/requestBody"),
            &[r#"review | request | presence | "missing" | "present""#],
        ),
        (
            Put("list/requestBody", json!({"content": {"text/plain": {}}})),
            &[r#"list | request | presence | "present" | "missing""#],
        ),
        (
            Put("review/requestBody/content/text~1plain", json!({})),
            &[r#"review | request as text/plain | presence | "present" | "missing""#],
        ),
        (
            Put(
                "review/requestBody/content",
                json!({"application/x.y+json": {}}),
            ),
            &[
                r#"review | request as "application/x.y+json" | presence | "present" | "missing""#,
                r#"review | request body | presence | "missing" | "present""#,
            ],
        ),
        (
            Put("body/properties/reason", json!({"type": "string"})),
            &[r#"review | request body.reason | presence | "present" | "missing""#],
        ),
        (
            Remove("body/properties/labels"),
            &[r#"review | request body.labels | presence | "missing" | "present""#],
        ),
        (
            Put("body/required", json!(["status"])),
            &["review | request body.message | required | false | true"],
        ),
        (
            Put("body/required/-", json!("labels")),
            &["review | request body.labels | required | true | false"],
        ),
        (
            Put("body/properties/labels/items/type", json!("integer")),
            &[r#"review | request body.labels[] | type | "integer" | "string""#],
        ),
        (
            Put("body/properties/status/enum/-", json!("defer")),
            &[
                r#"review | request body.status | values | ["approve","defer","reject"] | ["approve","reject"]"#,
            ],
        ),
        (
            Put("body/properties/message/maxLength", json!(2048)),
            &["review | request body.message | maxLength | 2048 | null"],
        ),
        (
            Put("body/properties/labels/minItems", json!(1)),
            &["review | request body.labels | minItems | 1 | null"],
        ),
        (
            Put("body/additionalProperties", json!(false)),
            &["review | request body | additionalProperties | false | null"],
        ),
        (
            Put("body/additionalProperties", json!({"type": "string"})),
            &[r#"review | request body.* | presence | "present" | "missing""#],
        ),
        (
            Put("body/type", json!("array")),
            &[r#"review | request body | type | "array" | "object""#],
        ),
    ]);
}

#[test]
fn a_change_of_a_status_is_found() {
    upstream_changes(vec![
        (
            Put("list/responses/403", json!({"description": "No."})),
            &[r#"list | response 403 | presence | "present" | "missing""#],
        ),
        (
            Put(
                "list/responses/default",
                json!({"content": {"application/json": {}}}),
            ),
            &[r#"list | response default | presence | "present" | "missing""#],
        ),
        (
            Remove("review/responses/422"),
            &[r#"review | response 422 | presence | "missing" | "present""#],
        ),
        (
            Put(
                "review/responses/204/content",
                json!({"application/json": {"schema": {"type": "object"}}}),
            ),
            &[r#"review | response 204 body | presence | "present" | "missing""#],
        ),
        (
            Remove("review/responses/422/content"),
            &[r#"review | response 422 body | presence | "missing" | "present""#],
        ),
        (
            Put(
                "review/responses/204/headers",
                json!({"ETag": {"schema": {}}}),
            ),
            &[r#"review | response 204 header etag | presence | "present" | "missing""#],
        ),
        (
            Put(
                "review/responses/204",
                json!({"$ref": "#/components/responses/gone"}),
            ),
            &[r##"review | response 204 | unresolved | "#/components/responses/gone" | null"##],
        ),
    ]);
}

#[test]
fn a_change_of_a_response_is_found() {
    upstream_changes(vec![
        (
            Put("item/url", json!({"type": "string"})),
            &[r#"list | response 200 body[].url | presence | "present" | "missing""#],
        ),
        (
            Remove("item/owner"),
            &[r#"list | response 200 body[].owner | presence | "missing" | "present""#],
        ),
        (
            Remove("item/owner/properties/name"),
            &[r#"list | response 200 body[].owner.name | presence | "missing" | "present""#],
        ),
        (
            Remove("item/id"),
            &[r#"list | response 200 body[].id | presence | "missing" | "present""#],
        ),
        (
            Put("item/owner/properties/id/type", json!("string")),
            &[r#"list | response 200 body[].owner.id | type | "string" | "integer""#],
        ),
        (
            Put("item/owner/type", json!(["object", "string"])),
            &[r#"list | response 200 body[].owner | type | ["object","string"] | "object""#],
        ),
        (
            Remove("item/created_at/format"),
            &[r#"list | response 200 body[].created_at | format | null | "date-time""#],
        ),
        (
            Put("item/created_at/format", json!("date")),
            &[r#"list | response 200 body[].created_at | format | "date" | "date-time""#],
        ),
        (
            Put("item/created_at/nullable", json!(true)),
            &["list | response 200 body[].created_at | nullable | true | false"],
        ),
        (
            Remove("item/note/nullable"),
            &["list | response 200 body[].note | nullable | false | true"],
        ),
        (
            Put("item/owner/properties/id/type", json!(["integer", "null"])),
            &["list | response 200 body[].owner.id | nullable | true | false"],
        ),
        (
            Put(
                "item/owner/properties/id",
                json!({"anyOf": [{"type": "null"}, {"type": "integer"}]}),
            ),
            &["list | response 200 body[].owner.id | nullable | true | false"],
        ),
        (
            Put("item/tags/items/nullable", json!(true)),
            &["list | response 200 body[].tags[] | nullable | true | false"],
        ),
        (
            Put("item/tags/maxItems", json!(9)),
            &["list | response 200 body[].tags | maxItems | 9 | null"],
        ),
        (
            Put("item/tags/items/type", json!("integer")),
            &[r#"list | response 200 body[].tags[] | type | "integer" | "string""#],
        ),
        (
            Put("item/state/enum/-", json!("stale")),
            &[
                r#"list | response 200 body[].state | values | ["closed","open","stale"] | ["closed","open"]"#,
            ],
        ),
        (
            Remove("item/kind/enum/0"),
            &[r#"list | response 200 body[].kind | values | ["small"] | ["large","small"]"#],
        ),
        (
            Remove("item/kind/enum"),
            &[
                "list | response 200 body[].kind | open | null | false",
                r#"list | response 200 body[].kind | values | null | ["large","small"]"#,
            ],
        ),
        (
            Put(
                "item/state",
                json!({"type": "string", "x-extensible-enum": ["open", "closed"]}),
            ),
            &["obsolete list | response 200 body[].state | open | true | true"],
        ),
        (
            Put("/components/schemas/thing-item/required", json!(["id"])),
            &["obsolete list | response 200 body[].id | required | true | true"],
        ),
        (
            Put("/components/schemas/thing-item/required", json!(["note"])),
            &["list | response 200 body[].note | required | true | false"],
        ),
        (
            Put("/components/schemas/thing-item/required", json!(["size"])),
            &[r#"list | response 200 body[].size | presence | "present" | "missing""#],
        ),
        (
            Put("item/id/format", json!("int64")),
            &[r#"obsolete list | response 200 body[].id | format | "int64" | "int64""#],
        ),
        (
            Put("item/id/format", json!("int32")),
            &[r#"changed list | response 200 body[].id | format | "int32" | "int64""#],
        ),
        (
            Put("item/note/readOnly", json!(true)),
            &["list | response 200 body[].note | readOnly | true | null"],
        ),
        (
            Put(
                "item/note/not",
                json!({"$ref": "#/components/schemas/basic-error"}),
            ),
            &[
                r#"list | response 200 body[].note | not | {"properties":{"message":{"type":"string"}},"type":"object"} | null"#,
            ],
        ),
        (
            Put("item/owner", json!({"$ref": "#/components/schemas/gone"})),
            &[
                r#"list | response 200 body[].owner | type | null | "object""#,
                r##"list | response 200 body[].owner | unresolved | "#/components/schemas/gone" | null"##,
                r#"list | response 200 body[].owner.id | presence | "missing" | "present""#,
                r#"list | response 200 body[].owner.name | presence | "missing" | "present""#,
            ],
        ),
        (
            Put(
                "item/owner/properties/parent",
                json!({"$ref": "#/components/schemas/thing-item"}),
            ),
            &[r#"list | response 200 body[].owner.parent | presence | "present" | "missing""#],
        ),
        (
            Put("/components/schemas/basic-error/properties/url", json!({})),
            &[r#"list | response 404 body.url | presence | "present" | "missing""#],
        ),
        (
            Put(
                "review/responses/422/content/application~1json/schema/properties/errors/items/oneOf/-",
                json!({"type": "boolean"}),
            ),
            &[
                r#"review | response 422 body.errors[] (oneOf 3) | presence | "present" | "missing""#,
            ],
        ),
        (
            Put(
                "review/responses/422/content/application~1json/schema/properties/errors/items/oneOf/1/type",
                json!("number"),
            ),
            &[r#"review | response 422 body.errors[] (oneOf 2) | type | "number" | "integer""#],
        ),
        (
            Remove(
                "review/responses/422/content/application~1json/schema/properties/errors/items/oneOf/1",
            ),
            &[
                "review | response 422 body.errors[] | nullable | false | null",
                r#"review | response 422 body.errors[] | type | "string" | null"#,
                r#"review | response 422 body.errors[] (oneOf 1) | presence | "missing" | "present""#,
                r#"review | response 422 body.errors[] (oneOf 2) | presence | "missing" | "present""#,
            ],
        ),
    ]);
}

#[test]
fn a_change_of_a_webhook_is_found() {
    upstream_changes(vec![
        (
            Put(
                "/x-webhooks/exemption-request-thing-extended",
                json!({"post": {"operationId": "exemption-request-thing/extended"}}),
            ),
            &[
                r#"WEBHOOK exemption-request-thing-extended | operation | presence | "present" | "missing""#,
            ],
        ),
        (
            Put(
                "/x-webhooks/bypass-request-other-created",
                json!({"post": {}}),
            ),
            &[
                r#"WEBHOOK bypass-request-other-created | operation | presence | "present" | "missing""#,
            ],
        ),
        (
            Put(
                "/x-webhooks/dismissal-request-other-created",
                json!({"post": {}}),
            ),
            &[
                r#"WEBHOOK dismissal-request-other-created | operation | presence | "present" | "missing""#,
            ],
        ),
        (
            Remove("/x-webhooks/exemption-request-thing-created"),
            &[r#"webhook | operation | presence | "missing" | "present""#],
        ),
        (
            Remove("/x-webhooks"),
            &[r#"webhook | operation | presence | "missing" | "present""#],
        ),
        (
            Put(
                "webhook/x-github/subcategory",
                json!("bypass_request_thing"),
            ),
            &[
                r#"webhook | operation | event | "bypass_request_thing" | "exemption_request_thing""#,
            ],
        ),
        (
            Put("webhook/operationId", json!("thing-request/created")),
            &[
                r#"webhook | operation | operationId | "thing-request/created" | "exemption-request-thing/created""#,
            ],
        ),
        (
            Remove("webhook/parameters/1"),
            &[r#"webhook | header parameter x-github-delivery | presence | "missing" | "present""#],
        ),
        (
            Put(
                "webhook/parameters/-",
                json!({"name": "X-GitHub-Timestamp", "in": "header", "schema": {"type": "string"}}),
            ),
            &[
                r#"webhook | header parameter x-github-timestamp | presence | "present" | "missing""#,
            ],
        ),
        (
            Put(
                "webhook/requestBody/content/application~1x-www-form-urlencoded",
                json!({}),
            ),
            &[
                r#"webhook | request as application/x-www-form-urlencoded | presence | "present" | "missing""#,
            ],
        ),
        (
            Put("webhook/responses/202", json!({})),
            &[r#"webhook | response 202 | presence | "present" | "missing""#],
        ),
        (
            Put("event/action/enum/-", json!("extended")),
            &[r#"webhook | request body.action | values | ["created","extended"] | ["created"]"#],
        ),
        (
            Put("event/exemption_request/properties/url", json!({})),
            &[r#"webhook | request body.exemption_request.url | presence | "present" | "missing""#],
        ),
        (
            Put(
                "event/exemption_request/properties/id/nullable",
                json!(true),
            ),
            &["webhook | request body.exemption_request.id | nullable | true | false"],
        ),
        (
            Put(
                "event/exemption_request/properties/status/enum/-",
                json!("expired"),
            ),
            &[
                r#"webhook | request body.exemption_request.status | values | ["completed","expired","pending"] | ["completed","pending"]"#,
            ],
        ),
        (
            Put(
                "event/exemption_request/properties/data/oneOf/-",
                json!({"type": "object"}),
            ),
            &[
                r#"webhook | request body.exemption_request.data (oneOf 3) | presence | "present" | "missing""#,
            ],
        ),
        (
            Put(
                "event/exemption_request/properties/data/oneOf/1/properties/length",
                json!({"type": "integer"}),
            ),
            &[
                r#"webhook | request body.exemption_request.data (oneOf 2).length | presence | "present" | "missing""#,
            ],
        ),
        (
            Put(
                "event/sender",
                json!({"properties": {"login": {}, "type": {}}}),
            ),
            &[r#"webhook | request body.sender | presence | "present" | "missing""#],
        ),
        (
            Put("event/enterprise_url", json!({"type": "string"})),
            &[r#"webhook | request body.enterprise_url | presence | "present" | "missing""#],
        ),
        (
            Put(
                "/components/schemas/repository-webhooks/properties/full_name",
                json!({"type": "string"}),
            ),
            &[r#"webhook | request body.repository.full_name | presence | "present" | "missing""#],
        ),
        (
            Put(
                "/components/schemas/repository-webhooks/properties/id/type",
                json!("string"),
            ),
            &[r#"webhook | request body.repository.id | type | "string" | "integer""#],
        ),
        (
            Put(
                "/components/schemas/repository-webhooks/nullable",
                json!(true),
            ),
            &["webhook | request body.repository | nullable | true | false"],
        ),
    ]);
}

#[test]
fn a_change_outside_the_webhooks_of_the_family_is_not_drift() {
    upstream_changes(vec![
        (
            Put(
                "/components/schemas/repository-webhooks/properties/topics",
                json!({"type": "array", "items": {"type": "string"}}),
            ),
            &[],
        ),
        (
            Put(
                "/components/schemas/repository-webhooks/required",
                json!(["id", "new"]),
            ),
            &[],
        ),
        (
            Put(
                "/components/schemas/repository-webhooks/properties/owner/properties/login/type",
                json!("integer"),
            ),
            &[],
        ),
        (
            Remove("/components/schemas/repository-webhooks/properties/private"),
            &[],
        ),
        (Put("/x-webhooks/issues-closed", json!({"post": {}})), &[]),
        (Remove("/x-webhooks/issues-opened"), &[]),
        (
            Put("webhook/x-github/supported-webhook-types", json!(["app"])),
            &[],
        ),
    ]);
}

#[test]
fn a_change_of_the_fragment_is_found() {
    check(
        fragment,
        Repository::write_fragment,
        vec![
            (
                Put(
                    "query/-",
                    json!({"name": "sort", "in": "query", "schema": {"type": "string"}}),
                ),
                &[r#"list | query parameter sort | presence | "missing" | "present""#],
            ),
            (
                Put("list/responses/500", json!({"description": "Down."})),
                &[r#"list | response 500 | presence | "missing" | "present""#],
            ),
            (
                Put(
                    "/components/schemas/owner/properties/name/nullable",
                    json!(true),
                ),
                &["list | response 200 body[].owner.name | nullable | false | true"],
            ),
            (
                Put(
                    "/components/schemas/base/properties/state/x-extensible-enum/-",
                    json!("new"),
                ),
                &[
                    r#"list | response 200 body[].state | values | ["closed","open"] | ["closed","new","open"]"#,
                ],
            ),
            (
                Remove("/components/schemas/base/properties/id/format"),
                &["obsolete list | response 200 body[].id | format | null | null"],
            ),
            (
                Put("/components/parameters/page/schema/minimum", json!(2)),
                &["changed list | query parameter page | minimum | null | 2"],
            ),
            (
                Remove("/paths/~1repos~1{owner}~1bypass-responses~1things~1{number}/patch"),
                &[r#"review | operation | presence | "present" | "missing""#],
            ),
            (
                Remove("/x-webhooks/exemption-request-thing-created"),
                &[r#"webhook | operation | presence | "present" | "missing""#],
            ),
            (
                Remove("/components/schemas/repository/properties/name"),
                &[r#"webhook | request body.repository.name | presence | "present" | "missing""#],
            ),
        ],
    );
}

#[test]
fn prose_and_equivalent_schemas_are_not_drift() {
    upstream_changes(vec![
        (Put("/info/version", json!("2.0.0")), &[]),
        (Put("list/summary", json!("Different text")), &[]),
        (Put("list/description", json!("Different text")), &[]),
        (Put("list/tags", json!(["other"])), &[]),
        (
            Put("list/externalDocs", json!({"url": "https://example.com"})),
            &[],
        ),
        (Put("list/x-github", json!({"previews": ["other"]})), &[]),
        (Put("list/deprecated", json!(false)), &[]),
        (Put("query/1/description", json!("Different text")), &[]),
        (Put("query/1/required", json!(false)), &[]),
        (Put("query/1/example", json!("open")), &[]),
        (
            Put("query/1/schema/enum", json!(["closed", "all", "open"])),
            &[],
        ),
        (Put("query/2/schema/default", json!(1.0)), &[]),
        (Put("item/created_at/example", json!("2026-01-01")), &[]),
        (Put("item/created_at/title", json!("When")), &[]),
        (Put("item/created_at/nullable", json!(false)), &[]),
        (Put("item/note", json!({"type": ["string", "null"]})), &[]),
        (
            Put(
                "item/note",
                json!({"type": ["null", "string"], "description": "Words"}),
            ),
            &[],
        ),
        (
            Put(
                "item/note",
                json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
            ),
            &[],
        ),
        (
            Put(
                "item/note",
                json!({"oneOf": [{"enum": [null]}, {"type": "string"}]}),
            ),
            &[],
        ),
        (
            Put(
                "item/note",
                json!({"nullable": true, "allOf": [{"type": "string"}]}),
            ),
            &[],
        ),
        (Put("item/owner/additionalProperties", json!(true)), &[]),
        (
            Put(
                "item/owner",
                json!({"allOf": [
                    {"type": "object", "properties": {"id": {"type": "integer"}}},
                    {"type": "object", "properties": {"name": {"type": "string"}}},
                ]}),
            ),
            &[],
        ),
        (
            Put("item/kind/enum", json!(["small", "large", "small"])),
            &[],
        ),
        (
            Put("/components/schemas/unused", json!({"type": "object"})),
            &[],
        ),
    ]);
}
