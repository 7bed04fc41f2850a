//! The spans of one trace as a tree.
//!
//! Spans come in any order, from several requests, repeatedly or without their parents; the tree
//! says what is wrong with it instead of failing.

mod build;
mod node;
mod outline;
mod render;
mod value;
mod whole;

pub use node::{Event, Node};
pub use render::Style;
pub use value::Value;
pub use whole::Problem;

use std::collections::BTreeMap;

use crate::json::{self, JsonError};
use crate::walk::DecodeError;
use crate::{SpanId, TraceId};

/// The spans of one trace, owned, with parents and children found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TraceTree {
    /// The trace; the zero id when there are no spans.
    pub trace_id: TraceId,
    /// The spans. The positions are what `roots` and [`Node::children`] point to.
    pub nodes: Vec<Node>,
    /// Spans without a parent here, by start: real roots, spans whose parent is missing,
    /// and the earliest span of each cycle.
    pub roots: Vec<usize>,
    /// Parents that spans point to and that are not here, each once, in order of id.
    pub missing_parents: Vec<SpanId>,
    /// Spans that came more than once with the same id; the first one counts.
    pub duplicates: usize,
    cyclic: bool,
}

/// JSON or protobuf that holds no trace.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The JSON is no OTLP request.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The protobuf is no OTLP request.
    #[error(transparent)]
    Protobuf(#[from] DecodeError),
}

impl TraceTree {
    /// The tree of the spans of `trace_id` in these protobuf requests. Spans of other traces are
    /// left out, and so are spans without valid ids.
    pub fn from_protobuf<'a>(
        trace_id: TraceId,
        requests: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, DecodeError> {
        Ok(Self::all_from_protobuf(requests)?.remove(&trace_id).unwrap_or_default())
    }

    /// The trees of all traces in these protobuf requests.
    pub fn all_from_protobuf<'a>(
        requests: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<BTreeMap<TraceId, Self>, DecodeError> {
        build::trees(requests)
    }

    /// The tree of the spans of `trace_id` in an OTLP JSON document, such as the API answers with.
    pub fn from_json(trace_id: TraceId, document: &[u8]) -> Result<Self, TreeError> {
        let request = json::to_protobuf(document)?;
        Ok(Self::from_protobuf(trace_id, [&request[..]])?)
    }

    /// How many spans there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no spans.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The children of a node, by start.
    pub fn children(&self, node: &Node) -> impl Iterator<Item = &Node> {
        node.children.iter().map(|&child| &self.nodes[child])
    }

    /// All nodes with their depth, parents before children, siblings by start.
    pub fn preorder(&self) -> impl Iterator<Item = (usize, &Node)> {
        let mut next: Vec<_> = self.roots.iter().rev().map(|&root| (0, root)).collect();
        std::iter::from_fn(move || {
            let (depth, index) = next.pop()?;
            let node = &self.nodes[index];
            next.extend(node.children.iter().rev().map(|&child| (depth + 1, child)));
            Some((depth, node))
        })
    }

    /// The first node in [`preorder`](Self::preorder) of this service and name.
    pub fn find(&self, service: &str, name: &str) -> Option<&Node> {
        let mut nodes = self.preorder().map(|(_, node)| node);
        nodes.find(|node| node.service == service && node.name == name)
    }

    /// When the first span began, in nanoseconds since the Unix epoch.
    pub fn start_unix_nanos(&self) -> u64 {
        self.nodes.iter().map(|node| node.start_unix_nanos).min().unwrap_or_default()
    }

    /// From the start of the first span to the end of the last one, in nanoseconds.
    pub fn duration_nanos(&self) -> u64 {
        let end = self.nodes.iter().map(|node| node.end_unix_nanos).max().unwrap_or_default();
        end.saturating_sub(self.start_unix_nanos())
    }

    /// Whether nothing is missing: [`problems`](Self::problems) finds none.
    pub fn is_whole(&self) -> bool {
        self.problems().is_empty()
    }

    /// What is wrong with the trace:
    ///
    /// - it has no span, or not exactly one span without a parent;
    /// - a span's parent is missing, or spans are each other's parents;
    /// - a service answered a request and has no span of it. That is a CLIENT span with
    ///   `http.request.method`, `http.response.status_code` and `peer.service` without a child of
    ///   kind SERVER. `peer.service` is what says that the peer is one of ours, which makes spans;
    ///   a request without an answer (no status code) may have reached nobody.
    pub fn problems(&self) -> Vec<Problem> {
        whole::problems(self)
    }

    /// The tree as stable text for tests: a line a span, two spaces a level, without times and ids.
    ///
    /// ```text
    /// api-gateway server POST /api/v1/process
    ///   api-gateway client POST
    ///     user-service server POST /process [error: 500]
    /// ```
    ///
    /// A span with status Error has ` [error: <error.type>]` (` [error]` without that attribute),
    /// one whose parent is missing has ` [parent missing]`.
    pub fn outline(&self) -> String {
        outline::outline(self)
    }

    /// The tree for people: box drawing, durations and, where they fit, bars on a common time axis.
    pub fn render(&self, style: &Style) -> String {
        render::render(self, style)
    }
}
