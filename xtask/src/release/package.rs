//! What crates.io would get, and what a release still lacks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::Package;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::exit::AMISS;
use crate::release::workspace;

/// What every crate has.
const REQUIRED: [&str; 5] = [
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "src/lib.rs",
];
/// What cargo adds.
const ADDED: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
/// What else may be inside.
const FOLDERS: [&str; 2] = ["src/", "examples/"];
/// Without these, the generated crate would be a shell.
const GENERATED: [&str; 2] = ["src/generated/client.rs", "src/generated/operations.rs"];
const GENERATED_PACKAGE: &str = "github-bypass-requests-api";

/// Packages and builds all crates. With `release`, what a release lacks is an error, too.
pub(crate) fn run(root: &Path, release: bool) -> Result<ExitCode> {
    let packages = workspace::published(root)?;
    for package in &packages {
        let files = files(root, package)?;
        check_files(&package.name, &files)?;
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
    let lacking = lacking(root, &packages)?;
    if lacking.is_empty() {
        println!("ready to be released");
        return Ok(ExitCode::SUCCESS);
    }
    println!("a release still lacks:");
    for lacking in lacking {
        println!("- {lacking}");
    }
    Ok(if release {
        ExitCode::from(AMISS)
    } else {
        ExitCode::SUCCESS
    })
}

/// The files that would be uploaded.
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
    let files = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
    // As everywhere else.
    Ok(files.lines().map(|file| file.replace('\\', "/")).collect())
}

fn check_files(package: &str, files: &BTreeSet<String>) -> Result<()> {
    let generated = (package == GENERATED_PACKAGE).then_some(GENERATED);
    let required = REQUIRED.into_iter().chain(generated.into_iter().flatten());
    for required in required {
        ensure!(files.contains(required), "{required} is not in {package}");
    }
    for file in files {
        let intended = REQUIRED.contains(&file.as_str())
            || ADDED.contains(&file.as_str())
            || FOLDERS.iter().any(|folder| file.starts_with(folder)) && file.ends_with(".rs");
        ensure!(intended, "{file} should not be in {package}");
    }
    Ok(())
}

/// What crates.io asks for, and what helps to find a crate there.
fn check_metadata(package: &Package) -> Result<()> {
    let name = &package.name;
    let has_docs_rs = package.metadata.pointer("/docs/rs").is_some();
    for (what, is_there) in [
        ("description", package.description.is_some()),
        ("license", package.license.is_some()),
        ("rust-version", package.rust_version.is_some()),
        ("readme", package.readme.is_some()),
        ("keywords", !package.keywords.is_empty()),
        ("categories", !package.categories.is_empty()),
        ("package.metadata.docs.rs", has_docs_rs),
    ] {
        ensure!(is_there, "{name} has no {what}");
    }
    // The limits of crates.io.
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

/// On crates.io, a link to a file of the repository leads nowhere.
fn check_readme(package: &Package) -> Result<()> {
    let Some(readme) = package.readme() else {
        bail!("{} has no README", package.name);
    };
    let text = fs::read_to_string(&readme).with_context(|| format!("failed to read {readme}"))?;
    if let Some(link) = relative_link(&text) {
        bail!("{readme} links to {link}, which crates.io does not have");
    }
    if let Some(line) = hidden_line(&text) {
        bail!("{readme} hides the line `{line}`, which crates.io shows");
    }
    Ok(())
}

/// In Rust code, rustdoc hides such a line, and nobody else does.
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
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            (!dest_url.starts_with("https://")).then(|| dest_url.into_string())
        }
        _ => None,
    })
}

/// Packs all crates and builds what was packed, each against those that it needs: cargo knows the
/// order.
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
        "what would be uploaded does not build (to build several crates takes Rust 1.90)"
    );
    Ok(())
}

/// What nobody can upload without, or should not.
fn lacking(root: &Path, packages: &[Package]) -> Result<Vec<String>> {
    let mut lacking = Vec::new();
    for package in packages {
        if package.repository.is_none() {
            lacking.push(format!("the repository's address in {}", package.name));
        }
    }
    let version = packages.first().map(|package| package.version.to_string());
    let version = version.context("there is no crate to publish")?;
    let changelog = fs::read_to_string(root.join("CHANGELOG.md")).unwrap_or_default();
    if !changelog.contains(&format!("\n## [{version}] - ")) {
        lacking.push(format!("a dated section for {version} in CHANGELOG.md"));
    }
    if !git(root, &["status", "--porcelain"])?.is_empty() {
        lacking.push("a clean work tree".to_owned());
    }
    let tag = format!("v{version}");
    if !git(root, &["tag", "--points-at", "HEAD"])?
        .lines()
        .any(|it| it == tag)
    {
        lacking.push(format!("the tag {tag} on this commit"));
    }
    Ok(lacking)
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
    fn a_crate_has_what_it_needs_and_nothing_else() {
        let complete: BTreeSet<String> = REQUIRED
            .into_iter()
            .chain(ADDED)
            .chain(GENERATED)
            .chain(["examples/triage.rs"])
            .map(str::to_owned)
            .collect();
        assert!(check_files(GENERATED_PACKAGE, &complete).is_ok());
        for needed in REQUIRED.into_iter().chain(GENERATED) {
            let mut lacking = complete.clone();
            lacking.remove(needed);
            assert!(
                check_files(GENERATED_PACKAGE, &lacking).is_err(),
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
            let mut littered = complete.clone();
            littered.insert(stray.to_owned());
            assert!(check_files("any", &littered).is_err(), "{stray}");
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
    fn a_link_that_crates_io_lacks_is_found() {
        assert_eq!(relative_link("[a](https://docs.rs/a) `[b](c)`"), None);
        for (markdown, link) in [
            ("see [this](openapi/README.md)", "openapi/README.md"),
            ("![logo](/logo.png)", "/logo.png"),
            ("[x][y]\n\n[y]: ../LICENSE", "../LICENSE"),
        ] {
            assert_eq!(relative_link(markdown).as_deref(), Some(link));
        }
    }
}
