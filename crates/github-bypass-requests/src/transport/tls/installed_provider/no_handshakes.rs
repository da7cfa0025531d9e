//! A rustls configuration for clients that only use http.
//!
//! reqwest needs a configuration with a cryptography provider even if it never uses TLS. The
//! provider in this configuration contains no cryptography, so every handshake fails before
//! anything is sent.

use std::sync::Arc;

use rustls::client::ClientConfig;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, KeyBlockShape, MessageDecrypter,
    MessageEncrypter, OutboundOpaqueMessage, OutboundPlainMessage, Tls12AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::crypto::hash::{Context, Hash, HashAlgorithm, Output};
use rustls::crypto::tls12::Prf;
use rustls::crypto::{
    ActiveKeyExchange, CipherSuiteCommon, CryptoProvider, GetRandomFailed, KeyExchangeAlgorithm,
    KeyProvider, SecureRandom, SupportedKxGroup, WebPkiSupportedAlgorithms,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::version::TLS12;
use rustls::{
    CipherSuite, ConnectionTrafficSecrets, Error, NamedGroup, RootCertStore, SupportedCipherSuite,
    Tls12CipherSuite,
};

pub(super) fn config() -> Result<ClientConfig, Error> {
    let provider = CryptoProvider {
        cipher_suites: vec![SupportedCipherSuite::Tls12(&SUITE)],
        kx_groups: vec![&NoCryptography],
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: &[],
            mapping: &[],
        },
        secure_random: &NoCryptography,
        key_provider: &NoCryptography,
    };
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS12])?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(config)
}

/// A provider must have at least one cipher suite.
static SUITE: Tls12CipherSuite = Tls12CipherSuite {
    common: CipherSuiteCommon {
        suite: CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        hash_provider: &NoCryptography,
        confidentiality_limit: 0,
    },
    prf_provider: &NoCryptography,
    kx: KeyExchangeAlgorithm::ECDHE,
    sign: &[],
    aead_alg: &NoCryptography,
};

/// A provider without cryptography. Its methods return an error if their signatures allow one. The
/// other methods are never called, because a handshake starts with random bytes, which this
/// provider cannot generate.
#[derive(Debug)]
struct NoCryptography;

fn unavailable<T>() -> Result<T, Error> {
    Err(Error::General("no cryptography provider".to_owned()))
}

impl SecureRandom for NoCryptography {
    fn fill(&self, _: &mut [u8]) -> Result<(), GetRandomFailed> {
        Err(GetRandomFailed)
    }
}

impl KeyProvider for NoCryptography {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        unavailable()
    }
}

impl SupportedKxGroup for NoCryptography {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        unavailable()
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

impl Hash for NoCryptography {
    fn start(&self) -> Box<dyn Context> {
        Box::new(Self)
    }

    fn hash(&self, _: &[u8]) -> Output {
        Output::new(&[])
    }

    fn output_len(&self) -> usize {
        0
    }

    fn algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::SHA256
    }
}

impl Context for NoCryptography {
    fn fork_finish(&self) -> Output {
        Output::new(&[])
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(Self)
    }

    fn finish(self: Box<Self>) -> Output {
        Output::new(&[])
    }

    fn update(&mut self, _: &[u8]) {}
}

impl Prf for NoCryptography {
    fn for_key_exchange(
        &self,
        _: &mut [u8; 48],
        _: Box<dyn ActiveKeyExchange>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
    ) -> Result<(), Error> {
        unavailable()
    }

    fn for_secret(&self, _: &mut [u8], _: &[u8], _: &[u8], _: &[u8]) {}
}

impl Tls12AeadAlgorithm for NoCryptography {
    fn encrypter(&self, _: AeadKey, _: &[u8], _: &[u8]) -> Box<dyn MessageEncrypter> {
        Box::new(Self)
    }

    fn decrypter(&self, _: AeadKey, _: &[u8]) -> Box<dyn MessageDecrypter> {
        Box::new(Self)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        KeyBlockShape {
            enc_key_len: 0,
            fixed_iv_len: 0,
            explicit_nonce_len: 0,
        }
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: &[u8],
        _: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

impl MessageEncrypter for NoCryptography {
    fn encrypt(
        &mut self,
        _: OutboundPlainMessage<'_>,
        _: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        unavailable()
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        payload_len
    }
}

impl MessageDecrypter for NoCryptography {
    fn decrypt<'a>(
        &mut self,
        _: InboundOpaqueMessage<'a>,
        _: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        unavailable()
    }
}

#[cfg(test)]
mod tests {
    use rustls::client::ClientConnection;
    use rustls::pki_types::ServerName;

    use super::*;

    #[test]
    fn f108_every_handshake_fails() {
        let config = Arc::new(config().expect("a configuration"));
        let server = ServerName::try_from("localhost").expect("a name");
        assert!(ClientConnection::new(config, server).is_err());
    }
}
