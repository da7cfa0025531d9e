//! A fake GitHub, and the program that uses it.

use std::error::Error;
use std::future::pending;
use std::path::Path;
use std::thread;

use github_bypass_requests_fake::{Builder, Fake, NewRequest};
use snapbox::cmd::{Command, cargo_bin};
use tempfile::TempDir;

pub(crate) type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

/// A fake GitHub and an empty folder.
pub(crate) struct World {
    pub(crate) fake: Fake,
    pub(crate) folder: TempDir,
}

impl World {
    /// Starts a fake with the organization `octo-org`. It runs until the test process ends.
    pub(crate) fn new() -> Result<Self> {
        Self::with(Fake::builder())
    }

    pub(crate) fn with(builder: Builder) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let fake = runtime.block_on(builder.start())?;
        fake.add_repository("octo-org", "smile");
        thread::spawn(move || runtime.block_on(pending::<()>()));
        Ok(Self {
            fake,
            folder: TempDir::new()?,
        })
    }

    /// Returns the command that runs the program with these arguments. Its environment names the fake
    /// as the host.
    pub(crate) fn run(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin!("gh-bypass"))
            .current_dir(self.folder.path())
            .env_clear()
            .args(arguments);
        for (name, value) in self.environment() {
            command = command.env(name, value);
        }
        command
    }

    pub(crate) fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("GITHUB_API_URL", self.fake.base_url().to_owned()),
            ("GITHUB_TOKEN", "any".to_owned()),
            // Without it, the program does not find `git`.
            ("PATH", std::env::var("PATH").unwrap_or_default()),
        ]
    }

    /// Opens a request for a secret in `octo-org/smile`. Returns its number.
    pub(crate) fn open(&self) -> u64 {
        self.fake
            .open_secret_scanning_request(NewRequest::new())
            .number
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the methods of the HTTP requests so far, except GET.
    pub(crate) fn writes(&self) -> Vec<String> {
        let received = self.fake.received().into_iter();
        let methods = received.map(|request| request.method.to_string());
        methods.filter(|method| method != "GET").collect()
    }
}

/// Returns the lines of a file.
pub(crate) fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
