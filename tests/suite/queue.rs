//! Queues: several lists as one stream.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use futures_util::TryStreamExt;
use github_bypass_requests::{AnyBypassRequest, Client, Error, Queue, StatusFilter};
use github_bypass_requests_fake::{Clock, Fake, NewRequest};
use serde_json::{Value, json};

use crate::faults::harness::{Received, Reply, Server};
use crate::support::{next, request};

async fn read(queue: Queue) -> (Vec<AnyBypassRequest>, Vec<Error>) {
    let mut stream = queue.stream();
    let (mut requests, mut errors) = (Vec::new(), Vec::new());
    loop {
        match stream.try_next().await {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => break,
            Err(error) => errors.push(error),
        }
    }
    assert!(
        matches!(stream.try_next().await, Ok(None)),
        "a stream that has ended returns no more items"
    );
    (requests, errors)
}

/// Returns the kind, repository and number of each request of a queue.
async fn read_all(queue: Queue) -> Vec<String> {
    let (requests, errors) = read(queue).await;
    assert!(errors.is_empty(), "{errors:?}");
    let describe = |request: &AnyBypassRequest| {
        let kind = match request.kind() {
            "secret_scanning" => "secret",
            "push_rules" => "rule",
            other => panic!("{other}"),
        };
        format!("{kind} {}#{}", request.repository(), request.number())
    };
    requests.iter().map(describe).collect()
}

fn start() -> DateTime<Utc> {
    let start = Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0);
    start.single().expect("an instant")
}

/// Starts a fake with two repositories and requests of both kinds, opened an hour apart.
async fn world() -> (Fake, Client) {
    let fake = Fake::builder()
        .token("t", "octocat")
        .clock(Clock::manual(start()));
    let fake = fake.start().await.expect("a port");
    for repository in ["smile", "grin"] {
        fake.open_secret_scanning_request(NewRequest::new().repository("octo-org", repository));
        fake.advance(TimeDelta::hours(1));
        let opened = NewRequest::new().repository("octo-org", repository);
        let opened = fake.open_push_rule_request(opened);
        fake.advance(TimeDelta::hours(1));
        if repository == "grin" {
            fake.deny("octo-org", "grin", opened.number, "hubot")
                .expect("open");
        }
    }
    let client = Client::builder().base_url(fake.base_url()).token("t");
    let client = client.build().expect("a client");
    (fake, client)
}

#[tokio::test]
async fn a_queue_has_both_kinds_newest_first() {
    let (_fake, client) = world().await;
    let all = [
        "rule octo-org/grin#2",
        "secret octo-org/grin#1",
        "rule octo-org/smile#2",
        "secret octo-org/smile#1",
    ];
    assert_eq!(read_all(client.organization("octo-org").queue()).await, all);
    let smile = client.repository("octo-org", "smile").queue();
    assert_eq!(read_all(smile).await, all[2..]);
}

#[tokio::test]
async fn filters_apply_to_the_lists_added_before() {
    let (_fake, client) = world().await;
    let queue = client.organization("octo-org").queue();
    let open = queue.clone().status(StatusFilter::Open);
    assert_eq!(read_all(open).await.len(), 3);
    let denied = queue.clone().status(StatusFilter::Denied);
    assert_eq!(read_all(denied.clone()).await, ["rule octo-org/grin#2"]);
    let all = denied.and(client.repository("octo-org", "smile").queue());
    assert_eq!(read_all(all).await.len(), 3);
    let error = read(queue.reviewer("no login")).await.1.remove(0);
    assert!(error.is_invalid_input(), "{error}");
}

#[tokio::test]
async fn overlapping_scopes_deliver_each_request_once() {
    let (_fake, client) = world().await;
    let organization = client.organization("octo-org").queue();
    let secrets = client
        .repository("octo-org", "smile")
        .secret_scanning()
        .list();
    let queue = organization
        .clone()
        .and(secrets)
        .and(client.repository("octo-org", "grin").queue());
    assert_eq!(read_all(queue).await, read_all(organization).await);
}

