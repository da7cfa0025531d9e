//! In the process of these tests, no cryptography provider is installed.

use github_bypass_requests::Client;
use github_bypass_requests_fake::{Fake, NewRequest};

#[test]
fn f108_an_https_client_cannot_be_built() {
    for host in ["github.com", "ghes.example.com", "https://127.0.0.1:8443"] {
        let client = Client::builder().base_url(host).token("ghp_any").build();
        let error = client.expect_err(host);
        assert!(error.is_invalid_input(), "{error}");
        assert_eq!(
            error.to_string(),
            "the feature `rustls-no-provider` needs a cryptography provider, and none is \
             installed; install one before `build`, for example with \
             `rustls::crypto::ring::default_provider().install_default()`"
        );
    }
}

#[tokio::test]
async fn f108_a_loopback_address_is_reached_over_http() {
    let fake = Fake::builder().start().await.expect("the fake");
    fake.open_secret_scanning_request(NewRequest::new());
    let client = Client::builder()
        .base_url(fake.base_url())
        .token("ghp_any")
        .build();
    let client = client.expect("a client");
    let list = client.organization("octo-org").secret_scanning().list();
    let request = list.stream().try_next().await.expect("a page");
    assert!(request.is_some());
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
