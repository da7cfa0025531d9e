//! One call of one operation: the seam to the generated client.
//!
//! The generated client builds the request and hands it to [`Call`], which sends it, keeps the
//! outcome, and returns a blank that is ignored. The generated client's own way would lose status and
//! headers of a body that does not decode, and is slower.

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
use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use crate::auth::sign_in::SignIn;
use crate::client::Client;
use crate::error::{Called, Error, Kind, Result};
use crate::response::error_body::ErrorBody;
use crate::response::excerpt::Excerpt;
use crate::response::head::Head;
use crate::response::json::{self, Malformed};
use crate::response::meta::ResponseMeta;
use crate::transport::attempts::{Exchange, Sent};
use crate::transport::lock::Lock;
use crate::transport::outcome::{Failure, Outcome};
use crate::transport::policy::Policy;
use crate::transport::task::Task;
use crate::transport::verdict::Verdict;

/// A call to be made, once.
pub(crate) struct Call {
    client: Client,
    operation: Operation,
    policy: Policy,
    /// The ETag of what the caller has already.
    known: Option<HeaderValue>,
    /// The path of the request, and what came of it, past the generated client.
    passed: Lock<Option<(String, Sent)>>,
}

/// A successful response to a read, whose body is a `T` unless it is malformed.
pub struct Response<T> {
    pub(crate) context: Context,
    /// `None` if the resource still has the known ETag.
    pub(crate) body: Option<Bytes>,
    decodes_to: PhantomData<fn() -> T>,
}

/// A response without its body, and the call that it belongs to.
#[derive(Clone)]
pub(crate) struct Context {
    called: Called,
    pub(crate) head: Head,
    /// The start of the attempt that brought the response, if it was not the first.
    pub(crate) retried_at: Option<Instant>,
}

/// What is known of a write.
pub(crate) struct Write<T> {
    pub(crate) result: Written<T>,
    /// The start of the attempt that may have been carried out.
    pub(crate) attempted_at: Instant,
}

pub(crate) enum Written<T> {
    /// GitHub responded that it was applied. The body may be missing or malformed all the same.
    Applied { body: Option<T>, meta: ResponseMeta },
    /// The response was lost, or was not GitHub's. The error is ambiguous.
    Lost(Error),
}

/// The result of a generated method, which is a blank.
type Blank<T> = std::result::Result<ResponseValue<T>, api::Error>;

impl Call {
    pub(crate) fn new(client: &Client, operation: Operation) -> Self {
        Self {
            client: client.clone(),
            operation,
            policy: client.connection().policy.clone(),
            known: None,
            passed: Lock::default(),
        }
    }

    pub(crate) fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Makes the request conditional: GitHub responds with 304 if the resource still has this ETag.
    pub(crate) fn unless_matches(self, known: Option<HeaderValue>) -> Self {
        Self { known, ..self }
    }

    /// Reads with a method of the generated client.
    pub(crate) async fn read<T, F>(
        self,
        method: impl FnOnce(api::Client) -> F,
    ) -> Result<Response<T>>
    where
        F: Future<Output = Blank<T>>,
    {
        self.send(method).await.response()
    }

    /// Writes with a method of the generated client. `is_githubs` recognizes a body that only GitHub
    /// sends; `unknown` describes the write if it may or may not have been applied.
    pub(crate) async fn write<T, F>(
        self,
        method: impl FnOnce(api::Client) -> F,
        is_githubs: impl FnOnce(&T) -> bool,
        unknown: String,
    ) -> Result<Write<T>>
    where
        T: DeserializeOwned,
        F: Future<Output = Blank<T>>,
    {
        // If the attempt does not say when it started: too early is safe, because a response of ours
        // counts as new all the same.
        let began = Instant::now();
        let ended = self.send(method).await;
        let Sent {
            outcome, verdict, ..
        } = &ended.sent;
        let (is_applied, body) = match (outcome, verdict) {
            (_, Verdict::Ambiguous) => (false, None),
            (Outcome::Success { body, .. }, verdict) => {
                let is_marked = *verdict == Verdict::Final;
                // A struct would decode from a list as well.
                let is_object = body.trim_ascii_start().starts_with(b"{");
                let body = json::from_slice(body).ok();
                let is_githubs = is_object && body.as_ref().is_some_and(is_githubs);
                (is_marked || is_githubs, body)
            }
            // The response broke off, but its head shows that GitHub applied the write.
            (Outcome::Failed { head: Some(_), .. }, Verdict::Final) => (true, None),
            _ => return Err(ended.error()),
        };
        Ok(Write {
            attempted_at: ended.sent.attempted_at.unwrap_or(began),
            result: match outcome.head() {
                Some(head) if is_applied => Written::Applied {
                    body,
                    meta: ResponseMeta::from_headers(&head.headers),
                },
                _ => {
                    let error = outcome.error(Kind::Ambiguous(unknown));
                    Written::Lost(error.of_call(ended.called))
                }
            },
        })
    }

