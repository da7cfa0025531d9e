//! The repository of the current directory.

use std::process::{Command, Stdio};

use crate::github::host::{default_host, is_cloud, same_host};
use crate::github::repository::RepositoryName;

/// Returns the host and the repository of the git remote, if there is one on GitHub.
///
/// Like `gh`, this prefers the remote that `gh repo set-default` chose, then `upstream`, `github`
/// and `origin`. Remotes on hosts other than github.com, `*.ghe.com` and the host that the
/// environment names do not count, because those hosts could be any kind of server.
pub(crate) fn repository() -> Option<(String, RepositoryName)> {
    let mut command = Command::new("git");
    command.args(["config", "--get-regexp", r"^remote\..*\.(url|gh-resolved)$"]);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    choose(&String::from_utf8_lossy(&output.stdout), &default_host())
}

/// Chooses from the lines `remote.NAME.url URL` and `remote.NAME.gh-resolved base`.
fn choose(config: &str, default_host: &str) -> Option<(String, RepositoryName)> {
    let mut default = None;
    let mut remotes = Vec::new();
    for line in config.lines() {
        let Some((key, value)) = line.split_once(' ') else {
            continue;
        };
        let key = key.strip_prefix("remote.").unwrap_or(key);
        if let Some(name) = key.strip_suffix(".gh-resolved") {
            default = Some((name, value));
        } else if let Some(name) = key.strip_suffix(".url")
            && let Some((host, repository)) = parse(value)
            && (is_cloud(&host) || same_host(&host, default_host))
        {
            remotes.push((name, host, repository));
        }
    }
    let rank = |name: &str| match name {
        name if default.is_some_and(|(chosen, _)| chosen == name) => 0,
        "upstream" => 1,
        "github" => 2,
        "origin" => 3,
        _ => 4,
    };
    let best = remotes.into_iter().min_by_key(|(name, ..)| rank(name));
    let (name, host, repository) = best?;
    // The value is `base`, or another repository on the same host.
    let other = default.filter(|(chosen, _)| *chosen == name);
    let other = other.and_then(|(_, value)| parse(&format!("https://{host}/{value}")));
    Some((host, other.map_or(repository, |(_, other)| other)))
}

/// Parses `https://HOST/OWNER/REPO.git`, `ssh://git@HOST/OWNER/REPO.git` or
/// `git@HOST:OWNER/REPO.git`.
fn parse(url: &str) -> Option<(String, RepositoryName)> {
    let (scheme, host, path) = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/')?;
            (scheme, host, path)
        }
        None => {
            let (host, path) = url.split_once(':')?;
            ("ssh", host, path)
        }
    };
    let mut host = host.rsplit('@').next()?;
    if !scheme.starts_with("http") {
        // The port of such a URL is not the port of the API.
        host = host.split(':').next()?;
    }
    let host = host.to_ascii_lowercase();
    // GitHub accepts SSH connections on port 443 of this host.
    let host = host
        .strip_prefix("ssh.")
        .filter(|rest| is_cloud(rest))
        .unwrap_or(&host)
        .to_owned();
    let path = path.trim_matches('/');
    let (owner, name) = path.strip_suffix(".git").unwrap_or(path).split_once('/')?;
    let is_complete =
        !host.is_empty() && !owner.is_empty() && !name.is_empty() && !name.contains('/');
    is_complete.then(|| {
        (
            host,
            RepositoryName {
                owner: owner.to_owned(),
                name: name.to_owned(),
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(config: &str) -> Option<String> {
        choose(config, "ghes.example.com").map(|(host, repository)| format!("{host}/{repository}"))
    }

    #[test]
    fn every_form_of_remote_is_read() {
        for url in [
            "https://github.com/octo-org/smile.git",
            "https://user:token@github.com/octo-org/smile",
            "git@github.com:octo-org/smile.git",
            "ssh://git@github.com/octo-org/smile.git",
            "ssh://git@ssh.github.com:443/octo-org/smile.git",
            "git://GitHub.com/octo-org/smile/",
        ] {
            let config = format!("remote.origin.url {url}");
            assert_eq!(
                chosen(&config).as_deref(),
                Some("github.com/octo-org/smile"),
                "{url}"
            );
        }
        for url in [
            "/srv/git/smile.git",
            "../smile",
            "https://github.com/octo-org",
            "file:///x/y/z",
        ] {
            assert_eq!(chosen(&format!("remote.origin.url {url}")), None, "{url}");
        }
    }

    #[test]
    fn a_remote_on_an_unknown_host_does_not_count() {
        assert_eq!(
            chosen("remote.origin.url https://gitlab.com/octo-org/smile.git"),
            None
        );
        let known = "remote.origin.url https://ghes.example.com/octo-org/smile.git";
        assert_eq!(
            chosen(known).as_deref(),
            Some("ghes.example.com/octo-org/smile")
        );
    }

    #[test]
    fn the_chosen_remote_comes_before_upstream_and_origin() {
        let mut config = "remote.origin.url git@github.com:me/smile.git\n\
                          remote.upstream.url git@github.com:octo-org/smile.git\n\
                          remote.work.url git@github.com:work/smile.git\n"
            .to_owned();
        assert_eq!(
            chosen(&config).as_deref(),
            Some("github.com/octo-org/smile")
        );
        config.push_str("remote.work.gh-resolved base\n");
        assert_eq!(chosen(&config).as_deref(), Some("github.com/work/smile"));
        let other = config.replace("gh-resolved base", "gh-resolved octo-org/other");
        assert_eq!(chosen(&other).as_deref(), Some("github.com/octo-org/other"));
    }
}
