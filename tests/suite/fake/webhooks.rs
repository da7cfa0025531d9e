//! The webhook deliveries of the fake.

pub(crate) mod receiver;

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use github_bypass_requests_fake::{
    Access, BypassReason, Delivery, Demo, EventNames, Fake, Fault, NewResponse, RuleViolation,
    SecretFinding,
};
use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use self::receiver::{PATIENCE, Receiver};
use super::caller::Caller;
use super::control::Control;
use super::{SMILE, SMILE_RESPONSES, noon, push, secret, serve};
use crate::support::ClosedPort;

const SECRET: &str = "s3cret";

/// Starts a receiver, and a fake that delivers to it.
async fn hooked() -> (Fake, Caller, Receiver) {
    let receiver = Receiver::start().await;
    let (fake, caller) = serve(Fake::builder().webhook(&receiver.url, SECRET)).await;
    (fake, caller, receiver)
}

/// Waits until no delivery is pending.
async fn settled(fake: &Fake) -> Vec<Delivery> {
    let settled = async {
        while fake.deliveries().iter().any(Delivery::is_pending) {
            tokio::task::yield_now().await;
        }
        fake.deliveries()
    };
    timeout(PATIENCE, settled)
        .await
        .expect("no pending delivery")
}

/// Approves a request without checking the response.
async fn send_approval(caller: &Caller, number: u64) -> reqwest::Result<reqwest::Response> {
    let request = caller
        .http
        .patch(format!("{}{SMILE}/{number}", caller.base))
        .headers(caller.headers.clone())
        .body(r#"{"status": "approve", "message": "fine"}"#);
    request.send().await
}

/// Computes a signature with the cryptography library of the tests.
fn signature(body: &str, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    let mac = jsonwebtoken::crypto::sign(body.as_bytes(), &key, Algorithm::HS256).expect("a MAC");
    let mac = URL_SAFE_NO_PAD.decode(mac).expect("base64");
    let digits: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

/// The ways to change a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    /// The operations for reviews and dismissals, and methods of `Fake` for everything else.
    Operation,
    Method,
    Control,
}

const WAYS: [Way; 3] = [Way::Operation, Way::Method, Way::Control];

/// Changes requests of `octo-org/smile` in one of these ways.
struct Changes<'a> {
    fake: &'a Fake,
    caller: &'a Caller,
    control: Control,
    way: Way,
}

impl<'a> Changes<'a> {
    fn new(fake: &'a Fake, caller: &'a Caller, way: Way) -> Self {
        Self {
            fake,
            caller,
            control: Control::new(caller),
            way,
        }
    }

    async fn open_secret_scanning_request(&self) -> u64 {
        if self.way != Way::Control {
            return self.fake.open_secret_scanning_request(secret()).number;
        }
        let (status, body) = self
            .control
            .post("/requests/secret-scanning", &json!({}))
            .await;
        assert_eq!(status, 201, "{body}");
        body["number"].as_u64().expect("a number")
    }

    async fn open_push_rule_request(&self) -> u64 {
        if self.way != Way::Control {
            return self.fake.open_push_rule_request(push()).number;
        }
        let (status, body) = self.control.post("/requests/push-rules", &json!({})).await;
        assert_eq!(status, 201, "{body}");
        body["number"].as_u64().expect("a number")
    }

    /// Reviews a request as `octocat`, to whom every token belongs. The operation can review only
    /// secret scanning requests.
    async fn review(&self, number: u64, is_approved: bool) {
        let decision = if is_approved { "approve" } else { "reject" };
        let message = "It is — \"fine\".";
        match self.way {
            Way::Operation => {
                let body = json!({"status": decision, "message": message});
                assert_eq!(self.caller.review(number, &body).await.status, 200);
            }
            Way::Method => {
                let response = match is_approved {
                    true => NewResponse::approved("octocat"),
                    false => NewResponse::denied("octocat"),
                };
                let response = response.message(message);
                let reviewed = self.fake.respond("octo-org", "smile", number, response);
                reviewed.expect("a review");
            }
            Way::Control => {
                let path = format!("/requests/octo-org/smile/{number}/{decision}");
                let body = json!({"reviewer": "octocat", "message": message});
                let (status, body) = self.control.post(&path, &body).await;
                assert_eq!(status, 201, "{body}");
            }
        }
    }

