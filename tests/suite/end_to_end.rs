//! Uses the client as a review team would, against the stateful fake.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{TimeDelta, TimeZone, Utc};
use github_bypass_requests::{
    BypassKind, BypassRequest, Client, RequestStatus, RequestStream, ResponseStatus, StatusFilter,
    TimePeriod,
};
use github_bypass_requests_fake::{Clock, Demo, Fake, NewRequest};

async fn fake() -> Fake {
    let now = Utc
        .with_ymd_and_hms(2026, 7, 1, 12, 0, 0)
        .single()
        .expect("an instant");
    Fake::builder()
        .token("t", "octocat")
        .clock(Clock::manual(now))
        .start()
        .await
        .expect("a port")
}

/// Returns a client that does not wait between writes.
fn client(fake: &Fake) -> Client {
    Client::builder()
        .base_url(fake.base_url())
        .token("t")
        .write_interval(Duration::ZERO)
        .build()
        .expect("client")
}

async fn collect<D: BypassKind>(mut stream: RequestStream<D>) -> Vec<BypassRequest<D>> {
    let mut requests = Vec::new();
    while let Some(request) = stream.try_next().await.expect("a request") {
        requests.push(request);
    }
    requests
}

#[tokio::test]
async fn a_request_is_approved_dismissed_and_rejected() {
    let fake = fake().await;
    let opened =
        fake.open_secret_scanning_request(NewRequest::new().repository("octo-org", "smile"));
    let repository = client(&fake)
        .repository("octo-org", "smile")
        .secret_scanning();

    let request = repository.get(opened.number).await.expect("a request");
    assert_eq!(request.status, RequestStatus::Open);
    assert!(request.responses.is_empty());

    let review = repository
        .approve(request.number, "rotated, see INC-7")
        .await
        .expect("approved");
    assert!(review.meta.request_id.is_some());
    let response_id = review.response_id.expect("an id");
    let request = repository.get(request.number).await.expect("a request");
    assert_eq!(request.status, RequestStatus::Approved);
    let [response] = &request.responses[..] else {
        panic!("{:?}", request.responses)
    };
    assert_eq!(response.id, Some(response_id));
    assert_eq!(response.status, Some(ResponseStatus::Approved));
    assert_eq!(response.reviewer.to_string(), "octocat");

    let error = repository
        .reject(request.number, "no")
        .await
        .expect_err("already reviewed");
    assert!(error.is_validation_failed(), "{error}");

    repository.dismiss(response_id).await.expect("dismissed");
    let request = repository.get(request.number).await.expect("a request");
    assert_eq!(request.status, RequestStatus::Open);
    assert_eq!(request.responses[0].status, Some(ResponseStatus::Dismissed));
    assert!(
        repository
            .dismiss(response_id)
            .await
            .expect_err("already dismissed")
            .is_validation_failed()
    );

    repository
        .reject(request.number, "please revoke it")
        .await
        .expect("rejected");
    let request = repository.get(request.number).await.expect("a request");
    assert_eq!(request.status, RequestStatus::Denied);
    assert_eq!(request.responses.len(), 2);
}

#[tokio::test]
async fn a_whole_queue_is_read_and_then_reviewed() {
    let fake = fake().await;
    for index in 0..250 {
        let repository = ["smile", "hello-world"][index % 2];
        fake.open_secret_scanning_request(NewRequest::new().repository("octo-org", repository));
    }
    let client = client(&fake);
    let open = || {
        client
            .organization("octo-org")
            .secret_scanning()
            .list()
            .status(StatusFilter::Open)
    };

    let queue = collect(open().stream()).await;
    assert_eq!(queue.len(), 250);
    for request in &queue {
        let repository = client
            .repository_of(request)
            .expect("named")
            .secret_scanning();
        repository
            .approve(request.number, "fine")
            .await
            .expect("approved");
    }
    assert!(collect(open().stream()).await.is_empty());
    let approved = client
        .organization("octo-org")
        .secret_scanning()
        .list()
        .status(StatusFilter::Approved);
    assert_eq!(collect(approved.stream()).await.len(), 250);
}

