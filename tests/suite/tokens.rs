//! Token sources. Every attempt gets its token from the source. After a 401, the request is sent
//! once more, with a replacement token.

pub(crate) mod app;
mod gh;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use github_bypass_requests::{
    Client, Error, Host, ResponseId, Result, Secret, TokenCache, TokenFuture, TokenSource,
};
use serde_json::{Value, json};
use tokio::time::{advance, sleep};

use crate::faults::calls::{approve, dismiss, drain, get, secrets};
use crate::faults::checks::{at_once, failed, found, reset, takes};
use crate::faults::harness::{Reply, Server};
use crate::support::{TOKEN, next, no_next, request};

/// Returns its tokens one after another, and repeats the last one.
pub(crate) struct Scripted(Mutex<VecDeque<Option<&'static str>>>);

impl Scripted {
    /// For each `None`, the source returns an error.
    pub(crate) fn new(tokens: &[Option<&'static str>]) -> Arc<Self> {
        Arc::new(Self(Mutex::new(tokens.iter().copied().collect())))
    }

    pub(crate) fn tokens(tokens: &[&'static str]) -> Arc<Self> {
        Self::new(&tokens.iter().copied().map(Some).collect::<Vec<_>>())
    }
}

impl TokenSource for Scripted {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        let mut tokens = self.0.lock().expect("tokens");
        let token = match tokens.len() {
            1 => tokens[0],
            _ => tokens.pop_front().expect("a token"),
        };
        let token = token.map(Secret::new);
        Box::pin(async move { token.ok_or_else(|| Error::no_token("the vault is sealed")) })
    }
}

pub(crate) fn client_with(server: &Server, source: impl TokenSource) -> Client {
    server
        .builder()
        .token_source(source)
        .build()
        .expect("client")
}

/// The tokens that the server received, in order.
fn sent_tokens(server: &Server) -> Vec<String> {
    let token = |headers: &[String]| {
        let mut found = headers
            .iter()
            .filter_map(|line| line.strip_prefix("authorization: Bearer "));
        let token = found.next().expect("a token").to_owned();
        assert_eq!(found.next(), None);
        token
    };
    let received = server.received();
    received
        .iter()
        .map(|request| token(&request.headers))
        .collect()
}

pub(crate) fn unauthorized() -> Reply {
    Reply::json(401, &[], &json!({ "message": "Bad credentials" }))
}

fn reviewed() -> Reply {
    Reply::json(200, &[], &json!({ "bypass_review_id": 7 }))
}

fn dismissed() -> Reply {
    Reply::new(204, &[], "")
}

fn page(id: u64, link: &str) -> Reply {
    Reply::json(200, &[&format!("link: {link}")], &json!([request(id)]))
}

#[tokio::test(start_paused = true)]
async fn each_page_is_requested_with_the_current_token() {
    let server = Server::start(vec![page(1, &next(2)), page(2, &no_next())]).await;
    let client = client_with(&server, Scripted::tokens(&["first", "second"]));
    let (requests, error) = drain(secrets(&client).list().stream()).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(requests.len(), 2);
    assert_eq!(sent_tokens(&server), ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_sent_with_the_current_token() {
    let limited = Reply::new(429, &["retry-after: 1"], "");
    let server = Server::start(vec![Reply::new(502, &[], ""), limited, found()]).await;
    let client = client_with(&server, Scripted::tokens(&["first", "second", "third"]));
    get(&client).await.expect("a request");
    assert_eq!(sent_tokens(&server), ["first", "second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_401_another_token_is_tried_once() {
    let client = |server: &Server| client_with(server, Scripted::tokens(&["old", "new"]));
    let server = Server::start(vec![unauthorized(), found()]).await;
    at_once(get(&client(&server))).await.expect("a request");
    assert_eq!(sent_tokens(&server), ["old", "new"]);

    let server = Server::start(vec![unauthorized(), reviewed()]).await;
    // Writes start a second apart, and this also applies to the retry.
    let review = takes(1.0..=1.1, approve(&client(&server))).await;
    assert_eq!(
        review.expect("a review").response_id,
        ResponseId::try_from(7).ok()
    );
    assert_eq!(server.methods(), ["PATCH", "PATCH"]);
    assert_eq!(sent_tokens(&server), ["old", "new"]);
    let received = server.received();
    assert_eq!(received[0].body, received[1].body);

    let server = Server::start(vec![unauthorized(), dismissed()]).await;
    let dismissal = dismiss(&client(&server)).await.expect("a dismissal");
    assert!(dismissal.confirmation.is_response());
    assert_eq!(server.methods(), ["DELETE", "DELETE"]);
    assert_eq!(sent_tokens(&server), ["old", "new"]);
}

/// Asserts that a read, a review and a dismissal fail after they have sent the `expected` tokens.
async fn assert_unauthorized(
    source: impl Fn() -> Arc<Scripted>,
    replies: &[Reply],
    expected: &[&str],
) {
    for method in ["GET", "PATCH", "DELETE"] {
        let server = Server::start(replies.to_vec()).await;
        let client = client_with(&server, source());
        let error = match method {
            "GET" => failed(get(&client).await),
            "PATCH" => failed(approve(&client).await),
            _ => failed(dismiss(&client).await),
        };
        assert!(error.is_unauthorized() && !error.is_ambiguous(), "{error}");
        assert_eq!(sent_tokens(&server), expected);
        assert_eq!(server.count(method), expected.len());
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_401_the_same_token_is_not_sent_again() {
    let source = || Scripted::tokens(&["same"]);
    assert_unauthorized(source, &[unauthorized(), found()], &["same"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_second_401_is_final() {
    let source = || Scripted::tokens(&["first", "second", "third"]);
    assert_unauthorized(source, &[unauthorized()], &["first", "second"]).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_sent() {
    let server = Server::start(vec![found()]).await;
    let client = client_with(&server, Scripted::new(&[None]));
    for error in [
        failed(at_once(get(&client)).await),
        failed(at_once(approve(&client)).await),
        failed(at_once(dismiss(&client)).await),
    ] {
        assert!(error.is_token_missing() && !error.is_ambiguous());
        let text = error.to_string();
        assert!(text.ends_with(": no token (the vault is sealed)"), "{text}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_source_that_fails_after_a_401_is_returned() {
    let server = Server::start(vec![unauthorized()]).await;
    let client = client_with(&server, Scripted::new(&[Some("old"), None]));
    let error = failed(get(&client).await);
    assert!(error.is_token_missing(), "{error}");
    assert_eq!(server.methods(), ["GET"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_write_is_ambiguous_if_there_is_no_token_for_a_read_back() {
    for method in ["PATCH", "DELETE"] {
        let server = Server::start(vec![reset()]).await;
        let client = client_with(&server, Scripted::new(&[Some("old"), None]));
        let error = match method {
            "PATCH" => failed(approve(&client).await),
            _ => failed(dismiss(&client).await),
        };
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!(server.methods(), [method]);
    }
}

/// Fetches its token from another server.
struct FromServer(Client);

impl TokenSource for FromServer {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        Box::pin(async {
            let found: Result<_> = self
                .0
                .repository("octo-org", "smile")
                .push_rules()
                .get(1)
                .await;
            found.map(|_| Secret::new("found"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_404_in_a_token_source_is_not_a_404_of_the_call() {
    let token_server = Server::start(vec![Reply::new(404, &[], "")]).await;
    let server = Server::start(vec![found()]).await;
    let client = client_with(&server, FromServer(token_server.client()));
    let error = failed(dismiss(&client).await);
    assert!(error.is_token_missing() && !error.is_not_found(), "{error}");
    assert_eq!(error.status(), Some(404));
    assert_eq!(server.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_invalid_token_is_rejected_and_not_shown() {
    let server = Server::start(vec![found()]).await;
    for token in [
        "",
        "ghp_ThisIsTheSecretToken\n",
        "ghp_ThisIsTheSecret Token",
    ] {
        let error = failed(get(&client_with(&server, Secret::new(token))).await);
        assert!(error.is_invalid_input(), "{error}");
        assert!(error.to_string().contains(": the token "), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

/// Takes a minute to return its first token.
struct Slow(Mutex<bool>);

impl TokenSource for Slow {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        let is_first = !std::mem::replace(&mut *self.0.lock().expect("a flag"), true);
        Box::pin(async move {
            if is_first {
                sleep(Duration::from_secs(60)).await;
            }
            Ok(Secret::new("slow"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_a_token_does_not_block_others() {
    let server = Server::start(vec![found()]).await;
    let builder = server.builder().max_concurrent_reads(1);
    let client = builder.token_source(Slow(Mutex::new(false))).build();
    let client = client.expect("client");
    let first = takes(60.0..=60.1, get(&client));
    let second = async {
        tokio::task::yield_now().await;
        at_once(get(&client)).await
    };
    let (first, second) = tokio::join!(first, second);
    first.and(second).expect("two requests");
}

#[tokio::test(start_paused = true)]
async fn a_token_source_receives_the_host_of_the_call() {
    struct FromHost;
    impl TokenSource for FromHost {
        fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a> {
            let token = format!("{}={}", host.name(), host.base_url());
            Box::pin(std::future::ready(Ok(Secret::new(token))))
        }
    }
    let server = Server::start(vec![found()]).await;
    get(&client_with(&server, FromHost))
        .await
        .expect("a request");
    assert_eq!(
        sent_tokens(&server),
        [format!("127.0.0.1={}", server.base_url)]
    );
}

/// Returns the token `kept` every time, and `replacement` instead of a rejected token.
struct Replacing;

impl TokenSource for Replacing {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        Box::pin(std::future::ready(Ok(Secret::new("kept"))))
    }

    fn instead_of<'a>(&'a self, _: &'a Secret, _: Host<'a>) -> TokenFuture<'a, Option<Secret>> {
        Box::pin(std::future::ready(Ok(Some(Secret::new("replacement")))))
    }
}

/// A server that rejects the token `kept`, and responds with `second` to the second request.
async fn rejecting(second: Reply) -> Server {
    Server::start_with(move |index, received| {
        let kept = "authorization: Bearer kept";
        match index {
            1 => second.clone(),
            _ if received.headers.iter().any(|line| line == kept) => unauthorized(),
            _ => reviewed(),
        }
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_kept_while_the_gate_is_closed() {
    let server = rejecting(Reply::new(429, &["retry-after: 5"], "")).await;
    let client = client_with(&server, Replacing);
    // The second write is sent in its turn. Its response closes the rate limit gate while the retry
    // of the first write waits.
    let (first, second) = tokio::join!(approve(&client), approve(&client));
    first.and(second).expect("two reviews");
    let sent = sent_tokens(&server);
    assert_eq!(sent[..2], ["kept", "kept"]);
    assert_eq!(
        sent.iter().filter(|token| *token == "replacement").count(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_kept_while_a_write_waits_long_for_its_turn() {
    let server = rejecting(reviewed().after(Duration::from_secs(40))).await;
    let builder = server.builder().read_timeout(Duration::from_secs(60));
    let builder = builder.attempt_timeout(Duration::from_secs(60));
    let client = builder.token_source(Replacing).build().expect("client");
    let (first, second) = tokio::join!(approve(&client), approve(&client));
    first.and(second).expect("two reviews");
    assert_eq!(sent_tokens(&server), ["kept", "kept", "replacement"]);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_kept_for_the_retries_of_its_call() {
    let server = Server::start_with(|index, received| {
        let replacement = "authorization: Bearer replacement";
        match index {
            1 => Reply::new(502, &[], ""),
            _ if received.headers.iter().any(|line| line == replacement) => found(),
            _ => unauthorized(),
        }
    });
    let server = server.await;
    get(&client_with(&server, Replacing))
        .await
        .expect("a request");
    assert_eq!(sent_tokens(&server), ["kept", "replacement", "replacement"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_replacement_was_sent_the_next_attempt_gets_its_token_from_the_source() {
    let replies = vec![unauthorized(), Reply::new(502, &[], ""), found()];
    let server = Server::start(replies).await;
    let source = Scripted::tokens(&["first", "second", "third"]);
    get(&client_with(&server, source)).await.expect("a request");
    assert_eq!(sent_tokens(&server), ["first", "second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_expires_during_a_rate_limit_is_renewed() {
    let limited = Reply::new(429, &["retry-after: 3600"], "");
    let server = Server::start(vec![unauthorized(), limited, found()]).await;
    let hour = Duration::from_secs(3600);
    let tokens = TokenCache::new(Vault::default()).lifetime(hour);
    let builder = server.builder().max_rate_limit_wait(hour * 2);
    let client = builder.token_source(tokens).build().expect("client");
    get(&client).await.expect("a request");
    assert_eq!(sent_tokens(&server), ["lease-1", "lease-2", "lease-3"]);
}

/// A vault that numbers the tokens that it leases.
#[derive(Default)]
struct Vault(Mutex<usize>);

impl TokenSource for Vault {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        Box::pin(async {
            let number = {
                let mut leased = self.0.lock().expect("a count");
                *leased += 1;
                *leased
            };
            sleep(Duration::from_secs(2)).await;
            Ok(Secret::new(format!("lease-{number}")))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_fetches_one_token_for_all_calls_and_renews_it_early() {
    let server = Server::start(vec![found()]).await;
    let tokens = TokenCache::new(Vault::default()).lifetime(Duration::from_secs(3600));
    let client = client_with(&server, tokens.clone());
    let (one, two) = tokio::join!(get(&client), get(&client));
    one.and(two).expect("two requests");
    advance(Duration::from_secs(54 * 60)).await;
    at_once(get(&client)).await.expect("a request");
    advance(Duration::from_secs(2 * 60)).await;
    get(&client).await.expect("a request");
    let used = ["lease-1", "lease-1", "lease-1", "lease-2"];
    assert_eq!(sent_tokens(&server), used);
    assert!(!format!("{tokens:?}").contains("lease-"), "{tokens:?}");
}

#[tokio::test(start_paused = true)]
async fn a_cache_fetches_a_new_token_after_a_401_and_for_another_host() {
    let server = Server::start(vec![found(), unauthorized(), found()]).await;
    let tokens = TokenCache::new(Vault::default());
    let client = client_with(&server, tokens.clone());
    for _ in 0..2 {
        get(&client).await.expect("a request");
    }
    assert_eq!(sent_tokens(&server), ["lease-1", "lease-1", "lease-2"]);
    let other = Server::start(vec![found()]).await;
    get(&client_with(&other, tokens)).await.expect("a request");
    assert_eq!(sent_tokens(&other), ["lease-3"]);
}

#[tokio::test(start_paused = true)]
async fn a_cache_gets_replacements_from_its_source() {
    let server = Server::start(vec![unauthorized(), found()]).await;
    let client = client_with(&server, TokenCache::new(Replacing));
    for _ in 0..2 {
        get(&client).await.expect("a request");
    }
    assert_eq!(sent_tokens(&server), ["kept", "replacement", "replacement"]);
}

#[tokio::test(start_paused = true)]
async fn a_cache_keeps_a_token_with_the_longest_lifetime() {
    let server = Server::start(vec![found()]).await;
    let tokens = TokenCache::new(Vault::default()).lifetime(Duration::MAX);
    let client = client_with(&server, tokens);
    for _ in 0..2 {
        get(&client).await.expect("a request");
    }
    assert_eq!(sent_tokens(&server), ["lease-1", "lease-1"]);
}

#[test]
fn a_secret_is_not_printed() {
    let secret = Secret::new(TOKEN);
    let client = Client::builder().token_source(secret.clone());
    let printed = format!("{secret:?} {secret:#?} {client:?} {:?}", client);
    assert!(!printed.contains(TOKEN), "{printed}");
    assert_eq!(secret.expose(), TOKEN);
}

fn parse_json(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("JSON")
}
