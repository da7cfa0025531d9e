//! Equivalent schemas have the same facts. The tests include constructs that GitHub does not use in
//! the bypass operations.

use serde_json::json;

use super::*;
use crate::drift::facts::is_below;

/// Returns the facts of `operation` in a document with these `components`.
fn operation(operation: Value, components: Value) -> Places {
    let document = json!({
        "paths": { "/bypass-requests": { "get": operation } },
        "components": components,
    });
    let mut facts = facts(&document);
    facts.remove("GET /bypass-requests").expect("the operation")
}

/// Returns the places and aspects of a body with this schema, as text.
fn body(schema: Value, schemas: Value) -> Vec<String> {
    let content = json!({"application/json": {"schema": schema}});
    let places = operation(
        json!({"responses": {"200": {"content": content}}}),
        json!({"schemas": schemas}),
    );
    let below = places.into_iter().filter_map(|(place, aspects)| {
        let place = place.strip_prefix("response 200 ")?.to_owned();
        let aspects = serde_json::to_string(&aspects).expect("JSON");
        Some(format!("{place} {}", aspects.replace('"', "")))
    });
    below.collect()
}

#[test]
fn schemas_for_the_same_value_are_merged() {
    for (schema, merged) in [
        (
            json!({"allOf": [{"type": "string"}, {"maxLength": 3}], "minLength": 1}),
            "body {maxLength:3,minLength:1,nullable:false,type:string}",
        ),
        (
            json!({"allOf": [{"type": "string"}, {"type": "integer"}]}),
            "body {nullable:false,type:{allOf:[integer,string]}}",
        ),
        (
            json!({"$ref": "#/components/schemas/a", "maxLength": 3}),
            "body {maxLength:3,nullable:true,type:string}",
        ),
        (
            json!({"allOf": [{"$ref": "#/components/schemas/a"}]}),
            "body {nullable:true,type:string}",
        ),
        (
            json!({"allOf": [{"$ref": "#/components/schemas/a"}, {"description": "prose"}]}),
            "body {nullable:true,type:string}",
        ),
        (
            json!({"allOf": [{"$ref": "#/components/schemas/a"}, {"type": "string"}]}),
            "body {nullable:false,type:string}",
        ),
        (
            json!({"allOf": [{"$ref": "#/components/schemas/a"}], "nullable": false}),
            "body {nullable:false,type:string}",
        ),
        (
            json!({"oneOf": [{"$ref": "#/components/schemas/a"}]}),
            "body {nullable:true,type:string}",
        ),
        (json!({"type": "null"}), "body {nullable:true}"),
        (json!({"type": ["null"]}), "body {nullable:true}"),
        (json!({}), "body {nullable:false}"),
        (json!(true), "body {nullable:false}"),
        (json!(false), "body {nullable:false,schema:false}"),
    ] {
        let schemas = json!({"a": {"type": "string", "nullable": true}});
        assert_eq!(body(schema.clone(), schemas), [merged], "{schema}");
    }
}

#[test]
fn properties_of_several_schemas_are_merged() {
    let schema = json!({
        "allOf": [
            {"required": ["b"], "properties": {"a": {"type": "string"}}},
            {"properties": {"a": {"minLength": 1}, "b": {}}},
        ],
        "required": ["a"],
    });
    assert_eq!(
        body(schema, json!({})),
        [
            "body {nullable:false}",
            "body.a {minLength:1,nullable:false,required:true,type:string}",
            "body.b {nullable:false,required:true}",
        ]
    );
}

#[test]
fn openapi_3_1_and_3_0_have_the_same_facts() {
    for (newer, older) in [
        (
            json!({"type": ["string", "null"]}),
            json!({"type": "string", "nullable": true}),
        ),
        (json!({"type": ["string"]}), json!({"type": "string"})),
        (json!({"const": "a"}), json!({"enum": ["a"]})),
        (
            json!({"type": ["string", "null"], "enum": ["a", null]}),
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
        ),
        (
            json!({"anyOf": [{"$ref": "#/components/schemas/null"}, {"type": "string"}]}),
            json!({"type": "string", "nullable": true}),
        ),
        (
            json!({"exclusiveMinimum": 0, "exclusiveMaximum": 9}),
            json!({"minimum": 0, "maximum": 9, "exclusiveMinimum": true, "exclusiveMaximum": true}),
        ),
    ] {
        let schemas = json!({"null": {"type": "null"}});
        assert_eq!(
            body(newer.clone(), schemas),
            body(older, json!({})),
            "{newer}"
        );
    }
}

