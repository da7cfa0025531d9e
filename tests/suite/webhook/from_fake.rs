//! The deliveries of the fake are accepted and decoded. The fake has its own implementation of the
//! signature and of the payload.

use bytes::Bytes;
use chrono::TimeDelta;
use github_bypass_requests::webhook::{
    Action, Delivery, EventName, ExemptionData, ExemptionKind, ExemptionReason, ExemptionStatus,
    Payload, Receiver, RequestEvent, Seen,
};
use github_bypass_requests::{Client, Decision};
use github_bypass_requests_fake::{EventNames, Fake, NewRequest};

use super::{SECRET, headers};
use crate::fake::webhooks::receiver::{Arrival, Receiver as Server};

const OWNER: &str = "octo-org";
const REPOSITORY: &str = "smile";

/// Starts a server, and a fake that delivers to it.
async fn hooked() -> (Fake, Server) {
    let server = Server::start().await;
    let fake = Fake::builder().webhook(&server.url, SECRET);
    (fake.start().await.expect("a port"), server)
}

fn receive(arrival: &Arrival, receiver: &Receiver) -> Delivery {
    let pairs: Vec<_> = arrival
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let body = Bytes::copy_from_slice(arrival.body.as_bytes());
    receiver
        .receive(&headers(&pairs), body)
        .expect("a delivery")
}

/// Waits for the next event.
async fn next(server: &mut Server) -> RequestEvent {
    let delivery = receive(&server.accept().await, &super::receiver());
    match delivery.read().expect("a payload") {
        Payload::Request(event) => *event,
        other => panic!("{other:?}"),
    }
}

/// The parts of an event that a user checks.
fn summary(event: &RequestEvent) -> (Action, Option<Decision>, ExemptionStatus, String) {
    let status = event.request.status.clone();
    (
        event.action.clone(),
        event.decision(),
        status,
        event.to_string(),
    )
}

#[tokio::test]
async fn each_change_of_a_secret_scanning_request_is_delivered() {
    let (fake, mut server) = hooked().await;
    let client = Client::builder()
        .base_url(fake.base_url())
        .token("any")
        .build()
        .expect("a client");
    let number = fake.open_secret_scanning_request(NewRequest::new()).number;

    let opened = next(&mut server).await;
    assert_eq!(opened.kind(), Some(ExemptionKind::SecretScanning));
    assert_eq!(opened.action, Action::Created);
    assert_eq!(
        opened.request.number.map(i64::from),
        i64::try_from(number).ok()
    );
    assert_eq!(opened.request.metadata.reason, Some(ExemptionReason::Tests));
    match &opened.request.data {
        ExemptionData::Secrets(secrets) => {
            let path = secrets[0].locations[0].path.as_deref();
            assert_eq!(path, Some("/tests/README.md"), "without line and column");
        }
        other => panic!("{other:?}"),
    }
    // The event leads to the request that was opened.
    let requests = client
        .repository_of_event(&opened)
        .expect("a repository")
        .secret_scanning();
    let request = requests
        .get(opened.request.number.expect("a number"))
        .await
        .expect("a request");
    assert_eq!(request.id, opened.request.id);
    assert_eq!(request.requester, opened.request.requester);
    assert_eq!(request.repository, opened.repository);
    assert_eq!(request.organization, opened.organization);
    assert_eq!(Some(request.created_at), Some(opened.request.created_at));
    assert_eq!(request.expires_at, opened.request.expires_at);

    let review = requests
        .approve(request.number, "it is a test key")
        .await
        .expect("approved");
    let approved = next(&mut server).await;
    let line = format!("approved by octocat: octo-org/smile#{number}");
    let pending = ExemptionStatus::Pending;
    let approve = Some(Decision::Approve);
    assert_eq!(
        summary(&approved),
        (Action::ResponseSubmitted, approve, pending.clone(), line)
    );
    let response = approved.response.as_ref().expect("a response");
    assert_eq!(
        response.reviewer_comment.as_deref(),
        Some("it is a test key")
    );
    assert_eq!(response.id, review.response_id);
    assert_eq!(approved.reviewer(), Some(&approved.sender));

    requests
        .undo(request.number, &review)
        .await
        .expect("dismissed");
    let dismissed = next(&mut server).await;
    let line = format!("dismissed by octocat: octo-org/smile#{number}");
    assert_eq!(
        summary(&dismissed),
        (Action::ResponseDismissed, None, pending, line)
    );

    requests
        .reject(request.number, "please revoke it")
        .await
        .expect("rejected");
    let rejected = next(&mut server).await;
    let line = format!("rejected by octocat: octo-org/smile#{number}");
    let reject = Some(Decision::Reject);
    assert_eq!(
        summary(&rejected),
        (
            Action::ResponseSubmitted,
            reject,
            ExemptionStatus::Rejected,
            line
        )
    );

    let other = fake.open_secret_scanning_request(NewRequest::new()).number;
    next(&mut server).await;
    fake.cancel(OWNER, REPOSITORY, other).expect("open");
    let cancelled = next(&mut server).await;
    let line = format!("cancelled: octo-org/smile#{other}");
    assert_eq!(
        summary(&cancelled),
        (Action::Cancelled, None, ExemptionStatus::Cancelled, line)
    );
}

