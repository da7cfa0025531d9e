//! Reads the first request of an organization: `by-this-crate-with-ring BASE_URL`.

use std::error::Error;

use github_bypass_requests::Client;
use rustls::crypto::ring::default_provider;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    default_provider()
        .install_default()
        .map_err(|_| "another provider is already installed")?;
    let client = Client::builder()
        .token("ghp_benchmark")
        .base_url(std::env::args().nth(1).unwrap_or_default())
        .build()?;
    let list = client.organization("octo-org").secret_scanning().list();
    if let Some(request) = list.stream().try_next().await? {
        println!("{request}");
    }
    Ok(())
}
