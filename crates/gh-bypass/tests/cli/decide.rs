//! `gh bypass approve` and `gh bypass reject`.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use github_bypass_requests_fake::{Fault, NewRequest};
use serde_json::Value;
use snapbox::str;

use crate::support::{Result, World, lines};

#[test]
fn open_requests_are_reviewed_and_others_are_named() -> Result {
    let world = World::new()?;
    world.open();
    world
        .fake
        .open_secret_scanning_request(NewRequest::new().denied_by("dora"));
    world.fake.open_push_rule_request(NewRequest::new());
    world.open();
    let numbers = ["1", "2", "3", "4", "1", "99"].map(|number| format!("octo-org/smile#{number}"));
    let mut arguments = vec!["approve", "-m", "a test key"];
    arguments.extend(numbers.iter().map(String::as_str));
    world
        .run(&arguments)
        .assert()
        .code(1)
        .stdout_eq("octo-org/smile#1: approved\nocto-org/smile#4: approved\n")
        .stderr_eq(str![[r#"
octo-org/smile#2: already denied by dora
octo-org/smile#3: a push rule request cannot be reviewed with the API; use https://github.com/octo-org/smile/exemptions/3
octo-org/smile#99: GET /repos/octo-org/smile/bypass-requests/secret-scanning/99: 404 Not Found[..]

"#]]);
    assert_eq!(world.writes(), ["PATCH", "PATCH"]);
    Ok(())
}

#[test]
fn all_requests_are_read_before_the_first_is_reviewed() -> Result {
    let world = World::new()?;
    world.open();
    world.open();
    let arguments = [
        "reject",
        "-R",
        "octo-org/smile",
        "1",
        "2",
        "-m",
        "revoke it",
    ];
    world.run(&arguments).assert().code(0);
    let methods: Vec<_> = world
        .fake
        .received()
        .into_iter()
        .map(|it| it.method.to_string())
        .collect();
    assert_eq!(methods, ["GET", "GET", "GET", "PATCH", "GET", "PATCH"]);
    Ok(())
}

#[test]
fn a_dry_run_changes_nothing() -> Result {
    let world = World::new()?;
    world.open();
    world
        .run(&[
            "reject",
            "octo-org/smile#1",
            "-m",
            "no",
            "--dry-run",
            "--audit",
            "audit.jsonl",
        ])
        .assert()
        .code(0)
        .stdout_eq("octo-org/smile#1: would be denied\n");
    assert_eq!(world.writes(), [""; 0]);
    assert!(!world.path("audit.jsonl").exists());
    Ok(())
}

#[test]
fn the_message_is_checked_before_anything_is_sent() -> Result {
    let world = World::new()?;
    world.open();
    let long = "x".repeat(2049);
    for message in [
        &["-m", ""][..],
        &["-m", " \n"],
        &["-m", &long],
        &[],
        &["-F", "missing"],
    ] {
        let arguments = [&["approve", "octo-org/smile#1"], message].concat();
        world.run(&arguments).assert().code(2).stdout_eq("");
    }
    assert_eq!(world.fake.received().len(), 0);
    Ok(())
}

#[test]
fn the_message_comes_from_a_file_or_from_standard_input() -> Result {
    let world = World::new()?;
    world.open();
    world.open();
    fs::write(world.path("message"), "from a file\n")?;
    world
        .run(&["approve", "octo-org/smile#1", "-F", "message"])
        .assert()
        .code(0);
    let command = world
        .run(&["approve", "octo-org/smile#2", "-F", "-"])
        .stdin("from a pipe\n");
    command.assert().code(0);
    let bodies = world
        .fake
        .received()
        .into_iter()
        .filter(|it| it.method == "PATCH");
    let bodies = bodies.map(|it| serde_json::from_str::<Value>(&it.body));
    let bodies = bodies.collect::<Result<Vec<_>, _>>()?;
    assert_eq!(bodies[0]["message"], "from a file");
    assert_eq!(bodies[1]["message"], "from a pipe");
    Ok(())
}

#[test]
fn a_rejected_token_ends_all_and_names_the_rest() -> Result {
    let world = World::new()?;
    world.open();
    world.open();
    world.open();
    world
        .fake
        .misbehave(1, Fault::status(401).only("PATCH").skip(1))?;
    world
        .run(&["approve", "-R", "octo-org/smile", "1", "2", "3", "-m", "ok"])
        .assert()
        .code(4)
        .stdout_eq("octo-org/smile#1: approved\n")
        .stderr_eq(str![[r#"
octo-org/smile#2: PATCH [..]401 Unauthorized[..]
octo-org/smile#3: not tried

"#]]);
    Ok(())
}

#[test]
fn names_of_other_people_are_escaped() -> Result {
    let world = World::new()?;
    world.open();
    world
        .fake
        .approve("octo-org", "smile", 1, "ev\u{1b}[31mil")?;
    let output = world
        .run(&["approve", "octo-org/smile#1", "-m", "ok"])
        .output()?;
    assert_eq!(output.status.code(), Some(1));
    let expected = "octo-org/smile#1: already approved by ev\\u{1b}[31mil\n";
    assert_eq!(String::from_utf8(output.stderr)?, expected);
    Ok(())
}

/// A reader that has ended must not leave requests without their review.
#[test]
fn a_closed_pipe_does_not_end_the_reviews() -> Result {
    let world = World::new()?;
    world.open();
    world.open();
    let program = env!("CARGO_BIN_EXE_gh-bypass");
    let script =
        format!("'{program}' approve -R octo-org/smile 1 2 -m ok | true; echo ${{PIPESTATUS[0]}}");
    let mut bash = Command::new("bash");
    let output = bash
        .args(["-c", &script])
        .env_clear()
        .envs(world.environment())
        .output()?;
    assert_eq!(output.stdout, b"0\n");
    assert_eq!(world.writes(), ["PATCH", "PATCH"]);
    Ok(())
}

/// After a lost response, the client reads the request to find out if the review was applied.
#[test]
fn a_lost_response_never_reviews_twice() -> Result {
    let world = World::new()?;
    world.open();
    world
        .fake
        .misbehave(1, Fault::reset().only("PATCH").after_applying())?;
    let arguments = [
        "approve",
        "octo-org/smile#1",
        "-m",
        "ok",
        "--audit",
        "audit.jsonl",
    ];
    world
        .run(&arguments)
        .assert()
        .code(0)
        .stdout_eq("octo-org/smile#1: approved by octocat (read back)\n");
    assert_eq!(world.writes(), ["PATCH"]);
    assert_eq!(phases(&world)?, ["intent", "done"]);
    Ok(())
}

#[test]
fn the_audit_log_has_a_line_before_and_after_each_review() -> Result {
    let world = World::new()?;
    world.open();
    world.open();
    fs::write(world.path("audit.jsonl"), "{\"half\":")?;
    let arguments = [
        "approve",
        "-R",
        "octo-org/smile",
        "1",
        "2",
        "-m",
        "a-message",
        "--audit",
        "audit.jsonl",
    ];
    world.run(&arguments).assert().code(0);
    let log = lines(&world.path("audit.jsonl"));
    // The new lines are not appended to the line that another process did not finish.
    assert_eq!(log[0], "{\"half\":");
    assert_eq!(phases(&world)?, ["intent", "done", "intent", "done"]);
    let done: Value = serde_json::from_str(&log[2])?;
    assert_eq!(done["request"], "octo-org/smile#1");
    assert_eq!(done["action"], "approve");
    assert!(
        done["response_id"].is_i64() && done["request_id"].is_string() && done["at"].is_string()
    );
    let text = log.concat();
    assert!(
        !text.contains("a-message") && !text.contains("any"),
        "{text}"
    );
    Ok(())
}

#[test]
fn nothing_is_sent_if_the_audit_log_cannot_be_opened() -> Result {
    let world = World::new()?;
    world.open();
    let arguments = [
        "approve",
        "octo-org/smile#1",
        "-m",
        "ok",
        "--audit",
        "missing/audit.jsonl",
    ];
    world.run(&arguments).assert().code(1).stdout_eq("");
    assert_eq!(world.writes(), [""; 0]);
    Ok(())
}

/// The intent is in the file before the review is sent. An intent without an outcome means that the
/// outcome is unknown.
#[test]
fn the_audit_log_of_a_killed_process_ends_with_the_intent() -> Result {
    let world = World::new()?;
    world.open();
    let slow = Fault::new()
        .only("PATCH")
        .delay(Duration::from_secs(600))
        .after_applying();
    world.fake.misbehave(1, slow)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_gh-bypass"));
    command
        .args([
            "approve",
            "octo-org/smile#1",
            "-m",
            "ok",
            "--audit",
            "audit.jsonl",
        ])
        .current_dir(world.folder.path())
        .env_clear()
        .envs(world.environment())
        .stdin(Stdio::null());
    let mut child = command.spawn()?;
    while world.writes().is_empty() {
        thread::yield_now();
    }
    child.kill()?;
    assert_eq!(child.wait()?.signal(), Some(9));
    assert_eq!(phases(&world)?, ["intent"]);
    Ok(())
}

/// Returns the phases in the audit log.
fn phases(world: &World) -> Result<Vec<String>> {
    let lines = lines(&world.path("audit.jsonl")).into_iter();
    let lines = lines.filter(|line| line.ends_with('}'));
    let phase = |line: String| -> Result<String> {
        let line: Value = serde_json::from_str(&line)?;
        Ok(line["phase"].as_str().ok_or("no phase")?.to_owned())
    };
    lines.map(phase).collect()
}
