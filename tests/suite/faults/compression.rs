//! F11 and F107: compressed bodies.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use github_bypass_requests::Confirmation;
use serde_json::json;
use tokio::time::timeout;

use super::calls::{JSON, approve, dismiss, get, list, secrets};
use super::clean::{AT_ONCE, READ_BACK, RETRIED, within};
use super::harness::{Reply, Server, head};
use crate::support::request;

const GZIP: &str = "content-encoding: gzip";

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes.as_ref()).expect("in memory");
    encoder.finish().expect("in memory")
}

fn compressed_request() -> Vec<u8> {
    gzip(request(42).to_string())
}

/// A 200 with this body and the header `content-encoding: gzip`.
fn zipped(body: impl AsRef<[u8]>) -> Reply {
    Reply::new(200, &[JSON, GZIP], body)
}

#[tokio::test(start_paused = true)]
async fn f107_gzip_is_requested_and_nothing_else() {
    let server = Server::start(vec![
        Reply::json(200, &[], &request(42)),
        Reply::json(200, &[], &json!({ "bypass_review_id": 7 })),
        Reply::new(204, &[], ""),
    ]);
    let server = server.await;
    let client = server.client();
    get(&client).await.expect("a request");
    approve(&client).await.expect("a review");
    dismiss(&client).await.expect("a dismissal");
    for received in server.received() {
        let lines = received.headers.iter();
        let accepted: Vec<_> = lines
            .filter(|line| line.starts_with("accept-encoding"))
            .collect();
        assert_eq!(accepted, ["accept-encoding: gzip"]);
    }
}

#[tokio::test(start_paused = true)]
async fn f107_bodies_are_decompressed() {
    for encoding in ["gzip", "GZIP", "x-gzip", "identity", ""] {
        let is_plain = matches!(encoding, "identity" | "");
        let encode = |text: String| {
            if is_plain {
                text.into_bytes()
            } else {
                gzip(text)
            }
        };
        let encoding = format!("content-encoding: {encoding}");
        let reply = |body| Reply::new(200, &[JSON, &encoding], body);
        let page = encode(json!([request(42), request(43)]).to_string());
        let one = encode(request(42).to_string());
        let server = Server::start(vec![reply(page), reply(one)]).await;
        let client = server.client();
        let requests = within(AT_ONCE, list(&client)).await.expect("a page");
        assert_eq!(requests.len(), 2, "{encoding}");
        let request = within(AT_ONCE, get(&client)).await.expect("a request");
        assert_eq!(request, requests[0], "{encoding}");
        assert_eq!(server.connections(), 1, "the connection is reused");
    }
}

#[tokio::test(start_paused = true)]
async fn f107_a_body_can_arrive_in_small_pieces() {
    let body = compressed_request();
    let length = format!("content-length: {}", body.len());
    let head = head(200, &["x-github-request-id: AB:12", JSON, GZIP, &length]);
    let reply = Reply::bytes(head).then_trickle(body, Duration::from_millis(1));
    let server = Server::start(vec![reply]).await;
    let request = within(RETRIED, get(&server.client())).await;
    assert_eq!(request.expect("a request").number.get(), 42);
    assert_eq!(server.methods(), ["GET"]);
}

/// The limit applies to the size of the decompressed data.
#[tokio::test(start_paused = true)]
async fn f11_a_gzip_bomb_ends_at_the_limit() {
    let bomb = gzip(vec![b' '; 32 << 20]);
    assert!(bomb.len() < 64 << 10);
    let server = Server::start(vec![zipped(bomb)]).await;
    let client = server.client();
    for error in [
        within(AT_ONCE, get(&client)).await.expect_err("too large"),
        within(AT_ONCE, list(&client)).await.expect_err("too large"),
    ] {
        assert!(error.is_body_too_large(), "{error}");
    }
    assert_eq!(
        server.methods(),
        ["GET"; 2],
        "a retry would get the same large response"
    );

    let plain = request(42).to_string();
    for (limit, fits) in [(plain.len(), true), (plain.len() - 1, false)] {
        let server = Server::start(vec![zipped(compressed_request())]).await;
        let client = server.builder().max_body_bytes(limit).build();
        let request = within(AT_ONCE, get(&client.expect("a client"))).await;
        assert_eq!(request.is_ok(), fits, "{limit}");
        if let Err(error) = request {
            assert!(error.is_body_too_large(), "{error}");
        }
    }
}

