//! The requests that arguments name.

use github_bypass_requests::RequestNumber;

use crate::args::Args;
use crate::failure::{Failure, Result};
use crate::github::host::{default_host, host_of};
use crate::github::remote;
use crate::github::repository::RepositoryName;
use crate::github::scope::{named_repository, parse_repository};
use crate::terminal::Terminal;

/// A request, by its repository and number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) host: Option<String>,
    pub(crate) repository: RepositoryName,
    pub(crate) number: RequestNumber,
}

impl Reference {
    /// Parses `NUMBER`, `#NUMBER`, `OWNER/REPO#NUMBER` or the URL of a request. A number without a
    /// repository belongs to the repository that the arguments, `GH_REPO` or the git remote name.
    pub(crate) fn parse(text: &str, args: &Args, terminal: &Terminal) -> Result<Self> {
        let text = text.trim();
        let invalid = || {
            Failure::usage(format!(
                "a request must be named by NUMBER, OWNER/REPO#NUMBER or URL, not {text:?}"
            ))
        };
        if let Some((_, rest)) = text.split_once("://") {
            let path = rest.split(['?', '#']).next().unwrap_or(rest);
            let parts: Vec<&str> = path.split('/').collect();
            let [host, owner, name, "exemptions", number, ..] = parts.as_slice() else {
                return Err(invalid());
            };
            let (_, repository) = parse_repository(&format!("{owner}/{name}"))?;
            let number = number.parse().map_err(|_| invalid())?;
            return Ok(Self::new(Some(host), repository, number));
        }
        let (repository, number) = text.rsplit_once('#').unwrap_or(("", text));
        let number = number.parse().map_err(|_| invalid())?;
        let (host, repository) = match repository {
            "" => Self::repository_of_numbers(args, terminal)?,
            named => parse_repository(named)?,
        };
        Ok(Self::new(host.as_deref(), repository, number))
    }

    /// The host of the environment has no name here, so that one host has only one name.
    fn new(host: Option<&str>, repository: RepositoryName, number: RequestNumber) -> Self {
        let host = host.map(host_of).filter(|host| *host != default_host());
        Self {
            host,
            repository,
            number,
        }
    }

    /// Returns true if both are the same request. Case does not matter to GitHub.
    fn is_same(&self, other: &Self) -> bool {
        self.to_string().eq_ignore_ascii_case(&other.to_string()) && self.host == other.host
    }

    fn repository_of_numbers(
        args: &Args,
        terminal: &Terminal,
    ) -> Result<(Option<String>, RepositoryName)> {
        if let Some(named) = named_repository(args)? {
            return Ok(named);
        }
        let remote = if args.demo {
            None
        } else {
            remote::repository()
        };
        let Some((host, repository)) = remote else {
            return Err(Failure::usage(
                "a number needs a repository: use -R OWNER/REPO or OWNER/REPO#NUMBER, or set GH_REPO",
            ));
        };
        terminal.notice(&format!(
            "Using {repository}, the remote of this directory."
        ));
        Ok((Some(host), repository))
    }

    /// Parses several requests, which must be on one host. A repeated request counts once.
    pub(crate) fn parse_all(
        texts: &[String],
        args: &Args,
        terminal: &Terminal,
    ) -> Result<Vec<Self>> {
        let mut all: Vec<Self> = Vec::new();
        for text in texts {
            let reference = Self::parse(text, args, terminal)?;
            if !all.iter().any(|known| known.is_same(&reference)) {
                all.push(reference);
            }
        }
        if all
            .windows(2)
            .any(|pair| pair.first().map(|one| &one.host) != pair.last().map(|one| &one.host))
        {
            return Err(Failure::usage("all requests must be on the same host"));
        }
        Ok(all)
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.repository, self.number)
    }
}
