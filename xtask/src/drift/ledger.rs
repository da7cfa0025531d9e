//! The ledger: the differences that are meant, each with its reason.
//!
//! It names every place of every difference exactly, and what both sides say there. So a difference
//! that changes is drift, and a declaration whose difference is gone is drift as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::drift::compare::{PRESENCE, Sides, Spot, sides};
use crate::drift::facts::{Facts, OPERATION, TYPE, VALUES, is_below, operation_id, sorted};

pub(crate) const LEDGER: &str = "openapi/ledger.yaml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    /// Names for lists of operations.
    #[serde(default)]
    groups: BTreeMap<String, Vec<String>>,
    differences: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    reason: String,
    /// The editions of the description that differ so; without it, all.
    editions: Option<Vec<String>>,
    aspect: String,
    upstream: Value,
    fragment: Value,
    places: Vec<Places>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    r#in: Operations,
    at: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Operations {
    Group(String),
    Listed(Vec<String>),
}

/// A difference that is meant.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub(crate) sides: Sides,
    pub(crate) reason: String,
    /// Whether other editions of the description do without it.
    of_some_editions: bool,
}

pub(crate) type Declarations = BTreeMap<Spot, Declaration>;

/// A disagreement between differences and declarations.
#[derive(Debug)]
pub(crate) struct Drift {
    pub(crate) kind: Kind,
    pub(crate) spot: Spot,
    pub(crate) sides: Sides,
    pub(crate) declared: Option<Declaration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The ledger does not have the difference.
    Undeclared,
    /// The ledger has it with other values.
    Changed,
    /// The ledger has it, and it does not exist.
    Outlived,
}

/// What the ledger of the repository at `root` declares for `edition`, if the description tells
/// which one it is.
pub(crate) fn read(
    root: &Path,
    edition: Option<&str>,
    upstream: &Facts,
    fragment: &Facts,
) -> Result<Declarations> {
    let path = root.join(LEDGER);
    let text =
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    serde_norway::from_str(&text)
        .map_err(anyhow::Error::from)
        .and_then(|ledger| declarations(ledger, edition, upstream, fragment))
        .with_context(|| format!("failed to accept {LEDGER}"))
}

fn declarations(
    ledger: Ledger,
    edition: Option<&str>,
    upstream: &Facts,
    fragment: &Facts,
) -> Result<Declarations> {
    let mut operations = BTreeMap::new();
    // The fragment's last: where the two name one operation differently, its names count.
    for (operation, places) in upstream.iter().chain(fragment) {
        operations.extend(operation_id(places).map(|id| (id, operation)));
    }
    let mut declarations = Declarations::new();
    let mut used = BTreeSet::new();
    for (number, entry) in (1..).zip(ledger.differences) {
        let in_entry = || format!("difference {number} ({})", entry.aspect);
        if entry.reason.trim().is_empty() {
            bail!("{}: the reason is empty", in_entry());
        }
        if entry.upstream == entry.fragment {
            bail!("{}: both sides are the same", in_entry());
        }
        let editions = entry.editions.as_deref().unwrap_or_default();
        if entry.editions.is_some() && editions.is_empty() || entry.places.is_empty() {
            bail!("{}: it declares nothing", in_entry());
        }
        if let Some(unknown) = editions.iter().find(|edition| !is_edition(edition)) {
            bail!("{}: `{unknown}` is no edition", in_entry());
        }
        // Read all the same: what is wrong with it must not wait for a comparison with its edition.
        let counts =
            entry.editions.is_none() || editions.iter().any(|one| Some(one.as_str()) == edition);
        let declaration = Declaration {
            sides: Sides {
                upstream: value(&entry.aspect, &entry.upstream),
                fragment: value(&entry.aspect, &entry.fragment),
            },
            reason: entry.reason.trim().to_owned(),
            of_some_editions: entry.editions.is_some(),
        };
        for places in &entry.places {
            let ids = match &places.r#in {
                Operations::Listed(ids) => ids,
                Operations::Group(name) => {
                    used.insert(name.clone());
                    ledger
                        .groups
                        .get(name)
                        .ok_or_else(|| anyhow!("{}: there is no group `{name}`", in_entry()))?
                }
            };
            if ids.is_empty() || places.at.is_empty() {
                bail!("{}: it declares nothing", in_entry());
            }
            for id in ids {
                let operation = operations.get(id.as_str()).ok_or_else(|| {
                    anyhow!("{}: neither side has an operation `{id}`", in_entry())
                })?;
                for place in &places.at {
                    let spot = Spot {
                        operation: (*operation).clone(),
                        place: place.clone(),
                        aspect: entry.aspect.clone(),
                    };
                    if counts && declarations.insert(spot, declaration.clone()).is_some() {
                        bail!(
                            "{}: `{place}` of {id} is declared a second time",
                            in_entry()
                        );
                    }
                }
            }
        }
    }
    if let Some(unused) = ledger.groups.keys().find(|name| !used.contains(*name)) {
        bail!("the group `{unused}` is used nowhere");
    }
    Ok(declarations)
}

/// As a description's address of its documentation names it.
fn is_edition(text: &str) -> bool {
    text.starts_with("enterprise-cloud@") || text.starts_with("enterprise-server@")
}

/// As the facts have it.
fn value(aspect: &str, value: &Value) -> Value {
    match value {
        Value::Array(values) if [VALUES, TYPE].contains(&aspect) => sorted(values.iter().cloned()),
        value => value.clone(),
    }
}

/// What is declared and is not so, or is so and is not declared.
pub(crate) fn judge(
    differences: &BTreeMap<Spot, Sides>,
    declarations: &Declarations,
    upstream: &Facts,
    fragment: &Facts,
) -> Vec<Drift> {
    let spots: BTreeSet<&Spot> = differences.keys().chain(declarations.keys()).collect();
    spots
        .into_iter()
        .filter_map(|spot| {
            let declared = declarations.get(spot);
            let (kind, sides) = match (differences.get(spot), declared) {
                (Some(differs), Some(declared)) if *differs == declared.sides => return None,
                (None, _) if is_absent(spot, differences, declarations) => return None,
                (Some(differs), None) => (Kind::Undeclared, differs.clone()),
                (Some(differs), Some(_)) => (Kind::Changed, differs.clone()),
                (None, _) => (Kind::Outlived, sides(upstream, fragment, spot)),
            };
            Some(Drift {
                kind,
                spot: spot.clone(),
                sides,
                declared: declared.cloned(),
            })
        })
        .collect()
}

/// Whether `spot` lies in something that one side does not have, for the time being: of that, nothing
/// can be told. What is declared to be absent for good needs no declarations for its parts.
fn is_absent(
    spot: &Spot,
    differences: &BTreeMap<Spot, Sides>,
    declarations: &Declarations,
) -> bool {
    differences.keys().any(|whole| {
        let is_part = whole.operation == spot.operation
            && (whole.place == OPERATION
                || whole.place == spot.place
                || is_below(&spot.place, &whole.place));
        let declared = declarations.get(whole);
        let for_good = declared.is_some_and(|declared| !declared.of_some_editions);
        whole.aspect == PRESENCE && is_part && !for_good
    })
}
