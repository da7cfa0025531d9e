//! Runs `cargo xtask generate`, and checks its files, output and exit code.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const FRAGMENT: &str = "openapi/bypass-requests.yaml";
const GENERATED: &str = "crates/github-bypass-requests-api/src/generated";

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .output()
        .expect("xtask runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Creates a repository that contains only the fragment.
fn repository() -> TempDir {
    let root = TempDir::new().expect("a folder");
    let fragment = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(FRAGMENT);
    fs::create_dir(root.path().join("openapi")).expect("a folder");
    fs::copy(fragment, root.path().join(FRAGMENT)).expect("a copy");
    root
}

fn generate(root: &TempDir, more: &[&str]) -> Output {
    let root = root.path().to_str().expect("a path");
    xtask(&[&["generate", "--root", root], more].concat())
}

#[test]
fn the_checked_in_files_are_up_to_date() {
    let output = xtask(&["generate", "--check"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}

#[test]
fn outdated_files_exit_with_4_and_name_the_command() {
    let root = repository();
    let output = generate(&root, &["--check"]);
    assert_eq!(code(&output), 4);
    assert_eq!(
        stderr(&output),
        format!(
            "out of date: {GENERATED}/client.rs\nout of date: {GENERATED}/operations.rs\n\
             out of date: {GENERATED}/webhooks.rs\nrun `cargo xtask generate`\n"
        )
    );
    assert!(
        !root.path().join("crates").exists(),
        "a check writes nothing"
    );
}

#[test]
fn only_outdated_files_are_written_and_superfluous_files_are_removed() {
    let root = repository();
    assert_eq!(code(&generate(&root, &[])), 0);
    let directory = root.path().join(GENERATED);
    let client = directory.join("client.rs");
    let written = |path: &Path| {
        fs::metadata(path)
            .and_then(|data| data.modified())
            .expect("a time")
    };
    let before = written(&client);
    fs::write(directory.join("operations.rs"), "edited").expect("written");
    fs::write(directory.join("old.rs"), "left over").expect("written");
    assert_eq!(code(&generate(&root, &["--check"])), 4);

    let output = generate(&root, &[]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        format!("removed {GENERATED}/old.rs\nwrote {GENERATED}/operations.rs\n")
    );
    assert_eq!(written(&client), before);
    assert_eq!(code(&generate(&root, &["--check"])), 0);
    assert!(
        generate(&root, &[]).stdout.is_empty(),
        "all files are up to date"
    );
}

#[test]
fn an_invalid_fragment_is_an_error_and_changes_nothing() {
    let root = repository();
    assert_eq!(code(&generate(&root, &[])), 0);
    let fragment = root.path().join(FRAGMENT);
    let text = fs::read_to_string(&fragment).expect("the fragment");
    let required = "in: path\n      required: ";
    let broken = text.replacen(&format!("{required}true"), &format!("{required}false"), 1);
    fs::write(&fragment, broken).expect("written");
    let client = root.path().join(GENERATED).join("client.rs");
    let before = fs::read(&client).expect("generated");
    for more in [&[][..], &["--check"]] {
        let output = generate(&root, more);
        assert_eq!(code(&output), 1);
        let error = stderr(&output);
        assert!(
            error.starts_with("error: openapi/bypass-requests.yaml is invalid: "),
            "{error}"
        );
        assert!(
            error.contains("parameter `enterprise` is in the path and must be `required: true`"),
            "{error}"
        );
    }
    assert_eq!(fs::read(&client).expect("generated"), before);

    fs::remove_file(&fragment).expect("removed");
    assert_eq!(code(&generate(&root, &[])), 1);
}

#[test]
fn without_arguments_it_prints_help() {
    let output = xtask(&[]);
    assert_eq!(code(&output), 0);
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(
        help.contains("generate")
            && help.contains("0 success, 4 a check failed, 1 any other error"),
        "{help}"
    );
    assert_eq!(code(&xtask(&["unknown"])), 1);
}
