//! Serves a list of many pages as GitHub does: `server PAGES DELAY_MILLISECONDS`.
//!
//! Prints its address. When its standard input ends, it prints the number of requests that it received.

use std::error::Error;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::get;
use axum::serve::ListenerExt;
use bench_pages::{PER_PAGE, secret_scanning};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::time::sleep;

struct Server {
    base_url: String,
    pages: u64,
    delay: Duration,
    requests: AtomicU64,
}

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
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse());
    let mut argument = || arguments.next().ok_or("PAGES DELAY_MILLISECONDS");
    let (pages, delay) = (argument()??, Duration::from_millis(argument()??));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| {
        // Without this, the measurement would include delays of the kernel.
        let _ = connection.set_nodelay(true);
    });
    println!("{base_url}");
    let server = Arc::new(Server {
        base_url,
        pages,
        delay,
        requests: AtomicU64::new(0),
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
    println!("{}", server.requests.load(Relaxed));
    Ok(())
}

async fn list(
    State(server): State<Arc<Server>>,
    Query(Parameters { page }): Query<Parameters>,
) -> impl IntoResponse {
    server.requests.fetch_add(1, Relaxed);
    if !server.delay.is_zero() {
        sleep(server.delay).await;
    }
    let last = page * PER_PAGE;
    let headers = AppendHeaders([
        (CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
        (LINK, server.links(page)),
        (
            "x-github-request-id".parse().expect("a name"),
            format!("C0DE:{page:X}"),
        ),
        (
            "x-ratelimit-limit".parse().expect("a name"),
            "5000".to_owned(),
        ),
        (
            "x-ratelimit-remaining".parse().expect("a name"),
            "4999".to_owned(),
        ),
        (
            "x-ratelimit-reset".parse().expect("a name"),
            "4102444800".to_owned(),
        ),
    ]);
    (headers, secret_scanning(last - PER_PAGE + 1..=last))
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
