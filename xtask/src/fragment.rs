//! Reads, vets and lowers the OpenAPI fragment.

pub(crate) mod document;
pub(crate) mod family;
pub(crate) mod lower;
pub(crate) mod vet;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

pub(crate) const FRAGMENT: &str = "openapi/bypass-requests.yaml";

/// Reads and vets the fragment of the repository at `root`.
pub(crate) fn read(root: &Path) -> Result<Value> {
    let path = root.join(FRAGMENT);
    let text =
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    vet::parse(&text).with_context(|| format!("{FRAGMENT} is invalid"))
}
