//! One call: connects the generated client to the transport.
//!
//! The generated client builds the request and passes it to [`Call`], which sends it and keeps the
//! outcome. The generated client gets only a placeholder response, so that it decodes nothing: its
//! decoder is slower, and loses the status and headers if the body cannot be decoded.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use github_bypass_requests_api as api;
use github_bypass_requests_api::{Execute, Executing, Operation, ResponseValue, Transport};
use http::header::IF_NONE_MATCH;
use http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::auth::sign_in::SignIn;
use crate::client::Client;
use crate::error::{Called, Error, Reason, Result};
use crate::response::error_body::ErrorBody;
use crate::response::excerpt::Excerpt;
use crate::response::head::{Encoding, Head};
use crate::response::json::{self, Malformed};
use crate::response::meta::ResponseMeta;
use crate::transport::attempts::{Attempt, Exchange};
use crate::transport::in_doubt::InDoubt;
use crate::transport::lock::Lock;
use crate::transport::logging::call_span;
use crate::transport::outcome::{Failure, Outcome};
use crate::transport::policy::{Deadline, Policy};
use crate::transport::start::Start;
use crate::transport::task::Task;
use crate::transport::verdict::Verdict;

/// One call of an operation.
pub(crate) struct Call {
    client: Client,
    operation: Operation,
    policy: Policy,
    /// Makes the request conditional.
    if_none_match: Option<HeaderValue>,
    /// The path of the request. The generated client does not return it.
    path: Lock<Option<String>>,
    /// The last attempt. The generated client does not see it.
    result: Lock<Option<Attempt>>,
    /// Tracks whether GitHub may have carried out an attempt, or may still do so.
    in_doubt: Arc<InDoubt>,
}

/// A successful response to a read. Its body should decode to a `T`.
pub struct Response<T> {
    pub(crate) context: Context,
    /// `None` after a 304: the resource still has the ETag of the request.
    pub(crate) body: Option<Bytes>,
    decodes_to: PhantomData<fn() -> T>,
}

/// The call, and the head of its response.
#[derive(Clone)]
pub(crate) struct Context {
    called: Called,
    pub(crate) head: Head,
    /// The start of the attempt that got the response, if that attempt was a retry.
    pub(crate) retried_at: Option<Instant>,
}

/// The result of a write.
pub(crate) struct Write<T> {
    pub(crate) result: Written<T>,
    /// The start of the attempt that GitHub carried out, or may have carried out.
    pub(crate) attempted_at: Start,
}

#[expect(
    clippy::large_enum_variant,
    reason = "each write creates only one value"
)]
pub(crate) enum Written<T> {
    /// GitHub confirmed the write. Even so, the body may be missing or malformed.
    Applied { body: Option<T>, meta: ResponseMeta },
    /// The response was lost, or did not come from GitHub. [`Error::is_ambiguous`] returns true.
    Lost(Error),
}

/// The result of a generated method. It is ignored.
type Placeholder<T> = std::result::Result<ResponseValue<T>, api::Error>;

impl Call {
    pub(crate) fn new(client: &Client, operation: Operation) -> Self {
        Self {
            client: client.clone(),
            operation,
            policy: client.policy(),
            if_none_match: None,
            path: Lock::default(),
            result: Lock::default(),
            in_doubt: Arc::default(),
        }
    }

    pub(crate) fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Makes the request conditional: GitHub responds with 304 if the resource still has this ETag.
    pub(crate) fn if_none_match(self, etag: Option<HeaderValue>) -> Self {
        Self {
            if_none_match: etag,
            ..self
        }
    }

    /// Reads with a method of the generated client.
    pub(crate) async fn read<T, F>(
        self,
        method: impl FnOnce(api::Client) -> F,
    ) -> Result<Response<T>>
    where
        F: Future<Output = Placeholder<T>>,
    {
        self.send(method).await.response()
    }

