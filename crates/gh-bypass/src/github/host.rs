//! Names of hosts.

use crate::terminal::variable;

/// Returns the host of the environment, by the rules of the client: `GH_HOST`, then
/// `GITHUB_API_URL`, then github.com.
pub(crate) fn default_host() -> String {
    let named = ["GH_HOST", "GITHUB_API_URL"].into_iter().find_map(variable);
    named.map_or_else(|| "github.com".to_owned(), |named| host_of(&named))
}

/// Returns the name of the website for a host or for the URL of an API.
pub(crate) fn host_of(named: &str) -> String {
    let named = named.trim().to_ascii_lowercase();
    let rest = named
        .split_once("://")
        .map_or(named.as_str(), |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    let website = host.strip_prefix("api.").filter(|rest| is_cloud(rest));
    website.unwrap_or(host).to_owned()
}

/// Returns true for github.com and the subdomains of ghe.com. Their tokens are in `GH_TOKEN` and
/// `GITHUB_TOKEN`.
pub(crate) fn is_cloud(host: &str) -> bool {
    host == "github.com" || host.ends_with(".ghe.com")
}

pub(crate) fn same_host(one: &str, other: &str) -> bool {
    host_of(one) == host_of(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_name() {
        for (named, expected) in [
            ("github.com", "github.com"),
            ("https://api.github.com", "github.com"),
            ("api.octo.ghe.com", "octo.ghe.com"),
            ("https://GHES.example.com/api/v3", "ghes.example.com"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("api.example.com", "api.example.com"),
        ] {
            assert_eq!(host_of(named), expected);
        }
    }
}
