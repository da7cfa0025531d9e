use std::collections::BTreeMap;

use chrono::TimeZone;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::*;
use crate::model::request::BypassRequest;
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::watch::cursor::WatchCursor;

type Request = BypassRequest<SecretFinding>;

/// Returns the instant this many minutes after noon.
fn minute(minutes: i64) -> DateTime<Utc> {
    let noon = Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0).single();
    noon.expect("an instant") + TimeDelta::minutes(minutes)
}

/// A request created at noon that expires after an hour.
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

fn snapshot(requests: &[Request], now: DateTime<Utc>) -> Snapshot<Request> {
    let requests = requests.iter().map(|request| (request.id, request.clone()));
    let requests = BTreeMap::from_iter(requests);
    Snapshot {
        requests,
        missing_organizations: Vec::new(),
        now,
    }
}

const WINDOW: TimeDelta = TimeDelta::hours(2);

/// The first poll of the only list.
fn first(start: Start) -> Option<FirstPoll> {
    Some(FirstPoll {
        start,
        new_since: None,
    })
}

/// Returns the events of a poll. Checks that a second poll of the same requests has no events.
fn poll(known: &mut KnownRequests, requests: &[Request], now: DateTime<Utc>) -> Vec<String> {
    let pending = compare(known, snapshot(requests, now), None, WINDOW, |_| false);
    let events = deliver(known, pending);
    let again = compare(known, snapshot(requests, now), None, WINDOW, |_| false);
    assert!(again.is_empty(), "reported twice: {again:?}");
    events
}

/// Delivers all events, and returns them as text.
fn deliver(known: &mut KnownRequests, pending: VecDeque<Pending<Request>>) -> Vec<String> {
    let deliver = |pending: Pending<Request>| {
        let (request, change) = pending.deliver(known);
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
fn each_change_is_reported_once() {
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
        // Each of the contradictory responses is reported once.
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
        let mut known = KnownRequests::new();
        let before = request(1, before.0, before.1);
        let baseline = compare(
            &mut known,
            snapshot(&[before], minute(0)),
            first(Start::FromNow),
            WINDOW,
            |_| false,
        );
        assert!(baseline.is_empty(), "{baseline:?}");
        let after = request(1, after.0, after.1);
        assert_eq!(poll(&mut known, &[after], minute(now)), expected);
    }
}

#[test]
fn a_new_request_is_opened_and_its_changes_follow() {
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
            poll(&mut KnownRequests::new(), &[request], minute(now)),
            expected
        );
    }
}

#[test]
fn an_expiry_by_clock_or_by_status_is_reported_once() {
    let mut known = KnownRequests::new();
    let open = || request(1, "open", json!([]));
    assert_eq!(poll(&mut known, &[open()], minute(59)), ["1 opened"]);
    assert_eq!(poll(&mut known, &[open()], minute(60)), ["1 expired"]);
    // The clock of this server is behind.
    assert!(poll(&mut known, &[open()], minute(59)).is_empty());
    assert!(poll(&mut known, &[open()], minute(61)).is_empty());
    let expired = request(1, "expired", json!([]));
    assert!(poll(&mut known, &[expired], minute(62)).is_empty());
    let approved = request(1, "approved", json!([response(7, "approved", 63)]));
    let late = ["1 approved", "1 expired to approved"];
    assert_eq!(poll(&mut known, &[approved], minute(63)), late);
    let mut later = request(1, "open", json!([response(7, "dismissed", 63)]));
    later.expires_at = Some(minute(90));
    assert_eq!(
        poll(&mut known, std::slice::from_ref(&later), minute(64)),
        ["1 dismissed", "1 approved to open"]
    );
    assert_eq!(poll(&mut known, &[later], minute(90)), ["1 expired"]);
}

#[test]
fn the_first_poll_reports_open_requests_or_nothing() {
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
        let mut known = KnownRequests::new();
        let pending = compare(
            &mut known,
            snapshot(&requests, minute(6)),
            first(start),
            WINDOW,
            |_| false,
        );
        assert_eq!(deliver(&mut known, pending), expected);
        assert!(poll(&mut known, &requests, minute(7)).is_empty());
    }
}

#[test]
fn a_stale_replica_does_not_repeat_a_response() {
    let mut known = KnownRequests::new();
    let open = || [request(1, "open", json!([]))];
    let denied = || [request(1, "denied", json!([response(7, "denied", 5)]))];
    let dismissed = || [request(1, "open", json!([response(7, "dismissed", 5)]))];
    assert_eq!(poll(&mut known, &open(), minute(1)), ["1 opened"]);
    let once = ["1 denied", "1 open to denied"];
    assert_eq!(poll(&mut known, &denied(), minute(6)), once);
    assert!(poll(&mut known, &open(), minute(7)).is_empty());
    assert!(poll(&mut known, &denied(), minute(8)).is_empty());
    let once = ["1 dismissed", "1 denied to open"];
    assert_eq!(poll(&mut known, &dismissed(), minute(9)), once);
    assert!(poll(&mut known, &denied(), minute(10)).is_empty());
    assert!(poll(&mut known, &dismissed(), minute(11)).is_empty());
    // A state that is shown for more than a minute is the current one.
    for (now, expected) in [
        (12, &[][..]),
        (13, &[]),
        (14, &["1 open to denied"]),
        (15, &[]),
    ] {
        assert_eq!(poll(&mut known, &denied(), minute(now)), expected, "{now}");
    }
}

