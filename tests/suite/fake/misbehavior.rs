//! Faults: the responses that a client receives, and whether its request is carried out.

use std::error::Error;
use std::io;
use std::time::Duration;

use chrono::TimeDelta;
use github_bypass_requests::{Client, Confirmation};
use github_bypass_requests_fake::{Access, Demo, Fake, Fault};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::caller::Caller;
use super::{ORG, SMILE, SMILE_PUSHES, secret, serve, world};

const FAULTS: &str = "/_fake/faults";
const APPROVAL: &str = r#"{"status": "approve", "message": "fine"}"#;

/// A response that need not match the fragment.
struct Raw {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

impl Raw {
    fn header(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(it, _)| it == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }
}

async fn call(caller: &Caller, method: Method, path: &str, body: &str) -> reqwest::Result<Raw> {
    let response = caller
        .http
        .request(method, format!("{}{path}", caller.base))
        .headers(caller.headers.clone())
        .body(body.to_owned())
        .send()
        .await?;
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), value.into_owned())
    });
    Ok(Raw {
        status,
        headers: headers.collect(),
        text: response.text().await?,
    })
}

async fn get(caller: &Caller, path: &str) -> reqwest::Result<Raw> {
    call(caller, Method::GET, path, "").await
}

async fn approve(caller: &Caller, number: u64) -> reqwest::Result<Raw> {
    let path = format!("{SMILE}/{number}");
    call(caller, Method::PATCH, &path, APPROVAL).await
}

fn without_token(caller: &Caller) -> Caller {
    let caller = caller.clone();
    caller.without("authorization").without("user-agent")
}

/// Sends a `GET` over TCP. Returns the received bytes, and how the connection ended.
async fn get_bytes(fake: &Fake, path: &str) -> (Vec<u8>, io::Result<()>) {
    let address = fake.base_url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: test\r\n\
         authorization: Bearer t\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    (bytes, end.map(drop))
}

fn is_reset(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset) {
            return true;
        }
        source = error.source();
    }
    false
}

#[tokio::test]
async fn a_made_up_response_is_sent_the_given_number_of_times() {
    let (fake, caller) = serve(Fake::builder().token("t", "octocat")).await;
    fake.add_repository("octo-org", "smile");
    let caller = caller.with("authorization", "Bearer t");
    let down = Fault::status(503)
        .header("Retry-After", "2")
        .header("set-cookie", "a=1")
        .header("set-cookie", "b=2")
        .body("<html>down</html>");
    fake.misbehave(2, down).expect("a fault");
    assert_eq!(fake.faults_left(), 2);

    for (caller, path) in [(&caller, SMILE), (&without_token(&caller), "/nowhere")] {
        let response = get(caller, path).await.expect("a response");
        assert_eq!(
            (response.status, response.text.as_str()),
            (503, "<html>down</html>")
        );
        assert_eq!(response.header("retry-after"), ["2"]);
        assert_eq!(response.header("set-cookie"), ["a=1", "b=2"]);
        let mut names: Vec<_> = response.headers.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(
            names,
            ["content-length", "date", "retry-after", "set-cookie"]
        );
        assert_eq!(response.header("date"), ["Tue, 10 Mar 2026 12:00:00 GMT"]);
    }
    assert_eq!(fake.faults_left(), 0);

    // Neither request counted against the rate limit.
    let response = caller.list(SMILE).await;
    assert_eq!(response.header("x-ratelimit-remaining"), "4999");
    assert_eq!(without_token(&caller).get(SMILE).await.status, 403);

    let dated = Fault::status(200).header("date", "yesterday");
    fake.misbehave(1, dated).expect("a fault");
    let response = get(&caller, SMILE).await.expect("a response");
    assert_eq!(response.header("date"), ["yesterday"]);
}

