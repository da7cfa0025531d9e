//! `gh bypass watch`, run as a program against a fake GitHub.

use std::error::Error;
use std::fs;
use std::future::pending;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread;

use github_bypass_requests_fake::{Fake, Fault, NewRequest};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Builder;

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

/// Starts a fake that runs until the test process ends.
fn fake() -> Result<Fake> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let fake = runtime.block_on(Fake::builder().start())?;
    fake.add_repository("octo-org", "smile");
    thread::spawn(move || runtime.block_on(pending::<()>()));
    Ok(fake)
}

fn command(fake: &Fake, folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gh-bypass"));
    command
        .current_dir(folder)
        .env_clear()
        .env("GITHUB_API_URL", fake.base_url())
        .env("GITHUB_TOKEN", "any")
        .args(["watch", "--every", "1s"])
        .args(args);
    command
}

/// A running watch. It is killed at the end of the test.
struct Watch {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
}

impl Watch {
    fn start(fake: &Fake, folder: &Path, args: &[&str]) -> Result<Self> {
        let mut child = command(fake, folder, args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let stderr = child.stderr.take().ok_or("no standard error")?;
        Ok(Self {
            child,
            stdout: BufReader::new(stdout),
            stderr: BufReader::new(stderr),
        })
    }

    /// Waits for the next line. Returns it without its line end.
    fn raw_line(&mut self) -> Result<String> {
        line(&mut self.stdout)
    }

    /// Waits for the next line, and returns it without its time.
    fn line(&mut self) -> Result<String> {
        let line = self.raw_line()?;
        let (time, text) = line.split_once('\t').ok_or("the line has no tab")?;
        chrono::DateTime::parse_from_rfc3339(time)?;
        Ok(text.to_owned())
    }

    /// Sends a signal, and returns the exit code.
    fn end(mut self, signal: &str) -> Result<Option<i32>> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status()?;
        assert!(sent.success());
        Ok(self.child.wait()?.code())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(reader: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let line = line.strip_suffix('\n').ok_or("the watch has ended")?;
    Ok(line.to_owned())
}

/// Runs a watch that ends by itself. Returns its exit code and its standard error.
fn refused(fake: &Fake, folder: &Path, args: &[&str]) -> Result<(Option<i32>, String)> {
    let output = command(fake, folder, args).output()?;
    assert_eq!(output.stdout, b"");
    Ok((output.status.code(), String::from_utf8(output.stderr)?))
}

#[test]
fn both_kinds_are_one_stream_with_one_cursor() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    let secret = fake.open_secret_scanning_request(NewRequest::new().requester("hubot\u{1b}[31m"));
    let push = fake.open_push_rule_request(NewRequest::new());
    let args = ["--org", "octo-org", "--cursor", "cursor.json"];
    let mut watch = Watch::start(&fake, folder.path(), &args)?;
    let mut opened = [watch.line()?, watch.line()?];
    opened.sort();
    let is = |line: &str, number, requester| {
        line.starts_with(&format!(
            "opened: octo-org/smile#{number} open, requested by {requester} on"
        ))
    };
    assert!(
        is(&opened[0], secret.number, "hubot\\u{1b}[31m"),
        "{opened:?}"
    );
    assert!(is(&opened[1], push.number, "monalisa"), "{opened:?}");

    fake.approve("octo-org", "smile", secret.number, "dora")?;
    assert_eq!(watch.line()?, "approved by dora: octo-org/smile#1");
    fake.deny("octo-org", "smile", push.number, "dora")?;
    assert_eq!(watch.line()?, "denied by dora: octo-org/smile#2");
    assert_eq!(watch.end("-TERM")?, Some(0));

    // The folder has no other file, so the temporary file was renamed. The last events are saved
    // despite the signal.
    assert_eq!(fs::read_dir(&folder)?.count(), 1);
    let saved: Value = serde_json::from_slice(&fs::read(folder.path().join("cursor.json"))?)?;
    let groups = saved["cursor"]["groups"].as_array().ok_or("no groups")?;
    let statuses: Vec<_> = groups
        .iter()
        .map(|it| &it["requests"][0]["status"])
        .collect();
    assert_eq!(statuses, ["approved", "denied"]);
    Ok(())
}

#[test]
fn json_has_one_line_for_each_event() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    let args = ["--org", "octo-org", "--json"];
    let mut watch = Watch::start(&fake, folder.path(), &args)?;
    let opened = fake.open_push_rule_request(NewRequest::new());
    let event: Value = serde_json::from_str(&watch.raw_line()?)?;
    assert_eq!(event["change"], "opened");
    assert_eq!(event["request"]["kind"], "push_rules");
    assert_eq!(event["request"]["number"], opened.number);
    fake.approve("octo-org", "smile", opened.number, "dora")?;
    let event: Value = serde_json::from_str(&watch.raw_line()?)?;
    assert_eq!(event["change"]["responded"]["status"], "approved");
    let event: Value = serde_json::from_str(&watch.raw_line()?)?;
    assert_eq!(event["change"]["status_changed"]["from"], "open");
    assert_eq!(watch.end("-INT")?, Some(0));
    Ok(())
}

