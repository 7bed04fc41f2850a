//! The tree for a terminal: box drawing, durations, bars on a common time axis, colour.

use std::ops::Range;

use super::outline::{MAX_DRAWN_DEPTH, marks, visible};
use super::{Node, TraceTree};

/// The narrowest bar that still shows something.
const MIN_BAR_COLUMNS: usize = 10;
/// Wider bars show no more and pull the label and its bar apart.
const MAX_BAR_COLUMNS: usize = 40;
/// The width of a duration such as `123.4 ms`.
const DURATION_COLUMNS: usize = 9;

const RED: &str = "31";
const DIM: &str = "2";
const BOLD: &str = "1";

/// How a tree is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are used.
    pub colour: bool,
    /// How many columns there are; lines are longer where labels alone are.
    pub columns: usize,
}

impl Default for Style {
    /// Plain text for a terminal of 100 columns.
    fn default() -> Self {
        Self { colour: false, columns: 100 }
    }
}

/// One line before its columns are aligned.
struct Line<'t> {
    branch: String,
    node: &'t Node,
    marks: String,
    columns: usize,
}

pub(super) fn render(tree: &TraceTree, style: &Style) -> String {
    let lines = lines(tree);
    let label_columns = lines.iter().map(|line| line.columns).max().unwrap_or_default();
    let left = style.columns.saturating_sub(label_columns + DURATION_COLUMNS + 4);
    let bar_columns = left.min(MAX_BAR_COLUMNS);
    let span = tree.start_unix_nanos()..tree.start_unix_nanos() + tree.duration_nanos();
    let mut text = heading(tree, style);
    for line in lines {
        text.push_str(&paint(style, DIM, &line.branch));
        text.push_str(&paint(style, BOLD, &visible(&line.node.service)));
        let rest = format!(" {} {}", line.node.kind.name(), visible(&line.node.name));
        text.push_str(&rest);
        text.push_str(&paint(style, RED, &line.marks));
        text.extend(std::iter::repeat_n(' ', label_columns - line.columns));
        let duration = duration(line.node.duration_nanos());
        text.push_str(&format!("  {duration:>DURATION_COLUMNS$}"));
        if bar_columns >= MIN_BAR_COLUMNS {
            let bar = bar(&span, line.node, bar_columns);
            let colour = if line.node.is_error() { RED } else { DIM };
            text.push_str("  ");
            text.push_str(&paint(style, colour, &bar));
        }
        text.push('\n');
    }
    text
}

fn heading(tree: &TraceTree, style: &Style) -> String {
    let mut services: Vec<_> = tree.nodes.iter().map(|node| &node.service).collect();
    services.sort();
    services.dedup();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    format!(
        "{} {}  {} span{}, {} service{}, {}\n",
        paint(style, DIM, "trace"),
        paint(style, BOLD, &tree.trace_id.to_string()),
        tree.len(),
        plural(tree.len()),
        services.len(),
        plural(services.len()),
        duration(tree.duration_nanos()),
    )
}

/// The lines in order. `open` says for each level whether a sibling follows.
fn lines(tree: &TraceTree) -> Vec<Line<'_>> {
    let mut lines = Vec::with_capacity(tree.len());
    let mut open: Vec<bool> = Vec::new();
    let mut next: Vec<_> = tree.roots.iter().rev().map(|&root| (0, root, false)).collect();
    while let Some((depth, index, followed)) = next.pop() {
        let node = &tree.nodes[index];
        open.truncate(depth);
        open.push(followed);
        let mut branch = String::new();
        if depth > 0 {
            for &line in open[1..depth].iter().take(MAX_DRAWN_DEPTH) {
                branch.push_str(if line { "│  " } else { "   " });
            }
            branch.push_str(if followed { "├─ " } else { "└─ " });
        }
        let marks = marks(tree, node);
        let label = [&branch, &node.service, node.kind.name(), &node.name, &marks];
        let columns = label.iter().map(|part| part.chars().count()).sum::<usize>() + 2;
        lines.push(Line { branch, node, marks, columns });
        let children = node.children.iter().rev().enumerate();
        next.extend(children.map(|(after, &child)| (depth + 1, child, after > 0)));
    }
    lines
}

/// A bar of whole cells, at least one, placed by the span's time in the trace's.
fn bar(trace: &Range<u64>, node: &Node, columns: usize) -> String {
    let total = u128::from((trace.end - trace.start).max(1));
    let offset = u128::from(node.start_unix_nanos - trace.start);
    let cell = |nanos: u128| usize::try_from(nanos * columns as u128 / total).unwrap_or(columns);
    let from = cell(offset).min(columns - 1);
    let length = cell(node.duration_nanos().into()).clamp(1, columns - from);
    format!("{}{}", " ".repeat(from), "━".repeat(length))
}

fn paint(style: &Style, colour: &str, text: &str) -> String {
    if style.colour && !text.is_empty() { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// A duration with three significant digits and its unit.
fn duration(nanos: u64) -> String {
    let (value, unit) = match nanos {
        0..1_000 => return format!("{nanos} ns"),
        1_000..1_000_000 => (nanos as f64 / 1e3, "µs"),
        1_000_000..1_000_000_000 => (nanos as f64 / 1e6, "ms"),
        _ => (nanos as f64 / 1e9, "s"),
    };
    let decimals = if value < 10.0 {
        2
    } else if value < 100.0 {
        1
    } else {
        0
    };
    format!("{value:.decimals$} {unit}")
}
