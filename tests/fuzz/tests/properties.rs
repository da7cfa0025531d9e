//! Checks each property with random inputs.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use github_bypass_requests_fuzz::{
    SECRETS, decode_item, decode_page, error_body, gunzip, link, names, origin, sign, wait, webhook,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// Generates bypass requests in GitHub's format. At most one field has a wrong type.
fn item() -> impl Strategy<Value = Value> {
    let time = "[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T\
        ([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]{1,9})?\
        (Z|[+-][01][0-9]:[0-5][0-9])";
    let data = (option::of(".{0,9}"), option::of(any::<i64>()));
    let fields = (
        (any::<i64>(), any::<i64>()),
        (".{0,9}", ".{0,9}"),
        (time, option::of(time)),
        vec(option::of(data), 0..3),
        option::of(vec(option::of(".{0,9}"), 0..3)),
    );
    let places = &["id", "number", "status", "created_at", "data", "requester"][..];
    let values = vec![
        json!(null),
        json!("1"),
        json!("s3cret"),
        json!(1.5),
        json!([{}]),
        json!({"x": 1}),
    ];
    let flaw = option::weighted(0.3, (select(places), select(values)));
    (fields, flaw).prop_map(|(fields, flaw)| {
            let ((id, number), (status, kind), (created, expires), data, responses) = fields;
            let finding = |(text, count)| {
                json!({"secret_type": text, "ruleset_name": text, "total_violations": count})
            };
            let response = |name| json!({"reviewer": {"actor_name": name}, "status": "denied"});
            let responses = responses.map(|responses: Vec<Option<String>>| {
                Vec::from_iter(responses.into_iter().map(|name| name.map(response)))
            });
            let data = Vec::from_iter(data.into_iter().map(|entry| entry.map(finding)));
            let mut item = json!({
                "id": id, "number": number, "status": status, "request_type": kind,
                "created_at": created, "expires_at": expires, "data": data,
                "responses": responses, "requester": {"actor_id": id, "actor_name": kind},
            });
            if let Some((place, value)) = flaw {
                item[place] = value;
            }
            item
        })
}

fn page() -> impl Strategy<Value = String> {
    let broken = [
        "{}",
        "1.5e3",
        "[[]]",
        "[{},\"],[\"]",
        "{\"id\": 7, \"number\": \"x\"}",
        "{\"id\": 1,",
    ];
    let element = prop_oneof![
        6 => item().prop_map(|item| item.to_string()),
        1 => Just("null".to_owned()),
        1 => select(broken.map(str::to_owned).to_vec()),
        1 => ".{0,8}".prop_map(|text| Value::from(text).to_string()),
    ];
    let space = select(&["", " ", "\n", "\t \r\n"][..]);
    (vec(element, 0..5), space).prop_map(|(elements, space)| {
        let separator = format!("{space},{space}");
        format!(
            "{space}[{space}{}{space}]{space}",
            elements.join(&separator)
        )
    })
}

fn error_response() -> impl Strategy<Value = String> {
    let entry = prop_oneof![
        ".{0,300}".prop_map(Value::from),
        (".{0,9}", ".{0,9}").prop_map(|(field, code)| json!({"field": field, "code": code})),
        Just(Value::Null),
    ];
    let body = (
        option::of(".{0,400}"),
        option::of(vec(entry, 0..4)),
        ".{0,40}",
    )
        .prop_map(|(message, errors, url)| {
            json!({"message": message, "errors": errors, "documentation_url": url}).to_string()
        });
    let body = prop_oneof![body, ".{0,40}", "<html>.{0,40}"];
    let names = &[
        "x-github-request-id",
        "x-oauth-scopes",
        "retry-after",
        "content-type",
        "content-encoding",
        "x-x",
    ][..];
    (100..1000_u16, select(names), ".{0,20}", body)
        .prop_map(|(status, name, value, body)| format!("{status}\n{name}: {value}\n\n{body}"))
}