    async fn cancel(&self, number: u64) {
        if self.way == Way::Control {
            return self.act(number, "cancel").await;
        }
        let cancelled = self.fake.cancel("octo-org", "smile", number);
        cancelled.expect("cancelled");
    }

    async fn complete(&self, number: u64) {
        if self.way == Way::Control {
            return self.act(number, "complete").await;
        }
        let completed = self.fake.complete("octo-org", "smile", number);
        completed.expect("completed");
    }

    async fn act(&self, number: u64, act: &str) {
        let path = format!("/requests/octo-org/smile/{number}/{act}");
        let (status, body) = self.control.send(Method::POST, &path, "").await;
        assert_eq!(status, 204, "{body}");
    }
}

/// Waits for the next `count` deliveries. Returns their text for a snapshot.
async fn next_deliveries(receiver: &mut Receiver, count: usize) -> String {
    let mut text = String::new();
    for _ in 0..count {
        let arrival = receiver.accept().await;
        let event = arrival.header("x-github-event");
        let body = serde_json::to_string_pretty(&arrival.json()).expect("JSON");
        text.push_str(&format!("{event}\n{body}\n\n"));
    }
    text
}

#[tokio::test]
async fn each_change_of_a_secret_scanning_request_is_delivered() {
    for way in WAYS {
        let (fake, caller, mut receiver) = hooked().await;
        let changes = Changes::new(&fake, &caller, way);
        let number = changes.open_secret_scanning_request().await;
        changes.review(number, false).await;
        assert_eq!(caller.dismiss(1).await.status, 204);
        changes.review(number, true).await;
        changes.complete(number).await;
        let number = changes.open_secret_scanning_request().await;
        changes.cancel(number).await;

        let deliveries = next_deliveries(&mut receiver, 7).await;
        insta::assert_snapshot!("webhooks_of_a_secret_scanning_request", deliveries);
        assert!(!receiver.has_arrival());
    }
}

#[tokio::test]
async fn each_change_of_a_push_rule_request_is_delivered() {
    // No operation changes push rule requests.
    for way in [Way::Method, Way::Control] {
        let (fake, caller, mut receiver) = hooked().await;
        let changes = Changes::new(&fake, &caller, way);
        let number = changes.open_push_rule_request().await;
        changes.review(number, true).await;
        changes.complete(number).await;
        let number = changes.open_push_rule_request().await;
        changes.review(number, false).await;
        let number = changes.open_push_rule_request().await;
        changes.cancel(number).await;

        let deliveries = next_deliveries(&mut receiver, 7).await;
        insta::assert_snapshot!("webhooks_of_a_push_rule_request", deliveries);
    }
}

#[tokio::test]
async fn short_methods_deliver_reviews_without_a_comment() {
    let (fake, _, mut receiver) = hooked().await;
    for is_approved in [true, false] {
        let number = fake.open_push_rule_request(push()).number;
        let reviewed = match is_approved {
            true => fake.approve("octo-org", "smile", number, "octo-bot[bot]"),
            false => fake.deny("octo-org", "smile", number, "octo-bot[bot]"),
        };
        let id = reviewed.expect("a review");
        receiver.accept().await;
        let payload = receiver.accept().await.json();
        let response = &payload["exemption_response"];
        let status = if is_approved { "approved" } else { "rejected" };
        assert_eq!(payload["action"], "response_submitted");
        assert_eq!(
            (&response["id"], &response["status"]),
            (&json!(id), &json!(status))
        );
        assert_eq!(response["reviewer_comment"], Value::Null);
        assert_eq!(payload["sender"]["login"], "octo-bot[bot]");
        assert_eq!(payload["sender"]["type"], "Bot");
    }
}

