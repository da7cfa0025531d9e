//! The fake's record of the requests that it received.

use std::time::Duration;

use chrono::TimeDelta;
use github_bypass_requests_fake::{Fake, Fault, Received};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::caller::Caller;
use super::{SMILE, ago, noon, secret, serve, world};

/// Returns a recorded request as JSON.
fn as_json(received: &Received) -> Value {
    serde_json::to_value(received).expect("JSON")
}

/// Sends a request whose response may be faulty.
async fn send(caller: &Caller, method: Method, path: &str, body: &str) {
    let request = caller
        .http
        .request(method, format!("{}{path}", caller.base))
        .headers(caller.headers.clone())
        .body(body.to_owned());
    if let Ok(response) = request.send().await {
        let _ = response.text().await;
    }
}

async fn only_request(fault: Fault) -> Received {
    let (fake, caller) = world().await;
    fake.add_repository("octo-org", "smile");
    fake.misbehave(1, fault).expect("a fault");
    send(&caller, Method::GET, SMILE, "").await;
    let received = fake.received();
    let [received] = &received[..] else {
        panic!("expected one request, not {received:?}");
    };
    received.clone()
}

#[tokio::test]
async fn received_requests_have_their_caller_and_response_in_order() {
    let (fake, _) = serve(Fake::builder().token("s3cret", "octo-bot")).await;
    let caller = Caller::new(&fake, "s3cret");
    let number = fake.open_secret_scanning_request(secret()).number;
    let one = format!("{SMILE}/{number}");
    let approval = r#"{"status": "approve", "message": "It is — a test key."}"#;

    let list = caller.list(&format!("{SMILE}?per_page=5&page=1")).await;
    fake.advance(TimeDelta::minutes(1));
    let review = caller.call(Method::PATCH, &one, approval).await;
    let again = caller.call(Method::PATCH, &one, approval).await;
    let unknown = Caller::new(&fake, "0ther").get(&one).await;
    caller.clone().without("authorization").get(&one).await;

    let received = fake.received();
    let common = |received: &Received| {
        let status = received.response.as_ref().map(|response| response.status);
        (received.method.clone(), received.caller.clone(), status)
    };
    let bot = || Some("octo-bot".to_owned());
    assert_eq!(
        received.iter().map(common).collect::<Vec<_>>(),
        [
            ("GET".to_owned(), bot(), Some(200)),
            ("PATCH".to_owned(), bot(), Some(200)),
            ("PATCH".to_owned(), bot(), Some(422)),
            ("GET".to_owned(), None, Some(401)),
            ("GET".to_owned(), None, Some(401)),
        ]
    );
    assert_eq!(received[0].path, SMILE);
    assert_eq!(received[0].query.as_deref(), Some("per_page=5&page=1"));
    assert_eq!(received[0].at, noon());
    assert_eq!(received[1].path, one);
    assert_eq!(received[1].query, None);
    assert_eq!(received[1].body, approval);
    assert_eq!(received[1].at, ago(TimeDelta::minutes(-1)));
    for (received, response) in received.iter().zip([list, review, again, unknown]) {
        let sent = received.response.as_ref().expect("a response");
        assert_eq!(sent.body, response.text);
        let id = response.header("x-github-request-id");
        assert_eq!(sent.request_id.as_deref(), Some(id));
    }

    let text = format!("{received:?} {:?}", received.iter().map(as_json));
    assert!(
        !text.contains("s3cret") && !text.contains("0ther"),
        "{text}"
    );

    fake.clear_received();
    assert_eq!(fake.received(), []);
    caller.list(SMILE).await;
    assert_eq!(fake.received().len(), 1);
}

#[tokio::test]
async fn a_lost_response_is_not_recorded() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let approval = json!({"status": "approve", "message": "fine"}).to_string();
    let lost = Fault::reset().after_applying();
    fake.misbehave(1, lost).expect("a fault");
    send(
        &caller,
        Method::PATCH,
        &format!("{SMILE}/{number}"),
        &approval,
    )
    .await;
    assert_eq!(caller.status_of(number).await, "approved");
    let review = &fake.received()[0];
    assert_eq!(review.body, approval);
    assert_eq!(review.response, None);
}

#[tokio::test]
async fn a_faulty_response_is_recorded_without_its_body() {
    for (fault, status) in [
        (Fault::status(502).body("a-token"), 502),
        (Fault::status(201).after_applying(), 201),
        (Fault::new().body("a-token"), 200),
        (Fault::new().truncate(1), 200),
    ] {
        let response = only_request(fault.clone()).await.response;
        let response = response.expect("a response");
        assert_eq!(
            (response.status, &*response.body),
            (status, ""),
            "{fault:?}"
        );
    }
    for fault in [Fault::new(), Fault::new().header("x", "y")] {
        let response = only_request(fault.clone()).await.response;
        let response = response.expect("a response");
        assert_eq!((response.status, &*response.body), (200, "[]"), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_response_yet_is_listed() {
    let (fake, caller) = world().await;
    let minute = Duration::from_secs(60);
    fake.misbehave(1, Fault::new().delay(minute))
        .expect("a fault");
    let sent = timeout(minute / 2, caller.get(SMILE)).await;
    assert!(sent.is_err(), "no response in time");
    let received = fake.received();
    assert_eq!((received.len(), &received[0].response), (1, &None));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_the_log_is_limited() {
    let (fake, caller) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let one = format!("{SMILE}/{number}");
    let largest = 2 << 20;
    for (size, status) in [(largest, 400), (largest + 1, 413)] {
        let body = "x".repeat(size);
        send(&caller, Method::PATCH, &one, &body).await;
        let received = fake.received();
        let last = received.last().expect("a request");
        let response = last.response.as_ref().expect("a response");
        assert_eq!(response.status, status, "{size} bytes");
    }
    for _ in 0..10 {
        send(&caller, Method::PATCH, &one, &"x".repeat(largest)).await;
    }
    caller.list(SMILE).await;
    let received = fake.received();
    let bytes: usize = received.iter().map(|it| it.body.len()).sum();
    assert!(bytes > 10 << 20 && bytes <= 16 << 20, "{bytes}");
    assert_eq!(received.last().expect("a request").path, SMILE);
}
