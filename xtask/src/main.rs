//! Repository tasks, run as `cargo xtask`.
//!
//! `generate` compiles `openapi/bypass-requests.yaml` into the checked-in sources of
//! `github-bypass-requests-api`:
//!
//! ```text
//! fragment (text) -> vet -> lower -> render -> write | check
//! ```
//!
//! All steps up to `render` are pure. Writing and checking share them.
//!
//! `drift` compares the fragment with GitHub's own OpenAPI description or, offline, with the lock:
//! the facts of the last accepted description. `openapi/ledger.yaml` declares the intended
//! differences:
//!
//! ```text
//! two documents -> facts -> compare -> check against the ledger -> report
//! ```
//!
//! `manual` writes the manual pages and the completion scripts of `gh-bypass`.
//!
//! # Where the code is
//!
//! Each row of this table is a layer. A layer uses only the layers above it:
//!
//! | layer | contents |
//! |---|---|
//! | `exit` | exit codes |
//! | `fragment` | reads, vets and lowers the fragment |
//! | `generate`, `drift`, `release` | the commands; they do not use each other |
//! | `main` | the command line |

mod drift;
mod exit;
mod fragment;
mod generate;
mod release;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::exit::FAILURE;
use crate::release::{features, manual, package, public_api};

/// Repository tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", after_help = exit::HELP)]
struct Cli {
    /// Repository to work on; the default is the one that contains xtask.
    #[arg(long, global = true, value_name = "DIR", default_value_os_t = repository(), hide_default_value = true)]
    root: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Compile the OpenAPI fragment into the generated client crate.
    Generate {
        /// Write nothing; exit with 4 if the checked-in files are out of date.
        #[arg(long)]
        check: bool,
    },
    /// Test each published crate with no features, with each feature alone, and with all features.
    /// Then test `rustls-no-provider` with a provider.
    Features,
    /// Check and build the packages for crates.io, and list what a release lacks.
    Package {
        /// Exit with 4 if anything is missing for a release.
        #[arg(long)]
        release: bool,
    },
    /// Write the manual pages and the completion scripts of gh-bypass.
    Manual {
        /// Folder to write to; the default is target/gh-bypass in the repository.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Draw the pictures of the README from the demo of gh-bypass.
    Pictures,
    /// List the public interface of github-bypass-requests, and fail if it has types of crates that
    /// are not allowed.
    PublicApi {
        /// Write nothing; exit with 4 if the interface differs from the checked-in listing.
        #[arg(long)]
        check: bool,
    },
    /// Compare the OpenAPI fragment with GitHub's own description.
    ///
    /// Report each difference that openapi/ledger.yaml does not declare, and each declared
    /// difference that does not exist. Exit with 4 if there are any.
    Drift {
        /// GitHub's description, as JSON or YAML; the default is the lock, which needs no network.
        #[arg(long, value_name = "PATH_OR_URL")]
        upstream: Option<String>,
        /// Replace the lock with the facts of this description, and show what changed.
        #[arg(long, requires = "upstream")]
        accept: bool,
        #[arg(long, value_enum, default_value_t = drift::Format::Text)]
        format: drift::Format,
    },
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(FAILURE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let outcome = match cli.command {
        None => Cli::command()
            .print_help()
            .map(|()| ExitCode::SUCCESS)
            .map_err(Into::into),
        Some(Command::Generate { check: false }) => generate::write(&cli.root),
        Some(Command::Generate { check: true }) => generate::check(&cli.root),
        Some(Command::Features) => features::check(&cli.root),
        Some(Command::Package { release }) => package::run(&cli.root, release),
        #[cfg(unix)]
        Some(Command::Pictures) => release::pictures::write(&cli.root),
        #[cfg(not(unix))]
        Some(Command::Pictures) => Err(anyhow::anyhow!(
            "the pictures need a pseudo-terminal, so they can be drawn on Unix only"
        )),
        Some(Command::Manual { folder }) => {
            manual::write(&folder.unwrap_or_else(|| cli.root.join(manual::FOLDER)))
        }
        Some(Command::PublicApi { check: false }) => public_api::write(&cli.root),
        Some(Command::PublicApi { check: true }) => public_api::check(&cli.root),
        Some(Command::Drift {
            upstream,
            accept,
            format,
        }) => drift::run(&cli.root, upstream.as_deref(), accept, format),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(FAILURE)
    })
}

fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
