//! The paths below `/_fake`, for tests in other languages.

use chrono::TimeDelta;
use github_bypass_requests_fake::{Fake, NewRequest};
use reqwest::Method;
use serde_json::{Value, json};

use super::caller::Caller;
use super::{SMILE, SMILE_PUSHES, noon, secret, serve, world};

/// A client for the paths below `/_fake`. It sends no token.
pub(super) struct Control {
    http: reqwest::Client,
    base: String,
}

impl Control {
    pub(super) fn new(caller: &Caller) -> Self {
        Self {
            http: caller.http.clone(),
            base: format!("{}/_fake", caller.base),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(Method::GET, path, "").await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(Method::POST, path, &body.to_string()).await
    }

    /// Sends a request. Returns the status and the body, or null in place of an empty body.
    pub(super) async fn send(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let response = request.body(body.to_owned()).send().await;
        let response = response.expect("a response");
        let status = response.status().as_u16();
        let text = response.text().await.expect("text");
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).expect(text),
        };
        (status, body)
    }
}

async fn controlled() -> (Fake, Caller, Control) {
    let (fake, caller) = world().await;
    let control = Control::new(&caller);
    (fake, caller, control)
}

#[tokio::test]
async fn a_request_is_opened_with_the_given_fields() {
    let (_fake, caller, control) = controlled().await;
    let request = json!({
        "repository": "octo-labs/lab",
        "requester": "hubot",
        "data": [
            {
                "secret_type": "aws_access_key_id",
                "bypass_reason": "fix_later",
                "path": "/a b.txt:1:2",
                "branch": "refs/heads/x",
            },
            {"bypass_reason": "false_positive"},
        ],
        "requester_comment": null,
        "resource_identifier": "827efc6d",
        "created_at": "2026-03-09T13:00:00+01:00",
        "status": "pending",
        "responses": [
            {
                "reviewer": "octocat",
                "status": "dismissed",
                "created_at": "2026-03-09T12:30:00Z",
                "message": "no",
            },
        ],
    });
    let opened = control.post("/requests/secret-scanning", &request).await;
    assert_eq!(opened, (201, json!({"id": 1, "number": 1})));
    let path = "/repos/octo-labs/lab/bypass-requests/secret-scanning/1";
    let shown = caller.get(path).await.body;
    assert_eq!(shown["requester"]["actor_name"], "hubot");
    assert_eq!(shown["data"][0], request["data"][0]);
    assert_eq!(shown["data"][1]["bypass_reason"], "false_positive");
    assert_eq!(shown["data"][1]["secret_type"], "adafruit_io_key");
    assert_eq!(shown["requester_comment"], Value::Null);
    assert_eq!(shown["resource_identifier"], "827efc6d");
    assert_eq!(shown["created_at"], "2026-03-09T12:00:00Z");
    assert_eq!(shown["status"], "pending");
    assert_eq!(shown["responses"][0]["status"], "dismissed");
    assert_eq!(shown["responses"][0]["created_at"], "2026-03-09T12:30:00Z");
    let responses = control.get("/requests/octo-labs/lab/1/responses").await;
    assert_eq!(responses[0]["message"], "no");

    let violation = json!({
        "ruleset_id": 7,
        "ruleset_name": "No large files",
        "total_violations": 3,
        "rule_type": "max_file_size",
    });
    let request = json!({"data": [violation], "status": "deleted", "requester_comment": "x"});
    let (status, opened) = control.post("/requests/push-rules", &request).await;
    assert_eq!((status, &opened["number"]), (201, &json!(1)));
    let shown = caller.get(&format!("{SMILE_PUSHES}/1")).await.body;
    assert_eq!(shown["data"], json!([violation]));
    assert_eq!(shown["status"], "deleted");
    assert_eq!(shown["requester_comment"], "x");
}

#[tokio::test]
async fn an_empty_object_opens_the_default_request() {
    let (fake, caller, control) = controlled().await;
    control.post("/requests/secret-scanning", &json!({})).await;
    fake.open_secret_scanning_request(NewRequest::new());
    let over_http = caller.get(&format!("{SMILE}/1")).await.body;
    let from_rust = caller.get(&format!("{SMILE}/2")).await.body;
    let unique = ["id", "number", "url", "html_url", "resource_identifier"];
    for (field, value) in over_http.as_object().expect("an object") {
        if !unique.contains(&field.as_str()) {
            assert_eq!(value, &from_rust[field], "{field}");
        }
    }
}

