// The line at the bottom: how full the store is, what was dropped, what was refused.

import { fetchStatus } from './api.js';
import { answered, unanswered } from './connection.js';
import { el, fill } from './dom.js';
import { bytes, count, plural } from './format.js';
import { poll } from './poll.js';

const INTERVAL_MS = 2000;

const listeners = new Set();
let latest = null;

/** Calls back with each answer of `/api/status`, and with the last one at once. */
export function onStatus(listener) {
  listeners.add(listener);
  if (latest) listener(latest);
  return () => listeners.delete(listener);
}

/** Begins to fill the bar. */
export function startStatusBar() {
  const bar = document.getElementById('statusbar');
  poll(async (signal) => {
    try {
      latest = await fetchStatus(signal);
      answered('status');
      fill(bar, parts(latest));
      for (const listener of listeners) listener(latest);
    } catch (error) {
      if (signal.aborted) return;
      unanswered('status', error);
    }
  }, INTERVAL_MS).start();
}

function parts(status) {
  const { traces, spans, limits = {} } = status;
  const evicted = number(status.evictedTraces);
  const rejected = number(status.rejected);
  return [
    gauge('Traces held', count(traces ?? 0), limits.traces && count(limits.traces), traces / limits.traces),
    gauge('Memory', bytes(status.bytes ?? 0), limits.bytes && bytes(limits.bytes), status.bytes / limits.bytes),
    Number.isFinite(spans) && el('span.stat', {}, plural(spans, 'span')),
    el('span.stat', { title: 'When a limit is reached, the oldest traces make room for new ones.' },
      evicted > 0 ? `${plural(evicted, 'oldest trace')} dropped to make room` : 'nothing dropped'),
    number(status.refusedRequests) > 0 && el('span.stat.bad', { title: 'Exports that could not be read at all.' }, `${plural(number(status.refusedRequests), 'export')} refused`),
    rejected > 0 && el('span.stat.bad', { title: 'Spans that were sent but could not be read.' }, `${plural(rejected, 'span')} rejected`),
    status.version && el('span.stat.version', {}, `observatory ${status.version}`),
  ];
}

function gauge(label, value, limit, share) {
  const known = Boolean(limit) && Number.isFinite(share);
  return el('span.stat.gauge', { title: `${label}: ${value}${known ? ` of at most ${limit}` : ''}` },
    el('span.stat-label', {}, label),
    known && el('span.meter', { 'aria-hidden': 'true', vars: { '--share': Math.min(1, share) } }),
    el('span', {}, value, known && el('span.muted', {}, ` / ${limit}`)));
}

/** Counters may be numbers or sets of numbers by kind. */
export function number(value) {
  if (typeof value === 'number') return value;
  if (value && typeof value === 'object') return Object.values(value).reduce((sum, part) => sum + number(part), 0);
  return 0;
}
