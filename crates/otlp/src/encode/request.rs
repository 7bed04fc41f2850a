//! The request: one resource, one or more scopes, any number of spans.

use super::span::{SpanWriter, append_span, write_attributes};
use super::{SpanRecord, Value};
use crate::field;

/// An `ExportTraceServiceRequest` under construction. It is complete after every call,
/// and [`clear`](Self::clear) keeps the buffer and the resource for the next one.
#[derive(Debug, Clone)]
pub struct TraceRequest {
    out: Vec<u8>,
    resource_at: usize,
    scope_at: usize,
    first_scope_at: usize,
    header_bytes: usize,
    spans: usize,
}

impl TraceRequest {
    /// Begins a request of spans of one resource, the first ones in the scope of this name and version.
    pub fn new(resource_attributes: &[(&str, Value<'_>)], scope_name: &str, scope_version: &str) -> Self {
        let mut out = Vec::new();
        let resource_at = field::open(&mut out, 1);
        field::message(&mut out, 1, |resource| {
            write_attributes(resource, 1, resource_attributes);
        });
        let mut request = Self { out, resource_at, scope_at: 0, first_scope_at: 0, header_bytes: 0, spans: 0 };
        request.scope(scope_name, scope_version);
        request.first_scope_at = request.scope_at;
        request.header_bytes = request.out.len();
        request
    }

    /// The spans that follow belong to the scope of this name and version.
    pub fn scope(&mut self, name: &str, version: &str) {
        self.scope_at = field::open(&mut self.out, 2);
        field::message(&mut self.out, 1, |scope| {
            if !name.is_empty() {
                field::text(scope, 1, name);
            }
            if !version.is_empty() {
                field::text(scope, 2, version);
            }
        });
        self.mend();
    }

    /// Appends a span.
    pub fn push(&mut self, span: &SpanRecord<'_>) {
        self.push_with(span, |_| {});
    }

    /// Appends a span with the attributes, events and links that `more` adds to those of the record.
    /// This spares a caller that holds them in another form the slices of a record.
    pub fn push_with(&mut self, span: &SpanRecord<'_>, more: impl FnOnce(&mut SpanWriter<'_>)) {
        append_span(&mut self.out, span, more);
        self.spans += 1;
        self.mend();
    }

    fn mend(&mut self) {
        field::mend(&mut self.out, self.resource_at);
        field::mend(&mut self.out, self.scope_at);
    }

    /// The encoded request as it stands.
    pub fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// How many spans were appended since the last [`clear`](Self::clear).
    pub fn len(&self) -> usize {
        self.spans
    }

    /// Whether there is no span yet.
    pub fn is_empty(&self) -> bool {
        self.spans == 0
    }

    /// Forgets the spans, and keeps the resource, the first scope and the buffer.
    pub fn clear(&mut self) {
        self.out.truncate(self.header_bytes);
        self.scope_at = self.first_scope_at;
        self.spans = 0;
        self.mend();
    }
}
