//! The enums have the values that the fragment lists, and no others.

use std::collections::BTreeSet;
use std::fmt::Display;

use github_bypass_requests::{
    BypassReason, Decision, RequestStatus, RequestType, ResponseStatus, RuleType, StatusFilter,
    TimePeriod,
};
use serde_json::Value;

use crate::fragment::document;
use crate::places::VOCABULARY;

fn texts<T: Display>(values: &[T]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

/// Returns the name and the values of each schema in the fragment that lists values under
/// `keyword`.
fn vocabularies(keyword: &str) -> Vec<(String, BTreeSet<String>)> {
    let document = document();
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    let listed = schemas.iter().filter_map(|(name, schema)| {
        let values = schema.get(keyword)?.as_array()?.iter();
        Some((
            name.clone(),
            values
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        ))
    });
    listed.collect()
}

/// An enum in the models: the name of its schema in the fragment, its own name, and its values.
type Enum = (&'static str, &'static str, BTreeSet<String>);

/// Lists the changes that the enums need to match the fragment exactly.
fn corrections(vocabularies: &[(String, BTreeSet<String>)], enums: &[Enum]) -> Vec<String> {
    let mut corrections = Vec::new();
    for (vocabulary, listed) in vocabularies {
        let Some((_, name, known)) = enums.iter().find(|(of, ..)| of == vocabulary) else {
            corrections.push(format!(
                "`{vocabulary}` has no enum: add one to {VOCABULARY} and to this test"
            ));
            continue;
        };
        for value in listed.difference(known) {
            corrections.push(format!(
                "`{value}` is a value of `{vocabulary}`: add it to `{name}` in {VOCABULARY}"
            ));
        }
        for value in known.difference(listed) {
            corrections.push(format!(
                "`{value}` is not a value of `{vocabulary}`: remove it from `{name}` in {VOCABULARY}"
            ));
        }
    }
    for (of, name, _) in enums {
        if !vocabularies.iter().any(|(vocabulary, _)| vocabulary == of) {
            corrections.push(format!(
                "the fragment has no `{of}`: remove `{name}` from {VOCABULARY} and from this test"
            ));
        }
    }
    corrections
}

fn assert_agree(vocabularies: &[(String, BTreeSet<String>)], enums: &[Enum]) {
    let corrections = corrections(vocabularies, enums);
    assert!(corrections.is_empty(), "{}", corrections.join("\n"));
}

#[test]
fn open_vocabularies_match_the_fragment() {
    assert_agree(
        &vocabularies("x-extensible-enum"),
        &[
            (
                "bypass-request-status",
                "RequestStatus",
                texts(RequestStatus::KNOWN),
            ),
            (
                "bypass-response-status",
                "ResponseStatus",
                texts(ResponseStatus::KNOWN),
            ),
            (
                "bypass-request-type",
                "RequestType",
                texts(RequestType::KNOWN),
            ),
            ("bypass-reason", "BypassReason", texts(BypassReason::KNOWN)),
            ("push-rule-type", "RuleType", texts(RuleType::KNOWN)),
        ],
    );
}

#[test]
fn closed_vocabularies_match_the_fragment() {
    assert_agree(
        &vocabularies("enum"),
        &[
            ("time-period", "TimePeriod", texts(TimePeriod::ALL)),
            (
                "bypass-request-status-filter",
                "StatusFilter",
                texts(StatusFilter::ALL),
            ),
            ("bypass-review-decision", "Decision", texts(Decision::ALL)),
        ],
    );
}

#[test]
fn a_correction_names_the_enum_and_its_file() {
    let set = |listed: &[&str]| listed.iter().map(|value| (*value).to_owned()).collect();
    let vocabularies = [
        ("color".to_owned(), set(&["blue", "red"])),
        ("size".to_owned(), set(&["small"])),
    ];
    let enums = [
        ("color", "Color", set(&["green", "red"])),
        ("shape", "Shape", set(&["round"])),
    ];
    assert_eq!(
        corrections(&vocabularies, &enums),
        [
            format!("`blue` is a value of `color`: add it to `Color` in {VOCABULARY}"),
            format!("`green` is not a value of `color`: remove it from `Color` in {VOCABULARY}"),
            format!("`size` has no enum: add one to {VOCABULARY} and to this test"),
            format!(
                "the fragment has no `shape`: remove `Shape` from {VOCABULARY} and from this test"
            ),
        ]
    );
}
