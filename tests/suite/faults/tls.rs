//! TLS in front of a scripted server, with valid and invalid certificates.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::harness::Server;

/// A certificate authority for tests.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// The certificate and key of a server.
pub(crate) struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Issues a certificate for a host name or an address.
    pub(crate) fn issue(&self, host: &str) -> Identity {
        self.sign(params(host))
    }

    pub(crate) fn issue_expired(&self, host: &str) -> Identity {
        let mut params = params(host);
        params.not_after = date_time_ymd(2020, 1, 1);
        self.sign(params)
    }

    pub(crate) fn self_signed(host: &str) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(host).self_signed(&key).expect("a certificate");
        Identity {
            certificate: certificate.into(),
            key,
        }
    }

    /// Returns a self-signed certificate for a host name or an address, and its PEM form.
    pub(crate) fn self_signed_pem(host: &str, is_ca: bool) -> (Identity, String) {
        let mut params = params(host);
        if is_ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let pem = certificate.pem();
        let certificate = certificate.into();
        (Identity { certificate, key }, pem)
    }

    fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Identity {
            certificate: certificate.into(),
            key,
        }
    }
}

fn params(host: &str) -> CertificateParams {
    CertificateParams::new([host.to_owned()]).expect("a name or an address")
}

/// A proxy that terminates TLS in front of a scripted server. It stops when it is dropped.
pub(crate) struct TlsProxy {
    pub(crate) base_url: String,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl TlsProxy {
    pub(crate) async fn start(server: &Server, identity: Identity) -> Self {
        let Identity { certificate, key } = identity;
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a certificate with its key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("https://{}", listener.local_addr().expect("an address"));
        let upstream = server.base_url.replace("http://", "");
        let connections: Arc<AtomicUsize> = Arc::default();
        let count = connections.clone();
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
                tokio::spawn(async move {
                    // The handshake fails if the client rejects the certificate.
                    let Ok(mut plain) = acceptor.accept(socket).await else {
                        return;
                    };
                    let mut upstream = TcpStream::connect(upstream).await.expect("the server");
                    let _ = copy_bidirectional(&mut plain, &mut upstream).await;
                });
            }
        });
        Self {
            base_url,
            connections,
            task,
        }
    }

    /// Returns the number of TCP connections, including those whose TLS handshake failed.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for TlsProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}
