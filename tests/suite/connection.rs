//! Connections: proxies, certificates, timeouts.

use std::time::Duration;

use github_bypass_requests::{Client, ClientBuilder, Error};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;
use wiremock::ResponseTemplate;

use crate::support::{ClosedPort, TOKEN, client, received, request, run_with_variables, server};

/// Returns the error of a call, which must end within ten seconds.
async fn call_error(client: ClientBuilder) -> Error {
    let client = client.max_attempts(1).build().expect("client");
    let repository = client.repository("o", "r").push_rules();
    let call = timeout(Duration::from_secs(10), repository.get(1));
    call.await.expect("the call ends").expect_err("no response")
}

/// Starts a listener. Returns its URL, and a task that returns the first line that arrives.
async fn listener() -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let first_line = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut bytes = [0; 4096];
        let length = socket.read(&mut bytes).await.expect("readable");
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        text.lines().next().unwrap_or_default().to_owned()
    });
    (url, first_line)
}

#[tokio::test]
async fn https_is_tunneled_through_the_proxy() {
    let (proxy, first_line) = listener().await;
    let error = call_error(
        Client::builder()
            .base_url("https://ghes.invalid")
            .token(TOKEN)
            .proxy(proxy),
    )
    .await;
    assert!(error.is_connect(), "{error}");
    assert_eq!(
        first_line.await.expect("a connection"),
        "CONNECT ghes.invalid:443 HTTP/1.1"
    );
}

#[tokio::test]
async fn loopback_addresses_do_not_use_a_configured_proxy() {
    let server = server(ResponseTemplate::new(200).set_body_json(request(1))).await;
    let (proxy, first_line) = listener().await;
    let client = Client::builder()
        .base_url(server.uri())
        .token(TOKEN)
        .proxy(proxy);
    let client = client.build().expect("client");
    client
        .repository("o", "r")
        .push_rules()
        .get(1)
        .await
        .expect("a request");
    assert_eq!(received(&server).await.len(), 1);
    assert!(!first_line.is_finished());
}

/// The inner test runs in its own process, because environment variables apply to a whole process.
#[test]
fn loopback_addresses_do_not_use_the_proxy_of_the_environment() {
    let closed = ClosedPort::reserve();
    let proxy = closed.base_url();
    let variables = [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ];
    run_with_variables(
        "connection::with_a_proxy_in_the_environment",
        &variables.map(|name| (name, proxy.as_str())),
    );
}

#[tokio::test]
#[ignore = "run by loopback_addresses_do_not_use_the_proxy_of_the_environment"]
async fn with_a_proxy_in_the_environment() {
    let server = server(ResponseTemplate::new(200).set_body_json(request(1))).await;
    client(&server)
        .repository("o", "r")
        .push_rules()
        .get(1)
        .await
        .expect("a request");
}

#[tokio::test]
async fn a_body_that_stalls_causes_a_read_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let _ = socket.read(&mut [0; 4096]).await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{";
        let _ = tokio::io::AsyncWriteExt::write_all(&mut socket, head).await;
        let _ = socket.read(&mut [0; 1]).await;
    });
    let client = Client::builder()
        .base_url(base_url)
        .token(TOKEN)
        .read_timeout(Duration::from_millis(50))
        .attempt_timeout(Duration::from_secs(60));
    assert!(call_error(client).await.is_timeout());
}

#[tokio::test]
async fn a_stalled_tls_handshake_causes_a_connect_timeout() {
    // The server accepts connections, but never starts TLS.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("https://{}", listener.local_addr().expect("an address"));
    let client = Client::builder()
        .base_url(base_url)
        .token(TOKEN)
        .connect_timeout(Duration::from_millis(50))
        .read_timeout(Duration::from_secs(60))
        .attempt_timeout(Duration::from_secs(60));
    let error = call_error(client).await;
    assert!(error.is_connect(), "{error}");
    assert_eq!(error.status(), None);
}

mod tls {
    //! A server whose certificate is issued by a private certificate authority.

    use std::sync::Arc;

    use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;

    use super::{Client, TOKEN, TcpListener, request};

    /// Starts a TLS server. Returns its base URL and the certificate of the authority.
    async fn tls_server() -> (String, String) {
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key"));
        let authority = authority.expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])
            .and_then(|parameters| parameters.signed_by(&key, &authority))
            .expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a configuration");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((socket, _)) = listener.accept().await {
                let Ok(mut socket) = acceptor.accept(socket).await else {
                    continue;
                };
                let _ = socket.read(&mut [0; 4096]).await;
                let body = request(1).to_string();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = socket.write_all((head + &body).as_bytes()).await;
                let _ = socket.shutdown().await;
            }
        });
        (format!("https://localhost:{port}"), authority.pem())
    }

    #[tokio::test]
    async fn an_unknown_authority_is_rejected_and_a_given_one_is_trusted() {
        let (base_url, authority) = tls_server().await;
        let builder = || Client::builder().base_url(&base_url).token(TOKEN);
        let without_authority = builder().build().expect("client");
        let error = without_authority
            .repository("o", "r")
            .push_rules()
            .get(1)
            .await
            .expect_err("an unknown authority");
        assert!(error.is_connect(), "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");

        let with_authority = builder()
            .root_certificate_pem(authority)
            .build()
            .expect("client");
        with_authority
            .repository("o", "r")
            .push_rules()
            .get(1)
            .await
            .expect("a request");
    }
}
