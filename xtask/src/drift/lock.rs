//! The lock: the facts of the last accepted description from GitHub.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::drift::facts::Facts;

pub(crate) const LOCK: &str = "openapi/upstream.lock.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    pub(crate) source: Source,
    pub(crate) operations: Facts,
}

/// Identifies a description by the title, the version and the edition that it contains.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) edition: Option<String>,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            title,
            version,
            edition,
        } = self;
        write!(f, "{title} {version}")?;
        match edition {
            Some(edition) => write!(f, " ({edition})"),
            None => Ok(()),
        }
    }
}

/// Reads the lock of the repository at `root`, if it exists.
pub(crate) fn read(root: &Path) -> Result<Option<Lock>> {
    match fs::read_to_string(root.join(LOCK)) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("failed to parse {LOCK}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("failed to read {LOCK}")),
    }
}

/// Writes the lock, unless it is up to date. Returns true if it was written.
pub(crate) fn write(root: &Path, lock: &Lock) -> Result<bool> {
    let path = root.join(LOCK);
    let text = render(lock)?;
    if fs::read(&path).is_ok_and(|current| current == text.as_bytes()) {
        return Ok(false);
    }
    fs::write(&path, text).with_context(|| format!("failed to write {LOCK}"))?;
    Ok(true)
}

/// Formats the lock with one place per line, which makes diffs readable.
fn render(lock: &Lock) -> Result<String> {
    let mut text = format!(
        "{{\n  \"source\": {},\n",
        serde_json::to_string(&lock.source)?
    );
    text.push_str("  \"operations\": {");
    let mut between_operations = "\n";
    for (operation, places) in &lock.operations {
        write!(
            text,
            "{between_operations}    {}: {{",
            serde_json::to_string(operation)?
        )?;
        let mut between_places = "\n";
        for (place, aspects) in places {
            let (place, aspects) = (
                serde_json::to_string(place)?,
                serde_json::to_string(aspects)?,
            );
            write!(text, "{between_places}      {place}: {aspects}")?;
            between_places = ",\n";
        }
        text.push_str("\n    }");
        between_operations = ",\n";
    }
    text.push_str("\n  }\n}\n");
    Ok(text)
}
