//! The bookkeeping against a fresh count, after any sequence of batches.

use std::sync::Arc;

use otlp::encode::{SpanRecord, TraceRequest, Value};
use otlp::{SpanId, SpanKind, StatusCode, TraceId, walk};
use proptest::collection::vec;
use proptest::prelude::*;

use super::State;
use crate::store::{Batch, Chunk, Filter, Limits, Origin, SpanHead};

/// A span of a small world, in which ids meet often.
#[derive(Debug, Clone, Copy)]
struct Sent {
    trace: u8,
    span: u8,
    parent: u8,
    service: u8,
    start: u64,
    length: u64,
    error: bool,
}

fn sent() -> impl Strategy<Value = Sent> {
    let ids = (1_u8..6, 1_u8..9, 0_u8..9, 0_u8..3);
    (ids, 0_u64..100, 0_u64..100, any::<bool>()).prop_map(|((trace, span, parent, service), start, length, error)| {
        Sent { trace, span, parent, service, start, length, error }
    })
}

fn id(number: u8) -> SpanId {
    SpanId([number; 8])
}

fn origin(service: u8) -> Arc<Origin> {
    let service = format!("service-{service}");
    let attributes = [("service.name", Value::Str(&service))];
    let request = TraceRequest::new(&attributes, "test", "");
    let resource = walk::resource_spans(request.bytes()).next().unwrap().unwrap();
    let scope = resource.scope_spans().next().unwrap().unwrap();
    Arc::new(Origin::of(&resource, &scope))
}

fn chunk(sent: Sent) -> Chunk {
    let mut request = TraceRequest::new(&[], "", "");
    let name = format!("span {}", sent.span);
    let record = SpanRecord {
        trace_id: TraceId([sent.trace; 16]),
        span_id: id(sent.span),
        parent_span_id: (sent.parent > 0).then(|| id(sent.parent)),
        kind: SpanKind::Internal,
        name: &name,
        start_unix_nanos: sent.start,
        end_unix_nanos: sent.start + sent.length,
        status: if sent.error { StatusCode::Error } else { StatusCode::Unset },
        ..SpanRecord::default()
    };
    request.push(&record);
    let resource = walk::resource_spans(request.bytes()).next().unwrap().unwrap();
    let scope = resource.scope_spans().next().unwrap().unwrap();
    let message = scope.spans().next().unwrap().unwrap().raw().to_vec();
    let mut raw = Vec::new();
    otlp::field::bytes(&mut raw, 2, &message);
    let head = SpanHead {
        span_id: record.span_id,
        parent_span_id: record.parent_span_id,
        start_unix_nanos: record.start_unix_nanos,
        end_unix_nanos: record.end_unix_nanos,
        error: sent.error,
        field_bytes: raw.len(),
        message_bytes: message.len(),
    };
    Chunk { trace_id: record.trace_id, origin: origin(sent.service), heads: vec![head], raw }
}

fn check(state: &State, limits: Limits) {
    let counters = state.counters();
    assert_eq!(counters.bytes, state.audit());
    let gone = counters.rejected + counters.duplicates + counters.evicted_spans;
    assert_eq!(counters.received, gone + counters.spans);
    assert!(counters.traces <= limits.traces && counters.bytes <= limits.bytes);
    let listing = state.list(&Filter { limit: usize::MAX, ..Filter::default() });
    assert_eq!((listing.traces.len(), listing.total), (counters.traces, counters.traces));
    assert!(listing.traces.is_sorted_by(|newer, older| newer.start_unix_nanos >= older.start_unix_nanos));
    for summary in listing.traces {
        let tree = state.trace(summary.trace_id).unwrap().tree();
        assert_eq!((tree.duplicates, tree.len() as u64), (0, summary.spans));
        assert_eq!(tree.missing_parents.len(), summary.missing_parents);
        assert_eq!(
            (tree.start_unix_nanos(), tree.duration_nanos()),
            (summary.start_unix_nanos, summary.duration_nanos())
        );
        assert_eq!(tree.nodes.iter().filter(|node| node.is_error()).count() as u64, summary.errors);
        let is_root = |node: &&otlp::tree::Node| node.parent_span_id.is_none() == summary.has_root;
        let start = tree.nodes.iter().filter(is_root).map(|node| node.start_unix_nanos).min();
        // Several may begin at once; a tree has them by origin, a summary the one that came first.
        let mut first = tree.nodes.iter().filter(is_root).filter(|node| Some(node.start_unix_nanos) == start);
        assert!(first.any(|node| *node.service == *summary.root_service && *node.name == *summary.root_name));
        for service in &summary.services {
            let spans = tree.nodes.iter().filter(|node| *node.service == *service.name).count();
            assert_eq!(spans as u64, service.spans);
        }
    }
}

proptest! {
    #[test]
    fn every_byte_and_span_is_accounted_for(
        batches in vec(vec(sent(), 1..5), 1..20),
        traces in 1_usize..6,
        bytes in 0_usize..20_000,
    ) {
        let limits = Limits { traces, bytes };
        let mut state = State::default();
        for batch in batches {
            let rejected = batch.len() as u64;
            state.insert(Batch { chunks: batch.into_iter().map(chunk).collect(), rejected }, limits);
            check(&state, limits);
        }
    }
}
