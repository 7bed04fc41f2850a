// Small OTLP JSON traces for the tests, with times in milliseconds.

const BASE = 1_714_830_000_000_000_000n;

/** A span of OTLP JSON: `span('b', 'a', 'name', 1, 5)`; ids are one letter repeated. */
export function span(id, parent, name, startMs, endMs, more = {}) {
  return {
    traceId: 'a'.repeat(32), spanId: id.repeat(16), parentSpanId: parent ? parent.repeat(16) : '', name, kind: 2,
    startTimeUnixNano: String(BASE + BigInt(Math.round(startMs * 1e6))), endTimeUnixNano: String(BASE + BigInt(Math.round(endMs * 1e6))), ...more,
  };
}

/** OTLP JSON of `{service: [spans]}`. */
export function otlp(services) {
  return {
    resourceSpans: Object.entries(services).map(([name, spans]) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
      scopeSpans: [{ scope: { name: 'tests' }, spans }],
    })),
  };
}

/** The names of a tree, indented by depth. */
export function outline(nodes) {
  return nodes.map((node) => `${'  '.repeat(node.depth)}${node.name}`).join('\n');
}
