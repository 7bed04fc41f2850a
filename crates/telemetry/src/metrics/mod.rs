//! What a service records as metrics: rate, errors and duration of requests, calls and statements.
//!
//! Names, units, labels and boundaries are those of the semantic conventions 1.42; labels come from bounded sets only.

mod histogram;
mod keys;
mod series;
mod text;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

pub(crate) use keys::{ActiveRequest, ClientRequest, DatabaseOperation, ServerRequest};
use series::Series;

use crate::delivery::Delivery;

/// Boundaries in seconds of `http.*.request.duration` (HTTP metrics conventions).
const HTTP_BOUNDARIES: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Boundaries in seconds of `db.client.*` (database metrics conventions).
const DATABASE_BOUNDARIES: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// Everything that one service has recorded.
#[derive(Debug)]
pub struct Metrics {
    server_requests: Series<ServerRequest>,
    client_requests: Series<ClientRequest>,
    database_operations: Series<DatabaseOperation>,
    connection_wait: Series<()>,
    connection_timeouts: AtomicU64,
    active_requests: AtomicI64,
    delivery: Arc<Delivery>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            server_requests: Series::new(HTTP_BOUNDARIES),
            client_requests: Series::new(HTTP_BOUNDARIES),
            database_operations: Series::new(DATABASE_BOUNDARIES),
            connection_wait: Series::new(DATABASE_BOUNDARIES),
            connection_timeouts: AtomicU64::new(0),
            active_requests: AtomicI64::new(0),
            delivery: Arc::default(),
        }
    }
}

impl Metrics {
    /// The media type of [`Metrics::to_text`].
    pub const CONTENT_TYPE: &'static str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Everything as OpenMetrics 1.0 text, ending with `# EOF`. Times are in seconds.
    pub fn to_text(&self, service_name: &str, service_version: &str) -> String {
        let mut text = text::Text::default();
        text.target(service_name, service_version);
        text.histogram(
            "http_server_request_duration_seconds",
            "Duration of requests to this service.",
            &self.server_requests,
        );
        text.gauge(
            "http_server_active_requests",
            "Requests that are being answered.",
            self.active_requests.load(Ordering::Relaxed),
        );
        text.histogram(
            "http_client_request_duration_seconds",
            "Duration of calls to other services.",
            &self.client_requests,
        );
        text.histogram(
            "db_client_operation_duration_seconds",
            "Duration of SQL statements, from the wait for a connection to the last row.",
            &self.database_operations,
        );
        text.histogram(
            "db_client_connection_wait_time_seconds",
            "Wait for a connection out of the pool.",
            &self.connection_wait,
        );
        text.counter(
            "db_client_connection_timeouts",
            "Waits for a connection that ended without one.",
            &[("", self.connection_timeouts.load(Ordering::Relaxed))],
        );
        self.delivery_to(&mut text);
        text.finish()
    }

    /// Names of the OpenTelemetry SDK metrics convention.
    fn delivery_to(&self, text: &mut text::Text) {
        let account = self.delivery.account();
        text.counter(
            "otel_sdk_exporter_span_exported",
            "Spans that an export has answered for; those with error_type the receiver did not take.",
            &[
                ("", account.exported),
                ("error_type=\"_OTHER\"", account.failed),
                ("error_type=\"rejected\"", account.rejected),
            ],
        );
        text.counter(
            "otel_sdk_processor_span_processed",
            "Spans that were given up before an export.",
            &[("error_type=\"queue_full\"", account.dropped)],
        );
        let waiting = i64::try_from(account.waiting).unwrap_or(i64::MAX);
        text.gauge(
            "otel_sdk_processor_span_queue_size",
            "Spans that wait for their export, or are under way.",
            waiting,
        );
    }

    pub(crate) fn delivery(&self) -> &Arc<Delivery> {
        &self.delivery
    }

    pub(crate) fn server_request_begins(&self, _request: ActiveRequest) {
        self.active_requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn server_request_ends(&self, request: ServerRequest, duration: Duration) {
        self.active_requests.fetch_sub(1, Ordering::Relaxed);
        self.server_requests.record(request, duration);
    }

    pub(crate) fn client_request_ends(&self, request: ClientRequest, duration: Duration) {
        self.client_requests.record(request, duration);
    }

    pub(crate) fn database_operation_ends(&self, operation: DatabaseOperation, duration: Duration) {
        self.database_operations.record(operation, duration);
    }

    pub(crate) fn connection_waited_for(&self, duration: Duration, got_one: bool) {
        self.connection_wait.record((), duration);
        if !got_one {
            self.connection_timeouts.fetch_add(1, Ordering::Relaxed);
        }
    }
}
