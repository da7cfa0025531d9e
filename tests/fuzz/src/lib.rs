//! What must hold for any input, whoever sends it: one function for each reader of foreign bytes.
//!
//! Each is stated once and run three ways: with inputs made by proptest (here), with those kept in
//! `tests/fuzz/corpus`, and by a fuzzer. A function panics where its property does not hold.

use std::fmt::Debug;
use std::future::Future;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use github_bypass_requests_api::{self as api, Execute, Executing, Operation, Transport};
use http::header::{CONTENT_TYPE, LINK, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::Url;
use serde::de::IgnoredAny;

use crate::base_url::BaseUrl;
use crate::call::{Call, Generated, blank};
use crate::decode::{self, ErrorBody, Identity};
use crate::link::{Links, Next};
use crate::list::Received;
use crate::model::BypassKind;
use crate::names::{Login, Slug};
use crate::outcome::{Head, Outcome};
use crate::transport::target;
use crate::wait::{Limit, exhausted, retry_after, server_time};
use crate::{BypassRequest, Client, Result, RuleViolation, SecretFinding};

#[cfg(test)]
mod tests;

/// A page number is never made up: it stands in a `Link` header. Each line is one header.
pub fn link(lines: &[u8]) {
    let mut headers = HeaderMap::new();
    for value in lines.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(LINK, value);
        }
    }
    let text = String::from_utf8_lossy(lines);
    let Some(Links { next, last }) = Links::read(&headers) else {
        return;
    };
    assert!(text.contains('<') && text.contains('>'), "no link at all");
    let numbers: Vec<&str> = text
        .split("page=")
        .skip(1)
        .map(|rest| {
            let end = rest.find(|character: char| !character.is_ascii_digit());
            end.map_or(rest, |end| rest.split_at(end).0)
        })
        .collect();
    let stands_there = |page: u32| numbers.iter().any(|number| number.parse() == Ok(page));
    if let Next::Page(next) = next {
        assert!(stands_there(next), "next is {next}");
    }
    if let Some(last) = last {
        assert!(stands_there(last), "last is {last}");
    }
    if next != Next::Absent {
        assert!(text.to_ascii_lowercase().contains("next"), "no next");
    }
}

/// A wait is what the server says, if it says it in one header and clearly; anything else counts as
/// absent. An answer, as `received` reads it.
pub fn wait(bytes: &[u8]) {
    let Some((head, body)) = received(bytes) else {
        return;
    };
    let (status, headers) = (head.status.as_u16(), &head.headers);
    let limit = Limit::read(&head, &ErrorBody::read(&body));
    assert!(limit.is_none() || matches!(status, 403 | 429), "{limit:?}");
    assert!(limit.is_some() || status != 429);

    let now = DateTime::from_timestamp(1_782_907_200, 0).expect("a time");
    let told = retry_after(headers, now);
    let values: Vec<&HeaderValue> = headers.get_all(RETRY_AFTER).iter().collect();
    match values.as_slice() {
        [value] => assert_eq!(told, read_wait(value, headers, now), "{value:?}"),
        _ => assert_eq!(told, None),
    }
    // Against the clock, so that only whether there is one can be told.
    assert_eq!(head.answer(&body).retry_at.is_some(), told.is_some());

    for limit in [Limit::Primary, Limit::Secondary, Limit::Other] {
        let waits = [0, 1, 2, 31, 32, u32::MAX].map(|untold| limit.wait(headers, now, untold));
        assert!(waits.is_sorted(), "less patience after more refusals");
        if let Some(told) = told {
            assert!(waits.iter().all(|wait| *wait == told), "{limit:?}");
        } else if limit.is_told(headers) {
            assert_eq!(limit, Limit::Primary);
            assert!(waits.iter().all(|wait| *wait == waits[0]), "{limit:?}");
            assert!(waits[0] >= Duration::from_secs(1), "{limit:?}");
        } else {
            assert_eq!(waits[0], Duration::from_secs(60), "{limit:?}");
        }
    }
    if let Some(wait) = exhausted(headers, now) {
        assert!(wait >= Duration::from_secs(1));
        let remaining = &headers["x-ratelimit-remaining"].as_bytes().trim_ascii();
        assert!(remaining.iter().all(|byte| *byte == b'0'));
    }
}

