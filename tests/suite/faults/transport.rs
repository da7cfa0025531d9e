//! F13–F26: connection failures and malformed HTTP responses.

use std::time::Duration;

use chrono::Utc;
use github_bypass_requests::{Client, Confirmation, Error};
use serde_json::json;
use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep, timeout};

use super::calls::{JSON, approve, dismiss, get, list};
use super::clean::{AT_ONCE, READ_BACK, RETRIED, within};
use super::harness::{Reply, Server, date, head};
use super::tls::{Authority, TlsProxy};
use crate::support::{TOKEN, request};

fn good() -> Reply {
    Reply::json(200, &[&date(Utc::now())], &request(42))
}

/// Returns the head of a GitHub response. The head announces `length` bytes of JSON.
fn announcing(length: usize) -> Vec<u8> {
    let length = format!("content-length: {length}");
    head(200, &[JSON, "x-github-request-id: AB:12", &length])
}

/// A server that responds to reads with `read` and to writes with `write`.
async fn by_method(read: Reply, write: Reply) -> Server {
    Server::start_with(move |_, received| match received.method.as_str() {
        "GET" => read.clone(),
        _ => write.clone(),
    })
    .await
}

fn with_base_url(base_url: &str) -> Client {
    let client = Client::builder().base_url(base_url).token(TOKEN);
    client.build().expect("client")
}

/// A DNS label of 64 characters is too long, so the resolver rejects the name without network
/// access. The paused clock does not advance during the lookup.
#[tokio::test(start_paused = true)]
async fn f13_an_unresolvable_host_name_is_a_connect_error() {
    let host = format!("{}.invalid", "x".repeat(64));
    let client = with_base_url(&format!("https://{host}/api/v3"));
    let started = Instant::now();
    let read = within(RETRIED, get(&client)).await;
    assert!(started.elapsed() > Duration::from_secs(1), "retried");
    // Nothing was sent, so the outcome of a write is not ambiguous.
    let review = within(RETRIED, approve(&client)).await;
    for error in [read.map(drop), review.map(drop)] {
        let error = error.expect_err("no such name");
        assert!(error.is_connect() && !error.is_ambiguous(), "{error}");
        assert_eq!(error.status(), None);
        let expected = format!(": no connection to {host} (");
        assert!(error.to_string().contains(&expected), "{error}");
    }
}

/// The resolver of the test machine may take longer than the timeout, or reject the name at once.
#[tokio::test]
async fn f13_name_resolution_ends_with_the_connect_timeout() {
    let client = Client::builder().base_url("https://x.invalid").token(TOKEN);
    let client = client
        .connect_timeout(Duration::from_millis(50))
        .max_attempts(1)
        .build()
        .expect("client");
    let error = within(Duration::from_secs(1), get(&client)).await;
    assert!(error.expect_err("no such name").is_connect());
}