/// Deliveries with valid payloads.
const PAYLOADS: [&str; 4] = [
    include_str!("../corpus/webhook/secret-scanning-created"),
    include_str!("../corpus/webhook/secret-scanning-response-submitted"),
    include_str!("../corpus/webhook/push-ruleset-completed"),
    include_str!("../corpus/webhook/dependabot-response-submitted"),
];

/// Generates payloads in GitHub's format. Some fields are missing or have other values.
fn payload() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        2 => select(vec![json!(null), json!([{}]), json!({"x": 1}), json!("approved"), json!(true)]),
        2 => ".{0,9}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => "[a-zA-Z\u{0}-\u{1f}\u{2028}\u{202e}]{0,1200}".prop_map(Value::from),
    ];
    let changes = vec((any::<Index>(), option::of(value)), 0..4);
    (select(PAYLOADS.to_vec()), changes).prop_map(|(delivery, changes)| {
        let (_, payload) = delivery.split_once("\n\n").expect("a body");
        let mut payload = serde_json::from_str(payload).expect("JSON");
        for (place, value) in changes {
            let places = places(&payload, "");
            let (parent, name) = places[place.index(places.len())]
                .rsplit_once('/')
                .expect("a place");
            let name = name.to_owned();
            match (payload.pointer_mut(parent).expect("a parent"), value) {
                (Value::Object(fields), Some(value)) => drop(fields.insert(name, value)),
                (Value::Object(fields), None) => drop(fields.remove(&name)),
                (parent, value) => parent[0] = value.unwrap_or_default(),
            }
        }
        payload
    })
}

/// Returns JSON pointers to all fields in `value`, and to the first element of each list.
fn places(value: &Value, path: &str) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(elements) => elements
            .iter()
            .take(1)
            .map(|value| ("0".to_owned(), value))
            .collect(),
        _ => Vec::new(),
    };
    let places = inside.into_iter().flat_map(|(name, value)| {
        let path = format!("{path}/{name}");
        let inside = places(value, &path);
        std::iter::once(path).chain(inside)
    });
    places.collect()
}

/// Generates deliveries. About half of them have one valid signature.
fn delivery() -> impl Strategy<Value = String> {
    let event = prop_oneof![
        6 => select(vec!["bypass_request_secret_scanning", "exemption_request_push_ruleset", "ping"])
            .prop_map(str::to_owned),
        1 => "[ -~\t\u{e9}]{0,9}",
    ];
    let content_type = prop_oneof![
        6 => select(vec!["application/json", "application/x-www-form-urlencoded"])
            .prop_map(str::to_owned),
        1 => "(Application/JSON|text/plain) ?;?[ -~]{0,9}",
    ];
    let secret = prop_oneof![6 => select(SECRETS.to_vec()), 1 => select(vec!["another", ""])];
    // Replaces one character of the signature.
    let change = option::weighted(0.2, (any::<Index>(), "[0-9A-Z \u{e9}]{0,2}"));
    let signatures = prop_oneof![8 => Just(1), 1 => Just(0), 1 => Just(2)];
    let values = (event, content_type, secret, change, signatures);
    (values, payload(), ".{0,20}").prop_map(|(values, payload, line)| {
        let (event, content_type, secret, change, signatures) = values;
        let payload = payload.to_string();
        let body = if content_type.ends_with("urlencoded") {
            form_urlencoded::Serializer::new(String::new())
                .append_pair("payload", &payload)
                .finish()
        } else {
            payload
        };
        let mut signature = sign(secret, body.as_bytes());
        if let Some((place, other)) = change {
            let place = place.index(signature.len());
            signature.replace_range(place..=place, &other);
        }
        let signatures = format!("x-hub-signature-256: {signature}\n").repeat(signatures);
        format!(
            "x-github-event: {event}\n{signatures}content-type: {content_type}\n\
             x-github-delivery: {line}\n\n{body}"
        )
    })
}

