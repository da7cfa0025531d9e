//! F51–F55: redirects, and where the token is sent.

use serde_json::json;

use super::calls::{approve, dismiss, get, list};
use super::clean::{AT_ONCE, READ_BACK, assert_no_connections, clean, within};
use super::harness::{Reply, Server};
use super::tls::{Authority, TlsProxy};
use crate::support::{TOKEN, request};

const MOVED: &str = "/repositories/1/bypass-requests/secret-scanning/42";

fn redirect(status: u16, location: &str) -> Reply {
    Reply::new(status, &[&format!("location: {location}")], "")
}

fn good() -> Reply {
    Reply::json(200, &[], &request(42))
}

/// Returns the `authorization` headers of all requests.
fn authorizations(server: &Server) -> Vec<String> {
    let headers = server.received().into_iter().flat_map(|sent| sent.headers);
    headers
        .filter(|line| line.starts_with("authorization"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn f51_reads_follow_redirects_within_the_origin() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start_with(move |index, _| match index {
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

    // GitHub sends an absolute URL. The query of this URL replaces the query of the list.
    let server = Server::start_with(|index, received| match index {
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
async fn f52_redirects_to_another_host_are_not_followed() {
    let foreign = Server::start(vec![good()]).await;
    let elsewhere = format!("{}{MOVED}", foreign.base_url);
    for status in [301, 302, 303, 307, 308] {
        // The redirect to the other host is the first response, or follows a redirect within the
        // origin.
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
    assert_no_connections(&foreign).await;
}

#[tokio::test(start_paused = true)]
async fn f53_redirects_to_another_origin_are_not_followed_however_spelled() {
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
        let server = Server::start_with(move |_, received| {
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
            // The URL before the `#` has the same origin, so the client follows the redirect, until
            // it reaches the limit of redirects.
            assert_eq!(server.methods(), ["GET"; 6]);
        } else {
            assert_eq!(server.methods(), ["GET"], "{location}");
        }
        assert!(error.is_moved(), "{location}: {error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
    assert_no_connections(&foreign).await;

    // A redirect without a `Location` header cannot be followed.
    let server = Server::start(vec![Reply::new(301, &[], "")]).await;
    let error = within(AT_ONCE, get(&server.client())).await;
    assert!(error.expect_err("no location").is_moved());
    assert_eq!(server.methods(), ["GET"]);
}

/// This test uses the real clock. A paused clock can reach a timeout before the TLS handshake ends.
#[tokio::test]
async fn f53_redirects_from_https_to_http_are_not_followed() {
    let authority = Authority::new("trusted");
    let plain = Server::start(vec![good()]).await;
    let server = Server::start_with(|_, received| {
        let mut headers = received.headers.iter();
        let own = headers.find_map(|line| line.strip_prefix("host: "));
        redirect(301, &format!("http://{}{MOVED}", own.expect("a host")))
    });
    let server = server.await;
    let proxy = TlsProxy::start(&server, authority.issue("127.0.0.1")).await;
    let client = server.builder().base_url(&proxy.base_url);
    let client = client.root_certificate_pem(authority.pem());
    let client = client.build().expect("client");
    let error = get(&client).await.expect_err("plain http");
    assert!(error.is_moved(), "{error}");
    assert_eq!(server.methods(), ["GET"]);
    assert_eq!(proxy.connections(), 1, "no unencrypted second connection");

    let away = Server::start(vec![redirect(307, &format!("{}/x", plain.base_url))]).await;
    let proxy = TlsProxy::start(&away, authority.issue("127.0.0.1")).await;
    let client = away.builder().base_url(&proxy.base_url);
    let client = client.root_certificate_pem(authority.pem());
    let client = client.build().expect("client");
    let error = get(&client).await.expect_err("plain http");
    assert!(error.is_moved(), "{error}");
    assert_eq!(away.methods(), ["GET"]);
    assert_no_connections(&plain).await;
}

#[tokio::test(start_paused = true)]
async fn f54_reads_follow_at_most_five_redirects() {
    let here = "/repos/octo-org/smile/bypass-requests/secret-scanning/42";
    let circular = Server::start(vec![redirect(302, here)]).await;
    let error = within(AT_ONCE, get(&circular.client())).await;
    assert!(error.expect_err("a loop").is_moved());
    assert_eq!(circular.methods(), ["GET"; 6]);

    for (hops, arrives) in [(5, true), (6, false)] {
        let server = Server::start_with(move |index, _| {
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

/// If writes followed redirects, an approval could reach a repository that the caller did not name.
#[tokio::test(start_paused = true)]
async fn f55_writes_follow_no_redirects() {
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
    assert_no_connections(&foreign).await;
}
