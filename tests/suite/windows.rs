//! The time that a list covers: `since`, `time_period`, and the window of a page.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use github_bypass_requests::{Client, List, Organization, SecretFinding, TimePeriod};
use github_bypass_requests_fake::{Clock, Fake, NewRequest};
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use crate::pagination::read;
use crate::support::{
    client, next, no_next, paged, received, request, requested_pages, resume_page, server, unlinked,
};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::days(1);

fn list(server: &MockServer) -> List<Organization, SecretFinding> {
    client(server)
        .organization("octo-org")
        .secret_scanning()
        .list()
}

/// Returns a bypass request that was created `age` ago.
fn aged(id: u64, age: TimeDelta) -> Value {
    let mut item = request(id);
    item["created_at"] = json!(Utc::now() - age);
    item
}

fn page(items: &[Value], link: &str) -> ResponseTemplate {
    unlinked(items).insert_header("link", link)
}

fn dated(page: ResponseTemplate, date: DateTime<Utc>) -> ResponseTemplate {
    let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    page.insert_header("date", date.as_str())
}

/// Returns the requested periods, in order.
async fn periods(server: &MockServer) -> Vec<String> {
    let period = |request: &Request| {
        let mut pairs = request.url.query_pairs();
        let period = pairs.find(|(name, _)| name == "time_period");
        period.expect("a period").1.into_owned()
    };
    received(server).await.iter().map(period).collect()
}

#[tokio::test]
async fn the_shortest_period_that_covers_the_instant_is_requested() {
    for (age, period) in [
        (-MINUTE, "hour"),
        (MINUTE * 54, "hour"),
        (MINUTE * 56, "day"),
        (DAY - MINUTE * 6, "day"),
        (DAY - MINUTE * 4, "week"),
        (DAY * 7 - MINUTE * 4, "month"),
        (DAY * 28 - MINUTE * 6, "month"),
    ] {
        let server = paged(vec![page(&[], &no_next())]).await;
        let (ids, error) = read(list(&server).since(Utc::now() - age)).await;
        assert!(ids.is_empty() && error.is_none(), "{age}: {error:?}");
        assert_eq!(periods(&server).await, [period], "{age}");
    }
}

#[tokio::test]
async fn older_requests_are_dropped_and_a_whole_page_of_them_ends_the_list() {
    let server = paged(vec![
        page(&[aged(9, MINUTE), aged(8, HOUR)], &next(2)),
        page(&[aged(7, HOUR * 3), aged(6, HOUR)], &next(3)),
        page(&[], &next(4)),
        page(&[aged(5, HOUR * 3), aged(4, HOUR * 3)], &next(5)),
    ])
    .await;
    let list = list(&server).since(Utc::now() - HOUR * 2);
    assert_eq!(read(list.clone()).await.0, [9, 8, 6]);
    assert_eq!(requested_pages(&server).await, [1, 2, 3, 4]);

    let mut pages = list.pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.try_next().await.expect("a page") {
        sizes.push((page.items.len(), page.next));
    }
    let expected = [(2, Some(2)), (1, Some(3)), (0, Some(4)), (0, Some(5))];
    assert_eq!(sizes, expected, "`next` is the page in the `Link` header");
    assert_eq!(pages.position(), None);
}

#[tokio::test]
async fn the_instant_itself_is_included() {
    let instant = Utc::now().trunc_subsecs(0) - HOUR;
    let created_at = |id, instant| {
        let mut item = request(id);
        item["created_at"] = json!(instant);
        item
    };
    let second = TimeDelta::seconds(1);
    let items = [created_at(2, instant), created_at(1, instant - second)];
    let server = paged(vec![page(&items, &no_next())]).await;
    assert_eq!(read(list(&server).since(instant)).await.0, [2]);
}

#[tokio::test]
async fn requests_created_later_in_the_same_second_are_included() {
    let second = Utc::now().trunc_subsecs(0) - HOUR;
    let part = |milliseconds| second + TimeDelta::milliseconds(milliseconds);
    let clock = Clock::manual(part(700));
    let fake = Fake::builder().clock(clock).start().await.expect("a port");
    fake.open_secret_scanning_request(NewRequest::new());
    let client = Client::builder().base_url(fake.base_url()).token("t");
    let client = client.build().expect("a client");
    let list = client.organization("octo-org").secret_scanning().list();
    assert_eq!(read(list.clone().since(part(500))).await.0, [1]);
    let mut queue = client
        .organization("octo-org")
        .queue()
        .since(part(500))
        .stream();
    assert!(queue.try_next().await.expect("a request").is_some());
    let next = second + TimeDelta::seconds(1);
    assert_eq!(read(list.since(next)).await.0, [0; 0]);
}

