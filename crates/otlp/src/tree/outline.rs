//! The tree as stable text for tests.

use super::{Node, TraceTree};

/// Spans deeper than this are drawn at this depth: text would otherwise grow with the square of a
/// hostile trace's depth.
pub(super) const MAX_DRAWN_DEPTH: usize = 100;

pub(super) fn outline(tree: &TraceTree) -> String {
    let mut text = String::new();
    for (depth, node) in tree.preorder() {
        text.extend(std::iter::repeat_n("  ", depth.min(MAX_DRAWN_DEPTH)));
        text.push_str(&visible(&node.service));
        text.push(' ');
        text.push_str(node.kind.name());
        text.push(' ');
        text.push_str(&visible(&node.name));
        text.push_str(&marks(tree, node));
        text.push('\n');
    }
    text
}

/// What is remarkable about a span: its failure, its missing parent.
pub(super) fn marks(tree: &TraceTree, node: &Node) -> String {
    let mut marks = String::new();
    if node.is_error() {
        marks.push_str(" [error");
        if let Some(kind) = node.attribute("error.type") {
            marks.push_str(": ");
            marks.push_str(&visible(&kind.to_string()));
        }
        marks.push(']');
    }
    let parent = node.parent_span_id;
    if parent.is_some_and(|parent| tree.missing_parents.binary_search(&parent).is_ok()) {
        marks.push_str(" [parent missing]");
    }
    marks
}

/// The text without control characters, which could move a terminal's cursor or break a line.
pub(super) fn visible(text: &str) -> String {
    let replace = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
    text.chars().map(replace).collect()
}
