//! A scripted server on raw TCP, in the test's own runtime.
//!
//! It responds to each request with the next of its replies, byte by byte if necessary. If the
//! clock is paused, the server must run on the test's thread and use only `tokio::time` for delays.
//! Then time advances only while all tasks wait.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use github_bypass_requests::{Client, ClientBuilder};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::support::TOKEN;

/// How the server handles one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<u8>),
    /// Sends each byte after this delay.
    Trickle(Vec<u8>, Duration),
    Wait(Duration),
    /// Sends the same bytes again and again until the client closes the connection.
    Endless(Vec<u8>),
    /// Ends the stream.
    Close,
    /// Sends a TCP reset.
    Reset,
    /// Keeps the connection open and silent.
    Stall,
}

impl Reply {
    /// A response with this status, these header lines and GitHub's request id.
    pub(crate) fn new(status: u16, headers: &[&str], body: impl AsRef<[u8]>) -> Self {
        let id = ["x-github-request-id: AB:12"];
        Self::raw(status, &[&id, headers].concat(), body)
    }

    /// A response with this status, these header lines and `content-length`, but without GitHub's
    /// request id.
    pub(crate) fn raw(status: u16, headers: &[&str], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = format!("content-length: {}", body.len());
        let lines: Vec<&str> = headers
            .iter()
            .copied()
            .chain((status != 204).then_some(length.as_str()))
            .collect();
        Self(vec![Step::Send(
            [head(status, &lines).as_slice(), body].concat(),
        )])
    }

    pub(crate) fn json(status: u16, headers: &[&str], body: &Value) -> Self {
        let json = ["content-type: application/json; charset=utf-8"];
        Self::new(status, &[&json, headers].concat(), body.to_string())
    }

    /// Sends exactly these bytes.
    pub(crate) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(vec![Step::Send(bytes.into())])
    }

    /// Sends nothing, unless a step is added.
    pub(crate) fn nothing() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn then_close(mut self) -> Self {
        self.0.push(Step::Close);
        self
    }

    pub(crate) fn then_reset(mut self) -> Self {
        self.0.push(Step::Reset);
        self
    }

    /// Keeps the connection open and silent.
    pub(crate) fn then_stall(mut self) -> Self {
        self.0.push(Step::Stall);
        self
    }

    pub(crate) fn then_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.push(Step::Send(bytes.into()));
        self
    }

    pub(crate) fn then_trickle(mut self, bytes: impl Into<Vec<u8>>, every: Duration) -> Self {
        self.0.push(Step::Trickle(bytes.into(), every));
        self
    }

    pub(crate) fn then_endless(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.push(Step::Endless(bytes.into()));
        self
    }

    /// Delays the reply.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.0.insert(0, Step::Wait(delay));
        self
    }
}

/// Returns the status line, the header lines and the empty line.
pub(crate) fn head(status: u16, headers: &[&str]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// Returns a `date` header line with this instant.
pub(crate) fn date(instant: DateTime<Utc>) -> String {
    format!("date: {}", instant.format("%a, %d %b %Y %H:%M:%S GMT"))
}

/// A request as the server received it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// The header lines. The names are in lower case, because the HTTP library sends them that way.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
    /// When it was received, on the test's clock.
    pub(crate) at: Instant,
}

/// A scripted server. It stops when it is dropped.
pub(crate) struct Server {
    pub(crate) base_url: String,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server that responds to each request with the next of `replies`, and repeats the
    /// last reply if there are more requests.
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        Self::start_with(move |index, _| {
            replies
                .get(index)
                .or(replies.last())
                .cloned()
                .expect("a reply")
        })
        .await
    }

    /// Starts a server that handles each request with `reply`, which gets the request and the
    /// number of earlier requests.
    pub(crate) async fn start_with(
        reply: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_at("127.0.0.1:0", reply).await
    }

    /// Like [`start_with`](Self::start_with), but at this address.
    pub(crate) async fn start_at(
        address: impl ToSocketAddrs,
        reply: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let connections: Arc<Mutex<usize>> = Arc::default();
        let (log, count, reply) = (received.clone(), connections.clone(), Arc::new(reply));
        let task = tokio::spawn(async move {
            loop {
                let Ok((socket, _)) = listener.accept().await else {
                    return;
                };
                *count.lock().expect("a count") += 1;
                let (log, reply) = (log.clone(), reply.clone());
                tokio::spawn(serve(socket, log, reply));
            }
        });
        Self {
            base_url,
            received,
            connections,
            task,
        }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("a log").clone()
    }

    /// Returns the methods of the requests in order, such as `["GET", "PATCH"]`.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.received()
            .into_iter()
            .map(|request| request.method)
            .collect()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.methods()
            .iter()
            .filter(|received| *received == method)
            .count()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().expect("a count")
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder().base_url(&self.base_url).token(TOKEN)
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().expect("client")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Script = dyn Fn(usize, &Received) -> Reply + Send + Sync;

async fn serve(mut socket: TcpStream, log: Arc<Mutex<Vec<Received>>>, reply: Arc<Script>) {
    while let Some(request) = receive(&mut socket).await {
        let index = {
            let mut log = log.lock().expect("a log");
            log.push(request.clone());
            log.len() - 1
        };
        for step in reply(index, &request).0 {
            match step {
                Step::Send(bytes) => {
                    if socket.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Step::Trickle(bytes, every) => {
                    for byte in bytes {
                        sleep(every).await;
                        if socket.write_all(&[byte]).await.is_err() {
                            return;
                        }
                    }
                }
                Step::Wait(wait) => sleep(wait).await,
                Step::Endless(bytes) => while socket.write_all(&bytes).await.is_ok() {},
                Step::Close => return,
                Step::Reset => {
                    // Without this, dropping the socket would end the stream without a reset.
                    let _ = socket.set_zero_linger();
                    return;
                }
                Step::Stall => {
                    let _ = socket.read(&mut [0]).await;
                    return;
                }
            }
        }
    }
}

/// Reads one request. Returns `None` if the connection ended.
async fn receive(socket: &mut TcpStream) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match socket.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(head).expect("ASCII");
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<String> = lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    let length = headers
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    Some(Received {
        method,
        target,
        headers,
        body,
        at: Instant::now(),
    })
}
