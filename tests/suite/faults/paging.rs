//! F63–F71: lists whose pages fail, repeat, shift, or have wrong links.
//!
//! The module `pagination` tests the forms of links and items. These tests check the requests that
//! the client sends.

use std::time::Duration;

use github_bypass_requests::{Client, Error, List, Organization, SecretFinding};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::checks::{at_once, failed, requested_pages, takes};
use super::clean::assert_clean;
use super::harness::{Reply, Server};
use crate::pagination::read;
use crate::support::{next, no_next, request, resume_page};

fn list(client: &Client) -> List<Organization, SecretFinding> {
    client.organization("octo-org").secret_scanning().list()
}

fn items(ids: &[u64]) -> Value {
    ids.iter().map(|id| request(*id)).collect()
}

/// A page of requests with these ids, and with this `Link` header.
fn page(ids: &[u64], link: &str) -> Reply {
    Reply::json(200, &[&format!("link: {link}")], &items(ids))
}

/// Starts a server that sends the requested page.
async fn paged(pages: Vec<Reply>) -> Server {
    let server = Server::start_with(move |_, received| {
        let number = received.target.split(['?', '&']);
        let number = number.filter_map(|pair| pair.strip_prefix("page=")).next();
        let number: usize = number.and_then(|page| page.parse().ok()).expect("a page");
        pages.get(number - 1).cloned().expect("a page that exists")
    });
    server.await
}

/// Reads the list to its end. Returns the ids, and the error that ended the list, if any.
async fn read_all(server: &Server) -> (Vec<i64>, Option<Error>) {
    let (ids, error) = read(list(&server.client())).await;
    let error = error.map(|error| failed::<()>(Err(error)));
    assert_eq!(server.count("GET"), server.received().len());
    (ids, error)
}

/// Reads the list to its end. Returns the ids. Panics if a read fails or waits.
async fn complete(server: &Server) -> Vec<i64> {
    let (ids, error) = at_once(read_all(server)).await;
    assert!(error.is_none(), "{error:?}");
    ids
}

#[tokio::test(start_paused = true)]
async fn f63_links_with_numeric_paths_are_followed() {
    let server = paged(vec![
        page(&[9, 8], &next(2)),
        page(&[7, 6], &next(3)),
        page(&[5], &no_next()),
    ]);
    let server = server.await;
    assert!(next(2).contains("/organizations/1/"));
    assert_eq!(complete(&server).await, [9, 8, 7, 6, 5]);
    assert_eq!(requested_pages(&server), [1, 2, 3]);
    for request in server.received() {
        let ours = "/orgs/octo-org/bypass-requests/secret-scanning?";
        assert!(request.target.starts_with(ours), "{}", request.target);
        assert_clean(&[&request.target]);
    }
}