/// The wait that a `Retry-After` stands for: digits, which saturate, or a date.
fn read_wait(value: &HeaderValue, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = text.bytes().fold(0_u64, |seconds, digit| {
            seconds
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        });
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
    let clock = server_time(headers).unwrap_or(now);
    let wait = until.signed_duration_since(clock).num_seconds().max(0);
    Some(Duration::from_secs(wait.unsigned_abs()))
}

/// An error tells what the server said to people, bounded and fit for a terminal, and nothing else
/// of a body. An answer, as `received` reads it.
pub fn error_body(bytes: &[u8]) {
    let Some((head, body)) = received(bytes) else {
        return;
    };
    let status = head.status;
    let Err(error) = listed::<SecretFinding>(head.clone(), &body) else {
        assert_eq!(status, StatusCode::OK);
        return;
    };
    assert_eq!(error.status(), Some(status.as_u16()));
    for told in [error.message(), error.documentation_url()]
        .into_iter()
        .flatten()
    {
        assert!(told.len() <= 1024 + '…'.len_utf8(), "{told}");
        assert_fit_to_show(told);
    }
    let shown = error.to_string();
    assert!(shown.len() <= 4096, "{shown}");
    assert_fit_to_show(&shown);
    assert_fit_to_show(&format!("{error:?}"));
    assert!(!error.is_rate_limited() || matches!(status.as_u16(), 403 | 429));
    let fields = serde_json::from_str::<serde_json::Value>(&String::from_utf8_lossy(&body));
    let has_message = fields.is_ok_and(|fields| fields["message"].is_string());
    assert_eq!(error.message().is_some(), has_message);
    if status != StatusCode::OK && error.message().is_none() && !error.is_rate_limited() {
        let without = listed::<SecretFinding>(head, &Bytes::new()).err();
        assert_eq!(without.map(|error| error.to_string()), Some(shown));
    }
}

/// A page holds exactly the items that can be read alone; the others are one error. A body.
pub fn decode_page(body: &[u8]) {
    check_page::<SecretFinding>(body);
    check_page::<RuleViolation>(body);
}

fn check_page<D: Listed>(body: &[u8]) {
    let body = Bytes::copy_from_slice(body);
    let received = listed::<D>(json(StatusCode::OK), &body);
    let Some(elements) = decode::elements(&body) else {
        let error = received.err().expect("no list");
        assert!(error.is_decode(), "{error}");
        assert_fit_to_show(&error.to_string());
        return;
    };
    check_elements(&body, &elements);
    let Received {
        requests,
        count,
        bad_items,
        ..
    } = received.expect("a list");
    assert_eq!(count, elements.len());
    let mut alone = Vec::new();
    let mut bad = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        match serde_json::from_slice::<BypassRequest<D>>(element) {
            Ok(request) => alone.push(request),
            Err(_) if *element == b"null" => {}
            Err(_) => bad.push(index),
        }
    }
    assert_eq!(requests, alone);
    match (bad.as_slice(), bad_items.map(|error| error.to_string())) {
        ([], None) => {}
        ([first, others @ ..], Some(error)) => {
            assert!(error.contains(&format!("page 1, item {first}")), "{error}");
            let more = format!("; nor can {} more of the page", others.len());
            assert_eq!(error.contains(&more), !others.is_empty(), "{error}");
            assert!(!error.contains("undecided"), "{error}");
            assert_fit_to_show(&error);
        }
        (bad, error) => panic!("{bad:?} cannot be read, but the error is {error:?}"),
    }
}

/// The elements, side by side, are the list.
fn check_elements(body: &[u8], elements: &[&[u8]]) {
    let list: Vec<IgnoredAny> = serde_json::from_slice(body).expect("a list");
    assert_eq!(list.len(), elements.len());
    let again = [b"[", elements.join(&b',').as_slice(), b"]"].concat();
    assert_eq!(decode::elements(&again).as_deref(), Some(elements));
    // Fails on what a list may hold and a value not, for example text that is not UTF-8.
    if let Ok(values) = serde_json::from_slice::<Vec<serde_json::Value>>(body) {
        for (element, value) in elements.iter().zip(values) {
            assert_eq!(serde_json::from_slice(element).ok(), Some(value));
        }
    }
}

