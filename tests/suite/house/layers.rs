//! Checks that the top-level modules of a crate form layers: each layer uses only lower layers.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Crate, ModulePath, Owner, Path, Sources};

mod tests;

/// Groups of a crate's top-level modules, lowest first. Modules in the same group do not use each
/// other.
pub(super) type Layers = [&'static [&'static str]];

/// A file, a line, and the problem there.
type Violation = (String, usize, String);

/// The line of the first use, by the file that contains the use and the file that is used.
type Uses<'a> = BTreeMap<(&'a str, &'a str), usize>;

/// Returns all violations in the crate with the source folder `folder`.
pub(super) fn violations(folder: &str, sources: &Sources, layers: &Layers) -> Vec<String> {
    let krate = Crate::read(sources);
    let mut found = BTreeSet::from_iter(unlisted(&krate, layers));
    let mut uses = Uses::new();
    for (from, module) in &krate.modules {
        let user = module.file.as_str();
        for path in &module.paths {
            let (messages, used) = follow(&krate, layers, from, path);
            let messages = messages.into_iter();
            found.extend(messages.map(|message| (user.to_owned(), path.line, message)));
            if let Some(used) = used.filter(|used| *used != user) {
                uses.entry((user, used)).or_insert(path.line);
            }
        }
    }
    found.extend(cycles(&uses));
    let found = found.into_iter();
    found
        .map(|(file, line, message)| format!("{folder}/{file}:{line}: {message}"))
        .collect()
}

/// Returns the problems with a path in the module `from`, and the file to which the path leads.
fn follow<'a>(
    krate: &'a Crate,
    layers: &Layers,
    from: &ModulePath,
    path: &Path,
) -> (Vec<String>, Option<&'a str>) {
    let mut messages = Vec::new();
    let is_root = krate.file(from) == krate.root;
    // The crate root may re-export a name through any path.
    if is_root && path.is_export || krate.is_imported(from, path) {
        return (messages, None);
    }
    let written = path.segments.join("::");
    let target = krate.resolve(from, &path.segments);
    if target.is_reexport {
        let path = &target.path;
        messages.push(format!(
            "`{written}` goes through a re-export: import `{path}`"
        ));
    }
    let (owner, is_name) = match target.owner {
        Owner::Name(owner) => (owner, true),
        Owner::Module(owner) => (owner, false),
        Owner::OtherCrate => return (messages, None),
        Owner::Unknown => {
            messages.push(format!("`{written}` is not found in this crate"));
            return (messages, None);
        }
    };
    if path.is_glob && !is_name {
        messages.push(format!("`{written}::*` hides which names are used"));
    }
    let file = krate.file(&owner);
    if file == krate.root {
        if is_name && !is_root {
            messages.push(format!(
                "`{written}` is in {file}, which is above all layers"
            ));
        }
        return (messages, None);
    }
    if let (Some(user), Some(used)) = (from.first(), owner.first())
        && let (Some(from), Some(to)) = (rank(layers, user), rank(layers, used))
        && user != used
        && from <= to
    {
        let relation = if from == to { "next to" } else { "above" };
        messages.push(format!(
            "layer `{user}` uses `{used}`, which is {relation} it ({file})"
        ));
    }
    (messages, Some(file))
}

fn rank(layers: &Layers, module: &str) -> Option<usize> {
    layers.iter().position(|group| group.contains(&module))
}

/// Returns the differences between the list of layers and the top-level modules.
fn unlisted(krate: &Crate, layers: &Layers) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut report = |file: &str, message| found.push((file.to_owned(), 1, message));
    let layers = layers.concat();
    // The order is reversed, because the last entry wins: the file of the module must come after
    // the files in its folder.
    let modules = krate.modules.iter().rev();
    let modules: BTreeMap<&str, &str> = modules
        .filter(|(_, module)| module.file != krate.root)
        .map(|(path, module)| (path[0].as_str(), module.file.as_str()))
        .collect();
    for (name, file) in &modules {
        if !layers.contains(name) {
            report(
                file,
                format!("`{name}` is not a layer; list it in tests/suite/house.rs"),
            );
        }
    }
    for name in layers {
        if !modules.contains_key(name) {
            report(krate.root, format!("layer `{name}` has no module"));
        }
    }
    if krate.root == "lib.rs" {
        for name in &krate.modules[&ModulePath::new()].names {
            report(
                krate.root,
                format!("`{name}` is defined here; lib.rs may only export names"),
            );
        }
    }
    found
}

/// Finds import cycles between files.
fn cycles<'a>(uses: &'a Uses) -> impl Iterator<Item = Violation> + 'a {
    uses.iter().filter_map(|(&(user, used), line)| {
        let is_cycle = reached(uses, used).contains(user);
        let message =
            format!("import cycle with {used}, which uses {user} directly or through others");
        is_cycle.then(|| (user.to_owned(), *line, message))
    })
}

/// Returns the files that a file uses, directly or through other files.
fn reached<'a>(uses: &Uses<'a>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut left = vec![from];
    while let Some(file) = left.pop() {
        for (user, used) in uses.keys() {
            if *user == file && reached.insert(*used) {
                left.push(used);
            }
        }
    }
    reached
}
