//! Opens web pages.

use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::terminal::{Terminal, text, variable};

/// Opens a page in the browser, and says so.
pub(crate) fn open_page(terminal: &Terminal, url: &str) -> Result<()> {
    terminal.notice(&format!("Opening {} in your browser.", text::visible(url)));
    open(url).map_err(Failure::failed)
}

/// Opens a page in the browser of `GH_BROWSER`, of `BROWSER`, or of the system. Only https pages
/// are opened, because the address may come from a server.
///
/// # Errors
///
/// Returns the reason.
pub(crate) fn open(url: &str) -> Result<(), String> {
    let shown = text::visible(url);
    if !url.starts_with("https://") {
        return Err(format!(
            "{shown} is not opened, because it is not an https address"
        ));
    }
    let opened = match variable("GH_BROWSER").or_else(|| variable("BROWSER")) {
        Some(browser) => run(&browser, url),
        None => webbrowser::open(url).map_err(|error| error.to_string()),
    };
    opened.map_err(|error| format!("{shown} cannot be opened: {error}"))
}

fn run(browser: &str, url: &str) -> Result<(), String> {
    let words = shell_words::split(browser).map_err(|error| error.to_string())?;
    let (program, arguments) = words.split_first().ok_or("the command is empty")?;
    let mut command = Command::new(program);
    command.args(arguments).arg(url);
    // The browser's own messages would spoil the screen.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{program}` ended with {status}")),
        Err(error) => Err(format!("`{program}` cannot be started: {error}")),
    }
}
