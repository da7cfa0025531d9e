//! The audit log: a line of JSON before and after each change.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::failure::{Failure, Result};

/// An audit log that is open for appending.
///
/// Each change has a line with the phase `intent` and, if the process lives long enough, a line with
/// its outcome: `done`, `refused` or `unknown`. If there is no such line, the outcome is unknown.
pub(crate) struct Audit {
    file: File,
    path: PathBuf,
}

/// A line of the log. It contains neither the token nor the message to the requester.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line<'a> {
    pub(crate) at: DateTime<Utc>,
    pub(crate) host: &'a str,
    /// The bypass request, as `OWNER/REPO#NUMBER`.
    pub(crate) request: &'a str,
    /// `approve`, `reject` or `dismiss`.
    pub(crate) action: &'a str,
    pub(crate) phase: Phase,
    /// The id of the bypass response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_id: Option<i64>,
    /// GitHub's id of the HTTP request, for its support team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<&'a str>,
    /// The reason why nothing was changed, or why the outcome is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    Intent,
    Done,
    Refused,
    Unknown,
}

impl Audit {
    /// Opens the log for appending.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        let options = || {
            let mut file = OpenOptions::new()
                .read(true)
                .append(true)
                .create(true)
                .open(&path)?;
            end_last_line(&mut file)?;
            Ok(file)
        };
        match options() {
            Ok(file) => Ok(Self { file, path }),
            Err(error) => Err(failed(&path, "nothing was changed", &error)),
        }
    }

    /// Appends a line. After this returns, the line survives the end of the process.
    pub(crate) fn write(&mut self, line: &Line<'_>) -> Result<()> {
        let written = serde_json::to_vec(line)
            .map_err(Into::into)
            .and_then(|mut bytes| {
                bytes.push(b'\n');
                // A single write, so that the lines of several processes are not interleaved.
                self.file.write_all(&bytes)?;
                match self.file.sync_data() {
                    // A pipe cannot be synchronized.
                    Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
                    synced => synced,
                }
            });
        written.map_err(|error| failed(&self.path, "stopped", &error))
    }
}

/// Ends the last line if a process was killed in the middle of it.
fn end_last_line(file: &mut File) -> std::io::Result<()> {
    let mut last = [b'\n'];
    if file.metadata()?.is_file() && file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last == [b'\n'] {
        Ok(())
    } else {
        file.write_all(b"\n")
    }
}

fn failed(path: &Path, what: &str, error: &std::io::Error) -> Failure {
    Failure::failed(format!(
        "the audit log {} cannot be written: {error}; {what}",
        path.display()
    ))
}
