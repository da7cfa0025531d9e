//! The data of the fake: places and bypass requests.

pub(crate) mod bypass_request;
pub(crate) mod findings;
pub(crate) mod names;
pub(crate) mod new_request;
pub(crate) mod new_response;
pub(crate) mod places;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use fastrand::Rng;

use self::{
    bypass_request::{BypassRequest, BypassResponse, ChangeError},
    findings::{Findings, Kind},
    new_request::{NewRequest, OpenedRequest},
    new_response::NewResponse,
    places::{Place, Places, Repository},
};
use crate::{clock::to_the_second, fingerprint::fingerprint};

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) places: Places,
    requests: Vec<BypassRequest>,
    last_request_ids: HashMap<Kind, u64>,
    /// The key is the repository's id.
    last_numbers: HashMap<u64, u64>,
    last_response_id: u64,
}

impl World {
    /// Adds a request, and its repository if it does not exist yet.
    pub(crate) fn open<Finding: Default>(
        &mut self,
        request: NewRequest<Finding>,
        gather: fn(Vec<Finding>) -> Findings,
        now: DateTime<Utc>,
    ) -> OpenedRequest {
        let findings = gather(if request.findings.is_empty() {
            vec![Finding::default()]
        } else {
            request.findings
        });
        let repository = self
            .places
            .add_repository(&request.owner, &request.repository);
        let id = next(self.last_request_ids.entry(findings.kind()).or_default());
        let number = next(self.last_numbers.entry(repository.id).or_default());
        let responses = request
            .responses
            .into_iter()
            .map(|response| response.with_id(next(&mut self.last_response_id), now))
            .collect();
        self.requests.push(BypassRequest {
            id,
            number,
            repository,
            requester: request.requester,
            resource_identifier: request
                .resource_identifier
                .unwrap_or_else(|| commit_sha(findings.kind(), id)),
            findings,
            comment: request.comment,
            created_at: to_the_second(request.created_at.unwrap_or(now)),
            stage: request.stage,
            responses,
        });
        OpenedRequest { id, number }
    }
}

/// Reads and changes requests.
impl World {
    pub(crate) fn requests(
        &self,
        place: &Place,
        kind: Kind,
    ) -> impl Iterator<Item = &BypassRequest> {
        self.requests.iter().filter(move |request| {
            request.findings.kind() == kind && place.contains(&request.repository)
        })
    }

    pub(crate) fn request(
        &self,
        repository: &Repository,
        kind: Kind,
        number: u64,
    ) -> Option<&BypassRequest> {
        self.requests.iter().find(|request| {
            request.repository.id == repository.id
                && request.findings.kind() == kind
                && request.number == number
        })
    }

    /// Returns the request that was opened last.
    pub(crate) fn newest(&self) -> Option<&BypassRequest> {
        self.requests.last()
    }

    /// Returns the responses to the request with this number, of either kind.
    pub(crate) fn responses(
        &mut self,
        repository: &Repository,
        number: u64,
    ) -> Result<Vec<BypassResponse>, ChangeError> {
        let request = self.request_mut(repository, number)?;
        Ok(request.responses.clone())
    }

    /// Returns the request with this number, of either kind. Numbers are unique in a repository.
    pub(crate) fn request_mut(
        &mut self,
        repository: &Repository,
        number: u64,
    ) -> Result<&mut BypassRequest, ChangeError> {
        self.requests
            .iter_mut()
            .find(|request| request.repository.id == repository.id && request.number == number)
            .ok_or(ChangeError::NotFound)
    }

    /// Adds a response to a request, and returns the id of the response.
    pub(crate) fn review(
        &mut self,
        repository: &Repository,
        number: u64,
        response: NewResponse,
        now: DateTime<Utc>,
    ) -> Result<u64, ChangeError> {
        let id = self.last_response_id + 1;
        self.request_mut(repository, number)?
            .review(response.with_id(id, now))?;
        self.last_response_id = id;
        Ok(id)
    }

    /// Dismisses a response, and returns its request.
    pub(crate) fn dismiss(
        &mut self,
        repository: &Repository,
        kind: Kind,
        response_id: u64,
        now: DateTime<Utc>,
    ) -> Result<&BypassRequest, ChangeError> {
        let request = self
            .requests
            .iter_mut()
            .find(|request| {
                let mut responses = request.responses.iter();
                request.repository.id == repository.id
                    && request.findings.kind() == kind
                    && responses.any(|response| response.id == response_id)
            })
            .ok_or(ChangeError::NotFound)?;
        request.dismiss(response_id, now)?;
        Ok(request)
    }
}

fn next(sequence: &mut u64) -> u64 {
    *sequence += 1;
    *sequence
}

fn commit_sha(kind: Kind, id: u64) -> String {
    let name = format!("{}/{id}", kind.path_segment());
    let mut rng = Rng::with_seed(fingerprint(name.as_bytes()));
    (0..20).map(|_| format!("{:02x}", rng.u8(..))).collect()
}
