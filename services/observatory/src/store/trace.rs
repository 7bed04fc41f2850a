//! One trace while spans arrive.

use std::collections::HashSet;
use std::sync::Arc;

use otlp::SpanId;
use otlp::walk::Span;

use super::batch::{Chunk, Origin, SpanHead};
use super::{Summary, cost};

/// Spans that came together, immutable from then on.
#[derive(Debug)]
pub(super) struct Part {
    pub origin: Arc<Origin>,
    /// The spans as fields of a `ScopeSpans` message.
    pub raw: Box<[u8]>,
}

/// One trace.
#[derive(Debug)]
pub(super) struct Trace {
    pub parts: Vec<Arc<Part>>,
    pub summary: Summary,
    /// What the trace is charged with, its origins aside.
    pub bytes: usize,
    /// Grows with each change.
    pub version: u64,
    spans: HashSet<SpanId>,
    awaited: HashSet<SpanId>,
}

impl Trace {
    pub(super) fn new(summary: Summary) -> Self {
        Self {
            parts: Vec::new(),
            summary,
            bytes: cost::TRACE_BYTES,
            version: 0,
            spans: HashSet::new(),
            awaited: HashSet::new(),
        }
    }

    /// Takes the spans in that are not there yet and says how many were.
    pub(super) fn add(&mut self, chunk: Chunk, origin: Arc<Origin>) -> u64 {
        let Chunk { heads, mut raw, .. } = chunk;
        let (mut at, mut kept, mut duplicates) = (0, 0, 0);
        for head in &heads {
            let field = at..at + head.field_bytes;
            at = field.end;
            if !self.spans.insert(head.span_id) {
                duplicates += 1;
                continue;
            }
            self.link(head);
            let message = &raw[field.end - head.message_bytes..field.end];
            // The batch was checked, so that parsing the span again cannot fail.
            let name = || Span::parse(message).map(|span| span.name()).unwrap_or_default();
            let before = self.summary.cost();
            self.summary.add(head, &origin.service, name);
            self.bytes = self.bytes + cost::SPAN_BYTES + self.summary.cost() - before;
            raw.copy_within(field.clone(), kept);
            kept += field.len();
        }
        raw.truncate(kept);
        if kept > 0 {
            let part = Part { origin, raw: raw.into_boxed_slice() };
            self.bytes += cost::part(&part);
            self.parts.push(Arc::new(part));
            self.version += 1;
        }
        duplicates
    }

    /// Keeps the parents that are waited for.
    fn link(&mut self, head: &SpanHead) {
        self.awaited.remove(&head.span_id);
        if let Some(parent) = head.parent_span_id.filter(|parent| !self.spans.contains(parent)) {
            self.awaited.insert(parent);
        }
        self.summary.missing_parents = self.awaited.len();
    }
}
