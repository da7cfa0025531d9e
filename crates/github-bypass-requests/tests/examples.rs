//! Runs the examples, most of them on a fake in the test.
//!
//! These tests are in this package because cargo builds the examples of a package only for the
//! package's own tests. With `--test examples`, cargo does not build the examples, and the tests
//! run those of the previous build.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use chrono::TimeDelta;
#[cfg(feature = "webhooks")]
use github_bypass_requests::{Client, Decision};
use github_bypass_requests_fake::{
    BypassReason, Fake, Fault, NewRequest, OpenedRequest, ResponseStatus, SecretFinding,
};
use serde_json::Value;

/// Returns the command that runs an example on its own fake.
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
    ] {
        command.env_remove(variable);
    }
    command
}

/// Returns the command that runs an example on the given fake.
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

/// An empty folder. Removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a new folder");
        Self(path)
    }

    fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running example. Killed on drop.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Opens a request that the policy of the bot allows.
fn open_for_tests(fake: &Fake) -> OpenedRequest {
    open_secret(fake, BypassReason::UsedInTests, "/tests/README.md:16:0")
}

fn open_secret(fake: &Fake, bypass_reason: BypassReason, path: &str) -> OpenedRequest {
    fake.open_secret_scanning_request(NewRequest::new().finding(SecretFinding {
        secret_type: "adafruit_io_key".into(),
        bypass_reason,
        path: path.into(),
        branch: "refs/heads/main".into(),
    }))
}

/// Returns the status of each response to a request in `octo-org/smile`.
fn responses(fake: &Fake, request: OpenedRequest) -> Vec<ResponseStatus> {
    let responses = fake.responses("octo-org", "smile", request.number);
    let responses = responses.expect("a request").into_iter();
    responses.map(|response| response.status).collect()
}

