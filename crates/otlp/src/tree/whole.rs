//! Whether a trace has all its spans.

use std::fmt;

use super::{Node, TraceTree};
use crate::{SpanId, SpanKind};

/// Why a trace is not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is no span at all.
    Empty,
    /// There is not exactly one span without a parent.
    Roots(usize),
    /// A span points to a parent that is not there.
    MissingParent(SpanId),
    /// Spans are each other's parents.
    Cycle,
    /// A peer answered, but its SERVER span is not there.
    MissingServer {
        /// The service that asked.
        client: String,
        /// The service that answered.
        server: String,
        /// The CLIENT span.
        span_id: SpanId,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no spans"),
            Self::Roots(count) => write!(f, "{count} spans without a parent instead of one"),
            Self::MissingParent(id) => write!(f, "span {id} is missing, which others have as parent"),
            Self::Cycle => f.write_str("spans are each other's parents"),
            Self::MissingServer { client, server, span_id } => {
                write!(f, "{server} answered span {span_id} of {client} but has no span of it")
            }
        }
    }
}

pub(super) fn problems(tree: &TraceTree) -> Vec<Problem> {
    if tree.is_empty() {
        return vec![Problem::Empty];
    }
    let mut problems = Vec::new();
    let roots = tree.nodes.iter().filter(|node| node.parent_span_id.is_none()).count();
    if roots != 1 {
        problems.push(Problem::Roots(roots));
    }
    problems.extend(tree.missing_parents.iter().copied().map(Problem::MissingParent));
    if tree.cyclic {
        problems.push(Problem::Cycle);
    }
    problems.extend(tree.preorder().filter_map(|(_, node)| missing_server(tree, node)));
    problems
}

fn missing_server(tree: &TraceTree, node: &Node) -> Option<Problem> {
    if node.kind != SpanKind::Client {
        return None;
    }
    node.attribute("http.request.method")?;
    node.attribute("http.response.status_code")?;
    let server = node.attribute("peer.service")?.to_string();
    if tree.children(node).any(|child| child.kind == SpanKind::Server) {
        return None;
    }
    Some(Problem::MissingServer { client: node.service.clone(), server, span_id: node.span_id })
}