    /// Writes with a method of the generated client.
    ///
    /// `is_from_github` recognizes a body that only GitHub would send. `if_lost` is the error
    /// message if the response is lost.
    pub(crate) async fn write<T, F>(
        self,
        method: impl FnOnce(api::Client) -> F,
        is_from_github: impl FnOnce(&T) -> bool,
        if_lost: String,
    ) -> Result<Write<T>>
    where
        T: DeserializeOwned,
        F: Future<Output = Placeholder<T>>,
    {
        // Used if the start of the attempt is unknown. If the response to a review is lost, the
        // client reads the bypass request, and only reviews after this time count. The review of
        // this call is always after this time.
        let started = Start::now();
        let finished = self.send(method).await;
        let Attempt {
            outcome, verdict, ..
        } = &finished.attempt;
        let (is_applied, body) = match (outcome, verdict) {
            (_, Verdict::Ambiguous) => (false, None),
            (Outcome::Success { body, .. }, verdict) => {
                let is_verified = *verdict == Verdict::Final;
                // Without this check, a JSON array would also decode to a struct.
                let is_object = body.trim_ascii_start().starts_with(b"{");
                let body = json::from_slice(body).ok();
                let is_from_github = is_object && body.as_ref().is_some_and(is_from_github);
                (is_verified || is_from_github, body)
            }
            // The body was cut off, but the headers show that GitHub applied the write.
            (Outcome::Failed { head: Some(_), .. }, Verdict::Final) => (true, None),
            _ => return Err(finished.error()),
        };
        Ok(Write {
            attempted_at: finished.attempt.attempted_at.unwrap_or(started),
            result: match outcome.head() {
                Some(head) if is_applied => Written::Applied {
                    body,
                    meta: ResponseMeta::from_headers(&head.headers),
                },
                _ => {
                    let error = outcome.error(Reason::Ambiguous(if_lost));
                    Written::Lost(error.of_call(finished.called))
                }
            },
        })
    }

    async fn send<T, F>(self, method: impl FnOnce(api::Client) -> F) -> Finished
    where
        F: Future<Output = Placeholder<T>>,
    {
        let call = Arc::new(self);
        let (operation, connection) = (call.operation, call.client.connection());
        let api = api::Client::new_with_client(
            connection.base_url.as_str(),
            connection.http.clone(),
            Transport::new(call.clone()),
        );
        let sending = method(api);
        let mut late = None;
        match call.policy.deadline {
            Some(Deadline { at, limit }) => {
                // The generated client sends the request when it is first polled, so do not poll it
                // if the deadline has already passed.
                let is_late = at <= Instant::now() || timeout_at(at, sending).await.is_err();
                if is_late {
                    let is_in_doubt = call.in_doubt.end() && !is_safe(&call.operation);
                    late = Some(Attempt::late(limit, is_in_doubt));
                }
            }
            None => drop(sending.await),
        }
        let path = call.path.lock().take();
        let attempt = call.result.lock().take().or(late);
        Finished {
            called: Called {
                operation,
                target: path.map(|path| target(operation, &path)),
                origin: connection.base_url.origin().to_owned(),
                server_path: connection.base_url.server_path().map(str::to_owned),
                proxy: connection.proxy.clone(),
            },
            // There is no attempt if the generated client failed to build the request.
            attempt: attempt.unwrap_or_else(|| Attempt::not_sent(Failure::Unsendable)),
            gate: connection.gate.remaining(),
        }
    }
}

/// Returns true if carrying out the operation twice does no harm.
fn is_safe(operation: &Operation) -> bool {
    operation.method == "GET"
}

/// The values in the path, separated by slashes: `octo-org/smile/42`.
fn target(operation: Operation, path: &str) -> String {
    let names = operation.path.rsplit('/').zip(path.rsplit('/'));
    let values = names.filter(|(name, _)| name.starts_with('{'));
    let mut values: Vec<&str> = values.map(|(_, value)| value).collect();
    values.reverse();
    values.join("/")
}

