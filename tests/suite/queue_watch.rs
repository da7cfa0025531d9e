//! The watch of a queue reports each change once, and one cursor saves the state of all lists.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use github_bypass_requests::{
    AnyBypassRequest, Change, Client, Queue, QueueCursor, QueueEvent, QueueEventStream, TimePeriod,
};
use github_bypass_requests_fake::{Clock, Fake, NewRequest};
use serde_json::json;
use tokio::time::timeout;

use crate::faults::checks::failed;
use crate::support::TOKEN;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn noon() -> DateTime<Utc> {
    let noon = Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0);
    noon.single().expect("an instant")
}

async fn fake() -> (Fake, Client) {
    let fake = Fake::builder().clock(Clock::manual(noon())).start();
    let fake = fake.await.expect("a port");
    let client = Client::builder().base_url(fake.base_url()).token(TOKEN);
    (fake, client.build().expect("a client"))
}

/// An enterprise, one of its organizations and one of its repositories.
fn overlapping(client: &Client) -> Queue {
    let enterprise = client.enterprise("octo-enterprise").queue();
    let organization = client.organization("octo-org").queue();
    let repository = client.repository("octo-org", "smile").queue();
    enterprise.and(organization).and(repository)
}

fn open_secret(fake: &Fake) {
    fake.open_secret_scanning_request(NewRequest::new());
}

fn open_rule(fake: &Fake) {
    fake.open_push_rule_request(NewRequest::new());
}

fn describe(
    QueueEvent {
        request, change, ..
    }: &QueueEvent,
) -> String {
    let kind = match request {
        AnyBypassRequest::SecretScanning(_) => "secret",
        _ => "rule",
    };
    let number = request.number();
    let change = match change {
        Change::StatusChanged { .. } => request.status().to_string(),
        change => change.to_string(),
    };
    format!("{kind} {number} {change}")
}

/// Returns descriptions of the events of one hour, sorted.
async fn events_of(events: &mut QueueEventStream) -> Vec<String> {
    let mut seen = Vec::new();
    while let Ok(event) = timeout(HOUR, events.try_next()).await {
        let event = event.expect("no error").expect("an event, not the end");
        seen.push(describe(&event));
    }
    seen.sort();
    seen
}

/// Returns the cursor, saved as JSON and loaded again.
fn saved(events: &QueueEventStream) -> QueueCursor {
    let saved = serde_json::to_string(&events.cursor()).expect("JSON");
    serde_json::from_str(&saved).expect("the saved cursor")
}

