// Which span the request was waiting for at each moment. Pure.

/**
 * The critical path below `root`: segments `{node, from, to}` in time order that cover the root's
 * duration without gaps or overlaps. Walked backwards from the end: the child that finished last is
 * what its parent was waiting for, what lies after it is the parent's own work.
 */
export function criticalPath(root) {
  if (!root || root.missing) return [];
  const segments = [];
  const stack = [visit(root, root.start, root.end)];
  while (stack.length > 0) {
    const frame = stack[stack.length - 1];
    const child = nextChild(frame);
    if (!child) {
      push(segments, frame.node, frame.from, frame.cursor);
      stack.pop();
      continue;
    }
    const to = Math.min(child.end, frame.cursor);
    const from = Math.max(child.start, frame.from);
    push(segments, frame.node, to, frame.cursor);
    frame.cursor = from;
    stack.push(visit(child, from, to));
  }
  return segments.reverse();
}

function visit(node, from, to) {
  const children = [...node.children].sort((a, b) => b.end - a.end || a.start - b.start);
  return { node, from, cursor: to, children, next: 0 };
}

/** The next child, latest end first, that ran before the cursor and inside the frame. */
function nextChild(frame) {
  while (frame.next < frame.children.length) {
    const child = frame.children[frame.next];
    frame.next += 1;
    const overlaps = child.start < frame.cursor && child.end > frame.from && child.duration > 0;
    // A child that outlives its parent was not waited for; one that only seems to, because the parent's clock is coarse
    // (tree.js has no `outside` for it), is cut off at the parent's end.
    if (overlaps && !(child.outside?.after > 0)) return child;
  }
  return null;
}

function push(segments, node, from, to) {
  if (to > from) segments.push({ node, from, to });
}

/** Nanoseconds of the path spent in each service, largest first. */
export function timeByService(segments) {
  const sums = new Map();
  for (const { node, from, to } of segments) sums.set(node.service, (sums.get(node.service) ?? 0) + to - from);
  return [...sums].map(([service, nanos]) => ({ service, nanos })).sort((a, b) => b.nanos - a.nanos);
}
