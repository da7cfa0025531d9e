//! Runs a program in a pseudo-terminal, and emulates the screen.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rexpect::process::PtyProcess;
use vt100::{Parser, Screen};

/// The longest wait for a screen.
const PATIENCE: Duration = Duration::from_secs(60);
/// If the program prints nothing for this long, the screen is complete.
const QUIET: Duration = Duration::from_millis(300);
/// `stty` sets the size of the terminal before the program starts.
const SCRIPT: &str = r#"stty rows "$1" columns "$2" && shift 2 && exec "$@""#;

/// A program in a pseudo-terminal.
pub(crate) struct Terminal {
    input: File,
    output: Receiver<Vec<u8>>,
    parser: Parser,
    /// Ends the program when it is dropped.
    _process: PtyProcess,
}

impl Terminal {
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        rows: u16,
        columns: u16,
    ) -> Result<Self> {
        let mut command = Command::new("sh");
        command
            .args(["-c", SCRIPT, "sh"])
            .args([rows.to_string(), columns.to_string()])
            .arg(program)
            .args(arguments)
            .env_remove("NO_COLOR")
            .env("TERM", "xterm-256color");
        let mut process = PtyProcess::new(command).context("failed to open a pseudo-terminal")?;
        process.set_kill_timeout(Some(5_000));
        let input = process.get_file_handle()?;
        let output = read(input.try_clone()?);
        Ok(Self {
            input,
            output,
            parser: parser(rows, columns)?,
            _process: process,
        })
    }

    pub(crate) fn press(&mut self, key: &str) -> Result<()> {
        self.input.write_all(key.as_bytes())?;
        Ok(())
    }

    /// Waits until the screen is complete and its text is as expected.
    pub(crate) fn wait_for(&mut self, what: &str, is_it: impl Fn(&str) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.output.recv_timeout(QUIET) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(RecvTimeoutError::Timeout) if is_it(&self.screen().contents()) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    bail!(
                        "the program ended before {what}:\n{}",
                        self.screen().contents()
                    )
                }
            }
        }
        bail!("{what} did not appear:\n{}", self.screen().contents())
    }

    pub(crate) fn screen(&self) -> &Screen {
        self.parser.screen()
    }
}

/// Reads until the end. A thread is needed because a read has no timeout.
fn read(mut file: File) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        // Linux reports the end of the program as an error.
        while let Ok(count @ 1..) = file.read(&mut buffer) {
            let bytes = buffer.get(..count).unwrap_or_default();
            if sender.send(bytes.to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Returns a screen with the first rows of a text.
pub(crate) fn print(text: &str, rows: u16, columns: u16) -> Result<Screen> {
    let mut parser = parser(rows, columns)?;
    let lines: Vec<&str> = text.lines().take(rows.into()).collect();
    parser.process(lines.join("\r\n").as_bytes());
    Ok(parser.screen().clone())
}

fn parser(rows: u16, columns: u16) -> Result<Parser> {
    let size = |size| NonZeroU16::new(size).context("a terminal has rows and columns");
    Ok(Parser::new(size(rows)?, size(columns)?, 0))
}
