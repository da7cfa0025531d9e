//! The exact request that each operation sends.

use std::fmt::Write;

use github_bypass_requests::{Client, Decision, Error, ResponseId, StatusFilter, TimePeriod};
use insta::assert_snapshot;
use serde_json::json;
use wiremock::{Request, ResponseTemplate};

use crate::fragment::{self, operations};
use crate::support::{TOKEN, at_page, client, received, request, server};

/// Makes `call` to a server that responds with `response`. Returns the request that was sent, as
/// text.
async fn sent_request(
    response: ResponseTemplate,
    call: impl AsyncFnOnce(Client) -> Result<(), Error>,
) -> String {
    let server = server(response).await;
    call(client(&server)).await.expect("a success");
    let requests = received(&server).await;
    assert_eq!(requests.len(), 1);
    format_request(&requests[0])
}

fn format_request(request: &Request) -> String {
    let mut text = format!("{} {}\n", request.method, request.url.path());
    for (name, value) in request.url.query_pairs() {
        writeln!(text, "  {name}={value}").expect("a string");
    }
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .filter(|(name, _)| *name != "host")
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().expect("text")))
        .collect();
    headers.sort();
    text.extend(headers);
    text.push_str(&String::from_utf8_lossy(&request.body));
    text.replace(TOKEN, "<token>")
        .replace(env!("CARGO_PKG_VERSION"), "<version>")
}

fn empty_page() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!([]))
}

fn one_request() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(request(42))
}

/// Reads a list with every filter that all scopes support.
macro_rules! list {
    ($list:expr) => {
        sent_request(empty_page(), async |client: Client| {
            let list = $list(client)
                .status(StatusFilter::Open)
                .time_period(TimePeriod::Week)
                .reviewer("octocat")
                .requester("monalisa")
                .resume(at_page(3, 50));
            list.stream()
                .try_next()
                .await
                .map(|request| assert!(request.is_none()))
        })
        .await
    };
}

#[tokio::test]
async fn secret_scanning_lists() {
    assert_snapshot!(
        "secret-scanning_list-enterprise-bypass-requests",
        list!(|client: Client| client
            .enterprise("octo-enterprise")
            .secret_scanning()
            .list()
            .organization("octo-org"))
    );
    assert_snapshot!(
        "secret-scanning_list-org-bypass-requests",
        list!(|client: Client| client
            .organization("octo-org")
            .secret_scanning()
            .list()
            .repository("smile"))
    );
    assert_snapshot!(
        "secret-scanning_list-repo-bypass-requests",
        list!(|client: Client| client
            .repository("octo-org", "smile")
            .secret_scanning()
            .list())
    );
}

#[tokio::test]
async fn push_rule_lists() {
    assert_snapshot!(
        "enterprise-admin_list-push-bypass-requests",
        list!(|client: Client| client
            .enterprise("octo-enterprise")
            .push_rules()
            .list()
            .organization("octo-org"))
    );
    assert_snapshot!(
        "orgs_list-push-bypass-requests",
        list!(|client: Client| client
            .organization("octo-org")
            .push_rules()
            .list()
            .repository("smile"))
    );
    assert_snapshot!(
        "repos_list-repo-push-bypass-requests",
        list!(|client: Client| client.repository("octo-org", "smile").push_rules().list())
    );
}

#[tokio::test]
async fn single_requests() {
    let secret = sent_request(one_request(), async |client| {
        let repository = client.repository("octo-org", "smile").secret_scanning();
        repository
            .get(42)
            .await
            .map(|request| assert_eq!(request.number.get(), 42))
    });
    assert_snapshot!("secret-scanning_get-bypass-request", secret.await);
    let rule = sent_request(one_request(), async |client| {
        let repository = client.repository("octo-org", "smile").push_rules();
        repository
            .get(42)
            .await
            .map(|request| assert_eq!(request.number.get(), 42))
    });
    assert_snapshot!("repos_get-repo-push-bypass-request", rule.await);
}

#[tokio::test]
async fn writes() {
    let reviewed = ResponseTemplate::new(200)
        .insert_header("x-github-request-id", "AB:12")
        .set_body_json(json!({ "bypass_review_id": 7 }));
    let review = sent_request(reviewed, async |client| {
        let repository = client.repository("octo-org", "smile").secret_scanning();
        let review = repository
            .review(42, Decision::Reject, "This secret has not been revoked.")
            .await?;
        assert_eq!(review.response_id.map(ResponseId::get), Some(7));
        Ok(())
    });
    assert_snapshot!("secret-scanning_review-bypass-request", review.await);
    let dismissal = sent_request(ResponseTemplate::new(204), async |client| {
        let repository = client.repository("octo-org", "smile").secret_scanning();
        repository.dismiss(ResponseId::try_from(7)?).await.map(drop)
    });
    assert_snapshot!("secret-scanning_dismiss-bypass-response", dismissal.await);
}

#[test]
fn every_operation_has_a_snapshot() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/suite/snapshots");
    for operation in operations() {
        let fragment::Operation { method, path, .. } = &operation;
        let name = format!(
            "{directory}/suite__wire__{}.snap",
            operation.id().replace('/', "_")
        );
        let snapshot = std::fs::read_to_string(&name).unwrap_or_else(|error| {
            panic!(
                "{} has no snapshot: call the operation in a test in {}: {name}: {error}",
                operation.id(),
                file!()
            )
        });
        let path = [
            "enterprise=octo-enterprise",
            "org=octo-org",
            "owner=octo-org",
            "repo=smile",
            "bypass_request_number=42",
            "bypass_response_id=7",
        ]
        .iter()
        .filter_map(|parameter| parameter.split_once('='))
        .fold(path.clone(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        });
        assert!(
            snapshot.contains(&format!("\n{method} {path}\n")),
            "{name}: no {method} {path}"
        );
    }
}

#[tokio::test]
async fn by_default_a_list_covers_a_month_in_pages_of_a_hundred() {
    let default = sent_request(empty_page(), async |client| {
        client
            .organization("octo-org")
            .push_rules()
            .list()
            .stream()
            .try_next()
            .await
            .map(drop)
    });
    let default = default.await;
    let query: Vec<&str> = default
        .lines()
        .filter(|line| line.starts_with("  "))
        .collect();
    assert_eq!(query, ["  page=1", "  per_page=100", "  time_period=month"]);
}

#[tokio::test]
async fn names_are_sent_unchanged() {
    for name in ["a..b", ".github", "A-b_c.d", "..."] {
        let server = server(one_request()).await;
        let repository = client(&server).repository(name, name).secret_scanning();
        repository.get(1).await.expect("a request");
        let path = format!("/repos/{name}/{name}/bypass-requests/secret-scanning/1");
        assert_eq!(received(&server).await[0].url.path(), path);
    }
}

#[tokio::test]
async fn settings_of_the_builder_are_sent() {
    let server = server(one_request()).await;
    let client = Client::builder()
        .base_url(format!("{}/api/v3/", server.uri()))
        .token(TOKEN)
        .api_version("2026-03-10")
        .user_agent("octo-bot/1.2")
        .build()
        .expect("client");
    client
        .repository("o", "r")
        .push_rules()
        .get(1)
        .await
        .expect("a request");
    let request = &received(&server).await[0];
    assert_eq!(
        request.url.path(),
        "/api/v3/repos/o/r/bypass-requests/push-rules/1"
    );
    assert_eq!(request.headers["x-github-api-version"], "2026-03-10");
    let agent = format!(
        "github-bypass-requests/{} octo-bot/1.2",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(request.headers["user-agent"], agent.as_str());
}
