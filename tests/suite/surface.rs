//! The public API of the generated client. If it changes, the test fails until the new snapshot is
//! accepted.

use std::fmt::Write;

use quote::ToTokens;
use syn::{Attribute, Fields, FnArg, ImplItem, Item, ReturnType, Visibility};

#[test]
fn the_generated_surface_changes_only_with_a_reviewed_snapshot() {
    let source = include_str!("../../crates/github-bypass-requests-api/src/generated/client.rs");
    let file = syn::parse_file(source).expect("generated code parses");
    let mut surface = String::new();
    show(&file.items, &mut surface);
    insta::assert_snapshot!(surface);
}

#[test]
fn the_generated_webhooks_change_only_with_a_reviewed_snapshot() {
    let source = include_str!("../../crates/github-bypass-requests-api/src/generated/webhooks.rs");
    let file = syn::parse_file(source).expect("generated code parses");
    let mut surface = String::new();
    show(&file.items, &mut surface);
    insta::assert_snapshot!(surface);
}

#[test]
fn the_generated_code_has_at_most_1400_lines() {
    let lines = include_str!("../../crates/github-bypass-requests-api/src/generated/client.rs")
        .lines()
        .count()
        + include_str!("../../crates/github-bypass-requests-api/src/generated/operations.rs")
            .lines()
            .count();
    assert!(lines <= 1400, "{lines} generated lines");
}

fn show(items: &[Item], surface: &mut String) {
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    show(items, surface);
                }
            }
            Item::Struct(item) => {
                let name = &item.ident;
                match &item.fields {
                    Fields::Named(fields) => {
                        writeln!(surface, "struct {name}").expect("a string");
                        for field in &fields.named {
                            let ident = field.ident.as_ref().expect("named");
                            writeln!(surface, "    {ident}: {}", short(&field.ty))
                                .expect("a string");
                        }
                    }
                    fields => {
                        writeln!(surface, "struct {name}{}", short(fields)).expect("a string")
                    }
                }
            }
            Item::Enum(item) => {
                let values: Vec<String> = item
                    .variants
                    .iter()
                    .map(|variant| {
                        renamed(&variant.attrs).unwrap_or_else(|| variant.ident.to_string())
                    })
                    .collect();
                writeln!(surface, "enum {}: {}", item.ident, values.join(" ")).expect("a string");
            }
            Item::Impl(item) if item.trait_.is_none() && short(&item.self_ty) == "Client" => {
                for item in &item.items {
                    if let ImplItem::Fn(method) = item
                        && matches!(method.vis, Visibility::Public(_))
                    {
                        writeln!(surface, "fn {}", method.sig.ident).expect("a string");
                        for argument in &method.sig.inputs {
                            if let FnArg::Typed(argument) = argument {
                                writeln!(surface, "    {}", short(argument)).expect("a string");
                            }
                        }
                        if let ReturnType::Type(_, output) = &method.sig.output {
                            writeln!(surface, "    -> {}", short(output)).expect("a string");
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// Returns the name in `#[serde(rename = "…")]`.
fn renamed(attributes: &[Attribute]) -> Option<String> {
    let serde = attributes
        .iter()
        .find(|attribute| attribute.path().is_ident("serde"))?;
    let text = serde.meta.to_token_stream().to_string();
    let (_, value) = text.split_once("rename = \"")?;
    Some(value.split_once('"')?.0.to_owned())
}

/// Returns the tokens without spaces, lifetimes or module paths.
fn short(tokens: &impl ToTokens) -> String {
    let text = tokens
        .to_token_stream()
        .to_string()
        .replace("& 'a ", "& ")
        .replace("(::", "( ::");
    let mut short = String::new();
    for word in text.split(' ') {
        if word == "::" {
            // Drop the path segment before `::`.
            while short.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                short.pop();
            }
        } else {
            short.push_str(word);
            if matches!(word, "," | ":") {
                short.push(' ');
            }
        }
    }
    short.trim_end().replace(", >", ">").to_owned()
}
