//! Sends reviews and dismissals, and records them in the audit log.

use std::path::Path;

use chrono::Utc;
use github_bypass_requests::{
    Decision, Error, Repository, ResponseId, ReviewOutcome, ReviewResult,
};

use crate::failure::{Failure, Result};
use crate::github::reference::Reference;
use crate::github::session::Session;
use crate::terminal::text::visible;
use crate::write::audit::{Audit, Line, Phase};
use crate::write::outcome::Outcome;

/// Sends changes.
pub(crate) struct Writer<'a> {
    session: &'a Session,
    audit: Option<Audit>,
    /// The failure to record an outcome. The next change must not be sent.
    failure: Option<Failure>,
}

/// The outcome of a review.
pub(crate) struct Written {
    pub(crate) outcome: Outcome,
    /// The bypass response of a recorded review.
    pub(crate) response_id: Option<ResponseId>,
}

impl<'a> Writer<'a> {
    /// Creates a writer, and opens the audit log if a path is given.
    pub(crate) fn new(session: &'a Session, audit: Option<&Path>) -> Result<Self> {
        Ok(Self {
            session,
            audit: audit.map(Audit::open).transpose()?,
            failure: None,
        })
    }

    /// Reviews a request if it is still open.
    ///
    /// Fails only if the intent cannot be written to the audit log. Then nothing is sent.
    pub(crate) async fn review(
        &mut self,
        reference: &Reference,
        decision: Decision,
        message: &str,
    ) -> Result<Written> {
        self.record(
            reference,
            decision.as_str(),
            Phase::Intent,
            None,
            None,
            None,
        )?;
        let review = self.repository(reference).secret_scanning().review_if_open(
            reference.number,
            decision,
            message,
        );
        let written = of_review(review.await);
        let recorded = self.record_outcome(reference, decision.as_str(), &written);
        self.failure = recorded.err();
        Ok(written.0)
    }

    /// Dismisses a bypass response.
    pub(crate) async fn dismiss(
        &mut self,
        reference: &Reference,
        response: ResponseId,
    ) -> Result<Outcome> {
        let id = Some(i64::from(response));
        self.record(reference, "dismiss", Phase::Intent, id, None, None)?;
        let result = self
            .repository(reference)
            .secret_scanning()
            .dismiss(response)
            .await;
        let (outcome, request_id) = match result {
            Ok(dismissal) => (
                Outcome::Done("dismissed".to_owned()),
                dismissal.meta.request_id,
            ),
            Err(error) => (
                Outcome::of_error(&error),
                error.request_id().map(str::to_owned),
            ),
        };
        let recorded = self.record(
            reference,
            "dismiss",
            outcome.phase(),
            id,
            request_id.as_deref(),
            outcome.reason(),
        );
        self.failure = recorded.err();
        Ok(outcome)
    }

    /// Returns the failure to record the outcome of the last change. Nothing more may be sent then.
    pub(crate) fn take_failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// Records that the process no longer waits for the outcome of a change.
    pub(crate) fn abandon(&mut self, reference: &Reference, action: &str) -> Result<()> {
        let reason = Some("the user did not wait for the response");
        self.record(reference, action, Phase::Unknown, None, None, reason)
    }

    fn repository(&self, reference: &Reference) -> Repository {
        let name = &reference.repository;
        self.session.client.repository(&name.owner, &name.name)
    }

    fn record_outcome(
        &mut self,
        reference: &Reference,
        action: &str,
        (written, request_id): &(Written, Option<String>),
    ) -> Result<()> {
        let Written {
            outcome,
            response_id,
        } = written;
        let response_id = response_id.map(i64::from);
        self.record(
            reference,
            action,
            outcome.phase(),
            response_id,
            request_id.as_deref(),
            outcome.reason(),
        )
    }

    fn record(
        &mut self,
        reference: &Reference,
        action: &str,
        phase: Phase,
        response_id: Option<i64>,
        request_id: Option<&str>,
        reason: Option<&str>,
    ) -> Result<()> {
        let Some(audit) = &mut self.audit else {
            return Ok(());
        };
        audit.write(&Line {
            at: Utc::now(),
            host: &self.session.host,
            request: &reference.to_string(),
            action,
            phase,
            response_id,
            request_id,
            reason,
        })
    }
}

fn of_review(result: Result<ReviewOutcome, Error>) -> (Written, Option<String>) {
    match result {
        Ok(outcome) => {
            let request_id = outcome.meta.request_id.clone();
            let (response_id, outcome) = match &outcome.result {
                ReviewResult::Reviewed { review, .. } => (
                    review.response_id,
                    Outcome::Done(visible(&outcome.to_string())),
                ),
                _ => (None, Outcome::refused(&outcome)),
            };
            (
                Written {
                    outcome,
                    response_id,
                },
                request_id,
            )
        }
        Err(error) => {
            let request_id = error.request_id().map(str::to_owned);
            (
                Written {
                    outcome: Outcome::of_error(&error),
                    response_id: None,
                },
                request_id,
            )
        }
    }
}
