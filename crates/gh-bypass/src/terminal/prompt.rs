//! Questions on the last line of the terminal.

use std::io::{self, Write};

use console::truncate_str;
use crossterm::terminal::{Clear, ClearType};
use crossterm::{cursor, queue};

use crate::failure::{Code, Failure, Result};
use crate::terminal::keys::{Input, Key, Keys};
use crate::terminal::line_editor::{Edit, LineEditor};
use crate::terminal::{Terminal, screen_width};

/// Asks a question. Only the key `y` confirms; Enter, pasted text and keys that were typed ahead do
/// not.
pub(crate) async fn confirm(keys: &mut Keys, question: &str) -> Result<()> {
    keys.drain().await;
    let question = format!("{question} [y/n] ");
    loop {
        draw(&question, None)?;
        match keys.next().await? {
            Input::Key(Key::Char('y' | 'Y')) if !keys.is_burst().await => {
                end("yes")?;
                return Ok(());
            }
            Input::Key(Key::Char('n' | 'N') | Key::Escape | Key::Control('c' | 'd')) => {
                end("no")?;
                return Err(cancelled());
            }
            _ => {}
        }
    }
}

/// Asks for a line of text that `check` accepts.
pub(crate) async fn line(
    keys: &mut Keys,
    label: &str,
    initial: &str,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<String> {
    keys.drain().await;
    let mut editor = LineEditor::new(initial);
    let mut hint = String::new();
    loop {
        draw(&format!("{label}{hint}: "), Some(&editor))?;
        match editor.handle(&keys.next().await?) {
            Edit::Continue => {}
            Edit::Cancel => {
                end("")?;
                return Err(cancelled());
            }
            Edit::Accept => match check(&editor.text()) {
                Ok(()) => {
                    end("")?;
                    return Ok(editor.text());
                }
                Err(why) => hint = format!(" ({why})"),
            },
        }
    }
}

fn cancelled() -> Failure {
    Failure::Message(Code::Usage, "cancelled; nothing was changed".to_owned())
}

/// Draws the question and the text on the current line of standard error.
fn draw(question: &str, editor: Option<&LineEditor>) -> Result<()> {
    let width = usize::from(screen_width());
    let question = truncate_str(question, width.saturating_sub(20).max(20), "… ");
    let rest = width.saturating_sub(console::measure_text_width(&question) + 1);
    let mut stderr = io::stderr().lock();
    let drawn = (|| {
        queue!(
            stderr,
            cursor::MoveToColumn(0),
            Clear(ClearType::CurrentLine)
        )?;
        write!(stderr, "{question}")?;
        if let Some(editor) = editor {
            let (view, column) = editor.view(rest);
            write!(stderr, "{view}")?;
            let column = console::measure_text_width(&question) + column;
            queue!(
                stderr,
                cursor::MoveToColumn(u16::try_from(column).unwrap_or(u16::MAX))
            )?;
        }
        stderr.flush()
    })();
    drawn.map_err(|error| Failure::failed(format!("the terminal cannot be written to: {error}")))
}

/// Shows the choice of the user, and moves to the next line.
fn end(answer: &str) -> Result<()> {
    let written = write!(io::stderr(), "{answer}\r\n");
    written.map_err(|error| Failure::failed(format!("the terminal cannot be written to: {error}")))
}

/// Fails if the user cannot be prompted.
pub(crate) fn require(terminal: &Terminal, otherwise: &str) -> Result<()> {
    if terminal.can_prompt {
        Ok(())
    } else {
        Err(Failure::usage(otherwise))
    }
}
