//! Filters of `--jq`, which print as `jq -r` does.
//!
//! A filter runs in a process of its own, a second copy of this program, because jaq does not limit
//! recursion: a stack overflow or a lack of memory ends only that process, and is reported here as
//! an error. The two processes communicate as follows:
//!
//! - standard input: the filter as a JSON string on the first line, then the value on the second.
//!   It stays open until the end. If it closes, the first process has ended, and the filter stops.
//! - standard error: [`READY`] if the filter could be compiled, or an error message.
//! - standard output is shared. The exit code is one of the constants below.
//!
//! # Differences from jq
//!
//! Functions that read the environment or further input, write to standard error or end the process
//! are left out (`env`, `input`, `debug`, `halt` and the like), and so are modules, `?//`,
//! `@base32`, `$__loc__`, `tostream` and `fromstream`: a filter that uses one of them is invalid.
//! jaq also differs from jq in these points:
//!
//! - Regular expressions have neither look-around nor back-references, flags must be a string, and
//!   an optional group that does not take part in a match is missing from the captures.
//! - An assignment does not create missing parents of its path; only `setpath` does.
//! - `1 / 0` is infinite, and the messages that `catch` receives are worded differently.
//! - Integers keep all their digits. A whole number that results from a division is written with
//!   `.0` inside `"\(…)"`, but nowhere else.

mod engine;
mod text;

use std::env;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, Command, ExitCode, Stdio};
use std::thread;

use serde_json::Value;

use crate::failure::{Code, Failure, Result};
use crate::output::jq::engine::{Filter, Stop};
use crate::terminal::text::visible;
use crate::terminal::warn;

/// The only argument of the process that runs a filter.
const ARGUMENT: &str = "__jq";

/// The line that the process prints to standard error once the filter is compiled.
const READY: &str = "ready";

const FAILED: u8 = Code::Failed as u8;
const INVALID: u8 = Code::Usage as u8;
/// The program that reads standard output has ended.
const CLOSED_PIPE: u8 = 3;

/// The stack size of the thread that runs the filter. Only the used part takes memory.
const STACK_SIZE: usize = 256 << 20;

/// A compiled filter, in a process that waits for a value.
pub(crate) struct Jq {
    process: Child,
    stdin: ChildStdin,
    stderr: BufReader<ChildStderr>,
}

impl Jq {
    /// Compiles a filter.
    ///
    /// # Errors
    ///
    /// If the filter is invalid, returns the place of the error, with the exit code for invalid
    /// arguments.
    pub(crate) fn parse(filter: &str) -> Result<Self> {
        let start = |error: &dyn std::fmt::Display| {
            Failure::failed(format!("the filter of `--jq` cannot be started: {error}"))
        };
        let mut process = command()
            .and_then(|mut command| command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn())
            .map_err(|error| start(&error))?;
        let (Some(stdin), Some(stderr)) = (process.stdin.take(), process.stderr.take()) else {
            return Err(start(&"it has no pipes"));
        };
        let mut jq = Self {
            process,
            stdin,
            stderr: BufReader::new(stderr),
        };
        jq.send(&Value::from(filter));
        let mut line = String::new();
        // An error here means that the process has ended, which `finish` explains.
        let _ = jq.stderr.read_line(&mut line);
        if line.trim_end() == READY {
            return Ok(jq);
        }
        match jq.finish(line) {
            Err(failure) => Err(failure),
            Ok(()) => Err(start(&"it ended early")),
        }
    }

    /// Runs the filter, and prints the results to standard output.
    ///
    /// # Errors
    ///
    /// If the filter fails, the earlier results are printed nevertheless.
    pub(crate) fn print(mut self, value: &Value) -> Result<()> {
        self.send(value);
        self.finish(String::new())
    }

    /// Sends a line. If the process has ended, `finish` explains why.
    fn send(&mut self, value: &Value) {
        let line = format!("{value}\n");
        let _ = self.stdin.write_all(line.as_bytes());
    }

    /// Waits for the end of the process. `message` is the part of its output that was already read.
    fn finish(mut self, message: String) -> Result<()> {
        let mut message = message.into_bytes();
        let read = self.stderr.read_to_end(&mut message);
        let status = read.and_then(|_| self.process.wait());
        let status = status.map_err(|error| {
            Failure::failed(format!(
                "the filter of `--jq` failed: its process cannot be read: {error}"
            ))
        })?;
        let message = String::from_utf8_lossy(&message);
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        match code {
            Some(0) => Ok(()),
            Some(CLOSED_PIPE) => Err(Failure::ClosedPipe),
            Some(INVALID) => Err(Failure::usage(message.trim_end())),
            Some(FAILED) => Err(Failure::failed(message.trim_end())),
            _ => {
                let reason = if message.contains("overflow") {
                    "it recurses too deeply".to_owned()
                } else if message.contains("memory allocation") {
                    "it needs too much memory".to_owned()
                } else {
                    format!("it stopped unexpectedly ({status})")
                };
                Err(Failure::failed(format!(
                    "the filter of `--jq` failed: {reason}"
                )))
            }
        }
    }
}

/// Returns the command that starts a second copy of this program to run a filter.
#[cfg(not(test))]
fn command() -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.arg(ARGUMENT);
    Ok(command)
}

