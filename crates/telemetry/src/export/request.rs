//! A request body around chunks of encoded records. The three signals have the same frame: a resource, then scopes.
//!
//! Source: opentelemetry-proto 1.7, `Export{Trace,Logs,Metrics}ServiceRequest`: field 1 is `Resource{Spans,Logs,Metrics}`,
//! in it 1 the resource, 2 the scopes, 3 the schema's URL.

use std::sync::Arc;

use bytes::Bytes;
use opentelemetry_sdk::Resource;
use otlp::encode;
use otlp::field;

use super::pieces::Pieces;
use super::queue::Chunk;

/// Room in front of the first chunk for what is written beside the resource: a usual scope, and lengths.
const HEAD_BYTES: usize = 256;

/// The resource and its schema's URL, as they stand in front of the scopes.
pub(crate) fn resource_prefix(resource: &Resource) -> Arc<[u8]> {
    let mut prefix = Vec::new();
    field::message(&mut prefix, 1, |out| {
        let text = resource.iter().map(|(key, value)| (key.as_str(), value));
        for (key, value) in text {
            match value {
                opentelemetry::Value::I64(number) => {
                    encode::append_attributes(out, 1, [(key, encode::Value::Int(*number))])
                }
                other => encode::append_attributes(out, 1, [(key, encode::Value::Str(&other.as_str()))]),
            }
        }
    });
    if let Some(schema_url) = resource.schema_url() {
        field::text(&mut prefix, 3, schema_url);
    }
    prefix.into()
}

/// The request. Its chunks are not copied: all lengths are known before.
pub(crate) fn body(resource: &[u8], chunks: Vec<Chunk>, lend: impl Fn(Chunk) -> Bytes) -> Pieces {
    let groups: Vec<usize> = chunks.chunk_by(is_one_scope).map(length_of).collect();
    let field_of = |length: usize| 1 + field::varint_bytes(length as u64) + length;
    let inner = resource.len() + groups.iter().map(|length| field_of(*length)).sum::<usize>();
    let (mut pieces, mut head) = (Pieces::default(), Vec::with_capacity(resource.len() + HEAD_BYTES));
    begin(&mut head, 1, inner);
    head.extend_from_slice(resource);
    let mut lengths = groups.into_iter();
    let mut scope: Option<Arc<[u8]>> = None;
    for chunk in chunks {
        if scope.as_ref().is_none_or(|scope| !Arc::ptr_eq(scope, &chunk.prefix)) {
            begin(&mut head, 2, lengths.next().unwrap_or_default());
            head.extend_from_slice(&chunk.prefix);
            pieces.push(std::mem::take(&mut head).into());
            scope = Some(Arc::clone(&chunk.prefix));
        }
        pieces.push(lend(chunk));
    }
    // What is left without a chunk is the resource alone.
    pieces.push(head.into());
    pieces
}

fn is_one_scope(a: &Chunk, b: &Chunk) -> bool {
    Arc::ptr_eq(&a.prefix, &b.prefix)
}

/// Bytes of a `ScopeSpans`.
fn length_of(group: &[Chunk]) -> usize {
    group[0].prefix.len() + group.iter().map(|chunk| chunk.bytes.len()).sum::<usize>()
}

fn begin(out: &mut Vec<u8>, number: u8, length: usize) {
    // Wire type 2: a length follows.
    out.push(number << 3 | 2);
    field::varint(out, length as u64);
}
