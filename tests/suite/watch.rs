//! A watch reports each change exactly once, even if polls fail or the watch is restarted.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use github_bypass_requests::{
    Change, Client, Error, EventStream, Host, List, Organization, Secret, SecretFinding,
    TokenFuture, TokenSource, WatchCursor, WatchEvent,
};
use github_bypass_requests_fake::{Clock, Fake, Fault, NewRequest};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::faults::capture::Capture;
use crate::faults::checks::{at_once, requested_pages, takes};
use crate::faults::clean::assert_clean;
use crate::faults::harness::{Received, Reply, Server, date, head};
use crate::support::{TOKEN, request};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

type Events = EventStream<SecretFinding>;

fn noon() -> DateTime<Utc> {
    let noon = Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0);
    noon.single().expect("an instant")
}

async fn fake() -> (Fake, Client) {
    let fake = Fake::builder()
        .clock(Clock::manual(noon()))
        .start()
        .await
        .expect("a port");
    let client = client(&fake);
    (fake, client)
}

fn client(fake: &Fake) -> Client {
    let client = Client::builder().base_url(fake.base_url()).token(TOKEN);
    client.build().expect("a client")
}

fn open(fake: &Fake) -> u64 {
    fake.open_secret_scanning_request(NewRequest::new()).number
}

fn list(client: &Client) -> List<Organization, SecretFinding> {
    client.organization("octo-org").secret_scanning().list()
}

fn describe(event: &WatchEvent<SecretFinding>) -> String {
    let WatchEvent {
        request, change, ..
    } = event;
    let number = request.number;
    match change {
        Change::Opened => format!("{number} opened"),
        Change::Responded(response) => format!("{number} {response}"),
        Change::StatusChanged { from, .. } => {
            let from = from.as_ref().map_or("nothing", |from| from.as_str());
            format!("{number} {from} to {}", request.status)
        }
        Change::Expired => format!("{number} expired"),
        other => panic!("{other:?}"),
    }
}

async fn next(events: &mut Events) -> String {
    let event = timeout(HOUR * 10, events.try_next()).await;
    let event = event.expect("an event").expect("no error");
    describe(&event.expect("an event, not the end"))
}

/// Expects exactly these events, and then none for an hour.
async fn assert_events(events: &mut Events, expected: &[&str]) {
    for expected in expected {
        assert_eq!(next(events).await, *expected);
    }
    assert_no_events(events).await;
}

async fn assert_no_events(events: &mut Events) {
    if let Ok(event) = timeout(HOUR, events.try_next()).await {
        panic!("{event:?}");
    }
}

/// Returns the cursor, saved as JSON and loaded again.
fn saved(events: &Events) -> WatchCursor<SecretFinding> {
    let saved = serde_json::to_string(&events.cursor()).expect("JSON");
    serde_json::from_str(&saved).expect("the saved cursor")
}

#[tokio::test(start_paused = true)]
async fn each_change_is_reported_once() {
    assert_each_change_is_reported_once(|list| list).await;
}

#[tokio::test(start_paused = true)]
async fn each_change_is_reported_once_with_read_ahead() {
    assert_each_change_is_reported_once(|list| list.per_page(2).read_ahead(3)).await;
}

async fn assert_each_change_is_reported_once(
    configure: impl Fn(List<Organization, SecretFinding>) -> List<Organization, SecretFinding>,
) {
    let (fake, client) = fake().await;
    open(&fake);
    let mut events = configure(list(&client)).watch().events();
    assert_events(&mut events, &["1 opened"]).await;
    open(&fake);
    fake.open_push_rule_request(NewRequest::new());
    assert_events(&mut events, &["2 opened"]).await;
    fake.deny("octo-org", "smile", 1, "hubot").expect("denied");
    assert_events(&mut events, &["1 denied by hubot", "1 open to denied"]).await;
    let approved = fake.approve("octo-org", "smile", 2, "hubot");
    approved.expect("approved");
    fake.complete("octo-org", "smile", 2).expect("completed");
    let both = ["2 approved by hubot", "2 open to completed"];
    assert_events(&mut events, &both).await;
    open(&fake);
    open(&fake);
    fake.cancel("octo-org", "smile", 5).expect("cancelled");
    let new = ["4 opened", "5 opened", "5 nothing to cancelled"];
    assert_events(&mut events, &new).await;
    fake.advance(TimeDelta::days(7));
    assert_events(&mut events, &["4 expired"]).await;
    // The cursor forgets requests that are older than a month.
    fake.advance(TimeDelta::days(32));
    assert_no_events(&mut events).await;
    let base_url = fake.base_url();
    let path = "orgs/octo-org/bypass-requests/secret-scanning";
    let empty = json!({
        "version": 1, "kind": "secret_scanning", "started": true, "requests": [],
        "reported_until": fake.now(),
        "list": { "base_url": base_url, "url": format!("{base_url}/{path}") },
    });
    let cursor = serde_json::to_value(events.cursor()).expect("JSON");
    assert_eq!(cursor, empty);
}

