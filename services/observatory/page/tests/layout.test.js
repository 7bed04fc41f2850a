import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barScale, clockStep, labelSide, logBounds, logShare, logTicks, nearest, pan, place, rowWindow, timeTicks, zoom } from '../layout.js';

test('ticks are round and no more than asked for', () => {
  assert.deepEqual(timeTicks(0, 48e6, 6), [0, 10e6, 20e6, 30e6, 40e6]);
  assert.deepEqual(timeTicks(3, 9, 3), [4, 6, 8]);
  assert.deepEqual(timeTicks(0, 0, 5), []);
  for (const most of [1, 2, 3, 7, 11]) assert.ok(timeTicks(0, 7_777_777, most).length <= most + 1);
});

test('a bar is cut at the edges of the view', () => {
  const view = { from: 100, to: 200 };
  assert.deepEqual(place(50, 150, view), { left: 0, width: 50, cutLeft: true, cutRight: false });
  assert.deepEqual(place(150, 250, view), { left: 50, width: 50, cutLeft: false, cutRight: true });
  assert.equal(place(0, 99, view), null);
  assert.equal(place(201, 300, view), null);
  assert.equal(place(0, 0, { from: 0, to: 0 }).width, 0);
});

test('a label goes where there is room', () => {
  assert.equal(labelSide({ left: 0, width: 20 }, 10), 'after');
  assert.equal(labelSide({ left: 80, width: 20 }, 10), 'before');
  assert.equal(labelSide({ left: 0, width: 100 }, 10), 'inside');
});

test('only rows in sight are drawn', () => {
  assert.deepEqual(rowWindow(0, 600, 30, 5000, 5), { first: 0, last: 25 });
  assert.deepEqual(rowWindow(3000, 600, 30, 5000, 5), { first: 95, last: 125 });
  assert.deepEqual(rowWindow(149_900, 600, 30, 5000, 5), { first: 4991, last: 5000 });
  assert.deepEqual(rowWindow(9e9, 600, 30, 3, 5), { first: 3, last: 3 });
});

test('zoom keeps what is under the pointer and stays inside the trace', () => {
  assert.deepEqual(zoom({ from: 0, to: 1e6 }, 0.5, 500_000, 1e6), { from: 250_000, to: 750_000 });
  assert.deepEqual(zoom({ from: 250_000, to: 750_000 }, 10, 500_000, 1e6), { from: 0, to: 1e6 });
  assert.equal(zoom({ from: 0, to: 2000 }, 0.001, 0, 1e6).to, 1000);
  assert.deepEqual(pan({ from: 0, to: 100 }, -0.5, 1000), { from: 0, to: 100 });
  assert.deepEqual(pan({ from: 800, to: 1000 }, 0.5, 1000), { from: 800, to: 1000 });
});

test('the logarithmic axis holds all values, with round ticks', () => {
  const bounds = logBounds([25e6, 48e6, 62e6, 0]);
  assert.ok(bounds.from < 25e6 && bounds.to > 62e6);
  for (const value of [25e6, 62e6]) assert.ok(logShare(value, bounds) > 0.05 && logShare(value, bounds) < 0.95);
  assert.deepEqual(logTicks(logBounds([25e6, 62e6]), 5), [20e6, 50e6]);
  assert.deepEqual(logTicks({ from: 1, to: 1e9 }, 5), [1, 100, 1e4, 1e6, 1e8]);
  assert.equal(logShare(0, bounds), 0);
  const same = logBounds([5e6]);
  assert.ok(same.to / same.from >= 4 - 1e-9);
});

test('clock steps are those of a clock', () => {
  assert.equal(clockStep(640_000, 10), 120e3);
  assert.equal(clockStep(9_000, 10), 1e3);
  assert.equal(clockStep(30 * 86400e3, 10), 3 * 86400e3);
});

test('one outlier does not take the bars from the others', () => {
  const usual = Array.from({ length: 99 }, () => 50);
  assert.equal(barScale([...usual, 8000]), 50);
  assert.equal(barScale([...usual, 120]), 120);
  assert.equal(barScale([]), 0);
});

test('the nearest point within reach', () => {
  const points = [{ x: 0, y: 0 }, { x: 10, y: 0 }];
  assert.equal(nearest(points, 7, 0, 5), points[1]);
  assert.equal(nearest(points, 5, 50, 5), null);
});
