//! The embedded trace backend.
//!
//! | listener       | what it answers |
//! |----------------|-----------------|
//! | OTLP/gRPC 4317 | `opentelemetry.proto.collector.trace.v1.TraceService/Export`, plain or gzip |
//! | OTLP/HTTP 4318 | `POST /v1/traces`, protobuf or JSON, plain or gzip |
//! | HTTP 8000      | `GET /api/traces`, `/api/traces/{id}`, `/api/status`, `/health`, `/livez`, `/readyz`; the page at `/` and `/trace/{id}` |
//!
//! - [`ingest`] turns any transport into checked batches of spans, or a refusal that changes nothing.
//! - [`store`] keeps batches, bounded, and answers with traces. It knows no transport.
//! - `api` and `page` read the store and know nothing of where traces come from.
//!
//! It calls nobody.

mod api;
mod config;
pub mod ingest;
mod page;
mod server;
pub mod store;
mod waits;

pub use config::Config;
pub use server::{Server, StartError, start};
pub use waits::Waits;
