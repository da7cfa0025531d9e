//! Rules of the repository that only these tests check.

mod layers;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::layers::{Layers, violations};
use self::source::Sources;
use crate::fragment::operations;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a workspace")
        .to_path_buf()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

fn manifest(path: &str) -> toml::Table {
    read(&format!("{path}/Cargo.toml")).parse().expect(path)
}

/// Returns the names of the dependencies in these tables of a package's manifest.
fn dependencies(path: &str, tables: &[&str]) -> BTreeSet<String> {
    let manifest = manifest(path);
    let tables = tables
        .iter()
        .filter_map(|table| manifest.get(*table)?.as_table());
    tables.flat_map(toml::Table::keys).cloned().collect()
}

/// The front page on docs.rs omits the parts that concern only the repository.
#[test]
fn the_readme_of_the_crate_is_that_of_the_repository_without_its_own_parts() {
    let readme = read("README.md");
    let mut parts = readme.split("<!-- repository -->\n");
    let mut expected = parts.next().expect("the start").to_owned();
    for part in parts {
        let (own, rest) = part
            .split_once("<!-- /repository -->\n")
            .expect("the end of the part");
        assert!(own.contains("cargo "), "{own}");
        expected.push_str(rest);
    }
    let of_crate = read("crates/github-bypass-requests/README.md");
    assert_eq!(
        of_crate, expected,
        "copy README.md without its marked parts"
    );
    for word in ["cargo xtask", "--workspace", "openapi/", "CONTRIBUTING"] {
        assert!(!of_crate.contains(word), "{word}");
    }
}

/// The README is compiled without the feature `webhooks`. The documentation of the module is
/// compiled with this feature.
#[test]
fn the_bot_in_the_readme_is_the_one_that_is_compiled() {
    let block = |text: &str, start: &str| {
        let (_, block) = text.split_once(start).expect(start);
        block.split("```").next().map(str::to_owned)
    };
    let module = read("crates/github-bypass-requests/src/webhook/mod.rs");
    let lines = module.lines().filter_map(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let documentation = lines.flat_map(|line| [line, "\n"]).collect::<String>();
    let compiled = block(&documentation, "```no_run\n");
    assert_eq!(block(&read("README.md"), "```rust,ignore\n"), compiled);
}

/// The line in the README is wrong once there is a release. A release has a dated section in the
/// changelog.
#[test]
fn the_readme_says_how_to_add_the_crates_before_the_first_release() {
    let is_released = read("CHANGELOG.md").contains("\n## [0.");
    let has_line = read("README.md").contains("\nUntil the first release, ");
    assert_eq!(has_line, !is_released);
}

#[test]
fn the_gate_runs_the_test_command_of_the_readme() {
    let readme = read("README.md");
    let commands: Vec<&str> = readme
        .split("```console\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .map(str::trim)
        .collect();
    let test = commands
        .iter()
        .find(|command| command.starts_with("cargo test "))
        .expect("a test command");
    assert!(read(".ci/run").lines().any(|line| line == *test), "{test}");
    assert!(read(".github/workflows/ci.yml").contains("bash .ci/run"));
}

#[test]
fn the_readme_lists_each_operation_and_its_permission() {
    let readme = read("README.md");
    let operations = operations();
    assert!(!operations.is_empty());
    for operation in operations {
        let access = operation.fields["x-required-access"]
            .as_str()
            .expect("x-required-access");
        let row = format!("| `{} {}` | {access} |\n", operation.method, operation.path);
        assert!(
            readme.contains(&row),
            "the table of operations in README.md lacks this row: {row}"
        );
    }
}

#[test]
fn the_crates_have_the_same_version() {
    let workspace = manifest(".");
    let version = workspace["workspace"]["package"]["version"]
        .as_str()
        .expect("version");
    let dependencies = workspace["workspace"]["dependencies"]
        .as_table()
        .expect("dependencies");
    let own: Vec<&toml::Value> = dependencies
        .iter()
        .filter(|(name, _)| name.starts_with("github-bypass-requests"))
        .map(|(_, dependency)| &dependency["version"])
        .collect();
    assert_eq!(own.len(), 3);
    for pinned in own {
        assert_eq!(pinned.as_str(), Some(format!("={version}").as_str()));
    }
    let crates: Vec<_> = fs::read_dir(root().join("crates"))
        .expect("the crates")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(crates.len(), 4, "{crates:?}");
    for name in crates {
        let manifest = manifest(&format!("crates/{}", name.display()));
        let version = &manifest["package"]["version"];
        assert_eq!(version["workspace"].as_bool(), Some(true), "{name:?}");
    }
}

#[test]
fn the_crates_depend_on_each_other_in_one_direction() {
    let is_own = |name: &String| {
        name.starts_with("github-bypass-requests")
            || ["gh-bypass", "xtask"].contains(&name.as_str())
    };
    let own = |path: &str, tables: &[&str]| -> BTreeSet<String> {
        dependencies(path, tables)
            .into_iter()
            .filter(is_own)
            .collect()
    };
    let all = ["dependencies", "dev-dependencies", "build-dependencies"];
    let set = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(own("xtask", &all), set(&[]));
    assert_eq!(
        own(
            "crates/github-bypass-requests-api",
            &["dependencies", "build-dependencies"]
        ),
        set(&[])
    );
    assert_eq!(own("crates/github-bypass-requests-fake", &all), set(&[]));
    let client = "crates/github-bypass-requests";
    assert_eq!(
        own(client, &["dependencies", "build-dependencies"]),
        set(&["github-bypass-requests-api"])
    );
    assert_eq!(
        own(client, &["dev-dependencies"]),
        set(&["github-bypass-requests-fake"])
    );
    // The command line uses only what every program can use: not the generated client.
    assert_eq!(
        own("crates/gh-bypass", &all),
        set(&["github-bypass-requests", "github-bypass-requests-fake"])
    );
    assert!(!own("tests", &all).contains("gh-bypass"));
}

/// Counts the crates that every user compiles, except build dependencies.
#[test]
fn there_are_at_most_100_dependencies() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "github-bypass-requests"])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo");
    let printed = String::from_utf8_lossy(&tree.stdout);
    // `(*)` marks a package that `cargo tree` has already listed.
    let packages = printed.lines().map(|line| line.trim_end_matches(" (*)"));
    let crates: BTreeSet<&str> = packages.filter(|package| !package.is_empty()).collect();
    assert!(
        crates.len() > 1,
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    assert!(crates.len() <= 100, "{} crates: {crates:#?}", crates.len());
}

