//! Error texts that say what to do.

use github_bypass_requests::{Client, Error};

use super::calls::{HTML, approve, get, list};
use super::checks::failed;
use super::clean::{READ_BACK, RETRIED, within};
use super::harness::{Reply, Server};

async fn error_of_get(reply: Reply) -> Error {
    let server = Server::start(vec![reply]).await;
    failed(within(RETRIED, get(&server.client())).await)
}

#[tokio::test(start_paused = true)]
async fn f92_a_web_page_instead_of_the_api_suggests_the_path_of_the_api() {
    let login = || Reply::new(302, &["location: /login?return_to=%2Fs3cret"], "");
    let page = || Reply::raw(200, &[HTML], "<html>");
    let hint = "the API of an Enterprise Server is at /api/v3";
    for replies in [
        vec![login(), Reply::new(406, &[], "")],
        vec![login(), page()],
        vec![Reply::raw(404, &[HTML], "<html>")],
    ] {
        for (path, expected) in [("", true), ("/api/v3", false)] {
            let server = Server::start(replies.clone()).await;
            let base_url = format!("{}{path}", server.base_url);
            let client = server
                .builder()
                .base_url(base_url)
                .build()
                .expect("a client");
            let error = failed(within(RETRIED, get(&client)).await);
            assert_eq!(error.to_string().contains(hint), expected, "{error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
    for reply in [
        Reply::raw(502, &[HTML], "<html>"),
        Reply::json(404, &[], &serde_json::json!({ "message": "Not Found" })),
    ] {
        let error = error_of_get(reply).await;
        assert!(!error.to_string().contains(hint), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn f93_a_gateway_timeout_of_a_large_page_suggests_a_smaller_one() {
    for status in [502, 504] {
        let server = Server::start(vec![Reply::new(status, &[], "")]).await;
        let error = failed(within(RETRIED, list(&server.client())).await);
        assert!(
            error.to_string().contains("a smaller `per_page`"),
            "{error}"
        );
        assert_eq!(server.count("GET"), 3);
        let error = error_of_get(Reply::new(status, &[], "")).await;
        assert!(!error.to_string().contains("`per_page`"), "{error}");
    }
    let server = Server::start(vec![Reply::new(503, &[], "")]).await;
    let error = failed(within(RETRIED, list(&server.client())).await);
    assert!(!error.to_string().contains("`per_page`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn f94_a_404_of_an_enterprise_list_names_the_version_that_has_it() {
    let version = "x-github-enterprise-version: 3.18.2";
    let fails = async |client: Client| {
        let lists = client.enterprise("octo").secret_scanning().list();
        failed(lists.stream().try_next().await)
    };
    let server = Server::start(vec![Reply::new(404, &[version], "")]).await;
    let error = fails(server.client()).await;
    let text = error.to_string();
    assert!(
        text.contains("need Enterprise Server 3.19") && text.contains("3.18.2"),
        "{text}"
    );
    // Errors of other operations, and errors on GitHub's cloud, do not name the version.
    let error = failed(get(&server.client()).await);
    assert!(!error.to_string().contains("3.19"), "{error}");
    let server = Server::start(vec![Reply::new(404, &[], "")]).await;
    let error = fails(server.client()).await;
    assert!(!error.to_string().contains("3.19"), "{error}");

    let server = Server::start(vec![Reply::json(
        200,
        &[version],
        &serde_json::json!([crate::support::request(42)]),
    )])
    .await;
    let client = server.client();
    let lists = client.enterprise("octo").secret_scanning().list();
    let page = lists
        .pages()
        .try_next()
        .await
        .expect("a page")
        .expect("one");
    assert_eq!(page.meta.enterprise_version.as_deref(), Some("3.18.2"));
}

#[tokio::test(start_paused = true)]
async fn f102_permissions_and_scopes_are_shown_to_the_end() {
    let long = |name: &str, last: &str| {
        let items: Vec<String> = (0..40)
            .map(|index| format!("permission_{index}=read"))
            .collect();
        format!("{name}: {}; {last}", items.join(","))
    };
    let permissions = long("x-accepted-github-permissions", "last_alternative=write");
    let scopes = long("x-oauth-scopes", "security_events");
    let error = error_of_get(Reply::new(403, &[&permissions, &scopes], "")).await;
    let text = error.to_string();
    assert!(text.contains("last_alternative=write"), "{text}");
    assert!(text.contains("security_events\""), "{text}");

    let endless = format!("x-oauth-scopes: {}", "s".repeat(2000));
    let error = error_of_get(Reply::new(403, &[&endless], "")).await;
    let shown = error.to_string().matches('s').count();
    assert!((1024..1200).contains(&shown), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn f105_a_redirect_out_of_the_origin_differs_from_a_renamed_repository() {
    let redirect = |location: &str| Reply::new(301, &[&format!("location: {location}")], "");
    for location in [
        "http://ghes.internal/api/v3/x?s3cret",
        "https://ghes.example.com/x",
    ] {
        let server = Server::start(vec![redirect(location)]).await;
        let client = server.client();
        for error in [
            failed(within(RETRIED, get(&client)).await),
            failed(within(READ_BACK, approve(&client)).await),
        ] {
            let text = error.to_string();
            assert!(error.is_moved(), "{text}");
            assert!(text.contains("check the base URL and the proxy"), "{text}");
            assert!(text.contains(&server.base_url), "{text}");
            assert!(
                !text.contains("renamed") && !text.contains("s3cret"),
                "{text}"
            );
        }
    }
    let server = Server::start(vec![redirect("/repositories/7/x")]).await;
    let error = failed(within(READ_BACK, approve(&server.client())).await);
    let text = error.to_string();
    assert!(text.contains("may have been renamed"), "{text}");
    assert!(
        text.contains("`get`") && text.contains("repository_of(&request)"),
        "{text}"
    );
}
