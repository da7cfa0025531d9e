//! Properties that hold for any input, one function for each kind of untrusted bytes.
//!
//! Each function panics if its property does not hold for the input. `tests/properties.rs` calls it
//! with random inputs, `tests/corpus.rs` with the inputs in `corpus`, and a program in
//! `fuzz_targets` with the inputs of a fuzzer.

mod webhook;

use std::future::Future;
use std::io::Read as _;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use github_bypass_requests::fuzzing::{self, Response};
use github_bypass_requests::{BypassKind, BypassRequest, Error, RuleViolation, SecretFinding};
use github_bypass_requests_api::{Client, Execute, Executing, Transport};
use http::header::{CONTENT_TYPE, DATE, LINK, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::Url;
use serde::Serialize;
use serde::de::IgnoredAny;

pub use crate::webhook::{SECRETS, sign, webhook};

/// Every page number that is read from `Link` headers occurs there as a `page` parameter. The input
/// has one line for each header.
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
    assert!(
        text.contains('<') && text.contains('>'),
        "the header has no link"
    );
    let parameters = text.split(['?', '&']);
    let numbers: Vec<&str> = parameters
        .filter_map(|parameter| {
            let value = parameter.strip_prefix("page=")?;
            value
                .split(|character: char| !character.is_ascii_digit())
                .next()
        })
        .collect();
    let occurs = |page: u32| numbers.iter().any(|number| number.parse() == Ok(page));
    for page in [next.flatten(), last].into_iter().flatten() {
        assert!(occurs(page), "{page}");
    }
    if next.is_some() {
        assert!(
            text.to_ascii_lowercase().contains("next"),
            "the header has no next link"
        );
    }
}

/// The client waits for the time that the server states, but at most a day. A header that is
/// invalid or repeated counts as absent. If a rate limit states no wait, the client waits a minute,
/// and longer after each further refusal. The input is a response in the format that `response`
/// reads.
pub fn wait(input: &[u8]) {
    let Some(response) = response(input) else {
        return;
    };
    let (status, headers, body) = response;
    let now = DateTime::from_timestamp(1_782_907_200, 0).expect("a time");
    let [stated, reset, wait] = fuzzing::waits((status, headers.clone(), body.clone()), now);

    let expected = single(&headers, RETRY_AFTER);
    let expected = expected.and_then(|value| read_wait(value, &headers, now));
    assert_eq!(stated, expected);
    let until_reset = read_reset(&headers, now);
    let remaining = single(&headers, REMAINING).filter(|text| is_number(text));
    let is_used_up = remaining.is_some_and(|text| text.bytes().all(|digit| digit == b'0'));
    assert_eq!(reset, until_reset.filter(|_| is_used_up));

    check_refusals(&headers, now, stated.or(until_reset), stated.or(reset));

    assert!(wait.is_none() || matches!(status.as_u16(), 403 | 422 | 429));
    assert!(wait.is_some() || status.as_u16() != 429);
    let by_headers = stated.or(reset).unwrap_or(MINUTE);
    if let Err(error) = fuzzing::page::<SecretFinding>((status, headers.clone(), body)) {
        assert_eq!(error.is_rate_limited(), wait.is_some());
        // The time itself depends on the clock.
        assert_eq!(error.retry_at().is_some(), stated.or(wait).is_some());
        // If `X-RateLimit-Remaining` is not zero, `X-RateLimit-Reset` counts for a primary limit
        // only. The message shows that a limit is primary.
        let if_primary = stated.or(until_reset).unwrap_or(MINUTE);
        let message = error.message().unwrap_or_default().to_ascii_lowercase();
        let is_primary = message.contains("api rate limit exceeded");
        assert!(
            wait.is_none_or(|wait| wait == by_headers || (wait == if_primary && is_primary)),
            "{wait:?}"
        );
    }
    let [.., wait] = fuzzing::waits((status, headers, Bytes::new()), now);
    assert!(wait.is_none_or(|wait| wait == by_headers), "{wait:?}");
}