/// After an early response, a client that is still sending would report a broken pipe.
#[tokio::test]
async fn a_made_up_response_waits_for_the_whole_request() {
    let (fake, _) = serve(Fake::builder()).await;
    fake.misbehave(2, Fault::status(503)).expect("a fault");
    let authority = fake.base_url().trim_start_matches("http://");
    let mut socket = TcpStream::connect(authority).await.expect("connects");
    let head = format!(
        "PATCH {SMILE}/1 HTTP/1.1\r\nhost: fake\r\ncontent-length: {}\r\n\r\n",
        APPROVAL.len()
    );
    let mut response = [0; 1024];
    // The second request shows that the connection stays open.
    for _ in 0..2 {
        socket.write_all(head.as_bytes()).await.expect("sent");
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let early = socket
            .try_read(&mut response)
            .expect_err("no early response");
        assert_eq!(early.kind(), io::ErrorKind::WouldBlock);
        socket.write_all(APPROVAL.as_bytes()).await.expect("sent");
        let length = socket.read(&mut response).await.expect("a response");
        let response = String::from_utf8_lossy(&response[..length]);
        assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    }
}

#[tokio::test]
async fn a_request_gets_the_first_remaining_fault_for_its_method() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let only = |status, method| Fault::status(status).only(method);
    fake.misbehave(1, only(501, "patch")).expect("a fault");
    fake.misbehave(2, only(502, "GET")).expect("a fault");
    fake.misbehave(0, Fault::status(503)).expect("a fault");
    fake.misbehave(2, Fault::status(504)).expect("a fault");
    assert_eq!(fake.faults_left(), 5);

    let one = format!("{SMILE}/{number}");
    for (method, expected) in [
        (Method::GET, 502),
        (Method::DELETE, 504),
        (Method::GET, 502),
        (Method::GET, 504),
        (Method::GET, 200),
        (Method::PATCH, 501),
        (Method::PATCH, 200),
    ] {
        let response = call(&caller, method.clone(), &one, APPROVAL).await;
        assert_eq!(response.expect("a response").status, expected, "{method}");
    }

    fake.misbehave(usize::MAX, Fault::reset()).expect("a fault");
    fake.misbehave(2, Fault::reset()).expect("a fault");
    assert_eq!(fake.faults_left(), usize::MAX);
    get(&caller, SMILE).await.err().expect("a reset");
    fake.clear_faults();
    assert_eq!(fake.faults_left(), 0);
    caller.list(SMILE).await;
}

#[tokio::test]
async fn a_fault_can_be_aimed_at_a_path() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let one = format!("{SMILE}/{number}");
    let pushes = Fault::status(501).path_contains("/push-rules");
    fake.misbehave(1, pushes).expect("a fault");
    let read = Fault::status(502)
        .path_contains("/secret-scanning/")
        .only("GET");
    fake.misbehave(1, read).expect("a fault");
    for (method, path, expected) in [
        (Method::GET, SMILE, 200),
        (Method::GET, "/nowhere?a=/push-rules", 404),
        (Method::PATCH, &one, 200),
        (Method::GET, &one, 502),
        (Method::GET, SMILE_PUSHES, 501),
        (Method::GET, SMILE_PUSHES, 200),
    ] {
        let response = call(&caller, method, path, APPROVAL).await;
        assert_eq!(response.expect("a response").status, expected, "{path}");
    }
}

