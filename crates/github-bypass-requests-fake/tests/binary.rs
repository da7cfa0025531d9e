//! Starts the binary as a script would.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// Kills the fake when dropped, even if the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_github-bypass-requests-fake"));
    let command = command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Running(command.spawn().expect("the binary"))
}

/// Reads the address of the fake from the first line of its output.
fn address(fake: &mut Running) -> String {
    let mut first = String::new();
    let stdout = fake.0.stdout.as_mut().expect("piped");
    BufReader::new(stdout)
        .read_line(&mut first)
        .expect("a line");
    let address = first
        .trim_end()
        .strip_prefix("listening on http://")
        .expect(&first);
    assert!(address.starts_with("127.0.0.1:"), "{first}");
    address.to_owned()
}

fn get(address: &str, path: &str, token: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\n");
    call(address, &head, "").expect("a response")
}

fn call(address: &str, head: &str, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    let request = format!(
        "{head}host: {address}\r\nuser-agent: test\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}

#[test]
fn the_first_line_has_the_address() {
    let mut fake = start(&[
        "--port",
        "0",
        "--token",
        "t",
        "--requests",
        "25",
        "--seed",
        "7",
    ]);
    let address = &address(&mut fake);

    let list = "/orgs/octo-org/bypass-requests/push-rules?time_period=month&per_page=100";
    let response = get(address, list, "t");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert_eq!(response.matches("\"resource_identifier\"").count(), 25);
    assert!(get(address, list, "other").starts_with("HTTP/1.1 401 "));
}

#[test]
fn faults_are_added_over_http() {
    let mut fake = start(&["--port", "0", "--token", "t"]);
    let address = &address(&mut fake);
    let faults = |method: &str, body: &str| {
        let head = format!("{method} /_fake/faults HTTP/1.1\r\n");
        call(address, &head, body).expect("a response")
    };
    let list = "/orgs/octo-org/bypass-requests/push-rules";
    let added = faults(
        "POST",
        r#"{"status": 503, "headers": {"retry-after": "2"}}"#,
    );
    assert!(added.starts_with("HTTP/1.1 201 Created\r\n"), "{added}");
    faults("POST", r#"{"reset": true}"#);

    let down = get(address, list, "other");
    assert!(down.starts_with("HTTP/1.1 503 "), "{down}");
    assert!(down.contains("\r\nretry-after: 2\r\n"), "{down}");
    assert!(faults("GET", "").ends_with(r#"[{"count":1,"reset":true}]"#));
    let head = format!("GET {list} HTTP/1.1\r\n");
    let reset = call(address, &head, "").expect_err("a reset");
    assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);
    assert!(get(address, list, "t").starts_with("HTTP/1.1 200 OK\r\n"));

    let refused = faults("POST", r#"{"reset": true, "status": 503}"#);
    assert!(refused.starts_with("HTTP/1.1 422 "), "{refused}");
    faults("POST", r#"{"count": 9, "status": 503}"#);
    assert!(faults("DELETE", "").starts_with("HTTP/1.1 204 "));
    assert!(get(address, list, "t").starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn the_fake_is_controlled_over_http() {
    let mut fake = start(&["--port", "0", "--requests", "0", "--rate-limit", "1"]);
    let address = &address(&mut fake);
    let control = |method: &str, path: &str, body: &str| {
        let head = format!("{method} /_fake/{path} HTTP/1.1\r\n");
        call(address, &head, body).expect("a response")
    };
    let opened = control("POST", "requests/secret-scanning", "{}");
    assert!(opened.ends_with(r#"{"id":1,"number":1}"#), "{opened}");
    let request = "/repos/octo-org/smile/bypass-requests/secret-scanning/1";
    assert!(get(address, request, "t").starts_with("HTTP/1.1 200 "));
    assert!(get(address, request, "t").starts_with("HTTP/1.1 403 "));
    control("POST", "clock", r#"{"advance_seconds": 3600}"#);
    assert!(get(address, request, "t").starts_with("HTTP/1.1 200 "));
    let received = control("GET", "received", "");
    assert_eq!(received.matches(r#""method":"GET""#).count(), 3);
}

/// Receives one delivery. Returns its head and its body.
fn receive(listener: &TcpListener) -> (String, String) {
    let (stream, _) = listener.accept().expect("a delivery");
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        stream.read_line(&mut head).expect("a head");
    }
    let (_, length) = head.split_once("content-length: ").expect(&head);
    let length = length.lines().next().expect(&head);
    let mut body = vec![0; length.parse().expect(&head)];
    stream.read_exact(&mut body).expect("a body");
    let response = b"HTTP/1.1 204 No Content\r\n\r\n";
    stream.get_mut().write_all(response).expect("a connection");
    (head, String::from_utf8(body).expect("text"))
}

#[test]
fn changes_are_delivered_to_the_webhook() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/webhook", listener.local_addr().expect("bound"));
    let mut fake = start(&[
        "--port",
        "0",
        "--webhook-url",
        &url,
        "--webhook-secret",
        "s3cret",
    ]);
    let address = &address(&mut fake);
    let control = |method: &str, path: &str| {
        let head = format!("{method} /_fake/{path} HTTP/1.1\r\n");
        call(
            address,
            &head,
            if path.ends_with("rules") { "{}" } else { "" },
        )
        .expect("a response")
    };
    // Demo requests are not delivered.
    assert!(control("GET", "deliveries").ends_with("\r\n\r\n[]"));
    control("POST", "requests/push-rules");
    // Without a delivery, `receive` would wait forever.
    assert!(control("GET", "deliveries").contains(r#""hook_id":1,"#));
    let (head, body) = receive(&listener);
    assert!(head.starts_with("POST /webhook HTTP/1.1\r\n"), "{head}");
    let event = "\r\nx-github-event: exemption_request_push_ruleset\r\n";
    assert!(head.contains(event), "{head}");
    assert!(body.starts_with(r#"{"action":"created","#), "{body}");

    assert!(control("POST", "ping").starts_with("HTTP/1.1 204 "));
    let (head, _) = receive(&listener);
    assert!(head.contains("\r\nx-github-event: ping\r\n"), "{head}");
    let deliveries = control("GET", "deliveries");
    assert_eq!(deliveries.matches(r#""hook_id":1,"#).count(), 2);
    assert!(!deliveries.contains("s3cret"), "{deliveries}");
}

#[test]
fn an_invalid_webhook_causes_a_one_line_error() {
    for (url, secret, message) in [
        (
            "https://example.com",
            "s3cret",
            "error: `webhook` takes an http URL of a loopback address, such as \
             http://127.0.0.1:3000/webhook, not https://example.com\n",
        ),
        (
            "http://127.0.0.1:3000",
            "",
            "error: `webhook` takes a secret, not an empty string\n",
        ),
    ] {
        let arguments = ["--webhook-url", url, "--webhook-secret", secret];
        assert_eq!(failure(&arguments), (Some(1), message.to_owned()));
    }
    for arguments in [
        ["--webhook-url", "http://[::1]"],
        ["--webhook-secret", "s3cret"],
    ] {
        let (code, error) = failure(&arguments);
        assert_eq!(code, Some(2), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}

/// Starts a fake that fails. Returns its exit code and the error that it prints.
fn failure(arguments: &[&str]) -> (Option<i32>, String) {
    let mut fake = start(arguments);
    let code = fake.0.wait().expect("an exit").code();
    let mut error = String::new();
    let stderr = fake.0.stderr.as_mut().expect("piped");
    stderr.read_to_string(&mut error).expect("text");
    (code, error)
}

#[test]
fn a_port_in_use_causes_a_one_line_error() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let (code, error) = failure(&["--port", &port]);
    assert_eq!(code, Some(1));
    assert!(
        error.starts_with(&format!("error: failed to serve on 127.0.0.1:{port}: ")),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1);
}