/// This test uses its own address, because another test could bind a freed port of 127.0.0.1.
#[tokio::test(start_paused = true)]
async fn f14_calls_are_retried_until_the_server_is_back() {
    let listener = std::net::TcpListener::bind("127.0.0.14:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let client = with_base_url(&format!("http://{address}"));
    let down = within(RETRIED, get(&client)).await.expect_err("refused");
    assert!(down.is_connect(), "{down}");

    let comes_back = async || {
        sleep(Duration::from_millis(300)).await;
        Server::start_at(address, |_, received| match received.method.as_str() {
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

    // A new client has no open connection, so its first attempt sends nothing. The client retries
    // the write without a read-back.
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
    assert!(dismissal.expect("applied").confirmation.is_response());
    assert_eq!(server.methods(), ["DELETE"]);
}

/// The listener accepts no connections and its backlog is full, so the system drops new
/// connections.
#[tokio::test(start_paused = true)]
async fn f15_a_connection_that_is_never_accepted_ends_with_the_connect_timeout() {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(([127, 0, 0, 1], 0).into())
        .expect("a free port");
    let listener = socket.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let connect = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(20));
    let fillers: Vec<_> = std::iter::from_fn(|| connect().ok()).take(4096).collect();
    assert!(fillers.len() < 4096, "the backlog is unlimited");

    let client = with_base_url(&format!("http://{address}"));
    // Three attempts take 5 seconds each.
    let bound = RETRIED + Duration::from_secs(15);
    let error = within(bound, get(&client))
        .await
        .expect_err("no connection");
    assert!(error.is_connect(), "{error}");
    // Nothing was sent, so nothing can have been recorded.
    let error = within(bound, approve(&client)).await;
    let error = error.expect_err("no connection");
    assert!(error.is_connect() && !error.is_ambiguous(), "{error}");

    // The same applies if the attempt timeout is shorter than the connect timeout.
    let hasty = Client::builder()
        .base_url(format!("http://{address}"))
        .token(TOKEN)
        .attempt_timeout(Duration::from_secs(3))
        .build()
        .expect("client");
    let error = within(bound, approve(&hasty)).await;
    let error = error.expect_err("no connection");
    assert!(error.is_connect() && !error.is_ambiguous(), "{error}");

    // The backlog contains only connections of this test.
    let own: Vec<_> = fillers.iter().map(|filler| filler.local_addr()).collect();
    let own: Vec<_> = own.into_iter().map(|own| own.expect("address")).collect();
    drop((client, hasty));
    while let Ok(accepted) = timeout(Duration::from_millis(1), listener.accept()).await {
        let (_, peer) = accepted.expect("accepts");
        assert!(own.contains(&peer), "{peer} is not a client of this test");
    }
}

#[tokio::test(start_paused = true)]
async fn f16_only_a_valid_certificate_from_a_trusted_authority_is_accepted() {
    let authority = Authority::new("trusted");
    let stranger = Authority::new("stranger");
    let server = by_method(good(), Reply::new(204, &[], "")).await;
    for (identity, reason) in [
        (Authority::self_signed("127.0.0.1"), "UnknownIssuer"),
        (stranger.issue("127.0.0.1"), "UnknownIssuer"),
        (authority.issue_expired("127.0.0.1"), "expired"),
        (authority.issue("ghes.example.com"), "not valid for name"),
    ] {
        let proxy = TlsProxy::start(&server, identity).await;
        let client = server.builder().base_url(&proxy.base_url);
        let client = client.root_certificate_pem(authority.pem());
        let client = client.build().expect("client");
        let read = within(RETRIED, get(&client)).await.map(drop);
        let dismissal = within(RETRIED, dismiss(&client)).await.map(drop);
        for error in [read, dismissal].map(|result| result.expect_err(reason)) {
            assert!(error.is_connect(), "{reason}: {error}");
            assert!(error.to_string().contains(reason), "{reason}: {error}");
        }
        assert_eq!(proxy.connections(), 6);
    }
    assert_eq!(server.connections(), 0, "no connection to the server");
}

/// This test uses the real clock. A paused clock can reach a timeout before the TLS handshake ends.
#[tokio::test]
async fn f16_an_added_root_certificate_is_trusted() {
    let authority = Authority::new("trusted");
    let server = by_method(good(), Reply::new(204, &[], "")).await;
    let proxy = TlsProxy::start(&server, authority.issue("127.0.0.1")).await;
    let client = server.builder().base_url(&proxy.base_url).max_attempts(1);
    let without_root = client.build().expect("client");
    let error = get(&without_root).await.expect_err("unknown authority");
    assert!(error.is_connect(), "{error}");
    assert_eq!(server.connections(), 0);
    let client = server.builder().base_url(&proxy.base_url);
    let client = client.root_certificate_pem(authority.pem());
    let client = client.build().expect("client");
    get(&client).await.expect("trusted");
    // Each certificate of a bundle is trusted.
    let bundle = [Authority::new("another").pem(), authority.pem()].concat();
    let client = server.builder().base_url(&proxy.base_url);
    let client = client.root_certificate_pem(bundle).build().expect("client");
    get(&client).await.expect("trusted");
    assert_eq!(server.methods(), ["GET", "GET"]);
}

/// Reads from a server that first replies with `first` and then with a good response.
async fn recovers_from(first: Reply, bound: Duration) -> Server {
    let server = Server::start(vec![first, good()]).await;
    let client = server.client();
    within(bound, get(&client)).await.expect("recovers");
    assert_eq!(server.methods(), ["GET", "GET"]);
    server
}

/// Reads from a server that always replies with `reply`. Asserts that the client gives up after
/// this many requests, and returns the error.
async fn fails_for_good(reply: Reply, requests: usize, bound: Duration) -> Error {
    let server = Server::start(vec![reply]).await;
    let client = server.client();
    let error = within(bound, get(&client)).await.expect_err("fails");
    assert_eq!(server.methods(), vec!["GET"; requests]);
    error
}

#[tokio::test(start_paused = true)]
async fn f17_a_truncated_body_is_retried() {
    let cut = Reply::bytes([announcing(100), vec![b' '; 50]].concat()).then_close();
    recovers_from(cut.clone(), RETRIED).await;
    let error = fails_for_good(cut, 3, RETRIED).await;
    assert!(error.is_interrupted(), "{error}");
    assert_eq!(error.status(), Some(200));
}

/// The back-off is one second, then two. Jitter multiplies each by 0.5 to 1.5.
#[tokio::test(start_paused = true)]
async fn f17_the_back_off_doubles() {
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
async fn f18_a_reset_within_a_body_is_retried() {
    let reset = Reply::bytes([announcing(100), vec![b' '; 50]].concat()).then_reset();
    recovers_from(reset.clone(), RETRIED).await;
    let error = fails_for_good(reset, 3, RETRIED).await;
    assert!(error.is_interrupted(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn f19_a_connection_closed_before_the_first_byte_is_a_lost_response() {
    let close = Reply::nothing().then_close();
    recovers_from(close.clone(), RETRIED).await;
    let error = fails_for_good(close.clone(), 3, RETRIED).await;
    assert!(error.is_interrupted(), "{error}");
    assert_eq!(error.status(), None);

    // The same applies to a reused connection, on which HTTP libraries may retry requests on their
    // own.
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
    let review = within(READ_BACK, approve(&client))
        .await
        .expect("read back");
    assert!(matches!(review.confirmation, Confirmation::ReadBack { .. }));
    assert_eq!(review.response_id.map(i64::from), Some(7));
    assert_eq!(server.methods(), ["GET", "PATCH", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f20_slow_headers_end_with_the_read_timeout() {
    let slow = Reply::nothing().then_trickle(announcing(0), Duration::from_secs(1));
    // The HTTP library treats incomplete headers as silence, so each of the three attempts ends
    // with the read timeout of 15 s.
    let bound = RETRIED + Duration::from_secs(45);
    let error = fails_for_good(slow.clone(), 3, bound).await;
    assert!(error.is_timeout(), "{error}");
    recovers_from(slow, Duration::from_secs(17)).await;
}

#[tokio::test(start_paused = true)]
async fn f21_a_slow_body_ends_with_the_attempt_timeout() {
    // Each byte arrives before the read timeout.
    let slow = Reply::bytes(announcing(100)).then_trickle([b' '; 100], Duration::from_secs(10));
    // Two attempts take 30 s each. A third would start after the end of the retry window of 60 s.
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

/// The HTTP library rejects these headers, so the client gets no response.
#[tokio::test(start_paused = true)]
async fn f23_too_many_or_too_long_headers_are_a_lost_response() {
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
        assert!(error.expect_err("no response").is_ambiguous());
        assert_eq!(server.methods(), ["DELETE", "DELETE"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f24_switching_protocols_is_a_lost_response() {
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

/// Bytes after a response without a body must not be taken for the next response.
#[tokio::test(start_paused = true)]
async fn f25_a_body_after_a_204_is_not_the_next_response() {
    let body = br#"{"bypass_review_id": 666}"#;
    let smuggled = [announcing(body.len()), body.to_vec()].concat();
    let length = format!("content-length: {}", smuggled.len());
    for headers in [vec![], vec![length.as_str()]] {
        let bytes = [head(204, &headers), smuggled.clone()].concat();
        let server = Server::start_with(move |_, received| match received.method.as_str() {
            "DELETE" => Reply::bytes(bytes.clone()),
            "PATCH" => Reply::json(200, &[], &json!({ "bypass_review_id": 7 })),
            _ => good(),
        });
        let server = server.await;
        let client = server.client();
        let dismissal = within(AT_ONCE, dismiss(&client)).await;
        assert!(dismissal.expect("dismissed").confirmation.is_response());
        let review = within(READ_BACK, approve(&client)).await.expect("applied");
        assert_eq!(review.response_id.map(i64::from), Some(7));
        within(AT_ONCE, get(&client)).await.expect("read");
        assert_eq!(server.methods(), ["DELETE", "PATCH", "GET"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f26_a_202_is_no_success() {
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