/// An item that can be read is written and read again as itself. A body.
pub fn decode_item(body: &[u8]) {
    check_item::<SecretFinding>(body);
    check_item::<RuleViolation>(body);
}

fn check_item<D: Listed>(body: &[u8]) {
    let plainly = serde_json::from_slice::<BypassRequest<D>>(body).ok();
    let Identity { id, number } = Identity::read(body);
    match decode::read::<BypassRequest<D>>(body) {
        Ok(request) => {
            assert_eq!(plainly.as_ref(), Some(&request));
            // A list of all fields, in order and without names, is taken too; what it is about is
            // not told then.
            if body.trim_ascii_start().starts_with(b"{") {
                assert_eq!(id, Some(request.id.get()));
                assert_eq!(number, Some(request.number.get()));
            }
            let json = serde_json::to_string(&request).expect("JSON");
            let again = serde_json::from_str(&json);
            assert_eq!(again.ok().as_ref(), Some(&request), "{json}");
            request.to_string();
        }
        Err(malformed) => {
            assert_eq!(plainly, None);
            assert_fit_to_show(&malformed.to_string());
        }
    }
}

/// A name that is accepted is the very segment of the path, or the very value of the filter, that
/// is asked for. A name.
pub fn names(name: &[u8]) {
    let Ok(name) = str::from_utf8(name) else {
        return;
    };
    let slug = Slug::parse("owner", name);
    let login = Login::parse("reviewer", name);
    let owner = slug.as_ref().map_or("octo-org", Slug::as_str);
    let reviewer = login.as_ref().ok().map(Login::as_str);
    let asked = Stub::asked(owner, reviewer);

    let segments: Vec<&str> = asked.path_segments().expect("a path").collect();
    let expected = ["repos", owner, owner, "bypass-requests", "secret-scanning"];
    assert_eq!(segments, expected);
    let query: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
    let expected = reviewer.map(|reviewer| ("reviewer".to_owned(), reviewer.to_owned()));
    assert_eq!(query, Vec::from_iter(expected));
    assert!(asked.as_str().starts_with(BASE));
    assert!(asked.fragment().is_none());

    assert!(slug.as_ref().is_ok_and(|slug| slug.as_str() == name) || slug.is_err());
    assert!(reviewer.is_none_or(|login| login == name));
    for refused in [slug.err(), login.err()].into_iter().flatten() {
        let refused = refused.to_string();
        assert!(refused.contains(&format!("{name:?}")), "{refused}");
        assert!(!refused.contains(char::is_control), "{refused:?}");
    }
}

/// A base URL that is accepted is safe, and no redirect leads away from it. The base URL, and after
/// the first line what `Location` says.
pub fn origin(bytes: &[u8]) {
    let (base, location) = first_line(bytes);
    let Ok(Ok(base)) = str::from_utf8(base).map(BaseUrl::parse) else {
        return;
    };
    let url = Url::parse(base.as_str()).expect("a URL");
    assert!(url.scheme() == "https" || (url.scheme() == "http" && base.is_loopback()));
    assert!(url.username().is_empty() && url.password().is_none());
    assert!(url.query().is_none() && url.fragment().is_none());
    assert!(!base.as_str().ends_with('/'));
    assert!(BaseUrl::parse(base.as_str()).ok().as_ref() == Some(&base));
    let host = url.host_str().expect("a host");
    if base.is_github_cloud() {
        assert!(
            host.ends_with(".ghe.com")
                || matches!(host, "github.com" | "www.github.com" | "api.github.com")
        );
        assert!(!base.is_loopback());
    }

    let from = Url::parse(&format!("{base}/repos/o/r")).expect("a URL");
    let origin = format!("{}/", url.origin().ascii_serialization());
    assert!(from.as_str().starts_with(&origin), "{from}");
    let Ok(location) = HeaderValue::from_bytes(location) else {
        return;
    };
    let headers = HeaderMap::from_iter([(LOCATION, location)]);
    if let Some(target) = target(&from, &headers) {
        assert!(target.as_str().starts_with(&origin), "{target}");
        assert_eq!(target.scheme(), url.scheme());
        assert_eq!(target.host_str(), Some(host));
        assert_eq!(target.port_or_known_default(), url.port_or_known_default());
        assert!(target.username().is_empty() && target.password().is_none());
    }
}

