//! HTTP requests and responses, and their format on the socket.

use http::header::{AUTHORIZATION, CONTENT_LENGTH, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

use crate::world::{Kind, Place, dismissal_path, request_path};

/// An HTTP request.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// An HTTP response.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Returns an HTTP request of this user to the server.
    pub(crate) fn new(method: Method, target: String, user: &str) -> Self {
        let mut message = Self {
            method,
            target,
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        let agent = HeaderValue::from_static("browser");
        message.headers.insert(USER_AGENT, agent);
        message.authorize(user);
        message
    }

    /// Returns a review by this user.
    pub(crate) fn review(place: Place, decision: &str, user: &str) -> Self {
        let mut message = Self::new(Method::PATCH, request_path(Kind::Secret, place), user);
        let body = serde_json::json!({ "status": decision, "message": user });
        message.body = body.to_string().into();
        message
    }

    /// Returns a dismissal by this user.
    pub(crate) fn dismissal(repository: &str, response: i64, user: &str) -> Self {
        Self::new(Method::DELETE, dismissal_path(repository, response), user)
    }

    pub(crate) fn authorize(&mut self, user: &str) {
        let value = HeaderValue::try_from(format!("Bearer {user}")).expect("ASCII");
        self.headers.insert(AUTHORIZATION, value);
    }

    /// Returns the value of a header, or an empty string if it is missing.
    pub(crate) fn header(&self, name: &HeaderName) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// Reads one request. Returns `None` if the connection ended.
    pub(crate) async fn receive(stream: &mut UnixStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(end) = find(&bytes, b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let mut body = bytes.split_off(head);
        let text = String::from_utf8(bytes).expect("ASCII");
        let mut lines = text.lines();
        let mut first = lines.next()?.split(' ');
        let method = first.next()?.parse().expect("a method");
        let target = first.next()?.to_owned();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: HeaderMap = headers
            .map(|(name, value)| {
                let name: HeaderName = name.parse().expect("a name");
                (name, value.parse::<HeaderValue>().expect("a value"))
            })
            .collect();
        let length = headers.get(CONTENT_LENGTH).map_or(0, |length| {
            length.to_str().expect("ASCII").parse().expect("a length")
        });
        while body.len() < length {
            if stream.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
        Some(Self {
            method,
            target,
            headers,
            body,
        })
    }
}

impl Reply {
    /// Returns the bytes of the response as they are sent.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} X\r\n", self.status.as_u16()).into_bytes();
        for (name, value) in self
            .headers
            .iter()
            .filter(|(name, _)| *name != CONTENT_LENGTH)
        {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        if !matches!(self.status.as_u16(), 204 | 304) {
            let length = format!("content-length: {}\r\n", self.body.len());
            bytes.extend_from_slice(length.as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