proptest! {
    #[test]
    fn all_properties_hold_for_any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        for target in [link, wait, error_body, decode_page, decode_item, names, origin, gunzip,
            webhook] {
            target(&bytes);
        }
    }

    #[test]
    fn a_page_number_occurs_in_the_header(
        lines in "(<[a-z:/]{0,9}[?][a-z&=]{0,6}page=[0-9x-]{0,11}[&#a-z]{0,4}>; ?\
            (rel|REL|title)=\"?(next|last|prev|prev next)\"?[,;\n] ?){0,4}",
    ) {
        link(lines.as_bytes());
    }

    #[test]
    fn a_wait_is_the_one_that_the_server_states(
        response in "(403|429|404|503)\n\
            ((retry-after|x-ratelimit-reset|x-ratelimit-remaining|date): ?\
            ([+-]?[0-9]{0,22}|0|178290[0-9]{4}|[ -~]{0,40}|Wed, 01 Jul 2026 1[0-9]:[0-5][0-9]:00 GMT)\n){0,4}\n\
            ([{]\"message\": \"secondary rate limit\"[}])?",
    ) {
        wait(response.as_bytes());
    }

    #[test]
    fn an_error_is_bounded_and_safe_to_print(response in error_response()) {
        error_body(response.as_bytes());
    }

    #[test]
    fn a_page_has_the_items_that_can_be_decoded_on_their_own(body in page()) {
        decode_page(body.as_bytes());
    }

    #[test]
    fn an_item_that_is_written_and_read_again_is_the_same(item in item()) {
        decode_item(item.to_string().as_bytes());
    }

    #[test]
    fn only_a_signed_delivery_is_accepted(
        delivery in delivery(), damage in option::weighted(0.2, (any::<Index>(), any::<u8>())),
    ) {
        let mut input = delivery.into_bytes();
        if let Some((place, byte)) = damage {
            let place = place.index(input.len());
            input[place] = byte;
        }
        webhook(&input);
    }

    #[test]
    fn a_damaged_or_truncated_gzip_stream_is_not_accepted(
        body in vec(any::<u8>(), 0..300), repeated in 1..300_usize, size in 1..=u8::MAX,
        damage in option::of(any::<Index>()), end in option::of(any::<Index>()),
    ) {
        let mut encoder = GzEncoder::new(vec![size], Compression::fast());
        encoder.write_all(&body.repeat(repeated)).expect("in memory");
        let mut input = encoder.finish().expect("in memory");
        if let Some(damage) = damage {
            let place = damage.index(input.len());
            input[place] ^= 0x55;
        }
        if let Some(end) = end {
            input.truncate(end.index(input.len() + 1));
        }
        gunzip(&input);
    }

    #[test]
    fn a_name_becomes_one_segment_of_the_path(
        name in prop_oneof!["[A-Za-z0-9._\\[\\]-]{0,12}",
            "[a.2e%/\\\\?#-]{0,4}", "[a-z.]{95,105}", ".{0,12}"],
    ) {
        names(name.as_bytes());
    }

    #[test]
    fn no_redirect_leaves_the_origin(
        base in prop_oneof![
            "(https?://)?[a-z0-9.@:/\\[\\]?#-]{0,30}",
            "(https?://)?(ghes[.]example[.]com:8443|127[.]0[.]0[.]1:80|octo[.]ghe[.]com)\
                (/api/v3|\\\\api)?/{0,2}",
        ],
        location in prop_oneof![
            "(https?:)?[/\\\\]{0,3}[a-z.@:0-9/\\\\?#-]{0,30}",
            "(https?:)?//(ghes[.]example[.]com(:8443)?|127[.]0[.]0[.]1|api[.]octo[.]ghe[.]com)/",
            "//mona@(ghes[.]example[.]com:8443|127[.]0[.]0[.]1|api[.]octo[.]ghe[.]com)/",
        ],
    ) {
        origin(format!("{base}\n{location}").as_bytes());
    }
}
