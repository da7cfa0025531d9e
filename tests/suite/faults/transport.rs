//! F13–F26: what happens to a connection and to the answer's frame.

use std::time::Duration;

use chrono::Utc;
use github_bypass_requests::{Client, Confirmation, Error};
use serde_json::json;
use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep, timeout};

use super::calls::{JSON, approve, dismiss, get, list};
use super::clean::{AT_ONCE, READ_BACK, RETRIED, within};
use super::harness::{Reply, Server, date, head};
use super::tls::{Authority, Front};
use crate::support::{TOKEN, request};

fn good() -> Reply {
    Reply::json(200, &[&date(Utc::now())], &request(42))
}

/// A head of GitHub's that announces `length` bytes of JSON.
fn announcing(length: usize) -> Vec<u8> {
    let length = format!("content-length: {length}");
    head(200, &[JSON, "x-github-request-id: AB:12", &length])
}

/// Answers reads with `read`, and writes with `write`.
async fn by_method(read: Reply, write: Reply) -> Server {
    Server::answering(move |_, received| match received.method.as_str() {
        "GET" => read.clone(),
        _ => write.clone(),
    })
    .await
}

fn with_base_url(base_url: &str) -> Client {
    let client = Client::builder().base_url(base_url).token(TOKEN);
    client.build().expect("client")
}

/// A label of 64 characters is one too long: the resolver refuses it by itself, so that it does not
/// matter whether there is a network, nor whose. While it is asked, a paused clock stands still.
#[tokio::test(start_paused = true)]
async fn f13_a_name_that_does_not_resolve_is_no_connection() {
    let host = format!("{}.invalid", "x".repeat(64));
    let client = with_base_url(&format!("https://{host}/api/v3"));
    let started = Instant::now();
    let read = within(RETRIED, get(&client)).await;
    assert!(started.elapsed() > Duration::from_secs(1), "tried again");
    // Nothing was sent: what has become of a write is known.
    let review = within(RETRIED, approve(&client)).await;
    for error in [read.map(drop), review.map(drop)] {
        let error = error.expect_err("no such name");
        assert!(error.is_connect() && !error.is_ambiguous(), "{error}");
        assert_eq!(error.status(), None);
        let where_to = format!(": no connection to {host} (");
        assert!(error.to_string().contains(&where_to), "{error}");
    }
}

/// However long the resolver of this machine takes, if the name is not refused out of hand.
#[tokio::test]
async fn f13_a_name_that_is_still_looked_up_ends_with_the_connect_timeout() {
    let client = Client::builder().base_url("https://x.invalid").token(TOKEN);
    let client = client
        .connect_timeout(Duration::from_millis(50))
        .max_attempts(1)
        .build()
        .expect("client");
    let error = within(Duration::from_secs(1), get(&client)).await;
    assert!(error.expect_err("no such name").is_connect());
}

