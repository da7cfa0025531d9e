//! Selects the repository of an event, to use the REST API.

use crate::client::Client;
use crate::error::Result;
use crate::scope::Repository;
use crate::webhook::event::RequestEvent;

impl Client {
    /// Selects the repository of an event.
    ///
    /// Use the repository to read and review the request that the event is about. The client must
    /// belong to the host that sent the delivery.
    ///
    /// # Examples
    ///
    /// ```
    /// use github_bypass_requests::webhook::{Action, RequestEvent};
    /// use github_bypass_requests::{Client, Decision, Error};
    ///
    /// async fn reject_at_once(client: &Client, event: &RequestEvent) -> Result<(), Error> {
    ///     if let (Action::Created, Some(number)) = (&event.action, event.request.number) {
    ///         let requests = client.repository_of_event(event)?.secret_scanning();
    ///         requests.review_if_open(number, Decision::Reject, "Please revoke the key.").await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) if the event lacks the name or
    /// the owner of its repository, or contains an invalid one.
    pub fn repository_of_event(&self, event: &RequestEvent) -> Result<Repository> {
        self.repository_named(&event.repository, &event.organization, "event")
    }
}
