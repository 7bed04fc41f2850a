//! A request body around chunks of encoded records. The three signals have the same frame: a resource, then scopes.
//!
//! Source: opentelemetry-proto 1.7, `Export{Trace,Logs,Metrics}ServiceRequest`: field 1 is `Resource{Spans,Logs,Metrics}`,
//! in it 1 the resource, 2 the scopes, 3 the schema's URL.

use std::sync::Arc;

use opentelemetry_sdk::Resource;
use otlp::encode;
use otlp::field;

use super::queue::Chunk;

/// Bytes that gRPC puts in front of a message: whether it is compressed, and its length.
pub(crate) const GRPC_FRAME_BYTES: usize = 5;

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

/// The request, after `leading` bytes that are left to be filled in. It is written once: all lengths are known before.
pub(crate) fn body(resource: &[u8], chunks: &[Chunk], leading: usize) -> Vec<u8> {
    let groups: Vec<&[Chunk]> = chunks.chunk_by(|a, b| Arc::ptr_eq(&a.prefix, &b.prefix)).collect();
    let length_of =
        |group: &[Chunk]| group[0].prefix.len() + group.iter().map(|chunk| chunk.bytes.len()).sum::<usize>();
    let field_of = |length: usize| 1 + field::varint_bytes(length as u64) + length;
    let inner = resource.len() + groups.iter().map(|group| field_of(length_of(group))).sum::<usize>();
    let mut body = Vec::with_capacity(leading + field_of(inner));
    body.resize(leading, 0);
    begin(&mut body, 1, inner);
    body.extend_from_slice(resource);
    for group in groups {
        begin(&mut body, 2, length_of(group));
        body.extend_from_slice(&group[0].prefix);
        group.iter().for_each(|chunk| body.extend_from_slice(&chunk.bytes));
    }
    body
}

fn begin(out: &mut Vec<u8>, number: u8, length: usize) {
    // Wire type 2: a length follows.
    out.push(number << 3 | 2);
    field::varint(out, length as u64);
}
