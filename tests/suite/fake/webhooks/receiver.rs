//! A receiver of webhooks. The test sends each response itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// The time limit of each wait. Without it, a test could hang instead of failing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server that passes each request to the test.
pub(crate) struct Receiver {
    pub(crate) url: String,
    arrivals: UnboundedReceiver<Arrival>,
}

/// A received request whose response is still due.
pub(crate) struct Arrival {
    pub(crate) request_line: String,
    /// Names are in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    stream: TcpStream,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, arrivals) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if sender.send(Arrival::read(stream).await).is_err() {
                    return;
                }
            }
        });
        Self {
            url: format!("http://{address}/webhook?from=fake"),
            arrivals,
        }
    }

    /// Waits for the next request.
    pub(crate) async fn next(&mut self) -> Arrival {
        let arrival = timeout(PATIENCE, self.arrivals.recv()).await;
        arrival.expect("a delivery").expect("a running server")
    }

    /// Waits for the next request, and responds with 204.
    pub(crate) async fn accept(&mut self) -> Arrival {
        let mut arrival = self.next().await;
        arrival.respond("HTTP/1.1 204 No Content\r\n\r\n").await;
        arrival
    }

    /// Returns true if a request has arrived that the test has not taken.
    pub(crate) fn has_arrival(&self) -> bool {
        !self.arrivals.is_empty()
    }
}

impl Arrival {
    async fn read(mut stream: TcpStream) -> Self {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a head"));
        }
        let head = String::from_utf8(head).expect("text");
        let mut lines = head.trim_end().lines();
        let request_line = lines.next().expect("a request line").to_owned();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").expect(line);
            (name.to_ascii_lowercase(), value.to_owned())
        });
        let headers: BTreeMap<_, _> = headers.collect();
        let length = headers["content-length"].parse().expect("a length");
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a body");
        Self {
            request_line,
            headers,
            body: String::from_utf8(body).expect("text"),
            stream,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        &self.headers[name]
    }

    pub(crate) async fn respond(&mut self, response: &str) {
        let written = self.stream.write_all(response.as_bytes()).await;
        written.expect("a connection");
    }

    /// Waits until the sender closes the connection.
    pub(crate) async fn closed(&mut self) {
        let read = timeout(PATIENCE, self.stream.read(&mut [0])).await;
        // After a reset, the read returns an error. The connection is closed in this case, too.
        assert_eq!(read.expect("an end").unwrap_or(0), 0);
    }
}
