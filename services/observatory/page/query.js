// What the address bar holds: the list's filters, a trace's id, a span's id. Pure.

/** Rows asked for at first, and the steps of "show more". More than the last would be slow to look through anyway. */
export const LIMITS = [100, 250, 500, 1000];

export const NO_FILTERS = Object.freeze({ service: '', status: '', minDurationMs: 0, limit: LIMITS[0] });

/** Filters from `location.search`; what is not understood is ignored. */
export function parseFilters(search) {
  const params = new URLSearchParams(search);
  const status = params.get('status') ?? '';
  const minDurationMs = Number(params.get('min_duration_ms') ?? 0);
  const limit = Number(params.get('limit'));
  return {
    service: params.get('service') ?? '',
    status: ['ok', 'error'].includes(status) ? status : '',
    minDurationMs: Number.isFinite(minDurationMs) && minDurationMs > 0 ? minDurationMs : 0,
    limit: LIMITS.includes(limit) ? limit : LIMITS[0],
  };
}

/** The query of filters, with only what differs from the defaults: `?status=error`, or nothing. */
export function filtersToQuery(filters) {
  const params = filterParams(filters);
  if (filters.limit !== LIMITS[0]) params.set('limit', String(filters.limit));
  const query = params.toString();
  return query ? `?${query}` : '';
}

/** The query of the API for filters. */
export function apiQuery(filters) {
  const params = filterParams(filters);
  params.set('limit', String(filters.limit));
  return `?${params}`;
}

function filterParams({ service, status, minDurationMs }) {
  const params = new URLSearchParams();
  if (service) params.set('service', service);
  if (status) params.set('status', status);
  if (minDurationMs > 0) params.set('min_duration_ms', String(minDurationMs));
  return params;
}

/** Whether anything but the number of rows is filtered. */
export function isFiltered({ service, status, minDurationMs }) {
  return Boolean(service || status || minDurationMs > 0);
}

/**
 * The trace id in what somebody pasted: a bare id (also upper case or without its leading zeros), a
 * link to a trace, a `traceparent`, a line of JSON. Null when there is none.
 */
export function findTraceId(pasted) {
  const text = pasted.trim().toLowerCase();
  const whole = text.match(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/);
  if (whole) return /^0+$/.test(whole[0]) ? null : whole[0];
  // Some backends trim leading zeros. Below 16 digits it is more likely a typing error than an id.
  return /^[0-9a-f]{16,31}$/.test(text) ? text.padStart(32, '0') : null;
}

/** What a path shows: `{view: 'trace', id}` or `{view: 'list'}`. */
export function parsePath(pathname) {
  const match = pathname.match(/^\/trace\/([^/]+)\/?$/);
  if (!match) return { view: 'list' };
  let id = match[1];
  try {
    id = decodeURIComponent(id);
  } catch {
    // A broken escape is shown as it is: the API will say that the id is malformed.
  }
  return { view: 'trace', id };
}

/** The path of a trace, with the span to open when there is one. */
export function tracePath(traceId, spanId = '') {
  const path = `/trace/${encodeURIComponent(traceId)}`;
  return spanId ? `${path}#span=${encodeURIComponent(spanId)}` : path;
}

/** The span id in a fragment such as `#span=00f067aa0ba902b7`, or an empty string. */
export function parseSpanHash(hash) {
  return (new URLSearchParams(hash.replace(/^#/, '')).get('span') ?? '').toLowerCase();
}
