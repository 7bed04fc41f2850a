//! A trace that was read: its bytes, and what is made of them.

use std::collections::HashMap;
use std::sync::Arc;

use otlp::{TraceTree, field, json};

use super::trace::{Part, Trace};
use super::{Origin, Summary};

/// The tags and lengths of an origin's fields, at most.
const HEADER_BYTES: usize = 32;

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
        let groups = self.by_origin();
        let origins: usize = groups.iter().map(|(origin, _)| origin.bytes() + HEADER_BYTES).sum();
        let spans: usize = self.parts.iter().map(|part| part.raw.len()).sum();
        let mut out = Vec::with_capacity(origins + spans);
        for (origin, parts) in groups {
            write_resource_spans(&mut out, origin, |out| {
                for part in parts {
                    out.extend_from_slice(&part.raw);
                }
            });
        }
        out
    }

    /// The parts of each origin, origins in order of appearance. The store has each origin once,
    /// so that its address stands for it.
    fn by_origin(&self) -> Vec<(&Origin, Vec<&Part>)> {
        let mut positions = HashMap::new();
        let mut groups: Vec<(&Origin, Vec<&Part>)> = Vec::new();
        for part in &self.parts {
            let position = *positions.entry(Arc::as_ptr(&part.origin)).or_insert(groups.len());
            if position == groups.len() {
                groups.push((&part.origin, Vec::new()));
            }
            groups[position].1.push(part);
        }
        groups
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

fn write_resource_spans(out: &mut Vec<u8>, origin: &Origin, spans: impl FnOnce(&mut Vec<u8>)) {
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
