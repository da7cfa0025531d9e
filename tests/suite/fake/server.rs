//! Starting and stopping the fake.

use std::collections::BTreeSet;

use github_bypass_requests_fake::{Access, Fake};
use reqwest::Method;
use serde_json::json;

use super::caller::Caller;
use super::{push, secret, serve, world};
use crate::fragment::operations;
use crate::places::FAKE_ROUTES;
use crate::schema::documented;

#[tokio::test]
async fn a_dropped_fake_no_longer_listens() {
    let (fake, caller) = world().await;
    assert_eq!(caller.get("/").await.status, 404);
    let address = fake.base_url().trim_start_matches("http://").to_owned();
    drop(fake);
    while tokio::net::TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let (fake, _) = world().await;
    let port = fake.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let error = Fake::builder().port(port).start().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn a_token_is_not_printed() {
    let builder = Fake::builder().token("s3cret", "octocat");
    assert!(!format!("{builder:?}").contains("s3cret"));
    let fake = builder.start().await.expect("a port");
    assert!(!format!("{fake:?}").contains("s3cret"));
}

#[tokio::test]
async fn every_documented_status_except_500_is_sent() {
    let builder = Fake::builder()
        .token("t", "octocat")
        .access(Access::new("pushes", "octocat").without_secret_scanning());
    let (fake, _) = serve(builder).await;
    let allowed = Caller::new(&fake, "t");
    let forbidden = Caller::new(&fake, "pushes");
    fake.open_secret_scanning_request(secret()); // number 1
    fake.open_push_rule_request(push()); // number 2
    let review = json!({"status": "approve", "message": "m"}).to_string();

    let mut sent = BTreeSet::new();
    for operation in operations() {
        let number = if operation.path.contains("push-rules") {
            "2"
        } else {
            "1"
        };
        let path = operation
            .path
            .replace("{enterprise}", "octo-enterprise")
            .replace("{org}", "octo-org")
            .replace("{owner}", "octo-org")
            .replace("{repo}", "smile")
            .replace("{bypass_request_number}", number)
            .replace("{bypass_response_id}", "1");
        let elsewhere = path.replace("octo-", "unknown-");
        let method: Method = operation.method.parse().expect("a method");
        // The second review of the same request gets a 422.
        for (caller, path) in [
            (&allowed, &path),
            (&allowed, &path),
            (&allowed, &elsewhere),
            (&forbidden, &path),
        ] {
            let response = caller.call(method.clone(), path, &review).await;
            sent.insert((operation.id().to_owned(), response.status));
        }
    }
    let documented = documented()
        .into_iter()
        .filter(|(_, status)| *status != 500);
    let missing: Vec<_> = documented
        .filter(|it| !sent.contains(it))
        .map(|(operation, status)| format!("the fake never responds to {operation} with {status}"))
        .collect();
    assert!(
        missing.is_empty(),
        "{}; a new operation needs a route in {FAKE_ROUTES}",
        missing.join("\n")
    );
}