/// A request that has ended does not change any more, unless its expiry was moved.
#[test]
fn a_stale_replica_does_not_take_back_the_end_of_a_request() {
    let open = || [request(1, "open", json!([]))];
    for (status, end) in [
        ("expired", "1 expired"),
        ("completed", "1 open to completed"),
        ("cancelled", "1 open to cancelled"),
    ] {
        let ended = || [request(1, status, json!([]))];
        let mut known = KnownRequests::new();
        assert_eq!(poll(&mut known, &open(), minute(1)), ["1 opened"]);
        assert_eq!(poll(&mut known, &ended(), minute(58)), [end]);
        assert!(poll(&mut known, &open(), minute(58)).is_empty(), "{status}");
        assert!(poll(&mut known, &ended(), minute(59)).is_empty());
        // The expiry is moved, and the request ends again.
        let mut moved = open();
        moved[0].expires_at = Some(minute(90));
        let again = match status {
            "expired" => &["1 expired to open"][..],
            _ => &[],
        };
        assert_eq!(poll(&mut known, &moved, minute(59)), again, "{status}");
        let again = if again.is_empty() { again } else { &[end][..] };
        let mut ended = ended();
        ended[0].expires_at = Some(minute(90));
        assert_eq!(poll(&mut known, &ended, minute(90)), again, "{status}");
    }
    // The request has no `expires_at`.
    let mut known = KnownRequests::new();
    let [mut open, mut expired] = ["open", "expired"].map(|status| request(1, status, json!([])));
    (open.expires_at, expired.expires_at) = (None, None);
    let (open, expired) = ([open], [expired]);
    assert_eq!(poll(&mut known, &open, minute(1)), ["1 opened"]);
    for (shown, now, expected) in [
        (&expired, 2, &["1 expired"][..]),
        (&open, 3, &[]),
        (&open, 5, &["1 expired to open"]),
        (&expired, 6, &["1 expired"]),
    ] {
        assert_eq!(poll(&mut known, shown, minute(now)), expected, "{now}");
    }
    // By the clock, the request is still expired.
    let mut known = KnownRequests::new();
    let [open, expired] = ["open", "expired"].map(|status| [request(1, status, json!([]))]);
    poll(&mut known, &open, minute(1));
    assert_eq!(poll(&mut known, &expired, minute(61)), ["1 expired"]);
    for now in [61, 63, 65] {
        assert!(poll(&mut known, &open, minute(now)).is_empty(), "{now}");
    }
    assert!(poll(&mut known, &expired, minute(66)).is_empty());
}

#[test]
fn responses_without_an_id_are_distinguished_by_status() {
    let mut known = KnownRequests::new();
    let requests = |statuses: &[&str]| {
        let responses = statuses.iter().map(|status| json!({ "status": status }));
        [request(1, "open", responses.collect())]
    };
    poll(&mut known, &requests(&["denied"]), minute(1));
    assert_eq!(
        poll(&mut known, &requests(&["dismissed"]), minute(2)),
        ["1 dismissed"]
    );
    let both = requests(&["dismissed", "denied"]);
    assert_eq!(poll(&mut known, &both, minute(3)), ["1 denied"]);
}

#[test]
fn events_are_ordered_by_time() {
    let mut known = KnownRequests::new();
    let baseline = [request(1, "open", json!([])), request(2, "open", json!([]))];
    poll(&mut known, &baseline, minute(1));
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
    assert_eq!(poll(&mut known, &requests, minute(30)), expected);
}

#[test]
fn an_unlisted_request_is_forgotten_when_it_is_older_than_the_window() {
    let mut known = KnownRequests::new();
    let open = || [request(1, "open", json!([]))];
    assert_eq!(poll(&mut known, &open(), minute(1)), ["1 opened"]);
    // The request moved between pages while they were read.
    assert!(poll(&mut known, &[], minute(119)).is_empty());
    assert_eq!(known.len(), 1);
    // A list may contain older requests.
    assert_eq!(poll(&mut known, &open(), minute(300)), ["1 expired"]);
    assert!(poll(&mut known, &[], minute(300)).is_empty());
    assert!(known.is_empty());
}

fn any_request() -> impl Strategy<Value = (&'static str, Value)> {
    let status = select(&["open", "pending", "approved", "expired", "cancelled", "new"][..]);
    let status_of_response = select(&["approved", "denied", "dismissed"][..]);
    let responses = (prop::option::of(1_i64..4), status_of_response, 0_i64..90);
    let responses = prop::collection::vec(responses, 0..4);
    (status, responses).prop_map(|(status, responses)| {
        let responses = responses.into_iter().map(
            |(id, status, at)| json!({ "id": id, "status": status, "created_at": minute(at) }),
        );
        (status, responses.collect())
    })
}

