//! The entry to everything.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use http::HeaderMap;

use crate::base_url::BaseUrl;
use crate::gate::Gate;
use crate::names::Slug;
use crate::pace::Pace;
use crate::retry_budget::RetryBudget;
use crate::transport::Policy;
use crate::{
    BypassRequest, ClientBuilder, Enterprise, Error, Organization, Repository, Result, TokenSource,
};

/// A client of one host with the tokens of one source. Cheap to clone; clones share connections and limits.
///
/// Leads from a scope to a kind of request to what can be done with it:
///
/// ```no_run
/// # async fn example() -> Result<(), github_bypass_requests::Error> {
/// use github_bypass_requests::{Client, StatusFilter};
///
/// let client = Client::from_env()?;
/// let mut open = client
///     .organization("octo-org")
///     .secret_scanning()
///     .list()
///     .status(StatusFilter::Open)
///     .stream();
/// while let Some(request) = open.try_next().await? {
///     println!("{request}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

/// What a client and its clones have in common.
pub(crate) struct Shared {
    pub(crate) base_url: BaseUrl,
    pub(crate) tokens: Arc<dyn TokenSource>,
    pub(crate) headers: HeaderMap,
    pub(crate) http: reqwest::Client,
    pub(crate) max_body: usize,
    pub(crate) max_error_body: usize,
    pub(crate) policy: Policy,
    pub(crate) retry_budget: RetryBudget,
    pub(crate) gate: Gate,
    pub(crate) pace: Pace,
    /// Whether the user was warned of a deprecation, which is done once.
    pub(crate) deprecation_told: AtomicBool,
}

impl Client {
    /// A client with the host and the token of the environment.
    ///
    /// The host is `GH_HOST`, as `gh` has it, else `GITHUB_API_URL`, as GitHub Actions has it, else
    /// github.com. The token is the one that belongs to this host; see
    /// [`ClientBuilder::token_from_env`].
    ///
    /// # Errors
    ///
    /// [`Error::is_token_missing`] where no variable holds a token for this host; the text names
    /// the variables. [`Error::is_invalid_input`] where one holds what cannot be a token or a host.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()
    }

    /// Starts to put a client together.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Requests of all organizations of an enterprise, named by its slug.
    ///
    /// GitHub accepts classic tokens only here.
    pub fn enterprise(&self, slug: impl AsRef<str>) -> Enterprise {
        Enterprise {
            client: self.clone(),
            slug: Slug::parse("enterprise", slug.as_ref()),
        }
    }

    /// Requests of all repositories of an organization. Case does not matter.
    ///
    /// A name that cannot be one is refused by the call that would send it.
    pub fn organization(&self, name: impl AsRef<str>) -> Organization {
        Organization {
            client: self.clone(),
            name: Slug::parse("organization", name.as_ref()),
        }
    }

    /// Requests of one repository, named by its owner and its own name. Case does not matter.
    ///
    /// A name that cannot be one is refused by the call that would send it.
    pub fn repository(&self, owner: impl AsRef<str>, name: impl AsRef<str>) -> Repository {
        Repository {
            client: self.clone(),
            owner: Slug::parse("owner", owner.as_ref()),
            name: Slug::parse("repository", name.as_ref()),
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
        found.owner.clone()?;
        found.name.clone()?;
        Ok(found)
    }
}

/// Without the token.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.shared.base_url)
            .finish_non_exhaustive()
    }
}
