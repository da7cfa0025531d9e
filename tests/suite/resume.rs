//! Resuming lists in another process.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use github_bypass_requests::{
    Client, List, Organization, Position, RequestStream, RuleViolation, SecretFinding, StatusFilter,
};
use github_bypass_requests_fake::{Fake, NewRequest};
use proptest::prelude::*;
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::faults::harness::{Received, Reply, Server};
use crate::pagination::read;
use crate::support::{
    at_page, client, next, no_next, page, paged, received, request, requested_pages, resume_page,
    unlinked,
};

type Requests = List<Organization, SecretFinding>;

fn list(server: &MockServer) -> Requests {
    client(server)
        .organization("octo-org")
        .secret_scanning()
        .list()
}

/// Saves and loads the position.
fn saved(position: Option<Position<SecretFinding>>) -> Position<SecretFinding> {
    let position = position.expect("a position");
    let json = serde_json::to_string(&position).expect("JSON");
    let loaded = serde_json::from_str(&json).expect("a position");
    assert_eq!(position, loaded);
    loaded
}

/// Returns the ids of at most `max` requests.
async fn take(stream: &mut RequestStream<SecretFinding>, max: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    while ids.len() < max {
        match stream.try_next().await.expect("a page") {
            Some(request) => ids.push(request.id.get()),
            None => break,
        }
    }
    ids
}

#[tokio::test]
async fn a_position_is_serialized_compactly() {
    let server = paged(vec![
        page(&[9, 8, 7], &next(2)),
        page(&[6, 5, 4], &no_next()),
    ])
    .await;
    let mut stream = list(&server).per_page(3).stream();
    let json = |stream: &RequestStream<SecretFinding>| {
        serde_json::to_value(stream.position()).expect("JSON")
    };
    let position = |page: u32, previous: &[i64], delivered: &[i64]| {
        json!({
            "kind": "secret_scanning", "page": page, "per_page": 3, "previous": previous,
            "delivered": delivered,
        })
    };
    assert_eq!(
        json(&stream),
        position(1, &[], &[]),
        "before the first request"
    );
    take(&mut stream, 2).await;
    assert_eq!(json(&stream), position(1, &[], &[8, 9]));
    take(&mut stream, 1).await;
    assert_eq!(json(&stream), position(2, &[7, 8, 9], &[]));
    take(&mut stream, 1).await;
    assert_eq!(json(&stream), position(2, &[7, 8, 9], &[6]));
    assert_eq!(stream.position().expect("a page").page(), 2);
    take(&mut stream, 2).await;
    assert_eq!(json(&stream), Value::Null, "after the last request");
    assert!(take(&mut stream, 1).await.is_empty());
    assert_eq!(json(&stream), Value::Null);
}

#[tokio::test]
async fn a_page_stream_has_a_position_between_pages() {
    let pages = vec![page(&[9, 8], &next(2)), page(&[8, 7], &no_next())];
    let server = paged(pages).await;
    let mut stream = list(&server).per_page(2).pages();
    let start = stream.position();
    assert_eq!(start.as_ref().expect("the start").page(), 1);
    stream.try_next().await.expect("a page").expect("a page");
    let mut rest = list(&server).resume(saved(stream.position())).pages();
    let page = rest.try_next().await.expect("a page").expect("a page");
    assert_eq!((page.number, page.items.len()), (2, 1));
    assert_eq!(rest.position(), None);
    assert_eq!(read(list(&server).resume(saved(start))).await.0, [9, 8, 7]);
}

#[tokio::test]
async fn a_list_without_links_has_a_position_until_its_end_is_known() {
    // Without links, a full page might be followed by another.
    let full = unlinked(&[request(2), request(1)]);
    let server = paged(vec![full, unlinked(&[])]).await;
    let mut stream = list(&server).per_page(2).stream();
    take(&mut stream, 2).await;
    let position = saved(stream.position());
    assert_eq!(position.page(), 2);
    assert!(take(&mut stream, 1).await.is_empty());
    assert_eq!(stream.position(), None);
    let (ids, error) = read(list(&server).resume(position)).await;
    assert!(ids.is_empty() && error.is_none(), "{error:?}");
}

#[tokio::test]
async fn a_list_resumes_at_the_failed_page() {
    let server = paged(vec![page(&[9, 8], &next(2)), ResponseTemplate::new(502)]).await;
    let mut stream = list(&server).per_page(2).stream();
    take(&mut stream, 2).await;
    for _ in 0..2 {
        let error = stream.try_next().await.expect_err("502");
        let position = saved(stream.position());
        assert_eq!(resume_page(&error), Some(position.page()));
        assert!(stream.try_next().await.expect("the end").is_none());
        assert_eq!(
            saved(stream.position()),
            position,
            "the position is kept after an error"
        );
        // The resumed list fails again.
        stream = list(&server).resume(position).stream();
    }
    // 8 has moved to page 2.
    let server = paged(vec![page(&[10, 9], &next(2)), page(&[8, 7], &no_next())]).await;
    let resumed = list(&server).resume(saved(stream.position()));
    assert_eq!(read(resumed).await.0, [7]);
    assert_eq!(requested_pages(&server).await, [2]);
}