fn any_poll() -> impl Strategy<Value = Vec<Request>> {
    let requests = prop::collection::btree_map(1_i64..5, any_request(), 0..5);
    requests.prop_map(|requests| {
        let requests = requests.into_iter();
        let requests = requests.map(|(id, (status, responses))| request(id, status, responses));
        requests.collect()
    })
}

proptest! {
    /// Stops a watch between any two events. The watch that resumes from the cursor delivers the
    /// rest, in the same order for each request.
    #[test]
    fn a_restart_loses_no_event_and_repeats_none(
        start in prop::option::of(select(&[Start::WithOpen, Start::FromNow][..])),
        polls in prop::collection::vec((any_poll(), 0_i64..90), 1..5), stop: Index,
    ) {
        let (mut known, mut start) = (KnownRequests::new(), start);
        for (requests, now) in polls {
            let now = minute(now);
            let mut whole = known.clone();
            let pending = compare(&mut whole, snapshot(&requests, now), start.and_then(first), WINDOW, |_| false);
            let all = deliver(&mut whole, pending);

            let mut pending = compare(&mut known, snapshot(&requests, now), start.take().and_then(first), WINDOW, |_| false);
            let left = pending.split_off(stop.index(pending.len() + 1));
            let mut seen = deliver(&mut known, pending);
            drop(left);
            let mut cursor = WatchCursor::<SecretFinding>::new(None, false, None, Arc::default());
            cursor.known = known.into();
            let saved = serde_json::to_vec(&cursor).expect("JSON");
            let resumed: WatchCursor<SecretFinding> =
                serde_json::from_slice(&saved).expect("the same");
            known = (*resumed.known).clone();
            seen.extend(poll(&mut known, &requests, now));

            let by_request = |mut events: Vec<String>| {
                events.sort_by_key(|event| event.split(' ').next().map(str::to_owned));
                events
            };
            prop_assert_eq!(by_request(seen), by_request(all));
            let again = compare(&mut whole, snapshot(&requests, now), None, WINDOW, |_| false);
            prop_assert!(again.is_empty(), "{:?}", again);
            prop_assert_eq!(&known, &whole);
        }
    }
}

#[test]
fn a_cursor_has_one_kind_and_version_and_ignores_new_fields() {
    let mut cursor = WatchCursor::<SecretFinding>::new(None, false, None, Arc::default());
    let mut known = KnownRequests::new();
    poll(&mut known, &[request(1, "open", json!([]))], minute(61));
    cursor.known = known.into();
    cursor.started = true;
    let mut saved = serde_json::to_value(&cursor).expect("JSON");
    assert_eq!(
        saved,
        json!({
            "version": 1, "kind": "secret_scanning", "started": true,
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

/// Polls one list at noon, and another one ten minutes later. Returns the events of the second
/// poll.
fn first_poll_after_another_list(start: Start) -> Vec<String> {
    let mut known = KnownRequests::new();
    let only = snapshot(&[request(1, "open", json!([]))], minute(0));
    compare(&mut known, only, first(Start::FromNow), WINDOW, |_| false);
    let created_at = |id, created_at| Request {
        created_at,
        ..request(id, "denied", json!([response(id, "denied", 9)]))
    };
    let second = [
        created_at(1, minute(0)),
        // The other list does not contain this request. Otherwise, the request would be known.
        created_at(2, minute(-5)),
        created_at(3, minute(5)),
    ];
    let first = Some(FirstPoll {
        start,
        new_since: Some(minute(0)),
    });
    let pending = compare(
        &mut known,
        snapshot(&second, minute(10)),
        first,
        WINDOW,
        |_| false,
    );
    deliver(&mut known, pending)
}

#[test]
fn the_first_poll_of_a_second_list_reports_what_the_first_list_has_not_reported_yet() {
    for start in [Start::WithOpen, Start::FromNow] {
        let events = first_poll_after_another_list(start);
        assert_eq!(events.len(), 5, "{events:?}");
        let of = |number: char| {
            events
                .iter()
                .filter(|event| event.starts_with(number))
                .count()
        };
        assert_eq!((of('1'), of('2'), of('3')), (2, 0, 3), "{events:?}");
    }
}

#[test]
fn a_request_in_another_list_is_not_forgotten() {
    for (is_listed, kept) in [(true, 1), (false, 0)] {
        let mut known = KnownRequests::new();
        let only = snapshot(&[request(1, "open", json!([]))], minute(0));
        compare(&mut known, only, first(Start::FromNow), WINDOW, |_| false);
        let later = snapshot(&[], minute(0) + WINDOW * 2);
        compare(&mut known, later, None, WINDOW, |_| is_listed);
        assert_eq!(known.len(), kept);
    }
}
