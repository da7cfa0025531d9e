//! In the process of these tests, ring is installed as the cryptography provider.

use std::sync::Arc;

use github_bypass_requests::Client;
use github_bypass_requests_fake::{Fake, NewRequest};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Starts a TLS proxy in front of `fake`. Returns the base URL of the proxy and the certificate of
/// its certificate authority.
async fn tls_proxy(fake: &Fake) -> (String, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(authority, key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .and_then(|params| params.signed_by(&key, &authority))
        .expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key)
        .expect("a certificate with its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let upstream = fake.base_url().replace("http://", "");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
            tokio::spawn(async move {
                // The handshake fails if the client rejects the certificate.
                let Ok(mut plain) = acceptor.accept(socket).await else {
                    return;
                };
                let mut upstream = TcpStream::connect(upstream).await.expect("the fake");
                let _ = copy_bidirectional(&mut plain, &mut upstream).await;
            });
        }
    });
    (format!("https://localhost:{port}"), authority.pem())
}

#[tokio::test]
async fn f108_https_uses_the_installed_provider() {
    default_provider()
        .install_default()
        .expect("no provider is installed yet");
    let fake = Fake::builder().start().await.expect("the fake");
    fake.open_secret_scanning_request(NewRequest::new());
    let (base_url, authority) = tls_proxy(&fake).await;
    let builder = || Client::builder().base_url(&base_url).token("ghp_any");
    let read = async |client: Client| {
        let list = client.organization("octo-org").secret_scanning().list();
        list.stream().try_next().await
    };

    let with_authority = builder().root_certificate_pem(authority).build();
    let request = read(with_authority.expect("a client"))
        .await
        .expect("a page");
    assert!(request.is_some());

    let without_authority = builder().max_attempts(1).build();
    let error = read(without_authority.expect("a client")).await;
    let error = error.expect_err("an unknown authority");
    assert!(error.to_string().contains("certificate"), "{error}");
}