/// Returns the crates that are compiled for the client with these features, including build
/// dependencies.
fn crates_with(features: &[&str]) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "github-bypass-requests"])
        .args(features)
        .args([
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(root())
        .output()
        .expect("cargo");
    let printed = String::from_utf8_lossy(&tree.stdout);
    let packages = printed.lines().filter_map(|line| line.split(' ').next());
    let crates: BTreeSet<String> = packages.map(str::to_owned).collect();
    assert!(
        crates.len() > 1,
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    crates
}

#[test]
fn f108_without_a_provider_aws_lc_is_not_built() {
    let crates = crates_with(&["--no-default-features", "--features", "rustls-no-provider"]);
    assert!(crates.contains("rustls"), "{crates:?}");
    assert!(
        !crates.iter().any(|name| name.starts_with("aws-lc")),
        "{crates:?}"
    );
}

#[test]
fn the_client_builds_no_crate_of_the_command_line() {
    let names = |path| dependencies(path, &["dependencies"]);
    let command_line = names("crates/gh-bypass");
    let mut only_there: BTreeSet<_> = command_line
        .difference(&names("crates/github-bypass-requests"))
        .cloned()
        .collect();
    only_there.remove("github-bypass-requests");
    // hyper-util depends on it as well.
    only_there.remove("base64");
    assert!(only_there.contains("clap"), "{only_there:?}");
    let client = crates_with(&["--all-features"]);
    let built: Vec<_> = client.intersection(&only_there).collect();
    assert!(built.is_empty(), "{built:?}");
}

#[test]
fn webhooks_add_one_crate_and_no_c() {
    let without = crates_with(&["--no-default-features"]);
    let with = crates_with(&["--no-default-features", "--features", "webhooks"]);
    let added: Vec<_> = with.difference(&without).collect();
    assert_eq!(added, ["hmac-sha256"]);
    let compiles_c =
        |name: &&String| name.ends_with("-sys") || ["cc", "cmake", "ring"].contains(&name.as_str());
    let c: Vec<_> = with.iter().filter(compiles_c).collect();
    assert!(c.is_empty(), "{c:?}");
}

#[test]
fn the_top_level_has_only_known_entries() {
    let allowed = [
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "SECURITY.md",
        "crates",
        "deny.toml",
        "openapi",
        "target",
        "tests",
        "xtask",
    ];
    for entry in fs::read_dir(root()).expect("the workspace") {
        let name = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned();
        assert!(
            name.starts_with('.') || allowed.contains(&name.as_str()),
            "{name}"
        );
    }
}

const COMMAND_LINE: &str = "crates/gh-bypass/src";
pub(crate) const CLIENT: &str = "crates/github-bypass-requests/src";
const FAKE: &str = "crates/github-bypass-requests-fake/src";
const XTASK: &str = "xtask/src";

/// The layers of the client, lowest first.
const CLIENT_LAYERS: &Layers = &[
    &["response"],
    &["error"],
    &["model", "transport"],
    &["auth"],
    &["client"],
    &["call", "scope", "builder"],
    &["list", "review", "webhook"],
    &["watch"],
    &["queue"],
    // This module exists only with `--cfg fuzzing`.
    &["fuzzing"],
];
const FAKE_LAYERS: &Layers = &[
    &["clock", "fingerprint"],
    &["world"],
    &[
        "access",
        "delivery",
        "demo",
        "event_names",
        "fault",
        "hook",
        "received",
    ],
    &["service"],
    &["fake"],
];
const COMMAND_LINE_LAYERS: &Layers = &[
    &["args", "failure"],
    &["terminal"],
    &["github"],
    &["output"],
    &["write"],
    &["command"],
];
const XTASK_LAYERS: &Layers = &[&["exit"], &["fragment"], &["generate", "drift", "release"]];

#[test]
fn the_client_is_built_in_layers() {
    assert_layers(CLIENT, CLIENT_LAYERS);
}

#[test]
fn the_fake_is_built_in_layers() {
    assert_layers(FAKE, FAKE_LAYERS);
}

#[test]
fn the_command_line_is_built_in_layers() {
    assert_layers(COMMAND_LINE, COMMAND_LINE_LAYERS);
}

/// The commands are in one layer, so the check of layers does not separate them.
#[test]
fn the_commands_of_the_command_line_do_not_use_each_other() {
    let files = sources(&format!("{COMMAND_LINE}/command"));
    let command_of = |file: &str| file.split(['/', '.']).next().map(str::to_owned);
    let commands: BTreeSet<String> = files.keys().filter_map(|file| command_of(file)).collect();
    assert!(commands.contains("list"), "{commands:?}");
    for (file, text) in &files {
        let own = command_of(file);
        for other in commands.iter().filter(|name| Some(*name) != own.as_ref()) {
            let path = format!("crate::command::{other}::");
            assert!(!text.contains(&path), "{file} uses {path}");
        }
    }
}

#[test]
fn xtask_is_built_in_layers() {
    assert_layers(XTASK, XTASK_LAYERS);
}

fn assert_layers(folder: &str, layers: &Layers) {
    let violations = violations(folder, &sources(folder), layers);
    assert!(
        violations.is_empty(),
        "{} violations:\n{}",
        violations.len(),
        violations.join("\n")
    );
}

/// Returns the text of each Rust file in a folder, by its path in that folder.
pub(crate) fn sources(folder: &str) -> Sources {
    let start = root().join(folder);
    let mut sources = Sources::new();
    let mut folders = vec![start.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&start).expect("a path below `src`");
                let name = name.to_string_lossy().replace('\\', "/");
                sources.insert(name, fs::read_to_string(&path).expect("a source"));
            }
        }
    }
    sources
}

#[test]
fn the_client_has_at_most_20_entries_at_the_top_level() {
    let entries = fs::read_dir(root().join(CLIENT)).expect("the sources");
    let count = entries.count();
    assert!(count <= 20, "{count} entries in {CLIENT}");
}
