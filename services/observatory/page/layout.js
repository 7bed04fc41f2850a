// Geometry of the waterfall and of the scatter plot: ticks, positions, the window of drawn rows. Pure.

/** Round steps of a linear axis: 1, 2 or 5 times a power of ten, at most `most` of them. */
export function timeTicks(from, to, most) {
  const range = to - from;
  if (!(range > 0) || most < 1) return [];
  const rough = range / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i += 1) ticks.push(i * step);
  return ticks;
}

/** Where `[start, end]` lies in the view `[from, to]`, in percent; null when it is outside. */
export function place(start, end, view) {
  const range = view.to - view.from || 1;
  if (end < view.from || start > view.to) return null;
  const left = (Math.max(start, view.from) - view.from) / range;
  const right = (Math.min(end, view.to) - view.from) / range;
  return { left: left * 100, width: (right - left) * 100, cutLeft: start < view.from, cutRight: end > view.to };
}

/** On which side of its bar a label has room: `after`, `before` or `inside`. Needs are in percent of the lane. */
export function labelSide({ left, width }, need) {
  if (left + width + need <= 100) return 'after';
  if (left >= need) return 'before';
  return 'inside';
}

/** The rows to have in the document for a scroll position: `[first, last)`. */
export function rowWindow(scrollTop, height, rowHeight, rows, overscan) {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan);
  const last = Math.min(rows, Math.ceil((scrollTop + height) / rowHeight) + overscan);
  return { first: Math.min(first, last), last };
}

/** The view zoomed by `factor` around `centre`, never outside the trace and never below `least` wide. */
export function zoom(view, factor, centre, duration, least = 1000) {
  const width = Math.min(duration, Math.max(least, (view.to - view.from) * factor));
  const share = (centre - view.from) / (view.to - view.from || 1);
  return clampView(centre - width * share, width, duration);
}

/** The view moved by `share` of its width. */
export function pan(view, share, duration) {
  const width = view.to - view.from;
  return clampView(view.from + width * share, width, duration);
}

function clampView(from, width, duration) {
  const start = Math.min(Math.max(0, from), Math.max(0, duration - width));
  return { from: start, to: start + width };
}

/** Bounds of a logarithmic axis around values, whole powers of ten, at least one decade. */
export function logBounds(values) {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return { from: 1e6, to: 1e9 };
  const smallest = positive.reduce((a, b) => Math.min(a, b));
  const largest = positive.reduce((a, b) => Math.max(a, b));
  const from = 10 ** Math.floor(Math.log10(smallest));
  const to = 10 ** Math.ceil(Math.log10(largest) + 1e-9);
  return { from, to: to > from ? to : from * 10 };
}

/** Position of a value on a logarithmic axis, 0 to 1. */
export function logShare(value, { from, to }) {
  const share = Math.log(Math.max(value, from) / from) / Math.log(to / from);
  return Math.min(1, share);
}

/** The nearest point within `reach` of `(x, y)`, or null. Points are `{x, y}`. */
export function nearest(points, x, y, reach) {
  let best = null;
  let bestDistance = reach * reach;
  for (const point of points) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance <= bestDistance) {
      best = point;
      bestDistance = distance;
    }
  }
  return best;
}
