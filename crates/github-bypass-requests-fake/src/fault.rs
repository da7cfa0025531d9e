//! Faults that tests inject.

use std::{fmt, time::Duration};

use axum::{
    body::Bytes,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    },
};

/// The methods of the fake's operations.
const METHODS: [Method; 3] = [Method::GET, Method::PATCH, Method::DELETE];

/// A fault to inject with [`Fake::misbehave`](crate::Fake::misbehave).
///
/// There are three kinds:
///
/// - [`new`](Self::new) changes or delays the real response. If it does neither, it only counts
///   requests.
/// - [`status`](Self::status) sends a made-up response.
/// - [`reset`](Self::reset) sends a TCP reset and no response.
///
/// With a made-up response or a reset, the request is not carried out, as if a gateway were down.
/// With [`after_applying`](Self::after_applying), the fake carries the request out first: a review
/// is recorded, but its response is lost.
///
/// A made-up response has only the given body, the given headers, `Date` and `Content-Length`. It
/// can represent a response from GitHub, a gateway or a captive portal, so the token is not
/// checked, and the request does not count against the rate limit. A request that is carried out is
/// authenticated and counted as usual. If the fake refuses it, the refusal is the real response.
///
/// # Aim
///
/// By default, a fault applies to every request. [`only`](Self::only),
/// [`path_contains`](Self::path_contains) and [`page`](Self::page) limit it to the requests that
/// match all of these conditions. [`skip`](Self::skip) lets the first matching requests pass.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use github_bypass_requests_fake::{Fake, Fault, NewRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = Fake::builder().start().await?;
/// let number = fake.open_secret_scanning_request(NewRequest::new()).number;
///
/// // The gateway is down for two requests. Then a review is recorded, but its response is lost.
/// fake.misbehave(2, Fault::status(502).header("retry-after", "1").body("<html>"))?;
/// fake.misbehave(1, Fault::reset().after_applying().only("PATCH"))?;
/// // A late response, a truncated one, and one with a changed header.
/// fake.misbehave(1, Fault::new().delay(Duration::from_millis(20)))?;
/// fake.misbehave(1, Fault::new().truncate(10))?;
/// fake.misbehave(1, Fault::new().header("x-ratelimit-remaining", "0"))?;
/// assert_eq!(fake.faults_left(), 6);
///
/// let url = format!(
///     "{}/repos/octo-org/smile/bypass-requests/secret-scanning/{number}",
///     fake.base_url(),
/// );
/// let client = reqwest::Client::builder().user_agent("bot").no_proxy().build()?;
/// let get = async || client.get(&url).bearer_auth("t").send().await;
/// assert_eq!(get().await?.status(), 502);
/// assert_eq!(get().await?.status(), 502);
///
/// let review = r#"{"status": "approve", "message": "It is a test key."}"#;
/// let patch = client.patch(&url).bearer_auth("t").body(review);
/// assert!(patch.send().await.is_err());
///
/// // The late response shows that the review was recorded.
/// assert!(get().await?.text().await?.contains(r#""status":"approved""#));
/// assert!(get().await?.text().await.is_err());
/// assert_eq!(get().await?.headers()["x-ratelimit-remaining"], "0");
/// assert_eq!(get().await?.headers()["x-ratelimit-remaining"], "4995");
///
/// // These faults hit the second page of a list of push rule requests, and the third review.
/// fake.misbehave(1, Fault::status(502).path_contains("/push-rules").page(2))?;
/// fake.misbehave(1, Fault::reset().only("PATCH").skip(2))?;
/// // This fault changes nothing. It counts the reads of a request.
/// fake.clear_faults();
/// fake.misbehave(10, Fault::new().only("GET").path_contains("/secret-scanning/"))?;
/// get().await?;
/// assert_eq!(fake.faults_left(), 9);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a fault has no effect until it is passed to a `Fake`"]
pub struct Fault {
    origin: Origin,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    truncate: Option<usize>,
    delay: Duration,
    after_applying: bool,
    only: Option<String>,
    path_contains: Option<String>,
    page: Option<usize>,
    skip: usize,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Origin {
    #[default]
    RealResponse,
    Status(u16),
    Reset,
}

/// The error for an invalid fault: a status or a header that HTTP does not allow, or settings that
/// contradict each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidFault(String);

/// A valid fault.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) aim: Aim,
    /// The number of matching requests that pass before the fault is used.
    pub(crate) skip: usize,
    pub(crate) after_applying: bool,
    pub(crate) delay: Duration,
    pub(crate) outcome: Outcome,
}

/// The requests that a fault applies to. `None` matches all of them.
#[derive(Clone, Debug)]
pub(crate) struct Aim {
    pub(crate) method: Option<Method>,
    pub(crate) path_contains: Option<String>,
    pub(crate) page: Option<usize>,
}

/// The effect of a fault on its request.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Reset,
    Response {
        /// `None` if the fault changes the real response.
        status: Option<StatusCode>,
        headers: HeaderMap,
        body: Option<Bytes>,
        truncate: Option<usize>,
    },
}

impl Outcome {
    /// Returns true if the outcome replaces the real response.
    pub(crate) fn is_made_up(&self) -> bool {
        match self {
            Self::Reset => true,
            Self::Response { status, .. } => status.is_some(),
        }
    }
}

