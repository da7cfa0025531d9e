//! F56–F62: invalid or hostile input from the caller and from the server.

use std::process::Output;
use std::time::Duration;

use github_bypass_requests::{Client, Error, RequestNumber, ResponseId};
use serde_json::{Value, json};

use super::calls::{approve, dismiss, drain, get, list, secrets};
use super::clean::{AT_ONCE, READ_BACK, assert_clean, assert_no_connections, clean, within};
use super::harness::{Reply, Server};
use crate::support::{TOKEN, request, run_with_variables};

/// A server that responds to every method as GitHub would.
async fn good() -> Server {
    Server::start_with(|_, received| match received.method.as_str() {
        "DELETE" => Reply::new(204, &[], ""),
        "PATCH" => Reply::json(200, &[], &json!({ "bypass_review_id": 7 })),
        _ if received.target.contains("per_page") => Reply::json(200, &[], &json!([])),
        _ => Reply::json(200, &[], &request(42)),
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn f56_names_that_would_reach_another_endpoint_are_rejected() {
    let server = good().await;
    let client = server.client();
    let long = "a".repeat(101);
    for name in [
        "..", ".", "", "a/b", "a\\b", "%2e%2e", "a%2Fb", "a?x", "a#x", "a\0b", "a\r\nb", &long,
    ] {
        let owner = client.repository(name, "smile").secret_scanning();
        let repository = client.repository("octo-org", name).secret_scanning();
        let organization = client.organization(name).push_rules().list();
        let enterprise = client.enterprise(name).secret_scanning().list();
        let within_organization = client.organization("o").secret_scanning().list();
        let within_enterprise = client.enterprise("e").push_rules().list();
        let response = ResponseId::try_from(7).expect("id");
        let calls = async {
            [
                ("owner", owner.get(42).await.err()),
                ("owner", owner.dismiss(response).await.err()),
                ("owner", drain(owner.list().stream()).await.1),
                ("repository", repository.approve(42, "x").await.err()),
                ("repository", drain(repository.list().stream()).await.1),
                ("organization", drain(organization.stream()).await.1),
                ("enterprise", drain(enterprise.stream()).await.1),
                (
                    "repository",
                    drain(within_organization.repository(name).stream()).await.1,
                ),
                (
                    "organization",
                    drain(within_enterprise.organization(name).stream()).await.1,
                ),
            ]
        };
        for (argument, error) in within(AT_ONCE, calls).await {
            let error = clean(error.expect(name));
            assert!(error.is_invalid_input(), "{error}");
            let text = error.to_string();
            assert!(
                text.starts_with(&format!("`{argument}` must be ")),
                "{text}"
            );
            assert!(!text.contains(['\0', '\r', '\n']), "{text:?}");
        }
    }
    assert_no_connections(&server).await;
}

#[tokio::test(start_paused = true)]
async fn f57_unusual_but_valid_names_are_sent_unchanged() {
    let server = good().await;
    let client = server.client();
    for name in ["a..b", ".github", "A-b_c.d"] {
        let repository = client.repository(name, name).secret_scanning();
        within(AT_ONCE, repository.get(42)).await.expect("read");
        let list = client.organization(name).push_rules().list();
        let (_, error) = within(AT_ONCE, drain(list.stream())).await;
        assert!(error.is_none());
        let list = client.enterprise(name).push_rules().list();
        let (_, error) = within(AT_ONCE, drain(list.stream())).await;
        assert!(error.is_none());
        let received = server.received();
        let paths: Vec<&str> = received[received.len() - 3..]
            .iter()
            .map(|sent| sent.target.split('?').next().expect("a path"))
            .collect();
        let expected = [
            format!("/repos/{name}/{name}/bypass-requests/secret-scanning/42"),
            format!("/orgs/{name}/bypass-requests/push-rules"),
            format!("/enterprises/{name}/bypass-requests/push-rules"),
        ];
        assert_eq!(paths, expected);
    }
    assert_eq!(server.methods(), ["GET"; 9]);
}

#[test]
fn f58_a_token_that_is_not_a_valid_header_value_is_rejected_but_not_printed() {
    let (first, second) = TOKEN.split_at(TOKEN.len() / 2);
    for token in [
        format!("{first}\r\n{second}"),
        format!("{TOKEN}\n"),
        format!("{TOKEN}\r\n"),
        format!("{first}\0{second}"),
        format!("{first} {second}"),
        format!("{TOKEN}é"),
        String::new(),
    ] {
        let builder = Client::builder().token(&token);
        assert_clean(&[&builder]);
        let error = clean(builder.build().expect_err("no token"));
        assert!(error.is_invalid_input(), "{error}");
        assert!(error.to_string().starts_with("the token "), "{error}");
    }
}

#[tokio::test]
#[ignore = "run by f58_a_line_ending_after_a_token_is_ignored"]
async fn f58_in_a_process_with_a_token() {
    match Client::from_env() {
        Ok(client) => println!("{:?}", get(&client).await.map(drop)),
        Err(error) => println!("{error} {error:?}"),
    }
}

#[tokio::test]
async fn f58_a_line_ending_after_a_token_is_ignored() {
    let server = good().await;
    let child = async |token: String| -> Output {
        let base_url = server.base_url.clone();
        let output = tokio::task::spawn_blocking(move || {
            run_with_variables(
                "faults::input::f58_in_a_process_with_a_token",
                &[("GH_HOST", &base_url), ("GH_ENTERPRISE_TOKEN", &token)],
            )
        });
        output.await.expect("the child ends")
    };
    for line_ending in ["", "\n", "\r\n"] {
        let Output { stdout, stderr, .. } = child(format!("{TOKEN}{line_ending}")).await;
        let printed = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(printed[0].contains("Ok(())"), "{printed:?}");
        assert_clean(&[&printed]);
        let headers = server.received().pop().expect("a request").headers;
        assert!(headers.contains(&format!("authorization: Bearer {TOKEN}")));
    }
    assert_eq!(server.methods(), ["GET"; 3]);

    let Output { stdout, stderr, .. } = child(format!("{TOKEN}\nx")).await;
    let printed = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let rejected = "GH_ENTERPRISE_TOKEN: the token contains";
    assert!(printed[0].contains(rejected), "{printed:?}");
    assert_clean(&[&printed]);
    assert_eq!(server.methods(), ["GET"; 3]);
}

#[tokio::test(start_paused = true)]
async fn f59_a_message_has_1_to_2048_characters() {
    let server = good().await;
    let client = server.builder().write_interval(Duration::ZERO).build();
    let secrets = secrets(&client.expect("client"));
    for character in ["a", "é", "😀"] {
        let sent = server.count("PATCH");
        let longest = character.repeat(2048);
        let review = within(AT_ONCE, secrets.reject(42, &longest)).await;
        review.expect("2048 characters");
        let body = server.received().pop().expect("a request").body;
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body, json!({ "status": "reject", "message": longest }));

        let too_long = character.repeat(2049);
        let error = within(AT_ONCE, secrets.reject(42, &too_long)).await;
        let error = clean(error.expect_err("2049 characters"));
        assert!(error.is_invalid_input(), "{error}");
        assert!(error.to_string().contains("2049"), "{error}");
        assert!(!error.to_string().contains(character.repeat(9).as_str()));
        assert_eq!(server.count("PATCH"), sent + 1);
    }
    for empty in ["", " ", "\n\t"] {
        let error = within(AT_ONCE, secrets.approve(42, empty)).await;
        assert!(error.expect_err("empty").is_invalid_input());
    }
    assert_eq!(server.methods(), ["PATCH"; 3]);
}

#[tokio::test(start_paused = true)]
async fn f60_numbers_out_of_range_are_not_sent() {
    let server = good().await;
    let secrets = secrets(&server.client());
    let mut errors: Vec<Error> = Vec::new();
    for number in [0, 1 << 63, u64::MAX] {
        errors.push(
            within(AT_ONCE, secrets.get(number))
                .await
                .expect_err("number"),
        );
        let review = within(AT_ONCE, secrets.approve(number, "x")).await;
        errors.push(review.expect_err("number"));
        errors.push(ResponseId::try_from(number).expect_err("number"));
    }
    errors.push(within(AT_ONCE, secrets.get(-1)).await.expect_err("number"));
    let too_large = "9223372036854775808".parse::<RequestNumber>();
    errors.push(too_large.expect_err("number"));
    for list in [
        secrets.list().per_page(0),
        secrets.list().per_page(101),
        // A valid value that is set later does not hide the error.
        secrets.list().per_page(0).per_page(1),
    ] {
        let (_, error) = within(AT_ONCE, drain(list.clone().stream())).await;
        errors.push(error.expect("list"));
        errors.push(
            within(AT_ONCE, list.pages().try_next())
                .await
                .expect_err("list"),
        );
    }
    for error in errors {
        assert!(clean(error).is_invalid_input());
    }
    assert_no_connections(&server).await;

    within(AT_ONCE, secrets.get(i64::MAX)).await.expect("read");
    let target = server.received().pop().expect("a request").target;
    assert!(target.ends_with("/9223372036854775807"), "{target}");
}

#[tokio::test(start_paused = true)]
async fn f61_a_base_url_must_be_https_or_loopback() {
    for (base_url, reason) in [
        ("http://ghes.example.com", "http"),
        ("http://10.0.0.1/api/v3", "http"),
        ("http://localhost.example.com", "http"),
        ("http://127.0.0.1.example.com", "http"),
        ("http://[::2]:80", "http"),
        ("https://mona:s3cret@ghes.example.com", "user information"),
        ("https://s3cret@ghes.example.com", "user information"),
        ("https://ghes.example.com/?s3cret", "query"),
        ("https://ghes.example.com/#s3cret", "fragment"),
        ("ftp://ghes.example.com", "https"),
        ("https://ghes.example.com:99999", "host name or a URL"),
        ("", "host name or a URL"),
    ] {
        let builder = Client::builder().token(TOKEN).base_url(base_url);
        let error = clean(builder.build().expect_err(base_url));
        assert!(error.is_invalid_input(), "{error}");
        let text = error.to_string();
        assert!(
            text.starts_with("the base URL must ") && text.contains(reason),
            "{text}"
        );
        assert!(!format!("{text} {error:?}").contains("s3cret"), "{error:?}");
    }
    for (base_url, normalized) in [
        (
            "https://ghes.example.com",
            "https://ghes.example.com/api/v3",
        ),
        (
            "https://[2001:db8::1]:8443/api/v3/",
            "https://[2001:db8::1]:8443/api/v3",
        ),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
    ] {
        let client = Client::builder().token(TOKEN).base_url(base_url).build();
        let client = client.expect(base_url);
        assert_clean(&[&client]);
        assert!(format!("{client:?}").contains(&format!("{normalized:?}")));
    }

    let server = good().await;
    let path = "/repos/octo-org/smile/bypass-requests/secret-scanning/42";
    for (end, prefix) in [
        ("", ""),
        ("/", ""),
        ("/api/v3", "/api/v3"),
        ("/api/v3/", "/api/v3"),
    ] {
        let base_url = format!("{}{end}", server.base_url);
        let client = server.builder().base_url(base_url).build();
        within(AT_ONCE, get(&client.expect("client")))
            .await
            .expect("read");
        let target = server.received().pop().expect("a request").target;
        assert_eq!(target, format!("{prefix}{path}"));
    }
    assert_eq!(server.methods(), ["GET"; 4]);
    let server = Server::start_at("[::1]:0", |_, _| Reply::json(200, &[], &request(42))).await;
    within(AT_ONCE, get(&server.client())).await.expect("read");
    assert_eq!(server.methods(), ["GET"]);
}

#[tokio::test(start_paused = true)]
async fn f62_urls_in_a_body_are_never_fetched() {
    let foreign = Server::start(vec![Reply::json(200, &[], &request(42))]).await;
    let mut hostile = request(42);
    let address = foreign.base_url.replace("http://", "http://mona@");
    hostile["url"] = format!("{}/x", foreign.base_url).into();
    hostile["html_url"] = format!("{address}/x").into();
    hostile["repository"] = json!({ "full_name": "octo-org/smile", "url": foreign.base_url });
    let server = Server::start_with(move |_, received| match received.method.as_str() {
        "DELETE" => Reply::new(204, &[], ""),
        "PATCH" => Reply::json(200, &[], &json!({ "bypass_review_id": 7, "url": address })),
        _ if received.target.contains("per_page") => Reply::json(200, &[], &json!([hostile])),
        _ => Reply::json(200, &[], &hostile),
    });
    let server = server.await;
    let client = server.client();
    let read = within(AT_ONCE, get(&client)).await.expect("read");
    let listed = within(AT_ONCE, list(&client)).await.expect("read");
    assert_eq!(read.url, Some(format!("{}/x", foreign.base_url)));
    assert_eq!(listed, [read]);
    let repository = client.repository_of(&listed[0]).expect("named");
    let again = within(AT_ONCE, repository.secret_scanning().get(listed[0].number)).await;
    again.expect("read");
    within(READ_BACK, approve(&client)).await.expect("applied");
    within(READ_BACK, dismiss(&client)).await.expect("applied");
    let methods = ["GET", "GET", "GET", "PATCH", "DELETE"];
    assert_eq!(server.methods(), methods);
    assert_no_connections(&foreign).await;
}
