//! Long output in a pager.

use std::env;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::terminal::{Terminal, print, variable, warn};

/// Shows text, in the pager of `GH_PAGER` or `PAGER` if standard output is a terminal.
pub(crate) fn show(terminal: &Terminal, text: &str) -> Result<()> {
    let text = text.trim_end_matches('\n');
    // As for `gh`, an empty `GH_PAGER` turns the pager off.
    let is_off = env::var_os("GH_PAGER").is_some_and(|pager| pager.is_empty());
    let pager = ["GH_PAGER", "PAGER"].into_iter().find_map(variable);
    let pager = pager.filter(|_| !is_off);
    match pager {
        Some(pager) if terminal.is_terminal() && pager.trim() != "cat" => page(&pager, text),
        _ => print(text),
    }
}

fn page(pager: &str, text: &str) -> Result<()> {
    let words = shell_words::split(pager).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else {
        return print(text);
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    // The defaults of `gh`: show colors, quit if the text fits on one screen, and do not clear it.
    for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
        if variable(name).is_none() {
            command.env(name, value);
        }
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            warn(&format!("the pager `{program}` cannot be started: {error}"));
            return print(text);
        }
    };
    // Ctrl-C belongs to the pager. This handler, which does nothing, keeps this process alive.
    #[cfg(unix)]
    let _interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
    if let Some(mut stdin) = child.stdin.take() {
        match stdin
            .write_all(text.as_bytes())
            .and_then(|()| stdin.write_all(b"\n"))
        {
            // The user left the pager before the end.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.map_err(|error| Failure::output(&error))?,
        }
    }
    let _ = child.wait();
    Ok(())
}
