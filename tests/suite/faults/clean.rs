//! Checks that all tests of the catalogue make: a call ends within its limit, no printed text
//! contains the token, and the token is sent to its own server only.

use std::error::Error as _;
use std::fmt::Debug;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use github_bypass_requests::Error;
use tokio::time::{sleep, timeout};

use super::harness::Server;
use crate::support::TOKEN;

/// The time limit of a call that does not wait.
pub(crate) const AT_ONCE: Duration = Duration::from_millis(500);
/// The time limit of a call with three attempts that fail at once. The two waits between them take
/// at most 1.5 and 3 seconds.
pub(crate) const RETRIED: Duration = Duration::from_secs(5);
/// The time limit of a write that is lost twice. Each read-back ends with a read 15 seconds after
/// the failure.
pub(crate) const READ_BACK: Duration = Duration::from_secs(32);

/// Awaits `call`, which must end within `limit`.
pub(crate) async fn within<F: Future>(limit: Duration, call: F) -> F::Output {
    let ended = timeout(limit, call).await;
    ended.unwrap_or_else(|_| panic!("the call did not end within {limit:?}"))
}

/// Returns the error. Panics if a text of the error, or a text of one of its causes, contains the
/// token.
pub(crate) fn clean(error: Error) -> Error {
    assert_clean(&[&error, &error.to_string()]);
    for cause in std::iter::successors(error.source(), |&cause| cause.source()) {
        assert_clean(&[&cause, &cause.to_string()]);
    }
    error
}

/// Panics if the debug output of a value contains the token, half of it, or its base64 encoding.
pub(crate) fn assert_clean(printed: &[&dyn Debug]) {
    for value in printed {
        let text = format!("{value:?} {value:#?}");
        let leak = fragments()
            .into_iter()
            .find(|fragment| text.contains(fragment));
        assert_eq!(leak, None, "{text}");
    }
}

/// Panics if a client connected to this server, which no request should reach.
pub(crate) async fn assert_no_connections(foreign: &Server) {
    // Let the server accept pending connections.
    sleep(Duration::from_millis(1)).await;
    assert_clean(&[&foreign.received()]);
    assert_eq!(foreign.connections(), 0);
}

/// Returns texts that reveal the token.
fn fragments() -> Vec<String> {
    let (first, second) = TOKEN.split_at(TOKEN.len() / 2);
    let plain = [first, second].map(str::to_owned);
    // In a longer text, a base64 group may start at any of the first three bytes of the token. The
    // last group depends on the bytes that follow, so it is left out.
    let encoded = (0..3).map(|skipped| {
        let bytes = &TOKEN.as_bytes()[skipped..];
        BASE64_STANDARD_NO_PAD.encode(&bytes[..bytes.len() / 3 * 3])
    });
    plain.into_iter().chain(encoded).collect()
}

#[test]
fn the_search_finds_parts_of_the_token_and_its_base64() {
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
