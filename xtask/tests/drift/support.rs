//! A repository with a small fragment, a ledger, and a description to compare the fragment with.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const LEDGER: &str = "openapi/ledger.yaml";
pub(crate) const LOCK: &str = "openapi/upstream.lock.json";
const FRAGMENT: &str = "openapi/bypass-requests.yaml";
const UPSTREAM: &str = "upstream.json";

pub(crate) const LIST: &str = "GET /orgs/{org}/bypass-requests/things";
pub(crate) const WEBHOOK: &str = "WEBHOOK exemption-request-thing-created";
pub(crate) const REVIEW: &str = "PATCH /repos/{owner}/bypass-responses/things/{number}";

pub(crate) fn upstream() -> Value {
    serde_norway::from_str(include_str!("upstream.yaml")).expect("YAML")
}

pub(crate) fn fragment() -> Value {
    serde_norway::from_str(include_str!("fragment.yaml")).expect("YAML")
}

pub(crate) fn ledger() -> String {
    include_str!("ledger.yaml").to_owned()
}

pub(crate) struct Repository(TempDir);

impl Repository {
    /// Creates a repository without drift.
    pub(crate) fn new() -> Self {
        let repository = Self(TempDir::new().expect("a folder"));
        fs::create_dir(repository.path("openapi")).expect("a folder");
        repository.write_fragment(&fragment());
        repository.write(LEDGER, &ledger());
        repository.write_upstream(&upstream());
        repository
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: &str) {
        fs::write(self.path(name), contents).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    pub(crate) fn write_fragment(&self, document: &Value) {
        self.write(FRAGMENT, &serde_norway::to_string(document).expect("YAML"));
    }

    pub(crate) fn write_upstream(&self, document: &Value) {
        self.write(UPSTREAM, &document.to_string());
    }

    /// Runs `cargo xtask drift` on this repository, with additional arguments.
    pub(crate) fn drift(&self, more: &[&str]) -> Outcome {
        let root = self.0.path().to_str().expect("a path");
        xtask(&[&["drift", "--root", root], more].concat())
    }

    /// Compares the fragment with the description.
    pub(crate) fn compare(&self, more: &[&str]) -> Outcome {
        let upstream = self.path(UPSTREAM);
        let upstream = upstream.to_str().expect("a path");
        self.drift(&[&["--upstream", upstream], more].concat())
    }

    /// Compares the fragment with the description. Returns one line per finding: kind, operation,
    /// place, aspect, and both sides.
    pub(crate) fn findings(&self) -> Vec<String> {
        let outcome = self.compare(&["--format", "json"]);
        let report: Value = serde_json::from_str(&outcome.stdout)
            .unwrap_or_else(|_| panic!("no report: {}", outcome.stderr));
        let drift = report["drift"].as_array().expect("a list");
        assert_eq!(outcome.code, if drift.is_empty() { 0 } else { 4 });
        let lines = drift.iter().map(|entry| {
            let text = |name: &str| entry[name].as_str().expect("text").to_owned();
            let kind = match text("kind").as_str() {
                "undeclared" => String::new(),
                kind => format!("{kind} "),
            };
            let operation = match text("operation").as_str() {
                LIST => "list".to_owned(),
                REVIEW => "review".to_owned(),
                WEBHOOK => "webhook".to_owned(),
                other => other.to_owned(),
            };
            format!(
                "{kind}{operation} | {} | {} | {} | {}",
                text("place"),
                text("aspect"),
                entry["upstream"],
                entry["fragment"]
            )
        });
        lines.collect()
    }
}

pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn xtask(arguments: &[&str]) -> Outcome {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        // The test server is not reachable through a proxy.
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
        .output()
        .expect("xtask runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Outcome {
        code: output.status.code().expect("an exit code"),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// A change to a document at a JSON pointer.
///
/// The pointer may start with an abbreviation: `list` and `review` stand for the two operations,
/// `query` for the parameters of `list`, `item` for the properties of its items, `body` for the
/// schema of the request body of `review`, `webhook` for the webhook, and `event` for the properties
/// of its payload.
#[derive(Debug)]
pub(crate) enum Edit {
    /// Sets a value; `-` as the last segment appends to an array.
    Put(&'static str, Value),
    Remove(&'static str),
}

impl Edit {
    pub(crate) fn apply(&self, document: &mut Value) {
        let (Self::Put(pointer, _) | Self::Remove(pointer)) = self;
        let (name, rest) = pointer.split_once('/').expect("a pointer");
        let start = match name {
            "list" => "/paths/~1orgs~1{org}~1bypass-requests~1things/get",
            "query" => "/paths/~1orgs~1{org}~1bypass-requests~1things/get/parameters",
            "review" => "/paths/~1repos~1{owner}~1bypass-responses~1things~1{number}/patch",
            "body" => {
                "/paths/~1repos~1{owner}~1bypass-responses~1things~1{number}/patch\
                 /requestBody/content/application~1json/schema"
            }
            "item" => "/components/schemas/thing-item/properties",
            "webhook" => "/x-webhooks/exemption-request-thing-created/post",
            "event" => "/components/schemas/webhook-thing-created/properties",
            "" => "",
            other => panic!("unknown abbreviation {other}"),
        };
        let pointer = format!("{start}/{rest}");
        let (parent, last) = pointer.rsplit_once('/').expect("a pointer");
        let last = last.replace("~1", "/");
        let parent = document
            .pointer_mut(parent)
            .unwrap_or_else(|| panic!("{parent} does not exist"));
        match (self, parent) {
            (Self::Put(_, value), Value::Array(elements)) if last == "-" => {
                elements.push(value.clone());
            }
            (Self::Put(_, value), Value::Array(elements)) => {
                elements[last.parse::<usize>().expect("an index")] = value.clone();
            }
            (Self::Put(_, value), Value::Object(fields)) => {
                fields.insert(last, value.clone());
            }
            (Self::Remove(_), Value::Array(elements)) => {
                elements.remove(last.parse().expect("an index"));
            }
            (Self::Remove(_), Value::Object(fields)) => {
                fields.remove(&last).expect("the field exists");
            }
            (_, other) => panic!("{other} is neither an array nor an object"),
        }
    }
}

/// Reads a file of this repository.
pub(crate) fn checked_in(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(name)).expect("a file")
}
