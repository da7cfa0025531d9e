//! The scopes that contain bypass requests, and the two kinds of bypass requests.

use crate::client::Client;
use crate::error::{Error, InvalidInput, Result};
use crate::model::names::Name;
use crate::model::origin::{OrganizationRef, RepositoryRef};
use crate::model::request::BypassRequest;

impl Client {
    /// Selects the bypass requests of all organizations of an enterprise. `slug` is the
    /// enterprise's slug or ID.
    ///
    /// GitHub accepts only classic tokens here. An invalid slug is reported by the first call that
    /// would send it.
    pub fn enterprise(&self, slug: impl AsRef<str>) -> Enterprise {
        Enterprise {
            client: self.clone(),
            slug: Name::slug("enterprise", slug.as_ref()),
        }
    }

    /// Selects the bypass requests of all repositories of an organization.
    ///
    /// The name is not case-sensitive. An invalid name is reported by the first call that would
    /// send it.
    pub fn organization(&self, name: impl AsRef<str>) -> Organization {
        Organization {
            client: self.clone(),
            name: Name::slug("organization", name.as_ref()),
        }
    }

    /// Selects the bypass requests of one repository, identified by owner and name.
    ///
    /// The names are not case-sensitive. An invalid name is reported by the first call that would
    /// send it.
    pub fn repository(&self, owner: impl AsRef<str>, name: impl AsRef<str>) -> Repository {
        Repository {
            client: self.clone(),
            owner: Name::slug("owner", owner.as_ref()),
            name: Name::slug("repository", name.as_ref()),
        }
    }

    /// Selects the repository of a listed bypass request.
    ///
    /// Use it to read and review a request from the list of an organization or an enterprise.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the bypass request lacks the name or the owner of its
    /// repository, or contains an invalid one.
    pub fn repository_of<D>(&self, request: &BypassRequest<D>) -> Result<Repository> {
        self.repository_named(&request.repository, &request.organization, "bypass request")
    }

    /// Selects the repository that the two references name. The error message calls the object that
    /// contains them `holder`: `bypass request` or `event`.
    pub(crate) fn repository_named(
        &self,
        repository: &RepositoryRef,
        organization: &OrganizationRef,
        holder: &str,
    ) -> Result<Repository> {
        let full_name = repository
            .full_name
            .as_deref()
            .and_then(|name| name.split_once('/'));
        let parts = organization.name.as_deref().zip(repository.name.as_deref());
        let Some((owner, name)) = full_name.or(parts) else {
            let message = format!("the {holder} does not name its repository");
            return Err(Error::input(message));
        };
        let found = self.repository(owner, name);
        // Report an invalid name at once, because it comes from GitHub and not from the caller.
        found.names()?;
        Ok(found)
    }
}

/// An enterprise, from [`Client::enterprise`].
///
/// Use it to list the bypass requests of all its organizations.
///
/// # Examples
///
/// ```
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// let mut requests = client.enterprise("octo-enterprise").secret_scanning().list().stream();
/// while let Some(request) = requests.try_next().await? {
///     println!("{request}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Enterprise {
    pub(crate) client: Client,
    pub(crate) slug: Result<Name, InvalidInput>,
}

/// An organization, from [`Client::organization`].
///
/// Use it to list the bypass requests of all its repositories.
///
/// # Examples
///
/// ```
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// let mut requests = client.organization("octo-org").push_rules().list().stream();
/// while let Some(request) = requests.try_next().await? {
///     println!("{request}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Organization {
    pub(crate) client: Client,
    pub(crate) name: Result<Name, InvalidInput>,
}

/// A repository, from [`Client::repository`] or [`Client::repository_of`].
///
/// Use it to read and review individual bypass requests, or to list those of the repository.
///
/// # Examples
///
/// ```
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// let request = client.repository("octo-org", "smile").secret_scanning().get(42).await?;
/// println!("{request}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Repository {
    pub(crate) client: Client,
    pub(crate) owner: Result<Name, InvalidInput>,
    pub(crate) name: Result<Name, InvalidInput>,
}

/// Bypass requests for pushes in which secret scanning detected a secret.
///
/// Each [`Enterprise`], [`Organization`] and [`Repository`] has a list of them. In a repository,
/// individual requests can also be read and reviewed, and their responses dismissed.
///
/// # Examples
///
/// ```
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// client.repository("octo-org", "smile").secret_scanning().get(42).await?;
/// # Ok(())
/// # }
/// ```
///
/// This does not compile, because an organization has only a list:
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

/// Bypass requests for pushes that break a push rule.
///
/// Each [`Enterprise`], [`Organization`] and [`Repository`] has a list of them. In a repository,
/// individual requests can also be read. They cannot be reviewed through the REST API: open the
/// request's [`html_url`](crate::BypassRequest::html_url) in a browser.
///
/// # Examples
///
/// ```
/// # async fn example(client: github_bypass_requests::Client) -> Result<(), github_bypass_requests::Error> {
/// client.repository("octo-org", "smile").push_rules().get(42).await?;
/// # Ok(())
/// # }
/// ```
///
/// This does not compile, because these requests cannot be reviewed:
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
            /// Selects the bypass requests for pushes in which a secret was detected.
            pub fn secret_scanning(&self) -> SecretScanning<Self> {
                SecretScanning {
                    scope: self.clone(),
                }
            }

            /// Selects the bypass requests for pushes that break a push rule.
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
    /// Returns the owner and the name, or an error about the first one that is invalid.
    pub(crate) fn names(&self) -> Result<(&str, &str)> {
        let owner = self.owner.as_ref().map_err(Clone::clone)?;
        let name = self.name.as_ref().map_err(Clone::clone)?;
        Ok((owner, name))
    }
}

/// A scope with a client. Users cannot name this trait.
pub trait InClient: Send + Sync + 'static {
    #[doc(hidden)]
    fn client(&self) -> &Client;
}