#[tokio::test]
async fn a_resumed_list_reports_the_bad_items_that_it_reads() {
    let items = [request(4), json!({ "id": 3 })];
    let bad = unlinked(&items).insert_header("link", next(2).as_str());
    let server = paged(vec![bad, page(&[2, 1], &no_next())]).await;
    let mut stream = list(&server).per_page(2).stream();
    take(&mut stream, 1).await;

    let (ids, error) = read(list(&server).resume(saved(stream.position()))).await;
    assert!(ids.is_empty());
    assert!(error.expect("a bad item").is_decode());

    stream.try_next().await.expect_err("a bad item");
    let (ids, error) = read(list(&server).resume(saved(stream.position()))).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids, [2, 1]);

    let mut pages = list(&server).per_page(2).pages();
    pages.try_next().await.expect("a page").expect("a page");
    assert_eq!(saved(pages.position()).page(), 1);
    pages.try_next().await.expect_err("a bad item");
    assert_eq!(pages.position(), stream.position());
}

#[tokio::test]
async fn a_position_that_does_not_fit_the_list_is_rejected() {
    let server = paged(vec![page(&[9, 8], &next(2))]).await;
    let mut stream = list(&server).per_page(2).stream();
    take(&mut stream, 1).await;
    let position = saved(stream.position());

    let other_size = list(&server).resume(position.clone()).per_page(100);
    let mut stream = other_size.stream();
    let error = stream.try_next().await.expect_err("rejected");
    assert!(error.is_invalid_input());
    assert_eq!(
        error.to_string(),
        "`per_page` must be 2, not 100, because the saved position uses a page size of 2"
    );
    assert_eq!(stream.position().map(|it| it.page()), Some(1));
    assert_eq!(requested_pages(&server).await, [1]);

    // `resume` replaces an earlier page size and an earlier position.
    let replaced = list(&server).per_page(100).resume(position.clone());
    assert_eq!(take(&mut replaced.stream(), 1).await, [8]);
    let again = list(&server).resume(position.clone()).resume(at_page(1, 2));
    assert_eq!(take(&mut again.stream(), 2).await, [9, 8]);
    let sizes = received(&server).await;
    let sizes = sizes.iter().map(|it| it.url.query().unwrap_or_default());
    assert!(sizes.clone().all(|query| query.contains("per_page=2")));

    let json = serde_json::to_string(&position).expect("JSON");
    let error = serde_json::from_str::<Position<RuleViolation>>(&json).expect_err("another kind");
    assert!(
        error.to_string().starts_with(
            "invalid value: string \"secret_scanning\", expected \"push_rules\", the kind of these \
             requests"
        ),
        "{error}"
    );
}

#[test]
fn positions_of_other_versions_are_accepted() {
    let json = json!({
        "kind": "push_rules",
        "newer": [1],
        "page": 3,
        "per_page": 50,
    });
    let position: Position<RuleViolation> = serde_json::from_value(json).expect("a position");
    assert_eq!(position.page(), 3);
    for wrong in [
        json!({ "kind": "push_rules", "page": 0, "per_page": 50 }),
        json!({ "kind": "push_rules", "page": 1, "per_page": 0 }),
        json!({ "kind": "push_rules", "page": 1 }),
        json!({ "page": 1, "per_page": 1 }),
    ] {
        serde_json::from_value::<Position<RuleViolation>>(wrong).expect_err("no position");
    }
}

#[tokio::test]
async fn an_invalid_page_size_is_rejected() {
    let server = paged(vec![]).await;
    let error = read(list(&server).resume(at_page(1, 101))).await.1;
    assert_eq!(
        error.expect("an error").to_string(),
        "`per_page` takes 1 to 100 requests, not 101"
    );
    assert!(received(&server).await.is_empty());
}

#[tokio::test]
async fn processes_can_read_a_list_in_turn() {
    let fake = Fake::builder().token("t", "mona").start().await;
    let fake = fake.expect("a port");
    let open = || {
        fake.open_secret_scanning_request(NewRequest::new().repository("octo-org", "smile"));
    };
    (0..40).for_each(|_| open());
    let mut position = None;
    let mut ids = Vec::new();
    loop {
        let client = Client::builder().base_url(fake.base_url()).token("t");
        let client = client.build().expect("a client");
        let list = client.organization("octo-org").secret_scanning().list();
        let list = list.status(StatusFilter::All).per_page(10);
        let mut stream = match position {
            Some(position) => list.resume(saved(Some(position))).stream(),
            None => list.stream(),
        };
        ids.extend(take(&mut stream, 7).await);
        position = stream.position();
        if position.is_none() {
            break;
        }
        open();
    }
    let unique: HashSet<i64> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let first = ids.iter().max().copied().expect("some");
    assert!(ids.len() >= 40 && first >= 40, "{ids:?}");
}