/// On an address of its own, since another test may be given a port of 127.0.0.1 that was freed.
#[tokio::test(start_paused = true)]
async fn f14_a_server_that_comes_back_is_asked_again() {
    let listener = std::net::TcpListener::bind("127.0.0.14:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let client = with_base_url(&format!("http://{address}"));
    let down = within(RETRIED, get(&client)).await.expect_err("refused");
    assert!(down.is_connect(), "{down}");

    let comes_back = async || {
        sleep(Duration::from_millis(300)).await;
        Server::answering_at(address, |_, received| match received.method.as_str() {
            "GET" => good(),
            "PATCH" => Reply::json(200, &[], &json!({ "bypass_review_id": 7 })),
            _ => Reply::new(204, &[], ""),
        })
        .await
    };
    let (read, server) = within(RETRIED, async { tokio::join!(get(&client), comes_back()) }).await;
    read.expect("read");
    assert_eq!(server.methods(), ["GET"]);
    drop(server);

    // A new client, without a connection that is still open. Nothing was sent, so that writes are
    // tried again, too, without a look.
    let client = with_base_url(&format!("http://{address}"));
    sleep(Duration::from_millis(1)).await;
    let both = async { tokio::join!(approve(&client), comes_back()) };
    let (review, server) = within(RETRIED, both).await;
    let review = review.expect("applied");
    assert_eq!(review.confirmation, Confirmation::Response);
    assert_eq!(server.methods(), ["PATCH"]);
    drop(server);

    let client = with_base_url(&format!("http://{address}"));
    sleep(Duration::from_millis(1)).await;
    let both = async { tokio::join!(dismiss(&client), comes_back()) };
    let (dismissal, server) = within(RETRIED, both).await;
    assert!(dismissal.expect("applied").confirmed);
    assert_eq!(server.methods(), ["DELETE"]);
}

/// A listener that never accepts and whose backlog is full: the system drops what else knocks.
#[tokio::test(start_paused = true)]
async fn f15_a_black_hole_ends_with_the_connect_timeout() {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(([127, 0, 0, 1], 0).into())
        .expect("a free port");
    let listener = socket.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let knock = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(20));
    let fillers: Vec<_> = std::iter::from_fn(|| knock().ok()).take(4096).collect();
    assert!(fillers.len() < 4096, "the backlog has no end");

    let client = with_base_url(&format!("http://{address}"));
    // Three attempts of 5 seconds.
    let bound = RETRIED + Duration::from_secs(15);
    let error = within(bound, get(&client)).await.expect_err("a black hole");
    assert!(error.is_connect(), "{error}");
    // Since nothing was sent, it is known that nothing was recorded.
    let error = within(bound, approve(&client)).await;
    let error = error.expect_err("a black hole");
    assert!(error.is_connect() && !error.is_ambiguous(), "{error}");

    // Also where one attempt has less time than a connection.
    let hasty = Client::builder()
        .base_url(format!("http://{address}"))
        .token(TOKEN)
        .attempt_timeout(Duration::from_secs(3))
        .build()
        .expect("client");
    let error = within(bound, approve(&hasty)).await;
    let error = error.expect_err("a black hole");
    assert!(error.is_connect() && !error.is_ambiguous(), "{error}");

    // Whatever waits in the backlog came from the test itself.
    let own: Vec<_> = fillers.iter().map(|filler| filler.local_addr()).collect();
    let own: Vec<_> = own.into_iter().map(|own| own.expect("address")).collect();
    drop((client, hasty));
    while let Ok(accepted) = timeout(Duration::from_millis(1), listener.accept()).await {
        let (_, peer) = accepted.expect("accepts");
        assert!(own.contains(&peer), "{peer} is not the test's");
    }
}

#[tokio::test(start_paused = true)]
async fn f16_only_a_certificate_for_this_host_by_a_trusted_authority_will_do() {
    let authority = Authority::new("trusted");
    let stranger = Authority::new("stranger");
    let server = by_method(good(), Reply::new(204, &[], "")).await;
    for (identity, why) in [
        (Authority::self_signed("127.0.0.1"), "UnknownIssuer"),
        (stranger.issue("127.0.0.1"), "UnknownIssuer"),
        (authority.issue_expired("127.0.0.1"), "expired"),
        (authority.issue("ghes.example.com"), "not valid for name"),
    ] {
        let front = Front::start(&server, identity).await;
        let client = server.builder().base_url(&front.base_url);
        let client = client.root_certificate_pem(authority.pem());
        let client = client.build().expect("client");
        let read = within(RETRIED, get(&client)).await.map(drop);
        let dismissal = within(RETRIED, dismiss(&client)).await.map(drop);
        for error in [read, dismissal].map(|result| result.expect_err(why)) {
            assert!(error.is_connect(), "{why}: {error}");
            assert!(error.to_string().contains(why), "{why}: {error}");
        }
        assert_eq!(front.connections(), 6);
    }
    assert_eq!(server.connections(), 0, "not a byte got through");
}

/// On the real clock: a handshake that succeeds takes more turns than a paused clock waits for.
#[tokio::test]
async fn f16_an_authority_that_the_caller_gives_is_trusted() {
    let authority = Authority::new("trusted");
    let server = by_method(good(), Reply::new(204, &[], "")).await;
    let front = Front::start(&server, authority.issue("127.0.0.1")).await;
    let client = server.builder().base_url(&front.base_url).max_attempts(1);
    let untrusting = client.build().expect("client");
    let error = get(&untrusting).await.expect_err("unknown authority");
    assert!(error.is_connect(), "{error}");
    assert_eq!(server.connections(), 0);
    let client = server.builder().base_url(&front.base_url);
    let client = client.root_certificate_pem(authority.pem());
    let client = client.build().expect("client");
    get(&client).await.expect("trusted");
    assert_eq!(server.methods(), ["GET"]);
}

/// Answers the first request with `first`, and then as a server should.
async fn recovers_from(first: Reply, bound: Duration) -> Server {
    let server = Server::start(vec![first, good()]).await;
    let client = server.client();
    within(bound, get(&client)).await.expect("recovers");
    assert_eq!(server.methods(), ["GET", "GET"]);
    server
}

