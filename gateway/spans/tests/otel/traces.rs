//! Traces as they came to a receiver.

use crate::wait;
use otlp::{TraceId, TraceTree};
use testkit::Receiver;

/// The trace, once it has as many spans.
pub fn trace(receiver: &Receiver, id: &str, spans: usize) -> TraceTree {
    let trace_id: TraceId = id.parse().unwrap();
    wait::until(&format!("{spans} spans of {id} came"), || {
        let requests = receiver.requests();
        let messages = requests.iter().filter(|request| request.taken).map(|request| request.message.as_slice());
        let tree = TraceTree::from_protobuf(trace_id, messages).unwrap();
        assert!(tree.len() <= spans, "{}", tree.outline());
        (tree.len() == spans).then_some(tree)
    })
}
