//! The examples, run as a user runs them without a token. They stand here and not with the other
//! tests because cargo builds a package's examples for the package's own tests only, and not for
//! `--test examples` alone, which runs them as they were last built.

use std::path::PathBuf;
use std::process::{Command, Output};

fn run(example: &str, arguments: &[&str]) -> Output {
    command(example).args(arguments).output().expect(example)
}

fn command(example: &str) -> Command {
    let tests = std::env::current_exe().expect("a path");
    let profile: PathBuf = tests.ancestors().nth(2).expect("a folder").into();
    let mut command = Command::new(profile.join("examples").join(example));
    for variable in ["GH_TOKEN", "GITHUB_TOKEN", "GH_HOST", "GITHUB_API_URL"] {
        command.env_remove(variable);
    }
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The rows of triage's table, without its head.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let table = text.split("\n\n").nth(1).expect("a table");
    table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect())
        .collect()
}

#[test]
fn triage_lists_what_is_open_newest_first() {
    let output = run("triage", &[]);
    assert!(output.status.success(), "{output:?}");
    let text = stdout(&output);
    assert!(
        text.lines()
            .next()
            .expect("a line")
            .starts_with("this is a fake GitHub"),
        "{text}"
    );

    let created: Vec<String> = rows(&text).iter().map(|row| row[2..4].join(" ")).collect();
    let mut newest_first = created.clone();
    newest_first.sort_by(|a, b| b.cmp(a));
    assert!(created.len() > 5, "{text}");
    assert_eq!(created, newest_first);
    assert!(
        rows(&text)
            .iter()
            .all(|row| ["open", "pending"].contains(&row[4])),
        "{text}"
    );

    let table = text.split("\n\n").nth(1).expect("a table");
    let column = table.find("REQUESTER").expect("a column");
    assert!(
        table
            .lines()
            .all(|line| line.get(column - 1..column) == Some(" ")),
        "{table}"
    );
}

