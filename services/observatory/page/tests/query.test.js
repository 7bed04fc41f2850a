import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiQuery, filtersToQuery, findTraceId, isFiltered, NO_FILTERS, parseFilters, parsePath, parseSpanHash, tracePath } from '../query.js';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';

test('filters survive the address bar', () => {
  const filters = { service: 'order service & co', status: 'error', minDurationMs: 12.5, limit: 250 };
  assert.deepEqual(parseFilters(filtersToQuery(filters)), filters);
  assert.equal(filtersToQuery(NO_FILTERS), '');
  assert.deepEqual(parseFilters('?status=x&min_duration_ms=-4&limit=7'), { ...NO_FILTERS });
  assert.equal(apiQuery(NO_FILTERS), '?limit=100');
  assert.equal(isFiltered({ ...NO_FILTERS, limit: 500 }), false);
});

test('a trace id is found in what people paste', () => {
  const found = [
    ID, ` ${ID.toUpperCase()}\n`, `http://127.0.0.1:8000/trace/${ID}#span=00f067aa0ba902b7`, `00-${ID}-00f067aa0ba902b7-01`,
    `{"trace_id":"${ID}"}`, `X-Trace-Id: ${ID}`,
  ];
  for (const text of found) assert.equal(findTraceId(text), ID, text);
  assert.equal(findTraceId('f92f3577b34da6a3ce929d0e0e4736'), '00f92f3577b34da6a3ce929d0e0e4736');
  for (const text of ['', 'hello', 'beef', '0'.repeat(32), `${ID}${ID}`]) assert.equal(findTraceId(text), null, text);
});

test('paths and fragments', () => {
  assert.deepEqual(parsePath('/'), { view: 'list' });
  assert.deepEqual(parsePath(`/trace/${ID}`), { view: 'trace', id: ID });
  assert.deepEqual(parsePath('/trace/%E0%A4%A'), { view: 'trace', id: '%E0%A4%A' });
  assert.equal(tracePath(ID, '00f067aa0ba902b7'), `/trace/${ID}#span=00f067aa0ba902b7`);
  assert.equal(tracePath('../x'), '/trace/..%2Fx');
  assert.equal(parseSpanHash('#span=00F067AA0BA902B7'), '00f067aa0ba902b7');
  assert.equal(parseSpanHash(''), '');
});
