//! Proxies, hosts, certificates and idle connections.

use std::time::Duration;

use github_bypass_requests::{Client, ClientBuilder, Error, GhCli};
use tokio::time::sleep;

use super::calls::get;
use super::clean::{AT_ONCE, clean, within};
use super::harness::{Reply, Server};
use super::tls::{Authority, TlsProxy};
use crate::support::{ClosedPort, TOKEN, request, run_with_variables};

fn good() -> Reply {
    Reply::json(200, &[], &request(42))
}

fn builder() -> ClientBuilder {
    Client::builder().token(TOKEN)
}

fn build_error(builder: ClientBuilder) -> Error {
    clean(builder.build().expect_err("invalid"))
}

#[test]
fn f97_a_proxy_that_cannot_be_used_is_an_error() {
    for scheme in ["socks", "htpp", "ftp", "socks5"] {
        let proxy = format!("{scheme}://user:hunter2@127.0.0.1:9");
        let error = build_error(builder().proxy(&proxy));
        assert!(error.is_invalid_input(), "{error}");
        let text = error.to_string();
        assert!(text.contains("`proxy` must use http or https"), "{text}");
        assert!(text.contains(scheme) && !text.contains("hunter2"), "{text}");
        for variable in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"] {
            run_with_variables(
                "faults::connecting::f97_in_a_process_with_an_invalid_proxy",
                &[(variable, &proxy), ("VARIABLE", variable)],
            );
        }
    }
    for proxy in ["http://127.0.0.1:9", "https://127.0.0.1:9", "127.0.0.1:9"] {
        assert!(builder().proxy(proxy).build().is_ok(), "{proxy}");
    }
}

#[tokio::test]
#[ignore = "run by f97_a_proxy_that_cannot_be_used_is_an_error"]
async fn f97_in_a_process_with_an_invalid_proxy() {
    let variable = std::env::var("VARIABLE").expect("set");
    let text = build_error(builder()).to_string();
    let start = format!("`{variable}` must use http or https, not ");
    assert!(
        text.starts_with(&start) && !text.contains("hunter2"),
        "{text}"
    );
    // A client for a loopback address does not use the proxy.
    let server = Server::start(vec![good()]).await;
    get(&server.client()).await.expect("a response");
    // A proxy that is set on the builder replaces the proxies from the environment.
    assert!(builder().proxy("http://127.0.0.1:9").build().is_ok());
}

