//! The properties that hold for any input, one function for each kind of foreign bytes.
//!
//! A function panics if its property does not hold for the input. `tests/properties.rs` calls it with
//! random inputs, `tests/corpus.rs` with those in `corpus`, and a program in `fuzz_targets` with those
//! of a fuzzer.

use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use github_bypass_requests::fuzzing::{self, Response};
use github_bypass_requests::{BypassKind, BypassRequest, RuleViolation, SecretFinding};
use github_bypass_requests_api::{Client, Execute, Executing, Transport};
use http::header::{DATE, LINK, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::Url;
use serde::Serialize;
use serde::de::IgnoredAny;

/// Every page number occurs in a `Link` header. The input has a line for each header.
pub fn link(lines: &[u8]) {
    let mut headers = HeaderMap::new();
    for value in lines.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(LINK, value);
        }
    }
    let text = String::from_utf8_lossy(lines);
    let Some((next, last)) = fuzzing::links(&headers) else {
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
    let occurs = |page: u32| numbers.iter().any(|number| number.parse() == Ok(page));
    for page in [next.flatten(), last].into_iter().flatten() {
        assert!(occurs(page), "{page}");
    }
    if next.is_some() {
        assert!(text.to_ascii_lowercase().contains("next"), "no next");
    }
}

/// A wait is the one that the server states, up to a day. A statement that is unclear or repeated
/// counts as absent; a rate limit lasts a minute then. The input is a response, as `response` reads it.
pub fn wait(input: &[u8]) {
    let Some(response) = response(input) else {
        return;
    };
    let (status, headers, _) = &response;
    let now = DateTime::from_timestamp(1_782_907_200, 0).expect("a time");
    let [stated, reset, wait] = fuzzing::waits(response.clone(), now);

    let expected = single(headers, RETRY_AFTER).and_then(|value| read_wait(value, headers, now));
    assert_eq!(stated, expected);
    // This is measured by the clock, so its value varies.
    let [error, _] = fuzzing::errors(response.clone());
    assert_eq!(error.retry_at().is_some(), stated.is_some());

    if let Some(reset) = reset {
        assert!((Duration::from_secs(1)..=DAY).contains(&reset), "{reset:?}");
        let remaining = single(headers, REMAINING).expect("a number");
        assert!(is_number(remaining) && remaining.bytes().all(|digit| digit == b'0'));
    }

    assert!(wait.is_none() || matches!(status.as_u16(), 403 | 429));
    assert!(wait.is_some() || status.as_u16() != 429);
    let by_headers = stated.or(reset).unwrap_or(MINUTE);
    // The headers do not state when a secondary limit ends, and only the body names it.
    let if_secondary = stated.unwrap_or(MINUTE);
    if let Some(wait) = wait {
        let message = error.message().unwrap_or_default().to_ascii_lowercase();
        let is_secondary = message.contains("secondary rate");
        assert!(wait == if_secondary || (wait == by_headers && !is_secondary));
    }
    let (status, headers, _) = response;
    let [.., wait] = fuzzing::waits((status, headers, Bytes::new()), now);
    assert!(wait.is_none_or(|wait| wait == by_headers), "{wait:?}");
}

