// Geometry of the waterfall and of the scatter plot: ticks, positions, the window of drawn rows. Pure.

/** Round steps of a linear axis: 1, 2 or 5 times a power of ten, at most `most` of them. */
export function timeTicks(from, to, most) {
  const range = to - from;
  if (!(range > 0) || most < 1) return [];
  const rough = range / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(from / step - 1e-9) || 0; i * step <= to + step * 1e-9; i += 1) ticks.push(i * step);
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

/** Steps of a clock, in milliseconds: nobody reads "every 200 s". */
const CLOCK_STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3,
  60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3, 14400e3, 43200e3, 86400e3,
];

/** The step of a time axis `rangeMs` long that has at most `most` ticks. */
export function clockStep(rangeMs, most) {
  return CLOCK_STEPS_MS.find((step) => rangeMs / step <= most) ?? Math.ceil(rangeMs / most / 86400e3) * 86400e3;
}

/** Bounds of a logarithmic axis around values, with some air and at least a factor of four between them. */
export function logBounds(values) {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return { from: 1e6, to: 1e9 };
  const smallest = positive.reduce((a, b) => Math.min(a, b));
  const largest = positive.reduce((a, b) => Math.max(a, b));
  const air = Math.max(1.25, (largest / smallest) ** 0.08, 2 / Math.sqrt(largest / smallest));
  return { from: smallest / air, to: largest * air };
}

/** Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them when all of those are no more than `most`. */
export function logTicks({ from, to }, most) {
  const powers = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power += 1) powers.push(10 ** power);
  const inside = (value) => value >= from && value <= to;
  const fine = powers.flatMap((power) => [power, 2 * power, 5 * power]).filter(inside);
  if (fine.length <= most) return fine;
  const coarse = powers.filter(inside);
  const every = Math.max(1, Math.ceil(coarse.length / most));
  return coarse.filter((_, i) => i % every === 0);
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

/**
 * The duration that fills a bar of the list. One very long trace would leave the others without a
 * bar, so it is the 95th percentile when the longest is more than four times that.
 */
export function barScale(durations) {
  if (durations.length === 0) return 0;
  const sorted = [...durations].sort((a, b) => a - b);
  const longest = sorted[sorted.length - 1];
  const usual = sorted[Math.floor((sorted.length - 1) * 0.95)];
  return longest > 4 * usual ? usual : longest;
}
