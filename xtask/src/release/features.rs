//! Tests each published crate with no features, with each feature alone, and with all features.
//! Then tests `rustls-no-provider` together with a provider.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Package, TargetKind};

use crate::release::workspace;

const PROVIDER: &str = "tests/provider";

pub(crate) fn check(root: &Path) -> Result<ExitCode> {
    for package in workspace::published(root)? {
        for features in combinations(&package) {
            let shown = if features.is_empty() {
                "no features"
            } else {
                &features
            };
            println!("{} with {shown}", package.name);
            test(root, &package, &features)?;
        }
    }
    test_provider(root)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the combinations to test: no features, each feature alone, and all features.
fn combinations(package: &Package) -> Vec<String> {
    let single = package.features.keys().filter(|name| *name != "default");
    let mut combinations = vec![String::new()];
    combinations.extend(single.cloned());
    if combinations.len() > 2 {
        let all = combinations.iter().filter(|name| !name.is_empty());
        combinations.push(all.cloned().collect::<Vec<_>>().join(","));
    }
    combinations
}

/// Runs unit and integration tests. Doctests are skipped, because they need the default features.
fn test(root: &Path, package: &Package, features: &str) -> Result<()> {
    // Integration tests run the examples, which `cargo test --test` does not build.
    let status = cargo(root, "build", package, features)
        .arg("--examples")
        .status()
        .context("failed to run cargo build")?;
    ensure!(
        status.success(),
        "the examples of {} do not build with the features {features:?}",
        package.name
    );
    let mut command = cargo(root, "test", package, features);
    command.arg(if workspace::has_library(package) {
        "--lib"
    } else {
        "--bins"
    });
    let tests = |target: &&cargo_metadata::Target| {
        let enabled = target
            .required_features
            .iter()
            .all(|required| features.split(',').any(|feature| feature == required));
        target.kind.contains(&TargetKind::Test) && enabled
    };
    for target in package.targets.iter().filter(tests) {
        command.args(["--test", &target.name]);
    }
    let status = command.status().context("failed to run cargo test")?;
    ensure!(
        status.success(),
        "the tests of {} fail with the features {features:?}",
        package.name
    );
    Ok(())
}

fn cargo(root: &Path, command: &str, package: &Package, features: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(root)
        .args([command, "--quiet", "--locked", "--no-default-features"])
        .args(["--package", &package.name, "--features", features]);
    cargo
}

/// Runs the tests in `tests/provider`, which is a separate workspace because packages in this
/// workspace enable `rustls`.
fn test_provider(root: &Path) -> Result<()> {
    println!("{PROVIDER} without a provider and with ring");
    let status = Command::new(env!("CARGO"))
        .current_dir(root.join(PROVIDER))
        .args(["test", "--quiet", "--locked"])
        .status()
        .context("failed to run cargo test")?;
    ensure!(status.success(), "the tests in {PROVIDER} fail");
    Ok(())
}
