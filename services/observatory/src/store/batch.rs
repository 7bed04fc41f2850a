//! What goes into the store: checked spans of one request, grouped by trace and origin.

use std::sync::Arc;

use otlp::walk::{ResourceSpans, ScopeSpans};
use otlp::{SpanId, TraceId};

/// The valid spans of one request.
#[derive(Debug, Default)]
pub struct Batch {
    /// The spans, each trace and origin once, traces in order of appearance.
    pub chunks: Vec<Chunk>,
    /// Spans that were invalid and are not here.
    pub rejected: u64,
}

/// Spans of one trace and one origin.
#[derive(Debug)]
pub struct Chunk {
    /// The trace.
    pub trace_id: TraceId,
    /// Where the spans come from.
    pub origin: Arc<Origin>,
    /// What the store has to know of each span, in the order of `raw`.
    pub heads: Vec<SpanHead>,
    /// The spans as fields of a `ScopeSpans` message, one after the other.
    pub raw: Vec<u8>,
}

/// What the store has to know of a span.
#[derive(Debug, Clone, Copy)]
pub struct SpanHead {
    /// Its id.
    pub span_id: SpanId,
    /// The id of its parent; none for a root.
    pub parent_span_id: Option<SpanId>,
    /// When it began, in nanoseconds since the Unix epoch.
    pub start_unix_nanos: u64,
    /// When it ended.
    pub end_unix_nanos: u64,
    /// Whether its status is Error.
    pub error: bool,
    /// How many bytes of `raw` are its field.
    pub field_bytes: usize,
    /// How many of these are the message, the last ones.
    pub message_bytes: usize,
}

/// A resource and a scope: what many spans have in common.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The `Resource` message, if there was one.
    pub resource: Option<Box<[u8]>>,
    /// The schema of the resource.
    pub resource_schema_url: Box<str>,
    /// The `InstrumentationScope` message, if there was one.
    pub scope: Option<Box<[u8]>>,
    /// The schema of the spans.
    pub scope_schema_url: Box<str>,
    /// The resource's `service.name`.
    pub service: Arc<str>,
}

impl Origin {
    /// The origin of the spans of this scope.
    pub fn of(resource: &ResourceSpans<'_>, scope: &ScopeSpans<'_>) -> Self {
        Self {
            resource: resource.has_resource().then(|| resource.resource().raw().into()),
            resource_schema_url: resource.schema_url().into(),
            scope: scope.has_scope().then(|| scope.scope().raw().into()),
            scope_schema_url: scope.schema_url().into(),
            service: resource.service_name().into(),
        }
    }

    /// What it takes in a request.
    pub fn bytes(&self) -> usize {
        let message = |message: &Option<Box<[u8]>>| message.as_ref().map_or(0, |bytes| bytes.len());
        let urls = self.resource_schema_url.len() + self.scope_schema_url.len();
        message(&self.resource) + message(&self.scope) + urls
    }
}

impl Batch {
    /// How many spans the request had.
    pub fn received(&self) -> u64 {
        self.rejected + self.chunks.iter().map(|chunk| chunk.heads.len() as u64).sum::<u64>()
    }
}