#[tokio::test]
async fn the_servers_time_is_accepted_as_the_instant() {
    let clock = Clock::manual(Utc::now() + HOUR);
    let fake = Fake::builder().clock(clock).start().await.expect("a port");
    let client = Client::builder().base_url(fake.base_url()).token("t");
    let client = client.build().expect("a client");
    let list = client.organization("octo-org").secret_scanning().list();
    fake.open_secret_scanning_request(NewRequest::new());
    fake.advance(MINUTE);
    let page = list.clone().pages().try_next().await.expect("a page");
    fake.open_secret_scanning_request(NewRequest::new());
    let until = page.expect("a page").window.until;
    assert_eq!(read(list.since(until)).await.0, [2]);
}

#[tokio::test]
async fn a_repeated_newer_request_does_not_end_the_list() {
    // Request 8 moved from page 1 to page 2. The other request on page 2 is older than `since`.
    let server = paged(vec![
        page(&[aged(9, MINUTE), aged(8, MINUTE)], &next(2)),
        page(&[aged(8, MINUTE), aged(7, HOUR * 3)], &next(3)),
        page(&[aged(6, MINUTE), aged(5, HOUR * 3)], &no_next()),
    ])
    .await;
    let list = list(&server).since(Utc::now() - HOUR * 2);
    assert_eq!(read(list).await.0, [9, 8, 6]);
}

#[tokio::test]
async fn a_page_of_repeated_older_requests_ends_the_list() {
    let server = paged(vec![
        page(&[aged(9, MINUTE), aged(8, HOUR * 3)], &next(2)),
        page(&[aged(8, HOUR * 3)], &next(3)),
    ])
    .await;
    let list = list(&server).since(Utc::now() - HOUR * 2);
    assert_eq!(read(list).await.0, [9]);
    assert_eq!(requested_pages(&server).await, [1, 2]);
}

#[tokio::test]
async fn an_undecodable_item_does_not_end_the_list() {
    let old = [aged(8, HOUR * 3), json!({ "id": 7 })];
    let server = paged(vec![page(&old, &next(2))]).await;
    let (ids, error) = read(list(&server).since(Utc::now() - HOUR * 2)).await;
    assert!(ids.is_empty());
    assert_eq!(resume_page(&error.expect("an undecodable item")), Some(2));
}

#[tokio::test]
async fn pages_read_ahead_are_dropped_at_the_end() {
    let last = format!("{}, <https://x/?page=9>; rel=\"last\"", next(2));
    let mut pages = vec![page(&[aged(9, MINUTE)], &last)];
    pages.extend((3..=9).map(|following| {
        let last = format!("{}, <https://x/?page=9>; rel=\"last\"", next(following));
        page(&[aged(10 - u64::from(following), HOUR * 3)], &last)
    }));
    let server = paged(pages).await;
    let list = list(&server).since(Utc::now() - HOUR * 2).read_ahead(3);
    let (ids, error) = read(list).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids, [9]);
    let requested = requested_pages(&server).await;
    assert!(requested.iter().all(|page| *page <= 4), "{requested:?}");
}

