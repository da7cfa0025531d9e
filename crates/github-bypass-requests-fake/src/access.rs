//! What a token may do.

use std::fmt;

use crate::world::findings::Kind;

/// A token, the login it belongs to, and what it may do: by default, everything.
#[derive(Clone)]
#[must_use = "a token is accepted once it is given to a `Builder`"]
pub struct Access {
    pub(crate) token: String,
    pub(crate) login: String,
    pub(crate) is_reviewer: bool,
    read_only: bool,
    fine_grained: bool,
    secret_scanning: bool,
}

/// What an operation asks of a token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    ReadEnterprise(Kind),
    Read(Kind),
    Review,
}

/// A permission is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lack {
    /// What would do, in the words of `X-Accepted-GitHub-Permissions`; nothing may.
    pub(crate) accepted: Option<&'static str>,
}

impl Access {
    /// A classic token of a bypass reviewer.
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

    /// The token may not review: 403. It may dismiss, which GitHub documents as a read permission.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The token is fine-grained, and such are not accepted for an enterprise: 403.
    pub fn fine_grained(mut self) -> Self {
        self.fine_grained = true;
        self
    }

    /// The token may not read secret scanning alerts: 403 on all operations of secret scanning.
    pub fn without_secret_scanning(mut self) -> Self {
        self.secret_scanning = false;
        self
    }

    /// The login is no bypass reviewer. GitHub hides everything from such: 404 everywhere.
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
