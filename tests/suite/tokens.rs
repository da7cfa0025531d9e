//! Every way to sign in: the token is asked for at each attempt, and once more after a 401.

mod app;
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

/// Yields one answer after the other, and the last one for ever.
struct Scripted(Mutex<VecDeque<Option<&'static str>>>);

impl Scripted {
    /// `None` is a failure.
    fn new(answers: &[Option<&'static str>]) -> Arc<Self> {
        Arc::new(Self(Mutex::new(answers.iter().copied().collect())))
    }

    fn tokens(answers: &[&'static str]) -> Arc<Self> {
        Self::new(&answers.iter().copied().map(Some).collect::<Vec<_>>())
    }
}

impl TokenSource for Scripted {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        let mut answers = self.0.lock().expect("answers");
        let answer = match answers.len() {
            1 => answers[0],
            _ => answers.pop_front().expect("an answer"),
        };
        let answer = answer.map(Secret::new);
        Box::pin(async move { answer.ok_or_else(|| Error::no_token("the vault is sealed")) })
    }
}

fn with(server: &Server, source: impl TokenSource) -> Client {
    server
        .builder()
        .token_source(source)
        .build()
        .expect("client")
}

/// The tokens that the server has seen, in order.
fn sent(server: &Server) -> Vec<String> {
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

fn unauthorized() -> Reply {
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
async fn page_2_is_asked_with_the_token_of_its_time() {
    let server = Server::start(vec![page(1, &next(2)), page(2, &no_next())]).await;
    let client = with(&server, Scripted::tokens(&["first", "second"]));
    let (requests, error) = drain(secrets(&client).list().stream()).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(requests.len(), 2);
    assert_eq!(sent(&server), ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn each_attempt_goes_out_with_the_token_of_its_time() {
    let soon = Reply::new(429, &["retry-after: 1"], "");
    let server = Server::start(vec![Reply::new(502, &[], ""), soon, found()]).await;
    let client = with(&server, Scripted::tokens(&["first", "second", "third"]));
    get(&client).await.expect("a request");
    assert_eq!(sent(&server), ["first", "second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_401_another_token_is_tried_once() {
    let client = |server: &Server| with(server, Scripted::tokens(&["old", "new"]));
    let server = Server::start(vec![unauthorized(), found()]).await;
    at_once(get(&client(&server))).await.expect("a request");
    assert_eq!(sent(&server), ["old", "new"]);

    let server = Server::start(vec![unauthorized(), reviewed()]).await;
    // Writes are a second apart, this one as well.
    let review = takes(1.0..=1.1, approve(&client(&server))).await;
    assert_eq!(
        review.expect("a review").response_id,
        ResponseId::try_from(7).ok()
    );
    assert_eq!(server.methods(), ["PATCH", "PATCH"]);
    assert_eq!(sent(&server), ["old", "new"]);
    let received = server.received();
    assert_eq!(received[0].body, received[1].body);

    let server = Server::start(vec![unauthorized(), dismissed()]).await;
    let dismissal = dismiss(&client(&server)).await.expect("a dismissal");
    assert!(dismissal.confirmed);
    assert_eq!(server.methods(), ["DELETE", "DELETE"]);
    assert_eq!(sent(&server), ["old", "new"]);
}

/// The error of each of the calls, each with a client and a server of its own.
async fn errors(source: impl Fn() -> Arc<Scripted>, replies: &[Reply], expected: &[&str]) {
    for method in ["GET", "PATCH", "DELETE"] {
        let server = Server::start(replies.to_vec()).await;
        let client = with(&server, source());
        let error = match method {
            "GET" => failed(get(&client).await),
            "PATCH" => failed(approve(&client).await),
            _ => failed(dismiss(&client).await),
        };
        assert!(error.is_unauthorized() && !error.is_ambiguous(), "{error}");
        assert_eq!(sent(&server), expected);
        assert_eq!(server.count(method), expected.len());
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_401_the_same_token_is_not_sent_again() {
    let source = || Scripted::tokens(&["same"]);
    errors(source, &[unauthorized(), found()], &["same"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_second_401_is_final() {
    let source = || Scripted::tokens(&["first", "second", "third"]);
    errors(source, &[unauthorized()], &["first", "second"]).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_sent() {
    let server = Server::start(vec![found()]).await;
    let client = with(&server, Scripted::new(&[None]));
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
async fn a_source_that_fails_after_a_401_tells_why() {
    let server = Server::start(vec![unauthorized()]).await;
    let client = with(&server, Scripted::new(&[Some("old"), None]));
    let error = failed(get(&client).await);
    assert!(error.is_token_missing(), "{error}");
    assert_eq!(server.methods(), ["GET"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_write_stays_unknown_when_there_is_no_token_to_look_with() {
    for method in ["PATCH", "DELETE"] {
        let server = Server::start(vec![reset()]).await;
        let client = with(&server, Scripted::new(&[Some("old"), None]));
        let error = match method {
            "PATCH" => failed(approve(&client).await),
            _ => failed(dismiss(&client).await),
        };
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!(server.methods(), [method]);
    }
}

/// Asks another server for its token.
struct Elsewhere(Client);

impl TokenSource for Elsewhere {
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
async fn a_sources_own_404_is_not_taken_for_that_of_the_call() {
    let elsewhere = Server::start(vec![Reply::new(404, &[], "")]).await;
    let server = Server::start(vec![found()]).await;
    let client = with(&server, Elsewhere(elsewhere.client()));
    let error = failed(dismiss(&client).await);
    assert!(error.is_token_missing() && !error.is_not_found(), "{error}");
    assert_eq!(error.status(), Some(404));
    assert_eq!(server.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_token_is_refused_and_not_shown() {
    let server = Server::start(vec![found()]).await;
    for token in [
        "",
        "ghp_ThisIsTheSecretToken\n",
        "ghp_ThisIsTheSecret Token",
    ] {
        let error = failed(get(&with(&server, Secret::new(token))).await);
        assert!(error.is_invalid_input(), "{error}");
        assert!(error.to_string().contains(": the token "), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

/// Takes a minute for its first token.
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
async fn who_waits_for_a_token_keeps_nobody_elses_turn() {
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
async fn a_source_is_told_whom_the_token_is_for() {
    struct Told;
    impl TokenSource for Told {
        fn token<'a>(&'a self, host: Host<'a>) -> TokenFuture<'a> {
            let token = format!("{}={}", host.name(), host.base_url());
            Box::pin(std::future::ready(Ok(Secret::new(token))))
        }
    }
    let server = Server::start(vec![found()]).await;
    get(&with(&server, Told)).await.expect("a request");
    assert_eq!(sent(&server), [format!("127.0.0.1={}", server.base_url)]);
}

/// Keeps its token, and has another one for whoever was refused.
struct Replacing;

impl TokenSource for Replacing {
    fn token<'a>(&'a self, _: Host<'a>) -> TokenFuture<'a> {
        Box::pin(std::future::ready(Ok(Secret::new("kept"))))
    }

    fn instead_of<'a>(&'a self, _: &'a Secret, _: Host<'a>) -> TokenFuture<'a, Option<Secret>> {
        Box::pin(std::future::ready(Ok(Some(Secret::new("replacement")))))
    }
}

/// A server that refuses the kept token, but for its second request: that one gets `second`.
async fn refusing(second: Reply) -> Server {
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
    let server = refusing(Reply::new(429, &["retry-after: 5"], "")).await;
    let client = with(&server, Replacing);
    // The second write waits for its turn, and closes the gate while the first waits for its own.
    let (first, second) = tokio::join!(approve(&client), approve(&client));
    first.and(second).expect("two reviews");
    let sent = sent(&server);
    assert_eq!(sent[..2], ["kept", "kept"]);
    assert_eq!(
        sent.iter().filter(|token| *token == "replacement").count(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_kept_while_a_write_waits_long_for_its_turn() {
    let server = refusing(reviewed().after(Duration::from_secs(40))).await;
    let builder = server.builder().read_timeout(Duration::from_secs(60));
    let builder = builder.attempt_timeout(Duration::from_secs(60));
    let client = builder.token_source(Replacing).build().expect("client");
    let (first, second) = tokio::join!(approve(&client), approve(&client));
    first.and(second).expect("two reviews");
    assert_eq!(sent(&server), ["kept", "kept", "replacement"]);
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
    get(&with(&server, Replacing)).await.expect("a request");
    assert_eq!(sent(&server), ["kept", "replacement", "replacement"]);
}

#[tokio::test(start_paused = true)]
async fn the_source_is_asked_again_after_a_replacement_was_sent() {
    let replies = vec![unauthorized(), Reply::new(502, &[], ""), found()];
    let server = Server::start(replies).await;
    let source = Scripted::tokens(&["first", "second", "third"]);
    get(&with(&server, source)).await.expect("a request");
    assert_eq!(sent(&server), ["first", "second", "third"]);
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
    assert_eq!(sent(&server), ["lease-1", "lease-2", "lease-3"]);
}

/// A vault that counts how often a token is leased.
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
async fn a_cache_leases_once_for_all_and_renews_in_time() {
    let server = Server::start(vec![found()]).await;
    let tokens = TokenCache::new(Vault::default()).lifetime(Duration::from_secs(3600));
    let client = with(&server, tokens.clone());
    let (one, two) = tokio::join!(get(&client), get(&client));
    one.and(two).expect("two requests");
    advance(Duration::from_secs(54 * 60)).await;
    at_once(get(&client)).await.expect("a request");
    advance(Duration::from_secs(2 * 60)).await;
    get(&client).await.expect("a request");
    let used = ["lease-1", "lease-1", "lease-1", "lease-2"];
    assert_eq!(sent(&server), used);
    assert!(!format!("{tokens:?}").contains("lease-"), "{tokens:?}");
}

#[tokio::test(start_paused = true)]
async fn a_cache_leases_anew_after_a_401_and_for_another_host() {
    let server = Server::start(vec![found(), unauthorized(), found()]).await;
    let tokens = TokenCache::new(Vault::default());
    let client = with(&server, tokens.clone());
    for _ in 0..2 {
        get(&client).await.expect("a request");
    }
    assert_eq!(sent(&server), ["lease-1", "lease-1", "lease-2"]);
    let other = Server::start(vec![found()]).await;
    get(&with(&other, tokens)).await.expect("a request");
    assert_eq!(sent(&other), ["lease-3"]);
}

#[tokio::test(start_paused = true)]
async fn a_cache_asks_its_source_for_a_replacement() {
    let server = Server::start(vec![unauthorized(), found()]).await;
    let client = with(&server, TokenCache::new(Replacing));
    for _ in 0..2 {
        get(&client).await.expect("a request");
    }
    assert_eq!(sent(&server), ["kept", "replacement", "replacement"]);
}

#[tokio::test(start_paused = true)]
async fn a_cache_keeps_a_token_of_any_long_lifetime() {
    let server = Server::start(vec![found()]).await;
    let tokens = TokenCache::new(Vault::default()).lifetime(Duration::MAX);
    let client = with(&server, tokens);
    for _ in 0..2 {
        get(&client).await.expect("a request");
    }
    assert_eq!(sent(&server), ["lease-1", "lease-1"]);
}

#[test]
fn a_secret_is_not_printed() {
    let secret = Secret::new(TOKEN);
    let client = Client::builder().token_source(secret.clone());
    let printed = format!("{secret:?} {secret:#?} {client:?} {:?}", client);
    assert!(!printed.contains(TOKEN), "{printed}");
    assert_eq!(secret.expose(), TOKEN);
}

/// The claims of a JWT or the like, for the parts of this topic.
fn json_of(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("JSON")
}
