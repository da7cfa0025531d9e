//! Response headers: API versions, ETags and rate limits.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use github_bypass_requests_fake::Fake;

use super::caller::Caller;
use super::{ORG, SMILE, demo, noon, secret, serve, world};

#[tokio::test]
async fn every_response_has_the_common_headers() {
    let (_fake, caller) = demo(1).await;
    let anonymous = caller
        .clone()
        .without("user-agent")
        .without("authorization");
    let responses = [
        caller.list(ORG).await,
        caller.get("/orgs/nobody/bypass-requests/push-rules").await,
        caller.get("/nowhere").await,
        caller.dismiss(1_000).await,
        caller.get(&format!("{ORG}?time_period=x")).await,
        anonymous.get(ORG).await,
    ];
    let mut ids = BTreeSet::new();
    for response in &responses {
        assert!(
            ids.insert(response.header("x-github-request-id")),
            "{ids:?}"
        );
        assert_eq!(
            response.header("x-github-media-type"),
            "github.v3; format=json"
        );
        assert_eq!(
            response.header("x-github-api-version-selected"),
            "2022-11-28"
        );
        assert_eq!(response.header("x-ratelimit-limit"), "5000");
        assert_eq!(response.header("x-ratelimit-resource"), "core");
        // The date is the time of the fake's clock.
        assert_eq!(response.header("date"), "Tue, 10 Mar 2026 12:00:00 GMT");
    }
}

#[tokio::test]
async fn only_published_api_versions_are_accepted() {
    let (_fake, caller) = demo(1).await;
    let versioned = |version| caller.clone().with("x-github-api-version", version);
    for version in ["2022-11-28", "2026-03-10"] {
        let response = versioned(version).list(ORG).await;
        assert_eq!(response.header("x-github-api-version-selected"), version);
    }
    for version in ["2022-11-29", "v3", ""] {
        assert_eq!(versioned(version).get(ORG).await.status, 400, "{version}");
    }
}

#[tokio::test]
async fn an_unchanged_response_is_a_304() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let first = caller.list(SMILE).await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with("W/\""), "{etag}");
    assert_eq!(first.header("x-ratelimit-remaining"), "4999");

    let conditional = Caller::new(&fake, "t").with("if-none-match", &format!("\"x\", {etag}"));
    for _ in 0..2 {
        let unchanged = conditional.get(SMILE).await;
        assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""));
        assert_eq!(unchanged.header("etag"), etag);
        assert_eq!(unchanged.header("x-ratelimit-remaining"), "4999");
    }
    caller.approve(number).await;
    let changed = conditional.get(SMILE).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), etag);
    assert_eq!(changed.header("x-ratelimit-used"), "3");

    // The page has the same items, but the links have changed.
    let page = format!("{SMILE}?page=9&per_page=1");
    let etag = caller.list(&page).await.header("etag").to_owned();
    fake.open_secret_scanning_request(secret());
    let grown = Caller::new(&fake, "t")
        .with("if-none-match", &etag)
        .get(&page)
        .await;
    assert_eq!(grown.status, 200);
}

#[tokio::test]
async fn the_rate_limit_counts_down_and_resets() {
    let (fake, caller) = serve(Fake::builder().rate_limit(3)).await;
    fake.add_repository("octo-org", "smile");
    let reset = (noon() + TimeDelta::hours(1)).timestamp().to_string();
    for (used, remaining) in [("1", "2"), ("2", "1"), ("3", "0")] {
        let response = caller.list(SMILE).await;
        assert_eq!(response.header("x-ratelimit-used"), used);
        assert_eq!(response.header("x-ratelimit-remaining"), remaining);
        assert_eq!(response.header("x-ratelimit-reset"), reset);
        fake.advance(TimeDelta::minutes(1));
    }
    let refused = caller.get(SMILE).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    let message = refused.body["message"].as_str().unwrap();
    assert!(
        message.starts_with("API rate limit exceeded for user ID "),
        "{message}"
    );
    // Unauthenticated requests are not counted.
    assert_eq!(caller.without("authorization").get(SMILE).await.status, 401);

    fake.set_now(noon() + TimeDelta::hours(1));
    let renewed = Caller::new(&fake, "t").list(SMILE).await;
    assert_eq!(renewed.header("x-ratelimit-remaining"), "2");
}
