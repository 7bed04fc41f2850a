//! One trace while spans arrive.

use std::collections::HashSet;
use std::sync::Arc;

use otlp::SpanId;
use otlp::walk::Span;

use super::batch::{Chunk, Origin, SpanHead};
use super::{Summary, cost};

/// How large one trace may become: the fields of its spans, and with each part that came its resource and
/// scope. Far more than anybody looks at, Tempo's default, and little enough to be read and shown whole.
pub const MAX_TRACE_BYTES: usize = 5_000_000;

/// What became of the spans of a chunk, those aside that were kept.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Left {
    /// There already.
    pub duplicates: u64,
    /// Beyond [`MAX_TRACE_BYTES`].
    pub beyond: u64,
}

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
    /// What counts against [`MAX_TRACE_BYTES`].
    sent_bytes: usize,
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
            sent_bytes: 0,
            spans: HashSet::new(),
            awaited: HashSet::new(),
        }
    }

    /// Whether a new trace has room for any span of this chunk.
    pub(super) fn can_begin_with(chunk: &Chunk) -> bool {
        let smallest = chunk.heads.iter().map(|head| head.field_bytes).min();
        smallest.is_some_and(|bytes| chunk.origin.bytes() + bytes <= MAX_TRACE_BYTES)
    }

    /// Takes the spans in that are not there yet, while there is room, and counts the others.
    pub(super) fn add(&mut self, chunk: Chunk, origin: Arc<Origin>) -> Left {
        let Chunk { heads, mut raw, .. } = chunk;
        let (mut at, mut kept, mut left) = (0, 0, Left::default());
        let room = MAX_TRACE_BYTES.saturating_sub(self.sent_bytes + origin.bytes());
        for head in &heads {
            let field = at..at + head.field_bytes;
            at = field.end;
            if self.spans.contains(&head.span_id) {
                left.duplicates += 1;
                continue;
            }
            if kept + head.field_bytes > room {
                left.beyond += 1;
                continue;
            }
            self.spans.insert(head.span_id);
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
            self.sent_bytes += kept + origin.bytes();
            let part = Part { origin, raw: raw.into_boxed_slice() };
            self.bytes += cost::part(&part);
            self.parts.push(Arc::new(part));
            self.version += 1;
        }
        left
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
