//! How an error reads.

use std::error::Error as StdError;
use std::fmt;
use std::num::NonZeroU32;

use github_bypass_requests_api::Operation;

use crate::error::{BadItem, Called, Error, Inner, Kind};
use crate::response::escape::escape;

/// Causes come from the system and the TLS library; none is longer.
const MAX_CAUSE: usize = 300;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            called,
            of_token,
            response,
            resume_at,
            source: _,
        } = &*self.0;
        if let Some(called) = called {
            write!(f, "{called}: ")?;
        }
        // The others say it in their own words.
        if *of_token && !matches!(kind, Kind::InvalidInput(_) | Kind::TokenMissing(_)) {
            f.write_str("not sent, for want of a token: ")?;
        }
        match kind {
            Kind::InvalidInput(message)
            | Kind::TokenMissing(message)
            | Kind::Pagination(message)
            | Kind::Conflict(message)
            | Kind::Ambiguous(message) => f.write_str(message)?,
            Kind::Connect => {
                let host = called.as_ref().map_or("the server", |called| &*called.host);
                write!(f, "no connection to {host}")?;
            }
            Kind::Timeout => f.write_str("the answer took too long")?,
            Kind::Interrupted => {
                f.write_str("the connection broke before the answer was complete")?
            }
            Kind::BodyTooLarge { limit } => {
                write!(f, "the answer is longer than the limit of {limit} bytes")?;
            }
            Kind::Status => {}
            Kind::RateLimited { retry_at } => {
                f.write_str("too many requests for GitHub")?;
                if let Some(retry_at) = retry_at {
                    write!(
                        f,
                        "; try again at {}",
                        retry_at.format("%Y-%m-%dT%H:%M:%SZ")
                    )?;
                }
            }
            Kind::Decode(malformed) => write!(f, "the answer cannot be read: {malformed}")?,
            Kind::BadItem(item) => item.fmt(f)?,
        }
        if let Some(cause) = self.root_cause() {
            write!(f, " ({})", escape(&cause.to_string(), MAX_CAUSE))?;
        }
        if let Some(response) = response {
            let separator = if matches!(kind, Kind::Status) {
                ""
            } else {
                "; "
            };
            write!(f, "{separator}answered {}", response.status)?;
            if let Some(message) = &response.message {
                write!(f, " \"{message}\"")?;
            }
            if let Some(request_id) = &response.meta.request_id {
                write!(f, " (request id {request_id})")?;
            }
        }
        self.advise(f)?;
        match resume_at {
            // To begin anew is nothing that must be said.
            None | Some(NonZeroU32::MIN) => Ok(()),
            Some(page) => write!(f, "; the list can be resumed at page {page}"),
        }
    }
}

impl Error {
    fn advise(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ambiguous() {
            f.write_str("; read the request before a second try")?;
        }
        if self.is_moved() {
            f.write_str("; it was not followed: ask for it by its present name")?;
        }
        if self.is_unauthorized() {
            f.write_str("; the token is wrong, expired or revoked, or belongs to another host")?;
        }
        let Some(Called { operation, .. }) = self.called() else {
            return Ok(());
        };
        if self.is_forbidden() || self.is_not_found() {
            write!(
                f,
                "; it needs {}, of a bypass reviewer on Enterprise Cloud or Enterprise Server",
                operation.required_access
            )?;
        }
        if self.is_forbidden()
            && let Some(response) = &self.0.response
        {
            if let Some(permissions) = &response.accepted_permissions {
                write!(f, "; GitHub accepts {permissions}")?;
            }
            if let Some(scopes) = &response.oauth_scopes {
                write!(f, "; the token's scopes are \"{scopes}\"")?;
            }
            if response.needs_sso {
                f.write_str("; the organization wants the token authorised for single sign-on")?;
            }
        }
        if self.is_not_found() {
            f.write_str("; GitHub answers the same where that is lacking")?;
        }
        Ok(())
    }

    /// The last of the chain of causes, which is the one that tells most.
    fn root_cause(&self) -> Option<&(dyn StdError + 'static)> {
        let causes = std::iter::successors(self.source(), |&cause| cause.source());
        causes.last()
    }
}

impl fmt::Display for BadItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            page,
            index,
            id,
            number,
            malformed,
            others,
        } = self;
        write!(f, "page {page}, item {index}")?;
        match (id, number) {
            (Some(id), Some(number)) => write!(f, " (id {id}, number {number})")?,
            (Some(id), None) => write!(f, " (id {id})")?,
            (None, Some(number)) => write!(f, " (number {number})")?,
            (None, None) => {}
        }
        write!(f, " cannot be read: {malformed}")?;
        match others {
            0 => Ok(()),
            _ => write!(f, "; nor can {others} more of the page"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            called,
            of_token,
            response,
            resume_at,
            source: _,
        } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("called", &called.as_ref().map(ToString::to_string))
            .field("of_token", of_token)
            .field("response", response)
            .field("resume_at", resume_at)
            .field("cause", &self.root_cause().map(ToString::to_string))
            .finish()
    }
}

/// What was tried: method, path, and the names in it.
impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation { method, path, .. } = self.operation;
        match &self.target {
            Some(target) => write!(f, "{method} {path} of {target}"),
            None => write!(f, "{method} {path}"),
        }
    }
}