#[tokio::test]
async fn colleagues_review_and_requesters_act() {
    let (_fake, caller, control) = controlled().await;
    let request = json!({"created_at": "2026-03-08T12:00:00Z"});
    for _ in 0..3 {
        control.post("/requests/secret-scanning", &request).await;
    }
    let act = async |number: u64, action: &str, body: Value| {
        let path = format!("/requests/octo-org/smile/{number}/{action}");
        control.post(&path, &body).await
    };
    let approval = json!({
        "reviewer": "mona-the-cat",
        "message": "It is — revoked.",
        "created_at": "2026-03-09T12:00:00Z",
    });
    assert_eq!(act(1, "approve", approval).await, (201, json!({"id": 1})));
    assert_eq!(caller.status_of(1).await, "approved");
    let responses = control.get("/requests/octo-org/smile/1/responses").await;
    let approval = json!([{
        "id": 1,
        "reviewer": "mona-the-cat",
        "status": "approved",
        "message": "It is — revoked.",
        "created_at": "2026-03-09T12:00:00Z",
    }]);
    assert_eq!(responses, approval);
    assert_eq!(act(1, "complete", json!({})).await, (204, Value::Null));
    assert_eq!(caller.status_of(1).await, "completed");

    let rejection = json!({"reviewer": "octocat"});
    assert_eq!(act(2, "reject", rejection).await, (201, json!({"id": 2})));
    assert_eq!(caller.status_of(2).await, "denied");
    assert_eq!(act(3, "cancel", json!({})).await, (204, Value::Null));
    assert_eq!(caller.status_of(3).await, "cancelled");

    // The status of a request decides which actions are allowed.
    let message = "A request that is completed cannot be cancelled.";
    let refused = (409, json!({"message": message}));
    assert_eq!(act(1, "cancel", json!({})).await, refused);
    let (status, _) = act(2, "approve", json!({"reviewer": "octocat"})).await;
    assert_eq!(status, 409);
    let missing = (
        404,
        json!({"message": "no such bypass request or response"}),
    );
    assert_eq!(act(99, "complete", json!({})).await, missing);
}

#[tokio::test]
async fn the_clock_is_set_and_advanced() {
    let (fake, caller, control) = controlled().await;
    fake.open_secret_scanning_request(secret());
    let now = json!({"now": "2026-03-10T12:00:00Z"});
    assert_eq!(control.get("/clock").await, now);
    let advance = json!({"advance_seconds": 7 * 24 * 3600});
    let later = json!({"now": "2026-03-17T12:00:00Z"});
    assert_eq!(control.post("/clock", &advance).await, (200, later));
    assert_eq!(fake.now(), noon() + TimeDelta::days(7));
    assert_eq!(caller.status_of(1).await, "expired");
    assert_eq!(control.post("/clock", &now).await, (200, now));
    assert_eq!(caller.status_of(1).await, "open");

    // At the limits of the clock, every response still matches the fragment.
    for limit in ["1970-01-01T00:00:00Z", "9998-12-31T23:59:59Z"] {
        let now = json!({"now": limit});
        assert_eq!(control.post("/clock", &now).await, (200, now));
        control.post("/requests/secret-scanning", &json!({})).await;
        caller.list(SMILE).await;
    }
    let message = "a time must be in the years 1970 to 9998";
    let refused = (422, json!({"message": message}));
    for beyond in [
        json!({"advance_seconds": 1}),
        json!({"advance_seconds": -9_000_000_000_000_000_i64}),
        json!({"now": "9999-01-01T00:00:00Z"}),
    ] {
        assert_eq!(control.post("/clock", &beyond).await, refused);
    }
}

#[tokio::test]
async fn tokens_and_reviewers_are_set() {
    let (fake, _, control) = controlled().await;
    fake.open_secret_scanning_request(secret());
    let reviewer = json!({"token": "s3cret", "login": "octo-bot"});
    let other = json!({
        "token": "0ther",
        "login": "hubot",
        "reviewer": false,
        "read_only": true,
        "fine_grained": true,
        "secret_scanning": false,
    });
    let of_reviewer = json!({
        "login": "octo-bot",
        "reviewer": true,
        "read_only": false,
        "fine_grained": false,
        "secret_scanning": true,
    });
    let mut of_other = other.clone();
    of_other.as_object_mut().expect("an object").remove("token");
    let added = control.post("/tokens", &reviewer).await;
    assert_eq!(added, (201, json!([of_reviewer])));
    control.post("/tokens", &other).await;
    let listed = control.get("/tokens").await;
    assert_eq!(listed, json!([of_reviewer, of_other]));

    let bot = Caller::new(&fake, "s3cret");
    let hubot = Caller::new(&fake, "0ther");
    let stranger = Caller::new(&fake, "anything");
    assert_eq!(bot.get(SMILE).await.status, 200);
    assert_eq!(hubot.get(SMILE).await.status, 404);
    assert_eq!(stranger.get(SMILE).await.status, 401);
    assert_eq!(bot.approve(1).await.status, 200);
    let responses = fake.responses("octo-org", "smile", 1).expect("responses");
    assert_eq!(responses[0].reviewer, "octo-bot");

    // A token that is posted again gets the new permissions.
    let reviewer = json!({"token": "0ther", "login": "hubot"});
    control.post("/tokens", &reviewer).await;
    assert_eq!(hubot.get(SMILE).await.status, 200);
    assert_eq!(
        control.send(Method::DELETE, "/tokens", "").await,
        (204, Value::Null)
    );
    assert_eq!(stranger.get(SMILE).await.status, 200);
    assert_eq!(control.get("/tokens").await, json!([]));
}

