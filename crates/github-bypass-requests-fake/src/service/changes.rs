//! Changes bypass requests, and delivers the changes to webhooks.

use std::sync::Arc;

use super::{state::State, webhooks::payload::Event};
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
        let now = self.clock.now();
        let opened = self.world.open(request, gather, now);
        if let Some(request) = self.world.newest() {
            self.webhooks.deliver(request, &Event::Created, now);
        }
        opened
    }

    /// Adds a response, and returns its id.
    pub(crate) fn review(
        &mut self,
        repository: &Repository,
        number: u64,
        response: NewResponse,
    ) -> Result<u64, ChangeError> {
        let now = self.clock.now();
        let response_id = self.world.review(repository, number, response, now)?;
        let request = self.world.request_mut(repository, number)?;
        let event = Event::ResponseSubmitted { response_id };
        self.webhooks.deliver(request, &event, now);
        Ok(response_id)
    }

    /// Dismisses a response as the user `by`.
    pub(super) fn dismiss(
        &mut self,
        repository: &Repository,
        kind: Kind,
        response_id: u64,
        by: &str,
    ) -> Result<(), ChangeError> {
        let now = self.clock.now();
        let request = self.world.dismiss(repository, kind, response_id, now)?;
        let event = Event::ResponseDismissed { response_id, by };
        self.webhooks.deliver(request, &event, now);
        Ok(())
    }

    pub(crate) fn cancel(
        &mut self,
        repository: &Repository,
        number: u64,
    ) -> Result<(), ChangeError> {
        let now = self.clock.now();
        let request = self.world.request_mut(repository, number)?;
        request.cancel(now)?;
        self.webhooks.deliver(request, &Event::Cancelled, now);
        Ok(())
    }

    pub(crate) fn complete(
        &mut self,
        repository: &Repository,
        number: u64,
    ) -> Result<(), ChangeError> {
        let now = self.clock.now();
        let request = self.world.request_mut(repository, number)?;
        request.complete(now)?;
        self.webhooks.deliver(request, &Event::Completed, now);
        Ok(())
    }
}
