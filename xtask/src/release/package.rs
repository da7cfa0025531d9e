//! Checks and builds the packages for crates.io, and lists what a release still lacks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::Package;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::exit::CHECK_FAILED;
use crate::release::workspace;

/// Files that every package must contain.
const REQUIRED: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
/// The file that a library must contain, and the one that a program must contain.
const LIBRARY: &str = "src/lib.rs";
const PROGRAM: &str = "src/main.rs";
/// Files that cargo adds.
const ADDED: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
/// Folders whose Rust files may be in a package.
const FOLDERS: [&str; 2] = ["src/", "examples/"];
/// Additional files that the package of the generated crate must contain.
const GENERATED: [&str; 2] = ["src/generated/client.rs", "src/generated/operations.rs"];
const GENERATED_PACKAGE: &str = "github-bypass-requests-api";

/// Checks and builds all packages, and lists what a release lacks.
///
/// If `release` is true, the check fails if the release lacks something.
pub(crate) fn run(root: &Path, release: bool) -> Result<ExitCode> {
    let packages = workspace::published(root)?;
    for package in &packages {
        let files = files(root, package)?;
        let main = if workspace::has_library(package) {
            LIBRARY
        } else {
            PROGRAM
        };
        check_files(&package.name, main, &files)?;
        check_metadata(package)?;
        check_readme(package)?;
        println!(
            "{} {}: {} files",
            package.name,
            package.version,
            files.len()
        );
    }
    build(root, &packages)?;
    let missing = missing(root, &packages)?;
    if missing.is_empty() {
        println!("ready for release");
        return Ok(ExitCode::SUCCESS);
    }
    println!("missing for a release:");
    for missing in missing {
        println!("- {missing}");
    }
    Ok(if release {
        ExitCode::from(CHECK_FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Lists the files of a package.
fn files(root: &Path, package: &Package) -> Result<BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args([
            "package",
            "--list",
            "--allow-dirty",
            "--package",
            &package.name,
        ])
        .output()
        .context("failed to run cargo package --list")?;
    ensure!(
        output.status.success(),
        "failed to list the files of {}:\n{}",
        package.name,
        String::from_utf8_lossy(&output.stderr)
    );
    let files = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    // On Windows, cargo prints backslashes.
    Ok(files.lines().map(|file| file.replace('\\', "/")).collect())
}

/// The extensions of the files that a package is built from.
const SOURCES: [&str; 2] = [".rs", ".jq"];

fn check_files(package: &str, main: &str, files: &BTreeSet<String>) -> Result<()> {
    let generated = (package == GENERATED_PACKAGE).then_some(GENERATED);
    let generated = generated.into_iter().flatten();
    for required in REQUIRED.into_iter().chain([main]).chain(generated) {
        ensure!(files.contains(required), "{required} is not in {package}");
    }
    for file in files {
        let intended = REQUIRED.contains(&file.as_str())
            || ADDED.contains(&file.as_str())
            || FOLDERS.iter().any(|folder| file.starts_with(folder))
                && SOURCES.iter().any(|extension| file.ends_with(extension));
        ensure!(intended, "{file} should not be in {package}");
    }
    Ok(())
}

/// Checks the metadata that crates.io requires, or that helps users find the crate.
fn check_metadata(package: &Package) -> Result<()> {
    let name = &package.name;
    // docs.rs shows libraries only.
    let is_configured = package.metadata.pointer("/docs/rs").is_some();
    let has_docs_rs = is_configured || !workspace::has_library(package);
    for (field, is_set) in [
        ("description", package.description.is_some()),
        ("license", package.license.is_some()),
        ("rust-version", package.rust_version.is_some()),
        ("readme", package.readme.is_some()),
        ("keywords", !package.keywords.is_empty()),
        ("categories", !package.categories.is_empty()),
        ("package.metadata.docs.rs", has_docs_rs),
    ] {
        ensure!(is_set, "{name} has no {field}");
    }
    // Limits of crates.io.
    ensure!(
        package.keywords.len() <= 5,
        "{name} has more than 5 keywords"
    );
    ensure!(
        package.categories.len() <= 5,
        "{name} has more than 5 categories"
    );
    if let Some(keyword) = package.keywords.iter().find(|keyword| keyword.len() > 20) {
        bail!("the keyword {keyword} of {name} has more than 20 characters");
    }
    Ok(())
}

/// Rejects links that do not work on crates.io, and lines of code that only rustdoc hides.
fn check_readme(package: &Package) -> Result<()> {
    let Some(readme) = package.readme() else {
        bail!("{} has no README", package.name);
    };
    let text = fs::read_to_string(&readme).with_context(|| format!("failed to read {readme}"))?;
    if let Some(link) = relative_link(&text) {
        bail!("{readme} links to {link}, which does not exist on crates.io");
    }
    if let Some(line) = hidden_line(&text) {
        bail!("{readme} contains the line `{line}`, which rustdoc hides and crates.io shows");
    }
    Ok(())
}

/// Returns the first line of Rust code that only rustdoc hides.
fn hidden_line(markdown: &str) -> Option<String> {
    let mut rust = false;
    Parser::new(markdown).find_map(|event| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
            rust = language.starts_with("rust");
            None
        }
        Event::End(TagEnd::CodeBlock) => {
            rust = false;
            None
        }
        Event::Text(code) if rust => {
            let mut lines = code.lines();
            let hidden = lines.find(|line| *line == "#" || line.starts_with("# "));
            hidden.map(str::to_owned)
        }
        _ => None,
    })
}

fn relative_link(markdown: &str) -> Option<String> {
    Parser::new(markdown).find_map(|event| match event {
        // crates.io reads the picture of a relative address from the repository.
        Event::Start(Tag::Link { dest_url, .. }) => {
            // `#` starts a link within the page.
            let works = dest_url.starts_with("https://") || dest_url.starts_with('#');
            (!works).then(|| dest_url.into_string())
        }
        _ => None,
    })
}

/// Builds all packages with one command, so that each is built against the packages that it depends
/// on.
fn build(root: &Path, packages: &[Package]) -> Result<()> {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root)
        .args(["package", "--quiet", "--locked", "--allow-dirty"]);
    for package in packages {
        command.args(["--package", &package.name]);
    }
    let status = command.status().context("failed to run cargo package")?;
    ensure!(
        status.success(),
        "the packages do not build; building several together needs Rust 1.90 or later"
    );
    Ok(())
}

