//! Installation tokens of an app, issued by a scripted server that verifies the app's JWTs.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use github_bypass_requests::{AppInstallation, Client, Secret};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use super::{client_with, parse_json, reviewed, sent_tokens, unauthorized};
use crate::faults::calls::{approve, get};
use crate::faults::capture::Capture;
use crate::faults::checks::{at_once, failed, found, takes};
use crate::faults::harness::{Received, Reply, Server, date};
use crate::support::ClosedPort;

const MINUTE: Duration = Duration::from_secs(60);
const POST: &str = "/app/installations/7/access_tokens";

static KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key")
});

pub(crate) fn installation() -> AppInstallation {
    let key = Secret::new(KEY.serialize_pem());
    AppInstallation::new("Iv23liOcto", 7, &key).expect("a key")
}

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
    iss: String,
}

/// Verifies the signature of the app's JWT and returns its claims.
fn claims(jwt: &str) -> Claims {
    let key = DecodingKey::from_rsa_pem(KEY.public_key_pem().as_bytes()).expect("a key");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    jsonwebtoken::decode(jwt, &key, &validation)
        .expect("signed by the app")
        .claims
}

/// A scripted GitHub with one app. Its clock advances with the clock of the test.
#[derive(Clone)]
struct GitHub {
    started: Instant,
    base: DateTime<Utc>,
    issued: Arc<Mutex<usize>>,
}

