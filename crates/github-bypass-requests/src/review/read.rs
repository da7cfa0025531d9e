//! Reads a single bypass request.

use std::fmt;
use std::ops::Deref;

use chrono::{DateTime, Utc};
use github_bypass_requests_api::Operation;
use serde::Serialize;

use crate::call::Call;
use crate::error::{Error, Result};
use crate::model::ids::RequestNumber;
use crate::model::request::{BypassRequest, Wired};
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::response::headers::server_time;
use crate::response::meta::ResponseMeta;
use crate::scope::{PushRules, Repository, SecretScanning};
use crate::transport::policy::Policy;

/// A bypass request that was read by its number, and the metadata of the response.
///
/// It dereferences to the bypass request, so fields and methods of the request can be used
/// directly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fetched<D> {
    /// The bypass request.
    pub request: BypassRequest<D>,
    /// Metadata of the response, such as GitHub's request id, which you can keep in an audit log.
    pub meta: ResponseMeta,
}

impl<D> Deref for Fetched<D> {
    type Target = BypassRequest<D>;

    fn deref(&self) -> &BypassRequest<D> {
        &self.request
    }
}

/// Displays the request.
impl<D> fmt::Display for Fetched<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}

/// A bypass request, the metadata of the response that contained it, and the server's time.
pub(crate) struct Read {
    pub(crate) request: BypassRequest<SecretFinding>,
    pub(crate) meta: ResponseMeta,
    /// The time of the response, by the server's clock.
    pub(crate) server_time: Option<DateTime<Utc>>,
}

impl SecretScanning<Repository> {
    /// Reads a bypass request by its number.
    ///
    /// Use it to refresh a request from a list, or to read a request whose number comes from
    /// elsewhere, such as a link or a webhook. To read many requests, use [`list`](Self::list),
    /// which needs fewer HTTP requests.
    ///
    /// # Examples
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// # let list = client.organization("octo-org").secret_scanning().list();
    /// # let listed = list.stream().try_next().await?.ok_or("none")?;
    /// let repository = client.repository_of(&listed)?.secret_scanning();
    /// let request = repository.get(listed.number).await?;
    /// println!("{request}: {}", request.status);
    /// println!("request id: {:?}", request.meta.request_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] if there is no such bypass request, or the token has no access to
    /// it.
    pub async fn get(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
    ) -> Result<Fetched<SecretFinding>> {
        let number = number.try_into().map_err(Into::into)?;
        let Read { request, meta, .. } = self.read(number, self.policy()).await?;
        Ok(Fetched { request, meta })
    }

    /// Reads a bypass request and the metadata of the response.
    pub(crate) async fn read(&self, number: RequestNumber, policy: Policy) -> Result<Read> {
        let (owner, name) = self.scope.names()?;
        let number = number.in_path()?;
        let operation = Operation::SECRET_SCANNING_GET_BYPASS_REQUEST;
        let response = Call::new(&self.scope.client, operation)
            .policy(policy)
            .read(|api| async move {
                api.secret_scanning_get_bypass_request(owner, name, number)
                    .await
            })
            .await?;
        Ok(Read {
            request: SecretFinding::carry_over(response.decode()?),
            meta: response.context.meta(),
            server_time: server_time(&response.context.head.headers),
        })
    }

    /// Returns the policy of a call that starts now.
    pub(crate) fn policy(&self) -> Policy {
        self.scope.client.policy()
    }
}

impl PushRules<Repository> {
    /// Reads a bypass request by its number.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] if there is no such bypass request, or the token has no access to
    /// it.
    pub async fn get(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
    ) -> Result<Fetched<RuleViolation>> {
        let number = number.try_into().map_err(Into::into)?;
        let (owner, name) = self.scope.names()?;
        let number = number.in_path()?;
        let operation = Operation::REPOS_GET_REPO_PUSH_BYPASS_REQUEST;
        let response = Call::new(&self.scope.client, operation).read(|api| async move {
            api.repos_get_repo_push_bypass_request(owner, name, number)
                .await
        });
        let response = response.await?;
        Ok(Fetched {
            request: RuleViolation::carry_over(response.decode()?),
            meta: response.context.meta(),
        })
    }
}