#[tokio::test]
async fn the_sender_of_a_dismissal_is_the_caller() {
    let mut receiver = Receiver::start().await;
    let builder = Fake::builder()
        .token("a-token", "hubot")
        .webhook(&receiver.url, SECRET);
    let (fake, _) = serve(builder).await;
    let approved = secret().approved_by("octocat");
    fake.open_secret_scanning_request(approved);
    let caller = Caller::new(&fake, "a-token");
    assert_eq!(caller.dismiss(1).await.status, 204);
    receiver.accept().await;
    let payload = receiver.accept().await.json();
    assert_eq!(payload["sender"]["login"], "hubot");
    assert_eq!(payload["exemption_response"]["reviewer_login"], "octocat");
}

#[tokio::test]
async fn a_payload_has_every_finding_and_the_words_of_webhooks() {
    let (fake, _, mut receiver) = hooked().await;
    let mut payload_of = async |request| {
        fake.open_secret_scanning_request(request);
        receiver.accept().await.json()["exemption_request"].take()
    };
    for (reason, word) in [
        (BypassReason::UsedInTests, "tests"),
        (BypassReason::FalsePositive, "false_positive"),
        (BypassReason::FixLater, "fixed_later"),
    ] {
        let finding = SecretFinding {
            secret_type: "npm_access_token".into(),
            bypass_reason: reason,
            path: "/a.txt:1:2".into(),
            branch: "refs/heads/x".into(),
        };
        let request = secret()
            .resource_identifier("827efc6d")
            .finding(finding)
            .finding(SecretFinding::default());
        let payload = payload_of(request).await;
        assert_eq!(
            payload["metadata"],
            json!({"label": "npm_access_token", "reason": word})
        );
        let location = |branch: &str, path: &str| json!([{"commit": "827efc6d", "branch": branch, "path": path}]);
        assert_eq!(
            payload["exemption_request_data"]["data"],
            json!([
                {
                    "secret_type": "npm_access_token",
                    "locations": location("refs/heads/x", "/a.txt"),
                },
                {
                    "secret_type": "adafruit_io_key",
                    "locations": location("refs/heads/main", "/tests/README.md"),
                },
            ])
        );
    }

    let old = noon() - TimeDelta::days(8);
    for (request, status) in [
        (secret(), "pending"),
        (secret().pending(), "pending"),
        (secret().created_at(old), "pending"),
        (secret().approved_by("octocat"), "pending"),
        (secret().denied_by("octocat"), "rejected"),
        (secret().dismissed_response_by("octocat"), "pending"),
        (secret().cancelled(), "cancelled"),
        (secret().approved_by("octocat").completed(), "completed"),
    ] {
        let payload = payload_of(request.no_comment()).await;
        assert_eq!(payload["status"], status);
        assert_eq!(payload["requester_comment"], Value::Null);
    }
    fake.open_push_rule_request(push().deleted().finding(RuleViolation::default()));
    let payload = receiver.accept().await.json();
    assert_eq!(payload["exemption_request"]["status"], "cancelled");
}

