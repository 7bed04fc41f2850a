// Flat spans -> the tree of one trace: parents, depth, self time, what is missing, what does not fit. Pure.
// Everything is iterative: a trace of ten thousand nested spans must not exhaust the stack.

/**
 * How far a child may reach outside its parent before it is called odd. The gateway logs times to
 * 1 ms, start and end each, so smaller overlaps are rounding.
 */
export const CLOCK_TOLERANCE_NANOS = 2e6;

/** Builds the tree of `parseTrace`'s result. The nodes are the spans themselves, with links added. */
export function buildTree({ spans, startUnix }) {
  const bySpanId = new Map();
  for (const span of spans) {
    Object.assign(span, { children: [], parent: null, missing: false });
    if (span.spanId && !bySpanId.has(span.spanId)) bySpanId.set(span.spanId, span);
  }
  const missing = new Map();
  const roots = [];
  for (const span of spans) {
    const parent = span.parentId ? bySpanId.get(span.parentId) ?? standIn(missing, span) : null;
    if (parent && !wouldCycle(parent, span)) {
      span.parent = parent;
      parent.children.push(span);
    } else {
      roots.push(span);
    }
  }
  for (const node of missing.values()) roots.push(finishStandIn(node));
  const nodes = arrange(roots, [...spans, ...missing.values()]);
  const end = spans.reduce((latest, span) => Math.max(latest, span.end), 0);
  return { nodes, roots, startUnix, duration: end, missingParents: missing.size, ...summary(spans, roots) };
}

/** The node that stands for a parent whose span has not arrived. */
function standIn(missing, span) {
  let node = missing.get(span.parentId);
  if (!node) {
    node = {
      traceId: span.traceId, spanId: span.parentId, parentId: '', name: 'parent span not received', service: '',
      kind: 'unspecified', status: 'unset', statusMessage: '', children: [], parent: null, missing: true,
    };
    missing.set(span.parentId, node);
  }
  return node;
}

function finishStandIn(node) {
  node.start = node.children.reduce((first, child) => Math.min(first, child.start), Infinity);
  node.end = node.children.reduce((last, child) => Math.max(last, child.end), 0);
  node.duration = node.end - node.start;
  return node;
}

function wouldCycle(parent, span) {
  for (let node = parent; node; node = node.parent) {
    if (node === span) return true;
  }
  return false;
}

/** Sorts siblings by start and gives every node its depth, place among its siblings and sums over its subtree. */
function arrange(roots, all) {
  const byStart = (a, b) => a.start - b.start || b.end - a.end;
  roots.sort(byStart);
  for (const node of all) node.children.sort(byStart);
  const nodes = [];
  const stack = [];
  const push = (siblings, depth) => {
    for (let i = siblings.length - 1; i >= 0; i -= 1) {
      Object.assign(siblings[i], { depth, position: i + 1, siblings: siblings.length });
      stack.push(siblings[i]);
    }
  };
  push(roots, 0);
  while (stack.length > 0) {
    const node = stack.pop();
    node.index = nodes.length;
    node.descendants = 0;
    node.errorsBelow = 0;
    node.selfNanos = node.missing ? 0 : selfTime(node);
    node.outside = outsideParent(node);
    nodes.push(node);
    push(node.children, node.depth + 1);
  }
  for (let i = nodes.length - 1; i >= 0; i -= 1) {
    const { parent, descendants, errorsBelow, status } = nodes[i];
    if (!parent) continue;
    parent.descendants += descendants + 1;
    parent.errorsBelow += errorsBelow + (status === 'error' ? 1 : 0);
  }
  return nodes;
}

/** The part of a span that none of its children covers. Children must be sorted by start. */
export function selfTime(node) {
  let covered = 0;
  let reached = node.start;
  for (const child of node.children) {
    const from = Math.max(child.start, reached);
    const to = Math.min(child.end, node.end);
    if (to > from) {
      covered += to - from;
      reached = to;
    }
  }
  return node.duration - covered;
}

/** How far a span starts before or ends after its parent, or null when it fits. */
export function outsideParent(node) {
  const { parent } = node;
  if (!parent || parent.missing) return null;
  const before = Math.max(0, parent.start - node.start);
  const after = Math.max(0, node.end - parent.end);
  return before > CLOCK_TOLERANCE_NANOS || after > CLOCK_TOLERANCE_NANOS ? { before, after } : null;
}

function summary(spans, roots) {
  const services = new Map();
  let errors = 0;
  let outside = 0;
  let depth = 0;
  for (const span of spans) {
    const entry = services.get(span.service) ?? { name: span.service, spans: 0, errors: 0 };
    entry.spans += 1;
    if (span.status === 'error') {
      entry.errors += 1;
      errors += 1;
    }
    if (span.outside) outside += 1;
    depth = Math.max(depth, span.depth + 1);
    services.set(span.service, entry);
  }
  return {
    root: primaryRoot(roots), services: [...services.values()],
    spanCount: spans.length, errorCount: errors, outsideCount: outside, depth,
  };
}

/** The root the trace is named by: a received one before a missing one, then the longest. */
function primaryRoot(roots) {
  return [...roots].sort((a, b) => Number(a.missing) - Number(b.missing) || b.duration - a.duration)[0] ?? null;
}

/** The nodes to draw, in order, when the subtrees of `collapsed` nodes are folded. */
export function visibleRows(nodes, collapsed) {
  const rows = [];
  for (let i = 0; i < nodes.length; i += 1) {
    rows.push(nodes[i]);
    if (collapsed.has(nodes[i])) i += nodes[i].descendants;
  }
  return rows;
}
