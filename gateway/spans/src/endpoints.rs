//! `/metrics` and `/livez`.

use crate::Counts;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Serves until the process stops.
pub(crate) async fn serve(listener: TcpListener, counts: Arc<Counts>, mut stopped: watch::Receiver<bool>) {
    let metrics = move || async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4")], counts.text()) };
    let router = Router::new().route("/metrics", get(metrics)).route("/livez", get(|| async { "ok\n" }));
    let stopping = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopping).await {
        crate::notice::error("/metrics is not served any more", &[("error", error.to_string().into())]);
    }
}
