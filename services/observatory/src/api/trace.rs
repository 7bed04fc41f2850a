//! `GET /api/traces/{id}`: one trace as OTLP JSON.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use otlp::TraceId;

use super::problem::Problem;
use crate::store::Store;

pub(super) async fn trace(State(store): State<Arc<Store>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let malformed =
        |reason: String| Problem::bad_request("malformed-trace-id", format!("{id:?} is no trace id: {reason}"));
    let trace_id: TraceId = id.parse().map_err(|error: otlp::id::ParseIdError| malformed(error.to_string()))?;
    if !trace_id.is_valid() {
        return Err(malformed("all its digits are zero".into()));
    }
    let unknown = || Problem::not_found("unknown-trace", format!("trace {trace_id} is not here, or not any more"));
    let trace = store.trace(trace_id).ok_or_else(unknown)?;
    // A trace may have megabytes, which would hold up the other requests of this thread.
    let json = tokio::task::spawn_blocking(move || trace.to_json()).await.map_err(|_| Problem::unavailable())?;
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    Ok((headers, json).into_response())
}