#[tokio::test]
async fn a_fault_can_be_aimed_at_a_page() {
    let (fake, caller) = serve(Fake::builder().demo(Demo::new(20))).await;
    let list = format!("{ORG}?time_period=month&per_page=5");
    let one = format!("{SMILE}/1?page=2");
    for (page, requests) in [
        (
            2,
            [&format!("{list}&page=2"), &format!("{ORG}?page=1&page=2")],
        ),
        // A list request that has no page number, or an invalid one, is for page 1.
        (1, [&list, &format!("{list}&page=0")]),
    ] {
        let fault = Fault::status(502).page(page);
        fake.misbehave(2, fault).expect("a fault");
        for other in [&one, &format!("{list}&page=3")] {
            let response = get(&caller, other).await.expect("a response");
            assert_ne!(response.status, 502, "page {page}: {other}");
        }
        for path in requests {
            let response = get(&caller, path).await.expect("a response");
            assert_eq!(response.status, 502, "page {page}: {path}");
        }
    }

    // If page 2 has a fault, the client delivers page 1 and then an error.
    fake.misbehave(1, Fault::status(403).page(2))
        .expect("a fault");
    let client = Client::builder().base_url(fake.base_url()).token("t");
    let client = client.build().expect("client");
    let list = client.organization("octo-org").secret_scanning().list();
    let mut requests = list.per_page(5).stream();
    let mut delivered = 0;
    let error = loop {
        match requests.try_next().await {
            Ok(request) => delivered += usize::from(request.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!((delivered, error.status()), (5, Some(403)));
}

#[tokio::test]
async fn a_fault_can_skip_requests() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let one = format!("{SMILE}/{number}");
    let third = Fault::status(503).only("GET").skip(2);
    fake.misbehave(2, third).expect("a fault");
    fake.misbehave(1, Fault::status(504)).expect("a fault");
    assert_eq!(fake.faults_left(), 3);
    // A request that a fault skips gets the next fault. Requests that do not match a fault do not
    // count as skipped.
    for (method, expected) in [
        (Method::GET, 504),
        (Method::PATCH, 200),
        (Method::GET, 200),
        (Method::GET, 503),
        (Method::GET, 503),
        (Method::GET, 200),
    ] {
        let response = call(&caller, method.clone(), &one, APPROVAL).await;
        assert_eq!(response.expect("a response").status, expected, "{method}");
    }
}

#[tokio::test]
async fn a_fault_that_changes_nothing_counts_requests() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let reviews = Fault::new().only("PATCH");
    fake.misbehave(usize::MAX, reviews).expect("a fault");
    caller.list(SMILE).await;
    assert_eq!(caller.approve(number).await.status, 200);
    assert_eq!(caller.approve(number).await.status, 422);
    assert_eq!(fake.faults_left(), usize::MAX - 2);
}

#[tokio::test]
async fn a_reset_fault_resets_the_connection() {
    let (fake, caller) = world().await;
    fake.add_repository("octo-org", "smile");
    fake.misbehave(2, Fault::reset()).expect("a fault");
    let error = get(&caller, SMILE).await.err().expect("a reset");
    assert!(is_reset(&error), "{error:?}");

    let (received, end) = get_bytes(&fake, SMILE).await;
    assert_eq!(received, b"");
    let end = end.expect_err("a reset");
    assert_eq!(end.kind(), io::ErrorKind::ConnectionReset);

    // A connection that has already carried a response is reset as well.
    caller.list(SMILE).await;
    fake.misbehave(1, Fault::reset()).expect("a fault");
    let error = get(&caller, SMILE).await.err().expect("a reset");
    assert!(is_reset(&error), "{error:?}");
    assert_eq!(fake.faults_left(), 0);
    caller.list(SMILE).await;
}

#[tokio::test]
async fn a_fault_decides_whether_a_review_is_recorded() {
    let made_up = || Fault::status(502).body("<html>");
    for (fault, status) in [
        (Fault::reset(), "open"),
        (Fault::reset().after_applying(), "approved"),
        (made_up(), "open"),
        (made_up().after_applying(), "approved"),
        (made_up().truncate(2), "open"),
        (Fault::new().truncate(2), "approved"),
        (Fault::new().body("{"), "approved"),
    ] {
        let (fake, caller) = world().await;
        let number = fake.open_secret_scanning_request(secret()).number;
        fake.misbehave(1, fault.clone()).expect("a fault");
        let response = approve(&caller, number).await;
        let confirmed = response.is_ok_and(|it| it.text.contains("bypass_review_id"));
        assert!(!confirmed, "{fault:?}");
        assert_eq!(caller.status_of(number).await, status, "{fault:?}");
        let charged = caller.list(SMILE).await;
        let used = if status == "open" { "2" } else { "3" };
        assert_eq!(charged.header("x-ratelimit-used"), used, "{fault:?}");
    }
}

#[tokio::test]
async fn after_applying_still_checks_the_token() {
    let reader = Access::new("t", "octocat").read_only();
    let (fake, caller) = serve(Fake::builder().access(reader)).await;
    let caller = caller.with("authorization", "Bearer t");
    let number = fake.open_secret_scanning_request(secret()).number;
    let fault = Fault::reset().after_applying().only("PATCH");
    fake.misbehave(1, fault).expect("a fault");
    approve(&caller, number).await.err().expect("a reset");
    assert_eq!(caller.status_of(number).await, "open");

    let used_up = Fault::new().header("x-ratelimit-remaining", "0");
    fake.misbehave(1, used_up).expect("a fault");
    let refused = without_token(&caller).with("user-agent", "test");
    let refused = refused.get(SMILE).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
}

#[tokio::test(start_paused = true)]
async fn the_client_reads_back_a_lost_review() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let client = Client::builder()
        .base_url(fake.base_url())
        .token("t")
        .build()
        .expect("client");
    let smile = client.repository("octo-org", "smile").secret_scanning();
    // The clock of the fake is days ahead of tokio's clock.
    fake.advance(TimeDelta::days(6));
    let lost = Fault::reset().after_applying().only("PATCH");
    fake.misbehave(1, lost).expect("a fault");
    let review = smile.approve(number, "rotated").await.expect("a review");
    let Confirmation::ReadBack { reviewer } = &review.confirmation else {
        panic!("{review:?}");
    };
    assert_eq!(reviewer.to_string(), "octocat");
    let shown = caller.get(&format!("{SMILE}/{number}")).await.body;
    assert_eq!(shown["responses"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_response_can_be_delayed() {
    let minute = Duration::from_secs(60);
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    fake.misbehave(1, Fault::new().delay(minute))
        .expect("a fault");
    let started = Instant::now();
    assert_eq!(caller.status_of(number).await, "open");
    assert!(started.elapsed() >= minute);

    // If the client disconnects, the request is carried out only with `after_applying`.
    for (fault, status) in [
        (Fault::new(), "open"),
        (Fault::status(502).after_applying(), "approved"),
    ] {
        fake.misbehave(1, fault.delay(minute)).expect("a fault");
        let review = timeout(minute / 2, approve(&caller, number)).await;
        assert!(review.is_err(), "{status}: no response in time");
        tokio::time::sleep(minute).await;
        assert_eq!(caller.status_of(number).await, status);
    }

    // With `after_applying`, a delayed response shows the state before the delay.
    fake.misbehave(1, Fault::new().delay(minute).after_applying())
        .expect("a fault");
    let path = format!("{SMILE}/{number}");
    let (response, ()) = tokio::join!(caller.get(&path), async {
        tokio::time::sleep(minute / 2).await;
        fake.complete("octo-org", "smile", number)
            .expect("completed");
    });
    assert_eq!(response.body["status"], "approved");
    assert_eq!(caller.status_of(number).await, "completed");
}

#[tokio::test]
async fn a_truncated_body_keeps_its_content_length() {
    let (fake, caller) = serve(Fake::builder().demo(Demo::new(100))).await;
    let path = format!("{ORG}?time_period=month&per_page=100");
    let whole = caller.list(&path).await.text;
    assert!(whole.len() > 50_000, "{} bytes", whole.len());

    for bytes in [0, 1, whole.len() - 1] {
        let fault = Fault::new().truncate(bytes).header("x-cut", "yes");
        fake.misbehave(2, fault).expect("a fault");
        let error = get(&caller, &path).await.err().expect("an early end");
        assert!(error.is_body() || error.is_decode(), "{error:?}");

        let (received, end) = get_bytes(&fake, &path).await;
        end.expect("a regular end");
        let text = String::from_utf8(received).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("\r\nx-cut: yes"), "{head}");
        let length = format!("\r\ncontent-length: {}", whole.len());
        assert!(head.contains(&length), "{head}");
        assert_eq!(body.len(), bytes);
    }

    for bytes in [whole.len(), usize::MAX] {
        fake.misbehave(1, Fault::new().truncate(bytes))
            .expect("a fault");
        assert_eq!(caller.list(&path).await.text, whole);
    }
}

#[tokio::test]
async fn a_real_response_can_be_changed() {
    let (fake, caller) = world().await;
    let denied = fake.open_secret_scanning_request(secret().denied_by("octocat"));
    let used_up = Fault::new().header("X-RateLimit-Remaining", "0");
    fake.misbehave(1, used_up).expect("a fault");
    let response = get(&caller, SMILE).await.expect("a response");
    assert_eq!(response.header("x-ratelimit-remaining"), ["0"]);
    assert_eq!(response.header("x-ratelimit-limit"), ["5000"]);
    assert_eq!(response.json()[0]["number"], denied.number);

    fake.misbehave(1, Fault::new().body(b"[{\xff"))
        .expect("a fault");
    let response = get(&caller, SMILE).await.expect("a response");
    assert_eq!(
        (response.status, response.text.as_str()),
        (200, "[{\u{fffd}")
    );
    assert_eq!(response.header("content-length"), ["3"]);
    assert_eq!(response.header("x-github-request-id").len(), 1);

    // A fault adds no body to a response that has none.
    fake.misbehave(1, Fault::new().body("[{").truncate(1))
        .expect("a fault");
    let dismissed = caller.dismiss(1).await;
    assert_eq!(
        (dismissed.status, dismissed.header("content-length")),
        (204, "")
    );
    caller.list(SMILE).await;
}

#[tokio::test]
async fn invalid_faults_are_rejected() {
    let (fake, caller) = world().await;
    fake.add_repository("octo-org", "smile");
    for (fault, expected) in [
        (
            Fault::new().after_applying().only("GET"),
            "`after_applying` needs a status, a reset, ",
        ),
        (Fault::reset().page(0), "`page` starts at 1, not 0"),
        (Fault::status(0), "the status must be 200 to 999, not 0"),
        (Fault::status(101), "the status must be 200 to 999, not 101"),
        (
            Fault::status(1000),
            "the status must be 200 to 999, not 1000",
        ),
        (
            Fault::status(204).body("x"),
            "a response with status 204 cannot have a body",
        ),
        (
            Fault::status(304).truncate(0),
            "a response with status 304 cannot have a body",
        ),
        (
            Fault::new().header("no name", "x"),
            "\"no name\" is not a valid header name",
        ),
        (
            Fault::new().header("x", "two\r\nlines"),
            "\"two\\r\\nlines\" is not a valid value for the header x",
        ),
        (
            Fault::status(200).header("Content-Length", "9"),
            "content-length cannot be set; it follows from the body",
        ),
        (
            Fault::status(200).header("transfer-encoding", "chunked"),
            "transfer-encoding cannot be set; it follows from the body",
        ),
        (Fault::reset().body("x"), "a reset replaces the response, "),
        (
            Fault::reset().header("x", "y"),
            "a reset replaces the response, ",
        ),
        (
            Fault::reset().truncate(1),
            "a reset replaces the response, ",
        ),
        (
            Fault::reset().only("PTACH"),
            "`only` takes GET, PATCH or DELETE, not \"PTACH\"",
        ),
    ] {
        let error = fake.misbehave(1, fault).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    assert_eq!(fake.faults_left(), 0);
    caller.list(SMILE).await;
}

#[tokio::test]
async fn faults_are_added_listed_and_cleared_over_http() {
    let (fake, caller) = serve(Fake::builder().token("t", "octocat")).await;
    let caller = caller.with("authorization", "Bearer t");
    let number = fake.open_secret_scanning_request(secret()).number;
    let admin = without_token(&caller);
    let add = async |fault: &Value| {
        let response = call(&admin, Method::POST, FAULTS, &fault.to_string()).await;
        response.expect("a response")
    };
    let left = async || get(&admin, FAULTS).await.expect("a response").json();
    assert_eq!(left().await, json!([]));

    let lost = json!({"count": 1, "reset": true, "after_applying": true, "only": "PATCH"});
    let busy = json!({
        "count": 3,
        "status": 503,
        "headers": {"retry-after": "2", "x-why": "too busy"},
        "body": "{\"message\": \"busy\"}",
        "truncate": 4,
        "delay_ms": 1,
        "path_contains": "bypass-requests",
        "page": 1,
    });
    let aimed = add(&json!({"status": 500, "page": 9, "skip": 2})).await;
    let shown = json!([{"count": 1, "status": 500, "page": 9, "skip": 2}]);
    assert_eq!(aimed.json(), shown);
    fake.clear_faults();

    let response = add(&lost).await;
    assert_eq!((response.status, response.json()), (201, json!([lost])));
    assert_eq!(
        response.header("content-type"),
        ["application/json; charset=utf-8"]
    );
    assert_eq!(add(&busy).await.json(), json!([lost, busy]));
    assert_eq!(fake.faults_left(), 4);

    // Requests to this path get no faults and use none up.
    assert_eq!(left().await, json!([lost, busy]));
    let error = approve(&caller, number).await.err().expect("a reset");
    assert!(is_reset(&error), "{error:?}");
    let error = get(&caller, SMILE).await.err().expect("an early end");
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(left().await[0]["count"], 2);

    let cleared = call(&admin, Method::DELETE, FAULTS, "").await;
    assert_eq!(cleared.expect("a response").status, 204);
    assert_eq!(left().await, json!([]));
    assert_eq!(caller.status_of(number).await, "approved");
    let counted = caller.list(SMILE).await;
    assert_eq!(counted.header("x-ratelimit-used"), "3");

    // The default count is 1. Faults that were added in Rust are listed as well.
    add(&json!({"reset": true})).await;
    let fault = Fault::new().header("x", "1").header("x", "2");
    fake.misbehave(usize::MAX, fault.body(b"\xff"))
        .expect("a fault");
    let shown = json!([
        {"count": 1, "reset": true},
        {"count": usize::MAX, "headers": {"x": "1, 2"}, "body": "\u{fffd}"},
    ]);
    assert_eq!(left().await, shown);
}

#[tokio::test]
async fn an_invalid_fault_over_http_is_rejected_with_one_message() {
    let (fake, caller) = world().await;
    for (input, status, expected) in [
        ("", 400, "not JSON: EOF while parsing"),
        ("reset", 400, "not JSON: expected value"),
        ("[]", 422, "invalid type: sequence, expected a map"),
        (
            r#"{"after_applying": true}"#,
            422,
            "`after_applying` needs a status, a reset, ",
        ),
        (r#"{"page": 0}"#, 422, "`page` starts at 1, not 0"),
        (
            r#"{"skip": -1}"#,
            422,
            "invalid value: integer `-1`, expected usize",
        ),
        (r#"{"count": 0}"#, 422, "invalid value: integer `0`"),
        (
            r#"{"stauts": 500}"#,
            422,
            "unknown field `stauts`, expected one of `count`, `status`, ",
        ),
        (
            r#"{"status": "500"}"#,
            422,
            "invalid type: string \"500\", expected u16",
        ),
        (
            r#"{"status": 99}"#,
            422,
            "the status must be 200 to 999, not 99",
        ),
        (
            r#"{"status": 500, "reset": true}"#,
            422,
            "a reset replaces the response, so it cannot have a status",
        ),
        (
            r#"{"reset": true, "body": ""}"#,
            422,
            "a reset replaces the response, ",
        ),
        (
            r#"{"reset": true, "only": "POST"}"#,
            422,
            "`only` takes GET, PATCH or DELETE, not \"POST\"",
        ),
    ] {
        let response = call(&caller, Method::POST, FAULTS, input).await;
        let response = response.expect("a response");
        let body = response.json();
        let message = body["message"].as_str().expect("a message");
        assert_eq!(response.status, status, "{input}: {message}");
        assert!(message.starts_with(expected), "{input}: {message}");
        assert_eq!(message.lines().count(), 1, "{input}: {message}");
    }
    assert_eq!(fake.faults_left(), 0);
}
