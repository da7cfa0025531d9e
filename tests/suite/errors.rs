//! Every error is one readable line without secrets.

use std::error::Error as _;
use std::time::Duration;

use chrono::Utc;
use github_bypass_requests::{BypassRequest, Client, Error, ErrorKind, ResponseId, RuleViolation};
use insta::assert_snapshot;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::{MockServer, ResponseTemplate};

use crate::faults::harness::{Reply, Server, date};
use crate::fragment::document;
use crate::support::{ClosedPort, TOKEN, client, received, request, resume_page, server};

fn with_id(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).insert_header("x-github-request-id", "AB:12")
}

fn message(status: u16, message: &str) -> ResponseTemplate {
    with_id(status).set_body_json(json!({
        "message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string(),
    }))
}

/// Returns the text of an error, with the address of the test's server replaced by `HOST`.
fn shown(error: &Error) -> String {
    let text = error.to_string();
    let parts = text.split("127.0.0.1:");
    let parts = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
    parts.collect::<Vec<_>>().join("HOST")
}

async fn get_error(server: &MockServer) -> Error {
    client(server)
        .repository("octo-org", "smile")
        .secret_scanning()
        .get(42)
        .await
        .expect_err("fails")
}

/// Returns the error of a read that gets this response.
async fn read_error(response: ResponseTemplate) -> Error {
    get_error(&server(response).await).await
}

/// Returns the error of an approval that gets this response. Panics if the approval is sent again.
async fn approval_error(response: ResponseTemplate) -> Error {
    let server = server(response).await;
    let repository = client(&server)
        .repository("octo-org", "smile")
        .secret_scanning();
    let error = repository.approve(42, "rotated").await.expect_err("fails");
    assert_eq!(received(&server).await.len(), 1, "a write is not repeated");
    error
}

