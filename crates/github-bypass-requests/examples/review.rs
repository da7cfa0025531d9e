//! Rejects a secret scanning request if it is still open, and then undoes the review.
//!
//! ```text
//! cargo run -p github-bypass-requests --example review -- octo-org/smile#15
//! ```
//!
//! Without a token in the environment, the example uses a fake GitHub in the same process.

mod connect;

use std::env;
use std::error::Error;

use github_bypass_requests::{Decision, ReviewResult};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, _fake) = connect::connect().await?;
    let name = env::args().nth(1);
    let name = name.as_deref().unwrap_or("octo-org/smile#15");
    let (repository, number) = name.split_once('#').ok_or("expected OWNER/REPO#N")?;
    let (owner, repository) = repository.split_once('/').ok_or("expected OWNER/REPO#N")?;
    let number: u64 = number.parse()?;

    let requests = client.repository(owner, repository).secret_scanning();
    let message = "please revoke the token";
    let outcome = requests.review_if_open(number, Decision::Reject, message);
    let outcome = outcome.await?;
    // Other people wrote parts of the text, so escape its control characters.
    println!("before: {}", outcome.request.to_string().escape_debug());
    println!("outcome: {}", outcome.to_string().escape_debug());

    // Otherwise, the outcome is the reason: another review decided the request, or it has expired.
    if let ReviewResult::Reviewed { review, .. } = &outcome.result {
        requests.undo(number, review).await?;
        let after = requests.get(number).await?.request;
        println!("after the undo: {}", after.to_string().escape_debug());
    }
    Ok(())
}