/// Empty blocks make a gzip stream longer, but add nothing to the decompressed data.
#[tokio::test(start_paused = true)]
async fn f11_a_gzip_stream_without_data_ends_at_the_limit() {
    let gzip_header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let empty_block = [0, 0, 0, 0xff, 0xff];
    let head = head(200, &["x-github-request-id: AB:12", JSON, GZIP]);
    let endless = Reply::bytes(head)
        .then_bytes(gzip_header)
        .then_endless(empty_block.repeat(1000));
    let server = Server::start(vec![endless]).await;
    let client = server.builder().max_body_bytes(1 << 20).build();
    let get = get(&client.expect("a client")).await;
    let error = get.expect_err("too large");
    assert!(error.is_body_too_large(), "{error}");
}

/// If a body has several gzip members, the client does not return the first one as the whole page.
#[tokio::test(start_paused = true)]
async fn f107_a_second_member_is_an_error() {
    let (first, second) = (gzip("[]"), gzip(" "));
    let head = head(200, &["x-github-request-id: AB:12", JSON, GZIP]);
    let at_once = zipped([first.clone(), second.clone()].concat());
    let apart = Reply::bytes(head)
        .then_bytes(first)
        .then_trickle(second, Duration::from_millis(1));
    for reply in [at_once, apart] {
        let server = Server::start(vec![reply]).await;
        let error = list(&server.client()).await.expect_err("a second member");
        assert!(error.is_interrupted(), "{error}");
        assert_eq!(server.methods(), ["GET"; 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn f107_a_damaged_body_is_retried_by_reads() {
    let good = compressed_request();
    let truncated = good[..good.len() - 9].to_vec();
    let without_checksum = good[..good.len() - 8].to_vec();
    let mut wrong_checksum = good.clone();
    wrong_checksum[good.len() - 8] ^= 1;
    let mut wrong_length = good.clone();
    wrong_length[good.len() - 1] ^= 1;
    let mut changed = good.clone();
    changed[20] ^= 0xff;
    let not_gzip = request(42).to_string().into_bytes();
    for damaged in [
        truncated,
        without_checksum,
        wrong_checksum,
        wrong_length,
        changed,
        not_gzip,
    ] {
        let replies = vec![zipped(&damaged), zipped(&good)];
        let server = Server::start(replies).await;
        let request = within(RETRIED, get(&server.client())).await;
        assert_eq!(request.expect("a request").number.get(), 42);
        assert_eq!(server.methods(), ["GET", "GET"]);

        let server = Server::start(vec![zipped(&damaged)]).await;
        let error = within(RETRIED, get(&server.client()))
            .await
            .expect_err("damaged");
        assert!(error.is_interrupted(), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("the compressed response is incomplete or damaged"),
            "{text}"
        );
        assert_eq!(server.methods(), ["GET"; 3]);
    }
}

/// A 200 with GitHub's request id shows that the review was recorded. Without the id, the response
/// may come from a proxy.
#[tokio::test(start_paused = true)]
async fn f107_a_damaged_response_to_a_write_is_read_back() {
    let body = gzip(json!({ "bypass_review_id": 7 }).to_string());
    let good = Server::start(vec![zipped(&body)]).await;
    let review = within(AT_ONCE, approve(&good.client()))
        .await
        .expect("a review");
    assert_eq!(review.response_id.map(|id| id.get()), Some(7));
    assert_eq!(review.confirmation, Confirmation::Response);

    let damaged = &body[..body.len() - 1];
    let server = Server::start(vec![zipped(damaged), Reply::new(403, &[], "")]).await;
    let review = within(AT_ONCE, approve(&server.client()))
        .await
        .expect("recorded");
    assert_eq!(review.response_id, None);
    assert_eq!(server.methods(), ["PATCH", "GET"]);

    let unmarked = Reply::raw(200, &[JSON, GZIP], damaged);
    let server = Server::start(vec![unmarked, Reply::new(403, &[], "")]).await;
    let error = within(READ_BACK, approve(&server.client()))
        .await
        .expect_err("unknown");
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(server.methods(), ["PATCH", "GET"]);
}

#[tokio::test(start_paused = true)]
async fn f107_data_after_the_end_of_the_stream_is_ignored() {
    let mut padded = compressed_request();
    padded.extend([0; 512]);
    let server = Server::start(vec![zipped(&padded)]).await;
    let client = server.client();
    for _ in 0..2 {
        within(AT_ONCE, get(&client)).await.expect("a request");
    }
    assert_eq!(server.connections(), 1);

    let head = head(200, &["x-github-request-id: AB:12", JSON, GZIP]);
    let endless = Reply::bytes(head)
        .then_bytes(compressed_request())
        .then_endless([0; 512]);
    let server = Server::start(vec![endless]).await;
    within(RETRIED, get(&server.client()))
        .await
        .expect("a request");
}

#[tokio::test(start_paused = true)]
async fn f107_other_encodings_are_named() {
    for (headers, name) in [
        (&["content-encoding: br"][..], "(br)"),
        (&["content-encoding: gzip, gzip"], "(gzip, gzip)"),
        (&[GZIP, GZIP], "(gzip, gzip)"),
        (&["content-encoding: zstd"], "(zstd)"),
    ] {
        let reply = Reply::new(200, &[&[JSON], headers].concat(), compressed_request());
        let server = Server::start(vec![reply]).await;
        let client = server.client();
        for error in [
            within(AT_ONCE, get(&client)).await.expect_err(name),
            within(AT_ONCE, list(&client)).await.expect_err(name),
        ] {
            assert!(error.is_decode(), "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
        assert_eq!(server.methods(), ["GET"; 2]);
    }
}

#[tokio::test(start_paused = true)]
async fn f107_error_bodies_are_decompressed_up_to_their_limit() {
    let message = json!({ "message": "No such request" }).to_string();
    for (limit, expected) in [
        (message.len(), Some("No such request")),
        (message.len() - 1, None),
    ] {
        let reply = Reply::new(404, &[JSON, GZIP], gzip(&message));
        let server = Server::start(vec![reply]).await;
        let client = server.builder().max_error_body_bytes(limit).build();
        let error = within(AT_ONCE, get(&client.expect("a client"))).await;
        let error = error.expect_err("not found");
        assert!(error.is_not_found(), "{error}");
        assert_eq!(error.message(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn f107_an_empty_body_may_have_an_encoding() {
    let server = Server::start(vec![Reply::new(204, &[GZIP], "")]).await;
    let dismissal = within(AT_ONCE, dismiss(&server.client())).await;
    assert!(dismissal.expect("dismissed").confirmation.is_response());
    let server = Server::start(vec![zipped("")]).await;
    let error = within(AT_ONCE, get(&server.client()))
        .await
        .expect_err("no body");
    assert!(error.is_decode(), "{error}");
}

/// GitHub marks the ETag of a compressed page as weak.
#[tokio::test(start_paused = true)]
async fn f107_conditional_requests_send_the_tag_of_the_compressed_page() {
    for tag in ["W/\"one\"", "\"one\""] {
        let etag = format!("etag: {tag}");
        let page = gzip(json!([request(42)]).to_string());
        let first = Reply::new(200, &[JSON, GZIP, &etag], page);
        let unchanged = Reply::bytes(head(304, &[&etag, GZIP]));
        let server = Server::start(vec![first, unchanged]).await;
        let mut events = secrets(&server.client()).list().watch().events();
        events.try_next().await.expect("an event").expect("opened");
        let next = timeout(Duration::from_secs(90), events.try_next()).await;
        next.expect_err("no change");
        let received = server.received();
        let sent = format!("if-none-match: {tag}");
        assert!(received[1].headers.contains(&sent), "{:?}", received[1]);
    }
}
