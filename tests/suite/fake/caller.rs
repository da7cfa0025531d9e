//! An HTTP client that compares every response with the OpenAPI fragment.

use std::collections::BTreeMap;

use github_bypass_requests_fake::Fake;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::{SMILE, SMILE_RESPONSES};
use crate::schema::{assert_conforms, operation_at};

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    /// Returns the page number of each relation in the `Link` header.
    pub(crate) fn pages(&self) -> Vec<(String, u64)> {
        let links = self.links().into_iter().map(|(rel, url)| {
            let url = reqwest::Url::parse(&url).expect("an absolute URL");
            let mut pages = url.query_pairs().filter(|(name, _)| name == "page");
            let (_, page) = pages.next().expect("a page number");
            let page = page.parse().expect("a number");
            assert!(pages.next().is_none(), "two page numbers in {url}");
            (rel, page)
        });
        links.collect()
    }

    pub(crate) fn links(&self) -> BTreeMap<String, String> {
        let links = self
            .header("link")
            .split(", ")
            .filter(|link| !link.is_empty());
        let links = links.map(|link| {
            let (url, rel) = link.split_once("; ").expect("a relation");
            let url = url.trim_matches(['<', '>']);
            let rel = rel.trim_start_matches("rel=").trim_matches('"');
            (rel.to_owned(), url.to_owned())
        });
        links.collect()
    }

    /// Returns the invalid fields that a 422 lists.
    pub(crate) fn rejected_fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().expect("errors").iter();
        errors
            .map(|error| error["field"].as_str().expect("a field"))
            .collect()
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        let items = self.body.as_array().expect("a list").iter();
        items
            .map(|item| item["number"].as_u64().expect("a number"))
            .collect()
    }
}

/// A client that sends a token to the fake.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) headers: HeaderMap,
}

impl Caller {
    pub(crate) fn new(fake: &Fake, token: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", HeaderValue::from_static("fake-tests"));
        let credentials = format!("Bearer {token}").try_into().expect("a header");
        headers.insert("authorization", credentials);
        let http = reqwest::Client::builder()
            // The fake has no TLS, and loading the root certificates would take longer than a test.
            .tls_certs_only([])
            .no_proxy()
            .build()
            .expect("a client");
        let base = fake.base_url().to_owned();
        Self {
            http,
            base,
            headers,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers
            .insert(name, value.try_into().expect("a header"));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.call(Method::GET, path, "").await
    }

    pub(crate) async fn list(&self, path: &str) -> Response {
        let response = self.get(path).await;
        assert_eq!(response.status, 200, "{path}: {}", response.text);
        response
    }

    pub(crate) async fn status_of(&self, number: u64) -> Value {
        self.get(&format!("{SMILE}/{number}")).await.body["status"].take()
    }

    pub(crate) async fn review(&self, number: u64, body: &Value) -> Response {
        let path = format!("{SMILE}/{number}");
        self.call(Method::PATCH, &path, &body.to_string()).await
    }

    pub(crate) async fn approve(&self, number: u64) -> Response {
        self.review(number, &json!({"status": "approve", "message": "fine"}))
            .await
    }

    pub(crate) async fn dismiss(&self, response_id: u64) -> Response {
        let path = format!("{SMILE_RESPONSES}/{response_id}");
        self.call(Method::DELETE, &path, "").await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: &str) -> Response {
        let response = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .headers(self.headers.clone())
            .body(body.to_owned())
            .send()
            .await
            .expect("a response");
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.expect("text");
        let is_json = headers
            .get("content-type")
            .is_some_and(|it| it == "application/json; charset=utf-8");
        let body = match is_json {
            true => serde_json::from_str(&text).expect("JSON"),
            false => Value::Null,
        };
        let response = Response {
            status,
            headers,
            body,
            text,
        };
        match operation_at(method.as_str(), path) {
            Some(operation) if is_json => assert_conforms(&operation, status, &response.body),
            // Only a 204, a 304 and the 403 for a missing user agent have no JSON body.
            Some(_) => assert!(
                [204, 304, 403].contains(&status),
                "{status} {}",
                response.text
            ),
            None => assert_conforms("no operation", status, &response.body),
        }
        response
    }
}

/// Reads all items of a list by following the `next` links.
pub(crate) async fn follow(caller: &Caller, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let mut page = caller.list(&path).await;
        items.append(page.body.as_array_mut().expect("a list"));
        next = page.links().remove("next").map(|url| {
            let path = url.strip_prefix(&caller.base).expect("the same host");
            path.to_owned()
        });
    }
    items
}
