//! The server: which operation a request reaches, and what it passes on the way.

use std::{io, sync::Arc};

use axum::{
    Router, middleware,
    routing::{delete, get},
};
use tokio::net::TcpListener;

use super::{
    admin, admission,
    connection::{Ending, Listener},
    misbehaviour, operations,
    state::Shared,
};

/// Serves until `stop` completes.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = router(shared).into_make_service_with_connect_info::<Ending>();
    axum::serve(Listener(listener), service)
        .with_graceful_shutdown(stop)
        .await
}

/// The ten operations, and the same by number, which is how `Link` headers name their places.
/// Every request passes the faults, then admission; the path that controls the faults passes neither.
fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route(
            "/enterprises/{enterprise}/bypass-requests/{kind}",
            get(operations::list_of_enterprise),
        )
        .route(
            "/orgs/{org}/bypass-requests/{kind}",
            get(operations::list_of_organization),
        )
        .route(
            "/organizations/{id}/bypass-requests/{kind}",
            get(operations::list_of_numbered_organization),
        )
        .route(
            "/repos/{owner}/{repo}/bypass-requests/{kind}",
            get(operations::list_of_repository),
        )
        .route(
            "/repositories/{id}/bypass-requests/{kind}",
            get(operations::list_of_numbered_repository),
        )
        .route(
            "/repos/{owner}/{repo}/bypass-requests/{kind}/{number}",
            get(operations::get_request).patch(operations::review_request),
        )
        .route(
            "/repositories/{id}/bypass-requests/{kind}/{number}",
            get(operations::get_numbered_request).patch(operations::review_numbered_request),
        )
        .route(
            "/repos/{owner}/{repo}/bypass-responses/{kind}/{response_id}",
            delete(operations::dismiss_response),
        )
        .route(
            "/repositories/{id}/bypass-responses/{kind}/{response_id}",
            delete(operations::dismiss_numbered_response),
        )
        .fallback(operations::nothing_here)
        // GitHub does not tell a wrong method from a wrong path.
        .method_not_allowed_fallback(operations::nothing_here)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            admission::admit,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            misbehaviour::happen,
        ))
        .merge(admin::router())
        .with_state(shared)
}