#[tokio::test(start_paused = true)]
async fn each_change_is_reported_once_if_scopes_overlap() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    open_rule(&fake);
    let mut events = overlapping(&client).watch().events();
    let opened = ["rule 2 opened", "secret 1 opened"];
    assert_eq!(events_of(&mut events).await, opened);
    open_secret(&fake);
    fake.deny("octo-org", "smile", 1, "hubot").expect("denied");
    let denied = [
        "secret 1 denied",
        "secret 1 denied by hubot",
        "secret 3 opened",
    ];
    assert_eq!(events_of(&mut events).await, denied);
    fake.advance(TimeDelta::days(7));
    assert_eq!(
        events_of(&mut events).await,
        ["rule 2 expired", "secret 3 expired"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_restart_after_each_event_repeats_and_loses_none() {
    let (fake, client) = fake().await;
    let start = |cursor: QueueCursor| overlapping(&client).watch().resume(cursor).events();
    let mut events = start(QueueCursor::default());
    let mut seen = Vec::new();
    for step in 0..3 {
        match step {
            0 => (1..=3).for_each(|_| open_secret(&fake)),
            1 => open_rule(&fake),
            _ => drop(fake.deny("octo-org", "smile", 2, "hubot").expect("denied")),
        }
        while let Ok(event) = timeout(HOUR, events.try_next()).await {
            let event = event.expect("no error").expect("an event, not the end");
            seen.push(describe(&event));
            events = start(saved(&events));
        }
    }
    seen.sort();
    let expected = [
        "rule 4 opened",
        "secret 1 opened",
        "secret 2 denied",
        "secret 2 denied by hubot",
        "secret 2 opened",
        "secret 3 opened",
    ];
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn the_saved_cursor_of_a_list_continues_as_the_cursor_of_a_queue() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    let list = client.organization("octo-org").secret_scanning().list();
    let mut events = list.watch().events();
    events.try_next().await.expect("an event").expect("opened");
    let of_list = serde_json::to_string(&events.cursor()).expect("JSON");
    // This request is opened and decided while the watch is stopped.
    open_secret(&fake);
    fake.deny("octo-org", "smile", 2, "hubot").expect("denied");
    open_rule(&fake);

    let loaded: QueueCursor = serde_json::from_str(&of_list).expect("a cursor");
    assert_eq!(loaded, QueueCursor::from(events.cursor()));
    let queue = client.organization("octo-org").queue();
    let mut events = queue.watch().resume(loaded).events();
    let expected = [
        "rule 3 opened",
        "secret 2 denied",
        "secret 2 denied by hubot",
        "secret 2 opened",
    ];
    assert_eq!(events_of(&mut events).await, expected);
}

#[tokio::test(start_paused = true)]
async fn the_cursors_of_two_lists_continue_as_one() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    open_rule(&fake);
    let organization = client.organization("octo-org");
    let mut secrets = organization.secret_scanning().list().watch().events();
    secrets.try_next().await.expect("an event").expect("opened");
    let mut rules = organization.push_rules().list().watch().events();
    rules.try_next().await.expect("an event").expect("opened");
    let both = QueueCursor::from(secrets.cursor()).and(rules.cursor());
    let mut events = organization.queue().watch().resume(both).events();
    assert!(events_of(&mut events).await.is_empty());
    open_rule(&fake);
    assert_eq!(events_of(&mut events).await, ["rule 3 opened"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_does_not_end_the_others() {
    let (fake, client) = fake().await;
    fake.add_repository("octo-org", "smile");
    let unknown = client.organization("no-such-org").secret_scanning().list();
    let queue = Queue::from(unknown).and(client.organization("octo-org").queue());
    let mut events = queue.watch().events();
    let error = failed(events.try_next().await);
    assert!(error.is_not_found(), "{error}");
    assert!(error.to_string().contains("no-such-org"), "{error}");
    open_secret(&fake);
    assert_eq!(events_of(&mut events).await, ["secret 1 opened"]);
    let [failed, _, _] = &events.monitors()[..] else {
        panic!("{:?}", events.monitors())
    };
    let path = "/orgs/no-such-org/bypass-requests/secret-scanning";
    assert!(failed.list().ends_with(path), "{failed:?}");
    assert!(failed.status().last_error.is_some());

    let unknown = client.organization("no-such-org").queue();
    let mut events = unknown.watch().events();
    failed_twice(&mut events).await;
    assert!(events.try_next().await.expect("the end").is_none());
}

async fn failed_twice(events: &mut QueueEventStream) {
    for _ in 0..2 {
        assert!(failed(events.try_next().await).is_not_found());
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_the_cursor_does_not_know_starts_as_set() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    fake.deny("octo-org", "smile", 1, "hubot").expect("denied");
    open_secret(&fake);
    open_rule(&fake);
    let secrets = client.organization("octo-org").secret_scanning().list();
    let mut events = Queue::from(secrets).watch().events();
    assert_eq!(events_of(&mut events).await, ["secret 2 opened"]);
    let cursor = saved(&events);

    let queue = || client.organization("octo-org").queue().watch();
    let mut events = queue().resume(cursor.clone()).events();
    assert_eq!(events_of(&mut events).await, ["rule 3 opened"]);
    let mut events = queue().resume(cursor).from_now().events();
    assert!(events_of(&mut events).await.is_empty());
    open_rule(&fake);
    open_secret(&fake);
    let opened = ["rule 4 opened", "secret 5 opened"];
    assert_eq!(events_of(&mut events).await, opened);
}

/// The list of the last hour does not contain the request, but the cursor must not forget it.
#[tokio::test(start_paused = true)]
async fn lists_of_different_periods_share_what_is_known() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    fake.advance(TimeDelta::hours(3));
    let list = || client.organization("octo-org").secret_scanning().list();
    let queue = Queue::from(list().time_period(TimePeriod::Hour)).and(list());
    let mut events = queue.clone().watch().events();
    assert_eq!(events_of(&mut events).await, ["secret 1 opened"]);
    let mut events = queue.watch().resume(saved(&events)).events();
    assert!(events_of(&mut events).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_list_cannot_watch_a_queue_cannot_either() {
    let (fake, client) = fake().await;
    let queue = client.organization("octo-org").queue();
    let mut events = queue.clone().since(Utc::now()).watch().events();
    assert!(failed(events.try_next().await).is_invalid_input());
    let mut events = queue.watch().every(Duration::ZERO).events();
    let error = failed(events.try_next().await);
    let expected = "`every` must be between one second and one day";
    assert_eq!(error.to_string(), expected);
    // Both lists have this error, and the stream returns it once.
    assert!(events.try_next().await.expect("the end").is_none());
    assert_eq!(client.usage().requests, 0);

    fake.add_repository("octo-org", "smile");
    let queue = client.organization("octo-org").queue();
    let start = queue.clone().stream().position().expect("the start");
    let mut events = queue.resume(start).watch().events();
    let error = failed(events.try_next().await);
    let expected = "a queue that starts at a saved position cannot be watched";
    assert_eq!(error.to_string(), expected);
    assert_eq!(client.usage().requests, 0);
}

#[test]
fn a_cursor_of_a_later_version_is_refused() {
    for cursor in [
        json!({ "version": 2, "groups": [] }),
        json!({ "version": 2, "kind": "push_rules", "started": true, "requests": [] }),
        json!({ "version": 2, "lists": {} }),
    ] {
        let error = serde_json::from_value::<QueueCursor>(cursor).expect_err("a later version");
        let expected = "it has version 2, which this version of the crate cannot read";
        assert_eq!(error.to_string(), expected);
    }
    let neither = serde_json::from_value::<QueueCursor>(json!({ "version": 1 }));
    let expected = "this is neither the cursor of a queue nor that of a list";
    assert_eq!(neither.expect_err("no cursor").to_string(), expected);
}

#[tokio::test(start_paused = true)]
async fn one_decision_is_one_line() {
    let (fake, client) = fake().await;
    for _ in 0..4 {
        open_secret(&fake);
    }
    let mut events = client.organization("octo-org").queue().watch().events();
    events_of(&mut events).await;
    let decide = |number| {
        fake.approve("octo-org", "smile", number, "dora")
            .expect("open")
    };
    decide(1);
    decide(2);
    fake.complete("octo-org", "smile", 2).expect("approved");
    fake.cancel("octo-org", "smile", 3).expect("open");
    fake.deny("octo-org", "smile", 4, "dora").expect("open");
    let mut lines = lines_of(&mut events).await;
    lines.sort();
    let expected = [
        "approved by dora: octo-org/smile#1",
        "cancelled: octo-org/smile#3 (was open)",
        "completed: octo-org/smile#2, approved by dora",
        "denied by dora: octo-org/smile#4",
    ];
    assert_eq!(lines, expected);
    fake.complete("octo-org", "smile", 1).expect("approved");
    let completed = "completed: octo-org/smile#1, approved by dora";
    assert_eq!(lines_of(&mut events).await, [completed]);
    let repository = client.repository("octo-org", "smile").secret_scanning();
    let request = repository.get(4).await.expect("a request");
    let response = request.responses.last().and_then(|response| response.id);
    let dismissal = repository.dismiss(response.expect("an id")).await;
    dismissal.expect("dismissed");
    let dismissed = "dismissed by dora: octo-org/smile#4";
    assert_eq!(lines_of(&mut events).await, [dismissed]);
}

async fn lines_of(events: &mut QueueEventStream) -> Vec<String> {
    let mut lines = Vec::new();
    while let Ok(event) = timeout(HOUR, events.try_next()).await {
        let event = event.expect("no error").expect("an event, not the end");
        lines.extend(event.summary());
    }
    lines
}

/// The cursor does not know one of the lists, and that list is polled first. It contains a request
/// that the other list has not reported yet. Each change of the request is reported once, with and
/// without `from_now`.
#[tokio::test(start_paused = true)]
async fn the_first_poll_of_a_late_list_hides_no_event_of_the_others() {
    for from_now in [false, true] {
        let (fake, client) = fake().await;
        fake.add_repository("octo-org", "smile");
        let list = || client.organization("octo-org").secret_scanning().list();
        let late = client.repository("octo-org", "smile");
        let late = Queue::from(late.secret_scanning().list());
        let watch = |queue: Queue| {
            let watch = queue.watch();
            if from_now { watch.from_now() } else { watch }
        };
        let mut events = watch(Queue::from(list())).events();
        assert!(events_of(&mut events).await.is_empty());
        let cursor = saved(&events);
        fake.advance(TimeDelta::minutes(10));
        open_secret(&fake);
        fake.deny("octo-org", "smile", 1, "hubot").expect("open");
        // The late list is polled first.
        let queue = late.and(list());
        let mut events = watch(queue).resume(cursor).events();
        let expected = [
            "secret 1 denied",
            "secret 1 denied by hubot",
            "secret 1 opened",
        ];
        assert_eq!(events_of(&mut events).await, expected, "{from_now}");
    }
}

/// The first list has an undelivered event when the process stops.
#[tokio::test(start_paused = true)]
async fn a_restart_in_the_middle_of_the_first_events_loses_none() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    open_secret(&fake);
    let list = || client.organization("octo-org").secret_scanning().list();
    let late = || {
        client
            .repository("octo-org", "smile")
            .secret_scanning()
            .list()
    };
    let mut events = Queue::from(list()).watch().events();
    let event = events.try_next().await.expect("an event").expect("one");
    assert_eq!(describe(&event), "secret 1 opened");
    let cursor = saved(&events);
    drop(events);
    fake.advance(TimeDelta::hours(1));
    fake.deny("octo-org", "smile", 2, "hubot").expect("open");
    let queue = Queue::from(late()).and(list());
    let mut events = queue.watch().resume(cursor).events();
    let expected = [
        "secret 2 denied",
        "secret 2 denied by hubot",
        "secret 2 opened",
    ];
    assert_eq!(events_of(&mut events).await, expected);
}

/// No HTTP request is in flight while the program handles an event.
#[tokio::test(start_paused = true)]
async fn the_handler_of_an_event_can_use_the_client() {
    let fake = Fake::builder().clock(Clock::manual(noon())).start();
    let fake = fake.await.expect("a port");
    let client = Client::builder().base_url(fake.base_url()).token(TOKEN);
    let client = client.max_concurrent_reads(1).build().expect("a client");
    open_secret(&fake);
    open_rule(&fake);
    let mut events = overlapping(&client).watch().events();
    let repository = client.repository("octo-org", "smile").secret_scanning();
    for _ in 0..2 {
        let event = events
            .try_next()
            .await
            .expect("no error")
            .expect("an event");
        assert_eq!(event.change, Change::Opened);
        let read = timeout(Duration::from_secs(5), repository.get(1)).await;
        read.expect("the stream holds no permit")
            .expect("a request");
        // A slow handler causes no failed poll.
        tokio::time::sleep(Duration::from_secs(120)).await;
    }
    assert!(events_of(&mut events).await.is_empty());
    assert_eq!(client.usage().retries, 0);
    for monitor in events.monitors() {
        let status = monitor.status();
        assert!(status.successful_polls > 1, "{monitor:?}");
        assert!(status.last_error.is_none(), "{monitor:?}");
    }
}

/// The cursor of a list records which list it belongs to.
#[tokio::test(start_paused = true)]
async fn the_cursor_of_a_list_is_not_that_of_other_lists() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    let other = NewRequest::new().repository("octo-labs", "lab");
    fake.open_secret_scanning_request(other);
    fake.deny("octo-labs", "lab", 1, "hubot").expect("open");
    fake.advance(TimeDelta::hours(1));
    let list = |name: &str| client.organization(name).secret_scanning().list();
    let mut events = list("octo-org").watch().events();
    events.try_next().await.expect("an event").expect("opened");
    let queue = Queue::from(list("octo-org")).and(list("octo-labs"));
    let mut events = queue.watch().resume(events.cursor()).events();
    // The other list starts with its open requests, but it has none.
    assert!(events_of(&mut events).await.is_empty());
}

/// Two saved cursors contain the same request, and one cursor is older than the other.
#[tokio::test(start_paused = true)]
async fn of_two_cursors_the_later_state_of_a_request_counts() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    let list = client.organization("octo-org").secret_scanning().list();
    let mut events = Queue::from(list.clone()).watch().events();
    assert_eq!(events_of(&mut events).await, ["secret 1 opened"]);
    let old = saved(&events);
    fake.deny("octo-org", "smile", 1, "hubot").expect("open");
    assert_eq!(events_of(&mut events).await.len(), 2);
    let new = saved(&events);
    for cursor in [old.clone().and(new.clone()), new.and(old)] {
        let mut events = Queue::from(list.clone()).watch().resume(cursor).events();
        assert!(events_of(&mut events).await.is_empty());
    }
}

/// The cursor does not treat a list of another period as a list that was already polled.
#[tokio::test(start_paused = true)]
async fn a_list_of_another_period_is_another_list() {
    let (fake, client) = fake().await;
    open_secret(&fake);
    fake.deny("octo-org", "smile", 1, "hubot").expect("open");
    fake.advance(TimeDelta::hours(3));
    let list = || client.organization("octo-org").secret_scanning().list();
    let mut events = Queue::from(list().time_period(TimePeriod::Hour))
        .watch()
        .events();
    assert!(events_of(&mut events).await.is_empty());
    let mut events = Queue::from(list()).watch().resume(saved(&events)).events();
    assert!(events_of(&mut events).await.is_empty());
}

#[test]
fn the_streams_of_a_queue_can_be_sent_to_another_thread() {
    fn is_send<T: Send + 'static>() {}
    is_send::<QueueEventStream>();
    is_send::<github_bypass_requests::QueueStream>();
    is_send::<github_bypass_requests::WatchMonitor>();
}

/// GitHub may omit the `responses` of a request.
#[test]
fn a_completed_request_does_not_read_like_a_revoked_approval() {
    let event = |from: &str| {
        let request = json!({
            "kind": "secret_scanning", "id": 1, "number": 16, "status": "completed",
            "request_type": "secret_scanning", "created_at": noon(),
            "repository": { "full_name": "octo-org/smile" },
        });
        let change = json!({ "status_changed": { "from": from } });
        let event = json!({ "request": request, "change": change });
        serde_json::from_value::<QueueEvent>(event).expect("an event")
    };
    for (from, line) in [
        ("approved", "completed: octo-org/smile#16, approved"),
        ("open", "completed: octo-org/smile#16"),
    ] {
        assert_eq!(event(from).to_string(), line);
        assert_eq!(event(from).summary().as_deref(), Some(line));
    }
}
