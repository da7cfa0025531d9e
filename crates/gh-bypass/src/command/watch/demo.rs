//! The changes that happen in the demo.

use std::future::pending;
use std::time::Duration;

use github_bypass_requests_fake::{ChangeError, Fake, NewRequest};
use tokio::time::sleep;

use crate::terminal::{Terminal, warn};

const PAUSE: Duration = Duration::from_secs(2);
const OWNER: &str = "octo-org";
const REPOSITORY: &str = "smile";

/// Changes a request every two seconds. Keeps the fake running after the last change.
pub(crate) async fn play(fake: Fake, terminal: Terminal) {
    match changes(&fake).await {
        Ok(()) => terminal.notice("Nothing more happens in this demo. Press Ctrl-C to stop."),
        Err(error) => warn(&format!("the demo has failed: {error}")),
    }
    pending::<()>().await;
}

async fn changes(fake: &Fake) -> Result<(), ChangeError> {
    sleep(PAUSE).await;
    let secret = fake.open_secret_scanning_request(NewRequest::new().requester("hubot"));
    sleep(PAUSE).await;
    let push = fake.open_push_rule_request(NewRequest::new().requester("monalisa"));
    sleep(PAUSE).await;
    fake.approve(OWNER, REPOSITORY, secret.number, "octocat")?;
    sleep(PAUSE).await;
    fake.deny(OWNER, REPOSITORY, push.number, "octocat")?;
    sleep(PAUSE).await;
    fake.complete(OWNER, REPOSITORY, secret.number)?;
    sleep(PAUSE).await;
    let mistake = fake.open_secret_scanning_request(NewRequest::new().requester("hubot"));
    sleep(PAUSE).await;
    fake.cancel(OWNER, REPOSITORY, mistake.number)?;
    sleep(PAUSE).await;
    Ok(())
}
