//! Reads the sources of a crate: its modules, and the names and paths in each module.
//!
//! Reads tokens instead of a syntax tree, because paths in macros also count. Skips items with
//! `#[cfg(test)]`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The text of each file, by its path below `src`.
pub(super) type Sources = BTreeMap<String, String>;

/// The path of a module, without the leading `crate`. The path of the crate root is empty.
pub(super) type ModulePath = Vec<String>;

pub(super) struct Crate<'a> {
    sources: &'a Sources,
    /// `lib.rs`, or `main.rs` if the crate has no library.
    pub(super) root: &'static str,
    pub(super) modules: BTreeMap<ModulePath, Module>,
}

#[derive(Default)]
pub(super) struct Module {
    pub(super) file: String,
    /// The names that the module defines.
    pub(super) names: BTreeSet<String>,
    /// The names that the module imports, with their paths.
    imports: BTreeMap<String, Vec<String>>,
    pub(super) paths: Vec<Path>,
}

/// A path as written in code or in `use`.
#[derive(Clone, Default)]
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
    pub(super) is_glob: bool,
    pub(super) is_export: bool,
    is_use: bool,
    alias: Option<String>,
}

/// The target of a path.
pub(super) struct Target {
    pub(super) owner: Owner,
    /// The path from which to import the target.
    pub(super) path: String,
    pub(super) is_reexport: bool,
}

pub(super) enum Owner {
    /// The path leads to this module.
    Module(ModulePath),
    /// The path leads to a name that this module defines.
    Name(ModulePath),
    OtherCrate,
    Unknown,
}

impl<'a> Crate<'a> {
    pub(super) fn read(sources: &'a Sources) -> Self {
        let is_library = sources.contains_key("lib.rs");
        let mut this = Self {
            sources,
            root: if is_library { "lib.rs" } else { "main.rs" },
            modules: BTreeMap::new(),
        };
        this.read_file(Vec::new(), this.root);
        this
    }

    fn read_file(&mut self, path: ModulePath, file: &str) {
        let text = self.sources.get(file).expect(file);
        let mut tokens = Vec::new();
        flatten(text.parse().expect(file), &mut tokens);
        let tokens = tokens.iter().map(|(word, line)| (word.as_str(), *line));
        let (words, lines): (Vec<_>, Vec<_>) = tokens.unzip();
        self.read_module(path, file, &words, &lines);
    }

    fn read_module(&mut self, path: ModulePath, file: &str, words: &[&str], lines: &[usize]) {
        let mut module = Module {
            file: file.to_owned(),
            ..Module::default()
        };
        let mut names_in_macros = BTreeSet::new();
        // The number of brackets around the token.
        let mut depth = 0;
        let mut at = 0;
        while at < words.len() {
            let (rest, lines) = (&words[at..], &lines[at..]);
            at += match rest {
                ["#", "[", "cfg", "(", "test", ")", "]", ..]
                | ["#", "[", "cfg", "(", "all", "(", "test", ..] => length(rest, &[";", "}"]),
                // A file of another crate.
                ["#", "[", "path", "=", ..] => length(rest, &[";"]),
                // Quoted code belongs to another crate.
                ["quote", "!", ..] => length(rest, &[")", "]", "}"]),
                // A path in a visibility is not a use.
                ["pub", "(", "in", ..] => length(rest, &[")"]),
                ["mod", name, ";", ..] => {
                    let path = join(&path, name);
                    let files = [".rs", "/mod.rs"].map(|end| path.join("/") + end);
                    let file = files.iter().find(|file| self.sources.contains_key(*file));
                    self.read_file(path, file.expect(name));
                    3
                }
                ["mod", name, "{", ..] => {
                    let length = length(rest, &["}"]);
                    let body = 3..length - 1;
                    self.read_module(join(&path, name), file, &rest[body.clone()], &lines[body]);
                    length
                }
                // In a type, `use<…>` lists generic parameters and imports nothing.
                ["use", "<", ..] => 1,
                ["use", ..] => {
                    let start = Path {
                        is_use: true,
                        is_export: at > 0 && ["pub", ")"].contains(&words[at - 1]),
                        ..Path::default()
                    };
                    1 + read_use(&rest[1..], &lines[1..], start, &mut module.paths)
                }
                // Skips a macro variable, or a path that starts in another crate or in a type.
                ["$" | "::", name, ..] if is_name(name) && *name != "crate" => {
                    1 + path_length(&rest[1..])
                }
                [name, "::", ..] if is_name(name) => {
                    let path = &rest[..path_length(rest)];
                    read_use(path, lines, Path::default(), &mut module.paths)
                }
                ["macro_rules", "!", name, ..]
                | ["struct" | "enum" | "union" | "trait" | "type", name, ..]
                | ["fn" | "const" | "static", name, ..]
                    if depth == 0 =>
                {
                    module.names.insert((*name).to_owned());
                    1
                }
                // A macro may define any of the names in its arguments.
                [name, "!", "(" | "[" | "{", ..] if depth == 0 && is_name(name) => {
                    let arguments = &rest[2..length(rest, &[")", "]", "}"])];
                    names_in_macros.extend(arguments.iter().map(|word| (*word).to_owned()));
                    2
                }
                _ => {
                    depth += nesting(words[at]);
                    1
                }
            };
        }
        for path in module.paths.iter().filter(|path| path.is_use) {
            let name = path
                .alias
                .as_ref()
                .unwrap_or(&path.segments[path.segments.len() - 1]);
            // After `use anyhow::anyhow`, the path `anyhow::Error` still starts with the crate.
            if *name != path.segments[0] {
                module.imports.insert(name.clone(), path.segments.clone());
            }
        }
        names_in_macros.retain(|name| !module.imports.contains_key(name));
        module.names.extend(names_in_macros);
        self.modules.insert(path, module);
    }

