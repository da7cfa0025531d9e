//! F27–F35 and F91: status codes and the headers that explain them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use github_bypass_requests::Error;
use serde_json::json;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::calls::{HTML, JSON, approve, dismiss, get, list, secrets};
use super::capture::Capture;
use super::clean::{AT_ONCE, READ_BACK, RETRIED, assert_clean, within};
use super::harness::{Reply, Server, head};
use crate::support::request;

/// Responds with `reply` to a read, a list, a review and a dismissal, and returns their errors.
///
/// Asserts that no request is repeated.
async fn final_errors(reply: Reply) -> [Error; 4] {
    let server = Server::start(vec![reply]).await;
    let client = server.client();
    let errors = [
        within(AT_ONCE, get(&client)).await.map(drop),
        within(AT_ONCE, list(&client)).await.map(drop),
        within(READ_BACK, approve(&client)).await.map(drop),
        within(READ_BACK, dismiss(&client)).await.map(drop),
    ]
    .map(|result| result.expect_err("fails"));
    assert_eq!(server.methods(), ["GET", "GET", "PATCH", "DELETE"]);
    for error in &errors {
        assert!(!error.is_ambiguous() && !error.is_rate_limited(), "{error}");
        assert_eq!(error.request_id(), Some("AB:12"));
        assert_eq!(error.retry_at(), None);
    }
    errors
}

fn message(status: u16, headers: &[&str], message: &str) -> Reply {
    Reply::json(status, headers, &json!({ "message": message }))
}

