//! The ten operations. Place and kind are path parameters, so four functions suffice.

use std::cmp::Reverse;

use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    call::Call,
    etag, json, link,
    list_query::ListQuery,
    path::{At, ListPath, PlaceName, RequestPath, ResponsePath},
    refusal::Refusal,
    representation, review,
};
use crate::{
    access::Need,
    world::{findings::Kind, places::Place},
};

pub(super) async fn list(
    place: PlaceName,
    At(ListPath { kind }): At<ListPath>,
    call: Call,
) -> Result<Response, Refusal> {
    let state = call.shared.lock();
    let place = place.find(&state.world.places)?;
    call.access.check(match place {
        Place::Enterprise(_) => Need::ReadEnterprise(kind),
        Place::Organization(_) | Place::Repository(_) => Need::Read(kind),
    })?;
    let query = ListQuery::parse(&call.query)?;

    let now = state.clock.now();
    let mut found: Vec<_> = state
        .world
        .requests(&place, kind)
        .filter(|request| query.filter.matches(request, &place, now))
        .collect();
    found.sort_by_key(|request| Reverse((request.created_at, request.id)));

    let page = query.page(found.len());
    let items: Vec<_> = found
        .iter()
        .skip(page.start)
        .take(query.per_page)
        .map(|request| representation::of(request, &call.base, now))
        .collect();
    let path = link::path(&place, kind);
    let link = link::header(&format!("{}{path}", call.base), &call.query, &page);
    Ok(etag::response(&call.headers, &items, link))
}

pub(super) async fn get(
    repository: PlaceName,
    At(RequestPath { kind, number }): At<RequestPath>,
    call: Call,
) -> Result<Response, Refusal> {
    let state = call.shared.lock();
    let repository = repository.find_repository(&state.world.places)?;
    call.access.check(Need::Read(kind))?;
    let request = state
        .world
        .request(&repository, kind, number)
        .ok_or_else(Refusal::not_found)?;
    let request = representation::of(request, &call.base, state.clock.now());
    Ok(etag::response(&call.headers, &request, None))
}

pub(super) async fn review(
    repository: PlaceName,
    At(RequestPath { kind, number }): At<RequestPath>,
    call: Call,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = body?;
    only_secret_scanning(kind)?;
    let mut state = call.shared.lock();
    let repository = repository.find_repository(&state.world.places)?;
    call.access.check(Need::Review)?;
    state
        .world
        .request(&repository, kind, number)
        .ok_or_else(Refusal::not_found)?;
    let response = review::response(&body, &call.access.login)?;
    let id = state.review(&repository, number, response)?;
    let review = representation::ReviewJson {
        bypass_review_id: id,
    };
    Ok(json::response(StatusCode::OK, &review))
}

pub(super) async fn dismiss(
    repository: PlaceName,
    At(ResponsePath { kind, response_id }): At<ResponsePath>,
    call: Call,
) -> Result<Response, Refusal> {
    only_secret_scanning(kind)?;
    let mut state = call.shared.lock();
    let repository = repository.find_repository(&state.world.places)?;
    call.access.check(Need::Read(kind))?;
    let by = &call.access.login;
    state.dismiss(&repository, kind, response_id, by)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Returns 404 for push rule requests, because GitHub's API cannot review them. Reviewers use the
/// browser.
fn only_secret_scanning(kind: Kind) -> Result<(), Refusal> {
    match kind {
        Kind::SecretScanning => Ok(()),
        Kind::PushRules => Err(Refusal::not_found()),
    }
}
