//! Tests the fake with a plain HTTP client, which compares every response with the OpenAPI
//! fragment.

mod admission;
mod caller;
mod control;
mod demo_world;
mod headers;
mod lists;
mod misbehavior;
mod readme;
mod received;
mod requests;
mod reviews;
mod server;
mod test_your_bot;
pub(crate) mod webhooks;

use caller::Caller;
use chrono::{DateTime, TimeDelta, Utc};
use github_bypass_requests_fake::{
    Builder, Clock, Demo, Fake, NewRequest, RuleViolation, SecretFinding,
};

const KINDS: [&str; 2] = ["secret-scanning", "push-rules"];
const SMILE: &str = "/repos/octo-org/smile/bypass-requests/secret-scanning";
const SMILE_RESPONSES: &str = "/repos/octo-org/smile/bypass-responses/secret-scanning";
const SMILE_PUSHES: &str = "/repos/octo-org/smile/bypass-requests/push-rules";
const ORG: &str = "/orgs/octo-org/bypass-requests/secret-scanning";
const ENTERPRISE: &str = "/enterprises/octo-enterprise/bypass-requests/secret-scanning";

fn noon() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().expect("an instant")
}

fn ago(by: TimeDelta) -> DateTime<Utc> {
    noon() - by
}

/// Starts an empty fake whose clock shows noon. Returns it, and a caller with all permissions.
async fn world() -> (Fake, Caller) {
    serve(Fake::builder()).await
}

async fn serve(builder: Builder) -> (Fake, Caller) {
    let fake = builder
        .clock(Clock::manual(noon()))
        .start()
        .await
        .expect("a port");
    let caller = Caller::new(&fake, "anything");
    (fake, caller)
}

async fn demo(requests: usize) -> (Fake, Caller) {
    serve(Fake::builder().demo(Demo::new(requests))).await
}

fn secret() -> NewRequest<SecretFinding> {
    NewRequest::new()
}

fn push() -> NewRequest<RuleViolation> {
    NewRequest::new()
}
