//! The enums know the words that the fragment lists, no less and no more.

use std::collections::BTreeSet;
use std::fmt::Display;

use github_bypass_requests::{
    BypassReason, Decision, RequestStatus, RequestType, ResponseStatus, RuleType, StatusFilter,
    TimePeriod,
};
use serde_json::Value;

use crate::fragment::document;

fn words<T: Display>(values: &[T]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

/// The vocabularies of the fragment that stand under `keyword`.
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

#[test]
fn open_vocabularies_are_those_of_the_fragment() {
    let known = |name: &str| match name {
        "bypass-request-status" => words(RequestStatus::KNOWN),
        "bypass-response-status" => words(ResponseStatus::KNOWN),
        "bypass-request-type" => words(RequestType::KNOWN),
        "bypass-reason" => words(BypassReason::KNOWN),
        "push-rule-type" => words(RuleType::KNOWN),
        other => panic!("no enum for {other}"),
    };
    let vocabularies = vocabularies("x-extensible-enum");
    assert_eq!(vocabularies.len(), 5);
    for (name, listed) in vocabularies {
        assert_eq!(known(&name), listed, "{name}");
    }
}

#[test]
fn closed_vocabularies_are_those_of_the_fragment() {
    let all = |name: &str| match name {
        "time-period" => words(TimePeriod::ALL),
        "bypass-request-status-filter" => words(StatusFilter::ALL),
        "bypass-review-decision" => words(Decision::ALL),
        other => panic!("no enum for {other}"),
    };
    let vocabularies = vocabularies("enum");
    assert_eq!(vocabularies.len(), 3);
    for (name, listed) in vocabularies {
        assert_eq!(all(&name), listed, "{name}");
    }
}
