//! One call of one operation: our side of the seam to the generated client.
//!
//! The generated client builds the request and decodes the answer; in between it hands over to
//! [`Call`], which sends the request and keeps what it learns. The generated client's own errors
//! lose status and headers where a body does not decode, so errors are made from what was kept.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use github_bypass_requests_api as api;
use github_bypass_requests_api::{Execute, Executing, Operation, ResponseValue, Transport};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::client::Shared;
use crate::decode::{ErrorBody, Malformed};
use crate::error::{Answer, Kind};
use crate::{Client, Error, ResponseMeta, Result};

/// A call under way. Good for one operation, once.
pub(crate) struct Call {
    shared: Arc<Shared>,
    operation: Operation,
    outcome: OnceLock<Outcome>,
}

/// What became of the request.
pub(crate) enum Outcome {
    Answered {
        head: Head,
        body: Bytes,
    },
    Failed {
        head: Option<Head>,
        failure: Failure,
    },
}

/// An answer without its body.
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

/// What is announced is not yet there: more memory is taken only for what comes.
const MAX_RESERVED: usize = 64 << 10;

/// Why there is no complete answer.
pub(crate) enum Failure {
    Network(NetworkCause),
    TooLarge { limit: usize },
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Network(error.into())
    }
}

impl Client {
    pub(crate) fn call(&self, operation: Operation) -> Arc<Call> {
        Arc::new(Call {
            shared: self.shared.clone(),
            operation,
            outcome: OnceLock::new(),
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

    /// What the generated client made of the answer, or why it could not.
    pub(crate) fn finish<T: DeserializeOwned>(
        &self,
        result: Result<ResponseValue<T>, api::Error>,
    ) -> Result<(T, ResponseMeta)> {
        match (result, self.outcome.get()) {
            (Ok(value), Some(Outcome::Answered { head, .. })) => Ok((
                value.into_inner(),
                ResponseMeta::from_headers(&head.headers),
            )),
            (Ok(_), _) => Err(self.error(Kind::Interrupted)),
            (Err(error), _) => Err(self.failed::<T>(error)),
        }
    }

    /// The answer, if there was a complete one.
    pub(crate) fn answered(&self) -> Option<(&Head, &Bytes)> {
        match self.outcome.get()? {
            Outcome::Answered { head, body } => Some((head, body)),
            Outcome::Failed { .. } => None,
        }
    }

    /// An error of this operation, with what is known of the answer.
    pub(crate) fn error(&self, kind: Kind) -> Error {
        let error = Error::new(kind).of_operation(self.operation);
        match self.outcome.get() {
            None | Some(Outcome::Failed { head: None, .. }) => error,
            Some(Outcome::Answered { head, body }) => error.with_answer(head.answer(body)),
            Some(Outcome::Failed {
                head: Some(head), ..
            }) => error.with_answer(head.answer(&[])),
        }
    }

    fn failed<T: DeserializeOwned>(&self, error: api::Error) -> Error {
        match self.outcome.get() {
            Some(Outcome::Answered { head, body }) => match error {
                api::Error::InvalidResponsePayload(..) => {
                    self.error(Kind::Decode(Malformed::find::<T>(body, head.media_type())))
                }
                _ => self.error(Kind::Status),
            },
            Some(Outcome::Failed {
                failure: Failure::TooLarge { limit },
                ..
            }) => self.error(Kind::BodyTooLarge { limit: *limit }),
            Some(Outcome::Failed {
                failure: Failure::Network(cause),
                ..
            }) => {
                let kind = if cause.0.is_connect() {
                    Kind::Connect
                } else if cause.0.is_timeout() {
                    Kind::Timeout
                } else {
                    Kind::Interrupted
                };
                self.error(kind).with_source(cause.clone())
            }
            // The request was never handed over: the generated client could not build it.
            None => self.error(Kind::InvalidInput("the request cannot be built".to_owned())),
        }
    }

    /// Sends the request and reads the whole answer.
    async fn attempt(&self, mut request: reqwest::Request) -> Outcome {
        let Shared {
            token,
            headers,
            http,
            ..
        } = &*self.shared;
        // The generated client's own header, with the fragment's version: it means nothing to GitHub.
        request.headers_mut().remove("api-version");
        request.headers_mut().extend(headers.clone());
        request
            .headers_mut()
            .insert(AUTHORIZATION, token.authorization());
        let mut response = match http.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                return Outcome::Failed {
                    head: None,
                    failure: error.into(),
                };
            }
        };
        let head = Head {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
        };
        match self.read(response, head.status).await {
            Ok(body) => Outcome::Answered { head, body },
            // An error is told by its status, whatever becomes of its body.
            Err(_) if head.status.is_client_error() || head.status.is_server_error() => {
                Outcome::Answered {
                    head,
                    body: Bytes::new(),
                }
            }
            Err(failure) => Outcome::Failed {
                head: Some(head),
                failure,
            },
        }
    }

    /// Reads the body up to its limit; one that is announced as longer is not read at all.
    async fn read(
        &self,
        mut response: reqwest::Response,
        status: StatusCode,
    ) -> Result<Bytes, Failure> {
        let Shared {
            max_body,
            max_error_body,
            ..
        } = *self.shared;
        let limit = if status.is_success() {
            max_body
        } else {
            max_error_body
        };
        let announced = response.content_length().unwrap_or(0);
        let Some(announced) = usize::try_from(announced)
            .ok()
            .filter(|length| *length <= limit)
        else {
            return Err(Failure::TooLarge { limit });
        };
        let mut body = Vec::with_capacity(announced.min(MAX_RESERVED));
        while let Some(chunk) = response.chunk().await? {
            if chunk.len() > limit - body.len() {
                return Err(Failure::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.into())
    }
}

impl Execute for Call {
    fn execute(&self, request: reqwest::Request) -> Executing<'_> {
        Box::pin(async move {
            let outcome = self.attempt(request).await;
            let response = outcome.to_response();
            // A second outcome cannot be: each generated method sends one request.
            let _ = self.outcome.set(outcome);
            Ok(response)
        })
    }
}

impl Outcome {
    /// The answer as the generated client is to see it. A failure becomes an answer that it cannot
    /// take for a success; what really happened, it need not know.
    fn to_response(&self) -> reqwest::Response {
        let (status, body) = match self {
            Self::Answered { head, body } => (head.status, body.clone()),
            Self::Failed { .. } => (StatusCode::INTERNAL_SERVER_ERROR, Bytes::new()),
        };
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        response.into()
    }
}

impl Head {
    fn answer(&self, body: &[u8]) -> Answer {
        let ErrorBody {
            message,
            documentation_url,
        } = ErrorBody::read(body);
        let meta = ResponseMeta::from_headers(&self.headers);
        Answer {
            status: self.status,
            meta,
            message,
            documentation_url,
        }
    }

    /// The media type, without parameters.
    pub(crate) fn media_type(&self) -> Option<&str> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        Some(
            value
                .split_once(';')
                .map_or(value, |(media_type, _)| media_type)
                .trim(),
        )
    }
}

/// Gives the causes of a network error, but not its type.
#[derive(Clone)]
pub(crate) struct NetworkCause(Arc<reqwest::Error>);

impl From<reqwest::Error> for NetworkCause {
    fn from(error: reqwest::Error) -> Self {
        Self(Arc::new(error.without_url()))
    }
}

impl fmt::Display for NetworkCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for NetworkCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl StdError for NetworkCause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
