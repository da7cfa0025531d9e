//! The section "Test your bot" of the fake's README contains a copy of all code below this line.

use std::error::Error;

use chrono::TimeDelta;
use github_bypass_requests::{Client, StatusFilter};
use github_bypass_requests_fake::{
    BypassReason, Fake, Fault, NewRequest, NewResponse, SecretFinding,
};

/// The bot. It approves secrets that are only used in tests.
async fn run(client: &Client) -> Result<(), github_bypass_requests::Error> {
    let list = client.organization("octo-org").secret_scanning().list();
    let mut open = list.status(StatusFilter::Open).stream();
    let mut requests = Vec::new();
    while let Some(request) = open.try_next().await? {
        requests.push(request);
    }
    for request in requests {
        let mut reasons = request.data.iter().map(|it| it.bypass_reason.as_ref());
        if reasons.all(|reason| reason.is_some_and(|it| it == "used_in_tests")) {
            let repository = client.repository_of(&request)?.secret_scanning();
            let message = "Only used in tests.";
            repository.approve(request.number, message).await?;
        }
    }
    Ok(())
}

fn secret(bypass_reason: BypassReason) -> NewRequest<SecretFinding> {
    NewRequest::new().finding(SecretFinding {
        bypass_reason,
        ..SecretFinding::default()
    })
}

#[tokio::test(start_paused = true)]
async fn the_bot_approves_secrets_of_tests_only() -> Result<(), Box<dyn Error>> {
    let fake = Fake::builder().token("t", "octo-bot").start().await?;
    let client = Client::builder()
        .base_url(fake.base_url())
        .token("t")
        .build()?;

    // Three requests: one to approve, one to leave to people, and one that a colleague has denied.
    let test = fake.open_secret_scanning_request(secret(BypassReason::UsedInTests));
    let key = fake.open_secret_scanning_request(secret(BypassReason::FixLater));
    let an_hour_ago = fake.now() - TimeDelta::hours(1);
    let denied = secret(BypassReason::UsedInTests)
        .created_at(an_hour_ago)
        .response(NewResponse::denied("mona-the-cat").created_at(an_hour_ago));
    fake.open_secret_scanning_request(denied);

    // GitHub is down for 16 seconds. Then the response to the review is lost.
    let down = Fault::status(503).header("retry-after", "8");
    fake.misbehave(2, down.page(1))?;
    fake.misbehave(1, Fault::reset().after_applying().only("PATCH"))?;
    run(&client).await?;
    assert_eq!(fake.faults_left(), 0);

    // The bot sent one review.
    let received = fake.received();
    let reviews: Vec<_> = received.iter().filter(|it| it.method == "PATCH").collect();
    assert_eq!(reviews.len(), 1);
    let path = format!("/secret-scanning/{}", test.number);
    assert!(reviews[0].path.ends_with(&path));
    assert_eq!(reviews[0].caller.as_deref(), Some("octo-bot"));
    let responses = fake.responses("octo-org", "smile", test.number)?;
    assert_eq!(responses[0].message.as_deref(), Some("Only used in tests."));
    assert!(fake.responses("octo-org", "smile", key.number)?.is_empty());
    Ok(())
}