#[tokio::test]
async fn demo_requests_and_refused_changes_are_not_delivered() {
    let mut receiver = Receiver::start().await;
    let builder = Fake::builder()
        .demo(Demo::new(20))
        .access(Access::new("all", "octocat"))
        .access(Access::new("read", "hubot").read_only())
        .webhook(&receiver.url, SECRET);
    let (fake, _) = serve(builder).await;
    let caller = Caller::new(&fake, "all");
    let number = fake.open_secret_scanning_request(secret()).number;
    let one = format!("{SMILE}/{number}");
    fake.misbehave(1, Fault::reset().only("PATCH"))
        .expect("a fault");
    let reset = send_approval(&caller, number).await;
    reset.expect_err("a reset");
    assert_eq!(Caller::new(&fake, "read").approve(number).await.status, 403);
    assert_eq!(caller.review(number, &json!({})).await.status, 422);
    fake.complete("octo-org", "smile", number)
        .expect_err("not approved");
    fake.cancel("octo-org", "smile", 999)
        .expect_err("no such request");
    fake.approve("octo-org", "nowhere", number, "octocat")
        .expect_err("no such repository");
    let unknown = format!("{SMILE_RESPONSES}/999999");
    assert_eq!(caller.call(Method::DELETE, &unknown, "").await.status, 404);
    assert_eq!(caller.get(&one).await.body["status"], "open");
    fake.cancel("octo-org", "smile", number).expect("cancelled");
    assert_eq!(caller.approve(number).await.status, 422);
    fake.ping();

    for expected in [json!("created"), json!("cancelled"), Value::Null] {
        assert_eq!(receiver.accept().await.json()["action"], expected);
    }
    assert_eq!(fake.deliveries().len(), 3);
}

#[tokio::test]
async fn a_change_whose_response_was_lost_is_delivered() {
    let (fake, caller, mut receiver) = hooked().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let lost = Fault::reset().after_applying();
    fake.misbehave(1, lost).expect("a fault");
    let reset = send_approval(&caller, number).await;
    reset.expect_err("a reset");
    for expected in ["created", "response_submitted"] {
        assert_eq!(receiver.accept().await.json()["action"], expected);
    }
}

#[tokio::test]
async fn a_delivery_has_the_eight_headers_of_github() {
    let (fake, _, mut receiver) = hooked().await;
    fake.open_secret_scanning_request(secret().comment("It is — 'a' \u{2028}\u{1f511}"));
    let arrival = receiver.accept().await;
    let host = receiver.url.split('/').nth(2).expect("a host");
    assert_eq!(arrival.request_line, "POST /webhook?from=fake HTTP/1.1");
    let mut headers = arrival.headers.clone();
    assert_eq!(headers.remove("host").as_deref(), Some(host));
    assert_eq!(
        headers.remove("content-length"),
        Some(arrival.body.len().to_string())
    );
    let [delivery] = &settled(&fake).await[..] else {
        panic!("expected one delivery");
    };
    assert_eq!(delivery.headers, headers);
    assert_eq!(delivery.body, arrival.body);
    assert_eq!(delivery.hook_id, 1);
    assert_eq!(delivery.event, "bypass_request_secret_scanning");
    assert_eq!(delivery.action.as_deref(), Some("created"));
    assert!(!delivery.redelivery);

    let signature = signature(&arrival.body, SECRET);
    assert_eq!(
        headers
            .iter()
            .map(|(n, v)| (&**n, &**v))
            .collect::<Vec<_>>(),
        [
            ("content-type", "application/json"),
            ("user-agent", "GitHub-Hookshot/fa4e"),
            ("x-github-delivery", &*delivery.id),
            ("x-github-event", "bypass_request_secret_scanning"),
            ("x-github-hook-id", "1"),
            ("x-github-hook-installation-target-id", "12"),
            ("x-github-hook-installation-target-type", "integration"),
            ("x-hub-signature-256", &*signature),
        ]
    );
    let groups: Vec<usize> = delivery.id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12]);
    let mut digits = delivery.id.bytes().filter(|byte| *byte != b'-');
    assert!(digits.all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
}

/// The example in GitHub's documentation of webhooks.
#[test]
fn the_signature_of_the_tests_matches_the_published_example() {
    assert_eq!(
        signature("Hello, World!", "It's a Secret to Everybody"),
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    );
}

