//! F1–F10 and F12: malformed, incomplete, oversized and foreign response bodies.

use std::time::Duration;

use chrono::Utc;
use github_bypass_requests::{Confirmation, RequestStatus};
use serde_json::{Value, json};

use super::calls::{HTML, JSON, approve, dismiss, drain, get, list, secrets};
use super::clean::{AT_ONCE, READ_BACK, RETRIED, within};
use super::harness::{Reply, Server, date, head};
use crate::fragment::example;
use crate::models::{NUMBERS, REQUIRED, VOCABULARIES, fields, with, without};
use crate::support::request;

/// A 200 from GitHub with this body.
fn ok(body: impl AsRef<[u8]>) -> Reply {
    Reply::new(200, &[JSON], body)
}

/// Reads a page of these items. Returns the requests as JSON, and the error that ended the list, if
/// any.
async fn page(items: &str) -> (Vec<Value>, Option<github_bypass_requests::Error>) {
    let server = Server::start(vec![ok(items)]).await;
    let stream = secrets(&server.client()).list().stream();
    let (requests, error) = within(AT_ONCE, drain(stream)).await;
    assert_eq!(server.methods(), ["GET"]);
    let printed = |request| serde_json::to_value(request).expect("encodes");
    (requests.into_iter().map(printed).collect(), error)
}

/// Like [`page`], but with push rule requests.
async fn rules_page(items: &str) -> (Vec<Value>, Option<github_bypass_requests::Error>) {
    let server = Server::start(vec![ok(items)]).await;
    let repository = server.client().repository("octo-org", "smile").push_rules();
    let (requests, error) = within(AT_ONCE, drain(repository.list().stream())).await;
    assert_eq!(server.methods(), ["GET"]);
    let printed = |request| serde_json::to_value(request).expect("encodes");
    (requests.into_iter().map(printed).collect(), error)
}

/// Runs the check for each kind of request, with the documented example of that kind and the
/// function that reads a page of such requests.
macro_rules! for_each_kind {
    (|$example:ident, $page:ident| $check:block) => {{
        {
            let ($example, $page) = (example("secret-scanning-bypass-request"), page);
            $check
        }
        {
            let ($example, $page) = (example("push-rule-bypass-request"), rules_page);
            $check
        }
    }};
}

/// Returns the `names` that exist in the example.
fn present<'a>(example: &Value, names: &[&'a str]) -> Vec<&'a str> {
    let names = names.iter().copied();
    names
        .filter(|name| example.pointer(name).is_some())
        .collect()
}

/// Returns `example` with this JSON text at `field`. The result is text, because a `Value` cannot
/// hold every number.
fn with_text(example: &Value, field: &str, text: &str) -> String {
    let marked = with(example.clone(), field, json!("@@")).to_string();
    marked.replace("\"@@\"", text)
}

