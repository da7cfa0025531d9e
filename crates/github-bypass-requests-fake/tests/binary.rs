//! Starts the binary as a script would.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
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

/// Reads the address of the fake from its first line.
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

#[test]
fn a_port_in_use_causes_a_one_line_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let mut fake = start(&["--port", &port]);
    assert_eq!(fake.0.wait().expect("an exit").code(), Some(1));
    let mut error = String::new();
    fake.0
        .stderr
        .as_mut()
        .expect("piped")
        .read_to_string(&mut error)
        .expect("text");
    assert!(
        error.starts_with(&format!("error: failed to serve on 127.0.0.1:{port}: ")),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1);
}
