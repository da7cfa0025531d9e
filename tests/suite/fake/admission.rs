//! Credentials, permissions and missing resources.

use github_bypass_requests_fake::{Access, Fake};
use reqwest::Method;
use serde_json::json;

use super::caller::Caller;
use super::{
    ENTERPRISE, ORG, SMILE, SMILE_PUSHES, SMILE_RESPONSES, demo, push, secret, serve, world,
};

#[tokio::test]
async fn credentials_are_required() {
    let (fake, _) = serve(Fake::builder().token("t", "octocat")).await;
    fake.add_repository("octo-org", "smile");
    let caller = || Caller::new(&fake, "");
    let anonymous = caller().without("authorization").get(SMILE).await;
    assert_eq!(
        (anonymous.status, &anonymous.body["message"]),
        (401, &json!("Requires authentication"))
    );
    assert_eq!(anonymous.body["status"], "401");
    for wrong in [
        "Bearer x",
        "Bearer",
        "Bearer ",
        "t",
        "Basic t",
        "Bearer T",
        "Bearer t t",
    ] {
        let refused = caller().with("authorization", wrong).get(SMILE).await;
        assert_eq!(
            (refused.status, &refused.body["message"]),
            (401, &json!("Bad credentials")),
            "{wrong}"
        );
    }
    for right in ["Bearer t", "bearer t", "token t", "TOKEN  t"] {
        let response = caller().with("authorization", right).get(SMILE).await;
        assert_eq!(response.status, 200, "{right}");
    }
}

#[tokio::test]
async fn by_default_every_token_belongs_to_octocat() {
    let (fake, _) = world().await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let caller = Caller::new(&fake, "whatever");
    caller.approve(number).await;
    let shown = caller.get(&format!("{SMILE}/{number}")).await.body;
    assert_eq!(shown["responses"][0]["reviewer"]["actor_name"], "octocat");
}

#[tokio::test]
async fn the_tokens_of_a_running_fake_can_be_changed() {
    let (fake, _) = world().await;
    fake.open_secret_scanning_request(secret());
    let bot = Caller::new(&fake, "bot");
    let other = Caller::new(&fake, "other");
    assert_eq!(other.get(SMILE).await.status, 200);

    fake.set_access(Access::new("bot", "octo-bot"));
    assert_eq!(bot.get(SMILE).await.status, 200);
    assert_eq!(other.get(SMILE).await.status, 401);
    fake.set_access(Access::new("bot", "octo-bot").not_a_reviewer());
    assert_eq!(bot.get(SMILE).await.status, 404);
    fake.accept_every_token();
    assert_eq!(bot.get(SMILE).await.status, 200);
    assert_eq!(other.get(SMILE).await.status, 200);
}

#[tokio::test]
async fn each_token_has_its_own_permissions() {
    let builder = Fake::builder()
        .access(Access::new("read", "octocat").read_only())
        .access(Access::new("fine", "octocat").fine_grained())
        .access(Access::new("pushes", "octocat").without_secret_scanning())
        .access(Access::new("stranger", "hubot").not_a_reviewer());
    let (fake, _) = serve(builder).await;
    let number = fake.open_secret_scanning_request(secret()).number;
    let pushed = fake
        .open_push_rule_request(push().denied_by("octocat"))
        .number;
    let denied = fake.open_secret_scanning_request(secret().denied_by("octocat")); // response 2
    let enterprise_pushes = ENTERPRISE.replace("secret-scanning", "push-rules");

    let one = format!("{SMILE}/{number}");
    let one_push = format!("{SMILE_PUSHES}/{pushed}");
    let response = format!("{SMILE_RESPONSES}/2");
    let review = json!({"status": "approve", "message": "m"}).to_string();
    let calls = [
        (Method::GET, ENTERPRISE),
        (Method::GET, &enterprise_pushes),
        (Method::GET, ORG),
        (Method::GET, SMILE),
        (Method::GET, SMILE_PUSHES),
        (Method::GET, &one),
        (Method::GET, &one_push),
        (Method::PATCH, &one),
        (Method::DELETE, &response),
    ];
    let expected = [
        ("stranger", [404; 9]),
        ("pushes", [403, 200, 403, 403, 200, 403, 200, 403, 403]),
        ("read", [200, 200, 200, 200, 200, 200, 200, 403, 204]),
        ("fine", [403, 403, 200, 200, 200, 200, 200, 200, 422]),
    ];
    for (token, expected) in expected {
        let caller = Caller::new(&fake, token);
        for ((method, path), expected) in calls.iter().zip(expected) {
            let response = caller.call(method.clone(), path, &review).await;
            assert_eq!(response.status, expected, "{token}: {method} {path}");
            if expected == 403 {
                let message = "Resource not accessible by personal access token";
                assert_eq!(response.body["message"], message);
                assert_eq!(response.body["status"], "403");
            }
        }
    }
    let reader = Caller::new(&fake, "read");
    let refused = reader.approve(denied.number).await;
    let permissions = refused.header("x-accepted-github-permissions");
    assert!(
        permissions.contains("secret_scanning_bypass_requests=write"),
        "{permissions}"
    );
}