/// A finished call.
pub(crate) struct Finished {
    pub(crate) called: Called,
    pub(crate) attempt: Attempt,
    /// The time until the rate-limit gate opens.
    pub(crate) gate: Duration,
}

impl Finished {
    pub(crate) fn response<T>(mut self) -> Result<Response<T>> {
        let success = self.called.operation.success;
        let (head, body) = match self.attempt.outcome {
            Outcome::Success { head, body } if head.status.as_u16() == success => {
                (head, Some(body))
            }
            Outcome::NotModified { head } => (head, None),
            outcome => {
                self.attempt.outcome = outcome;
                return Err(self.error());
            }
        };
        Ok(Response {
            context: Context {
                called: self.called,
                head,
                retried_at: self.attempt.retried_at,
            },
            body,
            decodes_to: PhantomData,
        })
    }

    /// The error of a call that has no usable response.
    fn error(self) -> Error {
        self.attempt.error(self.gate).of_call(self.called)
    }
}

impl<T: DeserializeOwned> Response<T> {
    pub(crate) fn decode(&self) -> Result<T> {
        json::from_slice(self.body()).map_err(|_| self.malformed::<T>())
    }
}

impl<T> Response<T> {
    /// Forgets the type that the body decodes to.
    pub(crate) fn untyped(self) -> Response<()> {
        Response {
            context: self.context,
            body: self.body,
            decodes_to: PhantomData,
        }
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }

    /// The error for a body that cannot be decoded as a `U`.
    pub(crate) fn malformed<U: DeserializeOwned>(&self) -> Error {
        let Context { called, head, .. } = &self.context;
        let body = self.body();
        let encoding = match head.encoding() {
            Encoding::Other(encoding) => Some(encoding),
            Encoding::Identity | Encoding::Gzip => None,
        };
        let malformed = Malformed::find::<U>(body, head.media_type(), encoding.as_deref());
        // Although the status is a success, the body may be an error message, for example from a
        // proxy.
        let excerpt = Excerpt::new(head, ErrorBody::read(body));
        let error = Error::new(Reason::Decode(malformed));
        error.with_response(excerpt).of_call(called.clone())
    }
}

impl Context {
    /// An error about the response as a whole.
    pub(crate) fn error(&self, reason: Reason) -> Error {
        let excerpt = Excerpt::new(&self.head, ErrorBody::default());
        let error = Error::new(reason).with_response(excerpt);
        error.of_call(self.called.clone())
    }

    pub(crate) fn meta(&self) -> ResponseMeta {
        ResponseMeta::from_headers(&self.head.headers)
    }
}

impl Execute for Call {
    fn execute(&self, mut request: reqwest::Request) -> Executing<'_> {
        if let Some(etag) = &self.if_none_match {
            request.headers_mut().insert(IF_NONE_MATCH, etag.clone());
        }
        *self.path.lock() = Some(request.url().path().to_owned());
        let Operation {
            id,
            method,
            path,
            success,
            ..
        } = self.operation;
        let is_safe = is_safe(&self.operation);
        let success = StatusCode::from_u16(success).unwrap_or_default();
        let span = call_span(id, method, path);
        let (client, policy) = (self.client.clone(), self.policy.clone());
        let in_doubt = self.in_doubt.clone();
        let sending = async move {
            let connection = client.connection();
            let exchange = Exchange {
                request,
                is_safe,
                success,
                policy,
                gate: &connection.gate,
                pace: Some(&connection.pace),
                in_doubt: &in_doubt,
            };
            let authorize = SignIn::new(client.tokens(), client.host());
            exchange.send(connection, authorize).await
        };
        Box::pin(async move {
            // Runs as a task. Otherwise, a call that is not polled would hold its turn and block
            // others.
            let attempt = Task::spawn(sending.instrument(span)).await;
            *self.result.lock() = Some(attempt.unwrap_or_else(Attempt::stopped));
            Ok(placeholder())
        })
    }
}

/// The generated client does not read the body of this response, because no operation documents a
/// response with this status.
fn placeholder() -> reqwest::Response {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.into()
}