const PRESENT: u64 = 24;
const PER_PAGE: usize = 4;

/// A list that grows between reads. Its newest request comes first.
#[derive(Clone)]
struct Growing {
    newest: Arc<Mutex<u64>>,
    /// True if pages have a `Link` header.
    links: bool,
}

impl Growing {
    fn grow(&self, by: u64) {
        *self.newest.lock().expect("a number") += by;
    }

    async fn serve(&self) -> Server {
        let Self { newest, links } = self.clone();
        Server::start_with(move |_, received: &Received| {
            let newest = *newest.lock().expect("a number");
            let ids: Vec<u64> = (1..=newest).rev().collect();
            let pages: Vec<&[u64]> = ids.chunks(PER_PAGE).collect();
            let mut pairs = received.target.split(['?', '&']);
            let number = pairs.find_map(|pair| pair.strip_prefix("page="));
            let number: usize = number.and_then(|it| it.parse().ok()).expect("a page");
            let items = pages.get(number - 1).copied().unwrap_or_default();
            let items: Value = items.iter().map(|id| request(*id)).collect();
            let (next, last) = (number + 1, pages.len());
            let link = format!(
                "link: <https://x/?page={next}>; rel=next, <https://x/?page={last}>; rel=last"
            );
            let links = match (links, number < pages.len()) {
                (true, true) => vec![link.as_str()],
                (true, false) => vec!["link: <https://x/?page=1>; rel=first"],
                (false, _) => vec![],
            };
            Reply::json(200, &links, &items)
        })
        .await
    }
}

/// In each stage, some requests are read, the process may restart, and the list may grow.
#[derive(Clone, Copy, Debug)]
struct Stage {
    read: usize,
    grow: u64,
    restarts: bool,
}

fn stages(max: u64) -> impl Strategy<Value = Vec<Stage>> {
    let grow = prop_oneof![2 => Just(0), 1 => 1..=max];
    let stage = (0..7_usize, grow, any::<bool>());
    let stage = stage.prop_map(|(read, grow, restarts)| Stage {
        read,
        grow,
        restarts,
    });
    prop::collection::vec(stage, 0..12)
}

/// Returns the ids of the requests that all processes together deliver.
fn delivered(stages: &[Stage], links: bool, read_ahead: u32) -> Vec<i64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(async {
        let newest = Arc::new(Mutex::new(PRESENT));
        let growing = Growing { newest, links };
        let server = growing.serve().await;
        let client = server.client();
        let list = || {
            let list = client.organization("octo-org").secret_scanning().list();
            list.per_page(u32::try_from(PER_PAGE).expect("a few"))
                .read_ahead(read_ahead)
        };
        let mut stream = list().stream();
        let mut ids = Vec::new();
        for stage in stages {
            ids.extend(take(&mut stream, stage.read).await);
            if stage.restarts {
                let Some(position) = stream.position() else {
                    return ids;
                };
                stream = list().resume(saved(Some(position))).stream();
            }
            growing.grow(stage.grow);
        }
        ids.extend(take(&mut stream, usize::MAX).await);
        assert_eq!(stream.position(), None);
        ids
    })
}

proptest! {
    #[test]
    fn a_list_that_grows_by_less_than_a_page_has_no_gaps_and_no_repeats(
        mut stages in stages(2),
        links in any::<bool>(),
        read_ahead in 0_u32..=3,
    ) {
        let mut room = PER_PAGE as u64 - 1;
        for stage in &mut stages {
            stage.grow = stage.grow.min(room);
            room -= stage.grow;
        }
        let ids = delivered(&stages, links, read_ahead);
        let unique: HashSet<i64> = ids.iter().copied().collect();
        prop_assert_eq!(unique.len(), ids.len(), "{:?}", ids);
        let present = i64::try_from(PRESENT).expect("a few");
        let ids: Vec<i64> = ids.into_iter().filter(|id| *id <= present).collect();
        prop_assert_eq!(ids, (1..=present).rev().collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_list_that_grows_by_more_than_a_page_has_no_gaps(
        stages in stages(9),
        read_ahead in 0_u32..=3,
    ) {
        let ids: HashSet<i64> = delivered(&stages, true, read_ahead).into_iter().collect();
        let missed: Vec<u64> = (1..=PRESENT)
            .filter(|id| !ids.contains(&i64::try_from(*id).expect("small")))
            .collect();
        prop_assert!(missed.is_empty(), "{:?}", missed);
    }
}
