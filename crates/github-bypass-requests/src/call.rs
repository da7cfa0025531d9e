//! One call of one operation: our side of the seam to the generated client.
//!
//! The generated client builds the request and hands it over to [`Call`], which sends it, keeps the
//! answer, and reads it as what the generated method promises. The generated client's own way would
//! lose status and headers where a body does not decode, and is slower.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use github_bypass_requests_api as api;
use github_bypass_requests_api::{Execute, Executing, Operation, ResponseValue, Transport};
use http::header::IF_NONE_MATCH;
use http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::client::Shared;
use crate::decode::{self, ErrorBody, Malformed};
use crate::error::{Called, Kind, NO_TOKEN};
use crate::gate::LONGEST_WAIT;
use crate::outcome::{Failure, Head, Outcome};
use crate::task::Task;
use crate::transport::{Policy, Sent};
use crate::verdict::Verdict;
use crate::wait::Limit;
use crate::{Client, Error, ResponseMeta, Result};

/// What a generated method returns. Only its type is of use: the answer that it has seen is a blank.
pub(crate) type Generated<T> = Result<ResponseValue<T>, api::Error>;

/// What is known of a write.
pub(crate) enum Written<T> {
    /// GitHub has said that it was applied.
    Applied(T),
    /// Nobody can tell: the answer was lost, or was none of GitHub's.
    Lost(Error),
}

/// A call under way. Good for one operation, once.
pub(crate) struct Call {
    shared: Arc<Shared>,
    operation: Operation,
    policy: Policy,
    /// The tag of what is there already: then only what has changed is sent.
    known: Option<HeaderValue>,
    /// The path of the request, once there is one.
    path: OnceLock<String>,
    sent: OnceLock<Sent>,
}

impl Client {
    pub(crate) fn call(&self, operation: Operation) -> Arc<Call> {
        self.call_with(operation, self.shared.policy.clone())
    }

    pub(crate) fn call_with(&self, operation: Operation, policy: Policy) -> Arc<Call> {
        self.put_together(operation, policy, None)
    }

    /// A read that GitHub answers in full unless that would be what `known` is the tag of.
    pub(crate) fn call_unless(
        &self,
        operation: Operation,
        known: Option<HeaderValue>,
    ) -> Arc<Call> {
        self.put_together(operation, self.shared.policy.clone(), known)
    }

    fn put_together(
        &self,
        operation: Operation,
        policy: Policy,
        known: Option<HeaderValue>,
    ) -> Arc<Call> {
        let shared = self.shared.clone();
        Arc::new(Call {
            shared,
            operation,
            policy,
            known,
            path: OnceLock::new(),
            sent: OnceLock::new(),
        })
    }
}

impl Call {
    /// The generated client, which will send its request through this call.
    pub(crate) fn api(self: &Arc<Self>) -> api::Client {
        let Shared { base_url, http, .. } = &*self.shared;
        api::Client::new_with_client(
            base_url.as_str(),
            http.clone(),
            Transport::new(self.clone()),
        )
    }

    /// The answer, as the generated method promises it.
    pub(crate) fn finish<T: DeserializeOwned>(&self, _: Generated<T>) -> Result<(T, ResponseMeta)> {
        let (head, body) = self.documented()?;
        let value = decode::from_slice(body).map_err(|_| self.malformed::<T>(head, body))?;
        Ok((value, ResponseMeta::from_headers(&head.headers)))
    }

    /// The answer, if it is the one that is documented for what has a body.
    pub(crate) fn documented(&self) -> Result<(&Head, &Bytes)> {
        self.answered()
            .filter(|(head, _)| head.status == StatusCode::OK)
            .ok_or_else(|| self.failed())
    }

    /// Whether GitHub says that what is known is still so. Nobody who has not asked is told that.
    pub(crate) fn is_unchanged(&self) -> bool {
        let told = |(head, _): (&Head, _)| head.status == StatusCode::NOT_MODIFIED;
        self.known.is_some() && self.answered().is_some_and(told)
    }

    /// Why the answer is no `T`.
    pub(crate) fn malformed<T: DeserializeOwned>(&self, head: &Head, body: &[u8]) -> Error {
        let malformed = Malformed::find::<T>(body, head.media_type(), head.encoding());
        self.error(Kind::Decode(malformed))
    }

    /// What became of a write. One that GitHub has answered with success is applied, whatever its
    /// body says; `unknown` puts it into words if it cannot be known.
    pub(crate) fn written<T: DeserializeOwned>(
        &self,
        result: Generated<T>,
        unknown: impl FnOnce() -> String,
    ) -> Result<Written<(Option<T>, ResponseMeta)>> {
        match (self.head(), self.verdict()) {
            (_, Some(Verdict::Ambiguous)) => {
                Ok(Written::Lost(self.error(Kind::Ambiguous(unknown()))))
            }
            (Some(head), Some(Verdict::Final)) if head.status.is_success() => {
                let body = self.answered().map(|(_, body)| decode::from_slice(body));
                let body = body.and_then(Result::ok);
                Ok(Written::Applied((
                    body,
                    ResponseMeta::from_headers(&head.headers),
                )))
            }
            _ => self
                .finish(result)
                .map(|(body, meta)| Written::Applied((Some(body), meta))),
        }
    }

    /// The answer, if there was a complete one.
    pub(crate) fn answered(&self) -> Option<(&Head, &Bytes)> {
        self.outcome()?.answered()
    }