#[tokio::test]
async fn each_webhook_has_its_own_id_and_secret() {
    let (mut one, mut other) = (Receiver::start().await, Receiver::start().await);
    let long = "longer than a block of SHA-256 — ".repeat(3);
    let builder = Fake::builder()
        .webhook(&one.url, SECRET)
        .webhook(&other.url, &*long);
    let (fake, _) = serve(builder).await;
    fake.open_secret_scanning_request(secret());
    let (one, other) = (one.accept().await, other.accept().await);
    assert_eq!(one.body, other.body);
    assert_eq!(one.header("x-github-hook-id"), "1");
    assert_eq!(other.header("x-github-hook-id"), "2");
    assert_eq!(
        one.header("x-github-delivery"),
        other.header("x-github-delivery")
    );
    assert_eq!(
        one.header("x-hub-signature-256"),
        signature(&one.body, SECRET)
    );
    assert_eq!(
        other.header("x-hub-signature-256"),
        signature(&one.body, &long)
    );
}

#[tokio::test]
async fn a_hundred_changes_are_delivered_in_order() {
    let (fake, _, mut receiver) = hooked().await;
    for number in 1..=50 {
        fake.open_push_rule_request(push());
        fake.cancel("octo-org", "smile", number).expect("cancelled");
    }
    let mut ids = BTreeSet::new();
    for number in 1..=50 {
        for action in ["created", "cancelled"] {
            let mut arrival = receiver.next().await;
            let payload = arrival.json();
            assert_eq!(payload["action"], action);
            assert_eq!(payload["exemption_request"]["number"], number);
            // The next delivery starts after this one has ended.
            assert!(!receiver.has_arrival());
            ids.insert(arrival.header("x-github-delivery").to_owned());
            arrival.respond("HTTP/1.1 200 OK\r\n\r\n").await;
        }
    }
    assert_eq!(ids.len(), 100);
    let deliveries = settled(&fake).await;
    assert!(deliveries.iter().all(Delivery::is_delivered));
    let logged = deliveries.iter().map(|it| it.action.as_deref());
    let expected = [Some("created"), Some("cancelled")].into_iter().cycle();
    assert!(logged.eq(expected.take(100)));
}

#[tokio::test]
async fn a_receiver_without_a_response_delays_only_its_own_deliveries() {
    let (mut silent, mut prompt) = (Receiver::start().await, Receiver::start().await);
    let builder = Fake::builder()
        .webhook(&silent.url, SECRET)
        .webhook(&prompt.url, SECRET);
    let (fake, caller) = serve(builder).await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let _held = silent.next().await;
    for _ in 0..10 {
        assert_eq!(caller.approve(number).await.status, 200);
        let response = fake
            .responses("octo-org", "smile", number)
            .expect("responses");
        let id = response.last().expect("a response").id;
        assert_eq!(caller.dismiss(id).await.status, 204);
    }
    for _ in 0..21 {
        prompt.accept().await;
    }
    // This delivery starts only after the previous ones are recorded.
    fake.ping();
    let _fence = prompt.next().await;
    assert!(!silent.has_arrival());
    let is_as_expected = |delivery: &Delivery| match (delivery.hook_id, &*delivery.event) {
        (2, "bypass_request_secret_scanning") => delivery.is_delivered(),
        _ => delivery.is_pending() && delivery.duration.is_none(),
    };
    assert!(fake.deliveries().iter().all(is_as_expected));
}

#[tokio::test(start_paused = true)]
async fn a_delivery_fails_after_ten_seconds_without_a_response() {
    let (fake, _, mut receiver) = hooked().await;
    fake.open_secret_scanning_request(secret());
    fake.open_secret_scanning_request(secret());
    let mut held = receiver.next().await;
    // An incomplete head is not a response.
    held.respond("HTTP/1.1 200 OK\r\n").await;
    held.closed().await;
    receiver.accept().await;
    fake.ping();
    let _pending = receiver.next().await;
    let deliveries = fake.deliveries();
    assert_eq!(
        (deliveries[0].status, deliveries[0].error.as_deref()),
        (None, Some("the response took too long"))
    );
    assert_eq!(deliveries[0].duration, Some(Duration::from_secs(10)));
    assert!(!deliveries[0].is_pending() && !deliveries[0].is_delivered());
    assert!(deliveries[1].is_delivered());
}

