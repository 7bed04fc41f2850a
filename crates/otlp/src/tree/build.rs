//! From walked requests to trees: nodes, parents, roots.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::value::owned;
use super::{Event, Node, TraceTree};
use crate::walk::{self, DecodeError, Span, SpanIds};
use crate::{SpanId, TraceId};

/// A tree with the position of each span.
#[derive(Default)]
struct Growing {
    tree: TraceTree,
    positions: HashMap<SpanId, usize>,
}

pub(super) fn trees<'a>(
    requests: impl IntoIterator<Item = &'a [u8]>,
) -> Result<BTreeMap<TraceId, TraceTree>, DecodeError> {
    let mut growing = BTreeMap::<TraceId, Growing>::new();
    for request in requests {
        for resource in walk::resource_spans(request) {
            let resource = resource?;
            for scope in resource.scope_spans() {
                let scope = scope?;
                for span in scope.spans() {
                    let span = span?;
                    let Ok(ids) = span.ids() else { continue };
                    let trace = growing.entry(ids.trace_id).or_default();
                    trace.add(ids, || node(ids, &span, &resource, &scope));
                }
            }
        }
    }
    Ok(growing.into_iter().map(|(trace_id, growing)| (trace_id, growing.finish(trace_id))).collect())
}

fn node(ids: SpanIds, span: &Span<'_>, resource: &walk::ResourceSpans<'_>, scope: &walk::ScopeSpans<'_>) -> Node {
    let event = |event: walk::Event<'_>| Event {
        unix_nanos: event.unix_nanos(),
        name: event.name().into(),
        attributes: owned(event.attributes()),
    };
    Node {
        service: resource.service_name().into(),
        span_id: ids.span_id,
        parent_span_id: ids.parent_span_id,
        kind: span.kind(),
        name: span.name().into(),
        start_unix_nanos: span.start_unix_nanos(),
        end_unix_nanos: span.end_unix_nanos(),
        status: span.status().code(),
        status_message: span.status().message().into(),
        attributes: owned(span.attributes()),
        events: span.events().map(event).collect(),
        resource: owned(resource.resource().attributes()),
        scope: scope.scope().name().into(),
        children: Vec::new(),
    }
}

impl Growing {
    fn add(&mut self, ids: SpanIds, node: impl FnOnce() -> Node) {
        let position = self.tree.nodes.len();
        if *self.positions.entry(ids.span_id).or_insert(position) == position {
            self.tree.nodes.push(node());
        } else {
            self.tree.duplicates += 1;
        }
    }

    fn finish(mut self, trace_id: TraceId) -> TraceTree {
        self.tree.trace_id = trace_id;
        let parent_of = |node: &Node| self.positions.get(&node.parent_span_id?).copied();
        let parents: Vec<_> = self.tree.nodes.iter().map(parent_of).collect();
        let mut missing = BTreeSet::new();
        for (index, parent) in parents.iter().enumerate() {
            match *parent {
                Some(parent) => self.tree.nodes[parent].children.push(index),
                None => {
                    missing.extend(self.tree.nodes[index].parent_span_id);
                    self.tree.roots.push(index);
                }
            }
        }
        self.tree.missing_parents = missing.into_iter().collect();
        self.tree.cut_cycles(&parents);
        self.tree.sort();
        self.tree
    }
}

impl TraceTree {
    /// Makes one span of each cycle a root, so that every span is under a root exactly once:
    /// the first that comes round again from the earliest span that no root leads to.
    fn cut_cycles(&mut self, parents: &[Option<usize>]) {
        let mut reached = vec![false; self.nodes.len()];
        let mut next = self.roots.clone();
        let mut by_start: Vec<_> = (0..self.nodes.len()).collect();
        by_start.sort_by_key(|&index| (self.nodes[index].start_unix_nanos, index));
        let mut visited = vec![false; self.nodes.len()];
        for entry in by_start {
            while let Some(index) = next.pop() {
                reached[index] = true;
                next.extend(self.nodes[index].children.iter().copied());
            }
            let mut at = entry;
            while !reached[at] && !visited[at] {
                visited[at] = true;
                at = parents[at].unwrap_or(at);
            }
            if !reached[at] {
                self.cyclic = true;
                if let Some(parent) = parents[at] {
                    self.nodes[parent].children.retain(|&child| child != at);
                }
                self.roots.push(at);
                next.push(at);
            }
        }
    }

    /// Orders siblings by start, and by what else is stable where starts are equal.
    fn sort(&mut self) {
        let order = |nodes: &[Node], index: usize| {
            let node = &nodes[index];
            let key = (node.start_unix_nanos, node.end_unix_nanos, node.service.clone());
            (key, node.name.clone(), node.span_id)
        };
        for index in 0..self.nodes.len() {
            let mut children = std::mem::take(&mut self.nodes[index].children);
            children.sort_by_cached_key(|&child| order(&self.nodes, child));
            self.nodes[index].children = children;
        }
        self.roots.sort_by_cached_key(|&root| order(&self.nodes, root));
    }
}
