//! The readers of foreign bytes, for the properties in `tests/fuzz` and for `tests/bench`. Compiled with
//! `--cfg fuzzing` only; not part of the crate's interface.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use github_bypass_requests_api::Operation;
use http::{HeaderMap, StatusCode};
use reqwest::Url;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::error::{Called, Error, Kind, Result};
use crate::list::received;
use crate::model::request::{BypassKind, BypassRequest};
use crate::response::error_body::ErrorBody;
use crate::response::head::Head;
use crate::response::headers::{exhausted, retry_after};
use crate::response::json::{self, Malformed};
use crate::response::link::{Links, Next};
use crate::scope::names::Name;
use crate::transport::base_url::BaseUrl;
use crate::transport::outcome::Outcome;
use crate::transport::rate_limit::Limit;
use crate::transport::redirect::target;

/// Status, headers and body.
pub type Response = (StatusCode, HeaderMap, Bytes);

/// The page numbers of `next` and `last`. `Some(None)` is a `next` without a number.
pub fn links(headers: &HeaderMap) -> Option<(Option<Option<u32>>, Option<u32>)> {
    let links = Links::read(headers)?;
    let next = (links.next != Next::Absent).then(|| links.next_page());
    Some((next, links.last))
}

/// The wait of `Retry-After`, of a limit that is used up, and of a response that is rate limited.
pub fn waits((status, headers, body): Response, now: DateTime<Utc>) -> [Option<Duration>; 3] {
    let head = Head { status, headers };
    let headers = &head.headers;
    let limit = Limit::read(&head, &ErrorBody::read(&body));
    let wait = limit.map(|limit| limit.wait(headers, now));
    [retry_after(headers, now), exhausted(headers, now), wait]
}

/// The error about the status of a response, and the error about a body that is no list.
pub fn errors((status, headers, body): Response) -> [Error; 2] {
    let head = Head { status, headers };
    let malformed = Malformed::find::<Vec<IgnoredAny>>(&body, head.media_type(), head.encoding());
    let outcome = Outcome::of(head, Ok(body), false);
    let called = Called {
        operation: Operation::REPOS_LIST_REPO_PUSH_BYPASS_REQUESTS,
        target: None,
        host: String::new(),
    };
    [Kind::Status, Kind::Decode(malformed)].map(|kind| outcome.error(kind).of_call(called.clone()))
}

/// Reads JSON, and explains what is wrong with it.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    json::read(body).map_err(|malformed| malformed.to_string())
}

/// Reads JSON as fast as the client does.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    json::from_slice(body)
}

/// The requests of a page, the number of its items, and the error about those that cannot be read.
pub fn page<D: BypassKind>(body: &[u8]) -> Option<(Vec<BypassRequest<D>>, usize, Option<String>)> {
    let (requests, count, bad) = received::items(body, NonZeroU32::MIN)?;
    Some((requests, count, bad.map(|bad| bad.to_string())))
}

/// The elements of a JSON array.
pub fn elements(body: &[u8]) -> Option<Vec<&[u8]>> {
    json::elements(body)
}

/// The `id` and the `number` of an item.
pub fn identity(item: &[u8]) -> [Option<i64>; 2] {
    json::identity(item)
}

/// The name as a segment of a path, and as the value of a filter.
pub fn names(name: &str) -> [Result<String>; 2] {
    [Name::slug("owner", name), Name::login("reviewer", name)].map(|name| Ok(name?.to_string()))
}

/// The base URL, whether it is a loopback address, and whether it is GitHub's cloud.
pub fn base_url(text: &str) -> Option<(String, bool, bool)> {
    let base = BaseUrl::parse(text).ok()?;
    Some((base.to_string(), base.is_loopback(), base.is_github_cloud()))
}

/// The target of a redirect that is followed.
pub fn redirect(from: &Url, headers: &HeaderMap) -> Option<Url> {
    target(from, headers)
}