#[tokio::test]
async fn both_kinds_are_listed_in_every_scope() {
    async fn ids<D: BypassKind>(stream: RequestStream<D>) -> BTreeSet<i64> {
        collect(stream)
            .await
            .iter()
            .map(|request| request.id.get())
            .collect()
    }
    let now = Utc
        .with_ymd_and_hms(2026, 7, 1, 12, 0, 0)
        .single()
        .expect("an instant");
    let builder = Fake::builder()
        .clock(Clock::manual(now))
        .demo(Demo::new(120).seed(3));
    let fake = builder.start().await.expect("a port");
    let client = client(&fake);
    let enterprise = client.enterprise("octo-enterprise");
    let organization = client.organization("octo-org");
    let repository = client.repository("octo-org", "smile");

    let secrets = ids(organization.secret_scanning().list().stream()).await;
    let rules = ids(organization.push_rules().list().stream()).await;
    assert_eq!((secrets.len(), rules.len()), (120, 120));

    let narrowed = enterprise.secret_scanning().list().organization("octo-org");
    assert_eq!(ids(narrowed.stream()).await, secrets);
    assert!(
        ids(enterprise.secret_scanning().list().stream())
            .await
            .len()
            > 120
    );
    let narrowed = enterprise.push_rules().list().organization("octo-org");
    assert_eq!(ids(narrowed.stream()).await, rules);

    let of_smile = ids(repository.secret_scanning().list().stream()).await;
    let narrowed = organization.secret_scanning().list().repository("smile");
    assert_eq!(ids(narrowed.stream()).await, of_smile);
    assert!(!of_smile.is_empty() && of_smile.is_subset(&secrets));

    for request in collect(repository.push_rules().list().stream()).await {
        assert_eq!(
            repository
                .push_rules()
                .get(request.number)
                .await
                .expect("a request")
                .request,
            request
        );
    }
}

#[tokio::test]
async fn each_filter_narrows_a_list() {
    let fake = fake().await;
    let denied = NewRequest::new().requester("hubot").denied_by("octocat");
    fake.open_secret_scanning_request(denied.created_at(fake.now() - TimeDelta::days(2)));
    fake.open_secret_scanning_request(NewRequest::new().requester("monalisa"));
    let client = client(&fake);
    let list = || client.organization("octo-org").secret_scanning().list();

    assert_eq!(collect(list().stream()).await.len(), 2);
    let names = [
        (list().status(StatusFilter::Denied), "hubot"),
        (list().status(StatusFilter::Open), "monalisa"),
        (list().requester("hubot"), "hubot"),
        (list().reviewer("octocat"), "hubot"),
        (list().time_period(TimePeriod::Day), "monalisa"),
    ];
    for (list, requester) in names {
        let [request] = &collect(list.stream()).await[..] else {
            panic!("{requester}")
        };
        assert_eq!(request.requester.to_string(), requester);
    }

    fake.advance(TimeDelta::days(8));
    let expired = collect(list().status(StatusFilter::Expired).stream()).await;
    let [request] = &expired[..] else {
        panic!("{expired:?}")
    };
    assert_eq!(request.status, RequestStatus::Expired);
}

#[tokio::test]
async fn error_responses_of_the_fake_become_errors() {
    let fake = fake().await;
    let opened = fake.open_push_rule_request(NewRequest::new());
    let wrong = Client::builder()
        .base_url(fake.base_url())
        .token("other")
        .build()
        .expect("client");
    let error = wrong
        .repository("octo-org", "smile")
        .push_rules()
        .get(opened.number)
        .await;
    assert!(error.expect_err("an invalid token").is_unauthorized());

    let repository = client(&fake).repository("octo-org", "smile");
    assert!(repository.push_rules().get(opened.number).await.is_ok());
    let error = repository.secret_scanning().get(opened.number).await;
    assert!(
        error
            .expect_err("a request of the other kind")
            .is_not_found()
    );

    let unsupported = Client::builder()
        .base_url(fake.base_url())
        .token("t")
        .api_version("2001-01-01");
    let client = unsupported.build().expect("client");
    let error = client
        .repository("octo-org", "smile")
        .push_rules()
        .get(1)
        .await
        .expect_err("an unsupported API version");
    assert_eq!(error.status(), Some(400));
}