#[tokio::test]
async fn refusals_describe_the_token_or_name_the_permissions_that_the_operation_needs() {
    let unauthorized = read_error(message(401, "Bad credentials")).await;
    assert!(unauthorized.is_unauthorized());
    assert_snapshot!(shown(&unauthorized), @r#"GET /repos/octo-org/smile/bypass-requests/secret-scanning/42: 401 Unauthorized: "Bad credentials" (request id AB:12); the token is invalid, expired or revoked, or does not belong to HOST"#);
    let forbidden = approval_error(message(
        403,
        "Resource not accessible by personal access token",
    ))
    .await;
    assert!(forbidden.is_forbidden());
    assert_snapshot!(forbidden, @r#"PATCH /repos/octo-org/smile/bypass-requests/secret-scanning/42: 403 Forbidden: "Resource not accessible by personal access token" (request id AB:12); the operation needs a classic token with the `security_events` scope, or a fine-grained or app token with "Secret scanning alerts" (read) and either "Organization bypass requests for secret scanning" (write) or "Secret scanning push protection bypass requests" (write), and the caller must be a bypass reviewer on Enterprise Cloud or Enterprise Server"#);
    let not_found = read_error(message(404, "Not Found")).await;
    assert!(not_found.is_not_found());
    assert_snapshot!(shown(&not_found), @r#"GET /repos/octo-org/smile/bypass-requests/secret-scanning/42: 404 Not Found (request id AB:12); the operation needs a classic token with the `security_events` scope, or a fine-grained or app token with "Secret scanning alerts" (read) and "Organization bypass requests for secret scanning" (read), and the caller must be a bypass reviewer on Enterprise Cloud or Enterprise Server; HOST also responds with 404 if the token lacks this permission, or if the API is not at /"#);
    assert_eq!(not_found.status(), Some(404));
    assert_eq!(not_found.message(), Some("Not Found"));
    assert_eq!(
        not_found.documentation_url(),
        Some("https://docs.github.com/rest")
    );
    assert_eq!(not_found.request_id(), Some("AB:12"));
    assert_eq!(resume_page(&not_found), None);
}

#[tokio::test]
async fn the_root_of_an_enterprise_server_is_not_part_of_the_path() {
    let server = server(with_id(502)).await;
    let root = format!("{}/api/v3", server.uri());
    let client = Client::builder().base_url(root).token(TOKEN);
    let client = client.build().expect("a client");
    let lists = client.organization("octo-org").push_rules().list();
    let error = lists.stream().try_next().await.expect_err("fails");
    assert_snapshot!(error, @"GET /orgs/octo-org/bypass-requests/push-rules: 502 Bad Gateway (request id AB:12); GitHub may take too long for a page of 100: set a smaller `per_page`");
}

#[tokio::test]
async fn a_validation_error_names_the_fields() {
    let body = json!({ "message": "Validation Failed", "documentation_url": "https://docs.github.com/rest",
        "errors": [{ "resource": "BypassRequest", "field": "status", "code": "invalid" }, "already decided"] });
    let error = approval_error(with_id(422).set_body_json(body)).await;
    assert!(error.is_validation_failed());
    assert_snapshot!(error, @r#"PATCH /repos/octo-org/smile/bypass-requests/secret-scanning/42: 422 Unprocessable Entity: "Validation Failed: status: invalid, already decided" (request id AB:12)"#);
}

#[tokio::test]
async fn a_server_error_with_any_body_keeps_its_status() {
    for body in ["<html>Bad Gateway</html>", "", "\"x\"", "\u{0}"] {
        let response = with_id(502).set_body_raw(body, "text/html");
        let error = read_error(response).await;
        assert!(error.is_server_error());
        assert_eq!(
            error.to_string(),
            "GET /repos/octo-org/smile/bypass-requests/secret-scanning/42: \
             502 Bad Gateway (request id AB:12)"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_been_applied_is_ambiguous() {
    for reply in [
        Reply::new(502, &[], ""),
        Reply::new(202, &[], "{}"),
        Reply::new(200, &["content-type: text/html"], "<html>"),
        Reply::raw(200, &["content-type: application/json"], "{}"),
        Reply::nothing().then_close(),
    ] {
        let unchanged = Reply::json(200, &[&date(Utc::now())], &request(42));
        let server = Server::start_with(move |_, received| match received.method.as_str() {
            "GET" => unchanged.clone(),
            _ => reply.clone(),
        });
        let server = server.await;
        let repository = server
            .client()
            .repository("octo-org", "smile")
            .secret_scanning();
        let error = repository.approve(42, "rotated").await.expect_err("lost");
        assert!(error.is_ambiguous(), "{error}");
        assert!(
            error
                .to_string()
                .contains("the response was lost: the review of request 42 may have been recorded")
        );
        let error = repository
            .dismiss(ResponseId::try_from(7).expect("id"))
            .await
            .expect_err("lost");
        assert!(error.is_ambiguous(), "{error}");
        assert!(
            error
                .to_string()
                .contains("the response was lost: bypass response 7 may have been dismissed"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_refused_write_is_not_ambiguous() {
    for response in [message(403, "no"), message(422, "no"), with_id(301)] {
        assert!(!approval_error(response).await.is_ambiguous());
    }
}

#[tokio::test]
async fn an_undocumented_success_status_is_an_error() {
    for status in [201, 202, 204, 206] {
        let error = read_error(with_id(status).set_body_json(request(42))).await;
        assert_eq!(error.status(), Some(status));
    }
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let foreign = server(ResponseTemplate::new(200).set_body_json(request(42))).await;
    for status in [301, 302, 303, 307, 308] {
        for target in [foreign.uri(), "//evil.example.com/".to_owned()] {
            let response = with_id(status).insert_header("location", target);
            let server = server(response).await;
            let error = get_error(&server).await;
            assert!(error.is_moved(), "{error}");
            assert_eq!(received(&server).await.len(), 1);
        }
    }
    assert!(received(&foreign).await.is_empty());
    assert_snapshot!(read_error(with_id(301)).await, @"GET /repos/octo-org/smile/bypass-requests/secret-scanning/42: 301 Moved Permanently (request id AB:12); the redirect was not followed: use the resource's current name");
}

#[tokio::test]
async fn a_body_that_cannot_be_decoded_is_reported_with_its_position() {
    let mut body = request(42);
    body["responses"] = json!([{ "reviewer": { "actor_id": "s3cret" } }]);
    let error = read_error(with_id(200).set_body_json(body)).await;
    assert!(error.is_decode());
    assert_snapshot!(shown(&error), @"GET /repos/octo-org/smile/bypass-requests/secret-scanning/42: the response from HOST cannot be decoded: field `responses[0].reviewer.actor_id`: expected a whole number at line 1 column 151; status 200 OK (request id AB:12)");
}

#[tokio::test]
async fn bodies_are_read_up_to_their_limit() {
    let long = json!({ "message": "x".repeat(2000) });
    let length = long.to_string().len();
    for (status, limit) in [
        (200, length - 1),
        (200, length),
        (500, length - 1),
        (500, length),
    ] {
        let server = server(with_id(status).set_body_json(&long)).await;
        let client = Client::builder()
            .base_url(server.uri())
            .token(TOKEN)
            .max_attempts(1)
            .max_body_bytes(if status == 200 { limit } else { 0 })
            .max_error_body_bytes(if status == 500 { limit } else { 0 })
            .build()
            .expect("client");
        let error = client
            .repository("o", "r")
            .push_rules()
            .get(1)
            .await
            .expect_err("no request");
        assert_eq!(
            error.is_body_too_large(),
            status == 200 && limit < length,
            "{error}"
        );
        assert_eq!(error.status(), Some(status));
        // An error keeps its status even if the response body is too large.
        assert_eq!(error.is_server_error(), status == 500);
        assert_eq!(error.message().is_some(), limit == length);
    }
}

/// Starts a server that reads one request, sends `head`, and then repeats `chunk` until the client
/// disconnects. Returns a client for this server.
async fn endless(head: &'static str, chunk: &'static [u8]) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let _ = socket.read(&mut [0; 4096]).await;
        let _ = socket.write_all(head.as_bytes()).await;
        while !chunk.is_empty() && socket.write_all(chunk).await.is_ok() {}
        let _ = socket.read(&mut [0; 1]).await;
    });
    let client = Client::builder()
        .base_url(base_url)
        .token(TOKEN)
        .max_body_bytes(1000);
    client
        .attempt_timeout(Duration::from_secs(5))
        .build()
        .expect("client")
}

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_limit() {
    for (head, chunk) in [
        // The declared length exceeds the limit, so the client reads none of the body.
        ("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", &b""[..]),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            b"4\r\nabcd\r\n",
        ),
        ("HTTP/1.0 200 OK\r\n\r\n", b"abcd"),
    ] {
        let client = endless(head, chunk).await;
        let error = client
            .repository("o", "r")
            .push_rules()
            .get(1)
            .await
            .expect_err("too long");
        assert!(error.is_body_too_large(), "{head}: {error}");
        assert_eq!(error.status(), Some(200));
    }
}

#[tokio::test]
async fn a_refused_connection_and_a_silent_server_are_distinguished() {
    let closed = ClosedPort::reserve();
    let client = Client::builder()
        .base_url(closed.base_url())
        .token(TOKEN)
        .max_attempts(1)
        .build()
        .expect("client");
    let error = client
        .repository("o", "r")
        .push_rules()
        .get(1)
        .await
        .expect_err("refused");
    assert!(error.is_connect() && error.status().is_none());
    assert!(error.source().is_some());
    let text = error.to_string();
    let address = closed.address();
    let expected = format!(
        "GET /repos/o/r/bypass-requests/push-rules/1: no connection to {address} (Connection refused"
    );
    assert!(text.contains(&expected), "{text}");

    let silent = server(ResponseTemplate::new(200).set_delay(Duration::from_secs(60))).await;
    let client = Client::builder()
        .base_url(silent.uri())
        .token(TOKEN)
        .max_attempts(1)
        .attempt_timeout(Duration::from_millis(50))
        .build()
        .expect("client");
    let error = client
        .repository("o", "r")
        .push_rules()
        .get(1)
        .await
        .expect_err("silent");
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test]
async fn names_that_would_reach_another_endpoint_are_not_sent() {
    let server = server(ResponseTemplate::new(200)).await;
    let client = client(&server);
    let long = "a".repeat(101);
    for name in [
        "..", ".", "", "a/b", "a\\b", "%2e%2e", "a%2Fb", "a?x", "a#x", "a\0b", "a\r\nb", &long,
    ] {
        let repository = |owner, name| client.repository(owner, name).secret_scanning();
        for (error, argument) in [
            (repository(name, "smile").get(1).await.err(), "owner"),
            (
                repository("octo-org", name)
                    .approve(1, "x")
                    .await
                    .map(drop)
                    .err(),
                "repository",
            ),
            (
                client
                    .organization(name)
                    .push_rules()
                    .list()
                    .stream()
                    .try_next()
                    .await
                    .err(),
                "organization",
            ),
            (
                client
                    .enterprise(name)
                    .push_rules()
                    .list()
                    .pages()
                    .try_next()
                    .await
                    .err(),
                "enterprise",
            ),
        ]
        .map(|(error, argument)| (error.expect(name), argument))
        {
            assert!(error.is_invalid_input(), "{error}");
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("`{argument}` must be ")),
                "{error}"
            );
        }
    }
    assert!(received(&server).await.is_empty());
}

#[tokio::test]
async fn numbers_and_messages_are_checked_before_they_are_sent() {
    let server = server(with_id(200).set_body_json(json!({ "bypass_review_id": 1 }))).await;
    let client = Client::builder().base_url(server.uri()).token(TOKEN);
    let client = client
        .write_interval(Duration::ZERO)
        .build()
        .expect("client");
    let repository = client.repository("octo-org", "smile").secret_scanning();
    for number in [0, u64::MAX, 1 << 63] {
        assert!(
            repository
                .get(number)
                .await
                .expect_err("an invalid number")
                .is_invalid_input()
        );
        assert!(
            repository
                .reject(number, "x")
                .await
                .expect_err("an invalid number")
                .is_invalid_input()
        );
    }
    assert!(
        repository
            .get(-1)
            .await
            .expect_err("an invalid number")
            .is_invalid_input()
    );
    for message in [
        "".to_owned(),
        " \n".to_owned(),
        "a".repeat(2049),
        "é".repeat(2049),
        "😀".repeat(2049),
    ] {
        let error = repository
            .reject(1, &message)
            .await
            .expect_err("an invalid message");
        assert!(error.is_invalid_input(), "{error}");
        let length = message.chars().count();
        let expected = match message.trim().is_empty() && length > 0 {
            true => "`message` must contain more than whitespace".to_owned(),
            false => format!("`message` takes 1 to 2048 characters, not {length}"),
        };
        assert_eq!(error.to_string(), expected);
    }
    assert!(received(&server).await.is_empty());
    let schema = &document()["components"]["schemas"]["bypass-review-request"];
    assert_eq!(schema["properties"]["message"]["maxLength"], 2048);
    for message in ["a".repeat(2048), "é".repeat(2048), "😀".repeat(2048)] {
        repository
            .reject(1, &message)
            .await
            .expect("2048 characters");
        let body: serde_json::Value = received(&server)
            .await
            .last()
            .expect("sent")
            .body_json()
            .expect("JSON");
        assert_eq!(body, json!({ "status": "reject", "message": message }));
    }
}

#[tokio::test]
async fn repository_of_returns_the_repository_of_a_listed_request() {
    let server = server(ResponseTemplate::new(200).set_body_json(request(1))).await;
    let client = client(&server);
    let listed = |repository, organization| {
        let mut item = request(1);
        item["repository"] = repository;
        item["organization"] = organization;
        serde_json::from_value::<BypassRequest<RuleViolation>>(item).expect("decodes")
    };
    for (repository, organization) in [
        (
            json!({ "full_name": "octo-org/smile", "name": "old" }),
            json!({ "name": "old-org" }),
        ),
        (json!({ "full_name": "octo-org/smile" }), json!({})),
        (json!({ "name": "smile" }), json!({ "name": "octo-org" })),
    ] {
        let repository = client
            .repository_of(&listed(repository, organization))
            .expect("named");
        repository.push_rules().get(1).await.expect("a request");
        let path = received(&server)
            .await
            .last()
            .expect("sent")
            .url
            .path()
            .to_owned();
        assert_eq!(path, "/repos/octo-org/smile/bypass-requests/push-rules/1");
    }
    for (repository, organization) in [
        (json!({}), json!({ "name": "octo-org" })),
        (json!({ "name": "smile" }), json!({})),
        (json!({ "full_name": "../smile" }), json!({})),
        (json!({ "full_name": "octo-org/../x" }), json!({})),
    ] {
        let error = client
            .repository_of(&listed(repository, organization))
            .expect_err("unnamed");
        assert!(error.is_invalid_input());
    }
}

#[test]
fn a_client_with_invalid_settings_is_not_built() {
    let builder = Client::builder;
    let missing = builder().build().expect_err("no token");
    assert!(missing.is_token_missing());
    for (error, expected) in [
        (builder().token("").build(), "the token is empty"),
        (builder().token("a\r\nb").build(), "the token contains"),
        (
            builder()
                .token(TOKEN)
                .base_url("http://ghes.example.com")
                .build(),
            "the base URL must use https; http is accepted for loopback addresses only",
        ),
        (
            builder().token(TOKEN).api_version("latest").build(),
            "`api_version` must be a date like 2022-11-28, not \"latest\"",
        ),
        (
            builder().token(TOKEN).user_agent("a\nb").build(),
            "`user_agent` must be printable ASCII",
        ),
        (
            builder()
                .token(TOKEN)
                .connect_timeout(Duration::ZERO)
                .build(),
            "`connect_timeout` must be longer than zero",
        ),
        (
            builder().token(TOKEN).max_attempts(0).build(),
            "`max_attempts` must be at least 1, not 0; 1 disables retries",
        ),
        (
            builder().token(TOKEN).max_concurrent_reads(0).build(),
            "`max_concurrent_reads` must be at least 1, not 0",
        ),
        (
            builder().token(TOKEN).root_certificate_pem("x").build(),
            "`root_certificate_pem` must be a certificate",
        ),
        (
            builder().token(TOKEN).proxy("http://mona:s3cret@").build(),
            "`proxy` must be a URL",
        ),
    ]
    .map(|(client, expected)| (client.expect_err(expected), expected))
    {
        assert!(error.is_invalid_input());
        let text = error.to_string();
        assert!(text.starts_with(expected), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[tokio::test]
async fn the_token_is_never_printed() {
    let server = server(message(401, "Bad credentials")).await;
    let client = client(&server);
    let repository = client.repository("octo-org", "smile").secret_scanning();
    let list = repository.list();
    let builder = Client::builder()
        .token(TOKEN)
        .proxy("http://mona:s3cret@proxy.example.com");
    let error = repository.get(1).await.expect_err("401");
    for text in [
        format!("{client:?}"),
        format!("{repository:?}"),
        format!("{list:?}"),
        format!("{:?}", list.stream()),
        format!("{builder:?}"),
        format!("{error:?}"),
        format!("{error} {:?}", error.source()),
    ] {
        assert!(!text.contains(TOKEN) && !text.contains("s3cret"), "{text}");
    }
}

#[tokio::test]
async fn a_hostile_message_is_escaped() {
    let error = read_error(message(500, "\u{1b}[2J\u{202e}gnp.exe\n\u{7}")).await;
    assert_eq!(error.message(), Some(r"\u{1b}[2J\u{202e}gnp.exe\n\u{7}"));
    assert!(
        error
            .to_string()
            .contains(r#""\u{1b}[2J\u{202e}gnp.exe\n\u{7}""#),
        "{error}"
    );
    let error = read_error(message(500, &"é".repeat(5000))).await;
    assert!(error.message().expect("message").len() <= 1024 + '…'.len_utf8());
}

#[tokio::test]
async fn a_request_id_is_escaped() {
    let response = ResponseTemplate::new(500).insert_header("x-github-request-id", "AB\t12");
    let error = read_error(response).await;
    assert_eq!(error.request_id(), Some(r"AB\t12"));
}

#[tokio::test]
async fn a_304_is_not_a_redirect() {
    let error = read_error(with_id(304)).await;
    assert!(!error.is_moved());
    assert!(
        error
            .to_string()
            .ends_with(": 304 Not Modified (request id AB:12)"),
        "{error}"
    );
}

/// The JSON has the kind and the message of the error, and the status, request id and retry time of
/// the response, but not its body.
#[tokio::test]
async fn an_error_serializes_with_its_kind() {
    let error = read_error(message(404, "Not Found")).await;
    let json = serde_json::to_value(&error).expect("JSON");
    assert_eq!(
        json,
        json!({
            "kind": "not_found", "message": error.to_string(), "status": 404,
            "request_id": "AB:12", "retry_at": null,
        })
    );
    let busy = with_id(429).insert_header("retry-after", "3600");
    let error = read_error(busy).await;
    let json = serde_json::to_value(&error).expect("JSON");
    assert_eq!(json["kind"], "rate_limited");
    assert_eq!(json["retry_at"], json!(error.retry_at()));

    let invalid: Error = ResponseId::try_from(0).expect_err("no id");
    assert_eq!(invalid.kind(), ErrorKind::InvalidInput);
    let json = serde_json::to_value(&invalid).expect("JSON");
    assert_eq!(
        (&json["status"], &json["request_id"]),
        (&json!(null), &json!(null))
    );
}

#[tokio::test]
async fn every_status_has_a_kind_and_a_predicate() {
    type Predicate = fn(&Error) -> bool;
    let cases: [(u16, &str, Predicate); 8] = [
        (401, "unauthorized", Error::is_unauthorized),
        (403, "forbidden", Error::is_forbidden),
        (404, "not_found", Error::is_not_found),
        (422, "validation_failed", Error::is_validation_failed),
        (301, "moved", Error::is_moved),
        (501, "server_error", Error::is_server_error),
        (418, "other_status", |error| error.status() == Some(418)),
        (304, "other_status", |error| error.status() == Some(304)),
    ];
    for (status, kind, is) in cases {
        let error = read_error(with_id(status)).await;
        assert_eq!(error.kind().to_string(), kind, "{error}");
        assert!(is(&error), "{error}");
    }
}

/// If `main` returns an error, Rust prints the debug output of the error.
#[tokio::test]
async fn debug_output_is_one_line_with_the_cause_and_alternate_output_has_the_fields() {
    let error = read_error(message(404, "Not Found")).await;
    assert_eq!(format!("{error:?}"), error.to_string());
    let fields = format!("{error:#?}");
    assert!(fields.starts_with("Error {\n"), "{fields}");
    assert!(fields.contains("AB:12"), "{fields}");

    let port = ClosedPort::reserve();
    let client = Client::builder()
        .base_url(port.base_url())
        .token(TOKEN)
        .max_attempts(1);
    let client = client.build().expect("a client");
    let repository = client.repository("octo-org", "smile").push_rules();
    let error = repository.get(1).await.expect_err("no server");
    let line = format!("{error:?}");
    assert!(line.starts_with(&error.to_string()), "{line}");
    assert!(line.contains("; caused by: "), "{line}");
}
