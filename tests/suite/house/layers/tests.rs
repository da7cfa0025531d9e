//! Tests of the layer checks with small crates.

use super::{Layers, violations};

const LAYERS: &Layers = &[&["low"], &["left", "right"], &["high"]];

const ROOT: &str = "mod low; mod left; mod right; mod high;";

/// Checks a crate with `lib.rs` and these files. Each layer without a file gets an empty file.
fn check(files: &[(&str, &str)]) -> Vec<String> {
    let empty = ["low.rs", "left.rs", "right.rs", "high.rs"].map(|file| (file, ""));
    let files = [("lib.rs", ROOT)].iter().chain(&empty).chain(files);
    let sources = files.map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
    violations("src", &sources.collect(), LAYERS)
}

#[test]
fn a_layer_may_use_the_layers_below_it() {
    let low = ("low.rs", "pub(crate) struct Low;");
    let left = (
        "left.rs",
        "use crate::low::Low; pub(crate) fn left(_: Low) {}",
    );
    let high = (
        "high.rs",
        "fn high() { crate::left::left(crate::low::Low) }",
    );
    assert!(check(&[low, left, high]).is_empty());
}

#[test]
fn a_layer_must_not_use_a_layer_above_it() {
    let high = [
        ("high.rs", "mod event;"),
        ("high/event.rs", "pub(crate) struct Event;"),
    ];
    let used = "src/low/pager.rs:2: layer `low` uses `high`, which is above it (high/event.rs)";
    for pager in [
        "\nuse crate::high::event::Event;",
        "\nuse super::super::high::event::Event;",
        "\nuse crate::{high::{event::{self, }}};",
        "\nfn f() -> crate::high::event::Event {}",
        "\nfn f() { println!(\"{}\", crate::high::event::Event); }",
        "\nmacro_rules! f { () => { $crate::high::event::Event } }",
        "\nfn f<T>() -> impl Sized + use<T> { crate::high::event::Event }",
        "\nmod nested { use super::super::super::high::event::Event as _; }",
    ] {
        let low = [("low.rs", "mod pager;"), ("low/pager.rs", pager)];
        assert_eq!(check(&[low, high].concat()), [used], "{pager}");
    }
}

#[test]
fn a_use_through_an_imported_module_is_found() {
    let high = ("high.rs", "pub(crate) struct High;");
    for low in [
        "use crate::high as top;\nfn f() -> top::High {}",
        "use crate::high::{self};\nfn f() -> high::High {}",
    ] {
        assert_eq!(
            check(&[("low.rs", low), high]),
            [
                "src/low.rs:1: layer `low` uses `high`, which is above it (high.rs)",
                "src/low.rs:2: layer `low` uses `high`, which is above it (high.rs)",
            ]
        );
    }
}

#[test]
fn layers_of_one_group_must_not_use_each_other() {
    let left = ("left.rs", "pub(crate) enum Left { One }");
    let right = ("right.rs", "\n\nuse crate::left::Left::One;");
    assert_eq!(
        check(&[left, right]),
        ["src/right.rs:3: layer `right` uses `left`, which is next to it (left.rs)"]
    );
}

#[test]
fn the_layers_must_match_the_top_level_modules() {
    let root = "mod low; mod left; mod right; mod file; mod folder { mod file; }";
    let files = [
        ("lib.rs", root),
        ("file.rs", "mod more;"),
        ("file/more.rs", ""),
        ("folder/file.rs", ""),
    ];
    assert_eq!(
        check(&files),
        [
            "src/file.rs:1: `file` is not a layer; list it in tests/suite/house.rs",
            "src/folder/file.rs:1: `folder` is not a layer; list it in tests/suite/house.rs",
            "src/lib.rs:1: layer `high` has no module",
        ]
    );
}

#[test]
fn a_layer_can_be_a_file_or_a_folder() {
    let root = "mod low { pub(crate) mod head; }\nmod left;\n#[cfg(unix)] mod right;\nmod high;";
    let files = [
        ("lib.rs", root),
        (
            "low/head.rs",
            "pub(crate) struct Head; pub(crate) fn read() {}",
        ),
        (
            "left.rs",
            "mod more; use more::quoted; use crate::low::head; fn f() { head::read() }",
        ),
        (
            "left/more/mod.rs",
            "pub(in crate::left) fn quoted() { quote!(crate::Transport) }",
        ),
        (
            "high.rs",
            "use crate::low::{self, head::{self, Head}}; fn f() { low::head::read() }",
        ),
    ];
    assert!(check(&files).is_empty());
}

