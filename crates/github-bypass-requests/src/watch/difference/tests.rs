use std::collections::BTreeMap;

use chrono::TimeZone;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::*;
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::watch::cursor::WatchCursor;

type Request = BypassRequest<SecretFinding>;

/// So many minutes after noon.
fn minute(minutes: i64) -> DateTime<Utc> {
    let noon = Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0).single();
    noon.expect("an instant") + TimeDelta::minutes(minutes)
}

/// A request that was made at noon and waits for an hour.
fn request(id: i64, status: &str, responses: Value) -> Request {
    let request = json!({
        "id": id, "number": id, "status": status, "request_type": "secret_scanning",
        "created_at": minute(0), "expires_at": minute(60), "responses": responses,
    });
    serde_json::from_value(request).expect("a request")
}

fn response(id: i64, status: &str, minutes: i64) -> Value {
    json!({ "id": id, "status": status, "created_at": minute(minutes) })
}

fn snapshot(requests: &[Request], now: DateTime<Utc>) -> Snapshot<SecretFinding> {
    let requests = requests.iter().map(|request| (request.id, request.clone()));
    let requests = BTreeMap::from_iter(requests);
    Snapshot { requests, now }
}

const WINDOW: TimeDelta = TimeDelta::hours(2);

/// What a later look tells; the same look again tells nothing.
fn tell(told: &mut KnownRequests, requests: &[Request], now: DateTime<Utc>) -> Vec<String> {
    let pending = compare(told, snapshot(requests, now), None, WINDOW);
    let news = deliver(told, pending);
    let again = compare(told, snapshot(requests, now), None, WINDOW);
    assert!(again.is_empty(), "told twice: {again:?}");
    news
}

/// Delivers everything, in words.
fn deliver(told: &mut KnownRequests, pending: VecDeque<Pending<SecretFinding>>) -> Vec<String> {
    let deliver = |pending: Pending<SecretFinding>| {
        let WatchEvent { request, change } = pending.deliver(told);
        let text = match change {
            Change::Opened => "opened".to_owned(),
            Change::Responded(response) => response.status.expect("a status").to_string(),
            Change::StatusChanged { from } => {
                let from = from.map_or("nothing".to_owned(), |from| from.to_string());
                format!("{from} to {}", request.status)
            }
            Change::Expired => "expired".to_owned(),
        };
        format!("{} {text}", request.id)
    };
    pending.into_iter().map(deliver).collect()
}

#[test]
fn each_change_is_told_once_and_by_its_name() {
    let approved = || response(7, "approved", 5);
    let dismissed = || response(7, "dismissed", 5);
    let unnamed = || json!({ "status": "denied" });
    let none: fn() -> Value = || json!([]);
    for (before, after, now, expected) in [
        (("open", none()), ("open", none()), 1, &[][..]),
        (
            ("pending", none()),
            ("open", none()),
            1,
            &["1 pending to open"],
        ),
        (
            ("open", none()),
            ("approved", json!([approved()])),
            6,
            &["1 approved", "1 open to approved"],
        ),
        (
            ("approved", json!([approved()])),
            ("completed", json!([approved()])),
            6,
            &["1 approved to completed"],
        ),
        (
            ("approved", json!([approved()])),
            ("open", json!([dismissed()])),
            6,
            &["1 dismissed", "1 approved to open"],
        ),
        (("open", json!([approved()])), ("open", none()), 6, &[]),
        (
            ("open", json!([unnamed()])),
            ("open", json!([unnamed(), unnamed()])),
            6,
            &["1 denied"],
        ),
        // A server that contradicts itself is told of once.
        (
            ("open", none()),
            ("open", json!([approved(), dismissed(), approved()])),
            6,
            &["1 approved", "1 dismissed", "1 approved"],
        ),
        (
            ("open", none()),
            ("cancelled", none()),
            61,
            &["1 open to cancelled"],
        ),
        (("open", none()), ("expired", none()), 61, &["1 expired"]),
        (("open", none()), ("open", none()), 60, &["1 expired"]),
        (("open", none()), ("open", none()), 59, &[]),
        (("approved", none()), ("approved", none()), 61, &[]),
        (
            ("open", none()),
            ("frozen", none()),
            61,
            &["1 open to frozen"],
        ),
    ] {
        let mut told = KnownRequests::new();
        let before = request(1, before.0, before.1);
        let baseline = compare(
            &mut told,
            snapshot(&[before], minute(0)),
            Some(Start::FromNow),
            WINDOW,
        );
        assert!(baseline.is_empty(), "{baseline:?}");
        let after = request(1, after.0, after.1);
        assert_eq!(tell(&mut told, &[after], minute(now)), expected);
    }
}