    async fn send<T, F>(self, method: impl FnOnce(api::Client) -> F) -> Ended
    where
        F: Future<Output = Blank<T>>,
    {
        let call = Arc::new(self);
        let (operation, connection) = (call.operation, call.client.connection());
        let api = api::Client::new_with_client(
            connection.base_url.as_str(),
            connection.http.clone(),
            Transport::new(call.clone()),
        );
        let _ = method(api).await;
        let (path, sent) = call.passed.lock().take().unzip();
        Ended {
            called: Called {
                operation,
                target: path.map(|path| target(operation, &path)),
                host: connection.base_url.authority().to_owned(),
            },
            // The generated client could not build the request.
            sent: sent.unwrap_or_else(|| Sent::not_sent(Failure::Unsendable)),
            gate: connection.gate.remaining(),
        }
    }
}

/// The values of the path's placeholders: `octo-org/smile/42`.
fn target(operation: Operation, path: &str) -> String {
    let names = operation.path.rsplit('/').zip(path.rsplit('/'));
    let values = names.filter(|(name, _)| name.starts_with('{'));
    let mut values: Vec<&str> = values.map(|(_, value)| value).collect();
    values.reverse();
    values.join("/")
}

/// A call that has ended.
pub(crate) struct Ended {
    pub(crate) called: Called,
    pub(crate) sent: Sent,
    /// The time until the rate-limit gate opens.
    pub(crate) gate: Duration,
}

impl Ended {
    pub(crate) fn response<T>(mut self) -> Result<Response<T>> {
        let success = self.called.operation.success;
        let (head, body) = match self.sent.outcome {
            Outcome::Success { head, body } if head.status.as_u16() == success => {
                (head, Some(body))
            }
            Outcome::NotModified { head } => (head, None),
            outcome => {
                self.sent.outcome = outcome;
                return Err(self.error());
            }
        };
        Ok(Response {
            context: Context {
                called: self.called,
                head,
                retried_at: self.sent.retried_at,
            },
            body,
            decodes_to: PhantomData,
        })
    }

    /// Why there is no usable response.
    fn error(self) -> Error {
        self.sent.error(self.gate).of_call(self.called)
    }
}

impl<T: DeserializeOwned> Response<T> {
    pub(crate) fn decode(&self) -> Result<T> {
        json::from_slice(self.body()).map_err(|_| self.malformed::<T>())
    }
}

impl<T> Response<T> {
    pub(crate) fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }

    /// Why the body is no `U`.
    pub(crate) fn malformed<U: DeserializeOwned>(&self) -> Error {
        let Context { called, head, .. } = &self.context;
        let body = self.body();
        let malformed = Malformed::find::<U>(body, head.media_type(), head.encoding());
        // A body that is no list may be an error.
        let excerpt = Excerpt::new(head, ErrorBody::read(body));
        let error = Error::new(Kind::Decode(malformed));
        error.with_response(excerpt).of_call(called.clone())
    }
}

impl Context {
    /// An error about the response as a whole.
    pub(crate) fn error(&self, kind: Kind) -> Error {
        let excerpt = Excerpt::new(&self.head, ErrorBody::default());
        let error = Error::new(kind).with_response(excerpt);
        error.of_call(self.called.clone())
    }

    pub(crate) fn meta(&self) -> ResponseMeta {
        ResponseMeta::from_headers(&self.head.headers)
    }
}

impl Execute for Call {
    fn execute(&self, mut request: reqwest::Request) -> Executing<'_> {
        if let Some(known) = &self.known {
            request.headers_mut().insert(IF_NONE_MATCH, known.clone());
        }
        let path = request.url().path().to_owned();
        let Operation {
            id,
            method,
            success,
            ..
        } = self.operation;
        let is_safe = method == "GET";
        let success = StatusCode::from_u16(success).unwrap_or_default();
        let template = self.operation.path;
        let span = debug_span!(
            "github_bypass_requests",
            operation = id,
            method,
            path = template
        );
        let (client, policy) = (self.client.clone(), self.policy.clone());
        let sending = async move {
            let connection = client.connection();
            let exchange = Exchange {
                request,
                is_safe,
                success,
                policy,
                gate: &connection.gate,
                pace: Some(&connection.pace),
            };
            let authorize = SignIn::new(client.tokens(), client.host());
            exchange.send(connection, authorize).await
        };
        Box::pin(async move {
            // A task of its own: a future that is not polled would keep its turn from all others.
            let sent = Task::spawn(sending.instrument(span)).await;
            *self.passed.lock() = Some((path, sent.unwrap_or_else(Sent::stopped)));
            Ok(blank())
        })
    }
}

/// A response that the generated client returns unread, because no operation documents its status.
fn blank() -> reqwest::Response {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.into()
}
