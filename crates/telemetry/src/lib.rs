//! Distributed tracing, metrics and logs for actix-web, reqwest and sqlx, on the direct OpenTelemetry API.
//!
//! | module | what it is |
//! |---|---|
//! | [`config`] | the `OTEL_*` settings as values |
//! | [`pipeline`] | [`Telemetry`]: tracer, metrics and their orderly end |
//! | [`business`] | spans, attributes and events of a service's own |
//! | [`propagation`] | W3C Trace Context and Baggage, strict; B3 and Jaeger |
//! | [`http_server`] | SERVER spans and metrics: an actix-web middleware |
//! | [`http_client`] | CLIENT spans and metrics: a reqwest middleware |
//! | [`database`] | CLIENT spans and metrics of SQL statements: a layer over sqlx |
//! | [`metrics`] | what is recorded, and its text for `/metrics` |
//! | [`logs`] | JSON lines with `trace_id` and `span_id`, the same records over OTLP, panics |
//!
//! There are no globals but the process's log: a [`Telemetry`] handle travels in the OpenTelemetry `Context`
//! of each request, so several services can live in one process, each with a resource of its own.

mod active;
pub mod business;
mod clock;
pub mod config;
pub mod database;
#[doc(hidden)]
pub mod export;
pub mod http_client;
mod http_rules;
pub mod http_server;
mod lasting;
pub mod logs;
#[doc(hidden)]
pub mod measuring;
mod methods;
pub mod metrics;
mod peer;
pub mod pipeline;
mod privacy;
pub mod propagation;
mod query;
#[doc(hidden)]
pub mod recording;
mod resource;
mod sampling;
mod semconv;
mod shared_text;
mod short_bytes;
mod shown;
mod signature;

pub use active::{service_name, trace_id};
pub use business::{event, in_root_span, in_span, set_attribute, set_personal_attribute};
pub use config::Config;
pub use opentelemetry::{Array, KeyValue, StringValue, Value};
pub use pipeline::Telemetry;
