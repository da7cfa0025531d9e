//! The crates of this workspace.

use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{MetadataCommand, Package, TargetKind};

/// Returns the crates that are published.
pub(crate) fn published(root: &Path) -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("failed to run cargo metadata")?;
    let mut packages = metadata.packages;
    // `cargo metadata` shows `publish = false` as an empty list of registries.
    packages.retain(|package| package.publish.as_ref().is_none_or(|to| !to.is_empty()));
    Ok(packages)
}

/// Returns false if the crate is only a program.
pub(crate) fn has_library(package: &Package) -> bool {
    let mut kinds = package.targets.iter().flat_map(|target| &target.kind);
    kinds.any(|kind| *kind == TargetKind::Lib)
}
