//! The screen of a review.

use std::io::{self, Write};

use console::{Style, measure_text_width, truncate_str};
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue};

use crate::failure::{Failure, Result};
use crate::terminal::Terminal;
use crate::terminal::line_editor::LineEditor;

/// The number of lines outside the body: the header, the status, the bottom line, and two rules,
/// one below the header and one above the status.
const FRAME: usize = 5;

/// The screen. It covers the terminal until it is dropped.
pub(crate) struct Screen(());

/// The content of the last line.
#[derive(Clone, Copy)]
pub(crate) enum Bottom<'a> {
    Text(&'a str),
    Edit {
        label: &'a str,
        editor: &'a LineEditor,
    },
}

/// The content of the screen.
pub(crate) struct View<'a> {
    pub(crate) header: String,
    pub(crate) body: Vec<String>,
    /// The number of body lines that are scrolled off the top of the screen.
    pub(crate) scroll: usize,
    pub(crate) status: &'a str,
    pub(crate) bottom: Bottom<'a>,
}

impl Screen {
    pub(crate) fn open() -> Result<Self> {
        execute!(io::stdout(), EnterAlternateScreen).map_err(|error| failed(&error))?;
        Ok(Self(()))
    }

    /// Returns the size of the terminal, in columns and rows.
    pub(crate) fn size(&self) -> (usize, usize) {
        let (columns, rows) = crossterm::terminal::size().unwrap_or_default();
        let or = |size: u16, default| {
            if size == 0 {
                default
            } else {
                usize::from(size)
            }
        };
        (or(columns, 80), or(rows, 24))
    }

    /// Returns the number of body lines that fit on the screen.
    pub(crate) fn body_height(&self) -> usize {
        self.size().1.saturating_sub(FRAME).max(1)
    }

    /// Draws everything.
    pub(crate) fn draw(&self, terminal: &Terminal, view: &View<'_>) -> Result<()> {
        let (width, _) = self.size();
        let height = self.body_height();
        let rule = terminal.paint(Style::new().dim(), &"─".repeat(width));
        let header = terminal.paint(Style::new().bold(), &view.header);
        let more = view.body.len().saturating_sub(view.scroll + height);
        let mut lines = vec![header, rule.clone()];
        let body = view.body.iter().skip(view.scroll).take(height);
        lines.extend(body.cloned());
        if more > 0
            && let Some(last) = lines.last_mut()
        {
            *last = terminal.paint(Style::new().dim(), &format!("↓ {} more lines", more + 1));
        }
        lines.resize(height + 2, String::new());
        lines.push(rule);
        lines.push(view.status.to_owned());
        self.paint(&lines, width, &view.bottom)
            .map_err(|error| failed(&error))
    }

    fn paint(&self, lines: &[String], width: usize, bottom: &Bottom<'_>) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        queue!(stdout, cursor::Hide, cursor::MoveTo(0, 0))?;
        for line in lines {
            write!(stdout, "{}", truncate_str(line, width, "…"))?;
            queue!(stdout, Clear(ClearType::UntilNewLine))?;
            write!(stdout, "\r\n")?;
        }
        write_bottom(&mut stdout, width, bottom)?;
        queue!(stdout, Clear(ClearType::FromCursorDown))?;
        stdout.flush()
    }

    /// Draws only the last line.
    pub(crate) fn draw_bottom(&self, text: &str) -> Result<()> {
        let (width, rows) = self.size();
        let row = u16::try_from(rows.saturating_sub(1)).unwrap_or(u16::MAX);
        let mut stdout = io::stdout().lock();
        let drawn = (|| {
            queue!(
                stdout,
                cursor::MoveTo(0, row),
                Clear(ClearType::CurrentLine)
            )?;
            write_bottom(&mut stdout, width, &Bottom::Text(text))?;
            stdout.flush()
        })();
        drawn.map_err(|error| failed(&error))
    }
}

fn write_bottom(out: &mut impl Write, width: usize, bottom: &Bottom<'_>) -> io::Result<()> {
    match bottom {
        // The last column stays empty, because some terminals scroll if it is used.
        Bottom::Text(text) => write!(out, "{}", truncate_str(text, width.saturating_sub(1), "…"))?,
        Bottom::Edit { label, editor } => {
            let start = measure_text_width(label);
            let (view, column) = editor.view(width.saturating_sub(start + 1));
            write!(out, "{label}{view}")?;
            queue!(out, Clear(ClearType::UntilNewLine))?;
            let column = u16::try_from(start + column).unwrap_or(u16::MAX);
            queue!(out, cursor::MoveToColumn(column), cursor::Show)?;
        }
    }
    Ok(())
}

fn failed(error: &io::Error) -> Failure {
    Failure::failed(format!("the terminal cannot be written to: {error}"))
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, cursor::Show);
    }
}