#[tokio::test]
async fn failed_deliveries_are_recorded_and_not_retried() {
    let (fake, _, mut receiver) = hooked().await;
    let decode = "the response cannot be decoded: ";
    let closed = "the connection was closed before the response was complete";
    for (response, status, error) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
            Some(200),
            None,
        ),
        ("HTTP/1.1 299 Fine\r\n\r\n", Some(299), None),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n",
            Some(302),
            None,
        ),
        (
            "HTTP/1.1 500 Internal Server Error\r\n\r\n",
            Some(500),
            None,
        ),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", None, Some(decode)),
        ("", None, Some(closed)),
    ] {
        fake.clear_deliveries();
        fake.open_secret_scanning_request(secret());
        let mut arrival = receiver.next().await;
        arrival.respond(response).await;
        drop(arrival);
        let [delivery] = &settled(&fake).await[..] else {
            panic!("expected one delivery");
        };
        assert_eq!(delivery.status, status, "{response}");
        let starts = match (&delivery.error, error) {
            (Some(actual), Some(expected)) => actual.starts_with(expected),
            (actual, expected) => actual.is_none() && expected.is_none(),
        };
        assert!(starts, "{response}: {:?}", delivery.error);
        assert!(delivery.duration.is_some(), "{response}");
        let is_success = status.is_some_and(|status| status < 300);
        assert_eq!(delivery.is_delivered(), is_success, "{response}");
    }
    assert!(!receiver.has_arrival());
}

#[tokio::test]
async fn a_refused_connection_is_recorded() {
    let port = ClosedPort::reserve();
    let (fake, caller) = serve(Fake::builder().webhook(port.base_url(), SECRET)).await;
    let number = fake.open_secret_scanning_request(secret()).number;
    assert_eq!(caller.approve(number).await.status, 200);
    let deliveries = settled(&fake).await;
    assert_eq!(deliveries.len(), 2);
    let expected = format!("no connection to {} (", port.address());
    for delivery in deliveries {
        let error = delivery.error.as_deref().expect("an error");
        assert!(error.starts_with(&expected), "{error}");
        assert_eq!(delivery.status, None);
    }
}

#[tokio::test]
async fn deliveries_to_localhost_arrive() {
    let mut receiver = Receiver::start().await;
    let url = receiver.url.replace("127.0.0.1", "localhost");
    let (fake, _) = serve(Fake::builder().webhook(&url, SECRET)).await;
    fake.ping();
    let arrival = receiver.accept().await;
    assert!(arrival.header("host").starts_with("localhost:"));
}

#[tokio::test]
async fn a_delivery_fails_if_a_thousand_are_waiting() {
    let (fake, _, mut receiver) = hooked().await;
    fake.ping();
    let mut held = receiver.next().await;
    for _ in 0..1001 {
        fake.ping();
    }
    let deliveries = fake.deliveries();
    let (last, others) = deliveries.split_last().expect("deliveries");
    assert!(others.iter().all(Delivery::is_pending));
    assert_eq!(
        last.error.as_deref(),
        Some("1000 deliveries are already waiting")
    );
    assert_eq!((last.status, last.duration), (None, None));
    held.respond("HTTP/1.1 200 OK\r\n\r\n").await;
    for _ in 0..1000 {
        receiver.accept().await;
    }
    let deliveries = settled(&fake).await;
    let delivered = deliveries.iter().filter(|it| it.is_delivered());
    assert_eq!(delivered.count(), 1001);
}

