//! Where the report goes: standard output, or a file that is replaced as a whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::{Failure, Result};

#[derive(Debug)]
pub(crate) enum Destination {
    StandardOutput,
    /// A temporary file beside the path. [`finish`](Self::finish) moves it to the path.
    Replacement {
        file: NamedTempFile,
        path: PathBuf,
    },
    /// A device or a pipe, which must not be replaced.
    Device {
        file: File,
        path: PathBuf,
    },
}

impl Destination {
    /// Opens the file, or standard output for `None` and `-`. An existing file keeps its contents
    /// until [`finish`](Self::finish).
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        match path {
            None => Ok(Self::StandardOutput),
            Some(path) if path == Path::new("-") => Ok(Self::StandardOutput),
            Some(path) => Self::open_file(path).map_err(|error| unwritable(path, &error)),
        }
    }

    fn open_file(path: &Path) -> io::Result<Self> {
        let existing = match fs::metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let path = path.to_owned();
        if existing
            .as_ref()
            .is_some_and(|existing| !existing.is_file())
        {
            let file = File::options().write(true).open(&path)?;
            return Ok(Self::Device { file, path });
        }
        // Replace the target of a symbolic link, not the link.
        let path = existing
            .as_ref()
            .map_or(Ok(path.clone()), |_| fs::canonicalize(&path))?;
        let file = new_file_beside(&path)?;
        if let Some(existing) = existing {
            file.as_file().set_permissions(existing.permissions())?;
        }
        Ok(Self::Replacement { file, path })
    }

    /// Returns the path of the file. `None` for standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::StandardOutput => None,
            Self::Replacement { path, .. } | Self::Device { path, .. } => Some(path),
        }
    }

    /// Completes the output: a new file takes the place of the old one.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Self::StandardOutput => io::stdout().flush(),
            Self::Device { mut file, .. } => file.flush(),
            Self::Replacement { file, path } => match file.persist(path) {
                Ok(_) => Ok(()),
                Err(error) => Err(error.error),
            },
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::StandardOutput => io::stdout().write(bytes),
            Self::Replacement { file, .. } => file.write(bytes),
            Self::Device { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::StandardOutput => io::stdout().flush(),
            Self::Replacement { file, .. } => file.flush(),
            Self::Device { file, .. } => file.flush(),
        }
    }
}

/// Creates the failure for output that cannot be written. `None` means standard output.
pub(crate) fn failure(path: Option<&Path>, error: &io::Error) -> Failure {
    match path {
        // A file can be a pipe.
        Some(path) if error.kind() != io::ErrorKind::BrokenPipe => unwritable(path, error),
        _ => Failure::output(error),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("{} cannot be written: {error}", path.display()))
}

fn new_file_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gh-bypass-report-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask removes bits from this mode.
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        let mut destination = Destination::open(Some(path)).expect("a destination");
        destination.write_all(text.as_bytes()).expect("the text");
        destination.finish().expect("the file");
    }

    #[test]
    fn the_old_file_stays_until_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.html");
        write(&path, "old");
        let mut unfinished = Destination::open(Some(&path)).expect("a destination");
        unfinished.write_all(b"new").expect("the text");
        assert_eq!(fs::read_to_string(&path).expect("the file"), "old");
        drop(unfinished);
        let files = fs::read_dir(folder.path()).expect("the folder");
        assert_eq!(files.count(), 1, "the temporary file is removed");
        write(&path, "new");
        assert_eq!(fs::read_to_string(&path).expect("the file"), "new");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.html");
        let mode = || fs::metadata(&path).expect("the file").permissions().mode() & 0o777;
        write(&path, "one");
        assert_eq!(mode() & 0o600, 0o600);
        let plain = folder.path().join("plain");
        fs::write(&plain, "").expect("a file");
        let plain = fs::metadata(plain).expect("the file").permissions().mode();
        assert_eq!(
            mode(),
            plain & 0o644,
            "everybody can read the file, unless the umask forbids it"
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
        let link = folder.path().join("link.html");
        symlink(&path, &link).expect("a link");
        write(&link, "two");
        assert_eq!(mode(), 0o640);
        assert_eq!(fs::read_to_string(&path).expect("the file"), "two");
        assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_replaced() {
        let path = Path::new("/dev/null");
        let destination = Destination::open(Some(path)).expect("a destination");
        assert!(matches!(destination, Destination::Device { .. }));
    }

    #[test]
    fn a_folder_and_a_missing_folder_are_errors() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in [folder.path().to_owned(), folder.path().join("no/report")] {
            let error = Destination::open(Some(&path)).expect_err("an error");
            let Failure::Message(_, message) = error else {
                panic!("{error:?}");
            };
            let expected = format!("{} cannot be written: ", path.display());
            assert!(message.starts_with(&expected), "{message}");
        }
    }
}
