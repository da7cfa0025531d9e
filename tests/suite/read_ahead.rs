//! `read_ahead`: pages that are requested in advance.

use std::collections::VecDeque;
use std::time::Duration;

use github_bypass_requests::{Client, List, Organization, SecretFinding};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::faults::checks::{at_once, requested_pages, takes};
use crate::faults::harness::{Received, Reply, Server};
use crate::pagination::read;
use crate::support::{at_page, next, request, resume_page};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn list(client: &Client) -> List<Organization, SecretFinding> {
    client.organization("octo-org").secret_scanning().list()
}

fn page_of(received: &Received) -> u32 {
    let number = received.target.split(['?', '&']);
    let number = number.filter_map(|pair| pair.strip_prefix("page=")).next();
    number.and_then(|page| page.parse().ok()).expect("a page")
}

/// A page of requests with these ids. Its links name the next and the last page.
fn page(ids: &[u64], number: u32, last: u32) -> Reply {
    let link = |page, relation: &str| format!("<https://x/?page={page}>; rel=\"{relation}\"");
    let links = if number < last {
        format!("link: {}, {}", link(number + 1, "next"), link(last, "last"))
    } else {
        format!("link: {}", link(1, "first"))
    };
    let items: Value = ids.iter().map(|id| request(*id)).collect();
    Reply::json(200, &[&links], &items)
}

/// A server with `last` pages. Each page has one request, whose id is the page number. Each
/// response takes a second.
async fn slow(last: u32) -> Server {
    let reply = move |_, received: &Received| {
        let number = page_of(received);
        page(&[number.into()], number, last).after(SECOND)
    };
    Server::start_with(reply).await
}

/// Reads the whole list, and asserts that this takes `seconds`.
async fn complete(list: List<Organization, SecretFinding>, seconds: f64) -> Vec<i64> {
    let (ids, error) = takes(seconds..seconds + 0.5, read(list)).await;
    assert!(error.is_none(), "{error:?}");
    ids
}

