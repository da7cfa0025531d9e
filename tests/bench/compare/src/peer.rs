//! The programs to compare.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::Result;

/// A program that reads a list, and its arguments.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) program: &'static str,
    /// The arguments after the server's address.
    pub(crate) arguments: &'static [&'static str],
}

/// The first peer is the baseline.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "by hand",
        program: "by-hand",
        arguments: &[],
    },
    Peer {
        name: "this crate",
        program: "by-this-crate",
        arguments: &[],
    },
    Peer {
        name: "... read_ahead(8)",
        program: "by-this-crate",
        arguments: &["8"],
    },
    Peer {
        name: "octocrab",
        program: "by-octocrab",
        arguments: &[],
    },
];

/// The program that verifies and decodes a webhook delivery, by hand or with this crate.
pub(crate) const DELIVERIES: &str = "deliveries";

/// Builds the peers and the server into the folder of this program. Builds each one separately,
/// because one build for all would unify the features of their dependencies.
pub(crate) fn build() -> Result<()> {
    if cfg!(debug_assertions) {
        return Err("the measurement needs an optimized build: add --release".into());
    }
    let peers = PEERS.iter().map(|peer| peer.program);
    for package in peers.chain([DELIVERIES, "compare"]) {
        let mut build = cargo();
        build.args(["build", "--release", "--quiet", "--package", package]);
        if !build.status()?.success() {
            return Err(format!("{package} does not build").into());
        }
    }
    Ok(())
}

pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .arg("--locked")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo
}

/// Returns the path of a program that [`build`] has built.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    Ok(env::current_exe()?
        .with_file_name(name)
        .with_extension(env::consts::EXE_EXTENSION))
}