#[test]
fn a_killed_watch_loses_no_event_and_repeats_only_the_last_one() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    let first = fake.open_secret_scanning_request(NewRequest::new());
    let second = fake.open_secret_scanning_request(NewRequest::new());
    let args = ["--org", "octo-org", "--cursor", "cursor.json"];
    let mut watch = Watch::start(&fake, folder.path(), &args)?;
    assert!(watch.line()?.starts_with("opened: octo-org/smile#1 open"));
    assert!(watch.line()?.starts_with("opened: octo-org/smile#2 open"));
    assert_eq!(watch.end("-KILL")?, None);

    fake.approve("octo-org", "smile", first.number, "dora")?;
    fake.deny("octo-org", "smile", second.number, "dora")?;
    fake.open_push_rule_request(NewRequest::new());
    let mut watch = Watch::start(&fake, folder.path(), &args)?;
    // The list of push rules is polled last.
    let mut lines = Vec::new();
    while !lines
        .iter()
        .any(|it: &String| it.starts_with("opened: octo-org/smile#3 "))
    {
        lines.push(watch.line()?);
    }
    lines.pop();
    lines.retain(|line| !line.starts_with("opened: octo-org/smile#2 "));
    lines.sort();
    assert_eq!(
        lines,
        [
            "approved by dora: octo-org/smile#1",
            "denied by dora: octo-org/smile#2"
        ]
    );
    Ok(())
}

#[test]
fn the_cursor_of_another_watch_is_refused() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    fake.open_secret_scanning_request(NewRequest::new());
    let args = ["--org", "octo-org", "--cursor", "cursor.json"];
    let mut watch = Watch::start(&fake, folder.path(), &args)?;
    watch.line()?;
    assert_eq!(watch.end("-TERM")?, Some(0));
    let saved = fs::read(folder.path().join("cursor.json"))?;
    fake.clear_received();

    let repository = ["-R", "octo-org/smile", "--cursor", "cursor.json"];
    let kind = [&args[..], &["--kind", "push-rules"]].concat();
    let requester = [&args[..], &["--requester", "hubot"]].concat();
    for args in [&repository[..], &kind, &requester] {
        let (code, error) = refused(&fake, folder.path(), args)?;
        assert_eq!(code, Some(2));
        assert!(
            error.starts_with("cursor.json belongs to another watch"),
            "{error}"
        );
    }
    let other_host = self::fake()?;
    let (code, error) = refused(&other_host, folder.path(), &args)?;
    assert_eq!(code, Some(2), "{error}");
    assert!(fake.received().is_empty() && other_host.received().is_empty());
    assert_eq!(fs::read(folder.path().join("cursor.json"))?, saved);
    Ok(())
}

#[test]
fn invalid_arguments_and_files_are_refused_before_the_first_poll() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    fs::write(folder.path().join("damaged.json"), r#"{"version":1,"li"#)?;
    fs::write(
        folder.path().join("newer.json"),
        r#"{"version":2,"lists":[],"cursor":{"version":1,"groups":[]}}"#,
    )?;
    for (args, code, expected) in [
        (["--status", "open"], 2, "`--status`"),
        (["--since", "3d"], 2, "`--since`"),
        (
            ["--cursor", "damaged.json"],
            1,
            "damaged.json is not the cursor",
        ),
        (
            ["--cursor", "newer.json"],
            1,
            "newer.json is not the cursor",
        ),
        (
            ["--cursor", "missing/cursor.json"],
            1,
            "missing/cursor.json",
        ),
    ] {
        let args = [&["--org", "octo-org"], &args[..]].concat();
        let (actual, error) = refused(&fake, folder.path(), &args)?;
        assert_eq!(actual, Some(code), "{error}");
        assert!(error.contains(expected), "{error}");
    }
    assert!(fake.received().is_empty());
    Ok(())
}

#[test]
fn failing_polls_are_reported_once_and_do_not_end_the_watch() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    fake.open_secret_scanning_request(NewRequest::new());
    let args = ["--org", "octo-org", "--kind", "secret-scanning"];
    let mut watch = Watch::start(&fake, folder.path(), &args)?;
    watch.line()?;
    fake.misbehave(1_000_000, Fault::status(503))?;
    let failing = line(&mut watch.stderr)?;
    assert!(
        failing.starts_with("polling has failed since "),
        "{failing}"
    );
    assert!(failing.contains("503 Service Unavailable"), "{failing}");
    fake.clear_faults();
    let works = line(&mut watch.stderr)?;
    assert!(works.starts_with("polling works again after "), "{works}");
    fake.approve("octo-org", "smile", 1, "dora")?;
    assert_eq!(watch.line()?, "approved by dora: octo-org/smile#1");
    Ok(())
}

#[test]
fn a_list_that_fails_for_good_does_not_end_the_other_one() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    fake.misbehave(1, Fault::status(404).path_contains("/push-rules"))?;
    let mut watch = Watch::start(&fake, folder.path(), &["--org", "octo-org"])?;
    let error = line(&mut watch.stderr)?;
    assert!(error.contains("/push-rules: 404 Not Found"), "{error}");
    fake.open_secret_scanning_request(NewRequest::new());
    assert!(watch.line()?.starts_with("opened: octo-org/smile#1 "));
    Ok(())
}

#[test]
fn the_watch_ends_after_all_lists_have_failed() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    let (code, error) = refused(&fake, folder.path(), &["--org", "nobody"])?;
    assert_eq!(code, Some(1));
    assert_eq!(error.matches("404 Not Found").count(), 2, "{error}");
    fake.misbehave(1, Fault::status(404).path_contains("/push-rules"))?;
    fake.misbehave(1, Fault::status(401).path_contains("/secret-scanning"))?;
    let (code, error) = refused(&fake, folder.path(), &["--org", "octo-org"])?;
    assert_eq!(code, Some(4), "{error}");
    Ok(())
}

#[test]
fn a_closed_pipe_ends_the_watch_without_another_event() -> Result {
    let (fake, folder) = (fake()?, TempDir::new()?);
    fake.open_secret_scanning_request(NewRequest::new());
    let mut child = command(&fake, folder.path(), &["--org", "octo-org"])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdout = BufReader::new(child.stdout.take().ok_or("no standard output")?);
    line(&mut stdout)?;
    drop(stdout);
    assert_eq!(child.wait()?.code(), Some(0));
    Ok(())
}
