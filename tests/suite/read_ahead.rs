//! Pages that are asked for before their turn.

use std::time::Duration;

use github_bypass_requests::{Client, List, Organization, SecretFinding};
use proptest::prelude::*;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::faults::checks::{asked, at_once, takes};
use crate::faults::harness::{Received, Reply, Server};
use crate::pagination::read;
use crate::support::{next, request};

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

/// A page of requests with these ids that announces the next and the last one.
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

/// So many pages of one request, whose id is the page's number, each answered after a second.
async fn slow(last: u32) -> Server {
    let answer = move |_, received: &Received| {
        let number = page_of(received);
        page(&[number.into()], number, last).after(SECOND)
    };
    Server::answering(answer).await
}

/// Everything, in so many seconds.
async fn complete(list: List<Organization, SecretFinding>, seconds: f64) -> Vec<i64> {
    let (ids, error) = takes(seconds..seconds + 0.5, read(list)).await;
    assert!(error.is_none(), "{error:?}");
    ids
}

#[tokio::test(start_paused = true)]
async fn so_many_pages_are_under_way_at_once() {
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
        assert_eq!(asked(&server), (1..=10).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn the_order_is_kept_whichever_page_comes_first() {
    let answer = |_, received: &Received| {
        let number = page_of(received);
        page(&[number.into()], number, 6).after(SECOND * (6 - number))
    };
    let server = Server::answering(answer).await;
    let ids = complete(list(&server.client()).read_ahead(5), 9.0).await;
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn no_more_is_asked_for_than_is_used_and_kept() {
    let server = slow(10).await;
    let mut requests = list(&server.client()).read_ahead(3).stream();
    sleep(DAY).await;
    assert_eq!(asked(&server), [0; 0], "nothing before the first poll");
    for used in 1..=10 {
        let request = requests.try_next().await.expect("a page").expect("an item");
        assert_eq!(request.id.get(), i64::from(used));
        sleep(DAY).await;
        let kept = (1..=10.min(used + 3)).collect::<Vec<u32>>();
        assert_eq!(asked(&server), kept, "while page {used} is used");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_early_is_there_at_once() {
    let server = slow(3).await;
    let mut requests = list(&server.client()).read_ahead(2).stream();
    takes(1.0..1.5, requests.try_next()).await.expect("page 1");
    sleep(DAY).await;
    at_once(requests.try_next()).await.expect("page 2");
    at_once(requests.try_next()).await.expect("page 3");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_asks_for_nothing_and_frees_its_turns() {
    let server = slow(100).await;
    let client = server.builder().max_concurrent_reads(4).build();
    let client = client.expect("a client");
    let mut requests = list(&client).read_ahead(8).stream();
    requests.try_next().await.expect("a page");
    sleep(SECOND / 2).await;
    assert_eq!(
        asked(&server),
        [1, 2, 3, 4, 5],
        "four are under way, four wait"
    );
    drop(requests);
    sleep(DAY).await;
    assert_eq!(asked(&server), [1, 2, 3, 4, 5]);
    let mut again = list(&client).stream();
    takes(1.0..1.5, again.try_next()).await.expect("a turn");
}

#[tokio::test(start_paused = true)]
async fn the_pace_holds() {
    let server = slow(9).await;
    let client = server.builder().max_concurrent_reads(2).build();
    let list = list(&client.expect("a client")).read_ahead(8);
    assert_eq!(complete(list, 5.0).await.len(), 9);
}

#[tokio::test(start_paused = true)]
async fn the_gate_holds() {
    let answer = |index, received: &Received| match (index, page_of(received)) {
        // Page 2 is refused; 3 and 4 are under way with it, and refused, too.
        (1..=3, _) => Reply::new(429, &["retry-after: 20"], "{}"),
        (_, number) => page(&[number.into()], number, 6),
    };
    let server = Server::answering(answer).await;
    let started = Instant::now();
    let (ids, error) = takes(20.0..22.0, read(list(&server.client()).read_ahead(3))).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
    let closed = started + SECOND..started + 20 * SECOND;
    let received = server.received();
    assert_eq!(received.len(), 6 + 3);
    assert!(received.iter().all(|request| !closed.contains(&request.at)));
}

#[tokio::test(start_paused = true)]
async fn without_a_last_page_one_follows_the_other() {
    let answer = |_, received: &Received| {
        let number = page_of(received);
        let items = Value::from_iter([request(number.into())]);
        let link = format!("link: {}", next(number + 1));
        match number {
            1..4 => Reply::json(200, &[&link], &items).after(SECOND),
            _ => page(&[4], 4, 4).after(SECOND),
        }
    };
    let server = Server::answering(answer).await;
    let ids = complete(list(&server.client()).read_ahead(8), 4.0).await;
    assert_eq!(ids, [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_ends_the_list_after_the_earlier_items() {
    let answer = |_, received: &Received| match page_of(received) {
        3 => Reply::new(404, &[], "{}"),
        number => page(&[number.into()], number, 9).after(SECOND),
    };
    let server = Server::answering(answer).await;
    let (ids, error) = read(list(&server.client()).read_ahead(4)).await;
    let error = error.expect("a 404");
    assert_eq!((ids, error.resume_at()), (vec![1, 2], Some(3)));
    assert!(error.is_not_found(), "{error}");
    sleep(DAY).await;
    assert_eq!(asked(&server), [1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn pages_that_are_passed_over_are_forgotten() {
    let answer = |_, received: &Received| match page_of(received) {
        2 => {
            let links = "link: <https://x/?page=5>; rel=next, <https://x/?page=7>; rel=last";
            Reply::json(200, &[links], &Value::from_iter([request(2)])).after(SECOND)
        }
        number => page(&[number.into()], number, 7).after(SECOND),
    };
    let server = Server::answering(answer).await;
    let ids = complete(list(&server.client()).read_ahead(4), 3.0).await;
    assert_eq!(ids, [1, 2, 5, 6, 7]);
    assert_eq!(asked(&server), [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test(start_paused = true)]
async fn no_page_after_the_thousandth_is_asked_for() {
    let answer = |_, received: &Received| {
        let number = page_of(received);
        page(&[number.into()], number, 5000)
    };
    let server = Server::answering(answer).await;
    let (ids, error) = read(list(&server.client()).read_ahead(8).start_at(11)).await;
    assert_eq!(ids.len(), 1000);
    assert_eq!(error.expect("endless").resume_at(), Some(1011));
    assert_eq!(asked(&server).iter().max(), Some(&1010));
}

#[tokio::test]
async fn more_pages_than_requests_may_be_made_at_once_are_refused() {
    let server = slow(1).await;
    let error = read(list(&server.client()).read_ahead(101)).await.1;
    let error = error.expect("refused");
    assert!(error.is_invalid_input());
    assert_eq!(
        error.to_string(),
        "101 pages to read ahead are not 0 to 100"
    );
    assert_eq!(asked(&server), [0; 0]);
}

/// A list of 24 requests on pages of four, at whose head new ones arrive at some times.
#[derive(Clone, Debug)]
struct Moving {
    arrivals: Vec<Duration>,
    /// How long each answer takes, in turn. It shows the list as it is in the end.
    delays: Vec<Duration>,
}

const PER_PAGE: u32 = 4;
const PRESENT: u32 = 24;

impl Moving {
    async fn serve(self) -> Server {
        let started = Instant::now();
        let answer = move |index, received: &Received| {
            let delay = self.delays[index % self.delays.len()];
            let now = received.at + delay - started;
            let arrived = self
                .arrivals
                .iter()
                .filter(|arrival| **arrival <= now)
                .count();
            let newest = PRESENT + u32::try_from(arrived).expect("a few");
            let number = page_of(received);
            let ids = (1..=newest).rev().map(u64::from);
            let skipped = (number - 1) * PER_PAGE;
            let ids = ids.skip(skipped as usize).take(PER_PAGE as usize);
            page(&ids.collect::<Vec<_>>(), number, newest.div_ceil(PER_PAGE)).after(delay)
        };
        Server::answering(answer).await
    }
}

fn moving() -> impl Strategy<Value = Moving> {
    let times = |most: u64| (0..=most).prop_map(Duration::from_millis);
    let arrivals = prop::collection::vec(times(4000), 0..PER_PAGE as usize);
    let delays = prop::collection::vec(times(1000), 1..12);
    (arrivals, delays).prop_map(|(arrivals, delays)| Moving { arrivals, delays })
}

fn all_are_delivered_once(moving: Moving, read_ahead: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(async {
        let server = moving.serve().await;
        let list = list(&server.client())
            .per_page(PER_PAGE)
            .read_ahead(read_ahead);
        let (ids, error) = read(list).await;
        assert!(error.is_none(), "{error:?}");
        let expected: Vec<i64> = (1..=ids[0]).rev().collect();
        assert_eq!(ids, expected);
    });
}

#[test]
fn what_slides_between_pages_that_are_read_out_of_order_is_not_missed() {
    // Page 2 is read late, after the arrival; 3 to 5 were read before it.
    let millis = Duration::from_millis;
    let delays = vec![millis(0), millis(900), millis(10), millis(10), millis(10)];
    let arrivals = vec![millis(500)];
    all_are_delivered_once(Moving { arrivals, delays }, 4);
}

proptest! {
    #[test]
    fn a_list_that_grows_is_delivered_without_gaps_and_doubles(
        moving in moving(), read_ahead in 0_u32..=6,
    ) {
        all_are_delivered_once(moving, read_ahead);
    }
}
