//! The texts of errors.

use std::error::Error as StdError;
use std::fmt;
use std::num::NonZeroU32;

use github_bypass_requests_api::Operation;

use crate::error::{BadItem, Called, Error, Inner, Reason};
use crate::response::escape::escape;
use crate::response::excerpt::Excerpt;

/// The maximum length of a cause in bytes. Enough for the causes that the operating system and the
/// TLS library report.
const MAX_CAUSE: usize = 300;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            reason,
            called,
            while_obtaining_token,
            response,
            resume_at,
            per_page: _,
            source: _,
        } = &*self.0;
        if let Some(called) = called {
            write!(f, "{called}: ")?;
        }
        let mentions_token = matches!(reason, Reason::InvalidInput(_) | Reason::TokenMissing(_));
        if *while_obtaining_token && !mentions_token {
            f.write_str("not sent, because no token could be obtained: ")?;
        }
        match reason {
            Reason::InvalidInput(message)
            | Reason::TokenMissing(message)
            | Reason::Pagination(message)
            | Reason::Conflict(message)
            | Reason::Ambiguous(message) => f.write_str(message)?,
            Reason::Connect => {
                let host = called.as_ref().map_or("the server", Called::host);
                write!(f, "no connection to {host}")?;
                if let Some(proxy) = called.as_ref().and_then(|called| called.proxy.as_ref()) {
                    write!(f, " through the proxy {proxy}")?;
                }
            }
            Reason::Timeout => f.write_str("the response took too long")?,
            Reason::CallTimeout { limit } => {
                write!(f, "the call took longer than its limit of {limit:?}")?;
                let is_write = called
                    .as_ref()
                    .is_some_and(|called| called.operation.method != "GET");
                if is_write {
                    f.write_str("; nothing was recorded")?;
                }
            }
            Reason::Interrupted => {
                f.write_str("the connection was closed before the response was complete")?;
            }
            Reason::Damaged => f.write_str("the compressed response is incomplete or damaged")?,
            Reason::BodyTooLarge { limit } => {
                write!(f, "the response exceeds the limit of {limit} bytes")?;
            }
            Reason::Status => {}
            Reason::RateLimited { retry_at } => {
                f.write_str("rate limited by GitHub")?;
                if let Some(retry_at) = retry_at {
                    let retry_at = retry_at.format("%Y-%m-%d %H:%M:%S");
                    write!(f, "; retry after {retry_at} UTC")?;
                }
            }
            Reason::Decode(malformed) => {
                f.write_str("the response")?;
                if let Some(called) = called {
                    write!(f, " from {}", called.host())?;
                }
                write!(f, " cannot be decoded: {malformed}")?;
            }
            Reason::BadItem(item) => item.fmt(f)?,
        }
        if let Some(cause) = self.root_cause() {
            write!(f, " ({})", escape(&cause.to_string(), MAX_CAUSE))?;
        }
        if let Some(response) = response {
            if !matches!(reason, Reason::Status) {
                f.write_str("; status ")?;
            }
            response.fmt(f)?;
        }
        self.advise(f)?;
        match resume_at {
            // Page 1 needs no hint, because a list can always be read again from its first page.
            None | Some(NonZeroU32::MIN) => Ok(()),
            Some(page) => write!(f, "; the list can be resumed at page {page}"),
        }
    }
}

impl Error {
    /// The last cause in the chain, which is the most specific one.
    pub(super) fn root_cause(&self) -> Option<&(dyn StdError + 'static)> {
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
        write!(f, " cannot be decoded: {malformed}")?;
        match others {
            0 => Ok(()),
            _ => write!(f, "; {others} more on this page cannot be decoded"),
        }
    }
}

/// The same line as `Display`, and the cause if the line does not contain it. A `main` function
/// that returns the error prints this. `{:#?}` prints the fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            let line = self.to_string();
            f.write_str(&line)?;
            let cause = self
                .source()
                .map(|cause| escape(&cause.to_string(), MAX_CAUSE));
            return match cause.filter(|cause| !line.contains(cause)) {
                Some(cause) => write!(f, "; caused by: {cause}"),
                None => Ok(()),
            };
        }
        let Inner {
            reason,
            called,
            while_obtaining_token,
            response,
            resume_at,
            per_page: _,
            source: _,
        } = &*self.0;
        f.debug_struct("Error")
            .field("reason", reason)
            .field("called", &called.as_ref().map(ToString::to_string))
            .field("while_obtaining_token", while_obtaining_token)
            .field("response", response)
            .field("resume_at", resume_at)
            .field("cause", &self.root_cause().map(ToString::to_string))
            .finish()
    }
}

/// Status, GitHub's message if it says more than the status, and the request id:
/// `403 Forbidden: "Resource not accessible" (request id AB:12)`.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.status.canonical_reason();
        f.write_str(self.status.as_str())?;
        if let Some(reason) = reason {
            write!(f, " {reason}")?;
        }
        if let Some(message) = &self.message
            && reason != Some(message)
        {
            write!(f, ": \"{message}\"")?;
        }
        match &self.meta.request_id {
            Some(request_id) => write!(f, " (request id {request_id})"),
            None => Ok(()),
        }
    }
}

/// Method and path: `GET /repos/octo-org/smile/bypass-requests/push-rules/42`.
impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation { method, path, .. } = self.operation;
        write!(f, "{method} ")?;
        let mut values = self.target.iter().flat_map(|target| target.split('/'));
        for segment in path.split('/').skip(1) {
            let is_placeholder = segment.starts_with('{');
            let value = is_placeholder.then(|| values.next()).flatten();
            write!(f, "/{}", value.unwrap_or(segment))?;
        }
        Ok(())
    }
}