#[test]
fn alternatives_are_numbered_except_null() {
    let schema = json!({"anyOf": [
        {"type": "integer"},
        {"type": "null"},
        {"type": "object", "properties": {"a": {"type": "string"}}},
    ]});
    assert_eq!(
        body(schema, json!({})),
        [
            "body {nullable:true}",
            "body (anyOf 1) {nullable:false,type:integer}",
            "body (anyOf 2) {nullable:false,type:object}",
            "body (anyOf 2).a {nullable:false,required:false,type:string}",
        ]
    );
    let schema = json!({"items": {"oneOf": [{"nullable": true}, {}]}});
    assert_eq!(
        body(schema, json!({})),
        [
            "body {nullable:false}",
            "body[] {}",
            "body[] (oneOf 1) {nullable:true}",
            "body[] (oneOf 2) {nullable:false}",
        ]
    );
}

/// The fact `recursive` names the enclosing place, not the component. Facts therefore do not depend
/// on the names of components.
#[test]
fn a_recursive_schema_ends_at_the_place_that_it_repeats() {
    let tree = json!({
        "type": "object",
        "properties": {
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/tree"}},
        },
    });
    let expected = [
        "body {nullable:false,type:object}",
        "body.children {nullable:false,required:false,type:array}",
        "body.children[] {nullable:false,recursive:response 200 body}",
    ];
    let reference = |name| json!({"$ref": format!("#/components/schemas/{name}")});
    assert_eq!(body(reference("tree"), json!({ "tree": tree })), expected);
    assert_eq!(
        body(
            reference("t"),
            json!({"t": reference("tree"), "tree": tree})
        ),
        expected
    );
    for (schema, schemas) in [
        (reference("a"), json!({"a": reference("a")})),
        (
            reference("a"),
            json!({"a": reference("b"), "b": reference("a")}),
        ),
        (reference("a"), json!({"a": {"allOf": [reference("a")]}})),
        (
            reference("a"),
            json!({"a": {"anyOf": [reference("a"), {"type": "null"}], "nullable": false}}),
        ),
    ] {
        assert_eq!(
            body(schema, schemas),
            ["body {nullable:false,recursive:response 200 body}"]
        );
    }
    let not = json!({"a": {"not": reference("a")}});
    assert_eq!(
        body(reference("a"), not),
        ["body {not:{not:{$ref:#/components/schemas/a}},nullable:false}"]
    );
}

#[test]
fn a_schema_that_is_used_twice_is_recorded_twice() {
    let schemas = json!({"a": {"type": "string"}});
    let a = json!({"$ref": "#/components/schemas/a"});
    assert_eq!(
        body(
            json!({"properties": {"x": a, "y": a}, "allOf": [a, a]}),
            schemas
        ),
        [
            "body {nullable:false,type:string}",
            "body.x {nullable:false,required:false,type:string}",
            "body.y {nullable:false,required:false,type:string}",
        ]
    );
}

#[test]
fn unknown_keywords_are_recorded_verbatim() {
    let schema = json!({
        "x-note": "prose",
        "patternProperties": {"^x-": {
            "description": "prose",
            "$ref": "#/components/schemas/a",
        }},
        "prefixItems": [{"title": "prose", "type": "string"}],
        "discriminator": {"propertyName": "kind"},
        "items": false,
        "oneOf": "broken",
    });
    assert_eq!(
        body(schema, json!({"a": {"type": "integer", "minimum": 1.0}})),
        [
            "body {discriminator:{propertyName:kind},items:false,nullable:false,oneOf:broken,\
             patternProperties:{^x-:{minimum:1,type:integer}},prefixItems:[{type:string}]}"
        ]
    );
}

/// Inside a default, the names of prose keywords are ordinary data.
#[test]
fn a_default_is_recorded_verbatim() {
    for (default, kept) in [
        (json!({"title": "a", "x-b": 2.0}), "{title:a,x-b:2}"),
        (json!(3.0), "3"),
        (json!(1.5), "1.5"),
        (json!(1e300), "1e+300"),
        (json!(9_007_199_254_740_993_u64), "9007199254740993"),
    ] {
        assert_eq!(
            body(json!({ "default": default }), json!({})),
            [format!("body {{default:{kept},nullable:false}}")]
        );
    }
}

