//! Where a description comes from: a file or the web, as JSON or YAML.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use crate::support::Edit::Put;
use crate::support::{Repository, upstream};

/// Answers one request, and tells where.
fn serve(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let request = BufReader::new(stream.try_clone().expect("a clone"));
        for line in request.lines() {
            if line.expect("a line").is_empty() {
                break;
            }
        }
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .expect("an answer");
    });
    format!("http://{address}/description")
}

#[test]
fn from_the_web() {
    let repository = Repository::new();
    let url = serve("200 OK", upstream().to_string());
    let answer = repository.drift(&["--upstream", &url]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);

    let url = serve("404 Not Found", String::new());
    let answer = repository.drift(&["--upstream", &url]);
    assert_eq!(answer.code, 1);
    assert_eq!(
        answer.stderr,
        format!("error: failed to fetch {url}: HTTP status client error (404 Not Found)\n")
    );
}

#[test]
fn from_yaml_whose_statuses_are_numbers() {
    let repository = Repository::new();
    let text = include_str!("upstream.yaml").replace("'200':", "200:");
    repository.write("upstream.yaml", &text);
    let path = repository.path("upstream.yaml");
    let answer = repository.drift(&["--upstream", path.to_str().expect("a path")]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn with_a_byte_order_mark() {
    let repository = Repository::new();
    repository.write("upstream.json", &format!("\u{feff}\n{}", upstream()));
    assert_eq!(repository.compare(&[]).code, 0);
}

#[test]
fn what_is_no_description_is_a_failure() {
    let repository = Repository::new();
    for (contents, message) in [
        ("{", "it is not JSON: EOF while parsing"),
        ("a: [", "it is not YAML: "),
        ("", "it is not an OpenAPI description: it has no `paths`"),
        (
            "<html>",
            "it is not an OpenAPI description: it has no `paths`",
        ),
        (
            r#"{"paths": []}"#,
            "it is not an OpenAPI description: it has no `paths`",
        ),
        (r#"{"paths": {}}"#, "it has no `info.title`"),
        (
            r#"{"paths": {}, "info": {"title": "x"}}"#,
            "it has no `info.version`",
        ),
    ] {
        repository.write("upstream.json", contents);
        let answer = repository.compare(&[]);
        assert_eq!(answer.code, 1, "{contents}");
        let path = repository.path("upstream.json");
        let start = format!("error: failed to understand {}: {message}", path.display());
        assert!(
            answer.stderr.starts_with(&start),
            "{start}\nis not: {}",
            answer.stderr
        );
    }
    let answer = repository.drift(&["--upstream", "no/such/file.json"]);
    assert_eq!(answer.code, 1);
    assert!(
        answer
            .stderr
            .starts_with("error: failed to read no/such/file.json: "),
        "{}",
        answer.stderr
    );
}

/// A path may stand elsewhere, as all else.
#[test]
fn with_a_path_by_reference() {
    let repository = Repository::new();
    let mut document = upstream();
    let path = "/orgs/{org}/bypass-requests/things";
    let item = document["paths"][path].take();
    Put("/components/pathItems", json!({"things": item})).apply(&mut document);
    document["paths"][path] = json!({"$ref": "#/components/pathItems/things"});
    repository.write_upstream(&document);
    assert_eq!(repository.findings(), [""; 0]);
}

#[test]
fn a_fragment_that_cannot_be_compiled_is_a_failure() {
    let repository = Repository::new();
    repository.write("openapi/bypass-requests.yaml", "openapi: 3.0.3");
    let answer = repository.compare(&[]);
    assert_eq!(answer.code, 1);
    assert!(
        answer
            .stderr
            .starts_with("error: failed to accept openapi/bypass-requests.yaml: "),
        "{}",
        answer.stderr
    );
}