#[test]
fn the_root_of_a_library_must_only_export() {
    let root = format!(
        "#![deny(a)] {ROOT} pub use low::again::Low; pub(crate) use low::again::Low as Again;
        pub struct Here;"
    );
    let low = [(
        "low.rs",
        "pub(crate) mod again { pub(crate) use super::Low; } pub struct Low;",
    )];
    assert_eq!(
        check(&[&[("lib.rs", root.as_str())], &low[..]].concat()),
        ["src/lib.rs:1: `Here` is defined here; lib.rs may only export names"]
    );
}

#[test]
fn names_must_not_be_imported_from_the_root_of_a_library() {
    let root = format!("{ROOT} pub use low::Low; pub mod doors {{ pub use crate::low::Low; }}");
    let low = [
        ("lib.rs", root.as_str()),
        ("low.rs", "pub(crate) struct Low;"),
    ];
    for (high, used) in [
        ("use crate::{\nLow,\n};", "crate::Low"),
        ("\nfn f() { crate::Low::new() }", "crate::Low::new"),
        ("\nmacro_rules! f { () => { $crate::Low } }", "crate::Low"),
        (
            "\nmacro_rules! f { () => { use $crate::Low; } }",
            "crate::Low",
        ),
        ("\nuse super::Low;", "super::Low"),
        ("\nuse crate::doors::Low;", "crate::doors::Low"),
    ] {
        let report =
            format!("src/high.rs:2: `{used}` goes through a re-export: import `crate::low::Low`");
        assert_eq!(check(&[&low, &[("high.rs", high)][..]].concat()), [report]);
    }
}

#[test]
fn names_must_not_be_imported_from_the_root_of_a_program() {
    let main = "mod low; struct Cli; const LIMIT: u8 = 4; fn main() { Cli::run(LIMIT) }
        use low::Code;";
    let low = "pub(crate) use std::process::ExitCode as Code;\nuse crate::LIMIT;";
    let sources = [("main.rs", main), ("low.rs", low)];
    let sources = sources.map(|(file, text)| (file.to_owned(), text.to_owned()));
    assert_eq!(
        violations("xtask/src", &sources.into(), &[&["low"]]),
        [
            "xtask/src/low.rs:2: `crate::LIMIT` is in main.rs, which is above all layers",
            "xtask/src/main.rs:2: `low::Code` goes through a re-export: import `std::process::ExitCode`",
        ]
    );
}

#[test]
fn a_name_must_be_imported_from_the_module_that_defines_it() {
    let low = [
        (
            "low.rs",
            "pub(crate) mod file; pub(crate) use file::Low; use http::Uri; number!(Uri);
            impl A { fn lost() { number!(Lost) } }",
        ),
        ("low/file.rs", "pub(crate) struct Low;"),
    ];
    let report =
        "src/high.rs:1: `crate::low::Low` goes through a re-export: import `crate::low::file::Low`";
    for (high, report) in [
        ("use crate::low::Low; fn f() { Low::new() }", report),
        (
            "use crate::low;\nfn f() -> low::Low {}",
            &report.replace(":1: `crate::", ":2: `"),
        ),
        (
            "use crate::low::Uri;",
            "src/high.rs:1: `crate::low::Uri` goes through a re-export: import `http::Uri`",
        ),
        (
            "use crate::low::Lost;",
            "src/high.rs:1: `crate::low::Lost` is not found in this crate",
        ),
        (
            "use crate::low::lost;",
            "src/high.rs:1: `crate::low::lost` is not found in this crate",
        ),
        (
            "use crate::low::*;",
            "src/high.rs:1: `crate::low::*` hides which names are used",
        ),
    ] {
        assert_eq!(check(&[&low, &[("high.rs", high)][..]].concat()), [report]);
    }
}

#[test]
fn names_of_every_kind_are_found() {
    let low = "
        pub struct A; pub enum B { C } pub union D {} pub trait E {} pub type F = A; pub fn g() {}
        pub const H: A = A; pub static I: A = A; pub const fn j() {} pub async fn k() {}
        macro_rules! number { ($name:ident) => { pub struct $name; }; }
        pub(crate) use number;
        number!(L);
        number! { /// Documented.
            M }
    ";
    let high = "use crate::low::{A, B::{self, C}, D, E, F, g, H, I, j, k, L, M, number};
        use crate::low::B::*; fn f() { crate::low::number!(N); B::C; }";
    assert!(check(&[("low.rs", low), ("high.rs", high)]).is_empty());
}

#[test]
fn other_crates_and_variables_are_not_modules() {
    let high = "use anyhow::anyhow; use crate::low; use ::low::Low; use serde as low2; use low2::De; use std::low as low3;
        fn f<T: Iterator>() -> impl Sized + use<T> { anyhow::Error::new(::low::f()); T::Item }
        macro_rules! f { ($low:ident) => { $low::new() } }
        #[derive(serde::Serialize)] struct A; fn g() { A::new(); <A as B>::low::<low2::D>() }";
    assert!(check(&[("high.rs", high)]).is_empty());
}

