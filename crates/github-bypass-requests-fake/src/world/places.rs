//! Enterprises, organizations and repositories.

use std::sync::Arc;

use super::names::same_name;

/// The enterprise of organizations that are added without an enterprise.
pub(crate) const DEFAULT_ENTERPRISE: &str = "octo-enterprise";

/// All places. Places are never removed.
#[derive(Debug, Default)]
pub(crate) struct Places {
    enterprises: Vec<Arc<Enterprise>>,
    organizations: Vec<Arc<Organization>>,
    repositories: Vec<Arc<Repository>>,
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

/// The scope of a list.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Enterprise(Arc<Enterprise>),
    Organization(Arc<Organization>),
    Repository(Arc<Repository>),
}

/// Finds places by name, or by id, because the URLs in `Link` headers contain ids.
impl Places {
    pub(crate) fn enterprise(&self, slug_or_id: &str) -> Option<Arc<Enterprise>> {
        self.enterprise_of_slug(slug_or_id).or_else(|| {
            let id = slug_or_id.parse::<u64>().ok()?;
            find(&self.enterprises, |enterprise| enterprise.id == id)
        })
    }

    pub(crate) fn organization(&self, name: &str) -> Option<Arc<Organization>> {
        find(&self.organizations, |organization| {
            same_name(&organization.name, name)
        })
    }

    pub(crate) fn organization_by_id(&self, id: u64) -> Option<Arc<Organization>> {
        find(&self.organizations, |organization| organization.id == id)
    }

    pub(crate) fn repository(&self, owner: &str, name: &str) -> Option<Arc<Repository>> {
        find(&self.repositories, |repository| {
            same_name(&repository.organization.name, owner) && same_name(&repository.name, name)
        })
    }

    pub(crate) fn repository_by_id(&self, id: u64) -> Option<Arc<Repository>> {
        find(&self.repositories, |repository| repository.id == id)
    }

    fn enterprise_of_slug(&self, slug: &str) -> Option<Arc<Enterprise>> {
        find(&self.enterprises, |enterprise| {
            same_name(&enterprise.slug, slug)
        })
    }
}

/// Each function adds a place, unless it already exists.
impl Places {
    pub(crate) fn add_enterprise(&mut self, slug: &str) -> Arc<Enterprise> {
        if let Some(enterprise) = self.enterprise_of_slug(slug) {
            return enterprise;
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
            return organization;
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
            return repository;
        }
        let repository = Arc::new(Repository {
            id: next_id(&self.repositories),
            name: name.into(),
            organization: self.add_organization(DEFAULT_ENTERPRISE, owner),
        });
        self.repositories.push(Arc::clone(&repository));
        repository
    }
}

impl Repository {
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.organization.name, self.name)
    }
}

impl Place {
    pub(super) fn contains(&self, repository: &Repository) -> bool {
        match self {
            Self::Enterprise(it) => repository.organization.enterprise.id == it.id,
            Self::Organization(it) => repository.organization.id == it.id,
            Self::Repository(it) => repository.id == it.id,
        }
    }
}

fn find<T>(places: &[Arc<T>], matches: impl Fn(&T) -> bool) -> Option<Arc<T>> {
    places.iter().find(|place| matches(place)).cloned()
}

fn next_id<T>(existing: &[T]) -> u64 {
    existing.len() as u64 + 1
}