#[test]
fn list_shows_both_kinds_most_urgent_first() {
    let output = command("list").output().expect("list");
    assert!(output.status.success(), "{output:?}");
    assert!(stderr(&output).starts_with("using a fake GitHub"));
    let text = stdout(&output);
    let mut lines: Vec<&str> = text.lines().collect();
    let summary = lines.pop().expect("a line");
    assert!(lines.len() > 5, "{text}");
    let expected = format!("{} requests are waiting for a review", lines.len());
    assert_eq!(summary, expected);
    let hours = |line: &&str| {
        let hours = line.split_once(" hours left: ").expect(line).0;
        hours.parse::<u32>().expect(line)
    };
    assert!(lines.iter().map(hours).is_sorted(), "{text}");
    for kind in ["secret_scanning", "push_rules"] {
        assert!(
            text.contains(&format!(" left: {kind}: octo-org/")),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_shows_an_error_for_each_list_that_cannot_be_read() {
    let fake = Fake::builder().start().await.expect("a port");
    fake.open_secret_scanning_request(NewRequest::new());
    let list_fails_at = |path: &str| {
        let fault = Fault::status(403).path_contains(path);
        fake.misbehave(10, fault).expect("a valid fault");
        let output = command_at(&fake, "list").output().expect("list");
        fake.clear_faults();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        (stdout(&output), stderr(&output))
    };
    let rules = "/orgs/octo-org/bypass-requests/push-rules";
    let (requests, errors) = list_fails_at(rules);
    let error = format!("error: GET {rules}: 403");
    assert!(errors.starts_with(&error), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    // The number of all requests is unknown, so it is not shown.
    assert!(requests.contains(" octo-org/smile#1 open, "), "{requests}");
    assert_eq!(requests.lines().count(), 1, "{requests}");

    let (requests, errors) = list_fails_at("/orgs/");
    assert_eq!(errors.lines().count(), 2, "{errors}");
    assert_eq!(requests, "");
}

#[test]
fn review_rejects_a_request_of_its_own_fake_and_undoes_the_review() {
    let output = command("review").output().expect("review");
    assert!(output.status.success(), "{output:?}");
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    let [before, "outcome: denied", after] = lines[..] else {
        panic!("{text}");
    };
    let request = before.strip_prefix("before: ").expect(before);
    assert!(request.contains("#15 open, "), "{request}");
    assert_eq!(after.strip_prefix("after the undo: "), Some(request));
}

#[tokio::test(flavor = "multi_thread")]
async fn review_changes_a_request_only_if_it_is_open() {
    let fake = Fake::builder().start().await.expect("a port");
    let review = |request: OpenedRequest| {
        let mut review = command_at(&fake, "review");
        let name = format!("octo-org/smile#{}", request.number);
        let output = review.arg(name).output().expect("review");
        assert!(output.status.success(), "{output:?}");
        stdout(&output)
    };
    let open = fake.open_secret_scanning_request(NewRequest::new());
    assert!(review(open).contains("\nafter the undo: "));
    assert_eq!(responses(&fake, open), [ResponseStatus::Dismissed]);

    let approved = NewRequest::new().approved_by("octocat");
    let approved = fake.open_secret_scanning_request(approved);
    let text = review(approved);
    assert!(
        text.ends_with("outcome: already approved by octocat\n"),
        "{text}"
    );
    assert_eq!(responses(&fake, approved), [ResponseStatus::Approved]);

    for wrong in ["smile", "smile#1", "octo-org/smile#one", "../x#1"] {
        let output = command_at(&fake, "review").arg(wrong).output();
        assert_eq!(output.expect("review").status.code(), Some(1), "{wrong}");
    }
}

/// Returns the lines of the bot's audit log.
fn audit(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let line = |line: &str| serde_json::from_str(line).expect(line);
    stdout(output).lines().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bot_approves_only_secrets_in_the_folder_for_tests() {
    let fake = Fake::builder().start().await.expect("a port");
    open_secret(&fake, BypassReason::FalsePositive, "/tests/a.rs:1:1");
    for path in [
        "/src/a.rs:1:1",
        "/tests-of-others/a.rs:1:1",
        "/tests/../src/a.rs:1:1",
        "/tests/without a position",
    ] {
        open_secret(&fake, BypassReason::UsedInTests, path);
    }
    let left = audit(&command_at(&fake, "bot").output().expect("bot"));
    assert_eq!(left.len(), 5);
    for line in left {
        assert_eq!(line["outcome"], "left to people", "{line}");
        let why = line["why"].as_str().expect("a reason");
        assert!(why.starts_with("not a secret for tests: "), "{line}");
    }
    open_for_tests(&fake);
    let lines = audit(&command_at(&fake, "bot").output().expect("bot"));
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[0]["outcome"], "would be approved");
    assert!(lines[0]["why"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn bot_is_a_dry_run_without_act() {
    let fake = Fake::builder().start().await.expect("a port");
    let request = open_for_tests(&fake);
    let lines = audit(&command_at(&fake, "bot").output().expect("bot"));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["outcome"], "would be approved");
    assert_eq!(lines[0]["request"], "octo-org/smile#1");
    assert_eq!(responses(&fake, request), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn bot_logs_a_review_before_it_is_sent_and_its_outcome() {
    let fake = Fake::builder().start().await.expect("a port");
    let request = open_for_tests(&fake);
    let mut bot = command_at(&fake, "bot");
    let lines = audit(&bot.arg("--act").output().expect("bot"));
    let [before, after] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(before["outcome"], "about to approve");
    assert_eq!(after["outcome"], "approved");
    for field in ["request_id", "response_id"] {
        assert!(before[field].is_null(), "{before}");
        assert!(!after[field].is_null(), "{after}");
    }
    assert_eq!(before["id"], after["id"]);
    assert_eq!(responses(&fake, request), [ResponseStatus::Approved]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bot_does_not_review_if_the_audit_log_cannot_be_written() {
    let fake = Fake::builder().start().await.expect("a port");
    let request = open_for_tests(&fake);
    let (reader, log) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut bot = command_at(&fake, "bot");
    let output = bot.arg("--act").stdout(log).output().expect("bot");
    assert_eq!(output.status.code(), Some(1));
    let why = stderr(&output);
    assert!(why.contains("the audit log cannot be written"), "{why}");
    assert_eq!(responses(&fake, request), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn bot_logs_a_failed_review_and_stops() {
    let fake = Fake::builder().start().await.expect("a port");
    open_for_tests(&fake);
    open_for_tests(&fake);
    let fault = Fault::status(403).only("PATCH");
    fake.misbehave(10, fault).expect("a valid fault");
    let mut bot = command_at(&fake, "bot");
    let output = bot.arg("--act").output().expect("bot");
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[1].contains(r#""outcome":"failed: PATCH /repos/"#),
        "{text}"
    );
}

#[test]
fn with_gh_host_and_no_token_no_fake_is_started() {
    for example in ["list", "review", "watch", "bot"] {
        let output = command(example).env("GH_HOST", "ghes.example.com").output();
        let output = output.expect(example);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        let why = stderr(&output);
        for name in ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"] {
            assert!(why.contains(name), "{why}");
        }
    }
    // GitHub Actions sets `GITHUB_API_URL` in every workflow.
    let mut list = command("list");
    list.env("GITHUB_API_URL", "https://api.github.com");
    let output = list.output().expect("list");
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_are_escaped() {
    let fake = Fake::builder().start().await.expect("a port");
    let request = NewRequest::new().requester("mona\u{1b}[31m\u{9b}lisa");
    fake.open_secret_scanning_request(request.finding(SecretFinding {
        secret_type: "adafruit_io_key".into(),
        bypass_reason: BypassReason::FixLater,
        path: "/src/\u{1b}[31m\u{9b}.rs:1:1".into(),
        branch: "refs/heads/main".into(),
    }));
    let folder = Folder::new("control-characters");
    let mut texts = vec![start_watch(&fake, &folder).1.next().expect("a line")];
    for (example, arguments) in [
        ("list", &[][..]),
        ("review", &["octo-org/smile#1"]),
        ("bot", &[]),
    ] {
        let output = command_at(&fake, example).args(arguments).output();
        texts.push(stdout(&output.expect(example)));
    }
    for text in texts {
        assert!(text.contains("u{1b}") && text.contains("u{9b}"), "{text}");
        let is_safe = |it: char| it == '\n' || !it.is_control();
        assert!(text.chars().all(is_safe), "{text:?}");
    }
}

/// Starts the example `watch`. Returns it with the lines that it prints.
fn start_watch(fake: &Fake, folder: &Folder) -> (Running, impl Iterator<Item = String>) {
    let mut watch = command_at(fake, "watch");
    let watch = watch.current_dir(&folder.0).stdout(Stdio::piped());
    let mut child = watch.stderr(Stdio::piped()).spawn().expect("watch");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    (Running(child), lines.map(|line| line.expect("a line")))
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_continues_from_the_saved_cursor() {
    let fake = Fake::builder().start().await.expect("a port");
    let folder = Folder::new("continue");
    let open = || fake.open_secret_scanning_request(NewRequest::new()).number;
    let opened = |number| format!("opened: octo-org/smile#{number} ");

    let (first, second) = (open(), open());
    let (watch, mut lines) = start_watch(&fake, &folder);
    // Once the second event is printed, the saved cursor covers the first one.
    for number in [first, second] {
        let line = lines.next().expect("an event");
        assert!(line.starts_with(&opened(number)), "{line}");
    }
    drop(watch);

    let approved = fake.approve("octo-org", "smile", first, "octocat");
    approved.expect("open");
    fake.advance(TimeDelta::seconds(2));
    let third = open();
    let (_watch, lines) = start_watch(&fake, &folder);
    let lines = lines.take_while(|line| !line.starts_with(&opened(third)));
    // The second event may be repeated, because the watch may have stopped before it saved the
    // cursor.
    let lines: Vec<String> = lines
        .filter(|line| !line.starts_with(&opened(second)))
        .collect();
    assert_eq!(
        lines,
        [format!("approved by octocat: octo-org/smile#{first}")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_does_not_save_an_event_that_it_could_not_print() {
    let fake = Fake::builder().start().await.expect("a port");
    fake.open_secret_scanning_request(NewRequest::new());
    // The second list fails, so a watch that goes on prints an error of this list instead.
    let fault = Fault::status(403).path_contains("push-rules");
    fake.misbehave(10, fault).expect("a valid fault");
    let folder = Folder::new("closed-pipe");
    let (reader, pipe) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut watch = command_at(&fake, "watch");
    let watch = watch.current_dir(&folder.0).stdout(pipe);
    let mut watch = Running(watch.stderr(Stdio::piped()).spawn().expect("watch"));
    let mut lines = BufReader::new(watch.0.stderr.take().expect("a pipe")).lines();
    let why = lines.next().expect("a line").expect("text");
    assert!(why.starts_with("Error: "), "{why}");
    assert_eq!(watch.0.wait().expect("an end").code(), Some(1));
    assert!(!folder.join(".watch-octo-org.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_names_a_file_that_cannot_be_read() {
    let garbled = Folder::new("garbled");
    std::fs::write(garbled.join(".watch-octo-org.json"), "{").expect("a file");
    let unreadable = Folder::new("unreadable");
    std::fs::create_dir(unreadable.join(".watch-octo-org.json")).expect("a folder");
    for folder in [garbled, unreadable] {
        let fake = Fake::builder().start().await.expect("a port");
        fake.open_secret_scanning_request(NewRequest::new());
        let (mut watch, mut lines) = start_watch(&fake, &folder);
        assert_eq!(lines.next(), None);
        assert_eq!(watch.0.wait().expect("an end").code(), Some(1));
        assert!(watch_error(&mut watch).contains(".watch-octo-org.json: "));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_ends_if_the_cursor_cannot_be_saved() {
    let fake = Fake::builder().start().await.expect("a port");
    for _ in 0..2 {
        fake.open_secret_scanning_request(NewRequest::new());
    }
    let folder = Folder::new("unwritable");
    std::fs::create_dir(folder.join(".watch-octo-org.new")).expect("a folder");
    let (mut watch, lines) = start_watch(&fake, &folder);
    assert_eq!(lines.take(2).count(), 1);
    assert_eq!(watch.0.wait().expect("an end").code(), Some(1));
    assert!(watch_error(&mut watch).contains(".watch-octo-org.json: "));
}

/// Returns the error of a watch that has ended.
fn watch_error(watch: &mut Running) -> String {
    let stderr = watch.0.stderr.take().expect("a pipe");
    std::io::read_to_string(stderr).expect("text")
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn watch_ends_at_an_interrupt() {
    let fake = Fake::builder().start().await.expect("a port");
    fake.open_secret_scanning_request(NewRequest::new());
    let folder = Folder::new("interrupt");
    let (mut watch, mut lines) = start_watch(&fake, &folder);
    lines.next().expect("an event");
    interrupt(&mut watch);
    assert!(folder.join(".watch-octo-org.json").exists());
}

/// Sends an interrupt, as Ctrl-C does, and waits until the example has ended without an error.
#[cfg(unix)]
fn interrupt(example: &mut Running) {
    let id = example.0.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status();
    assert!(sent.expect("kill").success());
    let status = example.0.wait().expect("an end");
    assert!(status.success(), "{status}");
}

/// The example `webhook`, and the lines that it prints.
#[cfg(feature = "webhooks")]
struct Webhook {
    child: Running,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    url: String,
}

#[cfg(feature = "webhooks")]
impl Webhook {
    fn start() -> Self {
        let mut webhook = command("webhook");
        webhook.env("GITHUB_WEBHOOK_SECRET", "the new secret\n");
        webhook.env("GITHUB_WEBHOOK_SECRET_PREVIOUS", "the previous secret");
        let mut child = Running(webhook.stdout(Stdio::piped()).spawn().expect("webhook"));
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

/// From the fake to the bot and back: a bot learns of a request from a delivery, and rejects the
/// request only once, although the delivery arrives twice.
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

    // The example prints nothing for the redelivery, so the next line is the ping.
    let first = fake.deliveries().swap_remove(0);
    assert!(fake.redeliver(&first.id));
    fake.ping();
    assert_eq!(webhook.next(), serde_json::json!({ "event": "ping" }));
    // A bot that did not recognize the redelivery would not review the request again, either.
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
    interrupt(&mut webhook.child);

    let mut without = command("webhook");
    without.env_remove("GITHUB_WEBHOOK_SECRET");
    let output = without.output().expect("webhook");
    assert_eq!(output.status.code(), Some(1));
    let message = "error: no secret for the webhook: set GITHUB_WEBHOOK_SECRET\n";
    assert_eq!(stderr(&output), message);
}