#[test]
fn what_is_new_is_opened_and_all_that_has_happened_to_it() {
    let denied = json!([response(7, "denied", 5)]);
    for (request, now, expected) in [
        (request(1, "open", json!([])), 1, &["1 opened"][..]),
        (
            request(1, "open", json!([])),
            61,
            &["1 opened", "1 expired"],
        ),
        (
            request(1, "expired", json!([])),
            61,
            &["1 opened", "1 expired"],
        ),
        (
            request(1, "denied", denied.clone()),
            6,
            &["1 opened", "1 denied", "1 nothing to denied"],
        ),
        (
            request(1, "cancelled", json!([])),
            6,
            &["1 opened", "1 nothing to cancelled"],
        ),
    ] {
        assert_eq!(
            tell(&mut KnownRequests::new(), &[request], minute(now)),
            expected
        );
    }
}

#[test]
fn an_expiry_is_told_once_whoever_tells_it() {
    let mut told = KnownRequests::new();
    let open = || request(1, "open", json!([]));
    assert_eq!(tell(&mut told, &[open()], minute(59)), ["1 opened"]);
    assert_eq!(tell(&mut told, &[open()], minute(60)), ["1 expired"]);
    // A server whose clock is behind the other's.
    assert!(tell(&mut told, &[open()], minute(59)).is_empty());
    assert!(tell(&mut told, &[open()], minute(61)).is_empty());
    let expired = request(1, "expired", json!([]));
    assert!(tell(&mut told, &[expired], minute(62)).is_empty());
    let approved = request(1, "approved", json!([response(7, "approved", 63)]));
    let late = ["1 approved", "1 expired to approved"];
    assert_eq!(tell(&mut told, &[approved], minute(63)), late);
    let mut later = open();
    later.expires_at = Some(minute(90));
    assert_eq!(
        tell(&mut told, std::slice::from_ref(&later), minute(64)),
        ["1 approved to open"]
    );
    assert_eq!(tell(&mut told, &[later], minute(90)), ["1 expired"]);
}

#[test]
fn the_first_look_tells_what_is_open_or_nothing() {
    let dismissed = json!([response(7, "dismissed", 5)]);
    let approved = json!([response(8, "approved", 5)]);
    let requests = [
        request(1, "pending", json!([])),
        request(2, "open", dismissed),
        request(3, "approved", approved),
        request(4, "expired", json!([])),
    ];
    for (start, expected) in [
        (Start::FromNow, &[][..]),
        (Start::WithOpen, &["1 opened", "2 opened", "2 dismissed"]),
    ] {
        let mut told = KnownRequests::new();
        let pending = compare(
            &mut told,
            snapshot(&requests, minute(6)),
            Some(start),
            WINDOW,
        );
        assert_eq!(deliver(&mut told, pending), expected);
        assert!(tell(&mut told, &requests, minute(7)).is_empty());
    }
}

#[test]
fn a_response_is_told_once_though_a_server_is_behind_the_others() {
    let mut told = KnownRequests::new();
    let open = || [request(1, "open", json!([]))];
    let denied = || [request(1, "denied", json!([response(7, "denied", 5)]))];
    let dismissed = || [request(1, "open", json!([response(7, "dismissed", 5)]))];
    assert_eq!(tell(&mut told, &open(), minute(1)), ["1 opened"]);
    let once = ["1 denied", "1 open to denied"];
    assert_eq!(tell(&mut told, &denied(), minute(6)), once);
    assert_eq!(tell(&mut told, &open(), minute(7)), ["1 denied to open"]);
    assert_eq!(tell(&mut told, &denied(), minute(8)), ["1 open to denied"]);
    let once = ["1 dismissed", "1 denied to open"];
    assert_eq!(tell(&mut told, &dismissed(), minute(9)), once);
    assert_eq!(tell(&mut told, &denied(), minute(10)), ["1 open to denied"]);
    let status = ["1 denied to open"];
    assert_eq!(tell(&mut told, &dismissed(), minute(11)), status);
}

#[test]
fn responses_without_an_id_are_told_apart_by_what_is_there() {
    let mut told = KnownRequests::new();
    let looks = |statuses: &[&str]| {
        let responses = statuses.iter().map(|status| json!({ "status": status }));
        [request(1, "open", responses.collect())]
    };
    tell(&mut told, &looks(&["denied"]), minute(1));
    assert_eq!(
        tell(&mut told, &looks(&["dismissed"]), minute(2)),
        ["1 dismissed"]
    );
    let both = looks(&["dismissed", "denied"]);
    assert_eq!(tell(&mut told, &both, minute(3)), ["1 denied"]);
}