/// Runs a filter and returns the exit code, if this process was started for that.
pub(crate) fn serve_if_asked() -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    (arguments.next()? == ARGUMENT && arguments.next().is_none()).then(|| ExitCode::from(serve()))
}

/// Runs a filter in a thread with a large stack. Returns the exit code.
fn serve() -> u8 {
    // The exit code reports a panic: the other process treats an unknown code as a failure.
    std::panic::set_hook(Box::new(|_| {}));
    let thread = thread::Builder::new()
        .stack_size(STACK_SIZE)
        .spawn(|| match run() {
            Ok(()) => 0,
            Err((code, message)) => {
                if !message.is_empty() {
                    warn(&message);
                }
                code
            }
        });
    match thread.map(thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) => 101,
        Err(error) => {
            warn(&format!("there is no memory for the filter: {error}"));
            FAILED
        }
    }
}

fn run() -> Result<(), (u8, String)> {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    let read = |error: io::Error| (FAILED, format!("the filter cannot be read: {error}"));
    input.read_line(&mut line).map_err(read)?;
    let filter: String = serde_json::from_str(&line).map_err(|error| read(error.into()))?;
    let filter = Filter::compile(&filter).map_err(|message| {
        (
            INVALID,
            format!("the filter of `--jq` is invalid: {message}"),
        )
    })?;
    warn(READY);
    line.clear();
    // Without a value, the other process has ended.
    if input.read_line(&mut line).map_err(read)? == 0 {
        return Ok(());
    }
    drop(input);
    let value = jaq_json::read::parse_single(line.as_bytes()).map_err(|error| {
        (
            FAILED,
            format!("the input of the filter is invalid: {error}"),
        )
    })?;
    drop(line);
    thread::spawn(end_with_the_other_process);
    let stdout = io::stdout();
    let shows = if stdout.is_terminal() {
        visible_lines
    } else {
        std::convert::identity
    };
    let mut out = BufWriter::new(stdout.lock());
    let result = filter.run(value, &mut out, shows);
    // The results before an error are printed in any case.
    let flushed = out.flush().map_err(Stop::Output);
    match result.and(flushed) {
        Ok(()) => Ok(()),
        Err(Stop::Failed(message)) => {
            Err((FAILED, format!("the filter of `--jq` failed: {message}")))
        }
        Err(Stop::Output(error)) => Err(match Failure::output(&error) {
            Failure::Message(code, message) => (code as u8, message),
            Failure::Reported(_) | Failure::ClosedPipe => (CLOSED_PIPE, String::new()),
        }),
    }
}

/// Ends this process if the other one has ended, so that an endless filter does not run on.
fn end_with_the_other_process() {
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    std::process::exit(i32::from(FAILED));
}

/// Makes text of other people safe to print on a terminal. Line ends and tabs stay.
fn visible_lines(text: String) -> String {
    let lines = text.split_inclusive(['\n', '\t']).map(|part| {
        let end = part.len() - usize::from(part.ends_with(['\n', '\t']));
        let (part, end) = part.split_at(end);
        visible(part) + end
    });
    lines.collect()
}

#[cfg(test)]
fn command() -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args([
        "--exact",
        "output::jq::tests::serve",
        "--ignored",
        "--nocapture",
    ]);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The process that runs the filters of the other tests.
    #[test]
    #[ignore = "started by the other tests"]
    fn serve() {
        std::process::exit(i32::from(super::serve()));
    }

    /// Returns the failure of a filter.
    fn failure(filter: &str) -> (Code, String) {
        match Jq::parse(filter).and_then(|jq| jq.print(&json!([1, 2]))) {
            Err(Failure::Message(code, message)) => (code, message),
            other => panic!("{filter}: {other:?}"),
        }
    }

    #[test]
    fn a_filter_runs_in_a_process_of_its_own() {
        Jq::parse(".[] | empty")
            .unwrap()
            .print(&json!([1]))
            .unwrap();
    }

    #[test]
    fn an_invalid_filter_fails_before_it_gets_a_value() {
        let Err(Failure::Message(code, message)) = Jq::parse(".[] | foo") else {
            panic!();
        };
        assert_eq!(code, Code::Usage);
        let expected = "the filter of `--jq` is invalid: `foo/0` is not defined, at line 1, column 7:\n  \
                        .[] | foo\n        ^";
        assert_eq!(message, expected);
    }

    #[test]
    fn a_failed_filter_is_an_error() {
        let (code, message) = failure("1, error(\"no\")");
        assert_eq!(code, Code::Failed);
        assert_eq!(message, "the filter of `--jq` failed: no");
    }

    #[test]
    fn deep_recursion_is_an_error() {
        for filter in [
            "def f: f + 1; f",
            "def f: [f]; f",
            "[range(100000)] | reduce .[] as $x (null; [.])",
        ] {
            let (code, message) = failure(filter);
            assert_eq!(code, Code::Failed);
            assert!(message.contains("deep"), "{filter}: {message}");
        }
    }

    #[test]
    fn hidden_characters_are_escaped_on_a_terminal() {
        let text = "a\u{1b}[31m\r\n\tb\u{202e}c\n".to_owned();
        assert_eq!(visible_lines(text), "a\\u{1b}[31m\\r\n\tb\\u{202e}c\n");
    }
}
