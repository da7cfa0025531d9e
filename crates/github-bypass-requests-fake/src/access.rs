//! Tokens and their permissions.

use std::fmt;

use crate::world::findings::Kind;

/// A token, the login it belongs to, and its permissions. By default, the token has all
/// permissions.
#[derive(Clone)]
#[must_use = "an `Access` has no effect until it is passed to a `Builder` or a `Fake`"]
pub struct Access {
    pub(crate) token: String,
    pub(crate) login: String,
    pub(crate) is_reviewer: bool,
    pub(crate) read_only: bool,
    pub(crate) fine_grained: bool,
    pub(crate) secret_scanning: bool,
}

/// The permission that an operation needs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    ReadEnterprise(Kind),
    Read(Kind),
    Review,
}

/// A missing permission.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lack {
    /// The permissions that would suffice, in the format of `X-Accepted-GitHub-Permissions`. `None`
    /// if fine-grained tokens cannot use the operation.
    pub(crate) accepted: Option<&'static str>,
}

impl Access {
    /// Creates a classic token of a bypass reviewer.
    pub fn new(token: impl Into<String>, login: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            login: login.into(),
            is_reviewer: true,
            read_only: false,
            fine_grained: false,
            secret_scanning: true,
        }
    }

    /// Removes the permission to review: reviews fail with 403. The token can still dismiss
    /// reviews, because GitHub documents that a read permission suffices for dismissals.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Makes the token fine-grained. Enterprise lists reject fine-grained tokens (403).
    pub fn fine_grained(mut self) -> Self {
        self.fine_grained = true;
        self
    }

    /// Removes the permission to read secret scanning alerts. All secret scanning operations return
    /// 403.
    pub fn without_secret_scanning(mut self) -> Self {
        self.secret_scanning = false;
        self
    }

    /// Removes the login from the bypass reviewers. All operations return 404, because GitHub hides
    /// everything from users who are not reviewers.
    pub fn not_a_reviewer(mut self) -> Self {
        self.is_reviewer = false;
        self
    }

    pub(crate) fn check(&self, need: Need) -> Result<(), Lack> {
        match need {
            Need::ReadEnterprise(_) if self.fine_grained => Err(Lack { accepted: None }),
            Need::ReadEnterprise(Kind::SecretScanning) | Need::Read(Kind::SecretScanning)
                if !self.secret_scanning =>
            {
                Err(Lack {
                    accepted: Some(
                        "secret_scanning_alerts=read,organization_secret_scanning_bypass_requests=read; \
                         secret_scanning_alerts=read,secret_scanning_bypass_requests=read",
                    ),
                })
            }
            Need::Review if self.read_only || !self.secret_scanning => Err(Lack {
                accepted: Some(
                    "secret_scanning_alerts=read,organization_secret_scanning_bypass_requests=write; \
                     secret_scanning_alerts=read,secret_scanning_bypass_requests=write",
                ),
            }),
            Need::ReadEnterprise(_) | Need::Read(_) | Need::Review => Ok(()),
        }
    }
}

/// Shows everything but the token.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("login", &self.login)
            .field("is_reviewer", &self.is_reviewer)
            .field("read_only", &self.read_only)
            .field("fine_grained", &self.fine_grained)
            .field("secret_scanning", &self.secret_scanning)
            .finish_non_exhaustive()
    }
}