const MINUTE: Duration = Duration::from_secs(60);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// The value of a header that occurs once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let values: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
    match values.as_slice() {
        [value] => value.to_str().ok().map(str::trim),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The wait of a `Retry-After`: a number of seconds, which saturates, or a date. At most a day.
fn read_wait(text: &str, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let seconds = if is_number(text) {
        text.bytes().fold(0_u64, |seconds, digit| {
            seconds
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        })
    } else {
        let date = |text| DateTime::parse_from_rfc2822(text).ok();
        let until = date(text)?.to_utc();
        let clock = single(headers, DATE).and_then(date);
        let clock = clock.map_or(now, |clock| clock.to_utc());
        let wait = until.signed_duration_since(clock).num_seconds();
        wait.max(0).unsigned_abs()
    };
    Some(Duration::from_secs(seconds).min(DAY))
}

/// An error shows GitHub's message to people, bounded and safe for a terminal, and nothing else of a
/// body. The input is a response, as `response` reads it.
pub fn error_body(input: &[u8]) {
    let Some(response) = response(input) else {
        return;
    };
    let (status, headers, body) = response.clone();
    let fields = serde_json::from_str::<serde_json::Value>(&String::from_utf8_lossy(&body));
    let has_message = fields.is_ok_and(|fields| fields["message"].is_string());
    let errors = fuzzing::errors(response);
    for error in &errors {
        assert_eq!(error.status(), Some(status.as_u16()));
        assert_eq!(error.message().is_some(), has_message);
        for text in [error.message(), error.documentation_url()]
            .into_iter()
            .flatten()
        {
            assert!(text.len() <= 1024 + '…'.len_utf8(), "{text}");
            assert_fit_to_show(text);
        }
        let shown = error.to_string();
        assert!(shown.len() <= 4096, "{shown}");
        assert_fit_to_show(&shown);
        assert_fit_to_show(&format!("{error:?}"));
    }
    if !has_message {
        let [about_status, _] = errors;
        let [without_body, _] = fuzzing::errors((status, headers, Bytes::new()));
        assert_eq!(about_status.to_string(), without_body.to_string());
    }
}

/// A page has exactly the items that can be read alone; one error reports the others. The input is
/// a body.
pub fn decode_page(body: &[u8]) {
    check_page::<SecretFinding>(body);
    check_page::<RuleViolation>(body);
}

fn check_page<D: BypassKind + Serialize>(body: &[u8]) {
    let page = fuzzing::page::<D>(body);
    let Some(elements) = fuzzing::elements(body) else {
        assert!(page.is_none());
        let malformed = fuzzing::read::<Vec<BypassRequest<D>>>(body).expect_err("no list");
        assert_fit_to_show(&malformed);
        return;
    };
    check_elements(body, &elements);
    let (requests, count, error) = page.expect("a list");
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
    match (bad.as_slice(), error) {
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
    assert_eq!(fuzzing::elements(&again).as_deref(), Some(elements));
    // This fails if an element is no `Value`, for example because it is not UTF-8.
    if let Ok(values) = serde_json::from_slice::<Vec<serde_json::Value>>(body) {
        for (element, value) in elements.iter().zip(values) {
            assert_eq!(serde_json::from_slice(element).ok(), Some(value));
        }
    }
}

/// An item that can be read is written, and read again, as itself. The input is a body.
pub fn decode_item(body: &[u8]) {
    check_item::<SecretFinding>(body);
    check_item::<RuleViolation>(body);
}

fn check_item<D: BypassKind + Serialize>(body: &[u8]) {
    let plainly = serde_json::from_slice::<BypassRequest<D>>(body).ok();
    let [id, number] = fuzzing::identity(body);
    match fuzzing::read::<BypassRequest<D>>(body) {
        Ok(request) => {
            assert_eq!(plainly.as_ref(), Some(&request));
            // A list of all values, in order and without names, can be read, too. It has no identity.
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
            assert_fit_to_show(&malformed);
        }
    }
}

/// A name that is accepted becomes that very segment of the path, or that very value of the filter.
/// The input is a name.
pub fn names(name: &[u8]) {
    let Ok(name) = str::from_utf8(name) else {
        return;
    };
    let [slug, login] = fuzzing::names(name);
    let owner = slug.as_deref().unwrap_or("octo-org");
    let reviewer = login.as_deref().ok();
    let url = Stub::list(owner, reviewer);

    let segments: Vec<&str> = url.path_segments().expect("a path").collect();
    let expected = ["repos", owner, owner, "bypass-requests", "secret-scanning"];
    assert_eq!(segments, expected);
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let expected = reviewer.map(|reviewer| ("reviewer".to_owned(), reviewer.to_owned()));
    assert_eq!(query, Vec::from_iter(expected));
    assert!(url.as_str().starts_with(BASE));
    assert!(url.fragment().is_none());

    for accepted in [&slug, &login].into_iter().flatten() {
        assert_eq!(accepted, name);
    }
    for refused in [slug.err(), login.err()].into_iter().flatten() {
        let refused = refused.to_string();
        assert!(refused.contains(&format!("{name:?}")), "{refused}");
        assert!(!refused.contains(char::is_control), "{refused:?}");
    }
}

/// A base URL that is accepted is safe, and no redirect leads away from its origin. The input is the
/// base URL and, on the next line, the value of `Location`.
pub fn origin(input: &[u8]) {
    let (text, location) = first_line(input);
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let Some(parsed) = fuzzing::base_url(text) else {
        return;
    };
    let (base, is_loopback, is_github_cloud) = &parsed;
    let url = Url::parse(base).expect("a URL");
    assert!(url.scheme() == "https" || (url.scheme() == "http" && *is_loopback));
    assert!(url.username().is_empty() && url.password().is_none());
    assert!(url.query().is_none() && url.fragment().is_none());
    assert!(!base.ends_with('/'));
    assert_eq!(fuzzing::base_url(base).as_ref(), Some(&parsed));
    let host = url.host_str().expect("a host");
    if *is_github_cloud {
        assert!(
            host.ends_with(".ghe.com")
                || matches!(host, "github.com" | "www.github.com" | "api.github.com")
        );
        assert!(!is_loopback);
    }

    let from = Url::parse(&format!("{base}/repos/o/r")).expect("a URL");
    let origin = format!("{}/", url.origin().ascii_serialization());
    assert!(from.as_str().starts_with(&origin), "{from}");
    let Ok(location) = HeaderValue::from_bytes(location) else {
        return;
    };
    let headers = HeaderMap::from_iter([(LOCATION, location)]);
    if let Some(target) = fuzzing::redirect(&from, &headers) {
        assert!(target.as_str().starts_with(&origin), "{target}");
        assert_eq!(target.scheme(), url.scheme());
        assert_eq!(target.host_str(), Some(host));
        assert_eq!(target.port_or_known_default(), url.port_or_known_default());
        assert!(target.username().is_empty() && target.password().is_none());
    }
}

/// Reads a response: the status, a line for each header, an empty line, and the body. Invalid headers
/// are left out.
fn response(input: &[u8]) -> Option<Response> {
    let (status, mut rest) = first_line(input);
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
    Some((status, headers, Bytes::copy_from_slice(rest)))
}

/// The first line, and the rest.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    (line, rest.get(1..).unwrap_or_default())
}

/// Checks that text is safe to show on a terminal, or in a line of a log.
fn assert_fit_to_show(text: &str) {
    let unfit = |character: char| {
        character.is_control()
            || ('\u{200b}'..='\u{200f}').contains(&character)
            || ('\u{2028}'..='\u{202e}').contains(&character)
            || ('\u{2066}'..='\u{2069}').contains(&character)
    };
    assert!(!text.contains(unfit), "{text:?}");
}

const BASE: &str = "http://127.0.0.1:1/";

/// Takes the place of the network, and keeps the URL of the request.
#[derive(Default)]
struct Stub {
    url: Mutex<Option<Url>>,
}

impl Stub {
    /// The URL from which the generated client lists the requests of this owner.
    fn list(owner: &str, reviewer: Option<&str>) -> Url {
        static HTTP: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
        let stub = Arc::new(Self::default());
        let transport = Transport::new(stub.clone());
        let api = Client::new_with_client(BASE.trim_end_matches('/'), HTTP.clone(), transport);
        let response = at_once(api.secret_scanning_list_repo_bypass_requests(
            owner, owner, None, None, None, None, reviewer, None,
        ));
        response.expect_err("an undocumented status");
        let url = stub.url.lock().unwrap_or_else(PoisonError::into_inner);
        url.clone().expect("a request")
    }
}

impl Execute for Stub {
    fn execute(&self, request: reqwest::Request) -> Executing<'_> {
        let mut url = self.url.lock().unwrap_or_else(PoisonError::into_inner);
        *url = Some(request.url().clone());
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        Box::pin(std::future::ready(Ok(response.into())))
    }
}

/// The output of a future that is ready.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a future that is ready")
}