#[tokio::test(start_paused = true)]
async fn the_configured_number_of_pages_is_in_flight() {
    let all: Vec<i64> = (1..=10).collect();
    for (pages, seconds) in [
        (0, 10.0),
        (1, 10.0),
        (2, 6.0),
        (4, 4.0),
        (9, 2.0),
        (100, 2.0),
    ] {
        let server = slow(10).await;
        let list = list(&server.client()).read_ahead(pages);
        assert_eq!(complete(list, seconds).await, all, "{pages} ahead");
        assert_eq!(requested_pages(&server), (1..=10).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_delivered_in_order_even_if_the_responses_are_not() {
    let reply = |_, received: &Received| {
        let number = page_of(received);
        page(&[number.into()], number, 6).after(SECOND * (6 - number))
    };
    let server = Server::start_with(reply).await;
    let ids = complete(list(&server.client()).read_ahead(5), 9.0).await;
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn no_page_beyond_the_limit_is_requested() {
    let server = slow(10).await;
    let mut requests = list(&server.client()).read_ahead(3).stream();
    sleep(DAY).await;
    assert_eq!(
        requested_pages(&server),
        [0; 0],
        "nothing is sent before the first poll"
    );
    for current in 1..=10 {
        let request = requests.try_next().await.expect("a page").expect("an item");
        assert_eq!(request.id.get(), i64::from(current));
        sleep(DAY).await;
        let expected = (1..=10.min(current + 3)).collect::<Vec<u32>>();
        assert_eq!(
            requested_pages(&server),
            expected,
            "while page {current} is read"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn pages_read_ahead_are_delivered_without_waiting() {
    let server = slow(3).await;
    let mut requests = list(&server.client()).read_ahead(2).stream();
    takes(1.0..1.5, requests.try_next()).await.expect("page 1");
    sleep(DAY).await;
    at_once(requests.try_next()).await.expect("page 2");
    at_once(requests.try_next()).await.expect("page 3");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_sends_nothing_and_frees_its_permits() {
    let server = slow(100).await;
    let client = server.builder().max_concurrent_reads(4).build();
    let client = client.expect("a client");
    let mut requests = list(&client).read_ahead(8).stream();
    requests.try_next().await.expect("a page");
    sleep(SECOND / 2).await;
    assert_eq!(
        requested_pages(&server),
        [1, 2, 3, 4, 5],
        "four pages in flight, four waiting"
    );
    drop(requests);
    sleep(DAY).await;
    assert_eq!(requested_pages(&server), [1, 2, 3, 4, 5]);
    let mut again = list(&client).stream();
    takes(1.0..1.5, again.try_next()).await.expect("a permit");
}

#[tokio::test(start_paused = true)]
async fn read_ahead_respects_the_limit_of_concurrent_reads() {
    let server = slow(9).await;
    let client = server.builder().max_concurrent_reads(2).build();
    let list = list(&client.expect("a client")).read_ahead(8);
    assert_eq!(complete(list, 5.0).await.len(), 9);
}

#[tokio::test(start_paused = true)]
async fn read_ahead_waits_for_a_rate_limit() {
    let reply = |index, received: &Received| match (index, page_of(received)) {
        // Pages 2, 3 and 4 are in flight together, and all are rate limited.
        (1..=3, _) => Reply::new(429, &["retry-after: 20"], "{}"),
        (_, number) => page(&[number.into()], number, 6),
    };
    let server = Server::start_with(reply).await;
    let started = Instant::now();
    let (ids, error) = takes(20.0..22.0, read(list(&server.client()).read_ahead(3))).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
    let closed = started + SECOND..started + 20 * SECOND;
    let received = server.received();
    // If page 2 is retried last, the other pages are requested again.
    assert!((6 + 3..=6 + 6).contains(&received.len()));
    assert!(received.iter().all(|request| !closed.contains(&request.at)));
}

#[tokio::test(start_paused = true)]
async fn without_a_last_page_pages_are_read_one_by_one() {
    let reply = |_, received: &Received| {
        let number = page_of(received);
        let items = Value::from_iter([request(number.into())]);
        let link = format!("link: {}", next(number + 1));
        match number {
            1..4 => Reply::json(200, &[&link], &items).after(SECOND),
            _ => page(&[4], 4, 4).after(SECOND),
        }
    };
    let server = Server::start_with(reply).await;
    let ids = complete(list(&server.client()).read_ahead(8), 4.0).await;
    assert_eq!(ids, [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_ends_the_list_after_the_earlier_items() {
    let reply = |_, received: &Received| match page_of(received) {
        3 => Reply::new(404, &[], "{}"),
        number => page(&[number.into()], number, 9).after(SECOND),
    };
    let server = Server::start_with(reply).await;
    let (ids, error) = read(list(&server.client()).read_ahead(4)).await;
    let error = error.expect("a 404");
    assert_eq!((ids, resume_page(&error)), (vec![1, 2], Some(3)));
    assert!(error.is_not_found(), "{error}");
    sleep(DAY).await;
    assert_eq!(requested_pages(&server), [1, 2, 3, 4, 5, 3]);
}

#[tokio::test(start_paused = true)]
async fn pages_that_a_link_skips_are_dropped() {
    let reply = |_, received: &Received| match page_of(received) {
        2 => {
            let links = "link: <https://x/?page=5>; rel=next, <https://x/?page=7>; rel=last";
            Reply::json(200, &[links], &Value::from_iter([request(2)])).after(SECOND)
        }
        number => page(&[number.into()], number, 7).after(SECOND),
    };
    let server = Server::start_with(reply).await;
    let ids = complete(list(&server.client()).read_ahead(4), 3.0).await;
    assert_eq!(ids, [1, 2, 5, 6, 7]);
    assert_eq!(requested_pages(&server), [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test(start_paused = true)]
async fn no_page_after_the_thousandth_is_requested() {
    let reply = |_, received: &Received| {
        let number = page_of(received);
        page(&[number.into()], number, 5000)
    };
    let server = Server::start_with(reply).await;
    let (ids, error) = read(
        list(&server.client())
            .read_ahead(8)
            .resume(at_page(11, 100)),
    )
    .await;
    assert_eq!(ids.len(), 1000);
    assert_eq!(resume_page(&error.expect("endless")), Some(1011));
    assert_eq!(requested_pages(&server).iter().max(), Some(&1010));
}

#[tokio::test]
async fn too_many_pages_to_read_ahead_are_rejected() {
    let server = slow(1).await;
    let error = read(list(&server.client()).read_ahead(101)).await.1;
    let error = error.expect("an error");
    assert!(error.is_invalid_input());
    assert_eq!(
        error.to_string(),
        "`read_ahead` takes 0 to 100 pages, not 101"
    );
    assert_eq!(requested_pages(&server), [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn pages_are_not_read_again_after_an_old_failure() {
    let reply = |index, received: &Received| match page_of(received) {
        3 if index < 4 => Reply::new(429, &["retry-after: 200"], "{}"),
        number => page(&[number.into()], number, 4),
    };
    let server = Server::start_with(reply).await;
    let mut requests = list(&server.client()).read_ahead(3).stream();
    let first = requests.try_next().await.expect("page 1").expect("an item");
    assert_eq!(first.id.get(), 1);
    sleep(DAY).await;
    for id in 2..=4 {
        let request = requests.try_next().await.expect("a page").expect("an item");
        assert_eq!(request.id.get(), id);
    }
    assert_eq!(requested_pages(&server), [1, 2, 3, 4, 3, 4]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unchanged_list_is_read_once_even_if_requests_are_sent_out_of_order() {
    let reply = |_, received: &Received| {
        let number = page_of(received);
        page(&[number.into()], number, 100).after(SECOND / 200)
    };
    let server = Server::start_with(reply).await;
    let client = server.builder().max_concurrent_reads(10);
    let list = list(&client.build().expect("a client")).read_ahead(100);
    let (ids, error) = read(list).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((ids.len(), server.received().len()), (100, 100));
}

#[tokio::test(start_paused = true)]
async fn if_a_page_is_retried_the_pages_after_it_are_requested_again() {
    let reply = |index, received: &Received| {
        let number = page_of(received);
        let before = [[20, 19], [18, 17], [16, 15], [14, 13]];
        // 19 leaves the list and 21 joins it, so the length stays the same, and no request appears
        // twice.
        let during = [[20, 18], [17, 16], [15, 14], [13, 12]];
        let after = [[21, 20], [18, 17], [16, 15], [14, 13]];
        let state = match (index, number) {
            (1..=3, 2) => return Reply::new(502, &[], ""),
            (0, _) => before,
            (1..=3, _) => during,
            _ => after,
        };
        page(&state[number as usize - 1], number, 4)
    };
    let server = Server::start_with(reply).await;
    let list = list(&server.client()).per_page(2).read_ahead(3);
    let (ids, error) = read(list).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids, [20, 19, 18, 17, 16, 15, 14, 13]);
}

#[tokio::test(start_paused = true)]
async fn a_bad_item_ends_the_list_after_the_other_items_of_its_page() {
    let reply = |_, received: &Received| match page_of(received) {
        2 => {
            let items = json!([request(2), { "id": 3 }]);
            let links = "link: <https://x/?page=3>; rel=next, <https://x/?page=9>; rel=last";
            Reply::json(200, &[links], &items)
        }
        number => page(&[u64::from(number) * 10], number, 9),
    };
    let server = Server::start_with(reply).await;
    let (ids, error) = read(list(&server.client()).read_ahead(2)).await;
    assert_eq!(ids, [10, 2]);
    assert_eq!(resume_page(&error.expect("a bad item")), Some(3));
    sleep(DAY).await;
    assert_eq!(requested_pages(&server), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn page_streams_read_ahead_and_can_be_cancelled() {
    let server = slow(5).await;
    let mut pages = list(&server.client()).read_ahead(4).pages();
    let mut numbers = Vec::new();
    let mut timeouts = 0;
    loop {
        match timeout(SECOND / 4, pages.try_next()).await {
            Ok(page) => match page.expect("a page") {
                Some(page) => numbers.push(page.number),
                None => break,
            },
            Err(_) => timeouts += 1,
        }
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert!(timeouts >= 6, "{timeouts}");
    assert_eq!(requested_pages(&server), [1, 2, 3, 4, 5]);
}

/// A list that changes while it is read. The newest request comes first. Each page has four
/// requests.
#[derive(Clone, Debug)]
struct ChangingList {
    present: u32,
    changes: Vec<(Duration, Change)>,
    /// The duration of each response, in order. A response shows the state of the list at the time
    /// when the response arrives.
    delays: Vec<Duration>,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    /// This many new requests are added at the start of the list.
    Arrive(u32),
    /// The newest request is removed.
    Leave,
}

const PER_PAGE: u32 = 4;

impl ChangingList {
    fn at(&self, time: Duration) -> Vec<u64> {
        let mut ids: VecDeque<u64> = (1..=self.present.into()).rev().collect();
        let mut newest = u64::from(self.present);
        for (_, change) in self.changes.iter().filter(|(at, _)| *at <= time) {
            match change {
                Change::Arrive(count) => {
                    for _ in 0..*count {
                        newest += 1;
                        ids.push_front(newest);
                    }
                }
                Change::Leave => {
                    ids.pop_front();
                }
            }
        }
        ids.into()
    }

    async fn serve(mut self) -> Server {
        self.changes.sort_by_key(|(at, _)| *at);
        let started = Instant::now();
        let reply = move |index, received: &Received| {
            let delay = self.delays[index % self.delays.len()];
            let ids = self.at(received.at + delay - started);
            let pages = ids.chunks(PER_PAGE as usize).collect::<Vec<_>>();
            let number = page_of(received);
            let last = u32::try_from(pages.len()).expect("a few");
            let items = pages.get(number as usize - 1).copied().unwrap_or_default();
            page(items, number, last).after(delay)
        };
        Server::start_with(reply).await
    }

    /// Returns the delivered requests, and the requests that were on the list the whole time.
    fn read(self, read_ahead: u32) -> (Vec<i64>, Vec<i64>) {
        let permanent = (1..=i64::from(self.present)).rev();
        let finally = self.at(Duration::MAX);
        let permanent =
            permanent.filter(|id| finally.iter().any(|rest| i64::try_from(*rest) == Ok(*id)));
        let permanent = permanent.collect();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        runtime.expect("a runtime").block_on(async {
            let server = self.serve().await;
            let list = list(&server.client())
                .per_page(PER_PAGE)
                .read_ahead(read_ahead);
            let (ids, error) = read(list).await;
            assert!(error.is_none(), "{error:?}");
            (ids, permanent)
        })
    }
}

fn times(max: u64) -> impl Strategy<Value = Duration> {
    (0..=max).prop_map(Duration::from_millis)
}

fn delays() -> impl Strategy<Value = Vec<Duration>> {
    prop::collection::vec(times(1000), 1..12)
}

fn missed(delivered: &[i64], permanent: &[i64]) -> Vec<i64> {
    permanent
        .iter()
        .filter(|id| !delivered.contains(id))
        .copied()
        .collect()
}

#[test]
fn a_request_that_moves_between_pages_read_out_of_order_is_not_missed() {
    // Page 2 is read after the arrivals, and pages 3 to 5 are read before them.
    let millis = Duration::from_millis;
    for count in [1, PER_PAGE, 2 * PER_PAGE, 3 * PER_PAGE] {
        let list = ChangingList {
            present: 24,
            changes: vec![(millis(500), Change::Arrive(count))],
            delays: vec![millis(0), millis(900), millis(10), millis(10), millis(10)],
        };
        let (delivered, permanent) = list.read(4);
        assert_eq!(
            missed(&delivered, &permanent),
            [0; 0],
            "{count} arrive: {delivered:?}"
        );
    }
}

#[test]
fn if_a_request_leaves_read_ahead_misses_no_more_than_reading_in_order() {
    // Page 3 is read after a request has left the list. The other pages are read before that.
    let millis = Duration::from_millis;
    let delays = [0, 10, 900, 10, 10, 10].map(millis);
    let list = ChangingList {
        present: 24,
        changes: vec![(millis(500), Change::Leave)],
        delays: delays.to_vec(),
    };
    let (delivered, permanent) = list.read(4);
    // 16 moved from page 3 to page 2 after page 2 was read.
    assert_eq!(missed(&delivered, &permanent), [16], "{delivered:?}");
}

proptest! {
    #[test]
    fn a_growing_list_has_no_gaps_and_no_repeats(
        arrivals in prop::collection::vec(times(4000), 0..PER_PAGE as usize),
        delays in delays(),
        read_ahead in 0_u32..=6,
    ) {
        let changes = arrivals.into_iter().map(|at| (at, Change::Arrive(1))).collect();
        let (delivered, _) = ChangingList { present: 24, changes, delays }.read(read_ahead);
        let expected: Vec<i64> = (1..=delivered[0]).rev().collect();
        prop_assert_eq!(delivered, expected);
    }

    #[test]
    fn a_shrinking_list_has_no_repeats_and_at_most_one_gap_per_removal(
        removals in prop::collection::vec(times(4000), 0..PER_PAGE as usize),
        delays in delays(),
        read_ahead in 0_u32..=6,
    ) {
        let max = removals.len();
        let changes = removals.into_iter().map(|at| (at, Change::Leave)).collect();
        let (delivered, permanent) = ChangingList { present: 24, changes, delays }.read(read_ahead);
        prop_assert!(delivered.is_sorted_by(|one, next| one > next), "{:?}", delivered);
        // With or without read-ahead, each removal can move one request to a page that was already
        // read.
        prop_assert!(missed(&delivered, &permanent).len() <= max, "{:?}", delivered);
    }
}