/// Starts a server that returns the page whose suffix matches the end of the path, or 404 if no
/// suffix matches.
async fn serving(pages: Vec<(&'static str, Value)>) -> Server {
    let reply = move |_, received: &Received| {
        let path = received.target.split('?').next().unwrap_or_default();
        match pages.iter().find(|(suffix, _)| path.ends_with(suffix)) {
            Some((_, page)) => Reply::json(200, &[], page),
            None => Reply::json(404, &[], &json!({ "message": "Not Found" })),
        }
    };
    Server::start_with(reply).await
}

#[tokio::test]
async fn requests_of_both_kinds_can_have_the_same_id() {
    let page = json!([request(21)]);
    let server = serving(vec![
        ("/secret-scanning", page.clone()),
        ("/push-rules", page),
    ])
    .await;
    let (requests, errors) = read(server.client().organization("octo-org").queue()).await;
    assert_eq!((requests.len(), errors.len()), (2, 0));
    assert_eq!(requests[0].id(), requests[1].id());
}

#[tokio::test]
async fn the_error_of_a_failed_list_can_be_seen_before_the_end() {
    let server = serving(vec![(
        "/orgs/a/bypass-requests/push-rules",
        json!([request(2), request(1)]),
    )])
    .await;
    let mut stream = server.client().organization("a").queue().stream();
    assert_eq!(stream.pending_errors().count(), 0);
    let first = stream.try_next().await.expect("a request");
    assert!(first.is_some());
    let pending: Vec<_> = stream.pending_errors().map(Error::to_string).collect();
    assert_eq!(pending.len(), 1, "{pending:?}");
    assert!(pending[0].starts_with("GET /orgs/a/bypass-requests/secret-scanning: 404"));
    stream.try_next().await.expect("the second request");
    let error = stream.try_next().await.expect_err("the error");
    assert_eq!(error.to_string(), pending[0]);
    assert_eq!(stream.pending_errors().count(), 0);
}

#[tokio::test]
async fn a_failed_list_does_not_hide_the_others_and_its_error_comes_last() {
    let server = serving(vec![(
        "/orgs/a/bypass-requests/push-rules",
        json!([request(2), request(1)]),
    )])
    .await;
    let client = server.client();
    let queue = client
        .organization("a")
        .queue()
        .and(client.organization("b").queue());
    let (requests, errors) = read(queue).await;
    assert_eq!(requests.len(), 2);
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors.iter().all(Error::is_not_found), "{errors:?}");
    let lists = errors.iter().map(|error| {
        let text = error.to_string();
        let list = text.split(": ").next().expect("a list");
        list.to_owned()
    });
    assert_eq!(
        lists.collect::<Vec<_>>(),
        [
            "GET /orgs/a/bypass-requests/secret-scanning",
            "GET /orgs/b/bypass-requests/secret-scanning",
            "GET /orgs/b/bypass-requests/push-rules",
        ]
    );
}

#[tokio::test]
async fn pages_are_requested_one_at_a_time_when_needed() {
    let server = serving(vec![
        ("/secret-scanning", json!([request(3)])),
        ("/push-rules", json!([])),
    ])
    .await;
    let mut stream = server.client().organization("octo-org").queue().stream();
    assert!(server.received().is_empty());
    stream.try_next().await.expect("a page").expect("an item");
    assert_eq!((server.received().len(), server.connections()), (2, 1));
}

#[test]
fn a_request_is_serialized_with_its_kind() {
    let json = json!({ "kind": "secret_scanning", "id": 1, "number": 2, "status": "new status",
        "request_type": "secret_scanning", "created_at": "2024-07-01T08:43:03Z",
        "data": [{ "secret_type": "x" }], "repository": { "full_name": "octo-org/smile" } });
    let request: AnyBypassRequest = serde_json::from_value(json).expect("a request");
    assert!(matches!(&request, AnyBypassRequest::SecretScanning(_)));
    let again = serde_json::to_string(&request).expect("JSON");
    assert!(
        again.starts_with(r#"{"kind":"secret_scanning","id":1,"#),
        "{again}"
    );
    assert_eq!(
        serde_json::from_str::<AnyBypassRequest>(&again).ok(),
        Some(request.clone())
    );
    assert_eq!(
        request.to_string(),
        "octo-org/smile#2 new status, requested by an unknown user on 2024-07-01"
    );
}

#[tokio::test]
async fn requests_of_the_same_instant_keep_the_order_of_the_lists() {
    let page = json!([request(2), request(1)]);
    let server = serving(vec![
        ("/secret-scanning", page.clone()),
        ("/push-rules", page),
    ])
    .await;
    let queue = server.client().organization("octo-org").queue();
    assert_eq!(format!("{queue:?}"), "Queue { lists: 2, .. }");
    let stream = queue.stream();
    assert_eq!(format!("{stream:?}"), "QueueStream { .. }");
    let requests: Vec<_> = stream.try_collect().await.expect("requests");
    let kinds = requests.iter().map(|request| match request {
        AnyBypassRequest::SecretScanning(_) => "secret",
        _ => "rule",
    });
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        ["secret", "secret", "rule", "rule"]
    );
}

#[tokio::test]
async fn requests_of_two_hosts_can_have_the_same_id() {
    let page = vec![
        ("/secret-scanning", json!([request(21)])),
        ("/push-rules", json!([])),
    ];
    let (one, other) = (serving(page.clone()).await, serving(page).await);
    let queue = one.client().organization("a").queue();
    let queue = queue.and(other.client().organization("a").queue());
    let (requests, errors) = read(queue).await;
    assert_eq!((requests.len(), errors.len()), (2, 0));
}

