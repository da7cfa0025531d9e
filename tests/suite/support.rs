//! Clients, servers and minimal response bodies that many tests share.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::process::{Command, Output};

use github_bypass_requests::{BypassKind, Client, Error, Position};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use wiremock::matchers::{any, query_param};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub(crate) const TOKEN: &str = "ghp_ThisIsTheSecretToken";

/// A port on 127.0.0.1 that refuses connections until this value is dropped.
///
/// The socket is bound but does not listen. While it holds the port, no other socket can bind the
/// port, and no outgoing connection can use it as a local port.
pub(crate) struct ClosedPort {
    socket: TcpSocket,
}

impl ClosedPort {
    pub(crate) fn reserve() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(any).expect("a port");
        Self { socket }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("an address")
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address())
    }
}

/// Runs an ignored test in its own process, with only these environment variables. They apply to
/// the whole process, so the process must not run other tests.
pub(crate) fn run_with_variables(test: &str, variables: &[(&str, &str)]) -> Output {
    let tests = std::env::current_exe().expect("the path of the tests");
    let output = Command::new(tests)
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .expect("the tests run");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed"), "{test}: {output:?}");
    output
}

/// A client that makes one attempt per call, because these tests run on the real clock.
pub(crate) fn client(server: &MockServer) -> Client {
    Client::builder()
        .base_url(server.uri())
        .token(TOKEN)
        .max_attempts(1)
        .build()
        .expect("client")
}

/// A server that responds to every request with `respond`.
pub(crate) async fn server(respond: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(respond)
        .mount(&server)
        .await;
    server
}

/// A server that responds with `pages`, starting at page 1, and with 500 to all other requests.
pub(crate) async fn paged(pages: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    for (index, page) in pages.into_iter().enumerate() {
        Mock::given(query_param("page", (index + 1).to_string()))
            .respond_with(page)
            .mount(&server)
            .await;
    }
    Mock::given(any())
        .respond_with(ResponseTemplate::new(500))
        .with_priority(9)
        .mount(&server)
        .await;
    server
}

/// Returns the position at the start of a page, decoded from its saved form.
pub(crate) fn at_page<D: BypassKind>(page: u32, per_page: u32) -> Position<D> {
    let saved = |kind| json!({ "kind": kind, "page": page, "per_page": per_page });
    let of_kind = |kind| serde_json::from_value(saved(kind)).ok();
    let position = of_kind("secret_scanning").or_else(|| of_kind("push_rules"));
    position.expect("a position")
}

/// Parses the text of an error, and returns the page at which the list can be resumed.
pub(crate) fn resume_page(error: &Error) -> Option<u32> {
    let text = error.to_string();
    let (_, page) = text.rsplit_once("; the list can be resumed at page ")?;
    Some(page.parse().expect("a page"))
}

/// A page of bypass requests with these ids, and with this `Link` header.
pub(crate) fn page(ids: &[u64], link: &str) -> ResponseTemplate {
    let page = unlinked(&ids.iter().map(|id| request(*id)).collect::<Vec<_>>());
    page.insert_header("link", link)
}

/// A page that contains these items and has no `Link` header.
pub(crate) fn unlinked(items: &[Value]) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(items)
        .insert_header("x-github-request-id", "AB:12")
}

/// A `Link` header that names the next page.
pub(crate) fn next(page: u32) -> String {
    format!("<https://api.github.com/organizations/1/x?per_page=100&page={page}>; rel=\"next\"")
}

/// The `Link` header of the last page of a list.
pub(crate) fn no_next() -> String {
    "<https://api.github.com/organizations/1/x?page=1>; rel=\"first\"".to_owned()
}

/// A bypass request with only the required fields.
pub(crate) fn request(id: u64) -> Value {
    json!({
        "id": id,
        "number": id,
        "status": "open",
        "request_type": "secret_scanning",
        "created_at": "2024-07-01T08:43:03Z",
    })
}

/// Returns the page numbers of the requests, in order.
pub(crate) async fn requested_pages(server: &MockServer) -> Vec<u32> {
    received(server).await.iter().map(page_number).collect()
}

pub(crate) async fn received(server: &MockServer) -> Vec<Request> {
    server
        .received_requests()
        .await
        .expect("the server records requests")
}

fn page_number(request: &Request) -> u32 {
    let page = request
        .url
        .query_pairs()
        .find(|(name, _)| name == "page")
        .expect("page");
    page.1.parse().expect("number")
}

#[tokio::test]
async fn a_closed_port_refuses_connections_and_cannot_be_bound() {
    let closed = ClosedPort::reserve();
    let refused = TcpStream::connect(closed.address()).await;
    assert_eq!(
        refused.expect_err("no listener").kind(),
        ErrorKind::ConnectionRefused
    );
    // `TcpListener::bind` sets SO_REUSEADDR, but fails because `ClosedPort` does not set it.
    let taken = TcpListener::bind(closed.address()).await;
    assert_eq!(
        taken.expect_err("the port is taken").kind(),
        ErrorKind::AddrInUse
    );
}