#[tokio::test(start_paused = true)]
async fn events_are_serialized() {
    let (fake, client) = fake().await;
    open(&fake);
    let mut events = list(&client).watch().events();
    next(&mut events).await;
    fake.deny("octo-org", "smile", 1, "hubot").expect("denied");
    let mut changes = Vec::new();
    for _ in 0..2 {
        let event = events
            .try_next()
            .await
            .expect("an event")
            .expect("an event, not the end");
        let saved = serde_json::to_value(&event).expect("JSON");
        assert_eq!(saved["request"]["status"], "denied");
        changes.push(saved["change"].clone());
        let read: WatchEvent<SecretFinding> = serde_json::from_value(saved).expect("read");
        assert_eq!(read, event);
    }
    assert_eq!(changes[0]["responded"]["status"], "denied");
    assert_eq!(changes[1], json!({ "status_changed": { "from": "open" } }));
}

#[tokio::test(start_paused = true)]
async fn a_restart_during_the_first_events_delivers_the_rest() {
    let with_response = |id: u64| {
        let mut item = request(id);
        item["responses"] = json!([{ "id": id * 10, "status": "dismissed" }]);
        item
    };
    for restarts in [false, true] {
        let page = Reply::json(200, &[], &json!([with_response(2), with_response(1)]));
        let server = Server::start(vec![page]).await;
        let client = server.client();
        let mut events = list(&client).watch().events();
        let mut seen = Vec::new();
        while seen.len() < 4 {
            seen.push(next(&mut events).await);
            if restarts {
                let again = list(&client).watch().resume(saved(&events));
                events = again.events();
            }
        }
        assert_no_events(&mut events).await;
        seen.sort();
        let dismissed = |id| format!("{id} dismissed by an unknown user");
        let opened = |id| format!("{id} opened");
        assert_eq!(seen, [dismissed(1), opened(1), dismissed(2), opened(2)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_starts_with_open_requests_or_with_changes_only() {
    let (fake, client) = fake().await;
    open(&fake);
    open(&fake);
    fake.deny("octo-org", "smile", 1, "hubot").expect("denied");
    let mut with_open = list(&client).watch().from_now().with_open().events();
    let mut from_now = list(&client).watch().from_now().events();
    assert_events(&mut with_open, &["2 opened"]).await;
    assert_no_events(&mut from_now).await;
    open(&fake);
    assert_events(&mut with_open, &["3 opened"]).await;
    assert_events(&mut from_now, &["3 opened"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_continues_after_the_last_event() {
    for stop in 0..=3 {
        let (fake, client) = fake().await;
        open(&fake);
        open(&fake);
        let mut events = list(&client).watch().events();
        assert_events(&mut events, &["1 opened", "2 opened"]).await;
        fake.deny("octo-org", "smile", 1, "hubot").expect("denied");
        fake.advance(TimeDelta::minutes(1));
        open(&fake);
        let mut seen = Vec::new();
        for _ in 0..stop {
            seen.push(next(&mut events).await);
        }
        let cursor = saved(&events);
        drop(events);
        // These changes happen while no watch is running.
        fake.advance(TimeDelta::minutes(1));
        open(&fake);
        let approved = fake.approve("octo-org", "smile", 4, "hubot");
        approved.expect("approved");

        let again = list(&client).watch().from_now().resume(cursor);
        let mut events = again.events();
        while seen.len() < 6 {
            seen.push(next(&mut events).await);
        }
        assert_no_events(&mut events).await;
        let expected = [
            "1 denied by hubot",
            "1 open to denied",
            "3 opened",
            "4 opened",
            "4 approved by hubot",
            "4 nothing to approved",
        ];
        assert_eq!(seen, expected, "stopped after {stop}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cursor_from_before_the_first_poll_keeps_the_start_setting() {
    let (fake, client) = fake().await;
    open(&fake);
    let events = list(&client).watch().events();
    let cursor = saved(&events);
    let watch = list(&client).watch().resume(cursor.clone());
    assert_events(&mut watch.events(), &["1 opened"]).await;
    let watch = list(&client).watch().resume(cursor).from_now();
    let mut events = watch.events();
    assert_no_events(&mut events).await;
    // The first poll recorded the existing requests, although it reported no events.
    let watch = list(&client).watch().resume(saved(&events));
    open(&fake);
    assert_events(&mut watch.events(), &["2 opened"]).await;
}

#[tokio::test(start_paused = true)]
async fn the_remaining_first_events_are_delivered_after_a_restart() {
    let (fake, client) = fake().await;
    for _ in 0..5 {
        open(&fake);
    }
    let mut events = list(&client).watch().events();
    assert_eq!(next(&mut events).await, "1 opened");
    assert_eq!(next(&mut events).await, "2 opened");
    let mut events = list(&client).watch().resume(saved(&events)).events();
    assert_events(&mut events, &["3 opened", "4 opened", "5 opened"]).await;
}

#[tokio::test(start_paused = true)]
async fn no_event_is_lost_when_polls_fail() {
    let retry_after = |status| Fault::status(status).header("retry-after", "600");
    for (times, fault) in [
        (1, Fault::status(502)),
        (40, Fault::status(502).body("<html>")),
        (10, Fault::reset()),
        (1, Fault::status(429).header("retry-after", "30")),
        (1, retry_after(429)),
        (1, retry_after(503)),
        (7, Fault::status(408)),
        (9, Fault::new().truncate(100)),
        (2, Fault::new().delay(MINUTE)),
        (9, Fault::status(200).header("content-type", "text/html")),
        (9, Fault::status(202)),
    ] {
        let (fake, client) = fake().await;
        open(&fake);
        let mut events = list(&client).watch().events();
        assert_events(&mut events, &["1 opened"]).await;
        fake.deny("octo-org", "smile", 1, "hubot").expect("denied");
        open(&fake);
        fake.misbehave(times, fault.clone()).expect("a fault");
        let all = ["2 opened", "1 denied by hubot", "1 open to denied"];
        let mut seen = Vec::new();
        for _ in all {
            seen.push(next(&mut events).await);
        }
        seen.sort_by_key(|event| all.iter().position(|expected| expected == event));
        assert_eq!(seen, all, "{fault:?}");
        assert_eq!(fake.faults_left(), 0, "{fault:?}");
        assert_no_events(&mut events).await;
    }
}

#[tokio::test(start_paused = true)]
async fn failed_polls_back_off_to_minutes() {
    let capture = Capture::start();
    let failing = Reply::new(502, &[], "body-of-the-server");
    let server = Server::start(vec![failing]).await;
    let client = server.builder().max_attempts(1).build().expect("a client");
    let mut events = list(&client).watch().every(MINUTE / 6).events();
    timeout(HOUR * 10, events.try_next())
        .await
        .expect_err("no event");
    let times = server.received();
    let waits = times.windows(2).map(|two| two[1].at - two[0].at);
    let waits: Vec<u64> = waits.map(|wait| wait.as_secs()).collect();
    for (wait, doubled) in waits.iter().zip([10, 20, 40, 80, 160, 300, 300]) {
        let range = doubled / 2..=doubled * 3 / 2 + 1;
        assert!(range.contains(wait), "{doubled}: {waits:?}");
    }
    let text = capture.text();
    assert_clean(&[&text]);
    assert!(!text.contains("body-of-the-server"), "{text}");
    assert!(text.contains("polling the list failed"), "{text}");
    let host = server.base_url.replace("http://", "");
    let expected = format!(
        "operation=secret-scanning/list-org-bypass-requests scope=octo-org host={host} \
         kind=server_error status=502"
    );
    assert!(text.contains(&expected), "{expected} is missing:\n{text}");
}

#[tokio::test(start_paused = true)]
async fn a_successful_poll_resets_the_back_off() {
    let server = Server::start_with(|index, _| match index {
        1..=6 | 8 => Reply::new(502, &[], ""),
        index => listed(&[index as u64], &[]),
    });
    let server = server.await;
    let client = server.builder().max_attempts(1).build().expect("a client");
    let mut events = list(&client).watch().every(MINUTE / 6).events();
    for number in [0, 7, 9] {
        assert_eq!(next(&mut events).await, format!("{number} opened"));
    }
    let times = server.received();
    let wait = times[9].at - times[8].at;
    assert!(wait < MINUTE / 3, "{wait:?}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_of_a_503_delays_the_next_poll() {
    let busy = Reply::new(503, &["retry-after: 3000"], "");
    let server = Server::start(vec![busy, listed(&[1], &[])]).await;
    let mut events = list(&server.client()).watch().every(MINUTE / 60).events();
    let first = takes(3000.0..=3002.0, next(&mut events)).await;
    assert_eq!(first, "1 opened");
    assert_eq!(server.count("GET"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_permanent_failure_ends_the_watch_and_keeps_the_cursor() {
    let not_json = Reply::bytes(head(200, &["content-length: 20000000"]));
    for (reply, is_expected) in [
        (
            Reply::new(422, &[], ""),
            Error::is_validation_failed as fn(&Error) -> bool,
        ),
        (
            Reply::new(301, &["location: https://x/"], ""),
            Error::is_moved,
        ),
        (not_json, Error::is_body_too_large),
        (
            listed(&[2], &["link: <?page=1>; rel=next"]),
            Error::is_pagination,
        ),
    ] {
        let server = Server::start(vec![listed(&[1], &[]), reply]).await;
        let mut events = list(&server.client()).watch().events();
        assert_eq!(next(&mut events).await, "1 opened");
        let cursor = events.cursor();
        let ended = timeout(HOUR, events.try_next()).await.expect("an end");
        let error = ended.expect_err("an error");
        assert!(is_expected(&error), "{error}");
        assert!(events.try_next().await.expect("an end").is_none());
        assert_eq!(events.cursor(), cursor);
        assert_eq!(server.count("GET"), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn f89_three_refusals_in_a_row_end_a_watch_that_has_succeeded() {
    for (status, is_expected) in [
        (401, Error::is_unauthorized as fn(&Error) -> bool),
        (403, Error::is_forbidden),
        (404, Error::is_not_found),
    ] {
        // The watch survives two refusals in a row, and two more after a success.
        let server = Server::start_with(move |index, _| match index {
            1 | 2 | 4 | 5 | 7.. => Reply::new(status, &[], ""),
            6 => listed(&[1, 2, 3], &[]),
            _ => listed(&[1, 2][..index / 3 + 1], &[]),
        });
        let server = server.await;
        let mut events = list(&server.client()).watch().events();
        for number in [1, 2, 3] {
            assert_eq!(next(&mut events).await, format!("{number} opened"));
        }
        let ended = timeout(HOUR, events.try_next()).await.expect("an end");
        let error = ended.expect_err("an error");
        assert!(is_expected(&error), "{error}");
        assert_eq!(server.count("GET"), 10);
        let times = server.received();
        assert!(
            times[8].at - times[7].at > MINUTE / 2,
            "the watch did not back off after a refusal"
        );

        let server = Server::start(vec![Reply::new(status, &[], "")]).await;
        let mut events = list(&server.client()).watch().events();
        let error = at_once(events.try_next()).await.expect_err("an error");
        assert!(is_expected(&error), "{error}");
        assert_eq!(server.count("GET"), 1);
    }
}

/// Returns a page of open requests with these ids.
fn listed(ids: &[u64], headers: &[&str]) -> Reply {
    let items: Value = ids.iter().map(|id| request(*id)).collect();
    Reply::json(200, headers, &items)
}

fn unchanged(headers: &[&str]) -> Reply {
    Reply::bytes(head(304, headers))
}

fn condition(received: &Received) -> Option<&str> {
    let mut lines = received.headers.iter();
    lines.find_map(|line| line.strip_prefix("if-none-match: "))
}

const NEXT: &str = "link: <https://x/?page=2>; rel=\"next\"";
const FIRST: &str = "link: <https://x/?page=1>; rel=\"first\"";

#[tokio::test(start_paused = true)]
async fn an_unchanged_list_is_not_transferred_again() {
    let reply = |index, received: &Received| match (index, condition(received)) {
        (0, None) => listed(&[2], &[NEXT, "etag: W/\"one\""]),
        (1, None) => listed(&[1], &[FIRST, "etag: \"two\""]),
        // After a 304 without links, the watch still requests the next page.
        (_, Some("W/\"one\"")) if received.target.contains("page=1") => unchanged(&[]),
        (_, Some("\"two\"")) if received.target.contains("page=2") => unchanged(&[FIRST]),
        _ => Reply::new(500, &[], ""),
    };
    let server = Server::start_with(reply).await;
    let mut events = list(&server.client()).watch().events();
    assert_events(&mut events, &["1 opened", "2 opened"]).await;
    let requested = requested_pages(&server);
    assert!((100..150).contains(&requested.len()), "{}", requested.len());
    assert!(
        requested.chunks(2).all(|poll| poll == [1, 2]),
        "{requested:?}"
    );
    let times = server.received();
    let waits = times.chunks(2).map(|poll| poll[0].at);
    let waits: Vec<_> = waits.clone().zip(waits.skip(1)).collect();
    let waits: Vec<_> = waits.iter().map(|(one, two)| *two - *one).collect();
    let about_a_minute = MINUTE * 9 / 10..=MINUTE * 11 / 10 + MINUTE / 60;
    assert!(
        waits.iter().all(|wait| about_a_minute.contains(wait)),
        "{waits:?}"
    );
    let spread = waits.iter().max().expect("waits").as_millis()
        - waits.iter().min().expect("waits").as_millis();
    assert!(spread > 1000, "no jitter: {waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_renamed_repository_is_polled_with_its_etag() {
    let reply = |index, received: &Received| {
        let moved = received.target.starts_with("/repositories/7/");
        match (index, condition(received), moved) {
            (0, None, false) => listed(&[1], &["etag: \"x\""]),
            // GitHub redirects requests for the old name. Under the new name, the ETag matches.
            (_, Some("\"x\""), true) => unchanged(&[]),
            (_, Some("\"x\""), false) => {
                let (_, query) = received.target.split_once('?').expect("a query");
                Reply::new(
                    301,
                    &[&format!("location: /repositories/7/list?{query}")],
                    "",
                )
            }
            _ => Reply::new(500, &[], ""),
        }
    };
    let server = Server::start_with(reply).await;
    let mut events = list(&server.client()).watch().events();
    assert_events(&mut events, &["1 opened"]).await;
    assert!(server.count("GET") > 2 * 50);
}

#[tokio::test(start_paused = true)]
async fn unchanged_pages_are_read_ahead_like_changed_ones() {
    let now = "2024-07-01T09:00:00Z".parse().expect("an instant");
    let reply = move |index, received: &Received| {
        let query = received.target.split_once('?').expect("a query").1;
        let page = query.split('&').find_map(|pair| pair.strip_prefix("page="));
        let page: u64 = page.expect("a page").parse().expect("a number");
        let links = match page {
            1..=3 => format!(
                "link: <https://x/?page={}>; rel=\"next\", <https://x/?page=4>; rel=\"last\"",
                page + 1
            ),
            _ => FIRST.to_owned(),
        };
        let date = date(now);
        let headers = [links.as_str(), date.as_str(), "etag: \"x\""];
        match condition(received) {
            // In the fourth poll, the last page has changed.
            _ if index == 15 => listed(&[10, 1], &headers),
            None => listed(&[5 - page], &headers),
            Some(_) => unchanged(&headers).after(MINUTE / 60),
        }
    };
    let server = Server::start_with(reply).await;
    let list = list(&server.client()).per_page(1).read_ahead(3);
    let mut events = list.watch().events();
    for expected in ["1 opened", "2 opened", "3 opened", "4 opened", "10 opened"] {
        assert_eq!(next(&mut events).await, expected);
    }
    assert_no_events(&mut events).await;
    let (pages, times) = (requested_pages(&server), server.received());
    for (poll, times) in pages.chunks_exact(4).zip(times.chunks_exact(4)) {
        assert_eq!(poll, [1, 2, 3, 4]);
        // Page 1 links to the last page, so the watch requests the other pages together.
        assert_eq!(times[3].at, times[1].at, "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_304_refunds_the_retry_budget() {
    let capture = Capture::start();
    let server = Server::start_with(|index, _| match index {
        0 => listed(&[1], &["etag: \"x\""]),
        index if index % 2 == 1 => Reply::new(502, &[], ""),
        _ => unchanged(&[]),
    });
    let server = server.await;
    let mut events = list(&server.client()).watch().events();
    assert_events(&mut events, &["1 opened"]).await;
    // The watch made more retries than the budget allows without refunds.
    assert!(server.count("GET") > 2 * 40);
    let text = capture.text();
    assert!(!text.contains("polling the list failed"));
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_list_does_not_count_against_the_rate_limit() {
    let (fake, client) = fake().await;
    for _ in 0..250 {
        open(&fake);
    }
    let mut events = list(&client).watch().from_now().events();
    assert_no_events(&mut events).await;
    let mut pages = list(&client).per_page(1).pages();
    let page = pages.try_next().await.expect("a page").expect("a page");
    let limit = page.meta.rate_limit.expect("a rate limit");
    assert_eq!(limit.limit - limit.remaining, 3 + 1);
}

#[tokio::test(start_paused = true)]
async fn pages_read_before_a_failure_are_not_lost() {
    // The second poll finds a new request on page 1, and fails on page 2. After that, page 1 is
    // unchanged.
    let reply = |index, received: &Received| match (index, condition(received)) {
        (0, None) => listed(&[2], &[NEXT, "etag: \"a\""]),
        (1, None) | (6, None) => listed(&[1], &[FIRST]),
        (2, Some("\"a\"")) => listed(&[3, 2], &[NEXT, "etag: \"b\""]),
        (3..=4, None) => Reply::nothing().then_reset(),
        (5, Some("\"b\"")) => unchanged(&[NEXT]),
        (_, Some("\"b\"")) => unchanged(&[FIRST]),
        other => panic!("{other:?}"),
    };
    let server = Server::start_with(reply).await;
    let client = server.builder().max_attempts(2).build().expect("a client");
    let mut events = list(&client).watch().events();
    assert_events(&mut events, &["1 opened", "2 opened", "3 opened"]).await;
    assert_eq!(requested_pages(&server)[..8], [1, 2, 1, 2, 2, 1, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_moves_to_another_page_causes_no_event() {
    let (fake, client) = fake().await;
    for _ in 0..4 {
        open(&fake);
    }
    let mut events = list(&client).per_page(2).watch().events();
    let all = ["1 opened", "2 opened", "3 opened", "4 opened"];
    assert_events(&mut events, &all).await;
    open(&fake);
    assert_events(&mut events, &["5 opened"]).await;
    open(&fake);
    assert_events(&mut events, &["6 opened"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_missed_by_one_poll_is_not_opened_again() {
    let now = "2024-07-01T09:00:00Z".parse().expect("an instant");
    let reply = move |index, received: &Received| {
        let date: &str = &date(now);
        match (index, received.target.contains("page=1")) {
            (0, true) => listed(&[4, 3], &[NEXT, date]),
            (1, false) => listed(&[2, 1], &[FIRST, date]),
            // Request 4 leaves the list after page 1 was read. Request 2 then moves to page 1, so
            // this poll misses request 2.
            (2, true) => listed(&[4, 3], &[NEXT, date]),
            (3, false) => listed(&[1], &[FIRST, date]),
            (_, true) => listed(&[3, 2], &[NEXT, date]),
            (_, false) => listed(&[1], &[FIRST, date]),
        }
    };
    let server = Server::start_with(reply).await;
    let mut events = list(&server.client()).per_page(2).watch().events();
    let all = ["1 opened", "2 opened", "3 opened", "4 opened"];
    assert_events(&mut events, &all).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_expires_by_the_servers_clock() {
    let mut item = request(1);
    item["expires_at"] = json!("2024-07-08T08:43:03Z");
    let expiry: DateTime<Utc> = "2024-07-08T08:43:03Z".parse().expect("an instant");
    // By the local clock, the request expired years ago. The page itself never changes.
    let reply = move |index, received: &Received| {
        let minutes = i64::try_from(index).expect("a number") - 5;
        let date = date(expiry + TimeDelta::minutes(minutes));
        match condition(received) {
            None => Reply::json(200, &["etag: \"x\"", &date], &json!([item])),
            _ => unchanged(&[&date]),
        }
    };
    let server = Server::start_with(reply).await;
    let mut events = list(&server.client()).watch().events();
    assert_eq!(next(&mut events).await, "1 opened");
    assert_eq!(server.count("GET"), 1);
    assert_eq!(next(&mut events).await, "1 expired");
    assert_eq!(server.count("GET"), 6, "number of polls until the expiry");
    let cursor = saved(&events);
    assert_no_events(&mut events).await;
    let again = list(&server.client()).watch().resume(cursor);
    drop(events);
    assert_no_events(&mut again.events()).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_approved_before_it_expires_is_not_reported_as_expired() {
    let mut item = request(2);
    item["expires_at"] = json!("2024-07-08T08:43:03Z");
    let expiry: DateTime<Utc> = "2024-07-08T08:43:03Z".parse().expect("an instant");
    // Page 1 is read a minute before the request expires, and page 2 a minute after it expires.
    let reply = move |index, received: &Received| {
        let before = date(expiry - TimeDelta::minutes(1));
        let after = date(expiry + TimeDelta::minutes(1));
        let is_second = received.target.contains("page=2");
        match (index, is_second) {
            (_, true) => Reply::json(200, &[&after], &json!([request(1)])),
            (0, _) => {
                let link = format!("link: {}", crate::support::next(2));
                Reply::json(200, &[&link, &before], &json!([item]))
            }
            _ => {
                let mut item = item.clone();
                item["status"] = json!("approved");
                Reply::json(200, &[&after], &json!([item, request(1)]))
            }
        }
    };
    let server = Server::start_with(reply).await;
    let mut events = list(&server.client()).watch().events();
    let expected = ["1 opened", "2 opened"];
    let mut opened = [next(&mut events).await, next(&mut events).await];
    opened.sort();
    assert_eq!(opened, expected);
    assert_eq!(next(&mut events).await, "2 open to approved");
}

#[tokio::test(start_paused = true)]
async fn a_missing_token_is_waited_out_after_a_successful_poll() {
    struct Flaky(std::sync::atomic::AtomicU32);
    impl TokenSource for Flaky {
        fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
            let calls = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let token = match calls {
                1 | 2 => Err(Error::no_token("the vault is sealed")),
                _ => Ok(Secret::new(TOKEN)),
            };
            Box::pin(std::future::ready(token))
        }
    }
    let (fake, _) = fake().await;
    open(&fake);
    let client = Client::builder().base_url(fake.base_url());
    let client = client
        .token_source(Flaky(0.into()))
        .build()
        .expect("a client");
    let mut events = list(&client).watch().events();
    assert_eq!(next(&mut events).await, "1 opened");
    open(&fake);
    assert_events(&mut events, &["2 opened"]).await;
    let never = Client::builder().base_url(fake.base_url());
    let never = never
        .token_source(Flaky(1.into()))
        .build()
        .expect("a client");
    let error = list(&never).watch().events().try_next().await;
    assert!(
        error
            .expect_err("no token from the start")
            .is_token_missing()
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_without_an_etag_is_requested_unconditionally() {
    let replies = vec![listed(&[1], &[]), listed(&[2, 1], &["etag: \"x\""])];
    let last = listed(&[2, 1], &[]);
    let server = Server::start([replies, vec![last.clone(), last]].concat()).await;
    let mut events = list(&server.client()).watch().events();
    assert_events(&mut events, &["1 opened", "2 opened"]).await;
    let received = server.received();
    let conditions: Vec<_> = received.iter().map(condition).collect();
    assert_eq!(conditions[..4], [None, None, Some("\"x\""), None]);
    // The server responds to an unconditional request with a 304.
    let server = Server::start(vec![unchanged(&["etag: \"x\""])]).await;
    let mut events = list(&server.client()).watch().events();
    let error = events.try_next().await.expect_err("an unexpected 304");
    assert_eq!(error.status(), Some(304));
}

#[tokio::test(start_paused = true)]
async fn etags_of_removed_pages_are_forgotten() {
    let now = "2024-07-01T09:00:00Z".parse().expect("an instant");
    let reply = move |index, received: &Received| {
        let third = "link: <https://x/?page=3>; rel=\"next\"";
        let tag = "etag: \"x\"";
        let date: &str = &date(now);
        match (index, condition(received)) {
            (0, None) => listed(&[3], &[tag, date, NEXT]),
            (1, None) => listed(&[2], &[tag, date, third]),
            (2 | 6, None) => listed(&[1], &[tag, date, FIRST]),
            (3, Some(_)) => listed(&[3], &[tag, date, FIRST]),
            (4, Some(_)) => listed(&[3], &[tag, date, NEXT]),
            (5, Some(_)) => unchanged(&[third]),
            (7.., Some(_)) => unchanged(&[]),
            other => panic!("{other:?}"),
        }
    };
    let server = Server::start_with(reply).await;
    let mut events = list(&server.client()).watch().events();
    assert_events(&mut events, &["1 opened", "2 opened", "3 opened"]).await;
    assert_eq!(
        requested_pages(&server)[..10],
        [1, 2, 3, 1, 1, 2, 3, 1, 2, 3]
    );
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_request_does_not_hide_the_others() {
    let capture = Capture::start();
    let mut bad = request(2);
    bad["created_at"] = json!("soon");
    let page = json!([request(3), bad]);
    let server = Server::start_with(move |index, received| match (index, condition(received)) {
        (0, _) => Reply::json(200, &["etag: \"x\"", NEXT], &page),
        (1, _) => listed(&[1], &["etag: \"y\"", FIRST]),
        (_, Some("\"y\"")) => listed(&[4, 1], &["etag: \"z\"", FIRST]),
        _ => unchanged(&[]),
    });
    let server = server.await;
    let mut events = list(&server.client()).watch().events();
    assert_events(&mut events, &["1 opened", "3 opened", "4 opened"]).await;
    let text = capture.text();
    let warnings: Vec<_> = text
        .matches("a request cannot be decoded and is skipped")
        .collect();
    assert_eq!(warnings.len(), 1, "{text}");
    assert!(text.contains("(id 2, number 2)") && !text.contains("soon"));
    let expected = format!(
        "operation=secret-scanning/list-org-bypass-requests scope=octo-org host={} \
         request_id=AB:12 error=GET /orgs/octo-org/",
        server.base_url.replace("http://", "")
    );
    assert!(text.contains(&expected), "{expected} is missing:\n{text}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_watch_sends_nothing() {
    let reply = |_, _: &Received| listed(&[1], &[]).after(MINUTE / 6);
    let server = Server::start_with(reply).await;
    let client = server.builder().max_concurrent_reads(1).build();
    let client = client.expect("a client");
    let mut events = list(&client).watch().events();
    sleep(HOUR).await;
    assert_eq!(
        server.count("GET"),
        0,
        "nothing is sent before the first poll"
    );
    // If a poll future is dropped, its request stays in flight, and the watch sends no other
    // request.
    assert!(timeout(MINUTE / 60, events.try_next()).await.is_err());
    sleep(HOUR).await;
    assert_eq!(next(&mut events).await, "1 opened");
    assert_eq!(server.count("GET"), 1);
    let wait = timeout(MINUTE * 9 / 8, events.try_next()).await;
    assert!(wait.is_err(), "the second poll is in flight");
    assert_eq!(server.count("GET"), 2);
    drop(events);
    sleep(HOUR).await;
    assert_eq!(server.count("GET"), 2);
    let mut stream = list(&client).stream();
    takes(10.0..11.0, stream.try_next())
        .await
        .expect("a permit");
}

#[tokio::test(start_paused = true)]
async fn a_watch_waits_for_the_rate_limit_of_another_call() {
    let (fake, client) = fake().await;
    open(&fake);
    let mut events = list(&client).watch().events();
    assert_events(&mut events, &["1 opened"]).await;
    let limited = Fault::status(429).header("retry-after", "7200");
    fake.misbehave(1, limited).expect("a fault");
    let other = list(&client).stream().try_next().await;
    assert!(other.expect_err("limited").is_rate_limited());
    open(&fake);
    // If the watch sent a request, it would get this fault.
    fake.misbehave(1, Fault::status(404)).expect("a fault");
    let quiet = timeout(HOUR * 2 - MINUTE / 60, events.try_next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    assert_eq!(fake.faults_left(), 1);
    fake.clear_faults();
    assert_events(&mut events, &["2 opened"]).await;
}

#[tokio::test]
async fn lists_that_cannot_be_watched_are_rejected() {
    use github_bypass_requests::StatusFilter;
    let server = Server::start(vec![listed(&[1], &[])]).await;
    let client = server.client();
    let watch = || list(&client).watch();
    let position = list(&client).stream().position().expect("a position");
    for events in [
        watch().every(Duration::ZERO).events(),
        watch().every(Duration::from_millis(999)).events(),
        watch().every(HOUR * 24 + Duration::from_nanos(1)).events(),
        watch().every(Duration::MAX).events(),
        list(&client).status(StatusFilter::Open).watch().events(),
        list(&client).since(Utc::now()).watch().events(),
        list(&client).resume(position).watch().events(),
        list(&client).per_page(0).watch().events(),
        list(&client).repository("..").watch().events(),
    ] {
        let mut events = events;
        let error = events.try_next().await.expect_err("rejected");
        assert!(error.is_invalid_input(), "{error}");
        assert!(events.try_next().await.expect("an end").is_none());
    }
    let owner = client.organization("..").secret_scanning().list();
    let error = owner
        .watch()
        .events()
        .try_next()
        .await
        .expect_err("rejected");
    assert!(error.is_invalid_input(), "{error}");
    assert_eq!(server.count("GET"), 0);
    for good in [Duration::from_secs(1), HOUR * 24] {
        let all = list(&client).status(StatusFilter::All);
        let mut events = all.watch().every(good).events();
        assert_eq!(next(&mut events).await, "1 opened");
    }
}

#[tokio::test]
async fn an_event_stream_is_send_and_a_futures_stream() {
    use futures_util::StreamExt;
    fn sendable<T: Send + 'static>(value: T) -> T {
        value
    }
    let (fake, client) = fake().await;
    open(&fake);
    let watch = client.repository("octo-org", "smile").secret_scanning();
    let events = sendable(watch.list().watch().every(MINUTE).events());
    let first: Vec<_> = events.take(1).collect().await;
    let first = first[0].as_ref().expect("an event").to_string();
    assert!(
        first.starts_with("opened: octo-org/smile#1 open"),
        "{first}"
    );
}