#[test]
fn triage_reviews_one_and_shows_it_before_and_after() {
    let text = stdout(&run("triage", &[]));
    let rows = rows(&text);
    let row = rows
        .iter()
        .find(|row| row[1] == "secret_scanning")
        .expect("a secret scanning request");
    let name = row[0];
    for (flag, after) in [("--approve", "approved"), ("--reject", "denied")] {
        let output = run("triage", &[flag, name, "--message", "see INC-7"]);
        assert!(output.status.success(), "{output:?}");
        let text = stdout(&output);
        assert!(
            text.contains(&format!("before  {name} {}", row[4])),
            "{text}"
        );
        assert!(text.contains(&format!("after   {name} {after}")), "{text}");
    }
    assert!(
        !run("triage", &["--approve", name]).status.success(),
        "a message is required"
    );
    for (wrong, why) in [
        ("smile", "REPO#N"),
        ("smile#0", "request number 0"),
        ("../x#1", "owner \"..\""),
    ] {
        let output = run("triage", &["--approve", wrong, "--message", "x"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(why),
            "{output:?}"
        );
    }
}

#[test]
fn report_counts_as_a_table_and_as_json() {
    let table = stdout(&run("report", &[]));
    assert!(
        table
            .lines()
            .next()
            .expect("a line")
            .starts_with("this is a fake GitHub"),
        "{table}"
    );
    let output = run("report", &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("this is a fake GitHub"));
    for (kind, title) in [
        ("secret_scanning", "secret scanning"),
        ("push_rules", "push rules"),
    ] {
        let counts = &report[kind];
        let total = counts["total"].as_u64().expect("a count");
        assert_eq!(total, 40);
        for by in ["status", "repository", "requester"] {
            let sum: u64 = counts[by]
                .as_object()
                .expect("counts")
                .values()
                .filter_map(|n| n.as_u64())
                .sum();
            assert_eq!(sum, total, "{by}");
        }
        assert!(table.contains(&format!(" {title} ")), "{table}");
    }
    assert_eq!(run("report", &["--period", "year"]).status.code(), Some(2));
}

#[test]
fn queue_shows_both_kinds_the_most_urgent_first() {
    let output = run("queue", &[]);
    assert!(output.status.success(), "{output:?}");
    let text = stdout(&output);
    let table = text.split("\n\n").nth(1).expect("a table");
    let hours = |row: &str| -> u32 {
        let mut parts = row.split_whitespace();
        let mut part = |unit| {
            let part = parts.next().and_then(|part| part.strip_suffix(unit));
            part.and_then(|part| part.parse::<u32>().ok()).expect(row)
        };
        part('d') * 24 + part('h')
    };
    let left: Vec<u32> = table.lines().skip(1).map(hours).collect();
    assert!(left.len() > 5 && left.is_sorted(), "{text}");
    assert!(
        table.contains(" secret ") && table.contains(" push rule "),
        "{text}"
    );
    assert!(
        text.ends_with(&format!("\n\n{} wait\n", left.len())),
        "{text}"
    );
}

#[test]
fn bot_approves_only_when_it_is_told_to_and_leaves_a_line_for_each_decision() {
    for (arguments, outcome) in [(&[][..], "would be approved"), (&["--act"], "approved")] {
        let output = run("bot", arguments);
        assert!(output.status.success(), "{output:?}");
        let text = stdout(&output);
        assert!(!text.is_empty());
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect(line);
            assert_eq!(line["outcome"], outcome, "{line}");
            assert_eq!(
                line["request_id"].is_string(),
                outcome == "approved",
                "{line}"
            );
            assert_eq!(
                line["response_id"].is_u64(),
                outcome == "approved",
                "{line}"
            );
            for field in ["at", "who", "what", "requested_by", "decision", "why"] {
                assert!(line[field].is_string(), "{field}: {line}");
            }
        }
    }
    for everything in ["", "/", "tests"] {
        let output = run("bot", &["--under", everything]);
        assert_eq!(output.status.code(), Some(2), "{everything}");
    }
    let output = run("bot", &["--act", "--under", "/test"]);
    assert!(
        output.status.success() && output.stdout.is_empty(),
        "{output:?}"
    );
}

#[test]
fn watch_tells_what_happens_and_goes_on_where_it_stood() {
    let file = format!("watch-example-{}.json", std::process::id());
    let file = std::env::temp_dir().join(file);
    let path = file.to_str().expect("a path");
    let output = run("watch", &["--cursor", path]);
    assert!(output.status.success(), "{output:?}");
    let text = stdout(&output);
    let count = |what: &str| text.lines().filter(|line| line.starts_with(what)).count();
    let waiting = count("opened: ");
    assert!(waiting > 5, "{text}");
    assert_eq!(count("approved by octocat: octo-org/smile#"), 1, "{text}");
    assert_eq!(count("no longer open: octo-org/smile#"), 1, "{text}");
    assert_eq!(count("no longer approved: octo-org/smile#"), 1, "{text}");
    // All but the one that was approved.
    assert_eq!(count("expired: "), waiting - 1, "{text}");

    let saved = std::fs::read(&file).expect("a cursor");
    let saved: serde_json::Value = serde_json::from_slice(&saved).expect("JSON");
    assert_eq!(saved["begun"], true, "{saved}");
    std::fs::remove_file(&file).expect("a file of ours");
}

#[test]
fn the_request_that_triage_names_in_its_help_exists() {
    let example = include_str!("../examples/triage.rs");
    let (_, rest) = example.split_once("--reject ").expect("a command line");
    let name = rest.split_whitespace().next().expect("a name");
    let output = run(
        "triage",
        &["--reject", name, "--message", "please revoke it"],
    );
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    for example in ["triage", "report", "queue", "watch"] {
        let mut child = command(example)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect(example);
        drop(child.stdout.take());
        let output = child.wait_with_output().expect(example);
        assert!(output.status.success(), "{output:?}");
    }
}
