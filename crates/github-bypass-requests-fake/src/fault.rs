//! What can go wrong with a request, on demand.

use std::{fmt, time::Duration};

use axum::{
    body::Bytes,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    },
};

/// The methods that an operation of the fake has.
const METHODS: [Method; 3] = [Method::GET, Method::PATCH, Method::DELETE];

/// Something that goes wrong with a request, for [`Fake::misbehave`](crate::Fake::misbehave).
///
/// It starts from one of three: [`new`](Self::new), the true answer, which is then changed or
/// delayed; [`status`](Self::status), an answer that is made up; and [`reset`](Self::reset), no
/// answer at all.
///
/// Whether the request is carried out is what decides about a write, and it is yours to say. A
/// true answer is of a request that was carried out. In place of the other two nothing happens,
/// as when a gateway is down, unless the fault comes
/// [`after_applying`](Self::after_applying): then a review is recorded, and its answer is lost.
///
/// A made-up answer has the headers and the body it is given, with `Date` and `Content-Length`,
/// and no others: it may come from GitHub, from a gateway or from a captive portal. As such it
/// asks for no token, and counts for no rate limit. A request that is carried out is admitted and
/// counted as ever; one that is refused has no effect, and its refusal is the true answer.
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
/// // Two gateways that are down, then a review that is recorded and whose answer is lost.
/// fake.misbehave(2, Fault::status(502).header("retry-after", "1").body("<html>"))?;
/// fake.misbehave(1, Fault::reset().after_applying().only("PATCH"))?;
/// // Answers that arrive late, end early, or bring other news than the true ones.
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
/// // Late, and true: the review was recorded.
/// assert!(get().await?.text().await?.contains(r#""status":"approved""#));
/// assert!(get().await?.text().await.is_err());
/// assert_eq!(get().await?.headers()["x-ratelimit-remaining"], "0");
/// assert_eq!(get().await?.headers()["x-ratelimit-remaining"], "4995");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing goes wrong before the fault is given to a `Fake`"]
pub struct Fault {
    origin: Origin,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    truncate: Option<usize>,
    delay: Duration,
    after_applying: bool,
    only: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Origin {
    #[default]
    TrueAnswer,
    Status(u16),
    Reset,
}

/// A fault that cannot be: a status or a header that HTTP does not have, or parts that contradict
/// each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidFault(String);

/// A fault that can be.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) only: Option<Method>,
    pub(crate) after_applying: bool,
    pub(crate) delay: Duration,
    pub(crate) outcome: Outcome,
}

/// How a faulty request ends.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Reset,
    Answer {
        /// Without one, the true answer is what the rest is done to.
        status: Option<StatusCode>,
        headers: HeaderMap,
        body: Option<Bytes>,
        truncate: Option<usize>,
    },
}

impl Outcome {
    /// Whether it comes in place of the true answer.
    pub(crate) fn is_made_up(&self) -> bool {
        match self {
            Self::Reset => true,
            Self::Answer { status, .. } => status.is_some(),
        }
    }
}

impl Fault {
    /// The true answer. What is added to it makes the fault: headers, a body, a delay, or an
    /// early end.
    pub fn new() -> Self {
        Self::default()
    }

    /// An answer with this status, from 200 to 999, in place of the true one.
    pub fn status(status: u16) -> Self {
        Self {
            origin: Origin::Status(status),
            ..Self::default()
        }
    }

    /// A TCP reset in place of an answer.
    pub fn reset() -> Self {
        Self {
            origin: Origin::Reset,
            ..Self::default()
        }
    }

    /// Sets a header of the answer, in place of any the true answer has by that name. Set twice,
    /// it arrives twice.
    ///
    /// `Content-Length` and `Transfer-Encoding` follow from the body; see
    /// [`truncate`](Self::truncate) for an answer that is shorter than it says.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// What the answer says: text or any bytes. On a true answer it takes the body's place under
    /// the true status and headers, for JSON that is broken; 204 and 304 stay without one.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Ends the connection after so many bytes of the body, while `Content-Length` tells of all.
    ///
    /// A body that is not longer arrives whole.
    pub fn truncate(mut self, bytes: usize) -> Self {
        self.truncate = Some(bytes);
        self
    }

    /// Waits before anything else, on tokio's clock, which tests can pause, and not on the fake's.
    ///
    /// A client that gives up meanwhile withdraws its request: it is not carried out. For one that
    /// is, and answered too late, the fault comes [`after_applying`](Self::after_applying).
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Carries the request out first, and only then delays, makes up, loses or resets its answer.
    pub fn after_applying(mut self) -> Self {
        self.after_applying = true;
        self
    }

    /// Only happens to requests with this method: `GET`, `PATCH` or `DELETE`.
    pub fn only(mut self, method: impl Into<String>) -> Self {
        self.only = Some(method.into());
        self
    }

    pub(crate) fn plan(self) -> Result<Plan, InvalidFault> {
        let changes_answer =
            !self.headers.is_empty() || self.body.is_some() || self.truncate.is_some();
        let outcome = match self.origin {
            Origin::Reset if changes_answer => {
                return Err(InvalidFault::new(
                    "a reset comes in place of an answer: it has no headers and no body, and \
                     nothing to truncate",
                ));
            }
            Origin::Reset => Outcome::Reset,
            Origin::TrueAnswer if !changes_answer && self.delay.is_zero() => {
                return Err(InvalidFault::new(
                    "the fault changes nothing: it needs a status, a reset, a header, a body, a \
                     delay or a length to truncate to",
                ));
            }
            Origin::TrueAnswer => self.answer(None)?,
            Origin::Status(status) => self.answer(Some(status))?,
        };
        Ok(Plan {
            only: self.only.as_deref().map(method).transpose()?,
            after_applying: self.after_applying,
            delay: self.delay,
            outcome,
        })
    }

    fn answer(&self, status: Option<u16>) -> Result<Outcome, InvalidFault> {
        let status = status.map(parse_status).transpose()?;
        if let Some(status) = status
            && !may_have_body(status)
            && (self.body.is_some() || self.truncate.is_some())
        {
            let status = status.as_u16();
            return Err(InvalidFault(format!(
                "an answer with status {status} has no body"
            )));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let (name, value) = header(name, value)?;
            headers.append(name, value);
        }
        Ok(Outcome::Answer {
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

/// Below 200, HTTP has no final answers.
fn parse_status(status: u16) -> Result<StatusCode, InvalidFault> {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| InvalidFault(format!("status {status} is not one from 200 to 999")))
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), InvalidFault> {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        return Err(InvalidFault(format!("{name:?} is no name of a header")));
    };
    if [CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
        return Err(InvalidFault(format!(
            "{name} follows from the body, and cannot be set"
        )));
    }
    match HeaderValue::from_bytes(value.as_bytes()) {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(InvalidFault(format!(
            "{value:?} cannot be the value of the header {name}"
        ))),
    }
}

fn method(name: &str) -> Result<Method, InvalidFault> {
    METHODS
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            InvalidFault(format!(
                "no operation has the method {name:?}; they have GET, PATCH and DELETE"
            ))
        })
}

impl fmt::Display for InvalidFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidFault {}