#[tokio::test(start_paused = true)]
async fn f01_an_error_names_line_and_column_of_malformed_json() {
    let one = ok("{\n \"id\": 1, \"number\": ]");
    let many = ok("[{\"id\": 1},\n {\"id\": 1, ]");
    let server = Server::start(vec![one, many]).await;
    let client = server.client();
    for (error, place) in [
        (
            within(AT_ONCE, get(&client)).await.expect_err("no JSON"),
            "at line 2 column 21",
        ),
        (
            within(AT_ONCE, list(&client)).await.expect_err("no JSON"),
            "at line 1 column 10",
        ),
    ] {
        assert!(error.is_decode(), "{error}");
        assert_eq!(error.request_id(), Some("AB:12"));
        assert!(error.to_string().contains(place), "{error}");
    }
    assert_eq!(server.methods(), ["GET", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f02_an_empty_body_is_not_an_empty_list() {
    for body in ["", " \n"] {
        let server = Server::start(vec![ok(body)]).await;
        let client = server.client();
        let one = within(AT_ONCE, get(&client)).await.expect_err("empty");
        let many = within(AT_ONCE, list(&client)).await.expect_err("empty");
        assert!(one.is_decode() && many.is_decode(), "{one} {many}");
        assert_eq!(server.methods(), ["GET", "GET"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f03_only_an_empty_array_is_an_empty_list() {
    let empty = Server::start(vec![ok("[]")]).await;
    let listed = within(AT_ONCE, list(&empty.client())).await;
    assert_eq!(listed.expect("empty"), []);
    assert_eq!(empty.methods(), ["GET"]);

    for body in ["null", "{}", "\"x\""] {
        let server = Server::start(vec![ok(body)]).await;
        let client = server.client();
        let one = within(AT_ONCE, get(&client)).await.expect_err(body);
        let many = within(AT_ONCE, list(&client)).await.expect_err(body);
        assert!(one.is_decode() && many.is_decode(), "{one} {many}");
        assert_eq!(server.methods(), ["GET", "GET"]);

        // GitHub responded with 200, so the review is recorded, even though the body is unusable.
        let review = within(AT_ONCE, approve(&client)).await.expect("applied");
        assert_eq!(review.response_id, None);
        assert_eq!(review.confirmation, Confirmation::Response);
        assert_eq!(server.count("PATCH"), 1);
        assert_eq!(server.count("GET"), 3, "one read for the id");
    }
}

#[tokio::test(start_paused = true)]
async fn f04_a_message_instead_of_a_list_is_shown() {
    let server = Server::start(vec![ok(r#"{"message": "Closed at noon"}"#)]).await;
    let error = within(AT_ONCE, list(&server.client())).await;
    let error = error.expect_err("no list");
    assert!(error.is_decode());
    assert_eq!(error.message(), Some("Closed at noon"));
    assert!(error.to_string().contains("\"Closed at noon\""), "{error}");
    assert_eq!(server.methods(), ["GET"]);
}

#[tokio::test(start_paused = true)]
async fn f05_only_a_missing_or_null_required_field_fails_its_item() {
    for_each_kind!(|example, page| {
        let good = with(example.clone(), "/id", 1003.into());
        for field in fields(&example) {
            let missing = without(with(example.clone(), "/id", 1001.into()), &field);
            let nulled = with(example.clone(), "/id", 1002.into());
            let nulled = with(nulled, &field, Value::Null);
            let items = json!([missing, nulled, good]).to_string();
            let (mut read, error) = page(&items).await;
            assert_eq!(read.pop(), Some(good.clone()), "{field}");
            if REQUIRED.contains(&field.as_str()) {
                let text = error.expect(&field).to_string();
                assert!(text.contains("page 1, item 0"), "{text}");
                let name = format!("missing field `{}`", &field[1..]);
                assert!(text.contains(&name), "{text}");
                assert!(
                    text.contains("; 1 more on this page cannot be decoded"),
                    "{text}"
                );
                assert_eq!(read, [0; 0], "{field}");
            } else {
                assert!(error.is_none(), "{field}: {error:?}");
                let ids = [1001, 1002].map(|id| with(read[0].clone(), "/id", id.into()));
                assert_eq!(
                    read, ids,
                    "{field}: null and a missing field are decoded differently"
                );
                let absent = read[0].pointer(&field);
                let absent = absent.is_none_or(|value| [json!({}), json!([])].contains(value));
                assert!(absent, "{field} has an invented value");
            }
        }
    });
}

#[tokio::test(start_paused = true)]
async fn f06_unknown_fields_are_ignored_at_every_level() {
    for_each_kind!(|example, page| {
        let mut noisy = example.clone();
        for field in fields(&example) {
            let (parent, _) = field.rsplit_once('/').expect("a pointer");
            let parent = noisy.pointer_mut(parent).and_then(Value::as_object_mut);
            let noise = json!({ "id": [1, null, "x"], "message": {} });
            parent.expect("an object").insert("x_new".to_owned(), noise);
        }
        let (read, error) = page(&json!([noisy]).to_string()).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(read, [example]);
    });
}

#[tokio::test(start_paused = true)]
async fn f07_unknown_values_are_kept_and_equal_no_known_value() {
    for_each_kind!(|example, page| {
        for field in present(&example, &VOCABULARIES) {
            let unknown = ["Approved", "APPROVED", "brand_new", ""];
            let items = unknown.iter().zip(1_u64..).map(|(value, id)| {
                let item = with(example.clone(), "/id", id.into());
                with(item, field, (*value).into())
            });
            let items: Vec<Value> = items.collect();
            let (read, error) = page(&json!(items).to_string()).await;
            assert!(error.is_none(), "{error:?}");
            assert_eq!(read, items, "{field}");

            let number = with(example.clone(), field, 1.into());
            let (read, error) = page(&json!([number]).to_string()).await;
            let text = error.expect(field).to_string();
            assert!(text.contains("page 1, item 0 (id "), "{text}");
            assert_eq!(read, [0; 0]);
        }
    });

    let mut reviewed = request(42);
    reviewed["status"] = "Approved".into();
    reviewed["responses"] = json!([{ "id": 7, "status": "Approved", "created_at": Utc::now() }]);
    let read = Reply::json(200, &[&date(Utc::now())], &reviewed);
    let server = Server::start_with(move |_, received| match received.method.as_str() {
        "GET" => read.clone(),
        _ => Reply::nothing().then_close(),
    });
    let server = server.await;
    let client = server.client();
    let status = within(AT_ONCE, get(&client)).await.expect("read").status;
    assert_eq!(status.as_str(), "Approved");
    assert_ne!(status, RequestStatus::Approved);
    // A status that only resembles `approved` neither confirms a lost approval nor rules it out, so
    // the review is not sent again.
    let lost = within(READ_BACK, approve(&client)).await;
    let lost = lost.expect_err("an unknown status");
    assert!(lost.is_ambiguous(), "{lost}");
    assert_eq!(server.methods(), ["GET", "PATCH", "GET", "GET", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f08_integers_are_exact_and_other_values_fail_their_item() {
    for_each_kind!(|example, page| {
        for field in present(&example, &NUMBERS) {
            for exact in [(1_i64 << 53) + 1, i64::MAX] {
                let item = with(example.clone(), field, exact.into());
                let (read, error) = page(&json!([item]).to_string()).await;
                assert!(error.is_none(), "{error:?}");
                assert_eq!(read, [item], "{field}");
            }
            let good = with(example.clone(), "/id", 1003.into());
            for other in ["18446744073709551616", "1e30", "1.0", "\"12\""] {
                let item = with_text(&example, field, other);
                let (read, error) = page(&format!("[{item},{good}]")).await;
                let text = error.expect(other).to_string();
                assert!(text.contains("page 1, item 0"), "{text}");
                assert_eq!(read, std::slice::from_ref(&good), "{field} {other}");
            }
        }
    });
}

#[tokio::test(start_paused = true)]
async fn f09_invalid_utf8_fails_its_item_and_is_replaced_in_error_messages() {
    let text = json!([request(1), request(2)]).to_string();
    let mut bytes = text.into_bytes();
    let place = bytes.windows(4).position(|word| word == b"open");
    bytes[place.expect("a status")] = 0xff;
    let server = Server::start(vec![ok(bytes)]).await;
    let stream = secrets(&server.client()).list().stream();
    let (read, error) = within(AT_ONCE, drain(stream)).await;
    let ids: Vec<i64> = read.iter().map(|request| request.id.get()).collect();
    assert_eq!(ids, [2]);
    let text = error.expect("invalid UTF-8").to_string();
    assert!(text.contains("page 1, item 0 (id 1, number 1)"), "{text}");
    assert_eq!(server.methods(), ["GET"]);

    let failed = Reply::new(500, &[JSON], b"{\"message\": \"a\xffb\"}");
    let server = Server::start(vec![failed]).await;
    let error = within(RETRIED, get(&server.client())).await;
    let error = error.expect_err("500");
    assert_eq!(error.status(), Some(500));
    assert_eq!(error.message(), Some("a\u{fffd}b"));
    assert_eq!(server.count("GET"), 3);
}

#[tokio::test(start_paused = true)]
async fn f10_a_body_is_read_up_to_the_limit() {
    // A body with a declared length of 20 MiB is rejected before any of it arrives.
    let announced = head(
        200,
        &[
            JSON,
            "x-github-request-id: AB:12",
            "content-length: 20971520",
        ],
    );
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    let chunked = head(
        200,
        &[
            JSON,
            "x-github-request-id: AB:12",
            "transfer-encoding: chunked",
        ],
    );
    for endless in [
        Reply::bytes(announced).then_stall(),
        Reply::bytes(chunked).then_endless(chunk),
    ] {
        let server = Server::start(vec![endless]).await;
        let client = server.client();
        for error in [
            within(AT_ONCE, get(&client)).await.expect_err("too long"),
            within(AT_ONCE, list(&client)).await.expect_err("too long"),
        ] {
            assert!(error.is_body_too_large(), "{error}");
            assert_eq!(error.status(), Some(200));
            assert!(error.to_string().contains("16777216 bytes"), "{error}");
        }
        assert_eq!(server.methods(), ["GET", "GET"]);
        // The review is recorded. Only its id is unknown.
        let review = within(AT_ONCE, approve(&client)).await.expect("applied");
        assert_eq!(review.response_id, None);
        assert_eq!(server.methods(), ["GET", "GET", "PATCH", "GET"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f12_a_captive_portal_is_reported_and_never_mistaken_for_github() {
    let portal = Reply::raw(200, &[HTML], "<html>Please log in</html>");
    let server = Server::start(vec![portal.clone()]).await;
    let client = server.client();
    for error in [
        within(AT_ONCE, get(&client)).await.expect_err("a portal"),
        within(AT_ONCE, list(&client)).await.expect_err("a portal"),
    ] {
        assert!(error.is_decode(), "{error}");
        let expected = "it is text/html, not JSON; a proxy or a captive portal may have sent it";
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(server.methods(), ["GET", "GET"]);

    // A response with another media type, or without a request id, does not count as GitHub's.
    for portal in [
        portal,
        Reply::new(200, &[HTML], "<html>Please log in</html>"),
        Reply::raw(200, &[JSON], "{}"),
    ] {
        let server = Server::start(vec![portal]).await;
        let client = server.client();
        let lost = within(READ_BACK, dismiss(&client)).await;
        assert!(lost.expect_err("a portal").is_ambiguous());
        assert_eq!(server.methods(), ["DELETE", "DELETE"], "sent again once");

        let lost = within(READ_BACK, approve(&client)).await;
        let lost = lost.expect_err("a portal");
        assert!(lost.is_ambiguous(), "{lost}");
        assert!(lost.to_string().contains("review of request 42"), "{lost}");
        assert_eq!(
            server.count("PATCH"),
            1,
            "not sent again without a successful read"
        );
        assert_eq!(server.count("GET"), 3, "three reads");
    }
}

/// The user may log in at the portal in the meantime. Then the read-back can find out whether the
/// review was recorded.
#[tokio::test(start_paused = true)]
async fn f12_a_captive_portal_does_not_end_the_read_back() {
    let portal = Reply::raw(200, &[HTML], "<html>Please log in</html>");
    let unchanged = Reply::json(200, &[&date(Utc::now())], &request(42));
    let recorded = ok(r#"{"bypass_review_id": 7}"#);
    let replies = [&portal, &portal, &unchanged, &unchanged, &recorded];
    let server = Server::start(replies.map(Clone::clone).to_vec()).await;
    let review = within(READ_BACK, approve(&server.client())).await;
    let review = review.expect("recorded by the second attempt");
    assert_eq!(review.response_id.map(i64::from), Some(7));
    let methods = ["PATCH", "GET", "GET", "GET", "PATCH"];
    assert_eq!(server.methods(), methods);
    let received = server.received();
    assert!(received[4].at - received[0].at >= Duration::from_secs(15));
}
