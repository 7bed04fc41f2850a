//! A trace that was read: its bytes, and what is made of them.

use std::sync::Arc;

use otlp::{TraceTree, field, json};

use super::Summary;
use super::trace::{Part, Trace};

/// A trace as it was when it was read. Later spans do not change it.
#[derive(Debug, Clone)]
pub struct StoredTrace {
    summary: Summary,
    parts: Vec<Arc<Part>>,
}

impl StoredTrace {
    pub(super) fn of(trace: &Trace) -> Self {
        Self { summary: trace.summary.clone(), parts: trace.parts.clone() }
    }

    /// What a list shows of it.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The trace as an `ExportTraceServiceRequest`, spans of one origin together.
    pub fn to_protobuf(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.parts.iter().map(|part| part.raw.len() + part.origin_bytes()).sum());
        let mut done = vec![false; self.parts.len()];
        for (index, part) in self.parts.iter().enumerate() {
            if done[index] {
                continue;
            }
            let rest = self.parts[index..].iter().zip(&mut done[index..]);
            let together = rest.filter(|(other, _)| Arc::ptr_eq(&other.origin, &part.origin));
            write_resource_spans(&mut out, part, |out| {
                for (other, done) in together {
                    out.extend_from_slice(&other.raw);
                    *done = true;
                }
            });
        }
        out
    }

    /// The trace as OTLP JSON.
    pub fn to_json(&self) -> String {
        // What is in the store was walked when it came in, so that walking it again cannot fail.
        json::from_protobuf(&self.to_protobuf()).unwrap_or_default()
    }

    /// The trace as a tree.
    pub fn tree(&self) -> TraceTree {
        TraceTree::from_protobuf(self.summary.trace_id, [&self.to_protobuf()[..]]).unwrap_or_default()
    }
}

impl Part {
    /// About what an origin takes in front of its spans.
    fn origin_bytes(&self) -> usize {
        let message = |message: &Option<Box<[u8]>>| message.as_ref().map_or(0, |bytes| bytes.len());
        message(&self.origin.resource) + message(&self.origin.scope) + 32
    }
}

fn write_resource_spans(out: &mut Vec<u8>, part: &Part, spans: impl FnOnce(&mut Vec<u8>)) {
    let origin = &part.origin;
    field::message_of(out, 1, 2, |out| {
        if let Some(resource) = &origin.resource {
            field::bytes(out, 1, resource);
        }
        field::message_of(out, 2, 2, |out| {
            if let Some(scope) = &origin.scope {
                field::bytes(out, 1, scope);
            }
            spans(out);
            schema_url(out, &origin.scope_schema_url);
        });
        schema_url(out, &origin.resource_schema_url);
    });
}

fn schema_url(out: &mut Vec<u8>, url: &str) {
    if !url.is_empty() {
        field::text(out, 3, url);
    }
}
