//! Where requests are looked for, and which of the two kinds.

use crate::error::InvalidInput;
use crate::names::Slug;
use crate::{Client, List, Queue, RuleViolation, SecretFinding};

/// An enterprise: from [`Client::enterprise`].
#[derive(Clone, Debug)]
pub struct Enterprise {
    pub(crate) client: Client,
    pub(crate) slug: Result<Slug, InvalidInput>,
}

/// An organization: from [`Client::organization`].
#[derive(Clone, Debug)]
pub struct Organization {
    pub(crate) client: Client,
    pub(crate) name: Result<Slug, InvalidInput>,
}

/// A repository: from [`Client::repository`] or [`Client::repository_of`].
#[derive(Clone, Debug)]
pub struct Repository {
    pub(crate) client: Client,
    pub(crate) owner: Result<Slug, InvalidInput>,
    pub(crate) name: Result<Slug, InvalidInput>,
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

            /// Requests of both kinds, as one queue.
            pub fn queue(&self) -> Queue {
                let secret_scanning = self.secret_scanning().list();
                Queue::from(secret_scanning).and(self.push_rules().list())
            }
        }
    };
}

kinds!(Enterprise);
kinds!(Organization);
kinds!(Repository);

impl<S: Scope> SecretScanning<S> {
    /// The requests, newest first as far as observed.
    pub fn list(&self) -> List<S, SecretFinding> {
        List::new(self.scope.clone())
    }
}

impl<S: Scope> PushRules<S> {
    /// The requests, newest first as far as observed.
    pub fn list(&self) -> List<S, RuleViolation> {
        List::new(self.scope.clone())
    }
}

/// [`Enterprise`], [`Organization`] and [`Repository`]. Sealed.
pub trait Scope:
    crate::list::Lists<SecretFinding> + crate::list::Lists<RuleViolation> + Clone
{
}

impl Scope for Enterprise {}
impl Scope for Organization {}
impl Scope for Repository {}
