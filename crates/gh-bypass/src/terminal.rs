//! The terminal: its capabilities, and whether the user can be prompted.

pub(crate) mod browser;
pub(crate) mod keys;
pub(crate) mod line_editor;
pub(crate) mod pager;
pub(crate) mod progress;
pub(crate) mod prompt;
pub(crate) mod table;
pub(crate) mod termination;
pub(crate) mod text;
pub(crate) mod time;

use std::env;
use std::io::{self, IsTerminal, Write};

use console::{Style, Term};

use crate::failure::{Failure, Result};

/// The width of a terminal that does not report one.
const DEFAULT_WIDTH: u16 = 80;

/// The terminal of this process.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    /// The width of standard output, in columns. `None` if it is not a terminal.
    width: Option<u16>,
    colors: bool,
    links: bool,
    /// True if the user can be prompted.
    pub(crate) can_prompt: bool,
    /// True if standard error is a terminal.
    pub(crate) shows_notices: bool,
}

impl Terminal {
    /// Returns the terminal, as the environment describes it.
    pub(crate) fn detect() -> Self {
        let forced = variable("GH_FORCE_TTY");
        let is_terminal = forced.is_some() || io::stdout().is_terminal();
        let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
        let forces_colors = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let refuses_colors = variable("NO_COLOR").is_some()
            || variable("CLICOLOR").is_some_and(|value| value == "0");
        let colors = if forces_colors {
            variable("NO_COLOR").is_none()
        } else {
            is_terminal && !refuses_colors && !is_dumb
        };
        Self {
            width: is_terminal.then(|| width(forced.as_deref())),
            colors,
            links: is_terminal
                && !is_dumb
                && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
            can_prompt: io::stdin().is_terminal()
                && io::stderr().is_terminal()
                && is_terminal
                && variable("GH_PROMPT_DISABLED").is_none(),
            shows_notices: io::stderr().is_terminal(),
        }
    }

    /// Returns true if standard output is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.width.is_some()
    }

    /// Returns the width in columns. Outside a terminal, it is that of a typical terminal.
    pub(crate) fn width(&self) -> u16 {
        self.width.unwrap_or(DEFAULT_WIDTH)
    }

    /// Returns this terminal with the width of a full-screen view, and without links.
    pub(crate) fn for_screen(&self, width: usize) -> Self {
        Self {
            width: Some(u16::try_from(width).unwrap_or(u16::MAX)),
            links: false,
            ..self.clone()
        }
    }

    /// Returns this terminal without progress and notices.
    pub(crate) fn quiet(&self) -> Self {
        Self {
            shows_notices: false,
            ..self.clone()
        }
    }

    /// Colors the text, if colors are on.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.colors {
            style.force_styling(true).apply_to(text).to_string()
        } else {
            text.to_owned()
        }
    }

    /// Makes the text a link, if the terminal supports links. Only https links are used.
    pub(crate) fn link(&self, url: Option<&str>, text: &str) -> String {
        match url {
            Some(url) if self.links && url.starts_with("https://") => {
                let url = text::visible(url);
                format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
            }
            _ => text.to_owned(),
        }
    }

    /// Prints a line to standard error, if that is a terminal.
    pub(crate) fn notice(&self, line: &str) {
        if self.shows_notices {
            warn(line);
        }
    }
}

/// Prints a line to standard output.
pub(crate) fn print(line: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    written.map_err(|error| Failure::output(&error))
}

/// Prints a line to standard error.
pub(crate) fn warn(line: &str) {
    // If standard error cannot be written, the message cannot be shown anywhere.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Returns the value of an environment variable, unless it is empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    let value = env::var_os(name)?.to_string_lossy().into_owned();
    (!value.trim().is_empty()).then_some(value)
}

/// Returns the width of the terminal on standard error, where prompts are drawn.
pub(crate) fn screen_width() -> u16 {
    let reported = Term::stderr().size_checked().map(|(_, columns)| columns);
    reported.filter(|width| *width > 0).unwrap_or(DEFAULT_WIDTH)
}

/// Returns the width of the terminal. `GH_FORCE_TTY` can contain a number of columns, or a
/// percentage of the width.
fn width(forced: Option<&str>) -> u16 {
    // A terminal without a size reports zero.
    let reported = Term::stdout().size_checked().map(|(_, columns)| columns);
    let columns = || variable("COLUMNS")?.trim().parse().ok();
    let known = |width: &u16| *width > 0;
    let width = reported.filter(known).or_else(columns).filter(known);
    let width = width.unwrap_or(DEFAULT_WIDTH);
    let Some(forced) = forced.map(str::trim) else {
        return width;
    };
    if let Some(percent) = forced
        .strip_suffix('%')
        .and_then(|text| text.parse::<u32>().ok())
    {
        let part = u32::from(width) * percent.min(100) / 100;
        return u16::try_from(part).unwrap_or(width).max(1);
    }
    forced.parse().ok().filter(known).unwrap_or(width)
}
