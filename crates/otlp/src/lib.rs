//! OTLP protobuf without copies: field writers, request walker, OTLP JSON, trace tree.
//!
//! - [`id`]: trace and span ids and their hexadecimal form.
//! - [`kind`]: the span kinds and status codes.
//! - [`field`]: protobuf fields appended to a byte buffer.
//! - [`encode`]: `ExportTraceServiceRequest` and `ExportMetricsServiceRequest` written into a reused buffer.
//! - [`walk`]: the same message read in place, without allocation.
//! - [`json`]: OTLP JSON from protobuf and back.
//! - [`tree`]: the spans of a trace as a tree, for tests and terminals.

pub mod encode;
pub mod field;
pub mod id;
pub mod json;
pub mod kind;
pub mod tree;
pub mod walk;

pub use id::{SpanId, TraceId};
pub use kind::{SpanKind, StatusCode};
pub use tree::TraceTree;
