import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, duration, nanosToMs, percent, plural, relativeTime } from '../format.js';

test('durations keep three digits and the unit fits', () => {
  const cases = [
    [0, '0 ns'], [850, '850 ns'], [999.6, '1 µs'], [12_345, '12.3 µs'], [999_700, '1 ms'], [1_234_567, '1.23 ms'],
    [12_340_000, '12.3 ms'], [715_000_000, '715 ms'], [999_960_000, '1 s'], [8_200_000_000, '8.2 s'],
    [63_000_000_000, '1 m 03 s'], [3_720_000_000_000, '1 h 02 m'],
  ];
  for (const [nanos, text] of cases) assert.equal(duration(nanos), text, `${nanos} ns`);
  assert.equal(duration(-1500), '−1.5 µs');
  assert.equal(duration(NaN), '–');
});

test('relative times use one unit and know a clock that runs ahead', () => {
  const now = 1_000_000_000;
  assert.equal(relativeTime(now - 900, now), 'just now');
  assert.equal(relativeTime(now - 12_000, now), '12 s ago');
  assert.equal(relativeTime(now - 125_000, now), '2 min ago');
  assert.equal(relativeTime(now - 7_300_000, now), '2 h ago');
  assert.equal(relativeTime(now + 5_000, now), 'in 5 s');
});

test('sizes, shares and counts', () => {
  assert.equal(bytes(268_435_456), '256 MiB');
  assert.equal(bytes(0), '0 B');
  assert.equal(bytes(1536), '1.5 KiB');
  assert.equal(percent(0.001), '<1%');
  assert.equal(percent(0), '0%');
  assert.equal(plural(1, 'span'), '1 span');
  assert.equal(plural(5000, 'match', 'matches'), '5,000 matches');
});

test('unix nanoseconds keep their microseconds', () => {
  assert.equal(nanosToMs('1714830000123456789'), 1714830000123.456);
});
