//! The HTTP side: from a request to the world and back.

mod admin;
mod admission;
mod answer;
mod call;
pub(crate) mod connection;
pub(crate) mod fault_queue;
mod link;
mod list_query;
mod misbehaviour;
pub(crate) mod rate_limit;
mod refusal;
mod representation;
mod review;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{Router, http::StatusCode, middleware, routing::delete, routing::get};

use self::{
    answer::Answer,
    call::{At, Call},
    fault_queue::FaultQueue,
    rate_limit::RateLimit,
    refusal::Refusal,
};
use crate::{
    access::{Access, Need},
    clock::Clock,
    world::{
        World,
        bypass_request::ChangeError,
        findings::Kind,
        places::{Place, Repository},
    },
};

/// What the server and the `Fake` share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Where the fake listens, for a client that sends no usable `Host`.
    pub(crate) authority: String,
    /// Without any, every token is accepted.
    pub(crate) accepted: Vec<Arc<Access>>,
    state: Mutex<State>,
}

/// What changes. One lock guards it all, so that each answer is of one moment.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) world: World,
    pub(crate) rate_limit: RateLimit,
    /// How many answers were given, to number them.
    pub(crate) answers: u64,
    pub(crate) faults: FaultQueue,
}

impl Shared {
    pub(crate) fn new(authority: String, accepted: Vec<Access>, state: State) -> Self {
        Self {
            authority,
            accepted: accepted.into_iter().map(Arc::new).collect(),
            state: Mutex::new(state),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Answered = Result<Answer, Refusal>;

/// The ten operations, and the same by number, which is how `Link` headers name their places.
/// Every request passes the faults, then admission; the path that controls the faults passes neither.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route(
            "/enterprises/{enterprise}/bypass-requests/{kind}",
            get(list_of_enterprise),
        )
        .route(
            "/orgs/{org}/bypass-requests/{kind}",
            get(list_of_organization),
        )
        .route(
            "/organizations/{id}/bypass-requests/{kind}",
            get(list_of_numbered_organization),
        )
        .route(
            "/repos/{owner}/{repo}/bypass-requests/{kind}",
            get(list_of_repository),
        )
        .route(
            "/repositories/{id}/bypass-requests/{kind}",
            get(list_of_numbered_repository),
        )
        .route(
            "/repos/{owner}/{repo}/bypass-requests/{kind}/{number}",
            get(get_request).patch(review_request),
        )
        .route(
            "/repositories/{id}/bypass-requests/{kind}/{number}",
            get(get_numbered_request).patch(review_numbered_request),
        )
        .route(
            "/repos/{owner}/{repo}/bypass-responses/{kind}/{response_id}",
            delete(dismiss_response),
        )
        .route(
            "/repositories/{id}/bypass-responses/{kind}/{response_id}",
            delete(dismiss_numbered_response),
        )
        .fallback(nothing_here)
        // GitHub does not tell a wrong method from a wrong path.
        .method_not_allowed_fallback(nothing_here)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            admission::admit,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            misbehaviour::happen,
        ))
        .merge(admin::router())
        .with_state(shared)
}

async fn list_of_enterprise(At((name, kind)): At<(String, Kind)>, call: Call) -> Answered {
    list(&call, Need::ReadEnterprise(kind), kind, |world| {
        world
            .places
            .enterprise(&name)
            .cloned()
            .map(Place::Enterprise)
    })
}

async fn list_of_organization(At((name, kind)): At<(String, Kind)>, call: Call) -> Answered {
    list(&call, Need::Read(kind), kind, |world| {
        world
            .places
            .organization(&name)
            .cloned()
            .map(Place::Organization)
    })
}

async fn list_of_numbered_organization(At((id, kind)): At<(u64, Kind)>, call: Call) -> Answered {
    list(&call, Need::Read(kind), kind, |world| {
        world
            .places
            .organization_by_id(id)
            .cloned()
            .map(Place::Organization)
    })
}

async fn list_of_repository(
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

async fn list_of_numbered_repository(At((id, kind)): At<(u64, Kind)>, call: Call) -> Answered {
    list(&call, Need::Read(kind), kind, |world| {
        world
            .places
            .repository_by_id(id)
            .cloned()
            .map(Place::Repository)
    })
}

async fn get_request(
    At((owner, name, kind, number)): At<(String, String, Kind, u64)>,
    call: Call,
) -> Answered {
    show(&call, kind, number, |world| {
        world.places.repository(&owner, &name).cloned()
    })
}

async fn get_numbered_request(
    At((id, kind, number)): At<(u64, Kind, u64)>,
    call: Call,
) -> Answered {
    show(&call, kind, number, |world| {
        world.places.repository_by_id(id).cloned()
    })
}

async fn review_request(
    At((owner, name, kind, number)): At<(String, String, Kind, u64)>,
    call: Call,
    body: call::Body,
) -> Answered {
    review(&call, kind, number, &body, |world| {
        world.places.repository(&owner, &name).cloned()
    })
}

async fn review_numbered_request(
    At((id, kind, number)): At<(u64, Kind, u64)>,
    call: Call,
    body: call::Body,
) -> Answered {
    review(&call, kind, number, &body, |world| {
        world.places.repository_by_id(id).cloned()
    })
}

async fn dismiss_response(
    At((owner, name, kind, response_id)): At<(String, String, Kind, u64)>,
    call: Call,
) -> Answered {
    dismiss(&call, kind, response_id, |world| {
        world.places.repository(&owner, &name).cloned()
    })
}

async fn dismiss_numbered_response(
    At((id, kind, response_id)): At<(u64, Kind, u64)>,
    call: Call,
) -> Answered {
    dismiss(&call, kind, response_id, |world| {
        world.places.repository_by_id(id).cloned()
    })
}

async fn nothing_here() -> Refusal {
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
    let query = list_query::ListQuery::parse(&call.query)?;

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
    let status = review::decision(body.as_bytes())?;
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

impl From<ChangeError> for Refusal {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::not_found(),
            ChangeError::NotAllowed(why) => {
                Self::validation_failed(vec![refusal::FieldError::invalid("status", Some(why))])
            }
        }
    }
}
