//! Finds the differences between the facts of two documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::drift::facts::{Aspects, Facts, OPERATION, Places, is_below};

/// The aspect that is reported if only one side has an operation or a place.
pub(crate) const PRESENCE: &str = "presence";
const PRESENT: &str = "present";
const MISSING: &str = "missing";

/// The location of a difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// Method and path.
    pub(crate) operation: String,
    pub(crate) place: String,
    pub(crate) aspect: String,
}

/// The values on both sides; null if a side does not have the aspect.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sides {
    pub(crate) upstream: Value,
    pub(crate) fragment: Value,
}

/// Returns all differences.
///
/// If only one side has an operation or a place, that is one difference. The parts of that
/// operation or place are not reported separately.
pub(crate) fn differences(upstream: &Facts, fragment: &Facts) -> BTreeMap<Spot, Sides> {
    let mut differences = BTreeMap::new();
    for operation in keys(upstream, fragment) {
        let mut add = |place: &str, aspect: &str, sides| {
            let spot = Spot {
                operation: operation.clone(),
                place: place.to_owned(),
                aspect: aspect.to_owned(),
            };
            differences.insert(spot, sides);
        };
        match (upstream.get(operation), fragment.get(operation)) {
            (Some(upstream), Some(fragment)) => in_operation(upstream, fragment, &mut add),
            (upstream, _) => add(OPERATION, PRESENCE, presence(upstream.is_some())),
        }
    }
    differences
}

fn in_operation(upstream: &Places, fragment: &Places, add: &mut impl FnMut(&str, &str, Sides)) {
    for place in keys(upstream, fragment) {
        match (upstream.get(place), fragment.get(place)) {
            (Some(upstream), Some(fragment)) => {
                in_place(upstream, fragment, &mut |aspect, sides| {
                    add(place, aspect, sides)
                });
            }
            (Some(_), None) if !is_part_of_one_sided(place, upstream, fragment) => {
                add(place, PRESENCE, presence(true));
            }
            (None, Some(_)) if !is_part_of_one_sided(place, fragment, upstream) => {
                add(place, PRESENCE, presence(false));
            }
            _ => {}
        }
    }
}

/// Returns true if `place` is part of a larger place that the `other` side does not have.
fn is_part_of_one_sided(place: &str, own: &Places, other: &Places) -> bool {
    let mut wholes = own.keys().filter(|whole| is_below(place, whole));
    wholes.any(|whole| !other.contains_key(whole))
}

fn in_place(upstream: &Aspects, fragment: &Aspects, add: &mut impl FnMut(&str, Sides)) {
    for aspect in keys(upstream, fragment) {
        let side = |aspects: &Aspects| aspects.get(aspect).cloned().unwrap_or_default();
        let sides = Sides {
            upstream: side(upstream),
            fragment: side(fragment),
        };
        if sides.upstream != sides.fragment {
            add(aspect, sides);
        }
    }
}

fn presence(upstream: bool) -> Sides {
    Sides {
        upstream: present(upstream),
        fragment: present(!upstream),
    }
}

fn present(present: bool) -> Value {
    if present { PRESENT } else { MISSING }.into()
}

/// Returns the values of both sides at `spot`. The two values may be equal.
pub(crate) fn sides(upstream: &Facts, fragment: &Facts, spot: &Spot) -> Sides {
    let side = |facts: &Facts| {
        let places = facts.get(&spot.operation);
        let aspects = places.and_then(|places| places.get(&spot.place));
        if spot.aspect == PRESENCE {
            return present(aspects.is_some());
        }
        let value = aspects.and_then(|aspects| aspects.get(&spot.aspect));
        value.cloned().unwrap_or_default()
    };
    Sides {
        upstream: side(upstream),
        fragment: side(fragment),
    }
}

fn keys<'a, T, U>(
    one: &'a BTreeMap<String, T>,
    other: &'a BTreeMap<String, U>,
) -> impl Iterator<Item = &'a String> {
    let keys: BTreeSet<_> = one.keys().chain(other.keys()).collect();
    keys.into_iter()
}
