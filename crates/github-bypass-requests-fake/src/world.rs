//! Everything the fake knows: who owns what, and every request that was made.

pub(crate) mod bypass_request;
pub(crate) mod findings;
pub(crate) mod new_request;

use std::{collections::HashMap, hash::Hasher, sync::Arc};

use chrono::{DateTime, SubsecRound, Utc};
use fastrand::Rng;
use fnv::FnvHasher;

use self::{
    bypass_request::{BypassRequest, ChangeError, Response, ResponseStatus},
    findings::{Findings, Kind},
    new_request::{NewRequest, OpenedRequest},
};

/// The enterprise of an organization that was created without naming one.
const DEFAULT_ENTERPRISE: &str = "octo-enterprise";

#[derive(Debug, Default)]
pub(crate) struct World {
    enterprises: Vec<Arc<Enterprise>>,
    organizations: Vec<Arc<Organization>>,
    repositories: Vec<Arc<Repository>>,
    requests: Vec<BypassRequest>,
    last_request_ids: HashMap<Kind, u64>,
    /// By the repository's id.
    last_numbers: HashMap<u64, u64>,
    last_response_id: u64,
}

#[derive(Debug)]
pub(crate) struct Enterprise {
    pub(crate) id: u64,
    pub(crate) slug: String,
}

#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) enterprise: Arc<Enterprise>,
}

#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) organization: Arc<Organization>,
}

/// What requests are listed for.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Enterprise(Arc<Enterprise>),
    Organization(Arc<Organization>),
    Repository(Arc<Repository>),
}

/// Places, by name or, as `Link` headers have them, by number. No name depends on its case.
impl World {
    pub(crate) fn enterprise(&self, slug_or_id: &str) -> Option<&Arc<Enterprise>> {
        let id = slug_or_id.parse::<u64>().ok();
        self.enterprise_of_slug(slug_or_id).or_else(|| {
            self.enterprises
                .iter()
                .find(|enterprise| Some(enterprise.id) == id)
        })
    }

    pub(crate) fn organization(&self, name: &str) -> Option<&Arc<Organization>> {
        self.organizations
            .iter()
            .find(|organization| same_name(&organization.name, name))
    }

    pub(crate) fn organization_by_id(&self, id: u64) -> Option<&Arc<Organization>> {
        self.organizations
            .iter()
            .find(|organization| organization.id == id)
    }

    pub(crate) fn repository(&self, owner: &str, name: &str) -> Option<&Arc<Repository>> {
        self.repositories.iter().find(|repository| {
            same_name(&repository.organization.name, owner) && same_name(&repository.name, name)
        })
    }

    pub(crate) fn repository_by_id(&self, id: u64) -> Option<&Arc<Repository>> {
        self.repositories
            .iter()
            .find(|repository| repository.id == id)
    }

    fn enterprise_of_slug(&self, slug: &str) -> Option<&Arc<Enterprise>> {
        self.enterprises
            .iter()
            .find(|enterprise| same_name(&enterprise.slug, slug))
    }
}

/// Seeding: whatever is missing is created, whatever is there stays.
impl World {
    pub(crate) fn add_enterprise(&mut self, slug: &str) -> Arc<Enterprise> {
        if let Some(enterprise) = self.enterprise_of_slug(slug) {
            return Arc::clone(enterprise);
        }
        let enterprise = Arc::new(Enterprise {
            id: next_id(&self.enterprises),
            slug: slug.into(),
        });
        self.enterprises.push(Arc::clone(&enterprise));
        enterprise
    }

    pub(crate) fn add_organization(&mut self, enterprise: &str, name: &str) -> Arc<Organization> {
        if let Some(organization) = self.organization(name) {
            return Arc::clone(organization);
        }
        let organization = Arc::new(Organization {
            id: next_id(&self.organizations),
            name: name.into(),
            enterprise: self.add_enterprise(enterprise),
        });
        self.organizations.push(Arc::clone(&organization));
        organization
    }

    pub(crate) fn add_repository(&mut self, owner: &str, name: &str) -> Arc<Repository> {
        if let Some(repository) = self.repository(owner, name) {
            return Arc::clone(repository);
        }
        let repository = Arc::new(Repository {
            id: next_id(&self.repositories),
            name: name.into(),
            organization: self.add_organization(DEFAULT_ENTERPRISE, owner),
        });
        self.repositories.push(Arc::clone(&repository));
        repository
    }

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
        let repository = self.add_repository(&request.owner, &request.repository);
        let id = next(self.last_request_ids.entry(findings.kind()).or_default());
        let number = next(self.last_numbers.entry(repository.id).or_default());
        let responses = request
            .responses
            .into_iter()
            .map(|response| Response {
                id: next(&mut self.last_response_id),
                reviewer: response.reviewer,
                status: response.status,
                created_at: to_the_second(response.created_at.unwrap_or(now)),
            })
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

/// Requests, and what happens to them.
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

    /// The request with this number, of whichever kind: numbers are unique in a repository.
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

    /// Returns the id of the response.
    pub(crate) fn review(
        &mut self,
        repository: &Repository,
        number: u64,
        status: ResponseStatus,
        reviewer: &str,
        now: DateTime<Utc>,
    ) -> Result<u64, ChangeError> {
        let id = self.last_response_id + 1;
        self.request_mut(repository, number)?.review(Response {
            id,
            reviewer: reviewer.into(),
            status,
            created_at: to_the_second(now),
        })?;
        self.last_response_id = id;
        Ok(id)
    }

    pub(crate) fn dismiss(
        &mut self,
        repository: &Repository,
        kind: Kind,
        response_id: u64,
        now: DateTime<Utc>,
    ) -> Result<(), ChangeError> {
        self.requests
            .iter_mut()
            .find(|request| {
                let answered = request.responses.iter();
                request.repository.id == repository.id
                    && request.findings.kind() == kind
                    && answered
                        .map(|response| response.id)
                        .any(|id| id == response_id)
            })
            .ok_or(ChangeError::NotFound)?
            .dismiss(response_id, now)
    }
}

impl Place {
    fn contains(&self, repository: &Repository) -> bool {
        match self {
            Self::Enterprise(it) => repository.organization.enterprise.id == it.id,
            Self::Organization(it) => repository.organization.id == it.id,
            Self::Repository(it) => repository.id == it.id,
        }
    }
}

/// Enterprises, organizations, repositories and logins are the same in any case.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// A user's number, the same in every run, so that it may stand in a snapshot.
pub(crate) fn actor_id(login: &str) -> u64 {
    // Within 32 bits, like the real ones; never zero.
    fingerprint(login.to_ascii_lowercase().as_bytes()) % 0x7fff_ffff + 1
}

pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

fn next_id<T>(existing: &[T]) -> u64 {
    existing.len() as u64 + 1
}

fn next(sequence: &mut u64) -> u64 {
    *sequence += 1;
    *sequence
}

/// What the API shows has no fractions of a second; what is not shown must not decide a filter.
fn to_the_second(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.trunc_subsecs(0)
}

fn commit_sha(kind: Kind, id: u64) -> String {
    let name = format!("{}/{id}", kind.path_segment());
    let mut rng = Rng::with_seed(fingerprint(name.as_bytes()));
    (0..20).map(|_| format!("{:02x}", rng.u8(..))).collect()
}
