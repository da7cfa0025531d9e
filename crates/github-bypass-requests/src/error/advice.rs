//! Advice about an error: the last part of its text.

use std::fmt;

use crate::error::{Called, Error};
use crate::response::excerpt::Excerpt;

impl Error {
    pub(super) fn advise(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ambiguous() {
            f.write_str("; read the request before you try again")?;
        }
        if let Some(called) = self.called().filter(|_| self.is_unauthorized()) {
            write!(
                f,
                "; the token is invalid, expired or revoked, or does not belong to {}",
                called.host()
            )?;
        }
        // If a CA certificate is used as a server certificate, rustls's message is only
        // `CaUsedAsEndEntity`.
        let cause = self.root_cause().map(ToString::to_string);
        if cause.is_some_and(|cause| cause.contains("CaUsedAsEndEntity")) {
            f.write_str(
                "; the server's certificate is a CA certificate: create one with CA:FALSE, or pass \
                 the CA that signed it to `root_certificate_pem`",
            )?;
        }
        let (Some(called), Some(response)) = (self.called(), &self.0.response) else {
            return Ok(());
        };
        if self.is_moved() {
            advise_redirect(f, called, response)?;
        }
        if self.is_not_found()
            && called.operation.path.starts_with("/enterprises/")
            && let Some(version) = &response.meta.enterprise_version
        {
            write!(
                f,
                "; the lists of an enterprise need Enterprise Server 3.19 or later, and this \
                 server runs {version}"
            )?;
        }
        // GitHub serves its web pages, and not the API, at the root of the host.
        let is_web_page = match response.status.as_u16() {
            200 | 404 => response.is_html,
            status => status == 406,
        };
        if is_web_page && called.server_path.as_deref() == Some("") {
            f.write_str("; the API of an Enterprise Server is at /api/v3: add it to the base URL")?;
        }
        if let 502 | 504 = response.status.as_u16()
            && let Some(per_page) = self.0.per_page.filter(|per_page| *per_page > 30)
        {
            write!(
                f,
                "; GitHub may take too long for a page of {per_page}: set a smaller `per_page`"
            )?;
        }
        if self.is_forbidden() || self.is_not_found() {
            advise_permissions(f, called, response)?;
        }
        if self.is_not_found() {
            let host = called.host();
            write!(
                f,
                "; {host} also responds with 404 if the token lacks this permission"
            )?;
            if let Some(path) = &called.server_path {
                let path = if path.is_empty() { "/" } else { path };
                write!(f, ", or if the API is not at {path}")?;
            }
        }
        Ok(())
    }
}

/// Writes the advice about a redirect that was not followed.
fn advise_redirect(f: &mut fmt::Formatter<'_>, called: &Called, response: &Excerpt) -> fmt::Result {
    match &response.location_origin {
        Some(origin) if *origin != called.origin => write!(
            f,
            "; the redirect to {origin} was not followed, because the token is only sent to {}: check \
             the base URL and the proxy in front of the server",
            called.origin
        ),
        _ if called.operation.method == "GET" => {
            f.write_str("; the redirect was not followed: use the resource's current name")
        }
        _ => f.write_str(
            "; the redirect was not followed; the repository may have been renamed: read \
             the request with `get`, which follows redirects, and repeat the call on \
             `repository_of(&request)`",
        ),
    }
}

fn advise_permissions(
    f: &mut fmt::Formatter<'_>,
    called: &Called,
    response: &Excerpt,
) -> fmt::Result {
    if response.needs_sso {
        f.write_str("; the organization requires a token authorized for single sign-on")?;
    }
    if let Some(permissions) = &response.accepted_permissions {
        write!(f, "; GitHub accepts {permissions}")?;
    }
    if let Some(scopes) = &response.oauth_scopes {
        write!(f, "; the token has the scopes \"{scopes}\"")?;
    }
    write!(
        f,
        "; the operation needs {}, and the caller must be a bypass reviewer on Enterprise Cloud or \
         Enterprise Server",
        called.operation.required_access
    )
}