    pub(super) fn file(&self, module: &ModulePath) -> &str {
        &self.modules[module].file
    }

    /// Returns true if the path starts with an imported name. In this case, the import is checked
    /// instead.
    pub(super) fn is_imported(&self, from: &ModulePath, path: &Path) -> bool {
        let import = self.modules[from].imports.get(&path.segments[0]);
        import.is_some_and(|import| matches!(self.resolve(from, import).owner, Owner::Name(_)))
    }

    /// Resolves a path that is written in the module `from`.
    pub(super) fn resolve(&self, from: &[String], segments: &[String]) -> Target {
        let target = |owner, path| Target {
            owner,
            path,
            is_reexport: false,
        };
        let in_crate = |path: &[String]| format!("crate::{}", path.join("::"));
        let mut at = from.to_vec();
        for (index, segment) in segments.iter().enumerate() {
            let module = &self.modules[&at];
            let next = join(&at, segment);
            match segment.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => drop(at.pop()),
                _ if self.modules.contains_key(&next) => at = next,
                _ if module.names.contains(segment) => {
                    return target(Owner::Name(at), in_crate(&next));
                }
                _ => match module.imports.get(segment) {
                    Some(import) => {
                        let path = [import, &segments[index + 1..]].concat();
                        let mut target = self.resolve(&at, &path);
                        target.is_reexport |= at != from;
                        return target;
                    }
                    None if index == 0 => return target(Owner::OtherCrate, segments.join("::")),
                    None => return target(Owner::Unknown, segments.join("::")),
                },
            }
        }
        let path = in_crate(&at);
        target(Owner::Module(at), path)
    }
}

fn join(module: &[String], name: &str) -> ModulePath {
    let mut path = module.to_vec();
    path.push(name.to_owned());
    path
}

/// Lists all tokens with their lines. Brackets and `::` are tokens, and literals become `""`.
fn flatten(tokens: TokenStream, found: &mut Vec<(String, usize)>) {
    for token in tokens {
        let line = token.span().start().line;
        let mut push = |word: &str| found.push((word.to_owned(), line));
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis | Delimiter::None => ("(", ")"),
                };
                push(open);
                flatten(group.stream(), found);
                found.push((close.to_owned(), line));
            }
            TokenTree::Ident(name) => push(&name.to_string()),
            TokenTree::Literal(_) => push("\"\""),
            TokenTree::Punct(mark) => match found.last_mut() {
                Some((word, _)) if word == ":" && mark.as_char() == ':' => word.push(':'),
                _ => found.push((mark.to_string(), line)),
            },
        }
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first == '_' || first.is_alphabetic())
}

/// Returns the change in nesting depth that a token causes.
fn nesting(word: &str) -> i32 {
    match word {
        "(" | "[" | "{" => 1,
        ")" | "]" | "}" => -1,
        _ => 0,
    }
}

/// Returns the number of tokens up to and including the first of `ends` that is outside all
/// brackets.
fn length(words: &[&str], ends: &[&str]) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        depth += nesting(word);
        if depth < 0 {
            return at;
        }
        if depth == 0 && ends.contains(word) {
            return at + 1;
        }
    }
    words.len()
}

/// Returns the number of tokens in the path at the start of `words`.
fn path_length(words: &[&str]) -> usize {
    let is_more = |more: &&[&str]| matches!(more, ["::", name] if is_name(name));
    1 + 2 * words[1..].chunks(2).take_while(is_more).count()
}

/// Reads the paths after `use`, or a path in code. Returns the number of tokens that were read.
fn read_use(words: &[&str], lines: &[usize], mut path: Path, found: &mut Vec<Path>) -> usize {
    let mut at = 0;
    while at < words.len() && ![",", "}", ";"].contains(&words[at]) {
        match words[at] {
            "{" => {
                while words[at] != "}" {
                    at += 1;
                    at += read_use(&words[at..], &lines[at..], path.clone(), found);
                }
                return at + 1;
            }
            "as" => {
                at += 1;
                path.alias = Some(words[at].to_owned());
            }
            "*" => path.is_glob = true,
            "$" => {}
            // In `use module::{self, Name}`, `self` adds no segment.
            "self" | "::" if !path.segments.is_empty() => {}
            word => {
                path.segments.push(word.to_owned());
                path.line = lines[at];
            }
        }
        at += 1;
    }
    // There is no path after a trailing comma in braces.
    if at > 0 {
        found.push(path);
    }
    at
}