#[tokio::test]
async fn a_dropped_fake_delivers_nothing_more() {
    let (fake, _, mut receiver) = hooked().await;
    fake.ping();
    fake.ping();
    let mut held = receiver.next().await;
    drop(fake);
    held.closed().await;
    // A delivery of the first fake would arrive before this one.
    let (fake, _) = serve(Fake::builder().webhook(&receiver.url, "other")).await;
    fake.ping();
    let arrival = receiver.accept().await;
    assert_eq!(
        arrival.header("x-hub-signature-256"),
        signature(&arrival.body, "other")
    );
}

#[tokio::test]
async fn a_redelivery_has_the_same_id_and_body() {
    let (mut one, mut other) = (Receiver::start().await, Receiver::start().await);
    let builder = Fake::builder()
        .webhook(&one.url, SECRET)
        .webhook(&other.url, "other");
    let (fake, caller) = serve(builder).await;
    let control = Control::new(&caller);
    fake.open_secret_scanning_request(secret());
    let first = [one.accept().await, other.accept().await];
    fake.cancel("octo-org", "smile", 1).expect("cancelled");
    one.accept().await;
    other.accept().await;
    let id = first[0].header("x-github-delivery");

    assert!(fake.redeliver(id));
    let second = [one.accept().await, other.accept().await];
    let path = format!("/deliveries/{id}/redeliver");
    let (status, _) = control.send(Method::POST, &path, "").await;
    assert_eq!(status, 204);
    let third = [one.accept().await, other.accept().await];
    for again in [second, third] {
        for (first, again) in first.iter().zip(again) {
            assert_eq!(first.headers, again.headers);
            assert_eq!(first.body, again.body);
        }
    }
    let deliveries = settled(&fake).await;
    let of_id = deliveries.iter().filter(|delivery| delivery.id == id);
    let of_id: Vec<_> = of_id.map(|it| (it.hook_id, it.redelivery)).collect();
    let expected = [
        (1, false),
        (2, false),
        (1, true),
        (2, true),
        (1, true),
        (2, true),
    ];
    assert_eq!(of_id, expected);

    assert!(!fake.redeliver("unknown"));
    for id in ["unknown", "%ff"] {
        let path = format!("/deliveries/{id}/redeliver");
        let (status, body) = control.send(Method::POST, &path, "").await;
        assert_eq!(status, 404);
        assert_eq!(body, json!({"message": "no such delivery"}));
    }
    fake.clear_deliveries();
    assert!(!fake.redeliver(id));
    assert_eq!(fake.deliveries(), []);
}

#[tokio::test]
async fn a_ping_describes_its_webhook() {
    let (fake, caller, mut receiver) = hooked().await;
    let control = Control::new(&caller);
    fake.ping();
    let (status, _) = control.send(Method::POST, "/ping", "").await;
    assert_eq!(status, 204);
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        let arrival = receiver.accept().await;
        assert_eq!(arrival.header("x-github-event"), "ping");
        assert_eq!(
            arrival.header("x-hub-signature-256"),
            signature(&arrival.body, SECRET)
        );
        ids.insert(arrival.header("x-github-delivery").to_owned());
        assert_eq!(
            arrival.json(),
            json!({
                "zen": "Practicality beats purity.",
                "hook_id": 1,
                "hook": {
                    "type": "App",
                    "id": 1,
                    "name": "web",
                    "active": true,
                    "events": ["bypass_request_secret_scanning", "exemption_request_push_ruleset"],
                    "config": {"content_type": "json", "insecure_ssl": "0", "url": receiver.url},
                    "app_id": 12,
                },
            })
        );
    }
    assert_eq!(ids.len(), 2);
    let deliveries = settled(&fake).await;
    assert!(
        deliveries
            .iter()
            .all(|it| it.event == "ping" && it.action.is_none())
    );
}

