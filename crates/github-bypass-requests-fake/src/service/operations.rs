//! The ten operations.

use std::sync::Arc;

use axum::http::StatusCode;

use super::{
    answer::Answer,
    call::{self, At, Call},
    link,
    list_query::ListQuery,
    refusal::Refusal,
    representation, review as review_body,
};
use crate::{
    access::Need,
    world::{
        World,
        findings::Kind,
        places::{Place, Repository},
    },
};

type Answered = Result<Answer, Refusal>;

pub(super) async fn list_of_enterprise(
    At((name, kind)): At<(String, Kind)>,
    call: Call,
) -> Answered {
    list(&call, Need::ReadEnterprise(kind), kind, |world| {
        world
            .places
            .enterprise(&name)
            .cloned()
            .map(Place::Enterprise)
    })
}

pub(super) async fn list_of_organization(
    At((name, kind)): At<(String, Kind)>,
    call: Call,
) -> Answered {
    list(&call, Need::Read(kind), kind, |world| {
        world
            .places
            .organization(&name)
            .cloned()
            .map(Place::Organization)
    })
}

pub(super) async fn list_of_numbered_organization(
    At((id, kind)): At<(u64, Kind)>,
    call: Call,
) -> Answered {
    list(&call, Need::Read(kind), kind, |world| {
        world
            .places
            .organization_by_id(id)
            .cloned()
            .map(Place::Organization)
    })
}

pub(super) async fn list_of_repository(
    At((owner, name, kind)): At<(String, String, Kind)>,
    call: Call,
) -> Answered {
    list(&call, Need::Read(kind), kind, |world| {
        world
            .places
            .repository(&owner, &name)
            .cloned()
            .map(Place::Repository)
    })
}

pub(super) async fn list_of_numbered_repository(
    At((id, kind)): At<(u64, Kind)>,
    call: Call,
) -> Answered {
    list(&call, Need::Read(kind), kind, |world| {
        world
            .places
            .repository_by_id(id)
            .cloned()
            .map(Place::Repository)
    })
}

pub(super) async fn get_request(
    At((owner, name, kind, number)): At<(String, String, Kind, u64)>,
    call: Call,
) -> Answered {
    show(&call, kind, number, |world| {
        world.places.repository(&owner, &name).cloned()
    })
}

pub(super) async fn get_numbered_request(
    At((id, kind, number)): At<(u64, Kind, u64)>,
    call: Call,
) -> Answered {
    show(&call, kind, number, |world| {
        world.places.repository_by_id(id).cloned()
    })
}

pub(super) async fn review_request(
    At((owner, name, kind, number)): At<(String, String, Kind, u64)>,
    call: Call,
    body: call::Body,
) -> Answered {
    review(&call, kind, number, &body, |world| {
        world.places.repository(&owner, &name).cloned()
    })
}

pub(super) async fn review_numbered_request(
    At((id, kind, number)): At<(u64, Kind, u64)>,
    call: Call,
    body: call::Body,
) -> Answered {
    review(&call, kind, number, &body, |world| {
        world.places.repository_by_id(id).cloned()
    })
}

pub(super) async fn dismiss_response(
    At((owner, name, kind, response_id)): At<(String, String, Kind, u64)>,
    call: Call,
) -> Answered {
    dismiss(&call, kind, response_id, |world| {
        world.places.repository(&owner, &name).cloned()
    })
}

pub(super) async fn dismiss_numbered_response(
    At((id, kind, response_id)): At<(u64, Kind, u64)>,
    call: Call,
) -> Answered {
    dismiss(&call, kind, response_id, |world| {
        world.places.repository_by_id(id).cloned()
    })
}

pub(super) async fn nothing_here() -> Refusal {
    Refusal::not_found()
}

fn list(
    call: &Call,
    need: Need,
    kind: Kind,
    place: impl FnOnce(&World) -> Option<Place>,
) -> Answered {
    let state = call.shared.lock();
    let place = place(&state.world).ok_or_else(Refusal::not_found)?;
    call.access.check(need)?;
    let query = ListQuery::parse(&call.query)?;

    let now = state.clock.now();
    let mut found: Vec<_> = state
        .world
        .requests(&place, kind)
        .filter(|request| query.filter.matches(request, &place, now))
        .collect();
    found.sort_by_key(|request| std::cmp::Reverse((request.created_at, request.id)));

    let page = query.window(found.len());
    let items: Vec<_> = found
        .iter()
        .skip(page.start)
        .take(query.per_page)
        .map(|request| representation::of(request, &call.base, now))
        .collect();
    let path = link::path(&place, kind);
    let link = link::header(&format!("{}{path}", call.base), &call.query, &page);
    Ok(Answer::json(&items)?.link(link).unless_known(&call.headers))
}

fn show(
    call: &Call,
    kind: Kind,
    number: u64,
    repository: impl FnOnce(&World) -> Option<Arc<Repository>>,
) -> Answered {
    let state = call.shared.lock();
    let repository = repository(&state.world).ok_or_else(Refusal::not_found)?;
    call.access.check(Need::Read(kind))?;
    let request = state
        .world
        .request(&repository, kind, number)
        .ok_or_else(Refusal::not_found)?;
    let request = representation::of(request, &call.base, state.clock.now());
    Ok(Answer::json(&request)?.unless_known(&call.headers))
}

fn review(
    call: &Call,
    kind: Kind,
    number: u64,
    body: &call::Body,
    repository: impl FnOnce(&World) -> Option<Arc<Repository>>,
) -> Answered {
    only_secret_scanning(kind)?;
    let mut state = call.shared.lock();
    let now = state.clock.now();
    let repository = repository(&state.world).ok_or_else(Refusal::not_found)?;
    call.access.check(Need::Review)?;
    state
        .world
        .request(&repository, kind, number)
        .ok_or_else(Refusal::not_found)?;
    let status = review_body::decision(body.as_bytes())?;
    let id = state
        .world
        .review(&repository, number, status, &call.access.login, now)?;
    Answer::json(&representation::BypassReview {
        bypass_review_id: id,
    })
}

fn dismiss(
    call: &Call,
    kind: Kind,
    response_id: u64,
    repository: impl FnOnce(&World) -> Option<Arc<Repository>>,
) -> Answered {
    only_secret_scanning(kind)?;
    let mut state = call.shared.lock();
    let now = state.clock.now();
    let repository = repository(&state.world).ok_or_else(Refusal::not_found)?;
    call.access.check(Need::Read(kind))?;
    state.world.dismiss(&repository, kind, response_id, now)?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Push rules are reviewed in the browser; the API has no operation for it.
fn only_secret_scanning(kind: Kind) -> Result<(), Refusal> {
    match kind {
        Kind::SecretScanning => Ok(()),
        Kind::PushRules => Err(Refusal::not_found()),
    }
}
