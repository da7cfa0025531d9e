//! `/_fake`: controls the fake over HTTP. Tests in other languages use it, usually with the binary.
//!
//! Requests to these paths need no token, do not count against the rate limit, get no faults and
//! are not recorded.

mod clock;
mod deliveries;
mod faults;
mod input;
mod places;
mod received;
mod requests;
mod tokens;

use std::sync::Arc;

use axum::{
    Router,
    http::Method,
    routing::{get, post},
};

use self::input::Rejection;
use super::state::Shared;

/// The routes below `/_fake`.
pub(super) fn router() -> Router<Arc<Shared>> {
    let request = Router::new()
        .route("/approve", post(requests::approve))
        .route("/reject", post(requests::reject))
        .route("/cancel", post(requests::cancel))
        .route("/complete", post(requests::complete))
        .route("/responses", get(requests::responses));
    Router::new()
        .route(
            "/faults",
            get(faults::list).post(faults::add).delete(faults::clear),
        )
        .route("/received", get(received::list).delete(received::clear))
        .route(
            "/deliveries",
            get(deliveries::list).delete(deliveries::clear),
        )
        .route("/deliveries/{id}/redeliver", post(deliveries::redeliver))
        .route("/ping", post(deliveries::ping))
        .route("/clock", get(clock::show).post(clock::set))
        .route(
            "/tokens",
            get(tokens::list).post(tokens::add).delete(tokens::clear),
        )
        .route("/places", post(places::add))
        .route(
            "/requests/secret-scanning",
            post(requests::open_secret_scanning),
        )
        .route("/requests/push-rules", post(requests::open_push_rules))
        .nest("/requests/{owner}/{repository}/{number}", request)
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
}

async fn no_such_path() -> Rejection {
    Rejection::not_found("no such path below /_fake")
}

async fn wrong_method(method: Method) -> Rejection {
    Rejection::wrong_method(format!("this path does not support {method}"))
}
