//! The host and the token from environment variables.

use crate::auth::secret::Secret;
use crate::error::{Error, Reason};
use crate::transport::base_url::BaseUrl;

/// Looks up an environment variable. A value that is not valid Unicode is returned with replacement
/// characters, which are invalid in both a host and a token.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Looks up an environment variable of this process.
pub(crate) fn of_process(name: &str) -> Option<String> {
    Some(std::env::var_os(name)?.to_string_lossy().into_owned())
}

/// Returns the host, and the variable that names it: `GH_HOST`, which `gh` reads, or
/// `GITHUB_API_URL`, which GitHub Actions sets. The default is github.com.
pub(crate) fn host_from(variables: Variables<'_>) -> (String, Option<&'static str>) {
    let value_of = |name| variables(name).filter(|value| !value.trim().is_empty());
    let named = ["GH_HOST", "GITHUB_API_URL"].into_iter();
    let mut named = named.filter_map(|name| Some((value_of(name)?.trim().to_owned(), Some(name))));
    named
        .next()
        .unwrap_or_else(|| ("github.com".to_owned(), None))
}

/// Returns the token that belongs to this host.
pub(crate) fn token_from(variables: Variables<'_>, base_url: &BaseUrl) -> Result<Secret, Error> {
    let names = if base_url.is_github_cloud() {
        ["GH_TOKEN", "GITHUB_TOKEN"]
    } else {
        ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
    };
    // In a GitHub Actions workflow, `GITHUB_TOKEN` belongs to the host in `GITHUB_API_URL`. If that
    // URL is invalid, the token may belong to any host, so it is not used.
    let workflow_host = variables("GITHUB_API_URL").filter(|url| !url.trim().is_empty());
    let is_this_host =
        |url: &String| BaseUrl::parse(url.trim()).is_ok_and(|host| host == *base_url);
    let is_foreign = workflow_host.as_ref().is_some_and(|url| !is_this_host(url));
    let own = workflow_host
        .as_ref()
        .filter(|url| is_this_host(url))
        .map(|_| "GITHUB_TOKEN");
    let value = |name: &'static str| {
        Some((name, variables(name)?)).filter(|(_, value)| !value.trim().is_empty())
    };
    let found = names
        .into_iter()
        .filter(|name| !(is_foreign && *name == "GITHUB_TOKEN"))
        .chain(own)
        .find_map(value);
    if let Some((name, value)) = found {
        return Secret::token(value.trim_end_matches(['\r', '\n']))
            .map_err(|error| Error::input(format!("{name}: {error}")));
    }
    let mut message = format!("no token for {base_url}: set {} or {}", names[0], names[1]);
    if is_foreign && value("GITHUB_TOKEN").is_some() {
        message.push_str(" (GITHUB_TOKEN belongs to the host of GITHUB_API_URL)");
    }
    let enterprise = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
    if base_url.is_github_cloud()
        && let Some((name, _)) = enterprise.into_iter().find_map(value)
    {
        message.push_str(&format!(
            " ({name} belongs to an Enterprise Server: set GH_HOST)"
        ));
    }
    if !base_url.is_github_cloud() && value("GH_TOKEN").is_some() {
        message.push_str(" (GH_TOKEN belongs to github.com and *.ghe.com)");
    }
    Err(Error::new(Reason::TokenMissing(message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the token for `base_url`, or the error message.
    fn found(base_url: &str, variables: &[(&str, &str)]) -> String {
        let base_url = BaseUrl::parse(base_url).expect("base URL");
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        match token_from(&lookup, &base_url) {
            Ok(token) => token.expose().to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_token_is_used_for_its_own_host_only() {
        let all = &[
            ("GH_TOKEN", "gh"),
            ("GITHUB_TOKEN", "github"),
            ("GH_ENTERPRISE_TOKEN", "gh-enterprise"),
            ("GITHUB_ENTERPRISE_TOKEN", "github-enterprise"),
        ];
        for (base_url, variables, expected) in [
            ("github.com", &all[..], "gh"),
            ("github.com", &all[1..], "github"),
            ("octo.ghe.com", &all[1..], "github"),
            ("ghes.example.com", all, "gh-enterprise"),
            (
                "ghes.example.com",
                &[all[0], all[1], all[3]],
                "github-enterprise",
            ),
        ] {
            assert_eq!(found(base_url, variables), expected, "{base_url}");
        }
        assert_eq!(
            found("github.com", &all[2..]),
            "no token for https://api.github.com: set GH_TOKEN or GITHUB_TOKEN \
             (GH_ENTERPRISE_TOKEN belongs to an Enterprise Server: set GH_HOST)"
        );
        assert_eq!(
            found("ghes.example.com", &all[..2]),
            "no token for https://ghes.example.com/api/v3: set GH_ENTERPRISE_TOKEN or GITHUB_ENTERPRISE_TOKEN \
             (GH_TOKEN belongs to github.com and *.ghe.com)"
        );
    }

    #[test]
    fn in_actions_github_token_belongs_to_the_host_in_github_api_url() {
        let on_server = [
            ("GITHUB_API_URL", "https://ghes.example.com/api/v3"),
            ("GITHUB_TOKEN", "workflow"),
        ];
        assert_eq!(found("ghes.example.com", &on_server), "workflow");
        assert!(found("other.example.com", &on_server).starts_with("no token"));
        assert_eq!(
            found("github.com", &on_server),
            "no token for https://api.github.com: set GH_TOKEN or GITHUB_TOKEN \
             (GITHUB_TOKEN belongs to the host of GITHUB_API_URL)"
        );
        let on_cloud = [
            ("GITHUB_API_URL", "https://api.github.com"),
            ("GITHUB_TOKEN", "workflow"),
        ];
        assert_eq!(found("github.com", &on_cloud), "workflow");
        assert!(found("ghes.example.com", &on_cloud).starts_with("no token"));
    }

    #[test]
    fn github_token_is_not_used_if_github_api_url_is_invalid() {
        for url in [
            "http://ghes.internal/api/v3",
            "https://u:p@ghes.example.com",
            "\u{fffd}",
            "x y",
        ] {
            let variables = [("GITHUB_API_URL", url), ("GITHUB_TOKEN", "workflow")];
            for base_url in ["github.com", "octo.ghe.com", "ghes.example.com"] {
                assert!(
                    found(base_url, &variables).starts_with("no token"),
                    "{base_url} {url}"
                );
            }
        }
    }

    #[test]
    fn an_empty_variable_counts_as_unset_and_a_line_break_is_trimmed() {
        assert_eq!(
            found("github.com", &[("GH_TOKEN", ""), ("GITHUB_TOKEN", "x\r\n")]),
            "x"
        );
        assert!(
            found("github.com", &[("GH_TOKEN", "a\nb")])
                .starts_with("GH_TOKEN: the token contains")
        );
    }

    #[test]
    fn the_host_comes_from_gh_host_or_github_api_url() {
        let host = |variables: &[(&str, &str)]| {
            host_from(&|name: &str| {
                variables
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            })
            .0
        };
        assert_eq!(host(&[]), "github.com");
        assert_eq!(
            host(&[("GITHUB_API_URL", "https://api.octo.ghe.com")]),
            "https://api.octo.ghe.com"
        );
        assert_eq!(
            host(&[("GH_HOST", "ghes.example.com"), ("GITHUB_API_URL", "x")]),
            "ghes.example.com"
        );
    }
}