#[tokio::test(start_paused = true)]
async fn f64_a_next_page_on_another_origin_is_requested_from_the_clients_origin() {
    let foreign = Server::start(vec![page(&[666], &no_next())]).await;
    let host = foreign.base_url.replace("http://", "");
    for target in [
        format!("http://{host}"),
        format!("https://{host}"),
        format!("//{host}"),
        format!("http://mona:pw@{host}"),
        "https://evil.example.com:444/orgs/octo-org".to_owned(),
        "ftp://127.0.0.1".to_owned(),
    ] {
        let link = format!("<{target}/x?per_page=100&page=2>; rel=\"next\"");
        let server = paged(vec![page(&[2], &link), page(&[1], &no_next())]).await;
        assert_eq!(complete(&server).await, [2, 1], "{target}");
        assert_eq!(requested_pages(&server), [1, 2], "{target}");
        assert_eq!(server.connections(), 1, "{target}");
    }
    assert_eq!((foreign.connections(), foreign.received().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn f65_a_next_page_that_is_not_a_later_page_is_an_error() {
    let links = [
        "page=2",
        "page=1",
        "page=0",
        "page=-1",
        "per_page=100",
        "page=",
    ];
    let huge = format!("page=1{}", "0".repeat(20));
    for query in links.into_iter().chain([huge.as_str()]) {
        let link = format!("<https://api.github.com/x?{query}>; rel=\"next\"");
        let server = paged(vec![page(&[2], &next(2)), page(&[1], &link)]).await;
        let (ids, error) = at_once(read_all(&server)).await;
        let error = error.expect(query);
        assert!(error.is_pagination(), "{query}: {error}");
        assert_eq!((ids, resume_page(&error)), (vec![2, 1], Some(3)), "{query}");
        assert_eq!(requested_pages(&server), [1, 2], "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn f66_pages_that_only_repeat_requests_are_an_error() {
    let pages = (2..=20).map(|number| page(&[2, 1], &next(number)));
    let server = paged(pages.collect()).await;
    let (ids, error) = at_once(read_all(&server)).await;
    assert_eq!(ids, [2, 1]);
    let error = error.expect("no progress");
    assert!(
        error.is_pagination() && resume_page(&error) == Some(7),
        "{error}"
    );
    assert_eq!(
        requested_pages(&server),
        [1, 2, 3, 4, 5, 6],
        "five pages without a new request"
    );
}

#[tokio::test(start_paused = true)]
async fn f67_an_empty_page_does_not_end_a_list_and_five_are_an_error() {
    let server = paged(vec![
        page(&[2], &next(2)),
        page(&[], &next(3)),
        page(&[1], &no_next()),
    ]);
    let server = server.await;
    assert_eq!(complete(&server).await, [2, 1]);
    assert_eq!(requested_pages(&server), [1, 2, 3]);

    let server = paged((2..=20).map(|number| page(&[], &next(number))).collect()).await;
    let (ids, error) = at_once(read_all(&server)).await;
    let error = error.expect("no progress");
    assert!(ids.is_empty() && error.is_pagination(), "{error}");
    assert_eq!(resume_page(&error), Some(6));
    assert_eq!(requested_pages(&server), [1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn f68_a_failing_page_does_not_lose_other_pages() {
    let server = paged(vec![
        page(&[9, 8], &next(2)),
        page(&[7], &next(3)),
        Reply::new(500, &[], ""),
    ]);
    let server = server.await;
    // Page 3 is retried twice, after at least half a second and then at least one second.
    let (ids, error) = takes(1.5..=4.6, read_all(&server)).await;
    let error = error.expect("page 3");
    assert_eq!(ids, [9, 8, 7]);
    assert!(error.is_server_error(), "{error}");
    assert_eq!((error.status(), resume_page(&error)), (Some(500), Some(3)));
    assert!(error.to_string().ends_with("resumed at page 3"), "{error}");
    assert_eq!(requested_pages(&server), [1, 2, 3, 3, 3]);

    let bad = json!([request(8), { "id": "x", "number": 7 }, request(6)]);
    let server = paged(vec![
        page(&[9], &next(2)),
        Reply::json(200, &[&format!("link: {}", next(3))], &bad),
        page(&[5], &no_next()),
    ]);
    let server = server.await;
    let (ids, error) = at_once(read_all(&server)).await;
    let error = error.expect("a bad item");
    assert_eq!((ids, resume_page(&error)), (vec![9, 8, 6], Some(3)));
    assert!(error.is_decode(), "{error}");
    assert!(
        error.to_string().contains("page 2, item 1 (number 7)"),
        "{error}"
    );
    assert_eq!(requested_pages(&server), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn f69_after_a_full_first_page_without_links_one_more_page_is_requested() {
    let full: Vec<u64> = (1..=100).collect();
    for rest in [&[][..], &[101]] {
        let server = paged(vec![
            Reply::json(200, &[], &items(&full)),
            Reply::json(200, &[], &items(rest)),
        ]);
        let server = server.await;
        assert_eq!(complete(&server).await.len(), 100 + rest.len());
        assert_eq!(requested_pages(&server), [1, 2]);
    }
    let server = paged(vec![Reply::json(200, &[], &items(&full[1..]))]).await;
    assert_eq!(complete(&server).await.len(), 99);
    assert_eq!(requested_pages(&server), [1]);
}

#[tokio::test(start_paused = true)]
async fn f70_a_list_that_shifts_delivers_nothing_twice() {
    // After the client reads the first page, either a request is added at the head or the first one
    // is removed. A removal moves another request to a page that was already read, so the client
    // misses that request. Every client of the API has this problem, so a program should read the
    // whole list before it reviews any of the requests.
    for (then, expected) in [
        (vec![10, 9, 8, 7, 6], vec![9, 8, 7, 6]),
        (vec![8, 7, 6, 5], vec![9, 8, 6, 5]),
    ] {
        let server = Server::start_with(move |index, _| {
            let now = if index == 0 { &[9, 8, 7, 6][..] } else { &then };
            let page_of_two = now.chunks(2).nth(index).unwrap_or_default();
            let more = now.len() > 2 * (index + 1);
            let number = u32::try_from(index + 2).expect("few pages");
            page(page_of_two, &if more { next(number) } else { no_next() })
        });
        let server = server.await;
        assert_eq!(complete(&server).await, expected);
        let pages = if expected.len() == 4 && expected[2] == 7 {
            3
        } else {
            2
        };
        assert_eq!(requested_pages(&server), (1..=pages).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn f71_a_stream_can_be_dropped_or_read_slowly() {
    let day = Duration::from_secs(24 * 60 * 60);
    let server = paged(vec![
        page(&[4, 3], &next(2)).then_close(),
        page(&[2], &next(3)).then_close(),
        page(&[1], &no_next()),
    ]);
    let server = server.await;
    let client = server.client();

    let mut dropped = list(&client).stream();
    dropped.try_next().await.expect("a page").expect("an item");
    drop(dropped);
    sleep(day).await;
    assert_eq!(requested_pages(&server), [1], "page 2 is not requested");

    let mut slow = list(&client).stream();
    let mut ids = Vec::new();
    while let Some(request) = at_once(slow.try_next()).await.expect("a page") {
        ids.push(request.id.get());
        sleep(day).await;
    }
    assert_eq!(ids, [4, 3, 2, 1]);
    assert_eq!(requested_pages(&server), [1, 1, 2, 3]);

    // The client allows ten concurrent reads. Ten streams are dropped while a page is in flight,
    // and return their permits.
    let server = Server::start_with(|index, _| match index {
        0..10 => Reply::nothing().then_stall(),
        _ => page(&[1], &no_next()),
    });
    let server = server.await;
    let client = server.client();
    for _ in 0..10 {
        let mut stream = list(&client).stream();
        let poll = timeout(Duration::from_secs(1), stream.try_next());
        takes(1.0..=1.1, poll).await.expect_err("stalled");
    }
    let (ids, error) = at_once(read(list(&client))).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((ids, server.count("GET")), (vec![1], 11));
}
