//! Repository tasks, run as `cargo xtask`.
//!
//! `generate` compiles `openapi/bypass-requests.yaml` into the checked-in sources of
//! `github-bypass-requests-api`:
//!
//! ```text
//! fragment (text) -> vet -> lower -> render -> write | check
//! ```
//!
//! Everything up to `render` is pure; writing and checking differ in the last call only.
//!
//! `drift` compares the fragment with GitHub's own description or, offline, with the lock of the last
//! description that was accepted. `openapi/ledger.yaml` declares the intended differences:
//!
//! ```text
//! two documents -> facts -> compare -> judge by the ledger -> report
//! ```
//!
//! # Where the code is
//!
//! A folder is a layer and uses only the layers above it in this table:
//!
//! | layer | contents |
//! |---|---|
//! | `exit` | exit codes |
//! | `fragment` | reads the fragment, vets it, lowers it |
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
use crate::release::{features, package, public_api};

/// Repository tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", after_help = exit::HELP)]
struct Cli {
    /// Repository to work on; by default the one that xtask stands in.
    #[arg(long, global = true, value_name = "DIR", default_value_os_t = repository(), hide_default_value = true)]
    root: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Compile the OpenAPI fragment into the generated client crate.
    Generate {
        /// Write nothing; exit with 4 if the checked-in files are stale.
        #[arg(long)]
        check: bool,
    },
    /// Test each published crate with every single feature, with none and with all.
    Features,
    /// Pack and build the published crates as crates.io would, and tell what a release lacks.
    Package {
        /// Exit with 4 if a release lacks anything.
        #[arg(long)]
        release: bool,
    },
    /// List the public interface of github-bypass-requests, and refuse foreign types in it.
    PublicApi {
        /// Write nothing; exit with 4 if the listing is not the reviewed one.
        #[arg(long)]
        check: bool,
    },
    /// Compare the OpenAPI fragment with GitHub's own description.
    ///
    /// What differs and is not declared in openapi/ledger.yaml is drift, and so is what is declared
    /// there and does not differ.
    Drift {
        /// A description of GitHub's, as JSON or YAML; by default the lock, without any network.
        #[arg(long, value_name = "PATH_OR_URL")]
        upstream: Option<String>,
        /// Make the description the new lock, and show what changed since the last one.
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
