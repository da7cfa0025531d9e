//! The documentation of the log lists exactly what the client logs.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use github_bypass_requests::TokenCache;
use http::HeaderMap;
use serde_json::json;
use tokio::time::advance;

use crate::faults::calls::{get, secrets};
use crate::faults::capture::{Capture, Logged};
use crate::faults::checks::{ServerClock, failed, found};
use crate::faults::harness::{Reply, Server};
use crate::house::{CLIENT, sources};
use crate::support::request;
use crate::tokens::app::{github, installation};
use crate::tokens::{Scripted, client_with, unauthorized};
use crate::webhook::receiver;

const PAGE: &str = include_str!("../../crates/github-bypass-requests/src/transport/logging.rs");

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Makes the client log each span and event at least once.
async fn logged() -> Vec<Logged> {
    let capture = Capture::start();
    failed_attempts().await;
    headers().await;
    tokens().await;
    watch().await;
    delivery();
    capture.records()
}

async fn failed_attempts() {
    let bad_gateway = Reply::new(502, &[], "");
    let limited = Reply::new(429, &["retry-after: 1"], "");
    let server = Server::start(vec![bad_gateway, limited, found()]).await;
    get(&server.client()).await.expect("a request");
}

async fn headers() {
    let clock = ServerClock::start();
    let headers = [
        "x-ratelimit-remaining: 0",
        &clock.date(),
        &clock.reset_in(7),
        "deprecation: @1",
        "x-github-sso: partial-results; organizations=21955855",
    ];
    let server = Server::start(vec![Reply::json(200, &headers, &request(42))]).await;
    get(&server.client()).await.expect("a request");
}

async fn tokens() {
    let server = Server::start(vec![unauthorized(), found()]).await;
    let client = client_with(&server, Scripted::tokens(&["old", "new"]));
    get(&client).await.expect("a request");
    failed(get(&client_with(&server, Scripted::new(&[None]))).await);

    let source = Scripted::new(&[Some("first"), None]);
    let client = client_with(&server, TokenCache::new(source).lifetime(HOUR));
    get(&client).await.expect("a request");
    advance(HOUR - Duration::from_secs(60)).await;
    get(&client).await.expect("a request");

    let server = github().await;
    let client = client_with(&server, installation());
    get(&client).await.expect("a request");
}

async fn watch() {
    let mut bad = request(2);
    bad["created_at"] = json!("soon");
    let page = Reply::json(200, &[], &json!([request(3), bad]));
    let server = Server::start(vec![Reply::new(502, &[], ""), page]).await;
    let client = server.builder().max_attempts(1).build().expect("a client");
    let mut events = secrets(&client).list().watch().events();
    events.try_next().await.expect("an event");
}

fn delivery() {
    let refusal = receiver().receive(&HeaderMap::new(), Bytes::new());
    refusal.expect_err("neither a body nor a signature");
}

/// Returns the cells of the table in this section of the page, row by row, without the header.
fn table(section: &str) -> Vec<Vec<&'static str>> {
    let heading = format!("//! # {section}");
    let lines = PAGE.lines().skip_while(|line| **line != *heading).skip(1);
    let lines = lines.take_while(|line| line.starts_with("//!") && !line.starts_with("//! # "));
    let rows = lines.filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix('|'));
    let rows = rows.map(|row| row.split('|').map(str::trim).collect());
    // Skips the header. The line below the header starts with `|-` and not with `| `, so
    // `strip_prefix` has already excluded it.
    let rows: Vec<_> = rows.skip(1).collect();
    assert!(!rows.is_empty(), "{section}");
    rows
}

/// Returns the texts in backticks.
fn code(cell: &'static str) -> BTreeSet<&'static str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The level, the name or message, and the fields.
type Line = (String, String, BTreeSet<&'static str>);

fn documented() -> BTreeSet<Line> {
    let rows = [table("Span"), table("Events")].concat();
    let rows = rows.into_iter().map(|row| {
        let name = row[1].trim_matches('`');
        (row[0].to_owned(), name.to_owned(), code(row[2]))
    });
    rows.collect()
}

#[tokio::test(start_paused = true)]
async fn the_page_lists_each_span_and_event_with_its_level_and_fields() {
    let logged = logged().await;
    for record in &logged {
        assert_eq!(record.target, "github_bypass_requests", "{record:?}");
    }
    let logged = logged.into_iter();
    let logged: BTreeSet<Line> = logged
        .map(|record| (record.level.to_string(), record.name, record.fields))
        .collect();
    let documented = documented();
    let missing: Vec<_> = logged.difference(&documented).collect();
    assert!(missing.is_empty(), "not documented: {missing:#?}");
    let stale: Vec<_> = documented.difference(&logged).collect();
    assert!(stale.is_empty(), "documented, but not logged: {stale:#?}");
}

/// Without this test, the page could lack an event that the calls in this file do not cause.
#[tokio::test(start_paused = true)]
async fn these_tests_reach_each_line_that_logs() {
    let reached = logged().await.into_iter().map(|record| {
        let (file, line) = record.callsite;
        let file = file.replace('\\', "/");
        let (_, file) = file.split_once("/src/").expect("a source");
        (file.to_owned(), line)
    });
    let reached: BTreeSet<(String, u32)> = reached.collect();
    let callsites = callsites();
    let missed: Vec<_> = callsites.difference(&reached).collect();
    assert!(missed.is_empty(), "not reached: {missed:?}");
    // The search for macros finds each line that logs.
    assert_eq!(reached, callsites);
}

/// Returns the file and the line of each call of a `tracing` macro.
fn callsites() -> BTreeSet<(String, u32)> {
    let macros = [
        "trace!", "debug!", "info!", "warn!", "error!", "event!", "span!",
    ];
    let mut callsites = BTreeSet::new();
    for (file, text) in sources(CLIENT) {
        for (number, line) in (1..).zip(text.lines()) {
            if macros.iter().any(|name| line.contains(name)) {
                callsites.insert((file.clone(), number));
            }
        }
    }
    callsites
}

#[test]
fn the_page_describes_each_field_once() {
    let used = documented().into_iter().flat_map(|(_, _, fields)| fields);
    let used: BTreeSet<_> = used.collect();
    let rows = table("Fields");
    let described = rows.iter().flat_map(|row| code(row[0]));
    let described: Vec<_> = described.collect();
    assert_eq!(BTreeSet::from_iter(described.iter().copied()), used);
    assert_eq!(described.len(), used.len(), "{described:?}");
}
