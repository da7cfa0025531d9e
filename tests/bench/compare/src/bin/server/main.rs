//! Serves a list of many pages as GitHub does: `server PAGES DELAY_MILLISECONDS [link]`.
//!
//! With `link`, the server is behind a simulated link of 50 ms and 20 Mbit/s. At the start, it
//! prints its base URL. When its standard input ends, it prints the number of requests that it
//! received and the total size of the bodies that it sent, in bytes.

mod link;

use std::error::Error;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use bench_pages::{PER_PAGE, secret_scanning};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::link::Link;

struct Server {
    base_url: String,
    pages: u64,
    delay: Duration,
    /// The first pages, compressed in advance so that no measurement includes the compression.
    compressed: Vec<Bytes>,
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// The number of pages to compress in advance. Only the memory measurement reads more pages.
const COMPRESSED_IN_ADVANCE: u64 = 100;

/// A round trip of 50 ms, and 20 Mbit/s.
const LINK_50_MS_20_MBITS: Link = Link {
    delay: Duration::from_millis(25),
    rate: 20_000_000,
};

#[derive(Deserialize)]
struct Parameters {
    #[serde(default = "first")]
    page: u64,
}

fn first() -> u64 {
    1
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = || -> Result<u64, Box<dyn Error>> {
        let argument = arguments.next();
        Ok(argument
            .ok_or("usage: server PAGES DELAY_MILLISECONDS [link]")?
            .parse()?)
    };
    let (pages, delay) = (number()?, Duration::from_millis(number()?));
    let compressed = (1..=pages.min(COMPRESSED_IN_ADVANCE)).map(|number| gzip(&page(number)));
    let compressed = compressed.collect::<Result<_, _>>()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let base_url = if arguments.next().is_some() {
        let front = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}", front.local_addr()?);
        tokio::spawn(link::forward(
            front,
            address.to_string(),
            LINK_50_MS_20_MBITS,
        ));
        base_url
    } else {
        format!("http://{address}")
    };
    let listener = listener.tap_io(|connection| {
        // Without this, the measurement would include the delays of Nagle's algorithm.
        let _ = connection.set_nodelay(true);
    });
    println!("{base_url}");
    let server = Arc::new(Server {
        base_url,
        pages,
        delay,
        compressed,
        requests: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
    });
    let app = Router::new()
        // The links lead to the second route, as GitHub's do.
        .route("/orgs/octo-org/bypass-requests/secret-scanning", get(list))
        .route(
            "/organizations/1/bypass-requests/secret-scanning",
            get(list),
        )
        .with_state(server.clone());
    let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        ended = end => {
            ended??;
        }
    }
    println!(
        "{} {}",
        server.requests.load(Relaxed),
        server.bytes.load(Relaxed)
    );
    Ok(())
}

/// Returns a page as JSON.
fn page(number: u64) -> String {
    let last = number * PER_PAGE;
    secret_scanning(last - PER_PAGE + 1..=last)
}

fn gzip(text: &str) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?.into())
}

async fn list(
    State(server): State<Arc<Server>>,
    Query(Parameters { page: number }): Query<Parameters>,
    headers: HeaderMap,
) -> Response {
    server.requests.fetch_add(1, Relaxed);
    if !server.delay.is_zero() {
        sleep(server.delay).await;
    }
    let accepted = headers.get(ACCEPT_ENCODING);
    let accepts_gzip = accepted.is_some_and(|accepted| {
        let accepted = accepted.to_str().unwrap_or_default();
        accepted
            .split(',')
            .any(|encoding| encoding.trim() == "gzip")
    });
    let body = if accepts_gzip {
        let index = usize::try_from(number - 1).expect("few pages");
        let compressed = server.compressed.get(index).cloned();
        compressed.unwrap_or_else(|| gzip(&page(number)).expect("in memory"))
    } else {
        page(number).into()
    };
    server.bytes.fetch_add(body.len() as u64, Relaxed);
    let request_id = format!("C0DE:{number:X}");
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (LINK, &server.links(number)),
        (HeaderName::from_static("x-github-request-id"), &request_id),
        (HeaderName::from_static("x-ratelimit-limit"), "5000"),
        (HeaderName::from_static("x-ratelimit-remaining"), "4999"),
        (HeaderName::from_static("x-ratelimit-reset"), "4102444800"),
    ];
    let mut response = body.into_response();
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).expect("a header");
        response.headers_mut().insert(name, value);
    }
    if accepts_gzip {
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(CONTENT_ENCODING, gzip);
    }
    response
}

impl Server {
    fn links(&self, page: u64) -> String {
        let Self {
            base_url, pages, ..
        } = self;
        let link = |page, relation| {
            format!(
                "<{base_url}/organizations/1/bypass-requests/secret-scanning\
                 ?time_period=month&per_page={PER_PAGE}&page={page}>; rel=\"{relation}\""
            )
        };
        let back = (page > 1).then(|| [link(page - 1, "prev"), link(1, "first")]);
        let on = (page < *pages).then(|| [link(page + 1, "next"), link(*pages, "last")]);
        [back, on]
            .into_iter()
            .flatten()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }
}
