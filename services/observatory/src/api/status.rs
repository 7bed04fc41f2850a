//! `GET /api/status`: how full the store is and what went through it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use serde_json::json;

use crate::store::Store;

/// `received` = `rejected` + `duplicates` + `spans` + `evictedSpans`, always.
pub(super) async fn status(State(store): State<Arc<Store>>) -> Response {
    let (counters, limits) = (store.counters(), store.limits());
    let body = json!({
        "traces": counters.traces,
        "spans": counters.spans,
        "bytes": counters.bytes,
        "limits": { "traces": limits.traces, "bytes": limits.bytes },
        "received": counters.received,
        "rejected": counters.rejected,
        "duplicates": counters.duplicates,
        "evictedTraces": counters.evicted_traces,
        "evictedSpans": counters.evicted_spans,
        "refusedRequests": counters.refused_requests,
        "version": env!("CARGO_PKG_VERSION"),
    });
    ([(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
