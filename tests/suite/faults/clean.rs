//! What every case asserts beside its own point: it ends within its bound, and the token is in
//! nothing that prints and nowhere but at its own server.

use std::error::Error as _;
use std::fmt::Debug;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use github_bypass_requests::Error;
use tokio::time::{sleep, timeout};

use super::harness::Server;
use crate::support::TOKEN;

/// For what needs no wait at all.
pub(crate) const AT_ONCE: Duration = Duration::from_millis(500);
/// For three attempts that fail at once: two waits, of at most 1.5 and 3 seconds.
pub(crate) const RETRIED: Duration = Duration::from_secs(5);
/// For a write that is lost twice: each time the last look is 15 seconds later.
pub(crate) const READ_BACK: Duration = Duration::from_secs(32);

/// The outcome, which must come before its bound.
pub(crate) async fn within<F: Future>(bound: Duration, call: F) -> F::Output {
    let ended = timeout(bound, call).await;
    ended.unwrap_or_else(|_| panic!("no end within {bound:?}"))
}

/// The error, once all that it prints is searched for the token.
pub(crate) fn clean(error: Error) -> Error {
    assert_clean(&[&error, &error.to_string()]);
    for cause in std::iter::successors(error.source(), |&cause| cause.source()) {
        assert_clean(&[&cause, &cause.to_string()]);
    }
    error
}

/// Searches what is printed for the token, its halves and its base64.
pub(crate) fn assert_clean(printed: &[&dyn Debug]) {
    for value in printed {
        let text = format!("{value:?} {value:#?}");
        let leak = traces().into_iter().find(|trace| text.contains(trace));
        assert_eq!(leak, None, "{text}");
    }
}

/// Nobody has connected to the foreign server, let alone sent it the token.
pub(crate) async fn assert_unasked(foreign: &Server) {
    // Lets it accept what has come.
    sleep(Duration::from_millis(1)).await;
    assert_clean(&[&foreign.received()]);
    assert_eq!(foreign.connections(), 0);
}

/// Texts that betray the token.
fn traces() -> Vec<String> {
    let (first, second) = TOKEN.split_at(TOKEN.len() / 2);
    let plain = [first, second].map(str::to_owned);
    // In a longer text, base64 may begin with any of three bytes; the last group depends on what
    // follows.
    let encoded = (0..3).map(|skipped| {
        let bytes = &TOKEN.as_bytes()[skipped..];
        BASE64_STANDARD_NO_PAD.encode(&bytes[..bytes.len() / 3 * 3])
    });
    plain.into_iter().chain(encoded).collect()
}

#[test]
fn the_search_finds_the_token_however_it_is_wrapped() {
    let basic = |user| BASE64_STANDARD_NO_PAD.encode(format!("{user}:{TOKEN}@"));
    for leak in [
        TOKEN.to_owned(),
        TOKEN[..15].to_owned(),
        TOKEN[10..].to_owned(),
        basic("a"),
        basic("ab"),
        basic("abc"),
    ] {
        std::panic::catch_unwind(|| assert_clean(&[&leak])).expect_err(&leak);
    }
    assert_clean(&[&"Bearer …", &"ghp_example"]);
}
