//! `gh bypass undo`.

use github_bypass_requests_fake::NewRequest;
use snapbox::str;

use crate::support::{Result, World, lines};

#[test]
fn the_newest_response_that_is_not_dismissed_is_dismissed() -> Result {
    let world = World::new()?;
    let request = NewRequest::new()
        .dismissed_response_by("octocat")
        .approved_by("dora");
    world.fake.open_secret_scanning_request(request);
    let arguments = [
        "undo",
        "octo-org/smile#1",
        "--yes",
        "--audit",
        "audit.jsonl",
    ];
    world
        .run(&arguments)
        .assert()
        .code(0)
        .stdout_eq("octo-org/smile#1: dismissed: approved by dora[..]\n");
    assert_eq!(world.writes(), ["DELETE"]);
    let log = lines(&world.path("audit.jsonl")).concat();
    assert!(
        log.contains("\"action\":\"dismiss\",\"phase\":\"intent\""),
        "{log}"
    );
    assert!(log.contains("\"phase\":\"done\""), "{log}");
    Ok(())
}

#[test]
fn a_script_must_confirm_because_the_response_may_be_somebody_elses() -> Result {
    let world = World::new()?;
    world
        .fake
        .open_secret_scanning_request(NewRequest::new().approved_by("dora"));
    world
        .run(&["undo", "octo-org/smile#1"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
octo-org/smile#1: approved by dora[..]
the response may be somebody else's: to dismiss it without confirmation, use --yes

"#]]);
    let arguments = ["undo", "octo-org/smile#1", "--dry-run"];
    world
        .run(&arguments)
        .assert()
        .code(0)
        .stdout_eq("octo-org/smile#1: would dismiss: approved by dora[..]\n");
    assert_eq!(world.writes(), [""; 0]);
    Ok(())
}

#[test]
fn nothing_is_dismissed_after_the_push_or_without_a_response() -> Result {
    let world = World::new()?;
    world
        .fake
        .open_secret_scanning_request(NewRequest::new().approved_by("dora").completed());
    world.open();
    world
        .fake
        .open_push_rule_request(NewRequest::new().approved_by("dora"));
    world
        .run(&["undo", "-R", "octo-org/smile", "1", "2", "3", "--yes"])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
octo-org/smile#1: it is too late: the push has happened
octo-org/smile#2: there is no response to dismiss
octo-org/smile#3: the response to a push rule request cannot be dismissed with the API

"#]]);
    assert_eq!(world.writes(), [""; 0]);
    Ok(())
}
