//! Calls each property with the inputs of its corpus, without a fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn entries(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).expect("a folder of entries");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn replay(name: &str, target: fn(&[u8])) {
    let inputs = entries(&format!("corpus/{name}"));
    assert!(!inputs.is_empty(), "corpus/{name} is empty");
    for input in inputs {
        // Shown only if the test fails. Then the last line names the failing input.
        println!("{}", input.display());
        target(&fs::read(input).expect("an input"));
    }
}

macro_rules! targets {
    ($($name:ident)+) => {
        const TARGETS: &[&str] = &[$(stringify!($name)),+];

        $(
            #[test]
            fn $name() {
                replay(stringify!($name), github_bypass_requests_fuzz::$name);
            }
        )+
    };
}

targets!(link wait error_body decode_page decode_item names origin gunzip webhook);

#[test]
fn each_target_has_a_program_and_a_corpus() {
    let stems = |folder| -> BTreeSet<String> {
        entries(folder)
            .iter()
            .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
            .collect()
    };
    let targets = TARGETS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(stems("fuzz_targets"), targets);
    assert_eq!(stems("corpus"), targets);
    let manifest = include_str!("../Cargo.toml");
    for target in &targets {
        let path = format!("path = \"fuzz_targets/{target}.rs\"");
        assert!(manifest.contains(&path), "{path}");
        let source = format!("github_bypass_requests_fuzz::{target}(");
        let program = fs::read_to_string(format!(
            "{}/fuzz_targets/{target}.rs",
            env!("CARGO_MANIFEST_DIR")
        ));
        assert!(program.expect("a program").contains(&source), "{target}");
    }
}
