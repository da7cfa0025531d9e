//! `--jq` in the built program, which runs filters in a second process.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

fn list(filter: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gh-bypass"));
    command.args([
        "--demo",
        "list",
        "--limit",
        "1",
        "--json",
        "repository",
        "--jq",
        filter,
    ]);
    command
}

#[test]
fn results_are_printed_to_standard_output() {
    let output = list(".[].repository.name, {a: 1}, error(\"no\")")
        .output()
        .expect("a program");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "smile\n{\n  \"a\": 1\n}\n"
    );
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(
        message.ends_with("the filter of `--jq` failed: no\n"),
        "{message}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn an_invalid_filter_prints_nothing_to_standard_output() {
    let output = list("1, foo").output().expect("a program");
    assert!(output.stdout.is_empty());
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("  1, foo\n     ^"), "{message}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_endless_filter_ends_with_the_reader() {
    let mut child = list("repeat(1)")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a program");
    let stdout = child.stdout.take().expect("a pipe");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    assert_eq!(line, "1\n");
    assert!(child.wait().expect("an end").success());
}