/// A stated wait does not depend on earlier refusals. Without a stated wait, the waits start with a
/// minute, never become shorter, and end with a day.
fn check_refusals(
    headers: &HeaderMap,
    now: DateTime<Utc>,
    of_primary: Option<Duration>,
    of_others: Option<Duration>,
) {
    let [primary, secondary, other] = fuzzing::refusals(headers, now);
    for (waits, stated) in [
        (primary, of_primary),
        (secondary, of_others),
        (other, of_others),
    ] {
        if let Some(stated) = stated {
            assert!(waits.iter().all(|wait| *wait == stated), "{waits:?}");
        } else {
            assert!(waits.is_sorted(), "{waits:?}");
            assert_eq!(waits.first(), Some(&MINUTE));
            assert_eq!(waits.last(), Some(&DAY));
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Returns the value of a header that occurs exactly once.
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

/// Returns the wait of a `Retry-After` header, which is a number of seconds or a date. The wait is
/// at most a day.
fn read_wait(text: &str, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let seconds = if is_number(text) {
        saturating(text)
    } else {
        let until = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
        let wait = until.signed_duration_since(clock(headers, now));
        wait.num_seconds().max(0).unsigned_abs()
    };
    Some(Duration::from_secs(seconds).min(DAY))
}

/// Returns the wait until one second after `X-RateLimit-Reset`: at least a second, at most a day.
fn read_reset(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let reset = single(headers, RESET).filter(|text| is_number(text))?;
    let clock = clock(headers, now).timestamp().max(0).unsigned_abs();
    let seconds = saturating(reset).saturating_sub(clock).saturating_add(1);
    Some(Duration::from_secs(seconds).min(DAY))
}

/// Returns the time of the server's clock, or `now` if the response has no `Date`.
fn clock(headers: &HeaderMap, now: DateTime<Utc>) -> DateTime<Utc> {
    let date = single(headers, DATE).and_then(|text| DateTime::parse_from_rfc2822(text).ok());
    date.map_or(now, |date| date.to_utc())
}

fn saturating(digits: &str) -> u64 {
    digits.bytes().fold(0, |number: u64, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    })
}

/// An error shows GitHub's message and nothing else from the body. The message is bounded and safe
/// to print on a terminal. The input is a response in the format that `response` reads.
pub fn error_body(input: &[u8]) {
    let Some((status, headers, body)) = response(input) else {
        return;
    };
    let fields = serde_json::from_str::<serde_json::Value>(&String::from_utf8_lossy(&body));
    let has_message = fields.is_ok_and(|fields| fields["message"].is_string());
    let error = |status, body| {
        let page = fuzzing::page::<SecretFinding>((status, headers.clone(), body));
        page.err()
    };
    // A proxy may send an error with the status 200.
    for status in [status, StatusCode::OK] {
        let Some(error) = error(status, body.clone()) else {
            assert_eq!(status, StatusCode::OK);
            assert!(!has_message);
            continue;
        };
        assert_eq!(error.status(), Some(status.as_u16()));
        assert_eq!(error.is_decode(), status == StatusCode::OK);
        assert!(!error.is_rate_limited() || matches!(status.as_u16(), 403 | 429));
        assert_eq!(error.message().is_some(), has_message);
        for text in [error.message(), error.documentation_url()]
            .into_iter()
            .flatten()
        {
            assert!(text.len() <= 1024 + '…'.len_utf8(), "{text}");
            assert_safe_to_print(text);
        }
        let shown = error.to_string();
        assert!(shown.len() <= 4096, "{shown}");
        assert_safe_to_print(&shown);
        assert_safe_to_print(&format!("{error:?}"));
    }
    // Decode errors describe the body, and rate-limit errors show a time, which depends on the
    // clock.
    let shows_status_only = |error: &Error| !error.is_decode() && !error.is_rate_limited();
    let error_with_body = error(status, body).filter(shows_status_only);
    if let (Some(with_body), false) = (error_with_body, has_message) {
        let without_body = error(status, Bytes::new()).map(|error| error.to_string());
        assert_eq!(Some(with_body.to_string()), without_body);
    }
}

/// A page has exactly the items that can be decoded on their own. One error reports all other
/// items. The input is a body.
pub fn decode_page(body: &[u8]) {
    check_page::<SecretFinding>(body);
    check_page::<RuleViolation>(body);
}

fn check_page<D: BypassKind + Serialize>(body: &[u8]) {
    let json = HeaderValue::from_static("application/json");
    let page = fuzzing::page::<D>((
        StatusCode::OK,
        HeaderMap::from_iter([(CONTENT_TYPE, json)]),
        Bytes::copy_from_slice(body),
    ));
    let Some(elements) = fuzzing::elements(body) else {
        let error = page.expect_err("no list");
        assert!(error.is_decode(), "{error}");
        assert_explains(&error.to_string());
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
    match (bad.as_slice(), error.map(|error| error.to_string())) {
        ([], None) => {}
        ([first, others @ ..], Some(error)) => {
            assert!(error.contains(&format!("page 1, item {first}")), "{error}");
            let more = format!("; {} more on this page cannot be decoded", others.len());
            assert_eq!(error.contains(&more), !others.is_empty(), "{error}");
            assert_explains(&error);
        }
        (bad, error) => panic!("the items {bad:?} cannot be decoded, but the error is {error:?}"),
    }
}

/// Checks that the elements, joined by commas, form the list.
fn check_elements(body: &[u8], elements: &[&[u8]]) {
    let list: Vec<IgnoredAny> = serde_json::from_slice(body).expect("a list");
    assert_eq!(list.len(), elements.len());
    let is_trimmed = |element: &&[u8]| element.trim_ascii() == *element;
    assert!(elements.iter().all(is_trimmed), "spaces around an element");
    let again = [b"[", elements.join(&b',').as_slice(), b"]"].concat();
    assert_eq!(fuzzing::elements(&again).as_deref(), Some(elements));
    // Skip this if the list cannot be decoded as `Value`s, for example because it is not UTF-8.
    if let Ok(values) = serde_json::from_slice::<Vec<serde_json::Value>>(body) {
        for (element, value) in elements.iter().zip(values) {
            assert_eq!(serde_json::from_slice(element).ok(), Some(value));
        }
    }
}

/// An item that can be decoded stays the same if it is serialized and decoded again. The input is a
/// body.
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
            // serde also decodes a request from an array of its field values in order, but
            // `identity` reads only objects.
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
            assert_explains(&malformed);
        }
    }
}

