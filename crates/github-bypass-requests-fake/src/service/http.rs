//! The HTTP server and its routes.

use std::{io, sync::Arc};

use axum::{
    Router,
    http::{StatusCode, header::ALLOW},
    middleware,
    response::Response,
    routing::{delete, get},
};
use tokio::net::TcpListener;

use super::{
    admin, admission,
    connection::{Ending, Listener},
    misbehavior, operations, recording,
    refusal::Refusal,
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

/// Returns the service without a listener. Faults cannot close its connections, because there are
/// none.
#[cfg(fuzzing)]
pub(crate) fn detached(shared: Arc<Shared>) -> Router {
    router(shared).layer(axum::Extension(axum::extract::ConnectInfo(
        Ending::default(),
    )))
}

/// Requests are recorded, then pass through faults and admission. Requests to `admin` skip all
/// three.
fn router(shared: Arc<Shared>) -> Router {
    let place = Router::new().route("/bypass-requests/{kind}", get(operations::list));
    let repository = place
        .clone()
        .route(
            "/bypass-requests/{kind}/{number}",
            get(operations::get).patch(operations::review),
        )
        .route(
            "/bypass-responses/{kind}/{response_id}",
            delete(operations::dismiss),
        );
    let operations = Router::new()
        .nest("/enterprises/{enterprise}", place.clone())
        .nest("/orgs/{org}", place.clone())
        .nest("/organizations/{org_id}", place)
        .nest("/repos/{owner}/{repo}", repository.clone())
        .nest("/repositories/{repo_id}", repository)
        .fallback(nothing_here)
        // GitHub treats a wrong method like a wrong path.
        .method_not_allowed_fallback(nothing_here)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            admission::admit,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            misbehavior::apply,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            recording::record,
        ))
        .nest_service("/_fake", admin::router().with_state(Arc::clone(&shared)))
        .with_state(shared);
    Router::new()
        .fallback_service(operations)
        .layer(middleware::map_response(without_allow))
}

/// Removes the `Allow` header that axum adds to the response to a wrong method. GitHub sends no
/// such header, and axum's header also lists methods of the other kind of request.
async fn without_allow(mut response: Response) -> Response {
    if response.status() == StatusCode::NOT_FOUND {
        response.headers_mut().remove(ALLOW);
    }
    response
}

async fn nothing_here() -> Refusal {
    Refusal::not_found()
}
