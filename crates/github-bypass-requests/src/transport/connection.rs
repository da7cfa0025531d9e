//! The one place where a request is sent.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};

use crate::client::Shared;
use crate::outcome::{Failure, Head, Outcome};

/// What is announced is not yet there: more memory is taken only for what comes.
const MAX_RESERVED: usize = 64 << 10;

impl Shared {
    /// Sends the request, once, and reads the whole answer.
    pub(crate) async fn attempt(
        &self,
        mut request: reqwest::Request,
        authorization: HeaderValue,
    ) -> Outcome {
        let headers = request.headers_mut();
        // The generated client's own header, with the fragment's version: it means nothing to GitHub.
        headers.remove("api-version");
        headers.extend(self.headers.clone());
        headers.insert(AUTHORIZATION, authorization);
        let mut response = match self.http.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                return Outcome::Failed {
                    head: None,
                    failure: error.into(),
                };
            }
        };
        let status = response.status();
        let head = Head {
            status,
            headers: std::mem::take(response.headers_mut()),
        };
        match self.read(response, status).await {
            Ok(body) => Outcome::Answered { head, body },
            // An error is told by its status, whatever becomes of its body.
            Err(_) if !status.is_success() && !status.is_informational() => Outcome::Answered {
                head,
                body: Bytes::new(),
            },
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
        let limit = if status.is_success() {
            self.max_body
        } else {
            self.max_error_body
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
