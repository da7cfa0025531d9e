//! TLS in front of a scripted server, and certificates good and bad.

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

/// A certificate authority of the test's own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a server shows.
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

    /// For a name or an address.
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

/// Takes TLS off and hands on to a scripted server; it ends with the value.
pub(crate) struct Front {
    pub(crate) base_url: String,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Front {
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
        let behind = server.base_url.replace("http://", "");
        let connections: Arc<AtomicUsize> = Arc::default();
        let count = connections.clone();
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    // Clients that refuse the certificate end here.
                    let Ok(mut plain) = acceptor.accept(socket).await else {
                        return;
                    };
                    let mut onward = TcpStream::connect(behind).await.expect("the server");
                    let _ = copy_bidirectional(&mut plain, &mut onward).await;
                });
            }
        });
        Self {
            base_url,
            connections,
            task,
        }
    }

    /// How many have connected, TLS or not.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}
