//! `GET /health`, `/livez`, `/readyz`. The store is memory: what answers is ready.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use serde_json::json;

pub(super) async fn health() -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(json!({ "status": "ok", "service": "observatory" }))).into_response()
}
