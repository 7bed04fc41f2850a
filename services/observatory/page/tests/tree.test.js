import assert from 'node:assert/strict';
import { test } from 'node:test';
import { criticalPath, timeByService } from '../critical-path.js';
import { parseTrace } from '../otlp.js';
import { buildTree, visibleRows } from '../tree.js';
import { otlp, outline, span } from './trace-fixture.js';

const tree = (services) => buildTree(parseTrace(otlp(services)));

test('spans of several services become one tree, siblings by start', () => {
  const trace = tree({
    orders: [span('d', 'c', 'SELECT products', 4, 5), span('c', 'b', 'POST /process', 3, 8)],
    gateway: [span('a', '', 'POST /api', 0, 10), span('b', 'a', 'POST', 1, 9)],
    users: [span('e', 'b', 'SELECT users', 2, 3)],
  });
  assert.equal(outline(trace.nodes), 'POST /api\n  POST\n    SELECT users\n    POST /process\n      SELECT products');
  assert.equal(trace.root.name, 'POST /api');
  assert.equal(trace.duration, 10e6);
  assert.equal(trace.spanCount, 5);
  assert.equal(trace.depth, 4);
  assert.deepEqual(trace.services.map(({ name, spans }) => [name, spans]), [['orders', 2], ['gateway', 2], ['users', 1]]);
});

test('a parent that was not received is shown once, with its children below it', () => {
  const trace = tree({ s: [span('a', '', 'root', 0, 10), span('c', 'b', 'first', 2, 4), span('d', 'b', 'second', 5, 7)] });
  assert.equal(trace.missingParents, 1);
  assert.equal(outline(trace.nodes), 'root\nparent span not received\n  first\n  second');
  const standIn = trace.nodes[1];
  assert.deepEqual([standIn.start, standIn.end, standIn.missing], [2e6, 7e6, true]);
  assert.equal(trace.root.name, 'root');
  assert.equal(trace.spanCount, 3);
});

test('spans that name each other as parent do not hang', () => {
  const trace = tree({ s: [span('a', 'b', 'one', 0, 1), span('b', 'a', 'two', 0, 1), span('c', 'c', 'itself', 0, 1)] });
  assert.equal(trace.nodes.length, 3);
});

test('a span that was delivered twice is one span', () => {
  const twice = span('a', '', 'root', 0, 1);
  assert.equal(tree({ s: [twice, { ...twice }] }).spanCount, 1);
});

test('ten thousand nested spans do not exhaust the stack', () => {
  const id = (n) => n.toString(16).padStart(16, '0');
  const spans = Array.from({ length: 10_000 }, (_, i) => ({ ...span('a', '', 'deep', 0, 1), spanId: id(i + 1), parentSpanId: i ? id(i) : '' }));
  const trace = tree({ s: spans });
  assert.equal(trace.depth, 10_000);
  assert.equal(trace.nodes[0].descendants, 9_999);
  assert.equal(criticalPath(trace.root).length, 1);
});

test('self time leaves out what children cover, once where they overlap', () => {
  const trace = tree({ s: [span('a', '', 'root', 0, 10), span('b', 'a', 'x', 1, 5), span('c', 'a', 'y', 3, 7), span('d', 'a', 'late', 9, 14)] });
  assert.equal(trace.root.selfNanos, 3e6);
});

test('children outside their parent are named, rounding of the gateway is not', () => {
  const trace = tree({ s: [span('a', '', 'root', 10, 20), span('b', 'a', 'early', 4, 12), span('c', 'a', 'rounded', 9.2, 20.9), span('d', 'a', 'late', 15, 25)] });
  const byName = Object.fromEntries(trace.nodes.map((node) => [node.name, node.outside]));
  assert.deepEqual(byName, { root: null, early: { before: 6e6, after: 0 }, rounded: null, late: { before: 0, after: 5e6 } });
  assert.equal(trace.outsideCount, 2);
});

test('errors are counted upwards and folding hides a whole subtree', () => {
  const failed = { status: { code: 2, message: 'no' } };
  const trace = tree({ s: [span('a', '', 'root', 0, 9), span('b', 'a', 'left', 1, 4), span('c', 'b', 'inner', 2, 3, failed), span('d', 'a', 'right', 5, 6)] });
  assert.equal(trace.errorCount, 1);
  assert.deepEqual(trace.nodes.map((node) => node.errorsBelow), [1, 1, 0, 0]);
  assert.equal(outline(visibleRows(trace.nodes, new Set([trace.nodes[1]]))), 'root\n  left\n  right');
});

test('the critical path covers the root without gaps and follows the last to finish', () => {
  const trace = tree({
    gateway: [span('a', '', 'root', 0, 10)],
    users: [span('b', 'a', 'quick', 1, 4)],
    orders: [span('c', 'a', 'slow', 2, 9), span('d', 'c', 'query', 3, 5)],
  });
  const path = criticalPath(trace.root);
  assert.deepEqual(path.map(({ node, from, to }) => [node.name, from / 1e6, to / 1e6]), [
    ['root', 0, 1], ['quick', 1, 2], ['slow', 2, 3], ['query', 3, 5], ['slow', 5, 9], ['root', 9, 10],
  ]);
  assert.deepEqual(timeByService(path), [{ service: 'orders', nanos: 7e6 }, { service: 'gateway', nanos: 2e6 }, { service: 'users', nanos: 1e6 }]);
});

test('a child that a coarse clock ends after its parent was waited for all the same', () => {
  const trace = tree({ gateway: [span('a', '', 'gateway', 0, 10)], users: [span('b', 'a', 'service', 1, 10.9)] });
  assert.deepEqual(criticalPath(trace.root).map(({ node, to }) => [node.name, to / 1e6]), [['gateway', 1], ['service', 10]]);
});

test('work that goes on after the answer was not waited for', () => {
  const trace = tree({ s: [span('a', '', 'root', 0, 10), span('b', 'a', 'background', 2, 30)] });
  assert.deepEqual(criticalPath(trace.root).map(({ node, to }) => [node.name, to]), [['root', 10e6]]);
});