    /// The answer's head, complete or not.
    pub(crate) fn head(&self) -> Option<&Head> {
        self.outcome()?.head()
    }

    /// When the last attempt began; `None` before there was one.
    pub(crate) fn attempted_at(&self) -> Option<Instant> {
        self.sent.get()?.attempted_at
    }

    /// When the last attempt began, if others came before it.
    pub(crate) fn retried_at(&self) -> Option<Instant> {
        let sent = self.sent.get()?;
        sent.attempted_at.filter(|_| sent.is_retry)
    }

    /// What the outcome means; `None` before there is one.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        self.sent.get().map(|sent| sent.verdict)
    }

    /// An error of this operation, with what is known of the answer.
    pub(crate) fn error(&self, kind: Kind) -> Error {
        let error = Error::new(kind).of_call(self.called());
        let error = match self.outcome() {
            Some(Outcome::Answered { head, body }) => error.with_answer(head.answer(body)),
            Some(Outcome::Failed {
                head: Some(head), ..
            }) => error.with_answer(head.answer(&[])),
            None | Some(Outcome::Failed { head: None, .. }) => error,
        };
        match self.outcome() {
            Some(Outcome::Failed {
                failure: Failure::Network(cause),
                ..
            }) => error.with_source(cause.clone()),
            _ => error,
        }
    }

    /// Why there is no answer that could be used.
    fn failed(&self) -> Error {
        let kind = match self.outcome() {
            Some(Outcome::Answered { head, body }) => {
                match Limit::read(head, &ErrorBody::read(body)) {
                    Some(limit) => {
                        let told = limit.wait(&head.headers, Utc::now(), 0);
                        let wait = told.max(self.shared.gate.remaining());
                        Kind::RateLimited {
                            retry_at: instant_after(wait),
                        }
                    }
                    None => Kind::Status,
                }
            }
            Some(Outcome::Failed {
                failure: Failure::NoToken(error),
                ..
            }) => return error.copy().of_call(self.called()),
            Some(Outcome::Failed { failure, .. }) => kind_of(failure),
            // The request was never handed over: the generated client could not build it.
            None => unsendable(),
        };
        self.error(kind)
    }

    fn called(&self) -> Called {
        Called {
            operation: self.operation,
            target: self.target(),
            host: self.shared.base_url.authority().to_owned(),
        }
    }

    /// What the placeholders of the path stand for: `octo-org/smile/42`.
    fn target(&self) -> Option<String> {
        let names = self.operation.path.rsplit('/');
        let values = names.zip(self.path.get()?.rsplit('/'));
        let values = values.filter(|(name, _)| name.starts_with('{'));
        let mut values: Vec<&str> = values.map(|(_, value)| value).collect();
        values.reverse();
        Some(values.join("/"))
    }

    fn outcome(&self) -> Option<&Outcome> {
        self.sent.get().map(|sent| &sent.outcome)
    }
}

#[cfg(any(test, fuzzing))]
impl Call {
    /// A read that was answered so.
    pub(crate) fn answered_with(
        client: &Client,
        operation: Operation,
        outcome: Outcome,
    ) -> Arc<Self> {
        let call = client.call(operation);
        let verdict = Verdict::of(&http::Method::GET, &outcome);
        let attempted_at = None;
        let _ = call.sent.set(Sent {
            outcome,
            verdict,
            attempted_at,
            is_retry: false,
        });
        call
    }
}

/// What a failure without a complete answer is to the caller.
pub(crate) fn kind_of(failure: &Failure) -> Kind {
    match failure {
        Failure::TooLarge { limit } => Kind::BodyTooLarge { limit: *limit },
        Failure::KeptStill { wait } => Kind::RateLimited {
            retry_at: instant_after(*wait),
        },
        Failure::Network(cause) if cause.is_connect() => Kind::Connect,
        Failure::Network(cause) if cause.is_builder() => unsendable(),
        Failure::Network(cause) if cause.is_timeout() => Kind::Timeout,
        Failure::Network(_) | Failure::Stopped => Kind::Interrupted,
        Failure::NoToken(_) => Kind::TokenMissing(NO_TOKEN.to_owned()),
    }
}

fn unsendable() -> Kind {
    Kind::InvalidInput("the request cannot be built".to_owned())
}

pub(crate) fn instant_after(wait: Duration) -> Option<DateTime<Utc>> {
    Utc::now().checked_add_signed(TimeDelta::from_std(wait.min(LONGEST_WAIT)).ok()?)
}

impl Execute for Call {
    fn execute(&self, mut request: reqwest::Request) -> Executing<'_> {
        if let Some(known) = &self.known {
            request.headers_mut().insert(IF_NONE_MATCH, known.clone());
        }
        let _ = self.path.set(request.url().path().to_owned());
        // A task of its own: a future that nobody polls would keep its turn from all others.
        let method = request.method().clone();
        let (shared, operation, policy) =
            (self.shared.clone(), self.operation, self.policy.clone());
        Box::pin(async move {
            let sending = async move { shared.send(operation, request, &policy).await };
            let sent = Task::spawn(sending).await;
            let sent = sent.unwrap_or_else(|| Sent::stopped(&method));
            // A second outcome cannot be: each generated method sends one request.
            let _ = self.sent.set(sent);
            Ok(blank())
        })
    }
}

/// An answer that the generated client hands back unread, for no operation documents its status.
pub(crate) fn blank() -> reqwest::Response {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.into()
}
