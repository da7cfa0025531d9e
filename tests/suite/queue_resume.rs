//! Queues: saved positions, page sizes and progress.

use github_bypass_requests::{AnyBypassRequest, Client, Queue, QueuePosition, QueueStream};
use github_bypass_requests_fake::{Demo, Fake, Fault};
use serde_json::json;

use crate::faults::checks::failed;
use crate::faults::harness::{Reply, Server};
use crate::support::{TOKEN, request};

async fn fake() -> (Fake, Client) {
    let fake = Fake::builder().demo(Demo::new(40)).start().await;
    let fake = fake.expect("a port");
    let client = Client::builder().base_url(fake.base_url()).token(TOKEN);
    (fake, client.build().expect("a client"))
}

/// Two scopes that overlap, with pages of three requests.
fn overlapping(client: &Client) -> Queue {
    let organization = client.organization("octo-org").queue();
    let repository = client.repository("octo-org", "smile").queue();
    organization.and(repository).per_page(3)
}

async fn rest(stream: &mut QueueStream) -> Vec<AnyBypassRequest> {
    let mut requests = Vec::new();
    while let Some(request) = stream.try_next().await.expect("no error") {
        requests.push(request);
    }
    requests
}

/// Returns the position, saved as JSON and loaded again.
fn saved(stream: &QueueStream) -> Option<QueuePosition> {
    let saved = serde_json::to_string(&stream.position()).expect("JSON");
    serde_json::from_str(&saved).expect("the saved position")
}

#[tokio::test]
async fn a_resumed_queue_continues_after_the_last_request() {
    let (_fake, client) = fake().await;
    let all = rest(&mut overlapping(&client).stream()).await;
    assert!(all.len() > 20, "{}", all.len());
    let mut stream = overlapping(&client).stream();
    for (index, expected) in all.iter().enumerate() {
        let position = saved(&stream).expect("a position");
        let mut resumed = overlapping(&client).resume(position).stream();
        if index % 5 == 0 {
            assert_eq!(rest(&mut resumed).await, all[index..]);
        }
        stream = overlapping(&client)
            .resume(saved(&stream).expect("a position"))
            .stream();
        let next = stream.try_next().await.expect("no error");
        assert_eq!(next.as_ref(), Some(expected));
    }
    assert!(rest(&mut stream).await.is_empty());
    assert_eq!(saved(&stream), None);
}

#[tokio::test]
async fn a_resumed_queue_requests_the_page_that_failed_again() {
    let (fake, client) = fake().await;
    let all = rest(&mut overlapping(&client).stream()).await;
    let fault = Fault::status(404).page(2).path_contains("push-rules");
    fake.misbehave(1, fault).expect("a fault");
    let mut stream = overlapping(&client).stream();
    let mut requests = Vec::new();
    let error = loop {
        match stream.try_next().await {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => panic!("no error"),
            Err(error) => break error,
        }
    };
    assert!(error.is_not_found(), "{error}");
    assert!(requests.len() < all.len());
    let position = saved(&stream).expect("the page that failed");
    let missing = rest(&mut overlapping(&client).resume(position).stream()).await;
    assert!(!missing.is_empty());
    assert_eq!(requests.len() + missing.len(), all.len());
    assert!(
        all.iter()
            .all(|request| requests.contains(request) || missing.contains(request))
    );
}

