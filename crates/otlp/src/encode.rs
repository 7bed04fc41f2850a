//! Export requests written into a reused buffer: traces without an allocation per span, [`logs`] and [`metrics`].

pub mod logs;
pub mod metrics;
mod record;
mod request;
mod span;

pub use record::{EventRecord, LinkRecord, SpanRecord, Value};
pub use request::TraceRequest;
pub use span::{AttributeWriter, SpanWriter, append_attributes, append_span, append_status};
