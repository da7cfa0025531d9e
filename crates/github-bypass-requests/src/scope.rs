//! Scopes, in which requests are listed and read, and the two kinds of requests.

pub(crate) mod names;

use crate::client::Client;
use crate::error::{Error, InvalidInput, Result};
use crate::model::request::BypassRequest;
use crate::scope::names::Name;

impl Client {
    /// Requests of all organizations of an enterprise, named by its slug.
    ///
    /// GitHub accepts classic tokens only here.
    pub fn enterprise(&self, slug: impl AsRef<str>) -> Enterprise {
        Enterprise {
            client: self.clone(),
            slug: Name::slug("enterprise", slug.as_ref()),
        }
    }

    /// Requests of all repositories of an organization. Case does not matter.
    ///
    /// A name that cannot be one is refused by the call that would send it.
    pub fn organization(&self, name: impl AsRef<str>) -> Organization {
        Organization {
            client: self.clone(),
            name: Name::slug("organization", name.as_ref()),
        }
    }

    /// Requests of one repository, named by its owner and its own name. Case does not matter.
    ///
    /// A name that cannot be one is refused by the call that would send it.
    pub fn repository(&self, owner: impl AsRef<str>, name: impl AsRef<str>) -> Repository {
        Repository {
            client: self.clone(),
            owner: Name::slug("owner", owner.as_ref()),
            name: Name::slug("repository", name.as_ref()),
        }
    }

    /// The repository of a listed request, in which it can be read and reviewed.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the request does not name its repository in full, or by what
    /// cannot be a name.
    pub fn repository_of<D>(&self, request: &BypassRequest<D>) -> Result<Repository> {
        let BypassRequest {
            repository,
            organization,
            ..
        } = request;
        let full_name = repository
            .full_name
            .as_deref()
            .and_then(|name| name.split_once('/'));
        let parts = organization.name.as_deref().zip(repository.name.as_deref());
        let Some((owner, name)) = full_name.or(parts) else {
            return Err(Error::input("the request does not name its repository"));
        };
        let found = self.repository(owner, name);
        // Here the names are not the caller's own: he hears of it at once.
        found.names()?;
        Ok(found)
    }
}

/// An enterprise: from [`Client::enterprise`].
#[derive(Clone, Debug)]
pub struct Enterprise {
    pub(crate) client: Client,
    pub(crate) slug: Result<Name, InvalidInput>,
}

/// An organization: from [`Client::organization`].
#[derive(Clone, Debug)]
pub struct Organization {
    pub(crate) client: Client,
    pub(crate) name: Result<Name, InvalidInput>,
}

/// A repository: from [`Client::repository`] or [`Client::repository_of`].
#[derive(Clone, Debug)]
pub struct Repository {
    pub(crate) client: Client,
    pub(crate) owner: Result<Name, InvalidInput>,
    pub(crate) name: Result<Name, InvalidInput>,
}

/// Requests to push a detected secret, of an [`Enterprise`], an [`Organization`] or a
/// [`Repository`].
///
/// Reading one request and reviewing take the repository; elsewhere they do not exist:
///
/// ```
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// client.repository("octo-org", "smile").secret_scanning().get(42).await?;
/// # Ok(())
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// client.organization("octo-org").secret_scanning().get(42).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SecretScanning<S> {
    pub(crate) scope: S,
}

/// Requests to push what a push rule forbids, of an [`Enterprise`], an [`Organization`] or a
/// [`Repository`].
///
/// They cannot be reviewed through the REST API; a request's
/// [`html_url`](crate::BypassRequest::html_url) is the way on. So one can be read:
///
/// ```
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// client.repository("octo-org", "smile").push_rules().get(42).await?;
/// # Ok(())
/// # }
/// ```
///
/// but not approved:
///
/// ```compile_fail,E0599
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// client.repository("octo-org", "smile").push_rules().approve(42, "fine").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PushRules<S> {
    pub(crate) scope: S,
}

macro_rules! kinds {
    ($scope:ident) => {
        impl $scope {
            /// Requests to push a detected secret.
            pub fn secret_scanning(&self) -> SecretScanning<Self> {
                SecretScanning {
                    scope: self.clone(),
                }
            }

            /// Requests to push what a push rule forbids.
            pub fn push_rules(&self) -> PushRules<Self> {
                PushRules {
                    scope: self.clone(),
                }
            }
        }

        impl InClient for $scope {
            fn client(&self) -> &Client {
                &self.client
            }
        }
    };
}

kinds!(Enterprise);
kinds!(Organization);
kinds!(Repository);

impl Repository {
    /// The owner's name and its own, or why one of them cannot be a name.
    pub(crate) fn names(&self) -> Result<(&str, &str)> {
        let owner = self.owner.as_ref().map_err(Clone::clone)?;
        let name = self.name.as_ref().map_err(Clone::clone)?;
        Ok((owner, name))
    }
}

/// A scope's client; not nameable by users.
pub trait InClient: Send + Sync + 'static {
    #[doc(hidden)]
    fn client(&self) -> &Client;
}