#[tokio::test]
async fn each_change_of_a_push_rule_request_is_delivered_under_both_spellings() {
    for (names, of_secrets) in [
        (
            EventNames::Documented,
            EventName::BypassRequestSecretScanning,
        ),
        (
            EventNames::Deployed,
            EventName::ExemptionRequestSecretScanning,
        ),
    ] {
        let mut server = Server::start().await;
        let builder = Fake::builder()
            .webhook(&server.url, SECRET)
            .event_names(names);
        let fake = builder.start().await.expect("a port");
        let number = fake.open_push_rule_request(NewRequest::new()).number;
        let opened = next(&mut server).await;
        assert_eq!(opened.kind(), Some(ExemptionKind::PushRules));
        assert!(matches!(
            opened.request.data,
            ExemptionData::RuleViolations(_)
        ));
        fake.approve(OWNER, REPOSITORY, number, "dora")
            .expect("open");
        assert_eq!(next(&mut server).await.decision(), Some(Decision::Approve));
        fake.complete(OWNER, REPOSITORY, number).expect("approved");
        let completed = next(&mut server).await;
        let line = format!("completed: octo-org/smile#{number}, approved by dora");
        let approve = Some(Decision::Approve);
        let status = ExemptionStatus::Completed;
        assert_eq!(
            summary(&completed),
            (Action::Completed, approve, status, line)
        );

        fake.open_secret_scanning_request(NewRequest::new());
        let event = next(&mut server).await;
        assert_eq!(event.event, of_secrets);
        assert_eq!(event.kind(), Some(ExemptionKind::SecretScanning));
    }
}

/// Only a watch reports an expiry.
#[tokio::test]
async fn an_expiry_is_not_delivered() {
    let (fake, mut server) = hooked().await;
    fake.open_secret_scanning_request(NewRequest::new());
    next(&mut server).await;
    fake.advance(TimeDelta::days(8));
    let second = fake.open_secret_scanning_request(NewRequest::new()).number;
    let event = next(&mut server).await;
    assert_eq!(
        event.request.number.map(i64::from),
        i64::try_from(second).ok()
    );
}

#[tokio::test]
async fn a_redelivery_is_recognized_and_a_ping_is_not_decoded() {
    let (fake, mut server) = hooked().await;
    let seen = Seen::new(100);
    fake.open_secret_scanning_request(NewRequest::new());
    let first = receive(&server.accept().await, &super::receiver());
    assert!(seen.insert(&first));
    assert!(fake.redeliver(first.id().expect("an id")));
    let second = receive(&server.accept().await, &super::receiver());
    assert!(seen.contains(&second));
    assert_eq!(
        second.payload().expect("a payload"),
        first.payload().expect("a payload")
    );

    fake.ping();
    let ping = receive(&server.accept().await, &super::receiver());
    assert!(!seen.contains(&ping));
    assert!(matches!(ping.read(), Ok(Payload::Ping)));
    assert_eq!(
        (ping.hook_id(), ping.target().kind.as_deref()),
        (Some(1), Some("integration"))
    );
}
