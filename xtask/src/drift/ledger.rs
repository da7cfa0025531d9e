//! The ledger: the intended differences, each with its reason.
//!
//! It lists every place of every difference, and the values on both sides. Therefore, a declared
//! difference whose values have changed is drift. A declaration of a difference that does not exist
//! is drift as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::drift::compare::{PRESENCE, Sides, Spot, sides};
use crate::drift::facts::{Facts, OPERATION, TYPE, VALUES, is_below, operation_id, sorted};

pub(crate) const LEDGER: &str = "openapi/ledger.yaml";
const EMPTY: &str = "`editions`, `places`, `in` and `at` must not be empty";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    /// Named lists of operations.
    #[serde(default)]
    groups: BTreeMap<String, Vec<String>>,
    differences: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    reason: String,
    /// The editions of the description that have this difference. The default is all editions.
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

/// An intended difference.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub(crate) sides: Sides,
    pub(crate) reason: String,
    /// True if only some editions of the description have this difference.
    of_some_editions: bool,
}

pub(crate) type Declarations = BTreeMap<Spot, Declaration>;

/// An undeclared or changed difference, or a declaration of a difference that does not exist.
#[derive(Debug)]
pub(crate) struct Drift {
    pub(crate) kind: Kind,
    pub(crate) spot: Spot,
    pub(crate) sides: Sides,
    pub(crate) declared: Option<Declaration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The ledger does not declare the difference.
    Undeclared,
    /// The ledger declares the difference with other values.
    Changed,
    /// The ledger declares a difference that does not exist.
    Obsolete,
}

/// Reads the ledger of the repository at `root`.
///
/// Returns the declarations that name no editions and, if the edition of the description is known,
/// the declarations that name it.
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
        .with_context(|| format!("{LEDGER} is invalid"))
}

fn declarations(
    ledger: Ledger,
    edition: Option<&str>,
    upstream: &Facts,
    fragment: &Facts,
) -> Result<Declarations> {
    let mut operations = BTreeMap::new();
    // The fragment comes last, so that its operation wins if both sides use the same id for
    // different operations.
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
            bail!("{}: {EMPTY}", in_entry());
        }
        if let Some(unknown) = editions.iter().find(|edition| !is_edition(edition)) {
            bail!("{}: `{unknown}` is not an edition", in_entry());
        }
        // Entries for other editions are validated as well, so that every run finds their mistakes.
        let applies =
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
                bail!("{}: {EMPTY}", in_entry());
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
                    if applies && declarations.insert(spot, declaration.clone()).is_some() {
                        bail!("{}: `{place}` of {id} is declared twice", in_entry());
                    }
                }
            }
        }
    }
    if let Some(unused) = ledger.groups.keys().find(|name| !used.contains(*name)) {
        bail!("the group `{unused}` is not used");
    }
    Ok(declarations)
}

/// Returns true if `text` looks like an edition in a URL of GitHub's documentation.
fn is_edition(text: &str) -> bool {
    text.starts_with("enterprise-cloud@") || text.starts_with("enterprise-server@")
}

/// Converts a declared value to the form that facts have.
fn value(aspect: &str, value: &Value) -> Value {
    match value {
        Value::Array(values) if [VALUES, TYPE].contains(&aspect) => sorted(values.iter().cloned()),
        value => value.clone(),
    }
}

/// Compares the differences with the declarations, and returns the drift.
pub(crate) fn check(
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
                (None, _) => (Kind::Obsolete, sides(upstream, fragment, spot)),
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

/// Returns true if `spot` cannot be compared, because one side lacks its place or a larger one.
///
/// Returns false if the ledger declares the absence for all editions: then declarations for the
/// absent parts are obsolete.
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
        let permanent = declared.is_some_and(|declared| !declared.of_some_editions);
        whole.aspect == PRESENCE && is_part && !permanent
    })
}