/// Answers with `reply` for ever: the error, after this many requests.
async fn fails_for_good(reply: Reply, requests: usize, bound: Duration) -> Error {
    let server = Server::start(vec![reply]).await;
    let client = server.client();
    let error = within(bound, get(&client)).await.expect_err("fails");
    assert_eq!(server.methods(), vec!["GET"; requests]);
    error
}

#[tokio::test(start_paused = true)]
async fn f17_a_body_cut_short_is_read_again() {
    let cut = Reply::bytes([announcing(100), vec![b' '; 50]].concat()).then_close();
    recovers_from(cut.clone(), RETRIED).await;
    let error = fails_for_good(cut, 3, RETRIED).await;
    assert!(error.is_interrupted(), "{error}");
    assert_eq!(error.status(), Some(200));
}

/// The second delay is twice the first: each is spread from half of it to one and a half.
#[tokio::test(start_paused = true)]
async fn f17_the_delays_grow() {
    for _ in 0..20 {
        let cut = Reply::bytes(announcing(100)).then_close();
        let server = Server::start(vec![cut]).await;
        let read = within(RETRIED, get(&server.client())).await;
        read.expect_err("cut short");
        let times: Vec<Instant> = server.received().iter().map(|it| it.at).collect();
        let millis = |index: usize| (times[index] - times[index - 1]).as_millis();
        assert!((500..=1510).contains(&millis(1)), "{}", millis(1));
        assert!((1000..=3010).contains(&millis(2)), "{}", millis(2));
    }
}

