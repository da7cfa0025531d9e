//! Lists the public interface of `github-bypass-requests` for review. Fails if the interface
//! contains types of crates that are not in `ALLOWED`.
//!
//! The listing is generated from rustdoc's JSON. `RUSTC_BOOTSTRAP` enables this unstable format on
//! a stable toolchain.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::exit::CHECK_FAILED;

const PACKAGE: &str = "github-bypass-requests";
const LISTING: &str = "crates/github-bypass-requests/public-api.txt";

/// The crates whose types are allowed in the public interface. Types of progenitor, typify and
/// reqwest are not allowed, so that an upgrade of the generator or the HTTP library is not a
/// breaking change.
const ALLOWED: [&str; 12] = [
    "alloc",
    "bytes",
    "chrono",
    "core",
    "futures_core",
    "github_bypass_requests",
    "http",
    "i64",
    "schemars",
    "serde_core",
    "serde_json",
    "std",
];

/// Writes the listing.
pub(crate) fn write(root: &Path) -> Result<ExitCode> {
    let listing = listing(root)?;
    let path = root.join(LISTING);
    if fs::read_to_string(&path).is_ok_and(|present| present == listing) {
        return Ok(ExitCode::SUCCESS);
    }
    fs::write(&path, listing).with_context(|| format!("failed to write {}", path.display()))?;
    println!("wrote {LISTING}");
    Ok(ExitCode::SUCCESS)
}

/// Compares the interface with the checked-in listing.
pub(crate) fn check(root: &Path) -> Result<ExitCode> {
    let listing = listing(root)?;
    let present = fs::read_to_string(root.join(LISTING)).unwrap_or_default();
    if present == listing {
        return Ok(ExitCode::SUCCESS);
    }
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (present.lines().collect(), listing.lines().collect());
    for line in old.difference(&new) {
        eprintln!("- {line}");
    }
    for line in new.difference(&old) {
        eprintln!("+ {line}");
    }
    eprintln!("the public interface differs from {LISTING}; run `cargo xtask public-api`");
    Ok(ExitCode::from(CHECK_FAILED))
}

fn listing(root: &Path) -> Result<String> {
    let json = describe(root)?;
    let api = public_api::Builder::from_rustdoc_json(&json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        // Each derive would add three lines. The semver check before a release detects the removal
        // of a derive.
        .omit_auto_derived_impls(true)
        .build()
        .context("failed to read rustdoc's JSON: the crate `public-api` needs Rust 1.93 to 1.95")?;
    let listing: String = api.items().map(|item| format!("{item}\n")).collect();
    let foreign = foreign(&listing);
    ensure!(
        foreign.is_empty(),
        "the public interface contains types of other crates:\n{}",
        foreign.join("\n")
    );
    Ok(listing)
}

/// Returns the lines that name a crate whose types must not be public.
fn foreign(listing: &str) -> Vec<&str> {
    let names_other = |line: &&str| {
        let mut roots = paths(line).filter_map(|path| path.split("::").next());
        // Re-exports of the crate's own items are listed as items. A line with `use` is therefore a
        // re-export of another crate's item.
        line.starts_with("pub use ") || roots.any(|root| !ALLOWED.contains(&root))
    };
    listing.lines().filter(names_other).collect()
}

/// Returns the paths in a line that start with the name of a crate.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .filter(|path| path.contains("::"))
        .filter(|path| path.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn describe(root: &Path) -> Result<PathBuf> {
    // The folder is separate, because the unstable options would make cargo rebuild everything in
    // the usual folder.
    let target = root.join("target/public-api");
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["rustdoc", "--quiet", "--locked", "--lib", "--all-features"])
        .args(["--package", PACKAGE, "--target-dir"])
        .arg(&target)
        .args(["--", "-Zunstable-options", "--output-format", "json"])
        .args(["--cap-lints", "allow"])
        .env("RUSTC_BOOTSTRAP", "1")
        .output()
        .context("failed to run cargo rustdoc")?;
    if !output.status.success() {
        bail!(
            "failed to generate rustdoc's JSON for {PACKAGE}:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(target.join("doc").join("github_bypass_requests.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_type_is_found_anywhere_in_a_line() {
        let own = "pub fn github_bypass_requests::Client::get(&self, &str) -> core::result::Result<chrono::DateTime<chrono::Utc>, Self::Error>";
        assert_eq!(foreign(own), [""; 0]);
        for line in [
            "pub fn github_bypass_requests::Client::http(&self) -> &reqwest::Client",
            "impl core::convert::From<reqwest::error::Error> for github_bypass_requests::Error",
            "pub type github_bypass_requests::Client::Wire = github_bypass_requests_api::Wire",
            "pub use github_bypass_requests::Renamed",
        ] {
            assert_eq!(foreign(line), [line]);
        }
    }
}
