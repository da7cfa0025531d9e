//! Names of hosts.

use crate::terminal::variable;

/// Returns the host that the environment names, by the same rules as the client: `GH_HOST`, then
/// `GITHUB_API_URL`, then github.com.
pub(crate) fn default_host() -> String {
    let named = ["GH_HOST", "GITHUB_API_URL"].into_iter().find_map(variable);
    named.map_or_else(|| "github.com".to_owned(), |named| host_of(&named))
}

/// Returns the host name of the website for a host name or the URL of an API.
pub(crate) fn host_of(named: &str) -> String {
    let named = named.trim().to_ascii_lowercase();
    let rest = named
        .split_once("://")
        .map_or(named.as_str(), |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    let prefixes = ["api.", "www."].into_iter();
    let mut websites = prefixes.filter_map(|prefix| host.strip_prefix(prefix));
    websites
        .find(|rest| is_cloud(rest))
        .unwrap_or(host)
        .to_owned()
}

/// Returns true if the host is github.com or a subdomain of ghe.com. The tokens for these hosts are
/// in `GH_TOKEN` and `GITHUB_TOKEN`.
pub(crate) fn is_cloud(host: &str) -> bool {
    let subdomain = host.strip_suffix(".ghe.com");
    // `api.ghe.com` is no subdomain of a customer. The client treats it as an Enterprise Server.
    host == "github.com" || subdomain.is_some_and(|name| !matches!(name, "" | "api"))
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
            ("www.github.com", "github.com"),
            ("api.ghe.com", "api.ghe.com"),
        ] {
            assert_eq!(host_of(named), expected);
        }
    }
}
