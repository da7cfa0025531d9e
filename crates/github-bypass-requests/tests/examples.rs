//! Runs the examples the way a user without a token runs them.
//!
//! These tests are in this package because cargo builds the examples of a package only for the
//! package's own tests. With `--test examples`, cargo does not build the examples, and the tests
//! run those of the previous build.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use chrono::TimeDelta;
use github_bypass_requests::Client;
#[cfg(feature = "webhooks")]
use github_bypass_requests::Decision;
use github_bypass_requests_fake::{BypassReason, Fake, Fault, NewRequest, SecretFinding};
use serde_json::Value;

fn run(example: &str, arguments: &[&str]) -> Output {
    command(example).args(arguments).output().expect(example)
}

fn command(example: &str) -> Command {
    let tests = std::env::current_exe().expect("a path");
    let profile: PathBuf = tests.ancestors().nth(2).expect("a folder").into();
    let mut command = Command::new(profile.join("examples").join(example));
    for variable in [
        "GH_HOST",
        "GITHUB_API_URL",
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "COLUMNS",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Returns the command that runs an example on the given fake instead of on the example's own.
fn command_at(fake: &Fake, example: &str) -> Command {
    let mut command = command(example);
    command.env("GITHUB_API_URL", fake.base_url());
    command.env("GH_ENTERPRISE_TOKEN", "any");
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A temporary file of this process. Removed on drop.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A row of triage's table.
struct Row<'a> {
    created_at: &'a str,
    kind: &'a str,
    name: &'a str,
    status: &'a str,
}

fn rows(text: &str) -> Vec<Row<'_>> {
    let table = text.split("\n\n").nth(1).expect("a table");
    let row = |line| {
        let cells = str::split(line, "  ").map(str::trim);
        let mut cells = cells.filter(|cell| !cell.is_empty());
        let mut cell = || cells.next().expect(line);
        let (created_at, kind, request) = (cell(), cell(), cell());
        let mut words = request.split([' ', ',']);
        let mut word = || words.next().expect(line);
        Row {
            created_at,
            kind,
            name: word(),
            status: word(),
        }
    };
    table.lines().skip(1).map(row).collect()
}

#[test]
fn triage_lists_open_requests_newest_first() {
    let output = run("triage", &[]);
    assert!(output.status.success(), "{output:?}");
    let text = stdout(&output);
    assert!(
        text.lines()
            .next()
            .expect("a line")
            .starts_with("using a fake GitHub"),
        "{text}"
    );

    let created: Vec<&str> = rows(&text).iter().map(|row| row.created_at).collect();
    let mut newest_first = created.clone();
    newest_first.sort_by(|a, b| b.cmp(a));
    assert!(created.len() > 5, "{text}");
    assert_eq!(created, newest_first);
    assert!(
        rows(&text)
            .iter()
            .all(|row| ["open", "pending"].contains(&row.status)),
        "{text}"
    );

    let table = text.split("\n\n").nth(1).expect("a table");
    let column = table.find("REQUEST").expect("a column");
    assert!(
        table
            .lines()
            .all(|line| line.get(column - 1..column) == Some(" ")),
        "{table}"
    );
}

#[test]
fn triage_reviews_a_request_and_shows_it_before_and_after() {
    let text = stdout(&run("triage", &[]));
    let rows = rows(&text);
    let row = rows
        .iter()
        .find(|row| row.kind == "secret")
        .expect("a secret scanning request");
    let name = row.name;
    for (flag, after) in [("--approve", "approved"), ("--reject", "denied")] {
        let output = run("triage", &[flag, name, "--message", "see INC-7"]);
        assert!(output.status.success(), "{output:?}");
        let text = stdout(&output);
        assert!(
            text.contains(&format!("before  {name} {}", row.status)),
            "{text}"
        );
        assert!(text.contains(&format!("after   {name} {after}")), "{text}");
    }
    for incomplete in [
        &["--approve", name][..],
        &["--message", "x"],
        &["--approve", name, "--reject", name, "--message", "x"],
    ] {
        let output = run("triage", incomplete);
        assert_eq!(output.status.code(), Some(2), "{incomplete:?}");
    }
    for (wrong, why) in [
        ("smile", "REPO#N"),
        (
            "smile#0",
            "request number must be 1 to 9223372036854775807, not 0",
        ),
        ("../x#1", "letters, digits, `-`, `_` or `.`, not \"..\""),
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
fn report_prints_the_counts_as_a_table_and_as_json() {
    let table = stdout(&run("report", &[]));
    assert!(
        table
            .lines()
            .next()
            .expect("a line")
            .starts_with("using a fake GitHub"),
        "{table}"
    );
    let output = run("report", &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("only JSON");
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("using a fake GitHub"));
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
fn queue_shows_both_kinds_most_urgent_first() {
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
        text.ends_with(&format!("\n\n{} requests wait for a review\n", left.len())),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn queue_names_the_lists_that_it_could_not_read() {
    let fake = Fake::builder().start().await.expect("a port");
    fake.open_secret_scanning_request(NewRequest::new());
    let (secrets, rules) = (
        "/orgs/octo-org/bypass-requests/secret-scanning",
        "/orgs/octo-org/bypass-requests/push-rules",
    );
    let queue_fails_at = |path: &str| {
        let fault = Fault::status(403).path_contains(path);
        fake.misbehave(10, fault).expect("a valid fault");
        let output = command_at(&fake, "queue").output().expect("queue");
        fake.clear_faults();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        output
    };
    let has_line = |output: &Output, start: &str, end: &str| {
        let text = stderr(output);
        let is_it = |line: &str| line.starts_with(start) && line.contains(end);
        assert!(text.lines().any(is_it), "{text}");
    };

    let output = queue_fails_at(rules);
    has_line(&output, &format!("error: GET {rules}: 403"), "");
    has_line(&output, "read to the end: http", secrets);
    has_line(&output, "not read: http", rules);
    let text = stdout(&output);
    let count = "\n\nat least 1 requests wait for a review\n";
    assert!(text.ends_with(count), "{text}");

    let output = queue_fails_at("/orgs/");
    for path in [secrets, rules] {
        has_line(&output, &format!("error: GET {path}: 403"), "");
        has_line(&output, "not read: http", path);
    }
    // Neither an empty table nor a count.
    assert_eq!(stdout(&output).trim_end().lines().count(), 1, "{output:?}");
}

#[test]
fn tables_fit_the_width_in_columns() {
    for example in ["triage", "queue", "report"] {
        for width in [60, 80, 132] {
            let mut command = command(example);
            let output = command.env("COLUMNS", width.to_string()).output();
            let text = stdout(&output.expect(example));
            // Skips the notice.
            let longest = text.lines().skip(1).map(|line| line.chars().count()).max();
            assert!(longest <= Some(width), "{text}");
        }
    }
    let mut queue = command("queue");
    let text = stdout(&queue.env("COLUMNS", "80").output().expect("queue"));
    let links = text.lines().map(str::trim);
    let links = links.filter(|line| line.starts_with("https://github.com/octo-org/"));
    assert!(links.count() > 5, "{text}");
}

#[test]
fn tables_in_a_pipe_have_one_line_for_each_request() {
    for (example, longest) in [("triage", " \""), ("queue", " https://github.com/")] {
        let text = stdout(&run(example, &[]));
        let table = text.split("\n\n").nth(1).expect("a table");
        let count = table.lines().count() - 1;
        assert!(text.contains(&format!("\n\n{count} ")), "{text}");
        assert!(table.contains(longest), "{text}");
    }
}

/// Returns the lines of the bot's audit log.
fn audit(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let line = |line: &str| serde_json::from_str(line).expect(line);
    stdout(output).lines().map(line).collect()
}

#[test]
fn bot_is_a_dry_run_without_act_and_logs_each_request() {
    let output = run("bot", &[]);
    let lines = audit(&output);
    let of = |outcome: &str| {
        lines
            .iter()
            .filter(|line| line["outcome"] == outcome)
            .count()
    };
    let (approved, left) = (of("would be approved"), of("left to people"));
    assert!(approved > 0 && left > 0, "{lines:?}");
    assert_eq!(approved + left, lines.len());
    let summary = format!("\n{left} of {} requests are left to people\n", lines.len());
    assert!(stderr(&output).ends_with(&summary), "{output:?}");
    for line in &lines {
        let is_approved = line["outcome"] == "would be approved";
        for field in ["at", "what", "requested_by", "why"] {
            assert!(line[field].is_string(), "{field}: {line}");
        }
        assert_eq!(line["who"], "example-bot");
        assert!(line["id"].is_u64(), "{line}");
        let host = line["host"].as_str().expect("a host");
        assert!(host.starts_with("http://127.0.0.1:"), "{line}");
        let link = line["link"].as_str().expect("a link");
        assert!(link.starts_with("https://github.com/octo-org/"), "{line}");
        assert_eq!(line["decision"] == "approve", is_approved, "{line}");
        assert_eq!(line["request_id"].is_string(), is_approved, "{line}");
        assert!(line["response_id"].is_null(), "{line}");
    }
    for everything in ["", "/", "tests"] {
        let output = run("bot", &["--under", everything]);
        assert_eq!(output.status.code(), Some(2), "{everything}");
    }
    let lines = audit(&run("bot", &["--act", "--under", "/test"]));
    assert!(
        lines.iter().all(|line| line["outcome"] == "left to people"),
        "{lines:?}"
    );
}

#[test]
fn bot_logs_a_review_before_it_is_sent_and_its_outcome() {
    let mut lines = audit(&run("bot", &["--act", "--as", "octo-bot"]));
    lines.retain(|line| line["outcome"] != "left to people");
    assert!(!lines.is_empty());
    for pair in lines.chunks(2) {
        let [before, after] = pair else {
            panic!("a line without its pair: {pair:?}");
        };
        assert_eq!(before["outcome"], "about to approve");
        assert_eq!(after["outcome"], "approved");
        assert_eq!(before["what"], after["what"]);
        assert_eq!(after["who"], "octo-bot");
        for field in ["request_id", "response_id"] {
            assert!(before[field].is_null(), "{before}");
            assert!(!after[field].is_null(), "{after}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bot_does_not_review_if_the_audit_log_cannot_be_written() {
    let fake = Fake::builder().start().await.expect("a port");
    let opened = fake.open_secret_scanning_request(NewRequest::new().finding(SecretFinding {
        secret_type: "adafruit_io_key".into(),
        bypass_reason: BypassReason::UsedInTests,
        path: "/tests/README.md:16:0".into(),
        branch: "refs/heads/main".into(),
    }));
    let client = Client::builder().base_url(fake.base_url()).token("any");
    let client = client.build().expect("a client");
    let repository = client.repository("octo-org", "smile").secret_scanning();
    let status = async || {
        repository
            .get(opened.number)
            .await
            .expect("the request")
            .request
            .status
    };

    let (reader, log) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut bot = command_at(&fake, "bot");
    let output = bot.arg("--act").stdout(log).output().expect("bot");
    assert_eq!(output.status.code(), Some(1));
    let why = stderr(&output);
    assert!(why.contains("the audit log cannot be written"), "{why}");
    assert_eq!(status().await, "open");

    let output = bot.stdout(Stdio::piped()).output().expect("bot");
    assert_eq!(audit(&output).len(), 2, "{output:?}");
    assert_eq!(status().await, "approved");
}

#[test]
fn with_gh_host_and_no_token_no_fake_is_started() {
    for example in ["triage", "report", "queue", "watch", "bot"] {
        let output = command(example).env("GH_HOST", "ghes.example.com").output();
        let output = output.expect(example);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        let why = stderr(&output);
        for name in ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_HOST"] {
            assert!(why.contains(name), "{why}");
        }
    }
    // `GITHUB_API_URL` is set in every workflow.
    for (variable, host) in [
        ("GH_HOST", " "),
        ("GITHUB_API_URL", "https://api.github.com"),
    ] {
        let mut queue = command("queue");
        let output = queue.env(variable, host).output().expect("queue");
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn watch_on_a_fake_prints_the_changes_and_does_not_use_the_file() {
    let file = Scratch::new("watch-on-a-fake.json");
    let path = file.path();
    std::fs::write(path, "saved on GitHub").expect("a file");
    let output = run("watch", &["--cursor", path]);
    assert!(output.status.success(), "{output:?}");
    let text = stdout(&output);
    let count = |what: &str| text.lines().filter(|line| line.starts_with(what)).count();
    let waiting = count("opened: ");
    assert!(waiting > 5, "{text}");
    assert_eq!(count("approved by octocat: octo-org/smile#"), 1, "{text}");
    // The line of the approval covers the change of the status.
    assert_eq!(count("approved: octo-org/smile#"), 0, "{text}");
    assert_eq!(count("completed: octo-org/smile#"), 1, "{text}");
    // All but the approved one.
    assert_eq!(count("expired: "), waiting - 1, "{text}");

    let kept = std::fs::read_to_string(path).expect("a file");
    assert_eq!(kept, "saved on GitHub");
    let notice = format!("{path} is not used on a fake GitHub\n");
    assert_eq!(stderr(&output), notice);
}

/// A running watch. Killed on drop.
struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_continues_from_the_saved_cursor() {
    let fake = Fake::builder().start().await.expect("a port");
    let open = || fake.open_secret_scanning_request(NewRequest::new()).number;
    let file = Scratch::new("watch.json");
    let watch = || {
        let mut watch = command_at(&fake, "watch");
        watch.args(["--every", "1", "--cursor", file.path()]);
        let child = watch.stdout(Stdio::piped()).spawn();
        let mut child = child.expect("watch");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        // Skips the notice and an empty line.
        (
            Watching(child),
            lines.map(|line| line.expect("a line")).skip(2),
        )
    };

    let opened = |number| format!("opened: octo-org/smile#{number} ");

    let first = open();
    let (watching, mut lines) = watch();
    let line = lines.next().expect("an event");
    assert!(line.starts_with(&opened(first)), "{line}");
    // Once the second event is printed, the file contains the first.
    let second = open();
    let line = lines.next().expect("an event");
    assert!(line.starts_with(&opened(second)), "{line}");
    drop(watching);

    let approved = fake.approve("octo-org", "smile", first, "octocat");
    approved.expect("open");
    fake.advance(TimeDelta::seconds(2));
    let third = open();
    let (_watching, lines) = watch();
    let news = lines.take_while(|line| !line.starts_with(&opened(third)));
    // The second event may be repeated, because the watch may have stopped before it saved the
    // cursor.
    let news: Vec<String> = news
        .filter(|line| !line.starts_with(&opened(second)))
        .collect();
    let approved = format!("approved by octocat: octo-org/smile#{first}");
    assert!(
        news.first().is_some_and(|line| *line == approved),
        "{news:?}"
    );
}

#[test]
fn watch_names_a_file_that_cannot_be_read() {
    let garbled = Scratch::new("watch-garbled.json");
    std::fs::write(garbled.path(), "{").expect("a file");
    let folder = std::env::temp_dir();
    for path in [garbled.path(), folder.to_str().expect("a path")] {
        let mut watch = command("watch");
        watch.env("GITHUB_API_URL", "http://127.0.0.1:9");
        watch.env("GH_ENTERPRISE_TOKEN", "any");
        let output = watch.args(["--cursor", path]).output().expect("watch");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let why = stderr(&output);
        assert!(why.starts_with(&format!("error: {path}: ")), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_names_a_file_that_cannot_be_written() {
    let fake = Fake::builder().start().await.expect("a port");
    fake.open_secret_scanning_request(NewRequest::new());
    let nowhere = Scratch::new("no-such-folder");
    let path = nowhere.0.join("watch.json");
    let mut watch = command_at(&fake, "watch");
    let output = watch.arg("--cursor").arg(&path).output().expect("watch");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let why = stderr(&output);
    assert!(
        why.starts_with(&format!("error: {}", nowhere.path())),
        "{why}"
    );
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
fn a_closed_pipe_is_not_an_error() {
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

/// The example `webhook`, and the lines that it prints.
#[cfg(feature = "webhooks")]
struct Webhook {
    child: Watching,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    url: String,
}

#[cfg(feature = "webhooks")]
impl Webhook {
    fn start() -> Self {
        let mut webhook = command("webhook");
        webhook.env("GITHUB_WEBHOOK_SECRET", "the new secret\n");
        webhook.env("GITHUB_WEBHOOK_SECRET_PREVIOUS", "the previous secret");
        let mut child = Watching(webhook.stdout(Stdio::piped()).spawn().expect("webhook"));
        let mut lines = BufReader::new(child.0.stdout.take().expect("a pipe")).lines();
        let first = lines.next().expect("a line").expect("text");
        let url = first
            .strip_prefix("listening on ")
            .expect(&first)
            .to_owned();
        Self { child, lines, url }
    }

    fn next(&mut self) -> Value {
        let line = self.lines.next().expect("a line").expect("text");
        serde_json::from_str(&line).expect(&line)
    }
}

/// From the fake to the bot and back: the bot learns of a request by a delivery, reads it, and
/// rejects it once, although the delivery comes twice.
#[cfg(feature = "webhooks")]
#[tokio::test(flavor = "multi_thread")]
async fn webhook_prints_each_event_once_and_a_bot_can_act_on_it() {
    let mut webhook = Webhook::start();
    let fake = Fake::builder()
        .token("a-token", "octo-bot")
        .webhook(&webhook.url, "the new secret")
        .webhook(&webhook.url, "a forged secret");
    let fake = fake.start().await.expect("a port");
    let client = Client::builder().base_url(fake.base_url()).token("a-token");
    let client = client.build().expect("a client");

    let opened = fake.open_secret_scanning_request(NewRequest::new().requester("monalisa"));
    let event = webhook.next();
    assert_eq!(
        event,
        serde_json::json!({
            "event": "bypass_request_secret_scanning", "action": "created", "decision": null,
            "kind": "secret_scanning", "repository": "octo-org/smile", "number": opened.number,
            "status": "pending", "requester": "monalisa", "reviewer": null,
        })
    );

    let requests = client.repository("octo-org", "smile").secret_scanning();
    let number = event["number"].as_u64().expect("a number");
    let message = "please revoke it";
    let reject = || async {
        let review = requests.review_if_open(number, Decision::Reject, message);
        review.await.expect("a review").to_string()
    };
    assert_eq!(reject().await, "denied");
    let rejected = webhook.next();
    assert_eq!(
        [
            &rejected["action"],
            &rejected["decision"],
            &rejected["status"],
            &rejected["reviewer"]
        ],
        ["response_submitted", "reject", "rejected", "octo-bot"]
    );

    // The redelivery prints nothing, so the next line is the ping.
    let first = fake.deliveries().swap_remove(0);
    assert!(fake.redeliver(&first.id));
    fake.ping();
    assert_eq!(webhook.next(), serde_json::json!({ "event": "ping" }));
    // A bot that did not recognize it would not review again, either.
    assert_eq!(reject().await, "already denied by octo-bot");
    let responses = fake
        .responses("octo-org", "smile", opened.number)
        .expect("a request");
    let messages: Vec<_> = responses
        .iter()
        .map(|response| response.message.as_deref())
        .collect();
    assert_eq!(messages, [Some(message)]);

    while fake
        .deliveries()
        .iter()
        .any(|delivery| delivery.is_pending())
    {
        tokio::task::yield_now().await;
    }
    for delivery in fake.deliveries() {
        let expected = if delivery.hook_id == 1 { 200 } else { 401 };
        assert_eq!(delivery.status, Some(expected), "{delivery:?}");
    }
}

#[cfg(all(unix, feature = "webhooks"))]
#[tokio::test(flavor = "multi_thread")]
async fn webhook_ends_at_an_interrupt_and_names_a_missing_secret() {
    let mut webhook = Webhook::start();
    let fake = Fake::builder().webhook(&webhook.url, "the previous secret");
    let fake = fake.start().await.expect("a port");
    fake.ping();
    webhook.next();
    let id = webhook.child.0.id().to_string();
    let sent = Command::new("kill")
        .args(["-INT", &id])
        .status()
        .expect("kill");
    assert!(sent.success());
    assert!(webhook.child.0.wait().expect("an end").success());

    let mut without = command("webhook");
    without.env_remove("GITHUB_WEBHOOK_SECRET");
    let output = without.output().expect("webhook");
    assert_eq!(output.status.code(), Some(1));
    let message = "error: no secret for the webhook: set GITHUB_WEBHOOK_SECRET\n";
    assert_eq!(stderr(&output), message);
}
