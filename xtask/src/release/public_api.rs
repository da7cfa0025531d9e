//! The public interface of the crate that people use: listed, reviewed, and free of foreign types.
//!
//! rustdoc describes the crate as JSON, which a stable toolchain does when it is told to; the
//! listing is made of that description.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::exit::AMISS;

const PACKAGE: &str = "github-bypass-requests";
const LISTING: &str = "crates/github-bypass-requests/public-api.txt";

/// Whose types may show. Not progenitor's, typify's or reqwest's: an upgrade of the generator or of
/// the HTTP library must not break anybody.
const ALLOWED: [&str; 9] = [
    "alloc",
    "chrono",
    "core",
    "futures_core",
    "github_bypass_requests",
    "i64",
    "schemars",
    "serde_core",
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

/// Tells whether the listing is the reviewed one.
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
    eprintln!("the public interface is not the reviewed one; run `cargo xtask public-api`");
    Ok(ExitCode::from(AMISS))
}

fn listing(root: &Path) -> Result<String> {
    let json = describe(root)?;
    let api = public_api::Builder::from_rustdoc_json(&json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        // Three lines for each derive; a release is checked for those that went.
        .omit_auto_derived_impls(true)
        .build()
        .context(
            "needs a toolchain whose rustdoc JSON the crate `public-api` reads, as Rust 1.93 to 1.95",
        )?;
    let listing: String = api.items().map(|item| format!("{item}\n")).collect();
    let foreign = foreign(&listing);
    ensure!(
        foreign.is_empty(),
        "the public interface names types that are not its own:\n{}",
        foreign.join("\n")
    );
    Ok(listing)
}

/// The lines that name a crate whose types must not show.
fn foreign(listing: &str) -> Vec<&str> {
    let names_other = |line: &&str| {
        let mut roots = paths(line).filter_map(|path| path.split("::").next());
        // What is our own is listed where it is exported; a `use` that is left leads elsewhere.
        line.starts_with("pub use ") || roots.any(|root| !ALLOWED.contains(&root))
    };
    listing.lines().filter(names_other).collect()
}

/// The paths in a line that begin with the name of a crate.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .filter(|path| path.contains("::"))
        .filter(|path| path.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn describe(root: &Path) -> Result<PathBuf> {
    // A folder of its own: told to use what is unstable, cargo builds everything anew.
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
            "failed to describe {PACKAGE}:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(target.join("doc").join("github_bypass_requests.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_type_is_seen_wherever_it_stands() {
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