#[tokio::test(start_paused = true)]
async fn f27_a_401_is_not_retried_with_the_same_token() {
    for error in final_errors(message(401, &[], "Bad credentials")).await {
        assert!(error.is_unauthorized(), "{error}");
        assert_eq!(error.message(), Some("Bad credentials"));
        let text = error.to_string();
        let advice = "; the token is invalid, expired or revoked, or does not belong to 127.0.0.1:";
        assert!(text.contains(advice), "{text}");
        assert!(!text.contains("the operation needs"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn f28_the_error_of_a_403_names_the_permissions_that_github_accepts() {
    let accepted = "x-accepted-github-permissions: secret_scanning_alerts=read";
    let headers = [accepted, "x-oauth-scopes: repo, read:org"];
    let errors = final_errors(message(403, &headers, "Resource not accessible")).await;
    for error in &errors {
        assert!(error.is_forbidden(), "{error}");
        let text = error.to_string();
        let accepted = "GitHub accepts secret_scanning_alerts=read";
        assert!(text.contains(accepted), "{text}");
        let scopes = "the token has the scopes \"repo, read:org\"";
        assert!(text.contains(scopes), "{text}");
    }
    // Each error names the permissions that its own operation needs.
    let needs = errors.map(|error| {
        let text = error.to_string();
        let (before, needs) = text
            .split_once("; the operation needs ")
            .expect("the permissions");
        assert!(
            before.contains("; GitHub accepts"),
            "the accepted permissions must come before the needed ones: {text}"
        );
        needs.to_owned()
    });
    assert!(needs[2].contains("write") && !needs[0].contains("write"));
}

#[tokio::test(start_paused = true)]
async fn f29_the_error_of_a_403_names_single_sign_on_without_its_url() {
    let address = "https://github.com/orgs/octo-org/sso?authorization_request=s3cret";
    let sso = format!("x-github-sso: required; url={address}");
    let errors = final_errors(message(403, &[&sso], "Resource protected by SAML")).await;
    for error in errors {
        assert!(error.is_forbidden(), "{error}");
        assert!(error.to_string().contains("single sign-on"), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn f30_the_error_of_a_404_names_the_missing_permission_as_a_possible_cause() {
    for error in final_errors(message(404, &[], "Not Found")).await {
        assert!(error.is_not_found(), "{error}");
        let text = error.to_string();
        assert!(text.contains("; the operation needs "), "{text}");
        let hint =
            "also responds with 404 if the token lacks this permission, or if the API is not at /";
        assert!(text.ends_with(hint), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn f31_a_422_is_decoded_whatever_its_errors_field_contains() {
    let object = json!({ "resource": "x", "field": "status", "code": "invalid" });
    for (errors, expected) in [
        (
            json!([object, object]),
            "No: status: invalid, status: invalid",
        ),
        (json!(["decided", "gone"]), "No: decided, gone"),
        (
            json!([object, null, "gone", 7]),
            "No: status: invalid, gone",
        ),
        (json!(null), "No"),
        (json!(7), "No"),
        (json!({ "field": "x" }), "No"),
    ] {
        let body = json!({ "message": "No", "errors": errors });
        for error in final_errors(Reply::json(422, &[], &body)).await {
            assert!(error.is_validation_failed(), "{error}");
            assert_eq!(error.message(), Some(expected));
        }
    }
    for error in final_errors(message(422, &[], "No")).await {
        assert_eq!(error.message(), Some("No"));
    }
    for error in final_errors(Reply::json(422, &[], &json!({ "errors": [object] }))).await {
        assert!(error.is_validation_failed(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn f32_a_502_keeps_its_status_whatever_its_body_contains() {
    let long = "x".repeat(5 << 20);
    let endless = [
        HTML,
        "x-github-request-id: AB:12",
        "transfer-encoding: chunked",
    ];
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let endless = Reply::bytes(head(502, &endless)).then_endless(chunk);
    let of = |media_type, body| Reply::new(502, &[media_type], body);
    for reply in [
        of(HTML, "<html>Bad Gateway</html>"),
        of(HTML, ""),
        of(JSON, "\"x\""),
        of(JSON, &long),
        endless,
    ] {
        let server = Server::start(vec![reply]).await;
        let client = server.client();
        for error in [
            within(RETRIED, get(&client)).await.expect_err("502"),
            within(RETRIED, list(&client)).await.expect_err("502"),
        ] {
            assert!(error.is_server_error(), "{error}");
            assert_eq!(error.status(), Some(502));
            assert_eq!(error.request_id(), Some("AB:12"));
            assert_eq!(error.message(), None);
            assert!(error.to_string().contains(": 502 Bad Gateway"), "{error}");
        }
        assert_eq!(server.methods(), ["GET"; 6]);
    }
}

#[tokio::test(start_paused = true)]
async fn f33_an_unsupported_api_version_is_reported_in_githubs_words() {
    for status in [400, 410] {
        let text = "Version '2022-11-28' is not supported";
        for error in final_errors(message(status, &[], text)).await {
            assert_eq!(error.status(), Some(status));
            assert_eq!(error.message(), Some(text));
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}

/// A subscriber that counts warnings.
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::WARN {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn f34_a_deprecation_is_returned_and_logged_once_per_client() {
    let warned: Arc<AtomicUsize> = Arc::default();
    let guard = tracing::subscriber::set_default(Warnings(warned.clone()));
    let headers = [
        "deprecation: @1767225600",
        "sunset: Wed, 01 Jul 2026 12:00:00 GMT",
    ];
    let page = Reply::json(200, &headers, &json!([request(42)]));
    let review = Reply::json(200, &headers, &json!({ "bypass_review_id": 7 }));
    let server = Server::start_with(move |_, received| match received.method.as_str() {
        "GET" => page.clone(),
        "PATCH" => review.clone(),
        _ => Reply::new(204, &headers, ""),
    });
    let server = server.await;
    for clients in 1..=2 {
        let client = server.client();
        let mut pages = secrets(&client.clone()).list().pages();
        let page = within(AT_ONCE, pages.try_next()).await.expect("read");
        let page = page.expect("a page");
        assert_clean(&[&page]);
        let review = within(AT_ONCE, approve(&client)).await.expect("applied");
        let dismissal = within(READ_BACK, dismiss(&client.clone())).await;
        for meta in [page.meta, review.meta, dismissal.expect("applied").meta] {
            assert_eq!(meta.deprecation.as_deref(), Some("@1767225600"));
            let sunset = "Wed, 01 Jul 2026 12:00:00 GMT";
            assert_eq!(meta.sunset.as_deref(), Some(sunset));
        }
        assert_eq!(warned.load(Ordering::Relaxed), clients);
    }
    assert_eq!(server.methods(), ["GET", "PATCH", "DELETE"].repeat(2));
    // One of the two headers is enough for a warning.
    for (before, header) in headers.iter().enumerate() {
        let server = Server::start(vec![Reply::json(200, &[header], &request(42))]).await;
        let read = within(AT_ONCE, get(&server.client())).await;
        read.expect("read");
        assert_eq!(warned.load(Ordering::Relaxed), 3 + before, "{header}");
    }
    drop(guard);
}

/// The request was not conditional, so the 304 has no meaning. It is not a redirect either.
#[tokio::test(start_paused = true)]
async fn f35_a_304_to_an_unconditional_request_is_an_unexpected_status() {
    let headers = ["x-github-request-id: AB:12", "etag: \"x\"", "location: /x"];
    let unmodified = || Reply::bytes(head(304, &headers));
    let server = Server::start(vec![unmodified()]).await;
    let client = server.client();
    for error in [
        within(AT_ONCE, get(&client)).await.map(drop),
        within(AT_ONCE, list(&client)).await.map(drop),
    ]
    .map(|result| result.expect_err("304"))
    {
        assert_eq!(error.status(), Some(304));
        assert!(!error.is_decode(), "{error}");
        assert!(!error.is_moved(), "{error}");
        assert!(!error.to_string().contains("redirect"), "{error}");
    }
    assert_eq!(server.methods(), ["GET", "GET"]);
    for request in server.received() {
        let conditions: Vec<_> = request
            .headers
            .iter()
            .filter(|line| line.starts_with("if-"))
            .collect();
        assert!(conditions.is_empty(), "{conditions:?}");
    }

    let server = Server::start(vec![unmodified()]).await;
    let error = within(AT_ONCE, approve(&server.client())).await;
    assert_eq!(error.expect_err("304").status(), Some(304));
    assert_eq!(server.methods(), ["PATCH"]);
}

#[tokio::test(start_paused = true)]
async fn f91_partial_results_name_the_organizations_that_are_missing() {
    let sso = "x-github-sso: partial-results; organizations=21955855,20582480";
    let capture = Capture::start();
    let items = json!([request(42)]);
    let partial = || Reply::json(200, &[sso, "etag: \"one\""], &items);
    let server = Server::start(vec![partial()]).await;
    let client = server.client();
    let expected = [21_955_855, 20_582_480];

    let list = || client.enterprise("octo").secret_scanning().list();
    let page = list().pages().try_next().await.expect("a page");
    assert_eq!(page.expect("one").meta.missing_organizations, expected);

    let mut requests = list().stream();
    assert_eq!(requests.missing_organizations(), [0_i64; 0]);
    requests.try_next().await.expect("a request");
    assert_eq!(requests.missing_organizations(), expected);

    let mut queue = client.enterprise("octo").queue().stream();
    while let Ok(Some(_)) = queue.try_next().await {}
    assert_eq!(queue.missing_organizations(), expected);
    let text = capture.text();
    let warning = "the token is not authorized for their single sign-on";
    assert_eq!(text.matches(warning).count(), 1, "{text}");

    // A page that is unchanged still lacks the same organizations.
    let unchanged = Reply::bytes(head(304, &["etag: \"one\""]));
    let server = Server::start(vec![partial(), unchanged]).await;
    let lists = server.client().enterprise("octo").secret_scanning().list();
    let mut events = lists.watch().events();
    events.try_next().await.expect("an event");
    assert_eq!(events.missing_organizations(), expected);
    let next = tokio::time::timeout(std::time::Duration::from_secs(90), events.try_next()).await;
    assert!(next.is_err(), "nothing has changed");
    assert_eq!(server.count("GET"), 2);
    assert_eq!(events.missing_organizations(), expected);

    // The other form of the header contains a URL that must not be kept.
    let address = "https://github.com/orgs/octo-org/sso?authorization_request=s3cret";
    let required = format!("x-github-sso: required; url={address}");
    let server = Server::start(vec![Reply::json(200, &[&required], &items)]).await;
    let lists = server.client().enterprise("octo").secret_scanning().list();
    let page = lists
        .pages()
        .try_next()
        .await
        .expect("a page")
        .expect("one");
    assert!(page.meta.missing_organizations.is_empty());
    assert!(!format!("{page:?} {}", capture.text()).contains("s3cret"));
}
