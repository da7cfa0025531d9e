//! Keys that the user presses.

use std::collections::VecDeque;
use std::io;
use std::thread;
use std::time::Duration;

use crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind,
    KeyModifiers,
};
use crossterm::{cursor, execute, terminal};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::failure::{Failure, Result};

/// If input follows within this time, it was pasted or typed ahead.
const BURST: Duration = Duration::from_millis(30);

/// An event of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Key(Key),
    /// Pasted text. It never counts as a key.
    Paste(String),
    Resize,
}

/// A key that this program distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Char(char),
    /// A letter with the control key.
    Control(char),
    Enter,
    Escape,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
}

/// The keys of the terminal, which is in raw mode until this is dropped.
pub(crate) struct Keys {
    /// Batches of events that arrived together.
    batches: mpsc::UnboundedReceiver<io::Result<Vec<Event>>>,
    /// The rest of the last batch.
    rest: VecDeque<Event>,
    /// True if Ctrl-C was pressed while input was dropped. The next call of `next` returns it.
    is_interrupted: bool,
    _raw: RawMode,
}

impl Keys {
    /// Puts the terminal into raw mode, and starts to read keys.
    pub(crate) fn open() -> Result<Self> {
        let raw = RawMode::enter()?;
        let (sender, batches) = mpsc::unbounded_channel();
        // The thread ends with the process, because nothing can interrupt the read.
        thread::spawn(move || {
            loop {
                let batch = read_batch();
                let has_failed = batch.is_err();
                if sender.send(batch).is_err() || has_failed {
                    return;
                }
            }
        });
        Ok(Self {
            batches,
            rest: VecDeque::new(),
            is_interrupted: false,
            _raw: raw,
        })
    }

    /// Returns the next input. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Input> {
        if std::mem::take(&mut self.is_interrupted) {
            return Ok(INTERRUPT);
        }
        loop {
            while let Some(event) = self.rest.pop_front() {
                if let Some(input) = input(event) {
                    return Ok(input);
                }
            }
            self.receive().await?;
        }
    }

    /// Waits for the next batch. Cancel safe.
    async fn receive(&mut self) -> Result<()> {
        let batch = self.batches.recv().await;
        let batch = batch.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()));
        let batch = batch
            .map_err(|error| Failure::failed(format!("the terminal cannot be read: {error}")))?;
        self.rest.extend(batch);
        Ok(())
    }

    /// Drops all input that was typed ahead, except for Ctrl-C.
    pub(crate) async fn drain(&mut self) {
        while let Some(event) = self.soon().await {
            self.is_interrupted |= event == INTERRUPT;
        }
    }

    /// Returns true if more input follows at once, as in a paste. Drops that input, except for
    /// Ctrl-C.
    pub(crate) async fn is_burst(&mut self) -> bool {
        let Some(event) = self.soon().await else {
            return false;
        };
        self.is_interrupted |= event == INTERRUPT;
        self.drain().await;
        event != Input::Resize
    }

    /// Returns the next input, if it arrives at once.
    async fn soon(&mut self) -> Option<Input> {
        loop {
            while let Some(event) = self.rest.pop_front() {
                if let Some(input) = input(event) {
                    return Some(input);
                }
            }
            timeout(BURST, self.receive()).await.ok()?.ok()?;
        }
    }
}

/// Waits for an event, and returns all events that arrived together with it.
fn read_batch() -> io::Result<Vec<Event>> {
    let mut batch = vec![event::read()?];
    while event::poll(Duration::ZERO)? {
        batch.push(event::read()?);
    }
    Ok(batch)
}

/// Ctrl-C, which raw mode delivers as a key.
pub(crate) const INTERRUPT: Input = Input::Key(Key::Control('c'));

/// Returns the input for an event, or `None` if the event is ignored.
fn input(event: Event) -> Option<Input> {
    match event {
        Event::Key(event) if event.kind != KeyEventKind::Release => key(event).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Resize(..) => Some(Input::Resize),
        _ => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    let key = match event.code {
        KeyCode::Char(char) if event.modifiers.contains(KeyModifiers::CONTROL) => {
            Key::Control(char.to_ascii_lowercase())
        }
        KeyCode::Char(_) if event.modifiers.contains(KeyModifiers::ALT) => return None,
        KeyCode::Char(char) => Key::Char(char),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => return None,
    };
    Some(key)
}

/// The raw mode of the terminal. Dropping it restores the terminal.
struct RawMode;

impl RawMode {
    fn enter() -> Result<Self> {
        let failed = |error| Failure::failed(format!("the terminal cannot be used: {error}"));
        terminal::enable_raw_mode().map_err(failed)?;
        // A terminal without bracketed paste ignores this.
        let _ = execute!(io::stderr(), EnableBracketedPaste);
        Ok(Self)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = execute!(io::stderr(), DisableBracketedPaste, cursor::Show);
        let _ = terminal::disable_raw_mode();
    }
}
