//! Measures how long it takes to decode a page of a hundred requests, and its `Link` header.
//!
//! The measured functions are public only with `--cfg fuzzing`.

#[cfg(not(fuzzing))]
compile_error!(
    "set RUSTFLAGS=\"--cfg fuzzing\": it makes `github_bypass_requests::fuzzing` public"
);

use bench_pages::PER_PAGE;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use github_bypass_requests::{BypassRequest, RuleViolation, SecretFinding, fuzzing};
use http::header::LINK;
use http::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

fn main() {
    divan::main();
}

/// The baseline for the other benchmarks of pages.
#[divan::bench]
fn secret_scanning_page_by_hand(bencher: Bencher) {
    let page = bench_pages::secret_scanning(1..=PER_PAGE);
    let read = || serde_json::from_slice::<Vec<bench_model::BypassRequest>>(page.as_bytes());
    // Check the result, because a failed decode would look fast.
    assert_eq!(read().map(|requests| requests.len()).ok(), Some(100));
    bencher
        .counter(BytesCount::of_str(&page))
        .counter(ItemsCount::new(PER_PAGE))
        .bench(read);
}

#[divan::bench]
fn secret_scanning_page(bencher: Bencher) {
    read::<BypassRequest<SecretFinding>>(bencher, &bench_pages::secret_scanning(1..=PER_PAGE));
}

#[divan::bench]
fn push_rules_page(bencher: Bencher) {
    read::<BypassRequest<RuleViolation>>(bencher, &bench_pages::push_rules(1..=PER_PAGE));
}

fn read<T: DeserializeOwned>(bencher: Bencher, page: &str) {
    let read = || fuzzing::decode::<Vec<T>>(page.as_bytes());
    assert_eq!(read().map(|requests| requests.len()).ok(), Some(100));
    bencher
        .counter(BytesCount::of_str(page))
        .counter(ItemsCount::new(PER_PAGE))
        .bench(read);
}

#[divan::bench]
fn links(bencher: Bencher) {
    let link = |page, relation| {
        format!(
            "<https://api.github.com/organizations/1/bypass-requests/secret-scanning\
             ?time_period=month&per_page=100&page={page}>; rel=\"{relation}\""
        )
    };
    let all = [
        link(2, "prev"),
        link(4, "next"),
        link(9, "last"),
        link(1, "first"),
    ]
    .join(", ");
    let bytes = BytesCount::of_str(&all);
    let value = HeaderValue::try_from(all).expect("a header");
    let headers = HeaderMap::from_iter([(LINK, value)]);
    assert_eq!(fuzzing::links(&headers), Some((Some(Some(4)), Some(9))));
    bencher.counter(bytes).bench(|| fuzzing::links(&headers));
}