#[tokio::test]
async fn a_position_of_another_queue_is_refused() {
    let (_fake, client) = fake().await;
    let mut stream = overlapping(&client).stream();
    stream.try_next().await.expect("no error");
    let position = stream.position().expect("a position");
    let sent = client.usage().requests;
    let organization = client.organization("octo-org").queue();
    let position_of_one = organization.clone().stream().position().expect("the start");
    let other = "the position to resume from belongs to a queue with other lists";
    for (queue, expected) in [
        (organization.clone().resume(position.clone()), other),
        (
            client
                .organization("octo-labs")
                .queue()
                .resume(position_of_one.clone()),
            other,
        ),
        (
            organization
                .clone()
                .and(organization.clone().resume(position_of_one)),
            "`resume` must be called after all lists are added",
        ),
        (
            overlapping(&client)
                .and(organization)
                .resume(position.clone()),
            other,
        ),
        (
            overlapping(&client).resume(position).per_page(4),
            "`per_page` must not be changed after `resume`",
        ),
    ] {
        let mut stream = queue.stream();
        let error = failed(stream.try_next().await);
        assert!(error.is_invalid_input(), "{error}");
        assert_eq!(error.to_string(), expected);
        assert!(matches!(stream.try_next().await, Ok(None)));
    }
    assert_eq!(client.usage().requests, sent);
    let later = json!({ "version": 2, "lists": [], "delivered": [] });
    let error = serde_json::from_value::<QueuePosition>(later).expect_err("a later version");
    assert!(error.to_string().contains("version 2"), "{error}");
}

#[tokio::test]
async fn pages_have_the_set_size_and_are_read_ahead() {
    let (fake, client) = fake().await;
    let queue = client.organization("octo-org").queue().per_page(2);
    let mut stream = queue.read_ahead(4).stream();
    stream.try_next().await.expect("no error").expect("one");
    let mut pages = 0;
    // Wait until the pages after the first have been requested.
    while pages < 10 {
        tokio::task::yield_now().await;
        pages = fake.received().len();
    }
    for received in fake.received() {
        assert!(
            received
                .query
                .as_deref()
                .is_some_and(|query| query.contains("per_page=2")),
            "{received:?}"
        );
    }
    let progress = stream.progress();
    let [secrets, rules] = &progress[..] else {
        panic!("{progress:?}")
    };
    let path = "/orgs/octo-org/bypass-requests/secret-scanning";
    assert!(secrets.list.ends_with(path), "{secrets:?}");
    assert_eq!((secrets.pages, secrets.is_finished), (1, false));
    assert!(rules.last_page > Some(1), "{rules:?}");
    rest(&mut stream).await;
    for list in stream.progress() {
        assert!(list.is_finished, "{list:?}");
        assert_eq!(Some(list.pages), list.last_page);
    }
}

/// The process stops before the stream has returned the error of the bad request.
#[tokio::test]
async fn an_undecodable_request_is_reported_after_a_restart() {
    let item = |id: u64| {
        let mut item = request(id);
        item["created_at"] = format!("2026-07-{:02}T12:00:00Z", 30 - id).into();
        item
    };
    let server = Server::start_with(move |_, received| {
        let page = received.target.contains("?page=2") || received.target.contains("&page=2");
        let items = if page {
            [item(3), item(4)]
        } else {
            [item(1), item(2)]
        };
        let mut items = items.to_vec();
        if !page {
            items[1]["created_at"] = "yesterday".into();
        }
        let link = match page {
            true => "link: <https://x/?page=1>; rel=\"prev\"",
            false => "link: <https://x/?page=2>; rel=\"next\"",
        };
        Reply::json(200, &[link], &json!(items))
    });
    let server = server.await;
    let queue = || {
        let list = server.client().organization("octo-org").secret_scanning();
        Queue::from(list.list()).per_page(2)
    };
    let mut stream = queue().stream();
    for expected in [1, 3] {
        let request = stream.try_next().await.expect("no error").expect("one");
        assert_eq!(request.id().get(), expected);
    }
    let mut resumed = queue().resume(saved(&stream).expect("a position")).stream();
    let request = resumed.try_next().await.expect("no error").expect("one");
    assert_eq!(request.id().get(), 4, "no request is delivered again");
    let error = failed(resumed.try_next().await);
    assert!(error.is_decode(), "{error}");
    assert!(resumed.try_next().await.expect("the end").is_none());
    assert_eq!(saved(&resumed), None);
}
