//! F79–F83: secrets in logs and errors, error texts, proxies, and the documented recipe.

use std::pin::Pin;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use github_bypass_requests::{Client, Error, ResponseId, Result, StatusFilter};
use github_bypass_requests_fake::{Clock, Fake, NewRequest};
use serde_json::json;
use tokio::time::timeout;

use super::calls::{HTML, JSON, get, secrets};
use super::capture::Capture;
use super::checks::{ServerClock, failed, found, reset, takes, truncated};
use super::clean::{assert_clean, assert_no_connections};
use super::harness::{Reply, Server, head};
use crate::support::{ClosedPort, TOKEN, request, run_with_variables};

/// The message of a review. Only the client and the server may see it.
const MESSAGE: &str = "rotated-see-INC-7";
/// A header that the server sends.
const HEADER: &str = "set-cookie: session=of-the-server";
/// A text in the bodies that the server sends.
const BODY: &str = "body-of-the-server";

async fn approve(server: &Server) -> Result<()> {
    secrets(&server.client())
        .approve(42, MESSAGE)
        .await
        .map(drop)
}

async fn dismiss(server: &Server) -> Result<()> {
    let response = ResponseId::try_from(7)?;
    secrets(&server.client()).dismiss(response).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn f79_diagnostics_are_logged_without_secrets() {
    let capture = Capture::start();
    let foreign = Server::start(vec![found()]).await;
    let message = json!({ "message": BODY, "documentation_url": BODY }).to_string();
    let html = format!("<html>{BODY} {TOKEN}</html>");
    let location = format!("location: {}/{BODY}", foreign.base_url);
    let mut item = request(42);
    item["requester_comment"] = json!(BODY);
    let clock = ServerClock::start();
    let (today, over) = (clock.date(), clock.reset_in(7));
    for replies in [
        vec![Reply::json(200, &[HEADER], &item)],
        vec![Reply::new(401, &[HEADER], &message)],
        vec![Reply::new(
            403,
            &[HEADER, "x-github-sso: required; url=of-the-server"],
            &message,
        )],
        vec![
            Reply::new(429, &[HEADER, "retry-after: 3"], &message),
            found(),
        ],
        vec![Reply::new(
            403,
            &[HEADER, "x-ratelimit-remaining: 0", &today, &over],
            &message,
        )],
        vec![Reply::new(502, &[HEADER, HTML], &html)],
        vec![Reply::new(200, &[HEADER, HTML], &html)],
        vec![Reply::new(200, &[HEADER], format!("{{\"id\": \"{BODY}\""))],
        vec![Reply::new(302, &[HEADER, &location], &message)],
        vec![Reply::new(
            200,
            &[HEADER, "deprecation: @1", "sunset: soon"],
            item.to_string(),
        )],
        vec![truncated(), reset(), found()],
        vec![Reply::nothing().then_stall()],
    ] {
        let server = Server::start(replies).await;
        for error in [
            get(&server.client()).await.map(drop).err(),
            approve(&server).await.err(),
            dismiss(&server).await.err(),
        ] {
            let error = error.map(|error| failed::<()>(Err(error)));
            let text = format!(
                "{error:?} {}",
                error.as_ref().map(Error::to_string).unwrap_or_default()
            );
            for secret in [MESSAGE, "session=", "url=of-the-server", "<html>"] {
                assert!(!text.contains(secret), "{secret} is in {text}");
            }
        }
    }
    assert_no_connections(&foreign).await;
    let closed = ClosedPort::reserve();
    let unreachable = Client::builder().base_url(closed.base_url()).token(TOKEN);
    failed(get(&unreachable.build().expect("client")).await);

    let text = capture.text();
    assert_clean(&[&text]);
    for secret in [
        MESSAGE,
        "of-the-server",
        "Bearer",
        "<html>",
        "authorization",
    ] {
        let leak = text.lines().find(|line| line.contains(secret));
        assert_eq!(leak, None, "{secret}");
    }
    for expected in [
        "operation=secret-scanning/get-bypass-request method=GET \
         path=/repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}",
        "operation=secret-scanning/review-bypass-request method=PATCH",
        "operation=secret-scanning/dismiss-bypass-response method=DELETE",
        "attempt=1 status=200 request_id=AB:12",
        "attempt=2 status=200 request_id=AB:12",
        "attempt=1 status=200 request_id=AB:12 verdict=final",
        "attempt=1 status=401 request_id=AB:12 kind=unauthorized verdict=unauthorized",
        "attempt=1 status=403 request_id=AB:12 kind=forbidden verdict=final",
        "attempt=1 status=429 request_id=AB:12 kind=rate_limited verdict=rate_limited",
        "attempt=1 status=302 request_id=AB:12 kind=moved verdict=redirected",
        "attempt=3 status=502 request_id=AB:12 kind=server_error verdict=retry",
        "attempt=1 status=200 request_id=AB:12 kind=interrupted verdict=retry",
        "attempt=2 kind=interrupted verdict=retry",
        "attempt=1 kind=timeout verdict=retry",
        "attempt=1 kind=connect verdict=retry",
        "attempt=1 kind=timeout verdict=ambiguous",
        "rate limited limit=other wait_ms=3000",
        "rate limited limit=primary wait_ms=8000",
        "retrying wait_ms=",
    ] {
        assert!(text.contains(expected), "{expected} is not logged:\n{text}");
    }
    assert!(
        text.contains("log reqwest"),
        "the logs of the dependencies are captured, too"
    );
}

/// Control characters and invisible characters.
const HOSTILE: &str = "\u{1b}\u{7}\r\n\0\u{9b}\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}";

/// Panics if a text of the error contains an invisible character or a control character, such as a
/// line break.
fn assert_escaped(error: &Error) {
    for text in [
        error.to_string(),
        format!("{error:?}"),
        error.message().unwrap_or_default().to_owned(),
        error.documentation_url().unwrap_or_default().to_owned(),
        error.request_id().unwrap_or_default().to_owned(),
    ] {
        let bad = |character: &char| character.is_control() || HOSTILE.contains(*character);
        assert_eq!(text.chars().find(bad), None, "{text:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn f80_texts_from_the_server_are_escaped() {
    let hostile = format!("No{HOSTILE}!");
    let body = json!({
        "message": hostile,
        "documentation_url": hostile,
        "errors": [hostile, { "field": hostile, "code": hostile }],
    });
    // HTTP does not allow all of these characters in a header value, only tabs and non-ASCII bytes.
    let lines = [
        "x-oauth-scopes: a\tb\u{202e}",
        "x-accepted-github-permissions: a\tb\u{9b}",
    ];
    for status in [400, 403, 404, 422, 500] {
        let server = Server::start(vec![Reply::json(status, &lines, &body)]).await;
        let error = failed(get(&server.client()).await);
        assert_eq!(error.status(), Some(status));
        assert_escaped(&error);
        assert!(error.to_string().contains(r"No\u{1b}"), "{error}");
        assert!(error.to_string().contains(r"\u{202e}"), "{error}");
        assert_eq!(server.methods().len(), if status == 500 { 3 } else { 1 });
    }
    // Three other texts are escaped: a message in place of a list, field names in a body that
    // cannot be decoded, and a media type.
    let list = Server::start(vec![Reply::json(200, &[], &body)]).await;
    let mut stream = secrets(&list.client()).list().stream();
    assert_escaped(&failed(stream.try_next().await));
    let mut wrong = request(42);
    wrong["data"] = json!([{ "path": { hostile.clone(): 1 } }]);
    wrong["status"] = json!({ hostile.clone(): hostile });
    let server = Server::start(vec![Reply::json(200, &[], &wrong)]).await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_decode(), "{error}");
    assert_escaped(&error);
    let media_type = format!("content-type: text/\t{}", "\u{202e}");
    let server = Server::start(vec![Reply::new(200, &[&media_type], "x")]).await;
    assert_escaped(&failed(get(&server.client()).await));
}

/// The error of a lost review quotes the status and the names of reviewers, which the server sent.
#[tokio::test(start_paused = true)]
async fn f80_the_error_of_a_lost_review_is_escaped() {
    let hostile = format!("No{HOSTILE}!");
    let clock = ServerClock::start();
    let date = clock.date();
    let mut decided = request(42);
    decided["responses"] = json!([{
        "reviewer": { "actor_name": hostile },
        "status": "denied",
        "created_at": clock.now(),
    }]);
    let mut renamed = request(42);
    renamed["status"] = json!(hostile);
    let mut dismissed = decided.clone();
    dismissed["responses"][0]["status"] = json!("dismissed");
    for (found, is_conflict) in [(decided, true), (renamed, true), (dismissed, false)] {
        let found = Reply::json(200, &[&date], &found);
        let server = Server::start_with(move |_, received| match received.method.as_str() {
            "GET" => found.clone(),
            _ => reset(),
        });
        let server = server.await;
        let error = failed(approve(&server).await);
        assert_eq!(error.is_conflict(), is_conflict, "{error}");
        assert_ne!(error.is_ambiguous(), is_conflict, "{error}");
        assert_escaped(&error);
        assert_eq!(server.methods(), ["PATCH", "GET", "GET", "GET"]);
    }
}

type Call = Pin<Box<dyn Future<Output = Result<()>>>>;

/// Returns the method, the path template and a call for every operation.
fn operations(client: &Client) -> Vec<(&'static str, &'static str, Call)> {
    macro_rules! list {
        ($list:expr) => {{
            let mut stream = $list.list().stream();
            Box::pin(async move { stream.try_next().await.map(drop) })
        }};
    }
    let enterprise = client.enterprise("octo-enterprise");
    let organization = client.organization("octo-org");
    let repository = client.repository("octo-org", "smile");
    let (secrets, rules) = (repository.secret_scanning(), repository.push_rules());
    let (to_get, to_review, to_dismiss) = (secrets.clone(), secrets.clone(), secrets.clone());
    let rules_to_get = rules.clone();
    let response = ResponseId::try_from(7).expect("an id");
    let secret = "/repos/{owner}/{repo}/bypass-requests/secret-scanning/{bypass_request_number}";
    vec![
        (
            "GET",
            "/enterprises/{enterprise}/bypass-requests/secret-scanning",
            list!(enterprise.secret_scanning()),
        ),
        (
            "GET",
            "/enterprises/{enterprise}/bypass-requests/push-rules",
            list!(enterprise.push_rules()),
        ),
        (
            "GET",
            "/orgs/{org}/bypass-requests/secret-scanning",
            list!(organization.secret_scanning()),
        ),
        (
            "GET",
            "/orgs/{org}/bypass-requests/push-rules",
            list!(organization.push_rules()),
        ),
        (
            "GET",
            "/repos/{owner}/{repo}/bypass-requests/secret-scanning",
            list!(secrets),
        ),
        (
            "GET",
            "/repos/{owner}/{repo}/bypass-requests/push-rules",
            list!(rules),
        ),
        (
            "GET",
            secret,
            Box::pin(async move { to_get.get(42).await.map(drop) }),
        ),
        (
            "GET",
            "/repos/{owner}/{repo}/bypass-requests/push-rules/{bypass_request_number}",
            Box::pin(async move { rules_to_get.get(42).await.map(drop) }),
        ),
        (
            "PATCH",
            secret,
            Box::pin(async move { to_review.approve(42, "fine").await.map(drop) }),
        ),
        (
            "DELETE",
            "/repos/{owner}/{repo}/bypass-responses/secret-scanning/{bypass_response_id}",
            Box::pin(async move { to_dismiss.dismiss(response).await.map(drop) }),
        ),
    ]
}

/// Panics unless the error names the operation, the status and the request id, on one line.
fn assert_names_its_request(error: &Error, method: &str, path: &str, status: u16) {
    let text = error.to_string();
    let path = [
        ("{enterprise}", "octo-enterprise"),
        ("{org}", "octo-org"),
        ("{owner}/{repo}", "octo-org/smile"),
        ("{bypass_request_number}", "42"),
        ("{bypass_response_id}", "7"),
    ]
    .into_iter()
    .fold(path.to_owned(), |path, (name, value)| {
        path.replace(name, value)
    });
    assert!(text.starts_with(&format!("{method} {path}: ")), "{text}");
    assert_eq!(error.status(), Some(status), "{text}");
    assert!(text.contains(&format!(" {status} ")), "{text}");
    assert_eq!(error.request_id(), Some("AB:12"), "{text}");
    assert!(text.contains("(request id AB:12)"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[tokio::test(start_paused = true)]
async fn f81_the_error_of_a_response_names_operation_status_and_request_id() {
    let message = json!({ "message": "No" }).to_string();
    for status in [
        202, 206, 301, 400, 401, 403, 404, 408, 410, 422, 429, 451, 500, 503,
    ] {
        let server = Server::start(vec![Reply::new(status, &[], &message)]).await;
        for index in 0..10 {
            // Each call has its own client, because the calls of a client share its retry budget
            // and its gate.
            let (method, path, call) = operations(&server.client()).swap_remove(index);
            let error = failed(takes(..=65.0, call).await);
            assert_names_its_request(&error, method, path, status);
        }
    }
    // The status of these responses is 200, but a read cannot use them.
    let large = [
        "x-github-request-id: AB:12",
        JSON,
        "content-length: 99999999",
    ];
    for reply in [
        Reply::new(200, &[JSON], "{"),
        Reply::new(200, &[JSON], "null"),
        Reply::new(200, &[JSON], "[{\"id\": 7}]"),
        Reply::new(200, &[HTML], "<html>"),
        Reply::new(200, &[], ""),
        Reply::bytes(head(200, &large)),
        truncated(),
    ] {
        let server = Server::start(vec![reply]).await;
        for (method, path, call) in operations(&server.client()) {
            if method == "GET" {
                let error = failed(takes(..=65.0, call).await);
                assert_names_its_request(&error, method, path, 200);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn f81_a_pagination_error_names_operation_status_and_request_id() {
    let link = "link: <https://api.github.com/x?page=1>; rel=\"next\"";
    let server = Server::start(vec![Reply::json(200, &[link], &json!([]))]).await;
    let mut stream = secrets(&server.client()).list().stream();
    let error = failed(stream.try_next().await);
    assert!(error.is_pagination(), "{error}");
    let path = "/repos/{owner}/{repo}/bypass-requests/secret-scanning";
    assert_names_its_request(&error, "GET", path, 200);
}

#[tokio::test(start_paused = true)]
async fn f82_the_documented_recipe_reviews_a_whole_queue() {
    let noon = Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0).single();
    let fake = Fake::builder()
        .token(TOKEN, "octocat")
        .clock(Clock::manual(noon.expect("an instant")));
    let fake = fake.start().await.expect("a port");
    for index in 0..250 {
        let repository = ["smile", "hello-world", "linguist"][index % 3];
        fake.open_secret_scanning_request(NewRequest::new().repository("octo-org", repository));
    }
    let client = Client::builder().base_url(fake.base_url()).token(TOKEN);
    let client = client.build().expect("client");

    let read = async |status| {
        let list = client.organization("octo-org").secret_scanning().list();
        let mut stream = list.status(status).stream();
        let mut requests = Vec::new();
        while let Some(request) = stream.try_next().await.expect("a request") {
            requests.push(request);
        }
        requests
    };
    let queue = read(StatusFilter::Open).await;
    assert_eq!(queue.len(), 250);
    let act = async {
        let mut left = None;
        for request in &queue {
            let repository = client.repository_of(request).expect("a repository");
            let secrets = repository.secret_scanning();
            let review = secrets.approve(request.number, "fine").await;
            left = review.expect("approved").meta.rate_limit;
        }
        left.expect("a rate limit").remaining
    };
    // Writes start one second apart.
    let left = takes(249.0..=252.0, act).await;
    assert_eq!(left, 5000 - 3 - 250, "three pages and 250 writes");
    assert!(read(StatusFilter::Open).await.is_empty());
    let approved = read(StatusFilter::Approved).await;
    assert_eq!(approved.len(), 250);
    for request in approved {
        assert_eq!(request.responses.len(), 1, "{request}");
    }
}

/// The client runs in its own process, because the proxy variables apply to a whole process.
#[tokio::test]
async fn f83_requests_to_a_loopback_address_do_not_use_the_proxy() {
    let server = Server::start(vec![found()]).await;
    let proxy = Server::start(vec![Reply::new(502, &[], "")]).await;
    let (server_url, proxy_url) = (server.base_url.clone(), proxy.base_url.clone());
    let inner = tokio::task::spawn_blocking(move || {
        run_with_variables(
            "faults::leaks::f83_in_a_process_with_a_proxy",
            &[
                ("SERVER", &server_url),
                ("http_proxy", &proxy_url),
                ("HTTP_PROXY", &proxy_url),
                ("https_proxy", &proxy_url),
                ("HTTPS_PROXY", &proxy_url),
                ("all_proxy", &proxy_url),
                ("ALL_PROXY", &proxy_url),
            ],
        )
    });
    let inner = timeout(Duration::from_secs(60), inner).await;
    inner.expect("the inner test ends").expect("a thread");

    assert_eq!(server.methods(), ["GET"]);
    // The proxy received only the request of the other client. That request proves that the proxy
    // variables were in effect.
    let seen = proxy.received();
    assert_eq!((seen.len(), proxy.connections()), (1, 1), "{seen:?}");
    assert!(seen[0].target.ends_with("/of-another-client"), "{seen:?}");
    assert_clean(&[&seen]);
}

#[tokio::test]
#[ignore = "run by f83_requests_to_a_loopback_address_do_not_use_the_proxy"]
async fn f83_in_a_process_with_a_proxy() {
    let server = std::env::var("SERVER").expect("set");
    let url = format!("{server}/of-another-client");
    let other = reqwest::get(url).await.expect("a response");
    assert_eq!(other.status(), 502, "from the proxy");
    let client = Client::builder().base_url(server).token(TOKEN);
    get(&client.build().expect("client"))
        .await
        .expect("a request");
}
