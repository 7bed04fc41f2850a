//! `GET /api/traces`: summaries, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::Uri;
use http::header::CACHE_CONTROL;
use serde::Serialize;

use super::problem::Problem;
use super::query;
use crate::store::{Store, Summary};

/// The answer: the traces shown, and how many pass the filters.
#[derive(Serialize)]
struct Traces<'s> {
    traces: Vec<Row<'s>>,
    total: usize,
}

/// One trace. Nanoseconds are strings, since JavaScript's numbers do not hold them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'s> {
    trace_id: String,
    /// While the root is missing, this and the name are those of the earliest span.
    root_service_name: &'s str,
    root_name: &'s str,
    root_received: bool,
    start_time_unix_nano: String,
    duration_nano: String,
    span_count: u64,
    error_count: u64,
    status: &'static str,
    services: Vec<Service<'s>>,
    missing_parents: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Service<'s> {
    name: &'s str,
    span_count: u64,
    error_count: u64,
}

pub(super) async fn traces(State(store): State<Arc<Store>>, uri: Uri) -> Result<Response, Problem> {
    let listing = store.list(&query::parse(&uri)?);
    let traces = listing.traces.iter().map(Row::of).collect();
    let body = Json(Traces { traces, total: listing.total });
    Ok(([(CACHE_CONTROL, "no-store")], body).into_response())
}

impl<'s> Row<'s> {
    fn of(summary: &'s Summary) -> Self {
        let service = |service: &'s crate::store::ServiceCount| Service {
            name: &service.name,
            span_count: service.spans,
            error_count: service.errors,
        };
        Self {
            trace_id: summary.trace_id.to_string(),
            root_service_name: &summary.root_service,
            root_name: &summary.root_name,
            root_received: summary.has_root,
            start_time_unix_nano: summary.start_unix_nanos.to_string(),
            duration_nano: summary.duration_nanos().to_string(),
            span_count: summary.spans,
            error_count: summary.errors,
            status: if summary.errors > 0 { "error" } else { "ok" },
            services: summary.services.iter().map(service).collect(),
            missing_parents: summary.missing_parents,
        }
    }
}
