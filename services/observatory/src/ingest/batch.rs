//! A checked protobuf request as a batch: spans grouped by trace and origin.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;

use otlp::walk::{self, DecodeError, ResourceSpans, ScopeSpans, Span, SpanIds};
use otlp::{StatusCode, TraceId, field};

use crate::store::{Batch, Chunk, Origin, SpanHead};

/// The number of the field `spans` of a `ScopeSpans` message.
const SPANS: u32 = 2;

/// What the origins of one request may take. Each has its resource whole, so that a large resource with
/// many small scopes would take many times the request; twice the largest request is for all others enough.
const MAX_ORIGINS_BYTES: usize = 2 * super::MAX_REQUEST_BYTES;

#[derive(Default)]
struct Grouping {
    batch: Batch,
    /// The position of each trace's chunk for the current origin.
    positions: HashMap<TraceId, usize>,
    /// The chunk of the span before, which is mostly that of the next one.
    last: Option<(TraceId, usize)>,
    origins_bytes: usize,
    first_error: Option<String>,
}

/// Checks the request and groups its spans. The text says why spans were left out, if any were.
pub(super) fn parse(request: &[u8]) -> Result<(Batch, String), DecodeError> {
    let mut grouping = Grouping::default();
    for resource in walk::resource_spans(request) {
        let resource = resource?;
        for scope in resource.scope_spans() {
            let scope = scope?;
            grouping.begin_origin();
            let has_room = grouping.has_room(&resource, &scope);
            let mut origin = None;
            for span in scope.spans() {
                let span = span?;
                match span.ids() {
                    Ok(_) if !has_room => grouping.reject(&"resources and scopes are too large together"),
                    Ok(ids) => {
                        let origin = origin.get_or_insert_with(|| grouping.origin(&resource, &scope));
                        grouping.add(ids, &span, origin);
                    }
                    Err(error) => grouping.reject(&error),
                }
            }
        }
    }
    let message = grouping.message();
    Ok((grouping.batch, message))
}

impl Grouping {
    fn begin_origin(&mut self) {
        // Clearing would cost what the largest scope before had, for each small one after it.
        self.positions = HashMap::new();
        self.last = None;
    }

    /// Whether the request may have this origin, too.
    fn has_room(&self, resource: &ResourceSpans<'_>, scope: &ScopeSpans<'_>) -> bool {
        let messages = resource.resource().raw().len() + scope.scope().raw().len();
        let urls = resource.schema_url().len() + scope.schema_url().len();
        self.origins_bytes + messages + urls <= MAX_ORIGINS_BYTES
    }

    fn origin(&mut self, resource: &ResourceSpans<'_>, scope: &ScopeSpans<'_>) -> Arc<Origin> {
        let origin = Origin::of(resource, scope);
        self.origins_bytes += origin.bytes();
        Arc::new(origin)
    }

    fn add(&mut self, ids: SpanIds, span: &Span<'_>, origin: &Arc<Origin>) {
        let position = match self.last {
            Some((trace_id, position)) if trace_id == ids.trace_id => position,
            _ => *self.positions.entry(ids.trace_id).or_insert(self.batch.chunks.len()),
        };
        self.last = Some((ids.trace_id, position));
        if position == self.batch.chunks.len() {
            let origin = origin.clone();
            let chunk = Chunk { trace_id: ids.trace_id, origin, heads: Vec::new(), raw: Vec::new() };
            self.batch.chunks.push(chunk);
        }
        let chunk = &mut self.batch.chunks[position];
        let before = chunk.raw.len();
        field::bytes(&mut chunk.raw, SPANS, span.raw());
        chunk.heads.push(SpanHead {
            span_id: ids.span_id,
            parent_span_id: ids.parent_span_id,
            start_unix_nanos: span.start_unix_nanos(),
            end_unix_nanos: span.end_unix_nanos(),
            error: span.status().code() == StatusCode::Error,
            field_bytes: chunk.raw.len() - before,
            message_bytes: span.raw().len(),
        });
    }

    fn reject(&mut self, error: &dyn Display) {
        self.batch.rejected += 1;
        self.first_error.get_or_insert_with(|| error.to_string());
    }

    fn message(&self) -> String {
        match &self.first_error {
            Some(error) => format!("{} spans cannot be placed in a trace; the first: {error}", self.batch.rejected),
            None => String::new(),
        }
    }
}