#[tokio::test(start_paused = true)]
async fn f18_a_reset_within_a_body_is_read_again() {
    let reset = Reply::bytes([announcing(100), vec![b' '; 50]].concat()).then_reset();
    recovers_from(reset.clone(), RETRIED).await;
    let error = fails_for_good(reset, 3, RETRIED).await;
    assert!(error.is_interrupted(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn f19_a_connection_that_closes_without_a_byte_is_no_answer() {
    let close = Reply::nothing().then_close();
    recovers_from(close.clone(), RETRIED).await;
    let error = fails_for_good(close.clone(), 3, RETRIED).await;
    assert!(error.is_interrupted(), "{error}");
    assert_eq!(error.status(), None);

    // On a connection that was good before, where an HTTP library may try again by itself.
    let server = Server::start(vec![good(), close.clone(), good()]).await;
    let client = server.client();
    within(AT_ONCE, get(&client)).await.expect("read");
    within(RETRIED, get(&client)).await.expect("read");
    assert_eq!(server.methods(), ["GET", "GET", "GET"]);
    assert_eq!(server.connections(), 2);

    let mut approved = request(42);
    approved["status"] = "completed".into();
    approved["responses"] = json!([{
        "id": 7, "status": "approved", "created_at": Utc::now(), "reviewer": { "actor_name": "mona" },
    }]);
    let approved = Reply::json(200, &[&date(Utc::now())], &approved);
    let server = Server::start(vec![good(), close, approved]).await;
    let client = server.client();
    within(AT_ONCE, get(&client)).await.expect("read");
    let review = within(READ_BACK, approve(&client)).await.expect("seen");
    assert!(matches!(review.confirmation, Confirmation::ReadBack { .. }));
    assert_eq!(review.response_id.map(i64::from), Some(7));
    assert_eq!(server.methods(), ["GET", "PATCH", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f20_headers_that_trickle_end_with_the_read_timeout() {
    let slow = Reply::nothing().then_trickle(announcing(0), Duration::from_secs(1));
    // The HTTP library takes headers that are not complete for silence: three times 15 seconds.
    let bound = RETRIED + Duration::from_secs(45);
    let error = fails_for_good(slow.clone(), 3, bound).await;
    assert!(error.is_timeout(), "{error}");
    recovers_from(slow, Duration::from_secs(17)).await;
}

#[tokio::test(start_paused = true)]
async fn f21_a_body_that_trickles_ends_with_the_attempt() {
    // Never silent for as long as the read timeout.
    let slow = Reply::bytes(announcing(100)).then_trickle([b' '; 100], Duration::from_secs(10));
    // 30 s, a wait, 30 s: a third attempt would start later than 60 s after the call did.
    let error = fails_for_good(slow.clone(), 2, Duration::from_secs(62)).await;
    assert!(error.is_timeout(), "{error}");
    recovers_from(slow, Duration::from_secs(32)).await;
}

#[tokio::test(start_paused = true)]
async fn f22_a_stall_within_a_body_ends_with_the_read_timeout() {
    let stall = Reply::bytes([announcing(100), vec![b' '; 50]].concat()).then_stall();
    let error = fails_for_good(stall.clone(), 3, RETRIED + Duration::from_secs(45)).await;
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.status(), Some(200));
    recovers_from(stall, Duration::from_secs(17)).await;
}

/// More than the HTTP library takes: no answer that could be read, and no answer of GitHub's.
#[tokio::test(start_paused = true)]
async fn f23_headers_without_measure_are_a_broken_answer() {
    let lines: Vec<String> = (0..101).map(|n| format!("x-{n}: y")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let long = format!("x-long: {}", "y".repeat(500 << 10));
    for headers in [lines.as_slice(), &[&long]] {
        let too_much = Reply::json(200, headers, &request(42));
        recovers_from(too_much.clone(), RETRIED).await;
        let error = fails_for_good(too_much.clone(), 3, RETRIED).await;
        assert!(error.is_interrupted(), "{error}");
        assert!(error.to_string().len() < 1000, "{error}");

        let server = by_method(good(), too_much).await;
        let error = within(READ_BACK, dismiss(&server.client())).await;
        assert!(error.expect_err("no answer").is_ambiguous());
        assert_eq!(server.methods(), ["DELETE", "DELETE"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f24_switching_protocols_is_no_answer() {
    let switch = head(101, &["connection: upgrade", "upgrade: websocket"]);
    let switch = Reply::bytes(switch);
    recovers_from(switch.clone(), RETRIED).await;
    let error = fails_for_good(switch.clone(), 3, RETRIED).await;
    assert!(!error.is_decode() && !error.is_server_error(), "{error}");

    let server = by_method(good(), switch).await;
    let error = within(READ_BACK, approve(&server.client())).await;
    let error = error.expect_err("unknown");
    assert!(error.is_ambiguous(), "{error}");
    let methods = ["PATCH", "GET", "GET", "GET", "PATCH", "GET", "GET", "GET"];
    assert_eq!(server.methods(), methods);
}

/// What follows an answer without a body must never be taken for the answer to the next request.
#[tokio::test(start_paused = true)]
async fn f25_a_body_after_a_204_is_nobodys_answer() {
    let body = br#"{"bypass_review_id": 666}"#;
    let smuggled = [announcing(body.len()), body.to_vec()].concat();
    let length = format!("content-length: {}", smuggled.len());
    for headers in [vec![], vec![length.as_str()]] {
        let bytes = [head(204, &headers), smuggled.clone()].concat();
        let server = Server::answering(move |_, received| match received.method.as_str() {
            "DELETE" => Reply::bytes(bytes.clone()),
            "PATCH" => Reply::json(200, &[], &json!({ "bypass_review_id": 7 })),
            _ => good(),
        });
        let server = server.await;
        let client = server.client();
        let dismissal = within(AT_ONCE, dismiss(&client)).await;
        assert!(dismissal.expect("dismissed").confirmed);
        let review = within(READ_BACK, approve(&client)).await.expect("applied");
        assert_eq!(review.response_id.map(i64::from), Some(7));
        within(AT_ONCE, get(&client)).await.expect("read");
        assert_eq!(server.methods(), ["DELETE", "PATCH", "GET"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f26_accepted_is_not_done() {
    let accepted = || Reply::json(202, &[], &request(42));
    let server = Server::start(vec![accepted()]).await;
    let client = server.client();
    for error in [
        within(AT_ONCE, get(&client)).await.expect_err("202"),
        within(AT_ONCE, list(&client)).await.expect_err("202"),
    ] {
        assert_eq!(error.status(), Some(202));
        assert!(!error.is_decode(), "{error}");
        assert!(error.to_string().contains(": 202 Accepted ("), "{error}");
    }
    assert_eq!(server.methods(), ["GET", "GET"]);

    let server = by_method(good(), accepted()).await;
    let client = server.client();
    let error = within(READ_BACK, approve(&client)).await.expect_err("202");
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(error.status(), Some(202));
    let methods = ["PATCH", "GET", "GET", "GET", "PATCH", "GET", "GET", "GET"];
    assert_eq!(server.methods(), methods);
    let error = within(READ_BACK, dismiss(&client)).await.expect_err("202");
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(server.count("DELETE"), 2);
}
