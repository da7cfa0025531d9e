//! Draws the pictures of the READMEs from the demo of `gh-bypass`.

mod svg;
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use cargo_metadata::Message;

use crate::release::pictures::svg::Labels;
use crate::release::pictures::terminal::Terminal;

const FOLDER: &str = "crates/gh-bypass/pictures";
const MAX_BYTES: usize = 30 * 1024;
/// The size of the terminal.
const ROWS: u16 = 24;
const COLUMNS: u16 = 80;
/// The picture of the report ends with the last section that fits into these rows.
const MAX_REPORT_ROWS: u16 = 40;

/// Builds `gh-bypass`, and writes a picture of a review and one of a report.
///
/// The times in the pictures are relative to now, so two runs write different pictures.
pub(crate) fn write(root: &Path) -> Result<ExitCode> {
    let program = build(root)?;
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder)
        .with_context(|| format!("failed to create {}", folder.display()))?;
    for (name, picture) in [
        ("review.svg", review(&program)?),
        ("report.svg", report(&program)?),
    ] {
        let file = folder.join(name);
        ensure!(
            picture.len() <= MAX_BYTES,
            "{name} has {} bytes, and at most {MAX_BYTES} are allowed",
            picture.len()
        );
        fs::write(&file, picture).with_context(|| format!("failed to write {}", file.display()))?;
        println!("wrote {}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the executable.
fn build(root: &Path) -> Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--package", "gh-bypass"])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("failed to run cargo build")?;
    ensure!(output.status.success(), "gh-bypass does not build");
    let executable = Message::parse_stream(output.stdout.as_slice()).find_map(|message| {
        if let Ok(Message::CompilerArtifact(artifact)) = message {
            artifact.executable
        } else {
            None
        }
    });
    let executable = executable.context("cargo build reported no executable")?;
    Ok(executable.into_std_path_buf())
}

/// Shows the second open request of the demo. The first one is for push rules, which cannot be
/// reviewed here.
fn review(program: &Path) -> Result<String> {
    let mut terminal = Terminal::start(program, &["--demo", "review"], ROWS, COLUMNS)?;
    let is_loaded = |screen: &str| {
        let is_loading = screen.contains("(loading)") || screen.contains("(so far)");
        screen.contains("Requester") && !is_loading
    };
    terminal.wait_for("the first request", is_loaded)?;
    terminal.press("s")?;
    terminal.wait_for("a request for a secret", |screen| {
        is_loaded(screen) && screen.contains("Secret scanning bypass")
    })?;
    let labels = Labels {
        window: "gh bypass --demo review",
        title: "gh bypass review in a terminal",
        description: "A request to push a secret: the type of the secret and its location, the \
                      reason, the commit, and how often the requester asked this month. The last \
                      line lists the keys, such as a to approve and r to reject.",
    };
    svg::draw(terminal.screen(), &labels)
}

fn report(program: &Path) -> Result<String> {
    let output = Command::new(program)
        .args(["--demo", "report"])
        .env_remove("NO_COLOR")
        .env("CLICOLOR_FORCE", "1")
        .env("GH_FORCE_TTY", COLUMNS.to_string())
        .output()
        .context("failed to run gh-bypass --demo report")?;
    ensure!(
        output.status.success(),
        "gh-bypass --demo report failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).context("the report is not UTF-8")?;
    let screen = terminal::print(&text, report_rows(&text), COLUMNS)?;
    let labels = Labels {
        window: "gh bypass --demo report",
        title: "gh bypass report in a terminal",
        description: "The number of requests, the median and the 90th percentile of the decision \
                      time, and bar charts by status, decision, kind and reason.",
    };
    svg::draw(&screen, &labels)
}

/// Returns the number of rows of the sections that are shown.
fn report_rows(text: &str) -> u16 {
    let next = text.lines().chain([""]).zip(0..=MAX_REPORT_ROWS);
    let ends = next.filter(|(line, _)| line.is_empty());
    ends.last().map_or(MAX_REPORT_ROWS, |(_, row)| row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_of_a_report_has_whole_sections() {
        assert_eq!(report_rows("a\n\nb\nc\n"), 4);
        let section = "x\n".repeat(MAX_REPORT_ROWS.into());
        assert_eq!(report_rows(&section), MAX_REPORT_ROWS);
        assert_eq!(report_rows(&format!("a\n\nb\nc\n\n{section}")), 4);
    }
}