#[tokio::test]
async fn places_are_added() {
    let (_fake, caller, control) = controlled().await;
    let kinds = "bypass-requests/secret-scanning";
    for (place, paths) in [
        (
            json!({"enterprise": "e-1"}),
            vec![format!("/enterprises/e-1/{kinds}")],
        ),
        (
            json!({"enterprise": "e-2", "organization": "o-2"}),
            vec![
                format!("/enterprises/e-2/{kinds}"),
                format!("/orgs/o-2/{kinds}"),
            ],
        ),
        (
            json!({"repository": "o-3/r"}),
            vec![
                format!("/enterprises/octo-enterprise/{kinds}"),
                format!("/orgs/o-3/{kinds}"),
                format!("/repos/o-3/r/{kinds}"),
            ],
        ),
        (
            json!({"enterprise": "e-4", "repository": "o-4/r"}),
            vec![format!("/repos/o-4/r/{kinds}")],
        ),
    ] {
        for path in &paths {
            assert_eq!(caller.get(path).await.status, 404, "{path}");
        }
        assert_eq!(control.post("/places", &place).await, (204, Value::Null));
        for path in &paths {
            assert_eq!(caller.get(path).await.status, 200, "{path}");
        }
    }
    control
        .post("/requests/push-rules", &json!({"repository": "o-4/r"}))
        .await;
    let listed = caller
        .list("/enterprises/e-4/bypass-requests/push-rules")
        .await;
    assert_eq!(listed.numbers(), [1]);
}

#[tokio::test]
async fn received_requests_are_listed_and_forgotten() {
    let (fake, _) = serve(Fake::builder().token("s3cret", "octo-bot")).await;
    let caller = Caller::new(&fake, "s3cret");
    let control = Control::new(&caller);
    fake.open_secret_scanning_request(secret());
    caller.list(&format!("{SMILE}?page=1")).await;
    caller.approve(1).await;

    let received = control.get("/received").await;
    assert!(!received.to_string().contains("s3cret"), "{received}");
    let review = json!({
        "at": "2026-03-10T12:00:00Z",
        "method": "PATCH",
        "path": "/repos/octo-org/smile/bypass-requests/secret-scanning/1",
        "query": null,
        "caller": "octo-bot",
        "body": r#"{"status":"approve","message":"fine"}"#,
        "response": {
            "status": 200,
            "request_id": "FA4E:00000002",
            "body": r#"{"bypass_review_id":1}"#,
        },
    });
    assert_eq!(received[1], review);
    assert_eq!(received[0]["query"], "page=1");
    // Requests to `/_fake` are not recorded.
    assert_eq!(received.as_array().map(Vec::len), Some(2));
    let listed = serde_json::to_value(fake.received()).expect("JSON");
    assert_eq!(listed, received);

    let cleared = control.send(Method::DELETE, "/received", "").await;
    assert_eq!(cleared, (204, Value::Null));
    assert_eq!(control.get("/received").await, json!([]));
}