/// Reads an answer: the status, a line for each header, an empty line, and the body. A header that
/// cannot be one is left out.
fn received(bytes: &[u8]) -> Option<(Head, Bytes)> {
    let (status, mut rest) = first_line(bytes);
    let status = StatusCode::from_bytes(status).ok()?;
    let mut headers = HeaderMap::new();
    loop {
        let (line, after) = first_line(rest);
        rest = after;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    Some((Head { status, headers }, Bytes::copy_from_slice(rest)))
}

/// The first line, and what comes after it.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    (line, rest.get(1..).unwrap_or_default())
}

fn json(status: StatusCode) -> Head {
    let value = HeaderValue::from_static("application/json");
    Head {
        status,
        headers: HeaderMap::from_iter([(CONTENT_TYPE, value)]),
    }
}

/// For a terminal, or a line of a log.
fn assert_fit_to_show(text: &str) {
    let unfit = |character: char| {
        character.is_control()
            || ('\u{200b}'..='\u{200f}').contains(&character)
            || ('\u{2028}'..='\u{202e}').contains(&character)
            || ('\u{2066}'..='\u{2069}').contains(&character)
    };
    assert!(!text.contains(unfit), "{text:?}");
}

/// A kind of request, with the operation that lists it.
trait Listed: BypassKind + Debug + PartialEq + serde::Serialize {
    const OPERATION: Operation;

    fn list(api: &api::Client) -> impl Future<Output = Generated<Vec<Self::Wire>>>;
}

impl Listed for SecretFinding {
    const OPERATION: Operation = Operation::SECRET_SCANNING_LIST_REPO_BYPASS_REQUESTS;

    fn list(api: &api::Client) -> impl Future<Output = Generated<Vec<Self::Wire>>> {
        api.secret_scanning_list_repo_bypass_requests("o", "r", None, None, None, None, None, None)
    }
}

impl Listed for RuleViolation {
    const OPERATION: Operation = Operation::REPOS_LIST_REPO_PUSH_BYPASS_REQUESTS;

    fn list(api: &api::Client) -> impl Future<Output = Generated<Vec<Self::Wire>>> {
        api.repos_list_repo_push_bypass_requests("o", "r", None, None, None, None, None, None)
    }
}

/// What a list makes of the answer, by the same way as any answer goes but for the network.
fn listed<D: Listed>(head: Head, body: &Bytes) -> Result<Received<D>> {
    let body = body.clone();
    let result = at_once(D::list(&Arc::new(Stub::default()).api()));
    Call::answered_with(&CLIENT, D::OPERATION, Outcome::Answered { head, body })
        .received(result, NonZeroU32::MIN)
}

const BASE: &str = "http://127.0.0.1:1/";

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let builder = Client::builder().base_url(BASE).token("token");
    builder.build().expect("a client")
});

/// Stands in for the network: keeps what is asked for.
#[derive(Default)]
struct Stub {
    asked: Mutex<Option<Url>>,
}

impl Stub {
    /// The address that a list of these is asked for at.
    fn asked(name: &str, reviewer: Option<&str>) -> Url {
        let stub = Arc::new(Self::default());
        let api = stub.api();
        let listing = api.secret_scanning_list_repo_bypass_requests(
            name, name, None, None, None, None, reviewer, None,
        );
        at_once(listing).expect_err("a blank");
        let asked = stub.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone().expect("a request")
    }

    fn api(self: &Arc<Self>) -> api::Client {
        let shared = &CLIENT.shared;
        let transport = Transport::new(self.clone());
        api::Client::new_with_client(shared.base_url.as_str(), shared.http.clone(), transport)
    }
}

impl Execute for Stub {
    fn execute(&self, request: reqwest::Request) -> Executing<'_> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = Some(request.url().clone());
        Box::pin(std::future::ready(Ok(blank())))
    }
}

/// For a future that waits for nothing.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing to wait for")
}