#[test]
fn a_file_of_another_crate_is_not_read() {
    let high = "#[path = \"../../other/src/args.rs\"] mod args; fn f() { args::f(args::Args); }";
    assert!(check(&[("high.rs", high)]).is_empty());
    let high = [high, "\nfn g() -> crate::low::Low {}"].concat();
    let found = "src/high.rs:2: `crate::low::Low` is not found in this crate";
    assert_eq!(check(&[("high.rs", &high)]), [found]);
}

#[test]
fn tests_may_use_any_module() {
    let low = [
        (
            "low.rs",
            "
            #[cfg(test)] use crate::{high::High, Low};
            #[cfg(test)] mod tests;
            #[cfg(test)] #[allow(missing_docs)] mod more { use super::*; use crate::high::High; }
            pub struct Low;
            impl Low { #[cfg(test)] fn high() -> crate::high::High { crate::high::High } }
            #[cfg(all(test, unix))] fn f<A, B>() where A: B, B: A { crate::high::f() }
        ",
        ),
        (
            "low/tests.rs",
            "use super::*; use crate::high::High; mod missing;",
        ),
    ];
    assert!(check(&[&low, &[("high.rs", "pub struct High;")][..]].concat()).is_empty());
}

#[test]
fn only_tests_are_exempt() {
    let report = "src/low.rs:2: layer `low` uses `high`, which is above it (high.rs)";
    for low in [
        "struct A { #[cfg(test)] b: u8 }\nfn f() { crate::high::High }",
        "#[cfg(test)] mod tests {}\nuse crate::high::High;",
        "#[cfg(test)] use std::{fmt};\nfn f() { crate::high::High }",
        "#[cfg(test)] const A: [u8; 1] = [1];\n#[cfg(unix)] fn f() { crate::high::High }",
        "\n#[cfg(any(test, fuzzing))] use crate::high::High;",
        "\n#[cfg(not(test))] use crate::high::High;",
        "impl A { #[cfg(test)] fn f() {}\nfn g() { crate::high::High } }",
    ] {
        assert_eq!(
            check(&[("low.rs", low), ("high.rs", "pub struct High;")]),
            [report],
            "{low}"
        );
    }
}

#[test]
fn files_must_not_form_an_import_cycle() {
    let low = [
        ("low.rs", "mod a; mod b; mod c; mod d; use {a::A, d::D};"),
        ("low/a.rs", "use super::{b::B,}; pub struct A;"),
        ("low/b.rs", "\nuse super::c::C; pub struct B;"),
        (
            "low/c.rs",
            "\n\nuse super::{a::A, d::D}; pub struct C;\nuse super::a;",
        ),
        ("low/d.rs", "pub struct D;"),
    ];
    assert_eq!(
        check(&low),
        [
            "src/low/a.rs:1: import cycle with low/b.rs, which uses low/a.rs directly or through others",
            "src/low/b.rs:2: import cycle with low/c.rs, which uses low/b.rs directly or through others",
            "src/low/c.rs:3: import cycle with low/a.rs, which uses low/c.rs directly or through others",
        ]
    );
}

#[test]
fn a_module_and_its_submodule_can_form_an_import_cycle() {
    let low = [
        (
            "low.rs",
            "mod a; pub(crate) use self::a::A; pub(crate) fn help() {}",
        ),
        ("low/a.rs", "\nuse super::help; pub struct A;"),
    ];
    assert_eq!(
        check(&low),
        [
            "src/low.rs:1: import cycle with low/a.rs, which uses low.rs directly or through others",
            "src/low/a.rs:2: import cycle with low.rs, which uses low/a.rs directly or through others",
        ]
    );
}

#[test]
fn all_violations_are_reported() {
    let low = "use crate::high::High;\nuse crate::high::High as Again; pub struct Low;";
    let high = "use crate::low::Low; pub struct High;\nuse crate::Lost;";
    assert_eq!(
        check(&[("low.rs", low), ("high.rs", high)]),
        [
            "src/high.rs:1: import cycle with low.rs, which uses high.rs directly or through others",
            "src/high.rs:2: `crate::Lost` is not found in this crate",
            "src/low.rs:1: import cycle with high.rs, which uses low.rs directly or through others",
            "src/low.rs:1: layer `low` uses `high`, which is above it (high.rs)",
            "src/low.rs:2: layer `low` uses `high`, which is above it (high.rs)",
        ]
    );
}
