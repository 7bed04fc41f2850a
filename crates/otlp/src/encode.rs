//! `ExportTraceServiceRequest` written into a reused buffer, without an allocation per span.

mod record;
mod request;
mod span;

pub use record::{EventRecord, LinkRecord, SpanRecord, Value};
pub use request::TraceRequest;
pub use span::{AttributeWriter, SpanWriter};
