//! Sources of a description: a file or a URL, as JSON or YAML.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use crate::support::Edit::{Put, Remove};
use crate::support::{Repository, upstream};

/// Starts a server that responds to one request. Returns its URL.
fn serve(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
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
        .expect("a response is sent");
    });
    format!("http://{address}/description")
}

#[test]
fn a_description_can_be_downloaded() {
    let repository = Repository::new();
    let url = serve("200 OK", upstream().to_string());
    let outcome = repository.drift(&["--upstream", &url]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);

    let url = serve("404 Not Found", String::new());
    let outcome = repository.drift(&["--upstream", &url]);
    assert_eq!(outcome.code, 1);
    assert_eq!(
        outcome.stderr,
        format!("error: failed to fetch {url}: HTTP status client error (404 Not Found)\n")
    );
}

#[test]
fn statuses_in_yaml_may_be_numbers() {
    let repository = Repository::new();
    let text = include_str!("upstream.yaml").replace("'200':", "200:");
    repository.write("upstream.yaml", &text);
    let path = repository.path("upstream.yaml");
    let outcome = repository.drift(&["--upstream", path.to_str().expect("a path")]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn a_byte_order_mark_is_ignored() {
    let repository = Repository::new();
    repository.write("upstream.json", &format!("\u{feff}\n{}", upstream()));
    assert_eq!(repository.compare(&[]).code, 0);
}

#[test]
fn an_invalid_description_is_an_error() {
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
        let outcome = repository.compare(&[]);
        assert_eq!(outcome.code, 1, "{contents}");
        let path = repository.path("upstream.json");
        let start = format!("error: failed to parse {}: {message}", path.display());
        assert!(
            outcome.stderr.starts_with(&start),
            "{start}\nis not the start of: {}",
            outcome.stderr
        );
    }
    let outcome = repository.drift(&["--upstream", "no/such/file.json"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome
            .stderr
            .starts_with("error: failed to read no/such/file.json: "),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_path_may_be_a_reference() {
    let repository = Repository::new();
    let mut document = upstream();
    let path = "/orgs/{org}/bypass-requests/things";
    let item = document["paths"][path].take();
    Put("/components/pathItems", json!({"things": item})).apply(&mut document);
    document["paths"][path] = json!({"$ref": "#/components/pathItems/things"});
    repository.write_upstream(&document);
    assert_eq!(repository.findings(), [""; 0]);
}

/// GitHub publishes its description both in OpenAPI 3.0 and in OpenAPI 3.1.
#[test]
fn webhooks_may_be_in_the_section_of_openapi_3_1() {
    let repository = Repository::new();
    let mut document = upstream();
    let webhooks = document["x-webhooks"].take();
    Remove("/x-webhooks").apply(&mut document);
    Put("/webhooks", webhooks).apply(&mut document);
    repository.write_upstream(&document);
    assert_eq!(repository.findings(), [""; 0]);
}

#[test]
fn an_invalid_fragment_is_an_error() {
    let repository = Repository::new();
    repository.write("openapi/bypass-requests.yaml", "openapi: 3.0.3");
    let outcome = repository.compare(&[]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome
            .stderr
            .starts_with("error: openapi/bypass-requests.yaml is invalid: "),
        "{}",
        outcome.stderr
    );
}