#[tokio::test]
async fn a_user_agent_is_required() {
    let (_fake, caller) = demo(1).await;
    let caller = caller.without("user-agent");
    let refused = caller.get(SMILE).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("content-type"), "text/plain; charset=utf-8");
    assert!(refused.text.contains("User-Agent"));
    assert_eq!(caller.with("user-agent", "").get(SMILE).await.status, 403);
}

#[tokio::test]
async fn a_wrong_method_is_a_404_without_an_allow_header() {
    let (_fake, caller) = demo(1).await;
    let push_rules = SMILE.replace("secret-scanning", "push-rules");
    for path in [format!("{SMILE}/1"), format!("{push_rules}/1")] {
        for method in [Method::OPTIONS, Method::PUT] {
            let response = caller.call(method, &path, "").await;
            assert_eq!((response.status, response.header("allow")), (404, ""));
        }
    }
}

#[tokio::test]
async fn missing_resources_are_not_found() {
    let (fake, caller) = world().await;
    fake.open_secret_scanning_request(secret().denied_by("octocat"));
    let number = fake.open_push_rule_request(push()).number;
    let one_push = format!("{SMILE_PUSHES}/{number}");
    let paths = [
        (Method::GET, "/"),
        (Method::GET, "/user"),
        (Method::GET, "/orgs/octo-org/bypass-requests"),
        (Method::GET, "/orgs/octo-org/bypass-requests/dependabot"),
        (
            Method::GET,
            "/orgs/octo-org/bypass-requests/secret-scanning/1",
        ),
        (Method::GET, "/orgs/nobody/bypass-requests/push-rules"),
        (Method::GET, "/orgs/%FF/bypass-requests/push-rules"),
        (Method::GET, "/organizations/2/bypass-requests/push-rules"),
        (
            Method::GET,
            "/organizations/octo-org/bypass-requests/push-rules",
        ),
        (
            Method::GET,
            "/enterprises/nobody/bypass-requests/secret-scanning",
        ),
        (
            Method::GET,
            "/enterprises/2/bypass-requests/secret-scanning",
        ),
        (
            Method::GET,
            "/repos/octo-org/nowhere/bypass-requests/secret-scanning",
        ),
        (
            Method::GET,
            "/repos/nobody/smile/bypass-requests/secret-scanning",
        ),
        (
            Method::GET,
            "/repositories/2/bypass-requests/secret-scanning",
        ),
        (
            Method::GET,
            "/repos/octo-org/smile/bypass-requests/secret-scanning/0",
        ),
        (
            Method::GET,
            "/repos/octo-org/smile/bypass-requests/secret-scanning/-1",
        ),
        (
            Method::GET,
            "/repos/octo-org/smile/bypass-requests/secret-scanning/x",
        ),
        (
            Method::GET,
            "/repos/octo-org/smile/bypass-requests/secret-scanning/99999999999999999999",
        ),
        (
            Method::GET,
            "/repos/octo-org/smile/bypass-responses/secret-scanning/1",
        ),
        (Method::POST, SMILE),
        (
            Method::DELETE,
            "/repos/octo-org/smile/bypass-responses/secret-scanning/x",
        ),
        (
            Method::DELETE,
            "/repos/octo-org/smile/bypass-responses/push-rules/1",
        ),
        // Push rule requests cannot be reviewed.
        (Method::PATCH, &one_push),
    ];
    let review = json!({"status": "approve", "message": "m"}).to_string();
    for (method, path) in paths {
        let response = caller.call(method.clone(), path, &review).await;
        assert_eq!(response.status, 404, "{method} {path}");
        assert_eq!(response.body["message"], "Not Found", "{method} {path}");
        assert_eq!(response.body["status"], "404");
    }
}

#[tokio::test]
async fn reviews_and_dismissals_accept_the_id_of_the_repository() {
    let (fake, caller) = world().await;
    fake.open_secret_scanning_request(secret());
    let one = "/repositories/1/bypass-requests/secret-scanning/1";
    let review = json!({"status": "reject", "message": "m"}).to_string();
    assert_eq!(caller.call(Method::PATCH, one, &review).await.status, 200);
    assert_eq!(caller.get(one).await.body["status"], "denied");
    let response = "/repositories/1/bypass-responses/secret-scanning/1";
    assert_eq!(caller.call(Method::DELETE, response, "").await.status, 204);
    assert_eq!(caller.get(one).await.body["status"], "open");
}
