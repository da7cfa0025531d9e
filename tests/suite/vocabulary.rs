//! The enums have the values that the fragment lists, and no others.

use std::collections::BTreeSet;
use std::fmt::Display;

use github_bypass_requests::webhook;
use github_bypass_requests::{
    BypassReason, Decision, RequestStatus, RequestType, ResponseStatus, RuleType, StatusFilter,
    TimePeriod,
};
use serde_json::Value;

use crate::fragment::document;
use crate::places::{VOCABULARY, WEBHOOK_VOCABULARY};

fn texts<T: Display>(values: &[T]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

/// Returns the name and the values of each schema that lists values under `keyword`.
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

/// An enum of the models or of the webhooks.
struct Enum {
    /// The name of its schema in the fragment.
    of: &'static str,
    name: &'static str,
    known: BTreeSet<String>,
    file: &'static str,
}

fn in_models<T: Display>(of: &'static str, name: &'static str, known: &[T]) -> Enum {
    let known = texts(known);
    let file = VOCABULARY;
    Enum {
        of,
        name,
        known,
        file,
    }
}

fn in_webhooks<T: Display>(of: &'static str, name: &'static str, known: &[T]) -> Enum {
    let file = WEBHOOK_VOCABULARY;
    Enum {
        file,
        ..in_models(of, name, known)
    }
}

/// Lists the corrections that would make the enums match the fragment exactly.
fn corrections(vocabularies: &[(String, BTreeSet<String>)], enums: &[Enum]) -> Vec<String> {
    let mut corrections = Vec::new();
    for (vocabulary, listed) in vocabularies {
        let Some(Enum {
            name, known, file, ..
        }) = enums.iter().find(|it| it.of == vocabulary)
        else {
            corrections.push(format!(
                "`{vocabulary}` has no enum: add one to {VOCABULARY} or {WEBHOOK_VOCABULARY}, and \
                 to this test"
            ));
            continue;
        };
        for value in listed.difference(known) {
            corrections.push(format!(
                "`{value}` is a value of `{vocabulary}`: add it to `{name}` in {file}"
            ));
        }
        for value in known.difference(listed) {
            corrections.push(format!(
                "`{value}` is not a value of `{vocabulary}`: remove it from `{name}` in {file}"
            ));
        }
    }
    for Enum { of, name, file, .. } in enums {
        if !vocabularies.iter().any(|(vocabulary, _)| vocabulary == of) {
            corrections.push(format!(
                "the fragment has no `{of}`: remove `{name}` from {file} and from this test"
            ));
        }
    }
    corrections
}

fn assert_agree(vocabularies: &[(String, BTreeSet<String>)], enums: &[Enum]) {
    let corrections = corrections(vocabularies, enums);
    assert!(corrections.is_empty(), "{}", corrections.join("\n"));
}

/// The vocabularies of reasons. The fragment has one for each kind of request, and the enum
/// `ExemptionReason` has the values of all of them.
const REASONS: [&str; 5] = [
    "exemption-reason",
    "secret-scanning-dismissal-reason",
    "code-scanning-dismissal-reason",
    "dependabot-dismissal-reason",
    "license-compliance-dismissal-reason",
];

#[test]
fn open_vocabularies_match_the_fragment() {
    let (reasons, mut vocabularies): (Vec<_>, Vec<_>) = vocabularies("x-extensible-enum")
        .into_iter()
        .partition(|(name, _)| REASONS.contains(&name.as_str()));
    assert_eq!(reasons.len(), REASONS.len());
    let reasons = reasons.into_iter().flat_map(|(_, values)| values).collect();
    vocabularies.push(("exemption-reason".to_owned(), reasons));
    assert_agree(
        &vocabularies,
        &[
            in_models(
                "bypass-request-status",
                "RequestStatus",
                RequestStatus::KNOWN,
            ),
            in_models(
                "bypass-response-status",
                "ResponseStatus",
                ResponseStatus::KNOWN,
            ),
            in_models("bypass-request-type", "RequestType", RequestType::KNOWN),
            in_models("bypass-reason", "BypassReason", BypassReason::KNOWN),
            in_models("push-rule-type", "RuleType", RuleType::KNOWN),
            in_webhooks("exemption-action", "Action", webhook::Action::KNOWN),
            in_webhooks(
                "exemption-request-status",
                "ExemptionStatus",
                webhook::ExemptionStatus::KNOWN,
            ),
            in_webhooks(
                "exemption-response-status",
                "ExemptionResponseStatus",
                webhook::ExemptionResponseStatus::KNOWN,
            ),
            in_webhooks(
                "exemption-request-type",
                "ExemptionType",
                webhook::ExemptionType::KNOWN,
            ),
            in_webhooks(
                "exemption-reason",
                "ExemptionReason",
                webhook::ExemptionReason::KNOWN,
            ),
        ],
    );
}

#[test]
fn closed_vocabularies_match_the_fragment() {
    assert_agree(
        &vocabularies("enum"),
        &[
            in_models("time-period", "TimePeriod", TimePeriod::ALL),
            in_models(
                "bypass-request-status-filter",
                "StatusFilter",
                StatusFilter::ALL,
            ),
            in_models("bypass-review-decision", "Decision", Decision::ALL),
        ],
    );
}

/// `EventName` has the names of all events in the fragment, and three more, which are not in
/// GitHub's description.
#[test]
fn the_names_of_events_match_the_fragment() {
    let document = document();
    let webhooks = document["x-webhooks"].as_object().expect("webhooks");
    let described: BTreeSet<String> = webhooks
        .values()
        .map(|webhook| {
            webhook["post"]["x-event"]
                .as_str()
                .expect("a name")
                .to_owned()
        })
        .collect();
    let known = texts(webhook::EventName::KNOWN);
    let undescribed: BTreeSet<_> = known.difference(&described).map(String::as_str).collect();
    let expected = [
        "bypass_request_push_ruleset",
        "exemption_request_secret_scanning",
        "ping",
    ];
    assert_eq!(undescribed, BTreeSet::from(expected));
    assert!(described.is_subset(&known), "{described:?}");
}

#[test]
fn a_correction_names_the_enum_and_its_file() {
    let set = |listed: &[&str]| listed.iter().map(|value| (*value).to_owned()).collect();
    let vocabularies = [
        ("color".to_owned(), set(&["blue", "red"])),
        ("size".to_owned(), set(&["small"])),
    ];
    let enums = [
        in_models("color", "Color", &["green", "red"]),
        in_webhooks("shape", "Shape", &["round"]),
    ];
    assert_eq!(
        corrections(&vocabularies, &enums),
        [
            format!("`blue` is a value of `color`: add it to `Color` in {VOCABULARY}"),
            format!("`green` is not a value of `color`: remove it from `Color` in {VOCABULARY}"),
            format!(
                "`size` has no enum: add one to {VOCABULARY} or {WEBHOOK_VOCABULARY}, and to this \
                 test"
            ),
            format!(
                "the fragment has no `shape`: remove `Shape` from {WEBHOOK_VOCABULARY} and from \
                 this test"
            ),
        ]
    );
}
