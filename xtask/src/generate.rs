//! Writes the generated files, or checks that they are up to date.

mod render;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::exit::CHECK_FAILED;
use crate::fragment::{self, FRAGMENT, lower};
use crate::generate::render::render;

const GENERATED: &str = "crates/github-bypass-requests-api/src/generated";

pub(crate) fn write(root: &Path) -> Result<ExitCode> {
    for difference in differences(root)? {
        let path = root.join(&difference.path);
        match difference.contents {
            Some(contents) => {
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)
                        .with_context(|| format!("failed to create {}", parent.display()))?;
                }
                fs::write(&path, contents)
                    .with_context(|| format!("failed to write {}", path.display()))?;
                println!("wrote {}", difference.path.display());
            }
            None => {
                fs::remove_file(&path)
                    .with_context(|| format!("failed to remove {}", path.display()))?;
                println!("removed {}", difference.path.display());
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn check(root: &Path) -> Result<ExitCode> {
    let differences = differences(root)?;
    if differences.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for difference in differences {
        eprintln!("out of date: {}", difference.path.display());
    }
    eprintln!("run `cargo xtask generate`");
    Ok(ExitCode::from(CHECK_FAILED))
}

/// A file that is out of date.
struct Difference {
    path: PathBuf,
    /// The generated contents; `None` if the file should not exist.
    contents: Option<String>,
}

fn differences(root: &Path) -> Result<Vec<Difference>> {
    let files = render(&lower::lower(fragment::read(root)?))
        .with_context(|| format!("failed to generate code from {FRAGMENT}"))?;

    let mut differences = Vec::new();
    let directory = Path::new(GENERATED);
    for name in file_names(&root.join(directory))? {
        if !files.iter().any(|file| file.name == name) {
            differences.push(Difference {
                path: directory.join(name),
                contents: None,
            });
        }
    }
    for file in files {
        let path = directory.join(file.name);
        let current = match fs::read(root.join(&path)) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(error).with_context(|| format!("failed to read {}", path.display()));
            }
        };
        if current.as_deref() != Some(file.contents.as_bytes()) {
            differences.push(Difference {
                path,
                contents: Some(file.contents),
            });
        }
    }
    Ok(differences)
}

fn file_names(directory: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("failed to list {}", directory.display()));
        }
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("failed to list {}", directory.display()))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