/// An accepted name becomes, unchanged, one segment of the path or the value of the filter. The
/// input is a name.
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

/// An accepted base URL is safe, and no redirect leaves its origin. The input is the base URL and,
/// on the next line, the value of `Location`.
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
    let host = url.host_str().expect("a host");
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let expected = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    assert_eq!(*is_loopback, expected);
    assert!(url.scheme() == "https" || (url.scheme() == "http" && *is_loopback));
    assert!(url.username().is_empty() && url.password().is_none());
    assert!(url.query().is_none() && url.fragment().is_none());
    assert!(!base.ends_with('/'));
    let is_ambiguous = |c: char| c == '\\' || c.is_whitespace() || c.is_control();
    assert!(!text.contains(is_ambiguous), "{text:?}");
    assert_eq!(fuzzing::base_url(base).as_ref(), Some(&parsed));
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

/// Reads a response: the status, then headers and the body as `headers_and_body` does.
fn response(input: &[u8]) -> Option<Response> {
    let (status, rest) = first_line(input);
    let status = StatusCode::from_bytes(status).ok()?;
    let (headers, body) = headers_and_body(rest);
    Some((status, headers, body))
}

/// Reads one line for each header, an empty line, and the body. Skips invalid headers.
fn headers_and_body(mut rest: &[u8]) -> (HeaderMap, Bytes) {
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
    (headers, Bytes::copy_from_slice(rest))
}

/// Returns the first line and the rest.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    (line, rest.get(1..).unwrap_or_default())
}

/// The size of the chunks does not change the result. A gzip stream is decompressed only if the
/// data is within the limit, the checksum is right, and no second stream follows. The input is one
/// byte with the size of the chunks, then the stream.
pub fn gunzip(input: &[u8]) {
    const LIMIT: usize = 1 << 16;
    let Some((size, stream)) = input.split_first() else {
        return;
    };
    let chunks: Vec<&[u8]> = stream.chunks(usize::from(*size).max(1)).collect();
    let body = fuzzing::gunzip(&chunks, LIMIT);
    assert_eq!(
        body,
        fuzzing::gunzip(&[stream], LIMIT),
        "the result depends on the chunks"
    );
    let mut expected = Vec::new();
    let mut decoder = flate2::bufread::GzDecoder::new(stream).take(LIMIT as u64 + 1);
    let is_whole = decoder.read_to_end(&mut expected).is_ok();
    // A second member is refused, because the body would be incomplete without it.
    let has_second_member = decoder.into_inner().into_inner().first() == Some(&0x1f);
    match body {
        Some(body) if stream.is_empty() => assert!(body.is_empty()),
        Some(body) => assert!(is_whole && body == expected && body.len() <= LIMIT),
        None => assert!(
            !is_whole || has_second_member || expected.len() > LIMIT,
            "a valid stream is refused"
        ),
    }
}

/// Checks that a text is safe to print on a terminal and in a line of a log.
fn assert_safe_to_print(text: &str) {
    let unsafe_to_print = |character: char| {
        character.is_control()
            || ('\u{200b}'..='\u{200f}').contains(&character)
            || ('\u{2028}'..='\u{202e}').contains(&character)
            || ('\u{2066}'..='\u{2069}').contains(&character)
    };
    assert!(!text.contains(unsafe_to_print), "{text:?}");
}

/// Checks that an error describes the problem without repeating a value from the JSON.
fn assert_explains(error: &str) {
    assert!(!error.contains("undecided"), "{error}");
    assert!(!error.contains("s3cret"), "{error}");
    assert_safe_to_print(error);
}

const BASE: &str = "http://127.0.0.1:1/";

/// Replaces the network, and records the URL of the request.
#[derive(Default)]
struct Stub {
    url: Mutex<Option<Url>>,
}

impl Stub {
    /// Returns the URL from which the generated client reads the list of `owner`'s requests.
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

/// Returns the output of a future that is ready at once.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a future that is ready")
}
