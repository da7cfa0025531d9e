//! The organization, enterprise or repository that a command works on.

use std::fmt;

use github_bypass_requests::{Client, Queue};

use crate::args::{Args, Kind, ScopeArgs};
use crate::failure::{Failure, Result};
use crate::github::remote;
use crate::github::repository::RepositoryName;
use crate::terminal::{Terminal, variable};

/// A host and a scope on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// `None` for the host that the environment names.
    pub(crate) host: Option<String>,
    pub(crate) scope: Scope,
}

/// The lists that a command reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Organization(String),
    Enterprise(String),
    Repository(RepositoryName),
}

/// The demo's organization.
const DEMO: &str = "octo-org";

impl Place {
    /// Returns the place that is named by the arguments, by `GH_REPO`, or by the git remote of the
    /// directory.
    pub(crate) fn find(args: &Args, scope: &ScopeArgs, terminal: &Terminal) -> Result<Self> {
        let on_default_host = |scope| Self { host: None, scope };
        // clap does not see this conflict if `-R` comes before the command.
        if args.repo.is_some() && (scope.org.is_some() || scope.enterprise.is_some()) {
            return Err(Failure::usage(
                "`--repo` cannot be used with `--org` or `--enterprise`",
            ));
        }
        if let Some(org) = &scope.org {
            return Ok(on_default_host(Scope::Organization(org.clone())));
        }
        if let Some(enterprise) = &scope.enterprise {
            return Ok(on_default_host(Scope::Enterprise(enterprise.clone())));
        }
        if let Some((host, repository)) = named_repository(args)? {
            return Ok(Self {
                host,
                scope: Scope::Repository(repository),
            });
        }
        if args.demo {
            return Ok(on_default_host(Scope::Organization(DEMO.to_owned())));
        }
        match remote::repository() {
            Some((host, repository)) => {
                terminal.notice(&format!(
                    "Using {repository}, the remote of this directory."
                ));
                Ok(Self {
                    host: Some(host),
                    scope: Scope::Repository(repository),
                })
            }
            None => Err(Failure::usage(
                "there is no scope: use --org ORG, --enterprise SLUG or -R OWNER/REPO, or set GH_REPO",
            )),
        }
    }
}

/// Returns the repository in `-R` or `GH_REPO`, and its host if one is given.
pub(crate) fn named_repository(args: &Args) -> Result<Option<(Option<String>, RepositoryName)>> {
    if let Some(repo) = &args.repo {
        return parse_repository(repo).map(Some);
    }
    // The demo has its own repositories, so it ignores `GH_REPO`.
    match variable("GH_REPO").filter(|_| !args.demo) {
        Some(repo) => parse_repository(&repo).map(Some),
        None => Ok(None),
    }
}

/// Parses `[HOST/]OWNER/REPO`.
pub(crate) fn parse_repository(text: &str) -> Result<(Option<String>, RepositoryName)> {
    let parts: Vec<&str> = text.trim().split('/').collect();
    let (host, owner, name) = match parts.as_slice() {
        [owner, name] => (None, owner, name),
        [host, owner, name] => (Some((*host).to_owned()), owner, name),
        _ => (None, &"", &""),
    };
    if owner.is_empty() || name.is_empty() || host.as_deref() == Some("") {
        return Err(Failure::usage(format!(
            "a repository must be named as [HOST/]OWNER/REPO, not {text:?}"
        )));
    }
    let repository = RepositoryName {
        owner: (*owner).to_owned(),
        name: (*name).to_owned(),
    };
    Ok((host, repository))
}

impl Scope {
    /// Returns the queue for requests of one or both kinds.
    pub(crate) fn queue(&self, client: &Client, kind: Kind) -> Queue {
        macro_rules! queue_of {
            ($scope:expr) => {
                match kind {
                    Kind::All => $scope.queue(),
                    Kind::SecretScanning => $scope.secret_scanning().list().into(),
                    Kind::PushRules => $scope.push_rules().list().into(),
                }
            };
        }
        match self {
            Self::Organization(name) => queue_of!(client.organization(name)),
            Self::Enterprise(slug) => queue_of!(client.enterprise(slug)),
            Self::Repository(repository) => {
                queue_of!(client.repository(&repository.owner, &repository.name))
            }
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(name) | Self::Enterprise(name) => f.write_str(name),
            Self::Repository(repository) => repository.fmt(f),
        }
    }
}
