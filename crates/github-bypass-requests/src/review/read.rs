//! Reads a single request.

use chrono::{DateTime, Utc};
use github_bypass_requests_api::Operation;

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

/// A request as it was read.
pub(crate) struct Read {
    pub(crate) request: BypassRequest<SecretFinding>,
    pub(crate) meta: ResponseMeta,
    /// The server's clock when it responded.
    pub(crate) server_time: Option<DateTime<Utc>>,
}

impl SecretScanning<Repository> {
    /// Reads a request by its number.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] if there is none, or the token may not see it.
    pub async fn get(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
    ) -> Result<BypassRequest<SecretFinding>> {
        let number = number.try_into().map_err(Into::into)?;
        Ok(self.read(number, self.policy().clone()).await?.request)
    }

    /// The request and what the response says beside it.
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

    pub(crate) fn policy(&self) -> &Policy {
        &self.scope.client.connection().policy
    }
}

impl PushRules<Repository> {
    /// Reads a request by its number.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] if there is none, or the token may not see it.
    pub async fn get(
        &self,
        number: impl TryInto<RequestNumber, Error: Into<Error>>,
    ) -> Result<BypassRequest<RuleViolation>> {
        let number = number.try_into().map_err(Into::into)?;
        let (owner, name) = self.scope.names()?;
        let number = number.in_path()?;
        let operation = Operation::REPOS_GET_REPO_PUSH_BYPASS_REQUEST;
        let response = Call::new(&self.scope.client, operation).read(|api| async move {
            api.repos_get_repo_push_bypass_request(owner, name, number)
                .await
        });
        Ok(RuleViolation::carry_over(response.await?.decode()?))
    }
}