#[tokio::test]
async fn an_instant_that_github_cannot_cover_is_rejected_before_anything_is_sent() {
    let server = paged(vec![page(&[], &no_next())]).await;
    for (age, expected) in [
        (DAY * 28, "use `time_period(TimePeriod::Month)`"),
        (DAY * 1000, "use `time_period(TimePeriod::Month)`"),
        (-DAY - MINUTE, "in the future"),
    ] {
        let (ids, error) = read(list(&server).since(Utc::now() - age)).await;
        let error = error.expect("an error");
        assert!(ids.is_empty() && error.is_invalid_input(), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let (_, error) = read(list(&server).since(DateTime::<Utc>::MIN_UTC)).await;
    assert!(error.expect("an error").is_invalid_input());
    assert!(received(&server).await.is_empty());
}

#[tokio::test]
async fn the_last_of_since_and_time_period_wins() {
    let items = [aged(1, HOUR * 3)];
    let server = paged(vec![page(&items, &no_next())]).await;
    let since = Utc::now() - HOUR * 2;
    let week = list(&server).since(since).time_period(TimePeriod::Week);
    assert_eq!(read(week).await.0, [1]);
    let day = list(&server).time_period(TimePeriod::Week).since(since);
    assert_eq!(read(day).await.0, [0; 0]);
    assert_eq!(periods(&server).await, ["week", "day"]);
}

#[tokio::test]
async fn the_window_of_a_page_uses_the_servers_clock() {
    let date = Utc::now().trunc_subsecs(0) - MINUTE * 3;
    let server = server(dated(page(&[], &no_next()), date)).await;
    for (period, length) in [
        (TimePeriod::Hour, HOUR),
        (TimePeriod::Day, DAY),
        (TimePeriod::Week, DAY * 7),
        (TimePeriod::Month, DAY * 28),
    ] {
        let mut pages = list(&server).time_period(period).pages();
        let window = pages.try_next().await.expect("a page").expect("a page");
        let window = window.window;
        assert_eq!((window.time_period, window.until), (period, date));
        assert_eq!(window.from, date - length);
    }
    let since = date - HOUR * 2;
    let mut pages = list(&server).since(since).pages();
    let window = pages.try_next().await.expect("a page").expect("a page");
    let window = window.window;
    assert_eq!((window.time_period, window.from), (TimePeriod::Day, since));
}

#[tokio::test]
async fn without_a_date_the_window_uses_the_local_clock() {
    let reply = page(&[], &no_next()).insert_header("date", "noon");
    let server = server(reply).await;
    let before = Utc::now();
    let mut pages = list(&server).pages();
    let page = pages.try_next().await.expect("a page").expect("a page");
    assert!((before..=Utc::now()).contains(&page.window.until));
}

#[tokio::test]
async fn a_period_that_no_longer_covers_the_instant_is_replaced_by_a_longer_one() {
    // On the server's clock, half an hour passes between page 1 and page 2.
    let now = Utc::now().trunc_subsecs(0);
    let server = paged(vec![
        dated(page(&[aged(9, MINUTE)], &next(2)), now),
        dated(page(&[aged(8, HOUR / 2)], &next(3)), now + HOUR / 2),
        dated(page(&[aged(7, HOUR * 3)], &next(4)), now + HOUR / 2),
    ])
    .await;
    let since = now - MINUTE * 50;
    let mut pages = list(&server).since(since).pages();
    let mut windows = Vec::new();
    while let Some(page) = pages.try_next().await.expect("a page") {
        assert_eq!(page.window.from, since);
        windows.push(page.window.time_period);
    }
    let (hour, day) = (TimePeriod::Hour, TimePeriod::Day);
    assert_eq!(windows, [hour, day, day]);
    assert_eq!(requested_pages(&server).await, [1, 2, 2, 3]);
    assert_eq!(periods(&server).await, ["hour", "hour", "day", "day"]);
}

#[tokio::test]
async fn pages_read_ahead_with_the_shorter_period_are_requested_again() {
    let now = Utc::now();
    let reply = move |request: &Request| {
        let mut pairs = request.url.query_pairs();
        let number = pairs.find(|(name, _)| name == "page").expect("a page").1;
        let number: u32 = number.parse().expect("a number");
        let last = "<https://x/?page=5>; rel=\"last\"";
        let link = match number {
            5 => no_next(),
            _ => format!("{}, {last}", next(number + 1)),
        };
        let later = HOUR / 2 * i32::from(number > 1);
        dated(page(&[aged(number.into(), MINUTE)], &link), now + later)
    };
    let server = server(reply).await;
    let list = list(&server).since(now - MINUTE * 50).read_ahead(3);
    let (ids, error) = read(list).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids, [1, 2, 3, 4, 5]);
    let requested: Vec<(u32, String)> = requested_pages(&server)
        .await
        .into_iter()
        .zip(periods(&server).await)
        .collect();
    for number in 2..=5 {
        let day = (number, "day".to_owned());
        assert!(requested.contains(&day), "page {number}: {requested:?}");
    }
}

#[tokio::test]
async fn a_list_since_an_instant_is_resumed() {
    let server = paged(vec![
        page(&[aged(9, MINUTE), aged(8, HOUR * 3)], &next(2)),
        page(&[aged(7, HOUR), aged(6, HOUR * 3)], &next(3)),
        page(&[aged(5, HOUR), aged(4, HOUR)], &next(4)),
        page(&[aged(3, HOUR * 3), aged(2, HOUR * 3)], &next(5)),
    ])
    .await;
    let list = || {
        let list = list(&server).per_page(2);
        list.since(Utc::now() - HOUR * 2)
    };
    let mut ids = Vec::new();
    let mut position = list().stream().position();
    while let Some(reached) = position {
        let mut stream = list().resume(reached).stream();
        let request = stream.try_next().await.expect("a request");
        ids.extend(request.map(|request| request.id.get()));
        position = stream.position();
    }
    assert_eq!(ids, [9, 7, 5, 4]);
}

#[tokio::test]
async fn since_works_with_the_fake() {
    let now = Utc::now();
    let builder = Fake::builder().clock(Clock::manual(now)).token("t", "mona");
    let fake = builder.start().await.expect("a port");
    for hours in 0..200 {
        let request = NewRequest::new().repository("octo-org", "smile");
        fake.open_secret_scanning_request(request.created_at(now - HOUR * hours));
    }
    let client = Client::builder().base_url(fake.base_url()).token("t");
    let client = client.build().expect("a client");
    let since = now - HOUR * 99 - HOUR / 2;
    let list = client.organization("octo-org").secret_scanning().list();
    let mut requests = list.per_page(10).read_ahead(2).since(since).stream();
    let mut count = 0;
    while let Some(request) = requests.try_next().await.expect("a request") {
        assert!(request.created_at >= since);
        count += 1;
    }
    assert_eq!(count, 100);
}
