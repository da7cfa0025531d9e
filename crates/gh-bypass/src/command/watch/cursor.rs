//! The file with the cursor of a watch.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use github_bypass_requests::{QueueCursor, QueueEventStream, QueueWatch};
use serde::{Deserialize, Serialize};
use tempfile::Builder;

use crate::failure::{Failure, Result};
use crate::terminal::text::visible;

const VERSION: u32 = 1;
/// On average, at most this many bytes are written for each event: a large file is saved once for
/// several events.
const BYTES_PER_EVENT: usize = 64 * 1024;

/// The contents of the file.
#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// The URLs of the lists, with their filters. The cursor is valid only for them.
    lists: Vec<String>,
    cursor: QueueCursor,
}

/// The file of `--cursor`.
pub(crate) struct CursorFile {
    path: PathBuf,
    lists: Vec<String>,
    /// The size of the file in bytes.
    bytes: usize,
    /// The number of events that were printed since the file was saved.
    unsaved: usize,
}

impl CursorFile {
    /// Starts the watch, from the cursor in the file if there is one. Saves the file at once, so
    /// that an error is found before the first poll.
    pub(crate) fn open(path: &Path, watch: QueueWatch) -> Result<(Self, QueueEventStream)> {
        let saved = load(path)?;
        let (events, of) = match saved {
            Some(saved) => (watch.resume(saved.cursor).events(), Some(saved.lists)),
            None => (watch.events(), None),
        };
        let lists = lists(&events);
        if let Some(of) = of.filter(|of| *of != lists) {
            return Err(Failure::usage(format!(
                "{} belongs to another watch: use the host, scope and filters of that watch, or \
                 another file\n  \
                 cursor: {}\n  \
                 watch:  {}",
                path.display(),
                visible(&of.join(" ")),
                visible(&lists.join(" "))
            )));
        }
        let mut file = Self {
            path: path.to_owned(),
            lists,
            bytes: 0,
            unsaved: 0,
        };
        file.save(&events)?;
        Ok((file, events))
    }

    /// Returns true if the file contains all printed events.
    pub(crate) fn is_saved(&self) -> bool {
        self.unsaved == 0
    }

    /// Must be called after each event, once its line is printed.
    pub(crate) fn printed(&mut self, events: &QueueEventStream) -> Result<()> {
        self.unsaved += 1;
        if self.unsaved.saturating_mul(BYTES_PER_EVENT) > self.bytes {
            self.save(events)?;
        }
        Ok(())
    }

    /// Saves the events that are not saved yet.
    pub(crate) fn finish(&mut self, events: &QueueEventStream) -> Result<()> {
        if self.is_saved() {
            return Ok(());
        }
        self.save(events)
    }

    pub(crate) fn save(&mut self, events: &QueueEventStream) -> Result<()> {
        let saved = Saved {
            version: VERSION,
            lists: self.lists.clone(),
            cursor: events.cursor(),
        };
        let json = serde_json::to_vec(&saved).map_err(Failure::failed)?;
        replace(&self.path, &json).map_err(|error| {
            Failure::failed(format!(
                "the cursor cannot be saved in {}: {error}",
                self.path.display()
            ))
        })?;
        self.bytes = json.len();
        self.unsaved = 0;
        Ok(())
    }
}

fn lists(events: &QueueEventStream) -> Vec<String> {
    let monitors = events.monitors();
    let mut lists: Vec<_> = monitors.iter().map(|it| it.list().to_owned()).collect();
    lists.sort();
    lists
}

fn load(path: &Path) -> Result<Option<Saved>> {
    let name = path.display();
    let json = match fs::read(path) {
        Ok(json) => json,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::failed(format!("{name} cannot be read: {error}"))),
    };
    let damaged = |error: &dyn std::fmt::Display| {
        Failure::failed(format!(
            "{name} is not the cursor of a watch, or is damaged: {error}\n\
             Use another file, or delete this one to start over."
        ))
    };
    let saved: Saved = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
    if saved.version != VERSION {
        return Err(damaged(&format_args!(
            "the version is {}, not {VERSION}",
            saved.version
        )));
    }
    Ok(Some(saved))
}

/// Replaces the file. The file is complete at all times, even if the process or the machine stops.
fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    // The target of a link is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = target.as_path();
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let mut prefix = path.file_name().unwrap_or(OsStr::new("cursor")).to_owned();
    prefix.push(".");
    let mut new = Builder::new()
        .prefix(&prefix)
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    new.write_all(contents)?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    Ok(())
}
