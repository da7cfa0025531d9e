//! The crates of this workspace, as cargo sees them.

use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{MetadataCommand, Package};

/// The crates that are published, each after those that it needs.
pub(crate) fn published(root: &Path) -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("failed to run cargo metadata")?;
    // `publish = false` is an empty list of registries.
    let mut waiting: Vec<Package> = metadata
        .packages
        .into_iter()
        .filter(|package| package.publish.as_ref().is_none_or(|to| !to.is_empty()))
        .collect();
    let mut ordered: Vec<Package> = Vec::new();
    while !waiting.is_empty() {
        let needs_waiting = |package: &Package| {
            let mut needed = package.dependencies.iter();
            needed.any(|needed| waiting.iter().any(|other| *other.name == needed.name))
        };
        let next = waiting.iter().position(|package| !needs_waiting(package));
        // Cargo itself refuses a circle.
        ordered.push(waiting.remove(next.unwrap_or(0)));
    }
    Ok(ordered)
}
