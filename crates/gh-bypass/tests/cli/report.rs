//! `gh bypass report`.

use chrono::{TimeDelta, Utc};
use github_bypass_requests_fake::{Fault, NewRequest, NewResponse};
use serde_json::Value;

use crate::support::{Result, World};

/// A world with one open request, two approved ones, and a denied one with hostile text.
fn world() -> Result<World> {
    let world = World::new()?;
    world.open();
    let created_at = Utc::now() - TimeDelta::days(3);
    for hours in [2, 6] {
        let at = created_at + TimeDelta::hours(hours);
        let response = NewResponse::approved("dora").created_at(at);
        world.fake.open_secret_scanning_request(
            NewRequest::new().created_at(created_at).response(response),
        );
    }
    let hostile = "=cmd|'<script>@octocat";
    world
        .fake
        .open_push_rule_request(NewRequest::new().requester(hostile).denied_by("dora"));
    Ok(world)
}

const REPORT: [&str; 3] = ["report", "--org", "octo-org"];

fn report(world: &World, arguments: &[&str]) -> Result<String> {
    let output = world.run(&[&REPORT, arguments].concat()).output()?;
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn the_counts_are_those_of_the_requests() -> Result {
    let world = world()?;
    let counts: Value = serde_json::from_str(&report(&world, &["--format", "json"])?)?;
    assert_eq!(counts["requests"], 4);
    assert_eq!(counts["status"]["approved"], 2, "{counts}");
    assert_eq!(counts["decision"]["reject"], 1, "{counts}");
    let text = report(&world, &[])?;
    assert!(
        text.contains("Bypass requests in octo-org") && text.contains("Median decision time"),
        "{text}"
    );
    assert!(text.contains("a month at most"), "{text}");
    Ok(())
}

#[test]
fn hostile_text_is_harmless_in_each_format() -> Result {
    let world = world()?;
    let csv = report(&world, &["--format", "csv"])?;
    assert_eq!(csv.lines().count(), 5, "{csv}");
    assert!(csv.contains("'=cmd|'<script>@octocat"), "{csv}");
    let html = report(&world, &["--format", "html"])?;
    assert!(
        html.contains("&lt;script") && !html.contains("<script"),
        "{html}"
    );
    assert!(
        html.contains("Content-Security-Policy") && html.contains("default-src 'none'"),
        "{html}"
    );
    let markdown = report(&world, &["--format", "markdown"])?;
    // The text is in a code span, in which HTML and mentions have no effect.
    assert!(
        markdown.contains(r"`=cmd\u{7c}'<script>@octocat`"),
        "{markdown}"
    );
    Ok(())
}

#[test]
fn a_file_is_kept_if_nothing_can_be_read() -> Result {
    let world = world()?;
    let file = world.path("report.html");
    std::fs::write(&file, "old")?;
    let arguments = [
        &REPORT[..],
        &["--format", "html", "--output", "report.html"],
    ]
    .concat();
    world.fake.misbehave(99, Fault::status(403))?;
    world.run(&arguments).assert().code(1);
    assert_eq!(std::fs::read_to_string(&file)?, "old");
    world.fake.clear_faults();
    world.run(&arguments).assert().code(0).stdout_eq("");
    assert!(std::fs::read_to_string(&file)?.starts_with("<!DOCTYPE html>"));
    assert_eq!(std::fs::read_dir(world.folder.path())?.count(), 1);
    Ok(())
}

#[test]
fn a_report_says_that_a_list_is_missing() -> Result {
    let world = world()?;
    world
        .fake
        .misbehave(99, Fault::status(403).path_contains("push-rules"))?;
    let output = world.run(&REPORT).output()?;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout)?;
    assert!(text.contains("incomplete"), "{text}");
    Ok(())
}