#[tokio::test]
async fn an_undecodable_request_does_not_hide_the_others() {
    let reply = |_, received: &Received| {
        let is_first = received.target.contains("&page=1&") || received.target.contains("?page=1&");
        match is_first {
            _ if received.target.contains("push-rules") => Reply::json(200, &[], &json!([])),
            true => {
                let link = format!("link: {}", next(2));
                Reply::json(200, &[&link], &json!([request(5), { "id": 4 }, request(3)]))
            }
            false => Reply::json(200, &[], &json!([request(3), request(2)])),
        }
    };
    let server = Server::start_with(reply).await;
    let (requests, errors) = read(server.client().organization("a").queue()).await;
    let ids: Vec<i64> = requests.iter().map(|request| request.id().get()).collect();
    assert_eq!(ids, [5, 3, 2]);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].to_string().contains("(id 4)"), "{}", errors[0]);
}

#[tokio::test]
async fn a_list_of_undecodable_pages_ends() {
    let reply = |index, _: &Received| {
        let link = format!("link: {}", next(u32::try_from(index).expect("a page") + 2));
        Reply::json(200, &[&link], &json!([{ "id": index }]))
    };
    let server = Server::start_with(reply).await;
    let list = server.client().organization("a").secret_scanning().list();
    let (requests, errors) = read(list.into()).await;
    assert_eq!((requests.len(), server.received().len()), (0, 5));
    // One error per page, and one for the list.
    assert_eq!(errors.len(), 6, "{errors:?}");
    assert!(errors[5].is_pagination(), "{}", errors[5]);
}

#[tokio::test]
async fn an_undecodable_page_does_not_end_a_list_without_links() {
    let reply = |_, received: &Received| {
        let mut query = received.target.split(['?', '&']);
        let page = query.find_map(|pair| pair.strip_prefix("page="));
        let items = match page {
            Some("1") => json!([request(9), request(8)]),
            Some("2") => json!([{ "id": 7 }, { "id": 6 }]),
            Some("3") => json!([request(5), request(4)]),
            _ => json!([]),
        };
        Reply::json(200, &[], &items)
    };
    let server = Server::start_with(reply).await;
    let list = server.client().organization("a").secret_scanning().list();
    let (requests, errors) = read(list.per_page(2).into()).await;
    let ids: Vec<i64> = requests.iter().map(|request| request.id().get()).collect();
    assert_eq!((ids, errors.len()), (vec![9, 8, 5, 4], 1));
}

#[tokio::test]
async fn a_resumed_list_stays_resumed_after_an_undecodable_item() {
    let reply = |_, received: &Received| match received.target.contains("page=1&") {
        // The list has grown: 10, which was delivered, has moved to page 2.
        true => {
            let link = format!("link: {}", next(2));
            Reply::json(200, &[&link], &json!([{ "id": 11 }, request(12)]))
        }
        false => Reply::json(200, &[], &json!([request(10), request(8)])),
    };
    let server = Server::start_with(reply).await;
    let position =
        json!({ "kind": "secret_scanning", "page": 1, "per_page": 2, "delivered": [10] });
    let list = server.client().organization("a").secret_scanning().list();
    let list = list.resume(serde_json::from_value(position).expect("a position"));
    let (requests, errors) = read(list.into()).await;
    let ids: Vec<i64> = requests.iter().map(|request| request.id().get()).collect();
    assert_eq!((ids, errors.len()), (vec![12, 8], 1));
}

#[tokio::test]
async fn invalid_input_is_reported_once() {
    let (_fake, client) = world().await;
    let queue = client.organization("octo-org").queue();
    let queue = queue.and(client.repository("octo-org", "smile").queue());
    let (requests, errors) = read(queue.reviewer("@mona")).await;
    assert_eq!((requests.len(), errors.len()), (0, 1), "{errors:?}");
}

#[tokio::test]
async fn since_applies_to_the_lists_added_before() {
    let old = "2024-07-01T08:43:03Z";
    let new = Utc::now() - TimeDelta::minutes(1);
    let item = |id, created_at: &str| {
        let mut item = request(id);
        item["created_at"] = json!(created_at);
        item
    };
    let page = json!([item(2, &new.to_rfc3339()), item(1, old)]);
    let server = serving(vec![
        ("/secret-scanning", page.clone()),
        ("/push-rules", page),
    ])
    .await;
    let queue = server.client().organization("a").queue();
    let (requests, errors) = read(queue.clone().since(new - TimeDelta::hours(2))).await;
    assert_eq!((requests.len(), errors.len()), (2, 0));
    assert!(
        server
            .received()
            .iter()
            .all(|request| request.target.contains("time_period=day"))
    );
    let errors = read(queue.since(new - TimeDelta::days(40))).await.1;
    assert_eq!(errors.len(), 1);
    assert!(errors.iter().all(Error::is_invalid_input));
}