#[test]
fn what_happened_first_is_told_first() {
    let mut told = KnownRequests::new();
    let baseline = [request(1, "open", json!([])), request(2, "open", json!([]))];
    tell(&mut told, &baseline, minute(1));
    let mut new = request(3, "open", json!([]));
    new.created_at = minute(10);
    let requests = [
        request(1, "denied", json!([response(9, "denied", 20)])),
        request(2, "approved", json!([response(8, "approved", 5)])),
        new,
    ];
    let expected = [
        "2 approved",
        "2 open to approved",
        "3 opened",
        "1 denied",
        "1 open to denied",
    ];
    assert_eq!(tell(&mut told, &requests, minute(30)), expected);
}

#[test]
fn what_the_list_shows_no_longer_is_forgotten_once_it_is_too_old_for_it() {
    let mut told = KnownRequests::new();
    let open = || [request(1, "open", json!([]))];
    assert_eq!(tell(&mut told, &open(), minute(1)), ["1 opened"]);
    // It slid past while the pages were read.
    assert!(tell(&mut told, &[], minute(119)).is_empty());
    assert_eq!(told.len(), 1);
    // A list may well show what is older.
    assert_eq!(tell(&mut told, &open(), minute(300)), ["1 expired"]);
    assert!(tell(&mut told, &[], minute(300)).is_empty());
    assert!(told.is_empty());
}

fn any_request() -> impl Strategy<Value = (&'static str, Value)> {
    let status = select(&["open", "pending", "approved", "expired", "cancelled", "new"][..]);
    let answer = select(&["approved", "denied", "dismissed"][..]);
    let answers = prop::collection::vec((prop::option::of(1_i64..4), answer, 0_i64..90), 0..4);
    (status, answers).prop_map(|(status, answers)| {
        let answers = answers.into_iter().map(
            |(id, status, at)| json!({ "id": id, "status": status, "created_at": minute(at) }),
        );
        (status, answers.collect())
    })
}

fn any_look() -> impl Strategy<Value = Vec<Request>> {
    let requests = prop::collection::btree_map(1_i64..5, any_request(), 0..5);
    requests.prop_map(|requests| {
        let requests = requests.into_iter();
        let requests = requests.map(|(id, (status, responses))| request(id, status, responses));
        requests.collect()
    })
}

proptest! {
    /// Whatever the looks show, and whenever the watch is stopped between two events: one that goes
    /// on by the cursor tells the rest, in the same order for each request.
    #[test]
    fn a_restart_loses_nothing_and_tells_nothing_twice(
        start in prop::option::of(select(&[Start::WithOpen, Start::FromNow][..])),
        looks in prop::collection::vec((any_look(), 0_i64..90), 1..5), stop: Index,
    ) {
        let (mut told, mut start) = (KnownRequests::new(), start);
        for (requests, now) in looks {
            let now = minute(now);
            let mut whole = told.clone();
            let pending = compare(&mut whole, snapshot(&requests, now), start, WINDOW);
            let all = deliver(&mut whole, pending);

            let mut pending = compare(&mut told, snapshot(&requests, now), start.take(), WINDOW);
            let left = pending.split_off(stop.index(pending.len() + 1));
            let mut seen = deliver(&mut told, pending);
            drop(left);
            let mut cursor = WatchCursor::<SecretFinding>::new();
            cursor.known = told.into();
            let saved = serde_json::to_vec(&cursor).expect("JSON");
            let resumed: WatchCursor<SecretFinding> =
                serde_json::from_slice(&saved).expect("the same");
            told = (*resumed.known).clone();
            seen.extend(tell(&mut told, &requests, now));

            let by_request = |mut events: Vec<String>| {
                events.sort_by_key(|event| event.split(' ').next().map(str::to_owned));
                events
            };
            prop_assert_eq!(by_request(seen), by_request(all));
            prop_assert_eq!(&told, &whole);
        }
    }
}

#[test]
fn a_cursor_is_of_one_kind_and_version_and_bears_what_is_new() {
    let mut cursor = WatchCursor::<SecretFinding>::new();
    let mut told = KnownRequests::new();
    tell(&mut told, &[request(1, "open", json!([]))], minute(61));
    cursor.known = told.into();
    cursor.begun = true;
    let mut saved = serde_json::to_value(&cursor).expect("JSON");
    assert_eq!(
        saved,
        json!({
            "version": 1, "kind": "secret_scanning", "begun": true,
            "requests": [{
                "id": 1, "created_at": "2026-07-01T12:00:00Z", "status": "open",
                "expired": "2026-07-01T13:00:00Z",
            }],
        })
    );
    let other = serde_json::from_value::<WatchCursor<RuleViolation>>(saved.clone());
    let error = other.expect_err("another kind").to_string();
    assert!(error.contains("push_rules"), "{error}");
    saved["added"] = json!("later");
    saved["requests"][0]["added"] = json!("later");
    let read: WatchCursor<SecretFinding> = serde_json::from_value(saved.clone()).expect("read");
    assert_eq!(read, cursor);
    saved["version"] = json!(2);
    assert!(serde_json::from_value::<WatchCursor<SecretFinding>>(saved).is_err());
}
