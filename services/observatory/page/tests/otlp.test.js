import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSpans, stepMatch } from '../find.js';
import { anyValue, attributes, events, links, parseTrace, valueText } from '../otlp.js';
import { buildTree } from '../tree.js';
import { otlp, span } from './trace-fixture.js';

test('values of every type are decoded, 64-bit integers without loss', () => {
  const cases = [
    [{ stringValue: 'x' }, 'x'], [{ boolValue: false }, false], [{ intValue: '9007199254740993' }, '9007199254740993'], [{ intValue: 7 }, '7'],
    [{ doubleValue: 129.9 }, 129.9], [{ arrayValue: { values: [{ stringValue: 'a' }, { boolValue: true }] } }, ['a', true]],
    [{ kvlistValue: { values: [{ key: 'k', value: { intValue: '1' } }] } }, { k: '1' }], [{ bytesValue: 'AAE=' }, 'base64:AAE='], [{}, null], [undefined, undefined],
  ];
  for (const [sent, expected] of cases.slice(0, -1)) assert.deepEqual(anyValue(sent), expected);
  assert.equal(anyValue(null), null);
  assert.equal(valueText(['a', true]), '["a",true]');
  assert.equal(valueText('text'), 'text');
});

test('an integer is known as a number although it is decoded to text', () => {
  const sent = [{ key: 'i', value: { intValue: '7' } }, { key: 't', value: { stringValue: '7' } }, { key: 'n' }];
  assert.deepEqual(attributes(sent).map(({ type }) => type), ['number', 'text', 'other']);
});

test('enumerations may be numbers or names', () => {
  const json = otlp({ s: [span('a', '', 'n', 0, 1, { kind: 3, status: { code: 2 } }), span('b', 'a', 'm', 0, 1, { kind: 'SPAN_KIND_CONSUMER', status: { code: 'STATUS_CODE_OK' } }), span('c', 'a', 'o', 0, 1, { kind: 99, status: null })] });
  assert.deepEqual(parseTrace(json).spans.map(({ kind, status }) => [kind, status]), [['client', 'error'], ['consumer', 'ok'], ['unspecified', 'unset']]);
});

test('times are relative to the first start, to the nanosecond', () => {
  const json = otlp({ s: [span('a', '', 'n', 0, 1), span('b', 'a', 'm', 0.000001, 0.5)] });
  assert.deepEqual(parseTrace(json).spans.map(({ start, end }) => [start, end]), [[0, 1e6], [1, 500000]]);
});

test('what is missing or broken does not break the page', () => {
  for (const json of [null, {}, { resourceSpans: null }, { resourceSpans: [{}] }, { resourceSpans: [{ scopeSpans: [{}] }] }]) {
    assert.deepEqual(parseTrace(json).spans, []);
  }
  const [empty] = parseTrace({ resourceSpans: [{ scopeSpans: [{ spans: [{ startTimeUnixNano: 'x', attributes: 'y', events: 3 }] }] }] }).spans;
  assert.deepEqual([empty.name, empty.service, empty.duration, empty.parentId], ['(no name)', 'unknown service', 0, '']);
  assert.deepEqual([events(empty), links(empty)], [[], []]);
  const [backwards] = parseTrace(otlp({ s: [span('a', '', 'n', 5, 1)] })).spans;
  assert.equal(backwards.duration, 0);
  const mixed = parseTrace(otlp({ s: [span('a', '', 'n', 5, 7), { ...span('b', 'a', 'm', 0, 0), startTimeUnixNano: '0', endTimeUnixNano: '0' }] })).spans;
  assert.deepEqual(mixed.map(({ start, duration }) => [start, duration]), [[0, 2e6], [0, 0]]);
});

test('events are in time order with their offset in the span', () => {
  const at = (ms) => String(1_714_830_000_000_000_000n + BigInt(ms * 1e6));
  const json = otlp({ s: [span('a', '', 'n', 0, 9), span('b', 'a', 'm', 2, 9, { events: [{ name: 'late', timeUnixNano: at(7) }, { name: 'early', timeUnixNano: at(3) }] })] });
  assert.deepEqual(events(parseTrace(json).spans[1]).map(({ name, offset }) => [name, offset]), [['early', 1e6], ['late', 5e6]]);
});

test('find looks at names, attributes and events; all words must be there', () => {
  const attribute = { attributes: [{ key: 'order.total', value: { doubleValue: 129.9 } }] };
  const trace = buildTree(parseTrace(otlp({ s: [span('a', '', 'POST /process', 0, 9), span('b', 'a', 'price items', 1, 2, attribute), span('c', 'a', 'INSERT orders', 3, 4, { status: { code: 2 }, events: [{ name: 'exception' }] })] })));
  const names = (query) => findSpans(trace.nodes, query).map((node) => node.name);
  assert.deepEqual(names('order.total=129'), ['price items']);
  assert.deepEqual(names('EXCEPTION insert'), ['INSERT orders']);
  assert.deepEqual(names('status=error'), ['INSERT orders']);
  assert.deepEqual(names('insert price'), []);
  assert.deepEqual(names('  '), []);
});

test('stepping through matches goes round', () => {
  const matches = [{ index: 1 }, { index: 4 }];
  assert.equal(stepMatch(matches, null, 1), matches[0]);
  assert.equal(stepMatch(matches, { index: 2 }, 1), matches[1]);
  assert.equal(stepMatch(matches, matches[1], 1), matches[0]);
  assert.equal(stepMatch(matches, matches[0], -1), matches[1]);
  assert.equal(stepMatch([], null, 1), null);
});
