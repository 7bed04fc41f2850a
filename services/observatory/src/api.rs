//! The API of the page: lists, traces, the store's state. Every refusal is a problem (RFC 9457).

mod health;
mod list;
pub(crate) mod problem;
mod query;
mod status;
mod trace;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::page;
use crate::store::Store;

/// The routes of the page's port.
pub(crate) fn routes(store: Arc<Store>) -> Router {
    Router::new()
        .route("/api/traces", get(list::traces))
        .route("/api/traces/{id}", get(trace::trace))
        .route("/api/status", get(status::status))
        .route("/health", get(health::health))
        .route("/livez", get(health::health))
        .route("/readyz", get(health::health))
        .route("/", get(page::index))
        .route("/trace/{id}", get(page::index))
        .route("/assets/{*path}", get(page::asset))
        .method_not_allowed_fallback(problem::method_not_allowed)
        .fallback(problem::not_found)
        .with_state(store)
}