#[test]
fn a_property_name_may_be_a_keyword_or_contain_a_separator() {
    let schema = json!({"properties": {
        "description": {"type": "string"},
        "$ref": {"type": "string"},
        "a.b": {"properties": {"c": {}}},
        "a": {},
        "": {},
    }});
    assert_eq!(
        body(schema, json!({})),
        [
            "body {nullable:false}",
            r#"body."" {nullable:false,required:false}"#,
            r#"body."a.b" {nullable:false,required:false}"#,
            r#"body."a.b".c {nullable:false,required:false}"#,
            "body.$ref {nullable:false,required:false,type:string}",
            "body.a {nullable:false,required:false}",
            "body.description {nullable:false,required:false,type:string}",
        ]
    );
    assert!(!is_below(r#"body."a.b""#, "body.a"));
    assert!(!is_below("body.ab", "body.a") && !is_below("body.a", "body.a"));
    assert!(is_below("body.a[]", "body.a") && is_below("body (oneOf 1)", "body"));
}

#[test]
fn parameters_of_the_path_are_included_and_the_operation_overrides_them() {
    let document = json!({
        "paths": { "/bypass-requests": {
            "parameters": [
                {"$ref": "#/components/parameters/x"},
                {"name": "y", "in": "query", "schema": {"type": "string"}},
                {"name": "X", "in": "header", "schema": {"type": "string"}},
            ],
            "get": { "parameters": [
                {"name": "y", "in": "query", "schema": {"type": "integer"}},
                {"name": "filter[]", "in": "query", "content": {"application/json": {"schema": {}}}},
                {"$ref": "#/components/parameters/gone"},
                {"$ref": "#/components/parameters/loop"},
            ] },
        } },
        "components": { "parameters": {
            "x": {"$ref": "#/components/parameters/xx"},
            "xx": {"name": "x", "in": "query", "required": true, "style": "pipeDelimited"},
            "loop": {"$ref": "#/components/parameters/loop"},
        } },
    });
    let facts = facts(&document);
    let places = facts["GET /bypass-requests"]
        .iter()
        .map(|(place, aspects)| {
            let aspects = serde_json::to_string(aspects).expect("JSON");
            format!("{place} {aspects}").replace('"', "")
        });
    assert_eq!(
        places.collect::<Vec<_>>(),
        [
            "header parameter x {nullable:false,required:false,type:string}",
            "operation {}",
            "parameter #/components/parameters/gone {required:false,unresolved:#/components/parameters/gone}",
            "parameter #/components/parameters/loop {required:false,unresolved:#/components/parameters/loop}",
            "query parameter filter[] {required:false}",
            "query parameter filter[] as application/json {nullable:false}",
            "query parameter x {required:true,style:pipeDelimited}",
            "query parameter y {nullable:false,required:false,type:integer}",
        ]
    );
}

/// A webhook whose payload has this schema.
fn webhook(payload: Value) -> Value {
    let content = json!({"application/json": {"schema": payload}});
    json!({"post": {"operationId": "a/created", "requestBody": {"content": content}}})
}

#[test]
fn webhooks_of_openapi_3_0_and_3_1_have_the_same_facts() {
    let payload = json!({"type": "object", "properties": {
        "action": {"type": "string", "enum": ["created"]},
    }});
    for section in ["x-webhooks", "webhooks"] {
        for item in [
            webhook(payload.clone()),
            json!({"$ref": "#/components/pathItems/created"}),
        ] {
            let document = json!({
                "paths": {},
                section: {"a-bypass-request-created": item},
                "components": {"pathItems": {"created": webhook(payload.clone())}},
            });
            let expected = json!({"WEBHOOK a-bypass-request-created": {
                "operation": {"operationId": "a/created"},
                "request": {"required": false},
                "request body": {"nullable": false, "type": "object"},
                "request body.action": {"nullable": false, "open": false, "required": false,
                    "type": "string", "values": ["created"]},
            }});
            let facts = serde_json::to_value(facts(&document)).expect("JSON");
            assert_eq!(facts, expected, "{section}");
        }
    }
}

#[test]
fn only_webhooks_of_the_family_have_facts() {
    let names = [
        "alert-created",
        "bypass-request-x",
        "dismissal-request-x",
        "exemption-request-x",
        "request-bypass",
        "x-bypass-requests",
    ];
    let webhooks: BTreeMap<&str, Value> = names
        .into_iter()
        .map(|name| (name, webhook(json!({}))))
        .collect();
    let document = json!({"paths": {}, "x-webhooks": webhooks});
    let facts = facts(&document);
    assert_eq!(
        facts.keys().collect::<Vec<_>>(),
        [
            "WEBHOOK bypass-request-x",
            "WEBHOOK dismissal-request-x",
            "WEBHOOK exemption-request-x",
            "WEBHOOK x-bypass-requests",
        ]
    );
}

/// Returns the places in a webhook's payload, without the prefix `request body`.
fn payload(schema: Value) -> Vec<String> {
    let document = json!({"x-webhooks": {"a-bypass-request-created": webhook(schema)}});
    let mut facts = facts(&document);
    let places = facts.remove("WEBHOOK a-bypass-request-created");
    let places = places.expect("the webhook").into_keys();
    places
        .filter_map(|place| Some(place.strip_prefix("request body")?.to_owned()))
        .filter(|place| !place.is_empty())
        .collect()
}

#[test]
fn unknown_fields_of_the_envelope_are_ignored() {
    let with = |fields: &[&str]| {
        let fields = fields.iter().map(|field| ((*field).to_owned(), json!({})));
        json!({"properties": Value::Object(fields.collect())})
    };
    // The field `new` and its parts are unknown.
    let object = |known: &[&str]| {
        let mut object = with(known);
        object["required"] = json!(["new"]);
        object["properties"]["new"] = json!({"items": with(&["id"])});
        object
    };
    let schema = json!({"properties": {
        "enterprise": object(&["id", "name", "slug"]),
        "installation": object(&["id"]),
        "organization": object(&["id", "login"]),
        "repository": object(&["full_name", "id", "name"]),
        "sender": object(&["id", "login"]),
    }});
    assert_eq!(
        payload(schema),
        [
            ".enterprise",
            ".enterprise.id",
            ".enterprise.name",
            ".enterprise.slug",
            ".installation",
            ".installation.id",
            ".organization",
            ".organization.id",
            ".organization.login",
            ".repository",
            ".repository.full_name",
            ".repository.id",
            ".repository.name",
            ".sender",
            ".sender.id",
            ".sender.login",
        ]
    );
}

#[test]
fn parts_of_known_fields_and_other_fields_of_the_payload_are_compared() {
    let schema = json!({"properties": {
        "repository": {"properties": {"id": {"oneOf": [{}, {"properties": {"a": {}}}]}}},
        "exemption_request": {"properties": {"repository": {"properties": {"owner": {}}}}},
        "repository_id": {"properties": {"new": {}}},
        "new": {},
    }});
    assert_eq!(
        payload(schema),
        [
            ".exemption_request",
            ".exemption_request.repository",
            ".exemption_request.repository.owner",
            ".new",
            ".repository",
            ".repository.id",
            ".repository.id (oneOf 1)",
            ".repository.id (oneOf 2)",
            ".repository.id (oneOf 2).a",
            ".repository_id",
            ".repository_id.new",
        ]
    );
}

/// `drift` would never report a difference in a field that it ignores.
#[test]
fn the_fragment_describes_no_field_of_the_envelope_that_is_ignored() {
    let text = include_str!("../../../../openapi/bypass-requests.yaml");
    let document: Value = serde_norway::from_str(text).expect("YAML");
    for webhook in webhooks(&document) {
        let places = places(&document, &webhook).into_keys();
        let ignored: Vec<String> = places.filter(|place| is_outside_family(place)).collect();
        assert_eq!(
            ignored,
            [""; 0],
            "{}: add the fields to ENVELOPE in {}",
            webhook.path,
            family::FILE
        );
    }
}

/// Only webhooks have an envelope.
#[test]
fn all_fields_of_the_request_body_of_an_operation_are_compared() {
    let schema = json!({"properties": {"repository": {"properties": {"owner": {}}}}});
    let content = json!({"application/json": {"schema": schema}});
    let places = operation(json!({"requestBody": {"content": content}}), json!({}));
    assert!(places.contains_key("request body.repository.owner"));
}
