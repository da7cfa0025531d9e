//! Gives `tests/fuzz` and `tests/bench` access to the code that reads untrusted bytes. Exists only
//! with `--cfg fuzzing`, and is not part of the public interface.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use github_bypass_requests_api::Operation;
use http::{HeaderMap, StatusCode};
use reqwest::Url;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::call::Finished;
use crate::error::{Called, Error, Result};
use crate::list::received::ReceivedPage;
use crate::model::names::Name;
use crate::model::request::{BypassKind, BypassRequest};
use crate::response::error_body::ErrorBody;
use crate::response::head::Head;
use crate::response::headers::{exhausted, retry_after};
use crate::response::json;
use crate::response::link::{Links, Next};
use crate::transport::attempts::Attempt;
use crate::transport::base_url::BaseUrl;
use crate::transport::body::Gunzip;
use crate::transport::gate::Gate;
use crate::transport::outcome::Outcome;
use crate::transport::rate_limit::Limit;
use crate::transport::redirect::target;
use crate::transport::verdict::Verdict;

/// Status, headers and body.
pub type Response = (StatusCode, HeaderMap, Bytes);

/// Returns the page numbers of `next` and `last`. `next` is `Some(None)` if its URL has no page
/// number.
pub fn links(headers: &HeaderMap) -> Option<(Option<Option<u32>>, Option<u32>)> {
    let links = Links::read(headers)?;
    let next = (links.next != Next::Absent).then(|| links.next_page());
    Some((next, links.last))
}

/// Returns the waits that follow from `Retry-After`, from an exhausted rate limit, and from a
/// rate-limited response.
pub fn waits((status, headers, body): Response, now: DateTime<Utc>) -> [Option<Duration>; 3] {
    let head = Head { status, headers };
    let headers = &head.headers;
    let limit = Limit::read(&head, &ErrorBody::read(&body));
    let wait = limit.map(|limit| limit.wait(headers, now));
    [retry_after(headers, now), exhausted(headers, now), wait]
}

/// Returns the waits after each of 24 consecutive refusals with these headers: for the primary
/// limit, for the secondary limit, and for a limit that the response does not name.
pub fn refusals(headers: &HeaderMap, now: DateTime<Utc>) -> [Vec<Duration>; 3] {
    [Limit::Primary, Limit::Secondary, Limit::Other].map(|limit| {
        let gate = Gate::default();
        let refuse = |_| gate.record_refusal(Instant::now(), limit.stated_wait(headers, now));
        (0..24).map(refuse).collect()
    })
}

/// A page of a list: the bypass requests, the number of its items, and the error about the items
/// that cannot be decoded.
pub type Page<D> = (Vec<BypassRequest<D>>, usize, Option<Error>);

/// Decodes a response as a page of a list, as the client does after the last attempt.
pub fn page<D: BypassKind>((status, headers, body): Response) -> Result<Page<D>> {
    let outcome = Outcome::of(Head { status, headers }, Ok(body), false);
    let finished = Finished {
        called: Called {
            operation: Operation::REPOS_LIST_REPO_PUSH_BYPASS_REQUESTS,
            target: None,
            origin: String::new(),
            server_path: None,
            proxy: None,
        },
        attempt: Attempt {
            verdict: Verdict::of(true, StatusCode::OK, &outcome),
            outcome,
            attempted_at: None,
            retried_at: None,
        },
        gate: Duration::ZERO,
    };
    let mut page = ReceivedPage::decode(finished.response()?, NonZeroU32::MIN)?;
    let bad_items = page.take_bad_items();
    Ok((page.requests, page.count, bad_items))
}

/// Decodes JSON, or returns a description of the error.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    json::read(body).map_err(|malformed| malformed.to_string())
}

/// Decodes JSON the way the client decodes a page.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    json::from_slice(body)
}

/// Returns the elements of a JSON array.
pub fn elements(body: &[u8]) -> Option<Vec<&[u8]>> {
    json::elements(body)
}

/// Returns the `id` and the `number` of an item.
pub fn identity(item: &[u8]) -> [Option<i64>; 2] {
    json::identity(item)
}

/// Parses a name as a segment of a path, and as the value of a filter.
pub fn names(name: &str) -> [Result<String>; 2] {
    [Name::slug("owner", name), Name::login("reviewer", name)].map(|name| Ok(name?.to_string()))
}

/// Returns the base URL, whether it is a loopback address, and whether it is GitHub's cloud.
pub fn base_url(text: &str) -> Option<(String, bool, bool)> {
    let base = BaseUrl::parse(text).ok()?;
    Some((base.to_string(), base.is_loopback(), base.is_github_cloud()))
}

/// Decompresses a gzip stream that arrives in chunks. `None` if it is damaged or exceeds the limit.
pub fn gunzip(chunks: &[&[u8]], limit: usize) -> Option<Bytes> {
    let mut stream = Gunzip::new(limit);
    for chunk in chunks {
        stream.push(chunk).ok()?;
    }
    stream.finish().ok()
}

/// Returns the target of a redirect, if it may be followed.
pub fn redirect(from: &Url, headers: &HeaderMap) -> Option<Url> {
    target(from, headers)
}
