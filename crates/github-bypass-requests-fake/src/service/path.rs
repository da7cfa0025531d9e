//! Extractors for path parameters.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path, RawPathParams},
    http::request::Parts,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::refusal::Refusal;
use crate::world::{
    findings::Kind,
    places::{Place, Places, Repository},
};

/// Path parameters by name. The response is 404 if one is invalid.
pub(super) struct At<T>(pub(super) T);

#[derive(Deserialize)]
pub(super) struct ListPath {
    pub(super) kind: Kind,
}

#[derive(Deserialize)]
pub(super) struct RequestPath {
    pub(super) kind: Kind,
    pub(super) number: u64,
}

#[derive(Deserialize)]
pub(super) struct ResponsePath {
    pub(super) kind: Kind,
    pub(super) response_id: u64,
}

/// The enterprise, organization or repository in a path, identified by name, or by id as in `Link`
/// headers.
///
/// The operation looks up the place itself, so that one lock covers everything that it reads and
/// changes.
pub(super) enum PlaceName {
    /// The same path accepts the slug or the id.
    Enterprise(String),
    Organization(String),
    OrganizationId(u64),
    Repository {
        owner: String,
        name: String,
    },
    RepositoryId(u64),
}

impl PlaceName {
    pub(super) fn find(&self, places: &Places) -> Result<Place, Refusal> {
        match self {
            Self::Enterprise(slug_or_id) => places.enterprise(slug_or_id).map(Place::Enterprise),
            Self::Organization(name) => places.organization(name).map(Place::Organization),
            Self::OrganizationId(id) => places.organization_by_id(*id).map(Place::Organization),
            Self::Repository { owner, name } => {
                places.repository(owner, name).map(Place::Repository)
            }
            Self::RepositoryId(id) => places.repository_by_id(*id).map(Place::Repository),
        }
        .ok_or_else(Refusal::not_found)
    }

    pub(super) fn find_repository(&self, places: &Places) -> Result<Arc<Repository>, Refusal> {
        match self.find(places)? {
            Place::Repository(repository) => Ok(repository),
            Place::Enterprise(_) | Place::Organization(_) => Err(Refusal::not_found()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PlaceName {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let Ok(params) = RawPathParams::from_request_parts(parts, state).await else {
            return Err(Refusal::not_found());
        };
        let params: Vec<_> = params.iter().collect();
        let id = |text: &str| text.parse().map_err(|_| Refusal::not_found());
        match params.as_slice() {
            [("enterprise", slug_or_id), ..] => Ok(Self::Enterprise((*slug_or_id).to_owned())),
            [("org", name), ..] => Ok(Self::Organization((*name).to_owned())),
            [("org_id", text), ..] => Ok(Self::OrganizationId(id(text)?)),
            [("owner", owner), ("repo", name), ..] => Ok(Self::Repository {
                owner: (*owner).to_owned(),
                name: (*name).to_owned(),
            }),
            [("repo_id", text), ..] => Ok(Self::RepositoryId(id(text)?)),
            _ => Err(Refusal::not_found()),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(params)) => Ok(Self(params)),
            Err(_) => Err(Refusal::not_found()),
        }
    }
}
