//! Draws the pictures of the README from the demo of `gh-bypass`.

mod svg;

use std::fs;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use vt100::Parser;

use crate::release::pictures::svg::render;

/// The folder of the pictures.
const FOLDER: &str = "crates/gh-bypass/pictures";
const ROWS: NonZeroU16 = NonZeroU16::new(24).expect("not zero");
const COLUMNS: NonZeroU16 = NonZeroU16::new(80).expect("not zero");
/// The height of the picture of a report, which shows only its beginning.
const REPORT_ROWS: NonZeroU16 = NonZeroU16::new(38).expect("not zero");

/// Runs the demo, and draws what a terminal shows. The demo's times are relative to now, so each
/// run makes other pictures.
pub(crate) fn write(root: &Path) -> Result<ExitCode> {
    let program = build(root)?;
    for (name, title, screen) in [
        (
            "review.svg",
            "gh bypass review: one request, and the keys that decide it",
            review(&program)?,
        ),
        (
            "report.svg",
            "gh bypass report: requests by status, decision and kind",
            report(&program)?,
        ),
    ] {
        let file = root.join(FOLDER).join(name);
        fs::create_dir_all(root.join(FOLDER))?;
        fs::write(&file, render(screen.screen(), title))
            .with_context(|| format!("failed to write {}", file.display()))?;
        println!("wrote {FOLDER}/{name}");
    }
    Ok(ExitCode::SUCCESS)
}

fn build(root: &Path) -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(root)
        .no_deps()
        .exec()?;
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "gh-bypass"])
        .current_dir(root)
        .status()?;
    ensure!(built.success(), "gh-bypass cannot be built");
    Ok(metadata.target_directory.join("debug/gh-bypass").into())
}

/// Returns the screen of a review that shows a request to push a secret.
#[cfg(unix)]
fn review(program: &Path) -> Result<Parser> {
    /// The end of the last line of the screen.
    const END: &str = "q quit";
    let mut command = Command::new("sh");
    let script = format!("stty rows {ROWS} cols {COLUMNS}; exec \"$0\" --demo review");
    command
        .args(["-c", &script])
        .arg(program)
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR");
    let mut session = rexpect::session::spawn_command(command, Some(20_000))?;
    let mut screen = Parser::new(ROWS, COLUMNS, 0);
    let mut is_next = false;
    loop {
        let read = session
            .exp_string(END)
            .context("the review did not draw a request")?;
        // rexpect returns each byte as a character.
        let bytes: Vec<u8> = read
            .chars()
            .filter_map(|byte| u8::try_from(byte).ok())
            .collect();
        screen.process(&bytes);
        screen.process(END.as_bytes());
        let text = screen.screen().contents();
        if text.contains("Secret     ") && !text.contains("loading") && !text.contains("so far") {
            return Ok(screen);
        }
        if !is_next && text.contains("Rule ") {
            session.send("s")?;
            session.flush()?;
            is_next = true;
        }
    }
}

#[cfg(not(unix))]
fn review(_: &Path) -> Result<Parser> {
    anyhow::bail!("the pictures need a pseudo-terminal, so they can be drawn on Unix only")
}

/// Returns the screen with the beginning of a report.
fn report(program: &Path) -> Result<Parser> {
    let mut command = Command::new(program);
    command
        .args(["--demo", "report"])
        .env("GH_FORCE_TTY", COLUMNS.to_string())
        .env("CLICOLOR_FORCE", "1")
        .env_remove("NO_COLOR")
        .env_remove("GH_PAGER")
        .env_remove("PAGER");
    let output = command.output()?;
    ensure!(output.status.success(), "gh-bypass report failed");
    let text = String::from_utf8(output.stdout)?;
    let lines: Vec<&str> = text.lines().take(REPORT_ROWS.get().into()).collect();
    let mut screen = Parser::new(REPORT_ROWS, COLUMNS, 0);
    screen.process(lines.join("\r\n").as_bytes());
    Ok(screen)
}
