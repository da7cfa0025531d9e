//! Connects the examples to GitHub, or to a fake if the environment contains no token.

use std::env;
use std::error::Error;

use github_bypass_requests::Client;
use github_bypass_requests_fake::{Demo, Fake};

/// Returns a client, and the fake that it is connected to, if any. The fake runs until it is
/// dropped.
pub(crate) async fn connect() -> Result<(Client, Option<Fake>), Box<dyn Error>> {
    match Client::from_env() {
        // A user who sets `GH_HOST` does not expect a fake.
        Err(error) if error.is_token_missing() && env::var_os("GH_HOST").is_none() => {
            eprintln!("using a fake GitHub with made-up requests ({error})");
            let fake = Fake::builder().demo(Demo::new(40)).start().await?;
            let client = Client::builder().base_url(fake.base_url()).token("any");
            Ok((client.build()?, Some(fake)))
        }
        client => Ok((client?, None)),
    }
}