/// A line of README.md starts with this text. That line is wrong after the first release.
const UNRELEASED: &str = "Until the first release, ";

/// Lists what a release lacks.
fn missing(root: &Path, packages: &[Package]) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for package in packages {
        if package.repository.is_none() {
            missing.push(format!("`repository` in the manifest of {}", package.name));
        }
    }
    let version = packages.first().map(|package| package.version.to_string());
    let version = version.context("there is no crate to publish")?;
    let changelog = fs::read_to_string(root.join("CHANGELOG.md")).unwrap_or_default();
    if !changelog.contains(&format!("\n## [{version}] - ")) {
        missing.push(format!("a dated section for {version} in CHANGELOG.md"));
    }
    let readme = fs::read_to_string(root.join("README.md")).unwrap_or_default();
    if readme.contains(UNRELEASED) {
        missing.push(format!(
            "a README.md without the line that starts with {UNRELEASED:?}"
        ));
    }
    if !git(root, &["status", "--porcelain"])?.is_empty() {
        missing.push("a clean working tree".to_owned());
    }
    let tag = format!("v{version}");
    if !git(root, &["tag", "--points-at", "HEAD"])?
        .lines()
        .any(|it| it == tag)
    {
        missing.push(format!("the tag {tag} on this commit"));
    }
    Ok(missing)
}

fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .current_dir(root)
        .args(arguments)
        .output()
        .context("failed to run git")?;
    ensure!(
        output.status.success(),
        "failed to run git {}",
        arguments.join(" ")
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_the_required_files_and_no_others() {
        let complete: BTreeSet<String> = REQUIRED
            .into_iter()
            .chain(ADDED)
            .chain(GENERATED)
            .chain([LIBRARY, "examples/list.rs"])
            .map(str::to_owned)
            .collect();
        assert!(check_files(GENERATED_PACKAGE, LIBRARY, &complete).is_ok());
        assert!(check_files(GENERATED_PACKAGE, PROGRAM, &complete).is_err());
        for needed in REQUIRED.into_iter().chain([LIBRARY]).chain(GENERATED) {
            let mut incomplete = complete.clone();
            incomplete.remove(needed);
            assert!(
                check_files(GENERATED_PACKAGE, LIBRARY, &incomplete).is_err(),
                "{needed}"
            );
        }
        for stray in [
            ".env",
            "src/.env",
            "src/lib.rs.orig",
            "tests/suite.rs",
            "public-api.txt",
            "srcs/lib.rs",
        ] {
            let mut files = complete.clone();
            files.insert(stray.to_owned());
            assert!(check_files("any", LIBRARY, &files).is_err(), "{stray}");
        }
    }

    #[test]
    fn a_line_that_only_rustdoc_hides_is_found() {
        let hidden = "```rust\nlet x = 1;\n# Ok(())\n```\n";
        assert_eq!(hidden_line(hidden).as_deref(), Some("# Ok(())"));
        let fine = "# Title\n\n```console\n# a comment\n```\n\n```rust\n#[test]\nfn x() {}\n```\n";
        assert_eq!(hidden_line(fine), None);
    }

    #[test]
    fn a_link_that_does_not_work_on_crates_io_is_found() {
        assert_eq!(
            relative_link("[a](https://docs.rs/a) `[b](c)` [d](#e) ![f](g.svg)"),
            None
        );
        for (markdown, link) in [
            ("see [this](openapi/README.md)", "openapi/README.md"),
            ("[x][y]\n\n[y]: ../LICENSE", "../LICENSE"),
        ] {
            assert_eq!(relative_link(markdown).as_deref(), Some(link));
        }
    }
}