impl Fault {
    /// Changes the real response. Add headers, a body, a delay or a truncation.
    ///
    /// Without any of them, the fault changes nothing and only counts requests. With
    /// `misbehave(3, Fault::new())`, the next three requests pass, and
    /// [`faults_left`](crate::Fake::faults_left) returns how many of them have not arrived yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a made-up response with this status, from 200 to 999.
    pub fn status(status: u16) -> Self {
        Self {
            origin: Origin::Status(status),
            ..Self::default()
        }
    }

    /// Sends a TCP reset instead of a response.
    pub fn reset() -> Self {
        Self {
            origin: Origin::Reset,
            ..Self::default()
        }
    }

    /// Sets a header of the response and replaces a real header of the same name. A header that is
    /// set twice is sent twice.
    ///
    /// `Content-Length` and `Transfer-Encoding` cannot be set. To send fewer bytes than announced,
    /// use [`truncate`](Self::truncate).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body of the response, which can be any bytes. A real response keeps its status and
    /// headers, so you can send invalid JSON with status 200. Responses with status 204 or 304 are
    /// sent without a body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Closes the connection after this many bytes of the body, although `Content-Length` announces
    /// the whole body.
    ///
    /// A shorter body is sent completely.
    pub fn truncate(mut self, bytes: usize) -> Self {
        self.truncate = Some(bytes);
        self
    }

    /// Waits after the request has arrived, before anything else happens. The delay does not use
    /// the fake's clock. It uses tokio's clock, which tests can pause.
    ///
    /// If the client disconnects during the delay, the request is not carried out. Use
    /// [`after_applying`](Self::after_applying) to carry it out and delay the response.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Carries out the request first, then applies the fault to the response.
    pub fn after_applying(mut self) -> Self {
        self.after_applying = true;
        self
    }

    /// Limits the fault to requests with this method: `GET`, `PATCH` or `DELETE`.
    pub fn only(mut self, method: impl Into<String>) -> Self {
        self.only = Some(method.into());
        self
    }

    /// Limits the fault to requests whose path contains this text. The path is compared as it was
    /// sent, without the query. Case matters.
    pub fn path_contains(mut self, text: impl Into<String>) -> Self {
        self.path_contains = Some(text.into());
        self
    }

    /// Limits the fault to requests for one page of a list. The first page is 1. A request without
    /// `page` in its query is for page 1.
    pub fn page(mut self, number: usize) -> Self {
        self.page = Some(number);
        self
    }

    /// Lets this many matching requests pass first. They get the next fault that matches them, if
    /// there is one.
    pub fn skip(mut self, requests: usize) -> Self {
        self.skip = requests;
        self
    }

    pub(crate) fn plan(self) -> Result<Plan, InvalidFault> {
        let changes_response =
            !self.headers.is_empty() || self.body.is_some() || self.truncate.is_some();
        let outcome = match self.origin {
            Origin::Reset if changes_response => {
                return Err(InvalidFault::new(
                    "a reset replaces the response, so it cannot have headers, a body or a \
                     truncation",
                ));
            }
            Origin::Reset => Outcome::Reset,
            Origin::RealResponse
                if self.after_applying && !changes_response && self.delay.is_zero() =>
            {
                return Err(InvalidFault::new(
                    "`after_applying` needs a status, a reset, a header, a body, a delay or a \
                     truncation",
                ));
            }
            Origin::RealResponse => self.response(None)?,
            Origin::Status(status) => self.response(Some(status))?,
        };
        if self.page == Some(0) {
            return Err(InvalidFault::new("`page` starts at 1, not 0"));
        }
        Ok(Plan {
            aim: Aim {
                method: self.only.as_deref().map(method).transpose()?,
                path_contains: self.path_contains,
                page: self.page,
            },
            skip: self.skip,
            after_applying: self.after_applying,
            delay: self.delay,
            outcome,
        })
    }

    fn response(&self, status: Option<u16>) -> Result<Outcome, InvalidFault> {
        let status = status.map(parse_status).transpose()?;
        if let Some(status) = status
            && !may_have_body(status)
            && (self.body.is_some() || self.truncate.is_some())
        {
            let status = status.as_u16();
            return Err(InvalidFault(format!(
                "a response with status {status} cannot have a body"
            )));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let (name, value) = header(name, value)?;
            headers.append(name, value);
        }
        Ok(Outcome::Response {
            status,
            headers,
            body: self.body.clone().map(Bytes::from),
            truncate: self.truncate,
        })
    }
}

impl InvalidFault {
    pub(crate) fn new(why: &str) -> Self {
        Self(why.to_owned())
    }
}

pub(crate) fn may_have_body(status: StatusCode) -> bool {
    ![StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status)
}

/// Rejects statuses below 200, because they are not final responses.
fn parse_status(status: u16) -> Result<StatusCode, InvalidFault> {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| InvalidFault(format!("the status must be 200 to 999, not {status}")))
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), InvalidFault> {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        return Err(InvalidFault(format!("{name:?} is not a valid header name")));
    };
    if [CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
        return Err(InvalidFault(format!(
            "{name} cannot be set; it follows from the body"
        )));
    }
    match HeaderValue::from_bytes(value.as_bytes()) {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(InvalidFault(format!(
            "{value:?} is not a valid value for the header {name}"
        ))),
    }
}

fn method(name: &str) -> Result<Method, InvalidFault> {
    METHODS
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(name))
        .ok_or_else(|| InvalidFault(format!("`only` takes GET, PATCH or DELETE, not {name:?}")))
}

impl fmt::Display for InvalidFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidFault {}
