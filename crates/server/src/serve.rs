//! Serving, and ending well: streams are told to end, requests under way are answered, and a client that does not read its
//! answer is not waited for.

use crate::app::App;
use crate::pages::{Pages, with_pages};
use crate::routes::router;
use axum::serve::ListenerExt;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long requests under way may take once the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Serves the API, and pages beside it, until `shutdown` is over.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    app: App,
    pages: Pages,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let stopping = app.clone();
    // Events are small and must not wait for more to send with them.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection sends with delay");
        }
    });
    let server = axum::serve(listener, with_pages(router(app.clone()), pages)).with_graceful_shutdown(async move {
        shutdown.await;
        stopping.stop();
    });
    tokio::select! {
        served = async { server.await } => served,
        () = overdue(&app) => {
            tracing::warn!("some clients did not read their answers in time; their connections are cut");
            Ok(())
        }
    }
}

async fn overdue(app: &App) {
    app.stopped().await;
    tokio::time::sleep(GRACE).await;
}
