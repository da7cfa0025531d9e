//! `/_fake/places`: adds enterprises, organizations and repositories.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;

use super::input::{FullName, Json, Name, Rejection};
use crate::{service::state::Shared, world::places::DEFAULT_ENTERPRISE};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceJson {
    enterprise: Option<Name>,
    organization: Option<Name>,
    repository: Option<FullName>,
}

/// Adds the places that do not exist yet. A new organization, or a new owner of a repository, is
/// added to the given enterprise.
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    Json(place): Json<PlaceJson>,
) -> Result<StatusCode, Rejection> {
    if place.enterprise.is_none() && place.organization.is_none() && place.repository.is_none() {
        return Err(Rejection::invalid(
            "set `enterprise`, `organization` or `repository`",
        ));
    }
    let places = &mut shared.lock().world.places;
    let enterprise = place.enterprise.map(|Name(slug)| slug);
    if let Some(slug) = &enterprise {
        places.add_enterprise(slug);
    }
    let enterprise = enterprise.as_deref().unwrap_or(DEFAULT_ENTERPRISE);
    if let Some(Name(name)) = place.organization {
        places.add_organization(enterprise, &name);
    }
    if let Some(FullName { owner, name }) = place.repository {
        places.add_organization(enterprise, &owner);
        places.add_repository(&owner, &name);
    }
    Ok(StatusCode::NO_CONTENT)
}
