// OTLP JSON as the API sends it -> flat spans with times relative to the trace's start. Pure.

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['unset', 'ok', 'error'];

/**
 * Reads `{"resourceSpans": [...]}`. Times become numbers of nanoseconds since the earliest start:
 * absolute ones do not fit a double, relative ones do for a hundred days.
 * A span that was delivered twice is kept once.
 */
export function parseTrace(json) {
  const spans = [];
  const seen = new Set();
  for (const resourceSpans of list(json?.resourceSpans)) {
    const resource = list(resourceSpans.resource?.attributes);
    const service = text(attribute(resource, 'service.name')) || 'unknown service';
    for (const scopeSpans of list(resourceSpans.scopeSpans)) {
      for (const raw of list(scopeSpans.spans)) {
        const span = readSpan(raw, service);
        const identity = `${span.spanId} ${span.startUnix} ${span.endUnix} ${span.name} ${service}`;
        if (seen.has(identity)) continue;
        seen.add(identity);
        span.resource = resource;
        span.scope = scopeSpans.scope ?? {};
        spans.push(span);
      }
    }
  }
  return { spans, startUnix: makeRelative(spans) };
}

function readSpan(raw, service) {
  const startUnix = nanos(raw.startTimeUnixNano);
  const endUnix = nanos(raw.endTimeUnixNano);
  return {
    traceId: id(raw.traceId),
    spanId: id(raw.spanId),
    parentId: id(raw.parentSpanId),
    name: text(raw.name) || '(no name)',
    service,
    kind: enumName(raw.kind, KINDS, 'SPAN_KIND_'),
    status: enumName(raw.status?.code, STATUSES, 'STATUS_CODE_'),
    statusMessage: text(raw.status?.message),
    startUnix,
    endUnix,
    raw,
  };
}

function makeRelative(spans) {
  let startUnix = null;
  for (const span of spans) {
    if (span.startUnix > 0n && (startUnix === null || span.startUnix < startUnix)) startUnix = span.startUnix;
  }
  startUnix ??= 0n;
  for (const span of spans) {
    // A span without a start time is drawn at the beginning; decades to the left would hide the others.
    span.start = span.startUnix > 0n ? Number(span.startUnix - startUnix) : 0;
    span.duration = Math.max(0, Number(span.endUnix - (span.startUnix || startUnix)));
    span.end = span.start + span.duration;
  }
  return startUnix;
}

/** The decoded attributes of a span, event, link or resource: `[{key, value, type}]` in the order sent. */
export function attributes(keyValues) {
  return list(keyValues).map((entry) => ({ key: text(entry?.key), value: anyValue(entry?.value), type: typeOf(entry?.value) }));
}

/** How a value is shown: `text`, `number` (integers are decoded to strings) or `other`. */
function typeOf(value) {
  if (value === null || typeof value !== 'object') return 'other';
  if ('stringValue' in value) return 'text';
  return 'intValue' in value || 'doubleValue' in value ? 'number' : 'other';
}

/** The decoded value of one key, or undefined. */
export function attribute(keyValues, key) {
  const entry = list(keyValues).find((candidate) => candidate?.key === key);
  return entry && anyValue(entry.value);
}

/** The events of a span in time order, each with its offset from the span's start in nanoseconds. */
export function events(span) {
  return list(span.raw?.events)
    .map((event) => ({
      name: text(event.name) || '(no name)',
      offset: Number(nanos(event.timeUnixNano) - span.startUnix),
      attributes: attributes(event.attributes),
    }))
    .sort((a, b) => a.offset - b.offset);
}

/** The links of a span. */
export function links(span) {
  return list(span.raw?.links).map((link) => ({
    traceId: id(link.traceId),
    spanId: id(link.spanId),
    attributes: attributes(link.attributes),
  }));
}

/** AnyValue -> string, number, boolean, array, plain object or null. 64-bit integers stay strings: a double would lie. */
export function anyValue(value) {
  if (value === null || typeof value !== 'object') return null;
  if ('stringValue' in value) return text(value.stringValue);
  if ('boolValue' in value) return Boolean(value.boolValue);
  if ('intValue' in value) return String(value.intValue);
  if ('doubleValue' in value) return value.doubleValue;
  if ('arrayValue' in value) return list(value.arrayValue?.values).map(anyValue);
  if ('kvlistValue' in value) {
    return Object.fromEntries(attributes(value.kvlistValue?.values).map((entry) => [entry.key, entry.value]));
  }
  if ('bytesValue' in value) return `base64:${text(value.bytesValue)}`;
  return null;
}

/** A decoded value as the text that is shown, searched and copied. */
export function valueText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value) ?? '';
}

function enumName(value, names, prefix) {
  if (typeof value === 'number') return names[value] ?? names[0];
  if (typeof value === 'string' && value.startsWith(prefix)) {
    const name = value.slice(prefix.length).toLowerCase();
    return names.includes(name) ? name : names[0];
  }
  return names[0];
}

function nanos(value) {
  try {
    return BigInt(value ?? 0);
  } catch {
    return 0n;
  }
}

function id(value) {
  const hex = text(value).toLowerCase();
  return /^0*$/.test(hex) ? '' : hex;
}

function text(value) {
  return typeof value === 'string' ? value : '';
}

function list(value) {
  return Array.isArray(value) ? value : [];
}