/// Returns the error of a call to GitHub through a proxy that does not respond.
async fn error_behind_a_dead_proxy(builder: ClientBuilder) -> String {
    let client = builder.max_attempts(1).build().expect("a client");
    let error = get(&client).await.expect_err("no proxy");
    assert!(error.is_connect(), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_proxy_that_fails_is_named() {
    let closed = ClosedPort::reserve();
    let proxy = format!("http://mona:hunter2@{}", closed.address());
    let text = error_behind_a_dead_proxy(builder().proxy(&proxy)).await;
    let expected = format!(
        "no connection to api.github.com through the proxy {} (",
        closed.address()
    );
    assert!(text.contains(&expected), "{text}");
    assert!(
        !text.contains("hunter2") && !text.contains("mona"),
        "{text}"
    );
    for variable in ["HTTPS_PROXY", "ALL_PROXY"] {
        run_with_variables(
            "faults::connecting::in_a_process_with_a_dead_proxy",
            &[(variable, &proxy), ("EXPECTED", &expected)],
        );
    }
}

#[tokio::test]
#[ignore = "run by a_proxy_that_fails_is_named"]
async fn in_a_process_with_a_dead_proxy() {
    let expected = std::env::var("EXPECTED").expect("set");
    let text = error_behind_a_dead_proxy(builder()).await;
    assert!(text.contains(&expected), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn f98_gh_host_may_be_a_url() {
    for host in [
        "ghes.example.com",
        "GHES.example.com/",
        "https://ghes.example.com",
        "https://ghes.example.com/",
        "https://ghes.example.com/api/v3",
        "ghes.example.com/api/v3/",
    ] {
        run_with_variables(
            "faults::connecting::f98_in_a_process_with_gh_host",
            &[
                ("GH_HOST", host),
                ("GH_ENTERPRISE_TOKEN", TOKEN),
                ("EXPECTED", "https://ghes.example.com/api/v3"),
            ],
        );
    }
    for (host, token, expected) in [
        (
            "https://ghes.example.com:8443",
            "GH_ENTERPRISE_TOKEN",
            "https://ghes.example.com:8443/api/v3",
        ),
        (
            "http://127.0.0.1:8080",
            "GH_ENTERPRISE_TOKEN",
            "http://127.0.0.1:8080",
        ),
        (
            "https://octo.ghe.com/",
            "GH_TOKEN",
            "https://api.octo.ghe.com",
        ),
        ("https://github.com", "GH_TOKEN", "https://api.github.com"),
    ] {
        run_with_variables(
            "faults::connecting::f98_in_a_process_with_gh_host",
            &[("GH_HOST", host), (token, TOKEN), ("EXPECTED", expected)],
        );
    }
}

#[test]
#[ignore = "run by f98_gh_host_may_be_a_url"]
fn f98_in_a_process_with_gh_host() {
    let expected = std::env::var("EXPECTED").expect("set");
    let client = Client::from_env().expect("a client");
    let text = format!("{client:?}");
    assert!(text.contains(&format!("{expected:?}")), "{text}");
}

#[test]
fn f99_without_system_certificates_the_error_names_the_remedies() {
    run_with_variables(
        "faults::connecting::f99_in_a_process_without_system_certificates",
        &[("SSL_CERT_FILE", "/dev/null")],
    );
}

#[tokio::test]
#[ignore = "run by f99_without_system_certificates_the_error_names_the_remedies"]
async fn f99_in_a_process_without_system_certificates() {
    let server = Server::start(vec![good()]).await;
    get(&server.client()).await.expect("http on loopback");

    let error = build_error(builder());
    assert!(error.is_invalid_input(), "{error}");
    for remedy in [
        "`ca-certificates`",
        "SSL_CERT_FILE",
        "`root_certificate_pem`",
    ] {
        assert!(error.to_string().contains(remedy), "{error}");
    }

    let authority = Authority::new("trusted");
    let front = TlsProxy::start(&server, authority.issue("127.0.0.1")).await;
    let client = server.builder().base_url(&front.base_url);
    let client = client.root_certificate_pem(authority.pem()).build();
    get(&client.expect("a client")).await.expect("trusted");
}

/// This test uses the real clock, because a paused clock would advance before the TLS handshake is
/// complete.
#[tokio::test]
async fn f100_a_self_signed_certificate_is_trusted_unless_it_is_a_ca() {
    let server = Server::start(vec![good()]).await;
    let get_from = async |is_ca: bool| {
        let (identity, pem) = Authority::self_signed_pem("127.0.0.1", is_ca);
        let front = TlsProxy::start(&server, identity).await;
        let client = server.builder().base_url(&front.base_url).max_attempts(1);
        let client = client.root_certificate_pem(pem).build().expect("a client");
        get(&client).await
    };
    get_from(false).await.expect("trusted");
    let error = clean(get_from(true).await.expect_err("a CA"));
    assert!(error.is_connect(), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("the server's certificate is a CA certificate"),
        "{text}"
    );
    assert!(text.contains("CA:FALSE"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn f101_an_idle_connection_is_closed_before_a_minute() {
    let server = Server::start(vec![good()]).await;
    let client = server.client();
    for (idle, connections) in [(0, 1), (20, 1), (45, 2)] {
        sleep(Duration::from_secs(idle)).await;
        within(AT_ONCE, get(&client)).await.expect("a response");
        assert_eq!(server.connections(), connections, "after {idle} s");
    }
}

#[test]
fn f104_a_token_that_belongs_elsewhere_is_named() {
    run_with_variables(
        "faults::connecting::f104_in_a_process_with_a_token_for_another_source",
        &[("GH_TOKEN", TOKEN), ("GH_HOST", "ghes.example.com")],
    );
    run_with_variables(
        "faults::connecting::f104_in_a_process_with_a_token_for_this_host",
        &[("GH_ENTERPRISE_TOKEN", TOKEN)],
    );
}

#[tokio::test]
#[ignore = "run by f104_a_token_that_belongs_elsewhere_is_named"]
async fn f104_in_a_process_with_a_token_for_another_source() {
    let error = clean(Client::from_env().expect_err("no token for this host"));
    let text = error.to_string();
    assert!(error.is_token_missing(), "{text}");
    assert!(
        text.contains("(GH_TOKEN belongs to github.com and *.ghe.com)"),
        "{text}"
    );

    let text = error_of_gh_without_login().await;
    assert!(!text.contains("token_from_env"), "{text}");
}

#[tokio::test]
#[ignore = "run by f104_a_token_that_belongs_elsewhere_is_named"]
async fn f104_in_a_process_with_a_token_for_this_host() {
    let text = error_of_gh_without_login().await;
    assert!(
        text.contains("or use `token_from_env`: the environment has a token for this host"),
        "{text}"
    );
}

async fn error_of_gh_without_login() -> String {
    let server = Server::start(vec![good()]).await;
    let source = GhCli::new().program("/bin/false");
    let client = server.builder().token_source(source).build();
    let error = clean(get(&client.expect("a client")).await.expect_err("no login"));
    assert_eq!(server.connections(), 0);
    let text = error.to_string();
    assert!(text.contains("gh auth login"), "{text}");
    text
}
