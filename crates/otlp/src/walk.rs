//! `ExportTraceServiceRequest` read in place: borrowed, without allocation, without a panic on any bytes.
//!
//! A resource, a scope or a span is checked as deep as it goes before it is handed out, so that what
//! is inside of it can be read without errors. Where a message that may stand once stands twice, the
//! last one counts.

mod attributes;
mod error;
mod resource;
mod response;
mod retry;
mod span;
mod value;
mod wire;

pub use attributes::Attributes;
pub use error::{DecodeError, Fault};
pub use resource::{Resource, ResourceSpans, Scope, ScopeSpans};
pub use response::{PartialSuccess, partial_success};
pub use retry::retry_delay;
pub use span::{Event, Events, IdError, Link, Links, Span, SpanIds, Status};
pub use value::{AnyValue, Values};
pub use wire::{Fields, Wire};

use wire::Repeated;

/// The resources of a request, each with its spans.
/// After an error nothing follows.
pub fn resource_spans(request: &[u8]) -> impl Iterator<Item = Result<ResourceSpans<'_>, DecodeError>> {
    Repeated::new(request, 1, "ExportTraceServiceRequest.resource_spans", ResourceSpans::parse)
}

/// Walks a whole request and counts its spans. It fails where any part of the request would.
pub fn check(request: &[u8]) -> Result<usize, DecodeError> {
    let mut spans = 0;
    for resource in resource_spans(request) {
        for scope in resource?.scope_spans() {
            for span in scope?.spans() {
                span?;
                spans += 1;
            }
        }
    }
    Ok(spans)
}
