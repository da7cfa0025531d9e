//! Pagination: lists are read completely and in order, and each page is requested only when needed.

use std::time::Duration;

use futures_core::Stream;
use github_bypass_requests::{
    Client, Error, List, Organization, PageStream, RequestStream, RuleViolation, SecretFinding,
};
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use crate::support::{
    at_page, client, next, no_next, page, paged, received, request, requested_pages, resume_page,
    server, unlinked,
};

type Requests = List<Organization, SecretFinding>;

fn list(server: &MockServer) -> Requests {
    client(server)
        .organization("octo-org")
        .secret_scanning()
        .list()
}

/// Reads the whole list. Returns the ids, and the error if the stream ended with one.
pub(crate) async fn read(list: Requests) -> (Vec<i64>, Option<Error>) {
    let mut stream = list.stream();
    let mut ids = Vec::new();
    let error = loop {
        match stream.try_next().await {
            Ok(Some(request)) => ids.push(request.id.get()),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    for _ in 0..2 {
        assert!(
            matches!(stream.try_next().await, Ok(None)),
            "an ended stream returns no more items"
        );
    }
    (ids, error)
}

async fn read_all(server: &MockServer) -> Vec<i64> {
    let (ids, error) = read(list(server)).await;
    assert!(error.is_none(), "{error:?}");
    ids
}

#[tokio::test]
async fn pages_are_read_in_order_until_the_last() {
    let server = paged(vec![
        page(&[9, 8], &next(2)),
        page(&[7, 6], &next(3)),
        page(&[5], &no_next()),
    ])
    .await;
    assert_eq!(read_all(&server).await, [9, 8, 7, 6, 5]);
    assert_eq!(requested_pages(&server).await, [1, 2, 3]);
    for request in received(&server).await {
        assert_eq!(
            request.url.path(),
            "/orgs/octo-org/bypass-requests/secret-scanning"
        );
    }
}

#[tokio::test]
async fn a_page_is_requested_only_when_it_is_needed() {
    let server = paged(vec![page(&[2, 1], &next(2)), page(&[0xF00], &no_next())]).await;
    let mut stream = list(&server).stream();
    assert!(requested_pages(&server).await.is_empty());
    stream.try_next().await.expect("first").expect("first");
    stream.try_next().await.expect("second").expect("second");
    assert_eq!(requested_pages(&server).await, [1]);
    stream.try_next().await.expect("third").expect("third");
    assert_eq!(requested_pages(&server).await, [1, 2]);
    drop(stream);
    assert_eq!(requested_pages(&server).await, [1, 2]);
}

#[tokio::test]
async fn a_page_has_its_own_number_the_next_and_the_last() {
    let link = format!("{}, <https://x/?page=3>; rel=\"last\"", next(2));
    let first = page(&[2], &link)
        .insert_header("x-ratelimit-limit", "5000")
        .insert_header("x-ratelimit-remaining", "4999")
        .insert_header("x-ratelimit-reset", "1719823383")
        .insert_header("x-github-api-version-selected", "2022-11-28");
    let server = paged(vec![first, page(&[1], &no_next())]).await;
    let mut pages = list(&server).pages();
    let page = pages.try_next().await.expect("page").expect("page");
    assert_eq!(
        (page.number, page.next, page.last, page.items.len()),
        (1, Some(2), Some(3), 1)
    );
    assert_eq!(page.meta.request_id.as_deref(), Some("AB:12"));
    assert_eq!(page.meta.api_version.as_deref(), Some("2022-11-28"));
    let limit = page.meta.rate_limit.expect("rate limit");
    assert_eq!(
        (limit.limit, limit.remaining, limit.reset.timestamp()),
        (5000, 4999, 1719823383)
    );
    let page = pages.try_next().await.expect("page").expect("page");
    assert_eq!((page.number, page.next, page.last), (2, None, None));
    assert!(pages.try_next().await.expect("end").is_none());
}

#[tokio::test]
async fn an_empty_page_in_the_middle_does_not_end_the_list() {
    let server = paged(vec![
        page(&[2], &next(2)),
        page(&[], &next(3)),
        page(&[1], &no_next()),
    ])
    .await;
    assert_eq!(read_all(&server).await, [2, 1]);
}

#[tokio::test]
async fn an_empty_list_has_no_requests() {
    let server = server(ResponseTemplate::new(200).set_body_json(json!([]))).await;
    assert!(read_all(&server).await.is_empty());
    assert_eq!(requested_pages(&server).await, [1]);
}

#[tokio::test]
async fn a_next_page_on_another_host_is_requested_from_the_configured_host() {
    let foreign = server(page(&[666], &no_next())).await;
    for target in [
        foreign.uri(),
        foreign.uri().replace("http://", "//"),
        foreign.uri().replace("http://", "https://mona:pw@"),
    ] {
        let link = format!(
            "<{target}/orgs/octo-org/bypass-requests/secret-scanning?page=2>; rel=\"next\""
        );
        let server = paged(vec![page(&[2], &link), page(&[1], &no_next())]).await;
        assert_eq!(read_all(&server).await, [2, 1], "{target}");
    }
    assert!(received(&foreign).await.is_empty());
}

#[tokio::test]
async fn a_next_page_that_does_not_advance_is_an_error() {
    for number in ["2", "1", "0", "-1", "100000000000000000000", ""] {
        let link = format!("<https://api.github.com/x?page={number}>; rel=\"next\"");
        let server = paged(vec![page(&[2], &next(2)), page(&[1], &link)]).await;
        let (ids, error) = read(list(&server)).await;
        assert_eq!(ids, [2, 1], "{number}: earlier requests are delivered");
        let error = error.expect(number);
        assert!(error.is_pagination(), "{error}");
        assert_eq!(resume_page(&error), Some(3), "{error}");
        assert_eq!(requested_pages(&server).await, [1, 2]);
    }
    let link = "<https://api.github.com/x?after=abc>; rel=\"next\"";
    let server = paged(vec![page(&[1], link)]).await;
    let error = read(list(&server)).await.1.expect("no number");
    assert_eq!(
        error.to_string(),
        "GET /orgs/octo-org/bypass-requests/secret-scanning: the `Link` header of page 1 names a next page \
         without a number; status 200 OK (request id AB:12); the list can be resumed at page 2"
    );
}

#[tokio::test]
async fn page_numbers_do_not_overflow() {
    let link = "<https://x/?page=4294967295>; rel=\"next\"";
    let server = paged(vec![page(&[1], link)]).await;
    let (ids, error) = read(list(&server)).await;
    assert_eq!(
        (ids, resume_page(&error.expect("500"))),
        (vec![1], Some(u32::MAX))
    );
}

/// Returns `full` pages of `per_page` items and one page of `rest` items, all without links.
fn without_links(full: u64, per_page: u64, rest: u64) -> Vec<ResponseTemplate> {
    let items = |from: u64, count: u64| (from..from + count).map(request).collect::<Vec<Value>>();
    let mut pages: Vec<ResponseTemplate> = (0..full)
        .map(|index| unlinked(&items(1 + index * per_page, per_page)))
        .collect();
    pages.push(unlinked(&items(1 + full * per_page, rest)));
    pages
}

#[tokio::test]
async fn a_short_page_without_links_ends_the_list() {
    let server = paged(without_links(0, 3, 2)).await;
    assert_eq!(read(list(&server).per_page(3)).await.0, [1, 2]);
    assert_eq!(requested_pages(&server).await, [1]);
}

#[tokio::test]
async fn one_more_page_is_requested_after_a_full_page_without_links() {
    let server = paged(without_links(1, 3, 0)).await;
    assert_eq!(read(list(&server).per_page(3)).await.0, [1, 2, 3]);
    assert_eq!(requested_pages(&server).await, [1, 2]);
    let mut pages = list(&server).per_page(3).pages();
    assert!(pages.try_next().await.expect("page").is_some());
    assert!(
        pages.try_next().await.expect("end").is_none(),
        "the empty page is not delivered"
    );
}

#[tokio::test]
async fn no_request_is_missed_if_a_proxy_removes_the_links() {
    let server = paged(without_links(3, 3, 1)).await;
    let (ids, error) = read(list(&server).per_page(3)).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids, (1..=10).collect::<Vec<_>>());
    assert_eq!(requested_pages(&server).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn all_pages_up_to_the_last_are_requested_even_if_later_links_are_missing() {
    let link = format!("{}, <https://x/?page=4>; rel=\"last\"", next(2));
    let no_link = |ids: &[u64]| unlinked(&ids.iter().map(|id| request(*id)).collect::<Vec<_>>());
    let server = paged(vec![
        page(&[4], &link),
        no_link(&[3]),
        no_link(&[]),
        no_link(&[1]),
    ])
    .await;
    assert_eq!(read_all(&server).await, [4, 3, 1]);
    assert_eq!(requested_pages(&server).await, [1, 2, 3, 4]);

    // The last page is empty.
    let server = paged(vec![
        page(&[4], &link),
        no_link(&[3]),
        no_link(&[2]),
        no_link(&[]),
    ])
    .await;
    let mut pages = list(&server).pages();
    let mut numbers = Vec::new();
    while let Some(page) = pages.try_next().await.expect("page") {
        numbers.push(page.number);
    }
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test]
async fn a_server_that_ignores_the_page_number_ends_the_list() {
    let server = server(unlinked(&[request(1), request(2)])).await;
    let (ids, error) = read(list(&server).per_page(2)).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(
        (ids, requested_pages(&server).await),
        (vec![1, 2], vec![1, 2, 3])
    );
}

/// If a list without links grows by exactly one page, the server seems to repeat a page once.
#[tokio::test]
async fn a_list_without_links_that_grows_by_a_page_does_not_end_early() {
    for (rest, expected) in [
        (&[&[6, 5][..], &[4]][..], &[8, 7, 6, 5, 4][..]),
        (&[&[6, 5], &[]], &[8, 7, 6, 5]),
        (&[&[6]], &[8, 7, 6]),
        (&[&[]], &[8, 7]),
    ] {
        let pages = [&[8, 7][..], &[8, 7]]
            .into_iter()
            .chain(rest.iter().copied());
        let pages =
            pages.map(|ids| unlinked(&ids.iter().map(|id| request(*id)).collect::<Vec<_>>()));
        let server = paged(pages.collect()).await;
        let (ids, error) = read(list(&server).per_page(2)).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(ids, expected);
    }
}

#[tokio::test]
async fn a_request_that_moves_to_the_next_page_is_delivered_once() {
    // A new request arrives between the reads of the two pages, so request 8 moves to page 2.
    let server = paged(vec![page(&[9, 8], &next(2)), page(&[8, 7], &no_next())]).await;
    assert_eq!(read_all(&server).await, [9, 8, 7]);
    let mut pages = list(&server).pages();
    let mut items = Vec::new();
    while let Some(page) = pages.try_next().await.expect("page") {
        items.push(page.items.len());
    }
    assert_eq!(items, [2, 1]);
}

#[tokio::test]
async fn a_list_that_shrinks_between_pages_has_no_repeats() {
    // A request leaves page 1, so request 7 moves to page 1, and the client misses it. The API
    // offers no way to prevent this.
    let server = paged(vec![page(&[9, 8], &next(2)), page(&[6, 5], &no_next())]).await;
    assert_eq!(read_all(&server).await, [9, 8, 6, 5]);
}

#[tokio::test]
async fn only_the_previous_page_is_remembered() {
    let server = paged(vec![
        page(&[9], &next(2)),
        page(&[8], &next(3)),
        page(&[9], &no_next()),
    ])
    .await;
    assert_eq!(read_all(&server).await, [9, 8, 9]);
}

#[tokio::test]
async fn five_pages_in_a_row_without_a_new_request_are_an_error() {
    let repeated = |request: &Request| {
        let page_number: u32 = request
            .url
            .query_pairs()
            .find(|(name, _)| name == "page")
            .expect("page")
            .1
            .parse()
            .expect("number");
        page(&[1, 2], &next(page_number + 1))
    };
    let server = server(repeated).await;
    let (ids, error) = read(list(&server)).await;
    let error = error.expect("an error");
    assert_eq!(ids, [1, 2]);
    assert_eq!(requested_pages(&server).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(resume_page(&error), Some(7));
    assert_eq!(
        error.to_string(),
        "GET /orgs/octo-org/bypass-requests/secret-scanning: 5 pages in a row have no new request; \
         status 200 OK (request id AB:12); the list can be resumed at page 7"
    );
}

#[tokio::test]
async fn four_empty_pages_in_a_row_are_not_an_error() {
    let empty = |to| page(&[], &next(to));
    let server = paged(vec![
        page(&[2], &next(2)),
        empty(3),
        empty(4),
        empty(5),
        empty(6),
        page(&[1], &no_next()),
    ])
    .await;
    assert_eq!(read_all(&server).await, [2, 1]);
}

#[tokio::test]
async fn a_list_of_more_than_a_thousand_pages_can_be_resumed() {
    let endless = |request: &Request| {
        let number: u32 = request
            .url
            .query_pairs()
            .find(|(name, _)| name == "page")
            .expect("page")
            .1
            .parse()
            .expect("number");
        page(&[number.into()], &next(number + 1))
    };
    let server = server(endless).await;
    let (ids, error) = read(list(&server).resume(at_page(5, 100))).await;
    assert_eq!(ids, (5..1005).collect::<Vec<_>>());
    assert_eq!(resume_page(&error.expect("endless")), Some(1005));
}

#[tokio::test]
async fn a_page_that_fails_ends_the_list_after_the_earlier_items() {
    let server = paged(vec![page(&[2, 1], &next(2)), ResponseTemplate::new(502)]).await;
    let (ids, error) = read(list(&server)).await;
    let error = error.expect("502");
    assert_eq!(ids, [2, 1]);
    assert!(error.is_server_error());
    assert_eq!((error.status(), resume_page(&error)), (Some(502), Some(2)));
    assert_eq!(requested_pages(&server).await, [1, 2]);
}

#[tokio::test]
async fn a_list_can_be_resumed_at_a_page() {
    let server = paged(vec![
        page(&[4], &next(2)),
        page(&[3], &next(3)),
        page(&[2], &next(4)),
        page(&[1], &no_next()),
    ])
    .await;
    assert_eq!(read(list(&server).resume(at_page(3, 100))).await.0, [2, 1]);
    assert_eq!(requested_pages(&server).await, [3, 4]);
}

#[tokio::test]
async fn all_other_items_are_delivered_if_an_item_is_bad() {
    let mut bad = request(7);
    bad["data"] = json!([{ "path": 7 }]);
    let middle = unlinked(&[request(8), bad, request(6)]).insert_header("link", next(3).as_str());
    let server = paged(vec![page(&[9], &next(2)), middle, page(&[5], &no_next())]).await;

    let (ids, error) = read(list(&server)).await;
    let error = error.expect("bad item");
    assert_eq!(ids, [9, 8, 6]);
    assert!(error.is_decode());
    assert_eq!(error.request_id(), Some("AB:12"));
    insta::assert_snapshot!(error, @"GET /orgs/octo-org/bypass-requests/secret-scanning: page 2, item 1 (id 7, number 7) cannot be decoded: field `data[0].path`: expected a string at line 1 column 121; status 200 OK (request id AB:12); the list can be resumed at page 3");

    let resumed = read(list(&server).resume(at_page(3, 100))).await;
    assert_eq!(resumed.0, [5]);
}

#[tokio::test]
async fn the_error_for_bad_items_on_the_last_page_has_no_page_to_resume() {
    let items = [
        json!({ "id": "x", "number": 3 }),
        request(2),
        json!(null),
        json!([]),
    ];
    let server = paged(vec![
        unlinked(&items).insert_header("link", no_next().as_str()),
    ])
    .await;
    let (ids, error) = read(list(&server)).await;
    let error = error.expect("bad items");
    assert_eq!((ids, resume_page(&error)), (vec![2], None));
    let text = error.to_string();
    assert!(
        text.contains("page 1, item 0 (number 3) cannot be decoded: field `id`:"),
        "{text}"
    );
    assert!(
        text.contains("; 1 more on this page cannot be decoded"),
        "{text}"
    );
}

#[tokio::test]
async fn null_items_are_ignored() {
    let items = [json!(null), request(2), json!(null)];
    let server = paged(vec![
        unlinked(&items).insert_header("link", no_next().as_str()),
    ])
    .await;
    assert_eq!(read_all(&server).await, [2]);
}

#[tokio::test]
async fn a_page_of_only_bad_items_is_delivered_before_the_error() {
    let server = paged(vec![unlinked(&[json!({})])]).await;
    let mut pages = list(&server).pages();
    let page = pages.try_next().await.expect("page").expect("page");
    assert!(page.items.is_empty());
    let error = pages.try_next().await.expect_err("bad item");
    assert!(
        error
            .to_string()
            .contains("page 1, item 0 cannot be decoded: missing field `"),
        "{error}"
    );
}

#[tokio::test]
async fn invalid_utf8_is_a_bad_item_only_in_fields_that_are_decoded() {
    let item = |id: u64, extra: &[u8]| {
        let mut bytes = request(id).to_string().into_bytes();
        bytes.pop();
        bytes.extend_from_slice(extra);
        bytes.push(b'}');
        bytes
    };
    let decoded_field = item(2, b",\"requester_comment\":\"\xff\"");
    let ignored_field = item(1, b",\"x_new\":\"\xff\"");
    let body = [
        b"[".to_vec(),
        decoded_field,
        b",".to_vec(),
        ignored_field,
        b"]".to_vec(),
    ]
    .concat();
    let server = paged(vec![
        ResponseTemplate::new(200).set_body_raw(body, "application/json"),
    ])
    .await;
    let (ids, error) = read(list(&server)).await;
    assert_eq!(ids, [1]);
    let error = error.expect("bad item").to_string();
    assert!(error.contains("item 0 (id 2, number 2)"), "{error}");
}

#[tokio::test]
async fn a_body_that_is_not_a_list_is_an_error() {
    for (body, shown) in [
        ("", "EOF while parsing a value"),
        ("null", "expected a list"),
        ("{}", "expected a list"),
        ("\"x\"", "expected a list"),
        ("[{\"id\": 1", "EOF while parsing an object"),
        ("[]x", "trailing characters"),
        (r#"{"message": "Server busy"}"#, "\"Server busy\""),
    ] {
        let reply =
            ResponseTemplate::new(200).set_body_raw(body, "application/json; charset=utf-8");
        let (ids, error) = read(list(&server(reply).await)).await;
        let error = error.expect(body);
        assert!(ids.is_empty() && error.is_decode(), "{body}");
        assert_eq!((error.status(), resume_page(&error)), (Some(200), None));
        assert!(error.to_string().contains(shown), "{error}");
    }
}

#[tokio::test]
async fn an_html_page_is_reported_by_its_content_type() {
    let portal =
        ResponseTemplate::new(200).set_body_raw("<html>sign in</html>", "text/html; charset=utf-8");
    let error = read(list(&server(portal).await)).await.1.expect("an error");
    assert!(error.is_decode());
    assert!(
        error.to_string().contains("it is text/html, not JSON"),
        "{error}"
    );
    assert!(!error.to_string().contains("sign in"), "{error}");
}

#[tokio::test]
async fn invalid_input_is_reported_by_the_first_poll_and_nothing_is_sent() {
    let server = paged(vec![page(&[1], &no_next())]).await;
    let organization = client(&server).organization("octo-org").secret_scanning();
    for (list, name) in [
        (organization.list().per_page(0), "`per_page`"),
        (organization.list().per_page(101), "`per_page`"),
        (organization.list().reviewer(""), "`reviewer` must be"),
        (
            organization.list().requester("mona lisa"),
            "`requester` must be",
        ),
        (
            organization.list().repository("a/b"),
            "`repository` must be",
        ),
        (organization.list().per_page(0).reviewer(""), "`per_page`"),
        (
            client(&server).organization("..").secret_scanning().list(),
            "`organization` must be",
        ),
    ] {
        let (ids, error) = read(list).await;
        let error = error.expect(name);
        assert!(ids.is_empty() && error.is_invalid_input(), "{error}");
        assert!(error.to_string().starts_with(name), "{error}");
        assert_eq!(resume_page(&error), None, "nothing was sent");
    }
    assert!(received(&server).await.is_empty());
}

#[tokio::test]
async fn dropping_the_future_of_a_poll_loses_nothing() {
    let slow = page(&[2, 1], &no_next()).set_delay(Duration::from_millis(50));
    let server = paged(vec![slow]).await;
    let mut stream = list(&server).stream();
    for _ in 0..3 {
        let cancelled = tokio::time::timeout(Duration::from_millis(5), stream.try_next()).await;
        assert!(cancelled.is_err());
    }
    assert_eq!(
        stream
            .try_next()
            .await
            .expect("first")
            .expect("first")
            .id
            .get(),
        2
    );
    assert_eq!(
        requested_pages(&server).await,
        [1],
        "the poll continues the same request"
    );
}

/// Streams can be stored, sent to another thread and used with the traits of `futures`.
#[test]
fn streams_are_send_and_can_be_named() {
    fn is_send<T: Send + 'static>(value: T) -> T {
        value
    }
    fn is_stream<T: Stream + Unpin>(_: &T) {}
    struct Stored(RequestStream<SecretFinding>, PageStream<RuleViolation>);

    let client = Client::builder().token("t").build().expect("client");
    let enterprise = client.enterprise("octo-enterprise");
    let stored = is_send(Stored(
        enterprise.secret_scanning().list().stream(),
        enterprise.push_rules().list().pages(),
    ));
    is_stream(&stored.0);
    is_stream(&stored.1);
    let repository = client.repository("octo-org", "smile").secret_scanning();
    let future = async move { repository.get(1).await };
    drop(is_send(future));
}