#[tokio::test]
async fn invalid_input_is_rejected_with_a_message() {
    let (_fake, _, control) = controlled().await;
    control.post("/requests/secret-scanning", &json!({})).await;
    let open = "/requests/secret-scanning";
    let approve = "/requests/octo-org/smile/1/approve";
    for (path, body, status, expected) in [
        (open, "", 400, "not JSON: EOF while parsing"),
        (open, "requester=hubot", 400, "not JSON: expected value"),
        (open, "[]", 422, "invalid type: sequence, expected a map"),
        (
            open,
            r#"{"owner": "x"}"#,
            422,
            "unknown field `owner`, expected one of `repository`, ",
        ),
        (
            open,
            r#"{"repository": "smile"}"#,
            422,
            "`repository` must be OWNER/NAME, not \"smile\"",
        ),
        (
            open,
            r#"{"repository": "octo-org/"}"#,
            422,
            "a name must consist of letters, digits, ",
        ),
        (
            open,
            r#"{"repository": "a/b/c"}"#,
            422,
            "a name must consist of letters, digits, ",
        ),
        (
            open,
            r#"{"repository": "a/b\r\nx: y"}"#,
            422,
            "a name must consist of letters, digits, ",
        ),
        (
            open,
            r#"{"requester": ""}"#,
            422,
            "a login must not be empty",
        ),
        (
            open,
            r#"{"created_at": "yesterday"}"#,
            422,
            "a time must look like 2026-03-10T09:00:00Z, not \"yesterday\"",
        ),
        (
            open,
            r#"{"created_at": 5}"#,
            422,
            "invalid type: integer `5`, expected a string",
        ),
        (
            open,
            r#"{"status": "approved"}"#,
            422,
            "unknown variant `approved`, expected one of `pending`, `open`, ",
        ),
        (
            open,
            r#"{"status": "deleted"}"#,
            422,
            "only push rule requests can have the status `deleted`",
        ),
        (
            open,
            r#"{"data": [{"secret": "x"}]}"#,
            422,
            "unknown field `secret`, expected one of `secret_type`, ",
        ),
        (
            open,
            r#"{"data": [{"bypass_reason": "x"}]}"#,
            422,
            "unknown variant `x`, expected one of `used_in_tests`, ",
        ),
        (
            open,
            r#"{"responses": [{"status": "denied"}]}"#,
            422,
            "missing field `reviewer`",
        ),
        (
            "/requests/push-rules",
            r#"{"data": [{"ruleset_id": -1}]}"#,
            422,
            "invalid value: integer `-1`",
        ),
        ("/requests/secrets", "{}", 404, "no such path below /_fake"),
        (approve, "{}", 422, "missing field `reviewer`"),
        (
            approve,
            r#"{"reviewer": ""}"#,
            422,
            "a login must not be empty",
        ),
        (
            approve,
            r#"{"reviewer": "x", "status": "denied"}"#,
            422,
            "unknown field `status`, ",
        ),
        (
            "/requests/octo-org/smile/one/approve",
            r#"{"reviewer": "x"}"#,
            404,
            "the path must contain the owner, ",
        ),
        (
            "/requests/octo-org/nowhere/1/cancel",
            "",
            404,
            "no such bypass request or response",
        ),
        (
            "/requests/octo-org/smile/1/deny",
            "{}",
            404,
            "no such path below /_fake",
        ),
        (
            "/requests/octo-org/smile/1/responses",
            "{}",
            405,
            "this path does not support POST",
        ),
        ("/clock", "{}", 422, "set either `now` or `advance_seconds`"),
        (
            "/clock",
            r#"{"now": "2026-03-10T09:00:00Z", "advance_seconds": 1}"#,
            422,
            "set either `now` or ",
        ),
        (
            "/clock",
            r#"{"now": "09:00"}"#,
            422,
            "a time must look like ",
        ),
        (
            "/clock",
            r#"{"advance_seconds": 9223372036854775807}"#,
            422,
            "`advance_seconds` is out of range: ",
        ),
        (
            "/clock",
            r#"{"advance_seconds": 0.5}"#,
            422,
            "invalid type: floating point `0.5`, expected i64",
        ),
        ("/tokens", r#"{"token": "t"}"#, 422, "missing field `login`"),
        (
            "/tokens",
            r#"{"token": "", "login": "x"}"#,
            422,
            "`token` must consist of printable ASCII ",
        ),
        (
            "/tokens",
            r#"{"token": "two words", "login": "x"}"#,
            422,
            "`token` must consist of printable ASCII ",
        ),
        (
            "/places",
            "{}",
            422,
            "set `enterprise`, `organization` or `repository`",
        ),
        (
            "/places",
            r#"{"organization": "a/b"}"#,
            422,
            "a name must consist of letters, digits, ",
        ),
        ("/received", "{}", 405, "this path does not support POST"),
        ("/recieved", "{}", 404, "no such path below /_fake"),
        ("", "{}", 404, "no such path below /_fake"),
        ("/", "{}", 404, "no such path below /_fake"),
    ] {
        let (actual, response) = control.send(Method::POST, path, body).await;
        let message = response["message"].as_str().expect("a message");
        assert_eq!(actual, status, "{path} {body}: {message}");
        assert!(message.starts_with(expected), "{path} {body}: {message}");
        assert_eq!(message.lines().count(), 1, "{path} {body}: {message}");
    }
    let too_large = "x".repeat((2 << 20) + 1);
    let (status, body) = control.send(Method::POST, open, &too_large).await;
    assert!(
        status == 413 && body["message"].is_string(),
        "{status} {body}"
    );
}

#[tokio::test]
async fn faults_do_not_affect_these_paths() {
    let (fake, _, control) = controlled().await;
    let down = github_bypass_requests_fake::Fault::status(503);
    fake.misbehave(1, down).expect("a fault");
    control.get("/clock").await;
    control.get("/received").await;
    let (status, _) = control.send(Method::GET, "/nowhere", "").await;
    assert_eq!((status, fake.faults_left()), (404, 1));
}
