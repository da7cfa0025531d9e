//! Verifies deliveries.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};

use crate::auth::environment::{Variables, of_process};
use crate::auth::secret::Secret;
use crate::error::{Error, Result};
use crate::webhook::delivery::{BodyFormat, Delivery, text};
use crate::webhook::refusal::{Reason, Refusal};
use crate::webhook::signature;

/// Verifies deliveries from GitHub. It works with any HTTP server.
///
/// It knows the secrets of a webhook, and needs neither a [`Client`](crate::Client) nor a runtime.
///
/// # Examples
///
/// ```
/// use github_bypass_requests::webhook::Receiver;
/// use bytes::Bytes;
/// use http::HeaderMap;
///
/// // While you replace the secret, a delivery may be signed with the new one or the previous one.
/// let receiver = Receiver::new("the new secret")?.and("the previous secret")?;
///
/// let refusal = receiver.receive(&HeaderMap::new(), Bytes::from("{}")).expect_err("no content type");
/// assert_eq!(refusal.status(), 415);
/// # Ok::<(), github_bypass_requests::Error>(())
/// ```
#[derive(Clone)]
pub struct Receiver {
    secrets: Vec<Secret>,
}

const SECRET: &str = "GITHUB_WEBHOOK_SECRET";
const PREVIOUS: &str = "GITHUB_WEBHOOK_SECRET_PREVIOUS";

impl Receiver {
    /// The largest body that is accepted, in bytes: 25 MiB, slightly more than GitHub sends (25
    /// MB).
    ///
    /// Set a limit in the HTTP server, too, because the receiver only sees bodies that the server
    /// has already read. A typical payload is 20 KiB. Decoding a hostile payload can take fifty
    /// times its size in memory, but only those who know the secret can send one.
    pub const MAX_BODY: usize = 25 << 20;

    /// Creates a receiver for a webhook with this secret.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the secret is empty. An empty secret would let anyone sign.
    pub fn new(secret: impl Into<String>) -> Result<Self> {
        Self {
            secrets: Vec::new(),
        }
        .and(secret)
    }

    /// Also accepts deliveries that are signed with this secret.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the secret is empty.
    pub fn and(mut self, secret: impl Into<String>) -> Result<Self> {
        let secret = Secret::new(secret);
        if secret.expose().is_empty() {
            return Err(Error::input("the secret of the webhook must not be empty"));
        }
        self.secrets.push(secret);
        Ok(self)
    }

    /// Creates a receiver with the secret in `GITHUB_WEBHOOK_SECRET`. If the variable
    /// `GITHUB_WEBHOOK_SECRET_PREVIOUS` is set and not empty, the receiver also accepts the secret
    /// in it. Line breaks at the end of a secret are removed.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if `GITHUB_WEBHOOK_SECRET` is not set or is empty, or if either
    /// variable is not valid Unicode.
    pub fn from_env() -> Result<Self> {
        Self::from_variables(&of_process)
    }

    fn from_variables(variables: Variables<'_>) -> Result<Self> {
        let secret = secret_from(variables, SECRET)?;
        let secret = secret
            .ok_or_else(|| Error::input(format!("no secret for the webhook: set {SECRET}")))?;
        let receiver = Self::new(secret)?;
        match secret_from(variables, PREVIOUS)? {
            Some(previous) => receiver.and(previous),
            None => Ok(receiver),
        }
    }

    /// Verifies a delivery: its size, its content type, its signature and the name of its event.
    ///
    /// Pass the body exactly as it was received, because GitHub signs these bytes. This method does
    /// not decode the payload: [`Delivery::read`] does.
    ///
    /// This method does not wait for anything. It computes a hash of the body for each secret.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with the status 413, 415, 401 or 400, which is also logged as a warning.
    pub fn receive(&self, headers: &HeaderMap, body: Bytes) -> Result<Delivery, Refusal> {
        self.verify(headers, body)
            .map_err(|reason| Refusal::logged(reason, text(headers, "x-github-delivery")))
    }

    fn verify(&self, headers: &HeaderMap, body: Bytes) -> Result<Delivery, Reason> {
        if body.len() > Self::MAX_BODY {
            let limit = Self::MAX_BODY;
            return Err(Reason::TooLarge { limit });
        }
        let format = format(headers).ok_or(Reason::UnsupportedMediaType)?;
        signature::verify(headers, &body, &self.secrets).map_err(Reason::Unsigned)?;
        Delivery::new(headers, format, body).ok_or(Reason::NoEvent)
    }
}

/// Returns the secret in a variable, or `None` if the variable is not set or is empty.
fn secret_from(variables: Variables<'_>, name: &str) -> Result<Option<String>> {
    let Some(value) = variables(name) else {
        return Ok(None);
    };
    // Invalid Unicode was replaced. A secret of replacement characters would be easy to guess.
    if value.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Error::input(format!("{name} is not valid Unicode")));
    }
    let value = value.trim_end_matches(['\r', '\n']);
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

/// Returns `None` if the body is neither JSON nor a form.
fn format(headers: &HeaderMap) -> Option<BodyFormat> {
    let content_type = text(headers, CONTENT_TYPE.as_str())?;
    let media_type = content_type.split(';').next()?.trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        Some(BodyFormat::Json)
    } else if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Some(BodyFormat::Urlencoded)
    } else {
        None
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("secrets", &self.secrets.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Vec<String>> {
        let receiver = Receiver::from_variables(&|name| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        })?;
        let secrets = receiver.secrets.iter();
        Ok(secrets.map(|secret| secret.expose().to_owned()).collect())
    }

    #[test]
    fn the_secrets_of_the_environment_lose_their_line_breaks_only() {
        for (value, secret) in [
            ("s3cret", "s3cret"),
            ("s3cret\n", "s3cret"),
            ("s3cret\r\n\n", "s3cret"),
            (" s3 cret ", " s3 cret "),
            ("\ns3cret", "\ns3cret"),
        ] {
            assert_eq!(from(&[(SECRET, value)]).ok(), Some(vec![secret.to_owned()]));
        }
        let both = from(&[(PREVIOUS, "old\n"), (SECRET, "new\n")]);
        assert_eq!(both.ok(), Some(vec!["new".to_owned(), "old".to_owned()]));
        let empty = from(&[(SECRET, "new"), (PREVIOUS, "\n")]);
        assert_eq!(empty.ok(), Some(vec!["new".to_owned()]));
    }

    /// `of_process` puts replacement characters in place of invalid Unicode.
    #[test]
    fn a_secret_that_is_not_valid_unicode_is_refused() {
        let replaced = "\u{fffd}\u{fffd}";
        for (variables, name) in [
            (&[(SECRET, replaced)][..], SECRET),
            (&[(SECRET, "new"), (PREVIOUS, replaced)], PREVIOUS),
        ] {
            let error = from(variables).expect_err("not Unicode");
            assert!(error.is_invalid_input());
            assert_eq!(error.to_string(), format!("{name} is not valid Unicode"));
        }
    }

    #[test]
    fn a_missing_or_empty_secret_names_its_variable() {
        for variables in [
            &[][..],
            &[(SECRET, "")],
            &[(SECRET, "\r\n")],
            &[(PREVIOUS, "old")],
        ] {
            let error = from(variables).expect_err("no secret");
            assert!(error.is_invalid_input());
            let message = "no secret for the webhook: set GITHUB_WEBHOOK_SECRET";
            assert_eq!(error.to_string(), message);
        }
    }
}
