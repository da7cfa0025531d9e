//! F51–F55: redirects, and where the token would go with them.

use serde_json::json;

use super::calls::{approve, dismiss, get, list};
use super::clean::{AT_ONCE, READ_BACK, assert_unasked, clean, within};
use super::harness::{Reply, Server};
use super::tls::{Authority, Front};
use crate::support::{TOKEN, request};

const MOVED: &str = "/repositories/1/bypass-requests/secret-scanning/42";

fn redirect(status: u16, location: &str) -> Reply {
    Reply::new(status, &[&format!("location: {location}")], "")
}

fn good() -> Reply {
    Reply::json(200, &[], &request(42))
}

/// Where the one request with a token went, header by header.
fn authorizations(server: &Server) -> Vec<String> {
    let headers = server.received().into_iter().flat_map(|sent| sent.headers);
    headers
        .filter(|line| line.starts_with("authorization"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn f51_a_read_is_followed_within_its_origin() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::answering(move |index, _| match index {
            0 => redirect(status, MOVED),
            _ => good(),
        });
        let server = server.await;
        let read = within(AT_ONCE, get(&server.client())).await;
        read.expect("followed");
        assert_eq!(server.methods(), ["GET", "GET"]);
        assert_eq!(server.received()[1].target, MOVED);
        let authorization = format!("authorization: Bearer {TOKEN}");
        assert_eq!(authorizations(&server), vec![authorization; 2], "{status}");
    }

    // As GitHub writes it: the whole URL. And a list keeps what the location says of its page.
    let server = Server::answering(|index, received| match index {
        0 => {
            let host = received
                .headers
                .iter()
                .find_map(|line| line.strip_prefix("host: "));
            let host = host.expect("a host");
            redirect(301, &format!("http://{host}/elsewhere?page=1"))
        }
        _ => Reply::json(200, &[], &json!([request(42)])),
    });
    let server = server.await;
    let listed = within(AT_ONCE, list(&server.client())).await;
    assert_eq!(listed.expect("followed").len(), 1);
    assert_eq!(server.methods(), ["GET", "GET"]);
    assert_eq!(server.received()[1].target, "/elsewhere?page=1");
}

#[tokio::test(start_paused = true)]
async fn f52_no_redirect_leads_to_another_host() {
    let foreign = Server::start(vec![good()]).await;
    let elsewhere = format!("{}{MOVED}", foreign.base_url);
    for status in [301, 302, 303, 307, 308] {
        // At once, and after a hop that is allowed.
        for hops in [1, 2] {
            let mut replies = vec![redirect(status, MOVED); hops - 1];
            replies.push(redirect(status, &elsewhere));
            let server = Server::start(replies).await;
            let error = within(AT_ONCE, get(&server.client())).await;
            let error = error.expect_err("elsewhere");
            assert!(error.is_moved(), "{error}");
            assert_eq!(error.status(), Some(status));
            assert_eq!(server.methods(), vec!["GET"; hops]);
        }
    }
    assert_unasked(&foreign).await;
}

#[tokio::test(start_paused = true)]
async fn f53_no_spelling_of_another_origin_is_followed() {
    let foreign = Server::start(vec![good()]).await;
    let other = foreign.base_url.replace("http://", "");
    for location in [
        "http://{other}/x",
        "//{other}/x",
        "\\\\{other}\\x",
        "/\\{other}/x",
        "http:\\\\{other}/x",
        "http://{own}@{other}/x",
        "http://{own}#@{other}/x",
        "http://mona@{own}/x",
        "http://mona:s3cret@{own}/x",
        "http://:s3cret@{own}/x",
        "https://{own}/x",
        "http://localhost:{port}/x",
        "http://127.0.0.1.evil:{port}/x",
        "http://api.github.com.evil/x",
        "https://api.github.com.evil/x",
        "//evil/x",
        "ftp://{own}/x",
        "file:///etc/passwd",
        "data:application/json,{}",
        "http://[",
        "http://127.0.0.1:99999/x",
    ] {
        let other = other.clone();
        let server = Server::answering(move |_, received| {
            let mut headers = received.headers.iter();
            let own = headers.find_map(|line| line.strip_prefix("host: "));
            let own = own.expect("a host");
            let (_, port) = own.split_once(':').expect("a port");
            let location = location.replace("{other}", &other).replace("{own}", own);
            redirect(301, &location.replace("{port}", port))
        });
        let server = server.await;
        let result = within(AT_ONCE, get(&server.client())).await;
        let error = result.expect_err(location);
        if location.contains('#') {
            // What stands before the `#` is the same origin: it is followed, and in vain.
            assert_eq!(server.methods(), ["GET"; 6]);
        } else {
            assert_eq!(server.methods(), ["GET"], "{location}");
        }
        assert!(error.is_moved(), "{location}: {error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
    assert_unasked(&foreign).await;

    // A redirect that leads nowhere is none to follow.
    let server = Server::start(vec![Reply::new(301, &[], "")]).await;
    let error = within(AT_ONCE, get(&server.client())).await;
    assert!(error.expect_err("nowhere").is_moved());
    assert_eq!(server.methods(), ["GET"]);
}

/// On the real clock, for TLS.
#[tokio::test]
async fn f53_https_is_never_left() {
    let authority = Authority::new("trusted");
    let plain = Server::start(vec![good()]).await;
    let server = Server::answering(|_, received| {
        let mut headers = received.headers.iter();
        let own = headers.find_map(|line| line.strip_prefix("host: "));
        redirect(301, &format!("http://{}{MOVED}", own.expect("a host")))
    });
    let server = server.await;
    let front = Front::start(&server, authority.issue("127.0.0.1")).await;
    let client = server.builder().base_url(&front.base_url);
    let client = client.root_certificate_pem(authority.pem());
    let client = client.build().expect("client");
    let error = get(&client).await.expect_err("plain http");
    assert!(error.is_moved(), "{error}");
    assert_eq!(server.methods(), ["GET"]);
    assert_eq!(front.connections(), 1, "no second one without TLS");

    let away = Server::start(vec![redirect(307, &format!("{}/x", plain.base_url))]).await;
    let front = Front::start(&away, authority.issue("127.0.0.1")).await;
    let client = away.builder().base_url(&front.base_url);
    let client = client.root_certificate_pem(authority.pem());
    let client = client.build().expect("client");
    let error = get(&client).await.expect_err("plain http");
    assert!(error.is_moved(), "{error}");
    assert_eq!(away.methods(), ["GET"]);
    assert_unasked(&plain).await;
}

#[tokio::test(start_paused = true)]
async fn f54_the_sixth_hop_is_not_taken() {
    let here = "/repos/octo-org/smile/bypass-requests/secret-scanning/42";
    let circle = Server::start(vec![redirect(302, here)]).await;
    let error = within(AT_ONCE, get(&circle.client())).await;
    assert!(error.expect_err("a loop").is_moved());
    assert_eq!(circle.methods(), ["GET"; 6]);

    for (hops, arrives) in [(5, true), (6, false)] {
        let server = Server::answering(move |index, _| {
            if index < hops {
                redirect(307, &format!("/hop/{index}"))
            } else {
                good()
            }
        });
        let server = server.await;
        let read = within(AT_ONCE, get(&server.client())).await;
        assert_eq!(read.is_ok(), arrives, "{hops} hops: {read:?}");
        assert_eq!(server.methods(), ["GET"; 6]);
        if let Err(error) = read {
            assert!(error.is_moved(), "{error}");
        }
    }
}

/// An approval must not land on a repository that was renamed meanwhile, unseen.
#[tokio::test(start_paused = true)]
async fn f55_a_write_is_never_followed() {
    let foreign = Server::start(vec![good()]).await;
    let elsewhere = format!("{}{MOVED}", foreign.base_url);
    for status in [301, 302, 303, 307, 308] {
        for location in [MOVED, &elsewhere] {
            let server = Server::start(vec![redirect(status, location)]).await;
            let client = server.client();
            let review = within(AT_ONCE, approve(&client)).await;
            let dismissal = within(READ_BACK, dismiss(&client)).await;
            for error in [review.map(drop), dismissal.map(drop)] {
                let error = clean(error.expect_err("moved"));
                assert!(error.is_moved() && !error.is_ambiguous(), "{error}");
                assert_eq!(error.status(), Some(status));
                assert!(error.to_string().contains("not followed"), "{error}");
            }
            assert_eq!(server.methods(), ["PATCH", "DELETE"]);
        }
    }
    assert_unasked(&foreign).await;
}
