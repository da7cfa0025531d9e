//! The binary, as a script starts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// Ends with the test, however the test ends.
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

fn get(address: &str, path: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: test\r\n\
         authorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn the_first_line_tells_where_it_listens() {
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

    let list = "/orgs/octo-org/bypass-requests/push-rules?time_period=month&per_page=100";
    let answer = get(address, list, "t");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(answer.matches("\"resource_identifier\"").count(), 25);
    assert!(get(address, list, "other").starts_with("HTTP/1.1 401 "));
}

#[test]
fn a_port_that_is_taken_is_told_in_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let mut fake = start(&["--port", &port]);
    assert_eq!(fake.0.wait().expect("an end").code(), Some(1));
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