impl GitHub {
    /// Creates a scripted GitHub whose clock differs from the local clock by `skew`.
    fn new(skew: TimeDelta) -> Self {
        Self {
            started: Instant::now(),
            base: Utc::now() + skew,
            issued: Arc::default(),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.base + TimeDelta::from_std(self.started.elapsed()).expect("a short time")
    }

    fn date(&self) -> String {
        date(self.now())
    }

    /// Issues `token-1`, `token-2` and so on, each valid for an hour.
    fn issue(&self, received: &Received) -> Reply {
        let now = self.now();
        let claims = claims(bearer(received));
        let soon = now.timestamp() + 10 * 60;
        if claims.iat > now.timestamp() || !(now.timestamp()..=soon).contains(&claims.exp) {
            let message = json!({ "message": "'Expiration time' claim is off" });
            return Reply::json(401, &[&self.date()], &message);
        }
        assert_eq!(claims.iss, "Iv23liOcto");
        let mut issued = self.issued.lock().expect("a count");
        *issued += 1;
        let token = json!({
            "token": format!("token-{issued}"),
            "expires_at": (now + TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "permissions": { "secret_scanning_alerts": "read" },
        });
        let date = self.date();
        let limit = [
            &date,
            "x-ratelimit-limit: 5000",
            "x-ratelimit-remaining: 4999",
            "x-ratelimit-reset: 4102444800",
        ];
        Reply::json(201, &limit, &token)
    }

    /// Starts a server that issues tokens. It responds to all other requests with
    /// `reply(index, request)`, where `index` counts them from 0.
    async fn start(
        self,
        reply: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static,
    ) -> Server {
        let others = Mutex::new(0);
        Server::start_with(move |_, received| {
            if received.method == "POST" {
                return self.issue(received);
            }
            let mut others = others.lock().expect("a count");
            *others += 1;
            reply(*others - 1, received)
        })
        .await
    }
}

pub(crate) async fn github() -> Server {
    GitHub::new(TimeDelta::zero()).start(|_, _| found()).await
}

fn bearer(received: &Received) -> &str {
    let mut tokens = received
        .headers
        .iter()
        .filter_map(|line| line.strip_prefix("authorization: Bearer "));
    tokens.next().expect("a token")
}

/// The tokens of all requests except those that fetch a token.
fn used_tokens(server: &Server) -> Vec<String> {
    let received = server.received();
    let tokens = received.iter().zip(sent_tokens(server));
    tokens
        .filter(|(request, _)| request.method != "POST")
        .map(|(_, token)| token)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn twenty_concurrent_clones_fetch_one_token() {
    let server = github().await;
    let client = client_with(&server, installation());
    assert_eq!(
        server.connections(),
        0,
        "nothing is sent before the first call"
    );
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        calls.spawn(async move { get(&client).await.map(drop) });
    }
    while let Some(call) = calls.join_next().await {
        call.expect("a task").expect("a request");
    }
    assert_eq!(server.count("POST"), 1);
    assert_eq!(used_tokens(&server), ["token-1"; 20]);
}

#[tokio::test(start_paused = true)]
async fn the_token_is_renewed_before_it_expires() {
    let server = github().await;
    let client = client_with(&server, installation());
    for (after, tokens) in [(0, 1), (54, 1), (2, 2), (54, 2), (120, 3)] {
        advance(MINUTE * after).await;
        get(&client).await.expect("a request");
        assert_eq!(server.count("POST"), tokens, "{after} minutes later");
        assert_eq!(client.usage().token_requests, tokens as u64);
    }
    let expected = ["token-1", "token-1", "token-2", "token-2", "token-3"];
    assert_eq!(used_tokens(&server), expected);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_fetched_and_renewed_by_the_servers_clock() {
    for skew in [
        TimeDelta::days(-1000),
        TimeDelta::hours(-2),
        TimeDelta::hours(2),
    ] {
        let server = GitHub::new(skew).start(|_, _| found()).await;
        let client = client_with(&server, installation());
        at_once(get(&client)).await.expect("a request");
        // The first JWT uses the local clock. All later ones use the server's clock.
        assert_eq!(server.methods(), ["POST", "POST", "GET"], "{skew}");
        advance(MINUTE * 54).await;
        get(&client).await.expect("a request");
        assert_eq!(server.count("POST"), 2, "{skew}");
        advance(MINUTE * 2).await;
        get(&client).await.expect("a request");
        assert_eq!(server.count("POST"), 3, "{skew}");
        assert_eq!(used_tokens(&server), ["token-1", "token-1", "token-2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_clock_is_corrected_even_if_the_401_has_rate_limit_headers() {
    let github = GitHub::new(TimeDelta::hours(2));
    let reset = (github.now() + TimeDelta::minutes(30)).timestamp();
    let server = Server::start_with(move |index, received| match index {
        // These headers describe the limit for unauthenticated requests from this address.
        0 => Reply::json(
            401,
            &[
                &github.date(),
                "x-ratelimit-remaining: 0",
                &format!("x-ratelimit-reset: {reset}"),
            ],
            &json!({ "message": "'Expiration time' claim is off" }),
        ),
        1 => github.issue(received),
        _ => found(),
    });
    let server = server.await;
    let client = client_with(&server, installation());
    at_once(get(&client)).await.expect("a request");
    assert_eq!(server.methods(), ["POST", "POST", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn a_small_clock_skew_needs_no_second_request() {
    for skew in [TimeDelta::seconds(-50), TimeDelta::seconds(50)] {
        let server = GitHub::new(skew).start(|_, _| found()).await;
        get(&client_with(&server, installation()))
            .await
            .expect("a request");
        assert_eq!(server.methods(), ["POST", "GET"], "{skew}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_narrowed_token_is_requested_below_the_root_of_an_enterprise_server() {
    let server = github().await;
    let source = installation()
        .repositories(["smile", "frown"])
        .repository_ids([1, 2])
        .permission("secret_scanning_alerts", "read")
        .permission("contents", "write");
    let client = Client::builder()
        .base_url(format!("{}/api/v3", server.base_url))
        .token_source(source)
        .build();
    get(&client.expect("client")).await.expect("a request");
    let [post, get] = &server.received()[..] else {
        panic!("{:?}", server.methods());
    };
    assert_eq!(post.target, format!("/api/v3{POST}"));
    assert!(get.target.starts_with("/api/v3/repos/"), "{}", get.target);
    for line in [
        "accept: application/vnd.github+json",
        "content-type: application/json",
        "x-github-api-version: 2022-11-28",
    ] {
        assert!(post.headers.iter().any(|header| header == line), "{line}");
    }
    let expected = json!({
        "repositories": ["smile", "frown"],
        "repository_ids": [1, 2],
        "permissions": { "contents": "write", "secret_scanning_alerts": "read" },
    });
    assert_eq!(parse_json(&post.body), expected);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_narrowed_is_requested_with_an_empty_object() {
    let server = github().await;
    get(&client_with(&server, installation()))
        .await
        .expect("a request");
    assert_eq!(parse_json(&server.received()[0].body), json!({}));
    // An empty list is an error, because GitHub may take it to mean all repositories.
    let nothing = installation().repositories([""; 0]);
    let error = failed(get(&client_with(&server, nothing)).await);
    assert!(error.is_invalid_input(), "{error}");
    assert_eq!(server.methods(), ["POST", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_rejected_just_after_it_was_issued_is_sent_again() {
    let rejected_once = |index, received: &Received| match (index, received.method.as_str()) {
        (0, _) => unauthorized(),
        (_, "PATCH") => reviewed(),
        _ => found(),
    };
    let server = GitHub::new(TimeDelta::zero()).start(rejected_once).await;
    let client = client_with(&server, installation());
    takes(1.0..=1.1, get(&client)).await.expect("a request");
    assert_eq!(server.methods(), ["POST", "GET", "GET"]);
    assert_eq!(used_tokens(&server), ["token-1"; 2]);

    let server = GitHub::new(TimeDelta::zero()).start(rejected_once).await;
    let client = client_with(&server, installation());
    approve(&client).await.expect("a review");
    assert_eq!(server.methods(), ["POST", "PATCH", "PATCH"]);

    // A second 401 is final.
    let rejected = |_, _: &Received| unauthorized();
    let server = GitHub::new(TimeDelta::zero()).start(rejected).await;
    let error = failed(get(&client_with(&server, installation())).await);
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(server.methods(), ["POST", "GET", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_rejected_later_is_replaced() {
    let revoked = |index, received: &Received| match (index, bearer(received)) {
        (0, _) | (_, "token-2") => found(),
        _ => unauthorized(),
    };
    let server = GitHub::new(TimeDelta::zero()).start(revoked).await;
    let client = client_with(&server, installation());
    get(&client).await.expect("a request");
    advance(MINUTE).await;
    let (one, two) = tokio::join!(get(&client), get(&client));
    one.and(two).expect("two requests");
    assert_eq!(server.count("POST"), 2, "one new token for both calls");
    get(&client).await.expect("a request");
    assert_eq!(server.count("POST"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_and_a_clock_correction_apply_to_one_host() {
    let limited = Reply::new(429, &["retry-after: 3600"], "");
    let limiting = Server::start(vec![limited]).await;
    let slow = GitHub::new(TimeDelta::hours(-2));
    let slow = slow.start(|_, _| found()).await;
    let source = installation();
    let error = failed(get(&client_with(&limiting, source.clone())).await);
    assert!(error.is_rate_limited(), "{error}");
    at_once(get(&client_with(&slow, source.clone())))
        .await
        .expect("a request");
    assert_eq!(slow.methods(), ["POST", "POST", "GET"]);
    let server = github().await;
    at_once(get(&client_with(&server, source)))
        .await
        .expect("a request");
    assert_eq!(server.methods(), ["POST", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn if_github_issues_no_token_nothing_else_is_sent() {
    for status in [401, 403, 404, 422, 301, 200] {
        let message = json!({ "message": "No.", "token": "s3cret" });
        let server = Server::start(vec![Reply::json(status, &[], &message)]).await;
        let client = client_with(&server, installation());
        let mut calls = JoinSet::new();
        for _ in 0..20 {
            let client = client.clone();
            calls.spawn(async move { approve(&client).await.map(drop) });
        }
        while let Some(call) = calls.join_next().await {
            let error = failed(call.expect("a task"));
            assert!(error.is_token_missing() && !error.is_ambiguous(), "{error}");
            assert!(!error.is_not_found() && !error.is_validation_failed());
            assert_eq!(error.status(), Some(status));
            assert_eq!(error.request_id(), Some("AB:12"));
            let text = error.to_string();
            let expected =
                ": no token for installation 7 of app Iv23liOcto: GitHub refused to issue one";
            assert!(text.contains(expected), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
        assert_eq!(
            server.methods(),
            ["POST"],
            "one request for all calls, {status}"
        );
        // The failure is not cached.
        failed(approve(&client).await);
        assert_eq!(server.methods(), ["POST", "POST"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_valid_token_is_not_shown() {
    let body = json!({ "token": "s3cret", "expires_at": "s3cret" });
    let server = Server::start(vec![Reply::json(201, &[], &body)]).await;
    let error = failed(get(&client_with(&server, installation())).await);
    assert!(error.is_token_missing(), "{error}");
    assert!(
        !format!("{error} {error:?}").contains("s3cret"),
        "{error:?}"
    );
    assert_eq!(server.methods(), ["POST"]);
}

#[tokio::test(start_paused = true)]
async fn failures_to_fetch_a_token_are_retried_and_distinguished() {
    let server = Server::start(vec![Reply::new(502, &[], "")]).await;
    let error = failed(approve(&client_with(&server, installation())).await);
    assert!(error.is_server_error() && !error.is_ambiguous(), "{error}");
    assert_eq!(server.methods(), ["POST"; 3]);

    let closed = ClosedPort::reserve();
    let unreachable = Client::builder().base_url(closed.base_url());
    let unreachable = unreachable.token_source(installation()).build();
    let error = failed(get(&unreachable.expect("client")).await);
    assert!(error.is_connect(), "{error}");
    let text = error.to_string();
    let address = closed.address();
    let expected =
        format!(": not sent, because no token could be obtained: no connection to {address} (");
    assert!(text.contains(&expected), "{text}");

    let limited = Reply::new(429, &["retry-after: 3600"], "");
    let server = Server::start(vec![limited]).await;
    let client = client_with(&server, installation());
    for _ in 0..2 {
        let error = failed(at_once(get(&client)).await);
        assert!(error.is_rate_limited() && error.retry_at().is_some());
    }
    assert_eq!(server.methods(), ["POST"], "the second call sends nothing");
}

#[tokio::test(start_paused = true)]
async fn a_503_with_a_long_retry_after_fails_at_once() {
    let down = Reply::new(503, &["retry-after: 3600"], "");
    let server = Server::start(vec![down]).await;
    let error = failed(at_once(approve(&client_with(&server, installation()))).await);
    assert!(error.is_server_error() && !error.is_ambiguous(), "{error}");
    assert!(error.retry_at().is_some());
    assert!(
        error
            .to_string()
            .contains(": not sent, because no token could be obtained: "),
        "{error}"
    );
    assert_eq!(server.methods(), ["POST"]);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_token_requests_is_not_the_limit_of_the_client() {
    let server = GitHub::new(TimeDelta::zero()).start(|_, _| found()).await;
    let client = client_with(&server, installation());
    get(&client).await.expect("a request");
    assert_eq!(server.methods(), ["POST", "GET"]);
    assert!(client.rate_limit().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_token_request_waits_for_a_short_rate_limit() {
    let github = GitHub::new(TimeDelta::zero());
    let reply = move |index, received: &Received| match received.method.as_str() {
        "POST" if index == 0 => Reply::new(429, &["retry-after: 5"], ""),
        "POST" => github.issue(received),
        _ => found(),
    };
    let server = Server::start_with(reply).await;
    let call = takes(5.0..7.0, get(&client_with(&server, installation()))).await;
    call.expect("a request");
    assert_eq!(server.methods(), ["POST", "POST", "GET"]);
}

/// A server that issued a token 56 minutes ago, and rate-limits its renewal for `seconds`. It
/// responds to all other requests with `reply`.
async fn rate_limited_renewal(
    seconds: u32,
    reply: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> (Server, Client) {
    let github = GitHub::new(TimeDelta::zero());
    let token_requests = Mutex::new(0);
    let server = Server::start_with(move |_, received| {
        if received.method != "POST" {
            return reply(received);
        }
        let mut token_requests = token_requests.lock().expect("a count");
        *token_requests += 1;
        match *token_requests {
            2 => Reply::new(429, &[&format!("retry-after: {seconds}")], ""),
            _ => github.issue(received),
        }
    });
    let server = server.await;
    let client = client_with(&server, installation());
    get(&client).await.expect("a request");
    advance(MINUTE * 56).await;
    (server, client)
}

#[tokio::test(start_paused = true)]
async fn a_rate_limited_renewal_is_postponed_while_the_token_is_valid() {
    let (server, client) = rate_limited_renewal(120, |_| found()).await;
    for _ in 0..2 {
        at_once(get(&client)).await.expect("a request");
    }
    advance(Duration::from_secs(119)).await;
    at_once(get(&client)).await.expect("a request");
    assert_eq!(server.count("POST"), 2);
    advance(Duration::from_secs(1)).await;
    at_once(get(&client)).await.expect("a request");
    assert_eq!(server.count("POST"), 3);
    let used = used_tokens(&server);
    assert_eq!(used[..4], ["token-1"; 4]);
    assert_eq!(used[4..], ["token-2"]);
}

#[tokio::test(start_paused = true)]
async fn after_the_token_has_expired_calls_wait_for_the_rest_of_the_rate_limit() {
    let (server, client) = rate_limited_renewal(10 * 60, |_| found()).await;
    at_once(get(&client)).await.expect("a request");
    advance(MINUTE * 4).await;
    for _ in 0..2 {
        let error = failed(at_once(approve(&client)).await);
        assert!(error.is_rate_limited() && !error.is_ambiguous(), "{error}");
        let wait = error.retry_at().expect("an instant") - Utc::now();
        assert!((355..=360).contains(&wait.num_seconds()), "{wait}");
    }
    assert_eq!(server.count("POST"), 2, "not requested while rate limited");
    advance(MINUTE * 5).await;
    takes(59.0..=61.0, get(&client)).await.expect("a request");
    assert_eq!(
        server.methods(),
        ["POST", "GET", "POST", "GET", "POST", "GET"]
    );
    assert_eq!(used_tokens(&server), ["token-1", "token-1", "token-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_rejected_while_its_renewal_is_rate_limited_is_not_replaced() {
    let revoked = Arc::new(Mutex::new(false));
    let is_revoked = revoked.clone();
    let reply = move |_: &Received| match *is_revoked.lock().expect("a flag") {
        true => unauthorized(),
        false => found(),
    };
    let (server, client) = rate_limited_renewal(10 * 60, reply).await;
    at_once(get(&client)).await.expect("a request");
    *revoked.lock().expect("a flag") = true;
    for _ in 0..2 {
        let error = failed(at_once(get(&client)).await);
        assert!(error.is_rate_limited(), "{error}");
    }
    assert_eq!(server.methods(), ["POST", "GET", "POST", "GET", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_does_not_block_calls_while_the_token_is_valid() {
    let github = GitHub::new(TimeDelta::zero());
    let reply = move |index, received: &Received| match received.method.as_str() {
        "POST" if index > 0 => github.issue(received).after(Duration::from_secs(10)),
        "POST" => github.issue(received),
        _ => found(),
    };
    let server = Server::start_with(reply).await;
    let client = client_with(&server, installation());
    get(&client).await.expect("a request");
    advance(MINUTE * 56).await;
    let renewing = get(&client);
    let meanwhile = async {
        tokio::task::yield_now().await;
        at_once(get(&client)).await
    };
    let (renewed, meanwhile) = takes(10.0..11.0, async { tokio::join!(renewing, meanwhile) }).await;
    renewed.and(meanwhile).expect("two requests");
    let used = used_tokens(&server);
    assert_eq!(used, ["token-1", "token-1", "token-2"]);
}

#[tokio::test(start_paused = true)]
async fn extreme_dates_cause_no_panic() {
    for date in [
        "Fri, 31 Dec 262142 23:58:00 GMT",
        "Mon, 01 Jan 0000 00:00:00 GMT",
    ] {
        let headers: &[&str] = &[&format!("date: {date}")];
        let server = Server::start(vec![Reply::json(401, headers, &json!({}))]).await;
        for _ in 0..2 {
            let error = failed(approve(&client_with(&server, installation())).await);
            assert!(error.is_token_missing(), "{date}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_is_used_while_it_is_valid() {
    let github = GitHub::new(TimeDelta::zero());
    let down = Arc::new(Mutex::new(false));
    let is_down = down.clone();
    let server = Server::start_with(move |_, received| match received.method.as_str() {
        "POST" if *is_down.lock().expect("a flag") => Reply::new(502, &[], ""),
        "POST" => github.issue(received),
        _ => found(),
    });
    let server = server.await;
    let client = client_with(&server, installation());
    get(&client).await.expect("a request");
    *down.lock().expect("a flag") = true;
    advance(MINUTE * 56).await;
    get(&client).await.expect("a request");
    at_once(get(&client))
        .await
        .expect("a request without another renewal");
    assert_eq!(used_tokens(&server), ["token-1"; 3]);
    // An expired token is not used, even if the next renewal is not due yet.
    advance(Duration::from_secs(220)).await;
    get(&client).await.expect("a request");
    advance(Duration::from_secs(20)).await;
    assert!(failed(get(&client).await).is_server_error());
    assert_eq!(used_tokens(&server), ["token-1"; 4]);
    *down.lock().expect("a flag") = false;
    get(&client).await.expect("a request");
    assert_eq!(
        used_tokens(&server).last().map(String::as_str),
        Some("token-2")
    );
}

#[tokio::test(start_paused = true)]
async fn one_hosts_token_is_not_sent_to_another() {
    let (one, other) = (github().await, github().await);
    let source = installation();
    for server in [&one, &other] {
        get(&client_with(server, source.clone()))
            .await
            .expect("a request");
        assert_eq!(server.methods(), ["POST", "GET"]);
    }
}

#[tokio::test(start_paused = true)]
async fn clones_share_a_token_unless_they_narrow_it_differently() {
    let server = github().await;
    let source = installation();
    let narrowed = source.clone().permission("contents", "read");
    for source in [source.clone(), source, narrowed] {
        get(&client_with(&server, source)).await.expect("a request");
    }
    assert_eq!(server.methods(), ["POST", "GET", "GET", "POST", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn the_key_the_jwt_and_the_token_are_not_printed() {
    let capture = Capture::start();
    let server = GitHub::new(TimeDelta::hours(2))
        .start(|index, _| if index == 0 { unauthorized() } else { found() })
        .await;
    let source = installation();
    let client = client_with(&server, source.clone());
    get(&client).await.expect("a request");
    let text = format!("{source:?} {source:#?} {client:?} {}", capture.text());
    assert!(text.contains("received an installation token"), "{text}");
    let span = "operation=apps/create-installation-access-token method=POST path=/app/";
    assert!(text.contains(span), "{text}");
    let pem = KEY.serialize_pem();
    let lines = pem.lines().map(str::to_owned);
    let signed = sent_tokens(&server).into_iter().take(2);
    let parts = signed.flat_map(|jwt| jwt.split('.').map(str::to_owned).collect::<Vec<_>>());
    for secret in lines.chain(parts).chain(["token-1".to_owned()]) {
        assert!(!text.contains(&secret), "{secret}");
    }
}

#[test]
fn an_invalid_key_is_rejected_and_not_shown() {
    let elliptic = KeyPair::generate().expect("a key").serialize_pem();
    let public = KEY.public_key_pem();
    let cut: String = KEY.serialize_pem().lines().take(9).collect();
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nczNjcmV0\n-----END ENCRYPTED PRIVATE KEY-----";
    let path = "octo-bot.private-key.pem";
    let old_locked = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nczNjcmV0\n-----END RSA PRIVATE KEY-----";
    for (key, found) in [
        ("", "text in another format"),
        ("s3cret", "text in another format"),
        (path, "text in another format"),
        (&elliptic, "a damaged key or a key of another type"),
        (&cut, "a damaged key or a key of another type"),
        (&public, "a public key"),
        (locked, "an encrypted key"),
        (old_locked, "an encrypted key"),
        ("-----BEGIN CERTIFICATE-----", "a certificate"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "an OpenSSH key"),
        ("-----BEGIN EC PRIVATE KEY-----", "an EC key"),
    ] {
        let error = AppInstallation::new(1, 7, &Secret::new(key)).expect_err("no key");
        assert!(error.is_invalid_input(), "{error}");
        let expected = format!(
            "`private_key` must be an unencrypted RSA private key in PEM format, not {found}"
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn f90_a_key_from_an_environment_variable_is_read() {
    let pem = KEY.serialize_pem();
    let escaped = pem.replace('\n', "\\n");
    for key in [
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\\r\\n"),
        format!("\"{escaped}\""),
        format!("'{pem}'"),
        format!("\"{pem}\"\n"),
        format!("\n\n{pem}\n\n \n"),
        pem.lines().map(|line| format!("  {line}\n")).collect(),
        escaped,
    ] {
        let source = AppInstallation::new("Iv23liOcto", 7, &Secret::new(key.clone()));
        let source = source.unwrap_or_else(|error| panic!("{error}: {key:?}"));
        let server = github().await;
        get(&client_with(&server, source)).await.expect("a request");
    }
}

/// GitHub issues PKCS#1 keys. The other tests use a PKCS#8 key, because some users convert their
/// key to PKCS#8.
#[tokio::test(start_paused = true)]
async fn a_key_in_the_format_that_github_issues_is_accepted() {
    // In a PKCS#8 key, 26 bytes precede the PKCS#1 key: a version, an algorithm and two lengths.
    let der = BASE64_STANDARD.encode(&KEY.serialize_der()[26..]);
    let lines: Vec<&str> = der
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).expect("ASCII"))
        .collect();
    let pem = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n",
        lines.join("\n")
    );
    let source = AppInstallation::new("Iv23liOcto", 7, &Secret::new(pem)).expect("a key");
    let server = github().await;
    get(&client_with(&server, source)).await.expect("a request");
    let jwt = sent_tokens(&server).remove(0);
    let header = BASE64_URL_SAFE_NO_PAD.decode(jwt.split('.').next().expect("a header"));
    let header: Value = parse_json(&header.expect("base64"));
    assert_eq!(header["alg"], "RS256");
}