#[tokio::test]
async fn event_names_have_two_spellings() {
    for (names, secrets) in [
        (None, "bypass_request_secret_scanning"),
        (
            Some(EventNames::Documented),
            "bypass_request_secret_scanning",
        ),
        (
            Some(EventNames::Deployed),
            "exemption_request_secret_scanning",
        ),
    ] {
        let mut receiver = Receiver::start().await;
        let builder = Fake::builder().webhook(&receiver.url, SECRET);
        let (fake, _) = serve(match names {
            Some(names) => builder.event_names(names),
            None => builder,
        })
        .await;
        fake.open_secret_scanning_request(secret());
        fake.open_push_rule_request(push());
        fake.ping();
        for expected in [secrets, "exemption_request_push_ruleset"] {
            let arrival = receiver.accept().await;
            assert_eq!(arrival.header("x-github-event"), expected);
        }
        let ping = receiver.accept().await.json();
        let expected = json!([secrets, "exemption_request_push_ruleset"]);
        assert_eq!(ping["hook"]["events"], expected);
    }
}

#[tokio::test]
async fn deliveries_are_listed_over_http() {
    let (fake, caller, mut receiver) = hooked().await;
    let control = Control::new(&caller);
    assert_eq!(control.get("/deliveries").await, json!([]));
    fake.open_secret_scanning_request(secret());
    let arrival = receiver.accept().await;
    settled(&fake).await;
    fake.ping();
    let _pending = receiver.next().await;

    let mut deliveries = control.get("/deliveries").await;
    let duration = deliveries[0]["duration_ms"].take();
    assert!(duration.is_u64(), "{duration}");
    let headers = fake.deliveries()[0].headers.clone();
    assert_eq!(
        deliveries[0],
        json!({
            "id": arrival.header("x-github-delivery"),
            "hook_id": 1,
            "event": "bypass_request_secret_scanning",
            "action": "created",
            "redelivery": false,
            "headers": headers,
            "body": arrival.body,
            "status": 204,
            "duration_ms": null,
            "error": null,
        })
    );
    for field in ["action", "status", "duration_ms", "error"] {
        assert_eq!(deliveries[1][field], Value::Null, "{field}");
    }
    let (status, _) = control.send(Method::DELETE, "/deliveries", "").await;
    assert_eq!(status, 204);
    assert_eq!(fake.deliveries(), []);
}

#[tokio::test]
async fn an_invalid_webhook_is_an_error_at_the_start() {
    for (url, secret, message) in [
        (
            "https://127.0.0.1:3000",
            SECRET,
            "`webhook` takes an http URL of a loopback address, such as \
             http://127.0.0.1:3000/webhook, not https://127.0.0.1:3000",
        ),
        (
            "http://user:s3cret@example.com/s3cret?s3cret",
            SECRET,
            "`webhook` takes an http URL of a loopback address, such as \
             http://127.0.0.1:3000/webhook, not http://example.com",
        ),
        (
            SECRET,
            "http://127.0.0.1:3000",
            "`webhook` takes an http URL of a loopback address, such as \
             http://127.0.0.1:3000/webhook",
        ),
        (
            "http://127.0.0.1:3000",
            "",
            "`webhook` takes a secret, not an empty string",
        ),
    ] {
        let builder = Fake::builder()
            .webhook("http://127.0.0.1:3000", SECRET)
            .webhook(url, secret);
        let debug = format!("{builder:?}");
        assert!(!debug.contains(SECRET), "{debug}");
        let error = builder.start().await.expect_err(url);
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), message);
        assert!(!format!("{error:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn the_secret_is_never_printed() {
    let mut receiver = Receiver::start().await;
    let builder = Fake::builder().webhook(&receiver.url, SECRET);
    let builder_text = format!("{builder:?}");
    assert!(builder_text.contains(&receiver.url), "{builder_text}");
    let (fake, caller) = serve(builder).await;
    fake.open_secret_scanning_request(secret());
    fake.ping();
    receiver.accept().await;
    receiver.accept().await;
    let deliveries = settled(&fake).await;
    let listed = Control::new(&caller).get("/deliveries").await;
    let text = format!("{builder_text} {fake:?} {deliveries:?} {listed}");
    assert!(!text.contains(SECRET), "{text}");
}
