//! The changes of bypass requests, by whatever way they are made.

use std::sync::Arc;

use super::state::State;
use crate::world::{
    bypass_request::ChangeError,
    findings::{Findings, Kind},
    new_request::{NewRequest, OpenedRequest},
    new_response::NewResponse,
    places::Repository,
};

impl State {
    pub(crate) fn repository(
        &self,
        owner: &str,
        name: &str,
    ) -> Result<Arc<Repository>, ChangeError> {
        let repository = self.world.places.repository(owner, name);
        repository.ok_or(ChangeError::NotFound)
    }

    pub(crate) fn open<Finding: Default>(
        &mut self,
        request: NewRequest<Finding>,
        gather: fn(Vec<Finding>) -> Findings,
    ) -> OpenedRequest {
        self.world.open(request, gather, self.clock.now())
    }

    /// Adds a response, and returns its id.
    pub(crate) fn review(
        &mut self,
        repository: &Repository,
        number: u64,
        response: NewResponse,
    ) -> Result<u64, ChangeError> {
        let now = self.clock.now();
        self.world.review(repository, number, response, now)
    }

    pub(super) fn dismiss(
        &mut self,
        repository: &Repository,
        kind: Kind,
        response_id: u64,
    ) -> Result<(), ChangeError> {
        let now = self.clock.now();
        self.world.dismiss(repository, kind, response_id, now)
    }

    pub(crate) fn cancel(
        &mut self,
        repository: &Repository,
        number: u64,
    ) -> Result<(), ChangeError> {
        let now = self.clock.now();
        self.world.request_mut(repository, number)?.cancel(now)
    }

    pub(crate) fn complete(
        &mut self,
        repository: &Repository,
        number: u64,
    ) -> Result<(), ChangeError> {
        let now = self.clock.now();
        self.world.request_mut(repository, number)?.complete(now)
    }
}
